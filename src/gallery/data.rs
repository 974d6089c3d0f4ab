//! The rows as the page has them: what is said many times is said once, in a table, and rows have its number.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::layer::{Summary, class_id};
use crate::encode::sha256_hex;
use crate::inspect::recorded;
use crate::media::{FrameName, Row};
use crate::store::{FileKind, Reference, references};

/// Everything that the page knows when it opens.
#[derive(Debug, Default, Serialize)]
pub(super) struct Data {
    pub(super) title: String,
    keys: Vec<String>,
    /// What decisions say.
    texts: Vec<String>,
    /// The classes of a layer: `[[ID, NAME]…]`.
    labels: Vec<Value>,
    /// Each layer that any picture has, boxes first.
    layers: Vec<LayerData>,
    scores: Vec<ScoreData>,
    pub(super) rows: Vec<RowData>,
}

#[derive(Debug, Serialize)]
struct LayerData {
    kind: &'static str,
    name: String,
    /// `[[ID, NAME]…]` by id, `null` for a name or an id where there is none.
    classes: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct ScoreData {
    name: String,
    min: f64,
    max: f64,
}

/// A picture; names are short, since there may be very many.
#[derive(Debug, Serialize)]
pub(super) struct RowData {
    /// Stays the same as long as the picture is the same one.
    id: String,
    src: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<String>,
    key: usize,
    step: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<i64>,
    /// Empty for one that could lead out of the directory.
    path: String,
    /// The first digits of the file's hash.
    sha: String,
    w: u32,
    h: u32,
    bytes: u64,
    /// A word and the number of a text, for each thing that was decided.
    why: Vec<(&'static str, usize)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warn: Vec<[String; 2]>,
    /// The extension of the small picture, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thumb: Option<&'static str>,
    /// The extension of what stands in for the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full: Option<&'static str>,
    /// Why it cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bad: Option<String>,
    /// Number of a layer, first digits of its file's hash, number of its labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    layers: Vec<(usize, String, usize)>,
}

/// The first digits of a hash, which name files.
pub(super) fn short(sha256: &str) -> String {
    sha256.chars().take(20).collect()
}

/// Class id → name, of one layer over all pictures; no id is that of boxes without a class.
type Classes = BTreeMap<Option<i64>, Option<String>>;

/// Collects rows.
#[derive(Default)]
pub(super) struct Collector {
    data: Data,
    keys: Numbers,
    texts: Numbers,
    labels: Numbers,
    classes: Vec<Classes>,
    layers: HashMap<(FileKind, String), usize>,
}

#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    /// The number of a text, and whether it is a new one.
    fn of(&mut self, text: &str) -> (usize, bool) {
        if let Some(&number) = self.0.get(text) {
            return (number, false);
        }
        let number = self.0.len();
        self.0.insert(text.to_owned(), number);
        (number, true)
    }
}

impl Collector {
    pub(super) fn new(title: &str) -> Self {
        Self {
            data: Data {
                title: title.to_owned(),
                ..Data::default()
            },
            ..Self::default()
        }
    }

    /// Takes a row; `summary` is what is known of the file of a layer.
    pub(super) fn add<'a>(&mut self, row: &Row, summary: impl Fn(&str) -> Option<&'a Summary>) {
        let key = self.key(&row.key);
        let why = recorded(row)
            .into_iter()
            .map(|(word, line)| (word, self.text(&line)))
            .collect();
        let references = references(row).unwrap_or_default();
        let layers = references
            .iter()
            .zip(layer_names(row, &references))
            .filter_map(|(reference, name)| {
                self.layer(row, reference, name?, summary(&reference.sha256))
            })
            .collect();
        let media = &row.media;
        let identity = json!([row.source, row.frame, row.key, row.step]).to_string();
        self.data.rows.push(RowData {
            id: sha256_hex(identity.as_bytes()).chars().take(16).collect(),
            src: row.source.clone(),
            frame: match &row.frame {
                FrameName::Only => None,
                frame => Some(frame.to_string()),
            },
            key,
            step: row.step,
            caption: media.caption.clone(),
            group: media.grouping,
            path: match is_inside(&media.path) {
                true => media.path.clone(),
                false => String::new(),
            },
            sha: short(&media.sha256),
            w: media.width,
            h: media.height,
            bytes: media.size,
            why,
            warn: row
                .warnings
                .iter()
                .map(|w| [w.code.clone(), w.message.clone()])
                .collect(),
            thumb: None,
            full: None,
            bad: None,
            layers,
        });
    }

    fn key(&mut self, key: &str) -> usize {
        let (number, is_new) = self.keys.of(key);
        if is_new {
            self.data.keys.push(key.to_owned());
        }
        number
    }

    fn text(&mut self, text: &str) -> usize {
        let (number, is_new) = self.texts.of(text);
        if is_new {
            self.data.texts.push(text.to_owned());
        }
        number
    }

    /// The numbers of a layer and of its labels, and its file.
    fn layer(
        &mut self,
        row: &Row,
        reference: &Reference,
        name: &str,
        summary: Option<&Summary>,
    ) -> Option<(usize, String, usize)> {
        let (kind, field) = match reference.kind {
            FileKind::Boxes => ("boxes", "boxes"),
            FileKind::Mask => ("mask", "masks"),
            FileKind::Image | FileKind::Overlay => return None,
        };
        let id = (reference.kind, name.to_owned());
        let number = *self.layers.entry(id).or_insert_with(|| {
            self.data.layers.push(LayerData {
                kind,
                name: name.to_owned(),
                classes: Vec::new(),
            });
            self.classes.push(Classes::new());
            self.classes.len() - 1
        });
        let named = row.class_labels.as_ref();
        let named = named.and_then(|labels| labels.get(field)?.get(name)?.as_object());
        let named: Vec<(i64, &str)> = named
            .into_iter()
            .flatten()
            .filter_map(|(id, name)| Some((id.parse().ok()?, name.as_str()?)))
            .collect();
        let classes = &mut self.classes[number];
        for (id, name) in &named {
            let known = classes.entry(Some(*id)).or_default();
            known.get_or_insert_with(|| (*name).to_owned());
        }
        for id in summary.into_iter().flat_map(|summary| &summary.ids) {
            classes.entry(*id).or_default();
        }
        for (name, min, max) in summary.into_iter().flat_map(|summary| &summary.scores) {
            let score = self.data.scores.iter_mut().find(|s| s.name == *name);
            match score {
                Some(score) => {
                    (score.min, score.max) = (score.min.min(*min), score.max.max(*max));
                }
                None => self.data.scores.push(ScoreData {
                    name: name.clone(),
                    min: *min,
                    max: *max,
                }),
            }
        }
        let labels: Vec<Value> = named
            .iter()
            .map(|(id, name)| json!([class_id(*id), name]))
            .collect();
        let labels = Value::Array(labels);
        let (labels_number, is_new) = self.labels.of(&labels.to_string());
        if is_new {
            self.data.labels.push(labels);
        }
        Some((number, short(&reference.sha256), labels_number))
    }

    /// All that was collected.
    pub(super) fn finish(mut self) -> Data {
        for (layer, classes) in self.data.layers.iter_mut().zip(self.classes) {
            let class = |(id, name): (Option<i64>, Option<String>)| json!([id.map(class_id), name]);
            layer.classes = classes.into_iter().map(class).collect();
        }
        self.data
    }
}

/// Whether a path surely stays below the directory, links aside.
fn is_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    components.all(|component| matches!(component, Component::Normal(_)))
}

/// The names of the layers that references are the files of.
fn layer_names<'a>(row: &'a Row, references: &[Reference]) -> Vec<Option<&'a str>> {
    let names = |layers: &'a Option<Map<String, Value>>| {
        layers.iter().flat_map(Map::keys).map(String::as_str)
    };
    let (mut boxes, mut masks) = (names(&row.media.boxes), names(&row.media.masks));
    references
        .iter()
        .map(|reference| match reference.kind {
            FileKind::Boxes => boxes.next(),
            FileKind::Mask => masks.next(),
            FileKind::Image | FileKind::Overlay => None,
        })
        .collect()
}
