//! Names of class ids: those that a layer brings, those of `--classes`, and the defaults.

use serde_json::{Map, Value, json};

use super::{AnnotationError, Annotations, MaskIds};
use crate::warning::{Warning, Where};

/// Names of class ids, in W&B's form: ids are the keys of an object, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    names: Map<String, Value>,
    origin: Origin,
    /// The ids that are only there by default.
    unnamed: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// By the layer itself.
    Given,
    /// By a list of classes for all layers.
    Classes,
    /// Made up: `class_<id>`.
    Default,
}

impl Labels {
    /// The labels of a layer: its `class_labels`, else a default for each id that is present.
    pub(super) fn of_layer(
        name: &str,
        layer: &Map<String, Value>,
        present: &[i64],
    ) -> Result<Self, AnnotationError> {
        let Some(value) = layer.get("class_labels") else {
            return Ok(Self::default_for(present));
        };
        let path = format!("{name}.class_labels");
        let names = value
            .as_object()
            .ok_or_else(|| AnnotationError::kind(&path, value, "an object of names by class id"))?;
        for (id, label) in names {
            check_label(&path, id, label)?;
        }
        Ok(Self {
            names: names.clone(),
            origin: Origin::Given,
            unnamed: Vec::new(),
        })
    }

    /// `class_<id>` for each id, in order.
    fn default_for(present: &[i64]) -> Self {
        let mut ids = present.to_vec();
        ids.sort_unstable();
        ids.dedup();
        Self {
            names: ids
                .into_iter()
                .map(|id| (id.to_string(), json!(format!("class_{id}"))))
                .collect(),
            origin: Origin::Default,
            unnamed: Vec::new(),
        }
    }

    /// Takes the names of classes, and a default for each id that they do not name, unless the layer brought its
    /// own.
    pub(super) fn name_by(&mut self, classes: &Self, present: &[i64]) {
        if self.origin == Origin::Given {
            return;
        }
        *self = classes.clone();
        for (id, label) in Self::default_for(present).names {
            if !self.names.contains_key(&id) {
                self.unnamed.extend(id.parse::<i64>());
                self.names.insert(id, label);
            }
        }
    }

    /// The name of a class.
    #[must_use]
    pub fn name(&self, id: i64) -> Option<&str> {
        self.names.get(&id.to_string())?.as_str()
    }

    /// Every integer id with its name, in order of appearance.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &str)> {
        self.names
            .iter()
            .filter_map(|(id, name)| Some((id.parse().ok()?, name.as_str()?)))
    }

    /// As W&B keeps them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.names.clone())
    }
}

/// Takes an object of names by class id; without any, each id that is present gets a default.
///
/// # Errors
/// [`AnnotationError`] if it is no such object.
pub fn parse_labels(names: &Value, present: &[i64]) -> Result<Labels, AnnotationError> {
    let mut layer = Map::new();
    if names.as_object().is_none_or(|names| !names.is_empty()) {
        layer.insert("class_labels".to_owned(), names.clone());
    }
    Labels::of_layer("labels", &layer, present)
}

/// Takes the `classes` argument of `wandb.Image`, or its shorter forms: `[{"id":0,"name":"person"}]`,
/// `{"0":"person"}` or `["person"]`.
///
/// # Errors
/// [`AnnotationError`] if it is none of them.
pub fn parse_classes(value: &Value) -> Result<Labels, AnnotationError> {
    const ACCEPTED: &str = r#"[{"id":0,"name":"person"}], {"0":"person"} or ["person"]"#;
    let mut names = Map::new();
    let mut add = |path: &str, id: String, label: &Value| {
        check_label("classes", &id, label)?;
        match names.insert(id, label.clone()) {
            None => Ok(()),
            Some(_) => Err(AnnotationError::new(
                path,
                "names an id that stands in the list already",
            )),
        }
    };
    match value {
        Value::Object(classes) => {
            for (id, name) in classes {
                add("classes", id.clone(), name)?;
            }
        }
        Value::Array(classes) => {
            for (n, class) in classes.iter().enumerate() {
                let path = format!("classes[{n}]");
                match class {
                    Value::String(_) => add(&path, n.to_string(), class)?,
                    Value::Object(class) => {
                        let field = |name: &str| {
                            class.get(name).ok_or_else(|| {
                                AnnotationError::new(
                                    &path,
                                    format!("has no {name}; classes are {ACCEPTED}"),
                                )
                            })
                        };
                        let id = field("id")?;
                        let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                        add(&path, text, field("name")?)?;
                    }
                    other => return Err(AnnotationError::kind(&path, other, ACCEPTED)),
                }
            }
        }
        other => return Err(AnnotationError::kind("classes", other, ACCEPTED)),
    }
    Ok(Labels {
        names,
        origin: Origin::Classes,
        unnamed: Vec::new(),
    })
}

/// Ids are numbers, which JSON can only write as text; names are text.
fn check_label(path: &str, id: &str, label: &Value) -> Result<(), AnnotationError> {
    let is_number = id.parse::<f64>().is_ok_and(f64::is_finite);
    if !is_number {
        return Err(AnnotationError::new(
            format!("{path}.{id}"),
            "names no class id, which must be a number",
        ));
    }
    if !label.is_string() {
        return Err(AnnotationError::kind(
            format!("{path}.{id}"),
            label,
            "a string, the name of the class",
        ));
    }
    Ok(())
}

/// Ids that were left without a name although names were given.
pub(super) fn warnings(annotations: &Annotations) -> Option<Warning> {
    let mut places = Where::default();
    let mut ids: Vec<i64> = Vec::new();
    let boxes = annotations.boxes.iter().map(|layer| {
        let present: Vec<i64> = layer
            .marks
            .iter()
            .filter_map(|mark| mark.class_id)
            .collect();
        (&layer.name, &layer.labels, present)
    });
    let masks = annotations.masks.iter().map(|layer| {
        let background = layer.content.ids().map_or(0, MaskIds::background);
        let present = layer.content.ids_present().into_iter();
        let present = present.filter(|&id| id != i64::from(background));
        (&layer.name, &layer.labels, present.collect())
    });
    for (name, labels, present) in boxes.chain(masks) {
        let unnamed = |id: &i64| match labels.origin {
            Origin::Given => labels.name(*id).is_none(),
            Origin::Classes => labels.unnamed.contains(id),
            Origin::Default => false,
        };
        let mut unnamed: Vec<i64> = present.into_iter().filter(unnamed).collect();
        if !unnamed.is_empty() {
            places.add(|| name.clone());
            ids.append(&mut unnamed);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    places
        .some()
        .map(|places| Warning::UnlabelledId { places, ids })
}
