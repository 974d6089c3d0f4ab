//! Boxes, masks and classes: JSON in, checked layers out, in W&B's terms. Mask files that JSON names are asked
//! of the caller; nothing here opens a path.

mod boxes;
mod classes;
mod json;
mod masks;
mod sidecar;

use serde_json::{Map, Value};

pub use boxes::{BoxLayer, Domain, Mark, Rectangle, parse_boxes};
pub use classes::{Labels, parse_classes, parse_labels};
pub use json::{JsonError, MAX_JSON, parse as parse_json};
pub use masks::{MaskContent, MaskIds, MaskLayer, MaskLoader, parse_masks};
pub use sidecar::{Sidecar, SidecarKind, recognise};

use crate::warning::Warning;

/// The layers of a picture, in the order of their files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// Box layers.
    pub boxes: Vec<BoxLayer>,
    /// Mask layers.
    pub masks: Vec<MaskLayer>,
}

/// What is wrong in annotations, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct AnnotationError {
    /// The place in the JSON, such as `predictions.box_data[3].position`.
    pub path: String,
    /// What stands there, then what would be accepted.
    pub problem: String,
}

impl AnnotationError {
    fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// Something of the wrong kind.
    fn kind(path: impl Into<String>, found: &Value, accepted: &str) -> Self {
        Self::new(
            path,
            format!("is {}, but must be {accepted}", json::kind(found)),
        )
    }
}

impl Annotations {
    /// Whether there is no layer at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty() && self.masks.is_empty()
    }

    /// Whether there is a box layer of this name.
    #[must_use]
    pub fn has_boxes(&self, name: &str) -> bool {
        self.boxes.iter().any(|layer| layer.name == name)
    }

    /// Whether there is a mask layer of this name.
    #[must_use]
    pub fn has_mask(&self, name: &str) -> bool {
        self.masks.iter().any(|layer| layer.name == name)
    }

    /// Names the ids of layers that bring no labels of their own.
    pub fn name_classes(&mut self, classes: &Labels) {
        for layer in &mut self.boxes {
            let present: Vec<i64> = layer
                .marks
                .iter()
                .filter_map(|mark| mark.class_id)
                .collect();
            layer.labels.name_by(classes, &present);
        }
        for layer in &mut self.masks {
            // What lies between things has no name unless the classes give it one, and is not drawn.
            let background = layer.content.ids().map_or(0, MaskIds::background);
            let mut present = layer.content.ids_present();
            present.retain(|&id| id != i64::from(background));
            layer.labels.name_by(classes, &present);
        }
    }

    /// The labels of all layers as the manifest keeps them; `None` without a layer.
    #[must_use]
    pub fn class_labels(&self) -> Option<Value> {
        if self.is_empty() {
            return None;
        }
        let object = |layers: Map<String, Value>| Value::Object(layers);
        let boxes = self
            .boxes
            .iter()
            .map(|layer| (layer.name.clone(), layer.labels.to_json()))
            .collect();
        let masks = self
            .masks
            .iter()
            .map(|layer| (layer.name.clone(), layer.labels.to_json()))
            .collect();
        let labels = [("boxes", boxes), ("masks", masks)].into_iter();
        let present = labels.filter(|(_, layers): &(_, Map<_, _>)| !layers.is_empty());
        Some(object(
            present
                .map(|(kind, layers)| (kind.to_owned(), object(layers)))
                .collect(),
        ))
    }

    /// What fits a picture of this size, or the labels, badly.
    #[must_use]
    pub fn warnings(&self, width: u32, height: u32) -> Vec<Warning> {
        let mut warnings = boxes::warnings(&self.boxes, width, height);
        warnings.extend(masks::warnings(&self.masks, width, height));
        warnings.extend(classes::warnings(self));
        warnings
    }
}

/// The layers of an object, which must be an object of objects.
fn layers<'a>(
    value: &'a Value,
    argument: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Map<String, Value>)>, AnnotationError> {
    let object = value
        .as_object()
        .ok_or_else(|| AnnotationError::kind(argument, value, "an object of layers by name"))?;
    let mut layers = Vec::new();
    for (name, layer) in object {
        let fields = layer
            .as_object()
            .ok_or_else(|| AnnotationError::kind(name, layer, "an object, the layer"))?;
        layers.push((name, fields));
    }
    Ok(layers.into_iter())
}
