//! The rows of a directory as W&B records them: `history.jsonl`, a line per step, and the class labels of
//! `config.json`. Rows in, text out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::media::{Row, json_line};

/// W&B shows no more images than this under one key and step; what is over goes on under `KEY_2`, `KEY_3`, ….
pub const MAX_IMAGES: usize = 108;

/// The keys that W&B uses itself.
pub const RESERVED_KEYS: [&str; 4] = ["_step", "_timestamp", "_runtime", "_wandb"];

/// The lines of `history.jsonl` for rows in their order.
#[must_use]
pub fn history(rows: &[Row]) -> String {
    let (mut text, mut lines) = (String::new(), HistoryLines::default());
    for logged in logged(rows.iter().map(|row| (row.step, row.key.as_str()))) {
        let value = json_line(&logged_value(&rows[logged.rows.clone()]));
        text.push_str(&lines.entry(&logged, &value));
    }
    text + lines.end()
}

/// A value that a step logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    step: u64,
    key: String,
    /// The rows that it is made of, [`MAX_IMAGES`] at the most.
    pub(crate) rows: Range<usize>,
}

/// The lines of `history.jsonl`, a value at a time.
#[derive(Debug, Default)]
pub(crate) struct HistoryLines {
    step: Option<u64>,
}

impl HistoryLines {
    /// The text for the next value, which is this in JSON.
    pub(crate) fn entry(&mut self, logged: &Logged, value: &str) -> String {
        let step = logged.step;
        let start = match self.step.replace(step) {
            Some(last) if last == step => String::new(),
            Some(_) => format!("}}\n{{\"_step\":{step}"),
            None => format!("{{\"_step\":{step}"),
        };
        format!("{start},{}:{value}", json_line(&logged.key))
    }

    /// The text after the last value.
    pub(crate) fn end(&self) -> &'static str {
        match self.step {
            Some(_) => "}\n",
            None => "",
        }
    }
}

/// What rows of these steps and keys, in their order, are logged as: in the order of `history.jsonl`.
pub(crate) fn logged<'a>(rows: impl Iterator<Item = (u64, &'a str)>) -> Vec<Logged> {
    let mut groups: Vec<(u64, &str, Range<usize>)> = Vec::new();
    for (n, (step, key)) in rows.enumerate() {
        match groups.last_mut() {
            Some((last_step, last_key, range)) if (*last_step, *last_key) == (step, key) => {
                range.end = n + 1;
            }
            _ => groups.push((step, key, n..n + 1)),
        }
    }
    let mut logged = Vec::with_capacity(groups.len());
    for step in groups.chunk_by(|a, b| a.0 == b.0) {
        let first = logged.len();
        log_step(step, &mut logged);
        logged[first..].sort_unstable_by(|a, b| a.key.cmp(&b.key));
    }
    logged
}

/// Adds what one step logs: every key, and the keys that long lists go on under.
fn log_step(groups: &[(u64, &str, Range<usize>)], logged: &mut Vec<Logged>) {
    let value = |step: &u64, key: String, rows: Range<usize>| Logged {
        step: *step,
        key,
        rows,
    };
    let mut taken: BTreeSet<Cow<'_, str>> = BTreeSet::new();
    let is_long = |rows: &Range<usize>| rows.len() > MAX_IMAGES;
    if groups.iter().any(|(_, _, rows)| is_long(rows)) {
        taken.extend(groups.iter().map(|&(_, key, _)| Cow::Borrowed(key)));
    }
    for (step, key, rows) in groups {
        let end = rows.end.min(rows.start + MAX_IMAGES);
        logged.push(value(step, (*key).to_owned(), rows.start..end));
    }
    for (step, key, rows) in groups.iter().filter(|(_, _, rows)| is_long(rows)) {
        let mut part = 1;
        for start in rows.clone().step_by(MAX_IMAGES).skip(1) {
            // The caller has refused keys that are taken; should another process have taken one since, the
            // next free one loses nothing.
            while taken.contains(part_key(key, part).as_str()) {
                part += 1;
            }
            let name = part_key(key, part);
            taken.insert(Cow::Owned(name.clone()));
            logged.push(value(step, name, start..rows.end.min(start + MAX_IMAGES)));
        }
    }
}

/// What is logged at one step.
#[derive(Debug)]
pub struct Step<'a> {
    /// The step.
    pub number: u64,
    /// Its rows.
    pub rows: &'a [Row],
    /// What `run.log` would have recorded of them, by key.
    pub values: BTreeMap<String, Value>,
}

/// The steps of rows in their order.
pub fn steps(rows: &[Row]) -> impl Iterator<Item = Step<'_>> {
    let steps = rows.chunk_by(|a, b| a.step == b.step);
    steps.map(|rows| Step {
        number: rows[0].step,
        rows,
        values: logged(rows.iter().map(|row| (row.step, row.key.as_str())))
            .into_iter()
            .map(
                |Logged {
                     key, rows: range, ..
                 }| (key, logged_value(&rows[range])),
            )
            .collect(),
    })
}

/// The class labels of all layers, as a run's config holds them.
#[must_use]
pub fn config(rows: &[Row]) -> String {
    Labels::of(rows).text()
}

/// The same, as the value of `_wandb` in a run's config.
#[must_use]
pub fn class_labels(rows: &[Row]) -> Map<String, Value> {
    Labels::of(rows).wandb
}

/// Class labels, collected row by row.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// By kind, then by key and layer, each in the order in which it came up.
    wandb: Map<String, Value>,
}

impl Labels {
    fn of(rows: &[Row]) -> Self {
        let mut labels = Self::default();
        for row in rows {
            labels.add(&row.key, row.class_labels.as_ref());
        }
        labels
    }

    /// Takes up what [`Self::text`] gave; `None` if it did not.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let mut config: Map<String, Value> = serde_json::from_slice(text).ok()?;
        let Value::Object(wandb) = config.remove("_wandb")? else {
            return None;
        };
        config.is_empty().then_some(Self { wandb })
    }

    /// Adds those of a row (its key, and its labels) that comes after the ones so far: the last row with a layer
    /// gives its labels.
    pub(crate) fn add(&mut self, key: &str, labels: Option<&Value>) {
        for (kind, name) in [
            ("boxes", "bounding_box/class_labels"),
            ("masks", "mask/class_labels"),
        ] {
            let layers = labels.and_then(|labels| labels.get(kind)?.as_object());
            for (layer, labels) in layers.into_iter().flatten() {
                // W&B's spelling.
                let key = format!("{key}_wandb_delimeter_{layer}");
                let entry = json!({"type": name, "key": key, "value": labels});
                let Value::Object(entries) = self.wandb.entry(name).or_insert_with(|| json!({}))
                else {
                    continue;
                };
                entries.insert(key, entry);
            }
        }
    }

    /// `config.json`.
    pub(crate) fn text(&self) -> String {
        json_line(&json!({ "_wandb": self.wandb })) + "\n"
    }
}

/// The name of the `part`-th list (from 0) of the images under `key`.
#[must_use]
pub fn part_key(key: &str, part: usize) -> String {
    match part {
        0 => key.to_owned(),
        part => format!("{key}_{}", part + 1),
    }
}

/// The key and the part (from 0) that [`part_key`] would have made `key` of; `None` for a key of its own.
#[must_use]
pub fn part_of(key: &str) -> Option<(&str, usize)> {
    let (stem, number) = key.rsplit_once('_')?;
    let part: usize = number.parse::<usize>().ok()?.checked_sub(1)?;
    (part > 0 && part_key(stem, part) == key).then_some((stem, part))
}

/// One image, or a list of several, as `run.log` records it.
pub(crate) fn logged_value(rows: &[Row]) -> Value {
    let media: Vec<_> = rows.iter().map(|row| &row.media).collect();
    let first = media[0];
    if media.len() == 1 {
        return json!(first);
    }
    let mut list = Map::new();
    list.insert("_type".to_owned(), json!("images/separated"));
    list.insert("width".to_owned(), json!(first.width));
    list.insert("height".to_owned(), json!(first.height));
    list.insert("format".to_owned(), json!(first.format));
    list.insert("count".to_owned(), json!(media.len()));
    list.insert(
        "filenames".to_owned(),
        media.iter().map(|m| json!(m.path)).collect(),
    );
    let lists: [(&str, Vec<Value>); 3] = [
        ("captions", media.iter().map(|m| json!(m.caption)).collect()),
        ("all_masks", media.iter().map(|m| json!(m.masks)).collect()),
        ("all_boxes", media.iter().map(|m| json!(m.boxes)).collect()),
    ];
    for (name, values) in lists {
        if values.iter().any(|value| !value.is_null()) {
            list.insert(name.to_owned(), Value::Array(values));
        }
    }
    Value::Object(list)
}
