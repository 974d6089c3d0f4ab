//! The JSON beside an input: any of the arguments of `wandb.Image` for that input.

use serde_json::{Map, Value};

use super::json::shown;
use super::{
    AnnotationError, BoxLayer, Labels, MaskLayer, MaskLoader, parse_boxes, parse_classes,
    parse_masks,
};
use crate::mode::{FileType, Mode};

/// What a sidecar says; `None` where it is silent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecar {
    /// Literal text under the image.
    pub caption: Option<String>,
    /// Grouping number.
    pub grouping: Option<i64>,
    /// Names of class ids.
    pub classes: Option<Labels>,
    /// Box layers.
    pub boxes: Option<Vec<BoxLayer>>,
    /// Mask layers.
    pub masks: Option<Vec<MaskLayer>>,
    /// Mode of the written picture.
    pub mode: Option<Mode>,
    /// Encoding.
    pub file_type: Option<FileType>,
    /// Whether values are rescaled.
    pub normalize: Option<bool>,
}

/// The names that a sidecar may have.
const NAMES: [&str; 8] = [
    "caption",
    "grouping",
    "classes",
    "boxes",
    "masks",
    "mode",
    "file_type",
    "normalize",
];

/// Whose a JSON file is that merely has the right name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SidecarKind {
    /// An object with no other names than those of a sidecar.
    Ours,
    /// Some of the names, among others: probably not ours.
    Mixed,
    /// Another tool's.
    Foreign,
}

/// Tells whose a JSON file is.
#[must_use]
pub fn recognise(value: &Value) -> SidecarKind {
    let Some(object) = value.as_object() else {
        return SidecarKind::Foreign;
    };
    let known = object
        .keys()
        .filter(|name| NAMES.contains(&name.as_str()))
        .count();
    match known {
        known if known == object.len() => SidecarKind::Ours,
        0 => SidecarKind::Foreign,
        _ => SidecarKind::Mixed,
    }
}

impl Sidecar {
    /// Takes the object of a sidecar. `null` is as good as absent.
    ///
    /// # Errors
    /// [`AnnotationError`] for the first thing that is wrong in it.
    pub fn parse(value: &Value, load: &mut MaskLoader<'_>) -> Result<Self, AnnotationError> {
        let object = value.as_object().ok_or_else(|| {
            AnnotationError::kind(
                "sidecar",
                value,
                &format!("an object with any of {}", NAMES.join(", ")),
            )
        })?;
        if let Some(name) = object.keys().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(AnnotationError::new(
                name,
                format!("is not known; a sidecar has any of {}", NAMES.join(", ")),
            ));
        }
        Ok(Self {
            caption: field(object, "caption", "a string", |v| {
                v.as_str().map(str::to_owned)
            })?,
            grouping: field(object, "grouping", "an integer", Value::as_i64)?,
            classes: present(object, "classes").map(parse_classes).transpose()?,
            boxes: present(object, "boxes").map(parse_boxes).transpose()?,
            masks: present(object, "masks")
                .map(|masks| parse_masks(masks, load))
                .transpose()?,
            mode: field(
                object,
                "mode",
                &format!("one of {}", Mode::ALL.map(Mode::name).join(", ")),
                |v| Mode::from_name(v.as_str()?),
            )?,
            file_type: field(
                object,
                "file_type",
                &format!("one of {}", FileType::ALL.map(FileType::name).join(", ")),
                |v| FileType::from_name(v.as_str()?),
            )?,
            normalize: field(object, "normalize", "true or false", Value::as_bool)?,
        })
    }
}

fn present<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn field<T>(
    object: &Map<String, Value>,
    name: &str,
    accepted: &str,
    take: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, AnnotationError> {
    let Some(value) = present(object, name) else {
        return Ok(None);
    };
    let problem =
        || AnnotationError::new(name, format!("is {}, but must be {accepted}", shown(value)));
    take(value).map(Some).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(value: &Value) -> Result<Sidecar, String> {
        Sidecar::parse(value, &mut |_| Err("is not there".to_owned())).map_err(|e| e.to_string())
    }

    #[test]
    fn errors_name_the_place_and_what_would_be_accepted() {
        let position = r#"p.box_data[1].position: has minX, maxX, but must be {minX, maxX, minY, maxY} or {middle: [x, y], width, height}, all numbers"#;
        let good = json!({"minX": 0, "maxX": 1, "minY": 0, "maxY": 1});
        for (value, expected) in [
            (
                json!({"boxes": {"p": {"box_data": [{"position": good}, {"position": {"minX": 0, "maxX": 1}}]}}}),
                position,
            ),
            (
                json!({"masks": {"m": {"mask_data": [[0, 1], [0, 256]]}}}),
                "m.mask_data[1][1]: is 256, but class ids are integers from 0 to 255",
            ),
            (
                json!({"masks": {"m": {"mask_data": [[0, 1], [0]]}}}),
                "m.mask_data[1]: has 1 ids, but the rows above have 2",
            ),
            (
                json!({"masks": {"m": {"path": "x.png"}}}),
                "m.path: \"x.png\" is not there",
            ),
            (
                json!({"normalize": 1}),
                "normalize: is 1, but must be true or false",
            ),
        ] {
            assert_eq!(parse(&value), Err(expected.to_owned()));
        }
    }

    #[test]
    fn only_objects_with_our_names_alone_are_ours() {
        assert_eq!(recognise(&json!({"caption": "x"})), SidecarKind::Ours);
        assert_eq!(
            recognise(&json!({"caption": "x", "width": 3})),
            SidecarKind::Mixed
        );
        assert_eq!(recognise(&json!({"width": 3})), SidecarKind::Foreign);
        assert_eq!(recognise(&json!([1])), SidecarKind::Foreign);
    }

    #[test]
    fn classes_have_three_forms() {
        for value in [
            json!([{"id": 0, "name": "a"}, {"id": 1, "name": "b"}]),
            json!({"0": "a", "1": "b"}),
            json!(["a", "b"]),
        ] {
            assert_eq!(
                parse_classes(&value).unwrap().to_json(),
                json!({"0": "a", "1": "b"})
            );
        }
    }
}
