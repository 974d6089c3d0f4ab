//! The rows of a directory as W&B records them: `history.jsonl`, a line per step, and the class labels of
//! `config.json`. Rows in, text out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::media::{Row, json_line};

/// W&B shows no more images than this under one key and step; what is over goes on under `KEY_2`, `KEY_3`, ….
pub const MAX_IMAGES: usize = 108;

/// The keys that W&B uses itself.
pub const RESERVED_KEYS: [&str; 4] = ["_step", "_timestamp", "_runtime", "_wandb"];

/// The lines of `history.jsonl` for rows in their order.
#[must_use]
pub fn history(rows: &[Row]) -> String {
    let mut text = String::new();
    for step in steps(rows) {
        let mut line = Map::new();
        line.insert("_step".to_owned(), json!(step.number));
        line.extend(step.values);
        text.push_str(&json_line(&line));
        text.push('\n');
    }
    text
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
        values: logged_values(rows),
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

/// What one step logs, by key.
fn logged_values(rows: &[Row]) -> BTreeMap<String, Value> {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let groups: Vec<&[Row]> = rows.chunk_by(|a, b| a.key == b.key).collect();
    for group in &groups {
        values.insert(
            group[0].key.clone(),
            logged_value(&group[..group.len().min(MAX_IMAGES)]),
        );
    }
    for group in &groups {
        let mut part = 1;
        for rest in group.chunks(MAX_IMAGES).skip(1) {
            // The caller has refused keys that are taken; should another process have taken one since, the
            // next free one loses nothing.
            while values.contains_key(&part_key(&group[0].key, part)) {
                part += 1;
            }
            values.insert(part_key(&group[0].key, part), logged_value(rest));
        }
    }
    values
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
