//! One COCO annotation or detection: its class, box, score and shape.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value, json};

use super::error::LabelsError;
use super::json::{each, integer, object, value, whole, wrong};
use super::shape::{Part, Shape};
use super::{Classes, Object, rle};

const BBOX: &str = "[x, y, width, height] in pixels";
const SEGMENTATION: &str =
    "a list of polygons [x, y, x, y, …] or run lengths {\"size\", \"counts\"}";
const POLYGON: &str = "[x, y, x, y, …] in pixels";
const SIZE: &str = "[height, width] in pixels";
const COUNTS: &str =
    "a list of run lengths from 0 to 4294967295 or the string that pycocotools writes";

#[derive(Deserialize)]
struct Annotation<'a> {
    #[serde(borrow)]
    category_id: Option<&'a RawValue>,
    #[serde(borrow)]
    bbox: Option<&'a RawValue>,
    #[serde(borrow)]
    segmentation: Option<&'a RawValue>,
    #[serde(borrow)]
    score: Option<&'a RawValue>,
    #[serde(borrow)]
    iscrowd: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RunLengths<'a> {
    #[serde(borrow)]
    size: Option<&'a RawValue>,
    #[serde(borrow)]
    counts: Option<&'a RawValue>,
}

/// Reads the object `text`, which stands at `path`. A `bbox` or `segmentation` that is absent, `null` or empty
/// is none.
pub(super) fn read(path: &str, text: &str, classes: &Classes) -> Result<Object, LabelsError> {
    let at = |field: &str| format!("{path}.{field}");
    let raw: Annotation = object(|| path.to_owned(), text, "an object")?;
    let Some(category) = raw.category_id else {
        return Err(LabelsError::Missing {
            path: at("category_id"),
            accepted: "the integer id of a category",
        });
    };
    let class = integer(
        || at("category_id"),
        category,
        "the integer id of a category",
    )?;
    let bbox = match raw.bbox {
        Some(raw_box) => bbox(|| at("bbox"), raw_box)?,
        None => None,
    };
    let bbox = match bbox {
        Some(position) => {
            let mut entry = Map::new();
            entry.insert("position".to_owned(), position);
            entry.insert("domain".to_owned(), json!("pixel"));
            entry.insert("class_id".to_owned(), json!(class));
            if let Some(score) = raw.score {
                let score: Number = value(|| at("score"), score, "a number")?;
                entry.insert("scores".to_owned(), json!({ "score": score }));
            }
            if raw
                .iscrowd
                .is_some_and(|crowd| matches!(crowd.get(), "1" | "1.0" | "true"))
            {
                entry.insert(
                    "box_caption".to_owned(),
                    json!(crowd_caption(class, classes)),
                );
            }
            Some(entry)
        }
        None => None,
    };
    let shape = match raw.segmentation {
        Some(segmentation) => shape(at("segmentation"), segmentation.get())?,
        None => None,
    };
    Ok(Object { class, bbox, shape })
}

/// A box around many is not one of them: its caption says so.
fn crowd_caption(class: i64, classes: &Classes) -> String {
    match u32::try_from(class).ok().and_then(|id| classes.name(id)) {
        Some(name) => format!("{name} (crowd)"),
        None => format!("class_{class} (crowd)"),
    }
}

/// W&B's position; whole numbers stay whole.
fn bbox(path: impl Fn() -> String, raw: &RawValue) -> Result<Option<Value>, LabelsError> {
    let numbers: Vec<Number> = value(&path, raw, BBOX)?;
    if numbers.is_empty() {
        return Ok(None);
    }
    let [x, y, width, height] = numbers.as_slice() else {
        return Err(wrong(path(), raw.get(), BBOX));
    };
    let (Some(right), Some(bottom)) = (sum(x, width), sum(y, height)) else {
        return Err(wrong(path(), raw.get(), BBOX));
    };
    Ok(Some(
        json!({ "minX": x, "maxX": right, "minY": y, "maxY": bottom }),
    ))
}

fn sum(a: &Number, b: &Number) -> Option<Number> {
    let whole = a
        .as_i64()
        .zip(b.as_i64())
        .and_then(|(a, b)| a.checked_add(b));
    match whole {
        Some(whole) => Some(whole.into()),
        None => Number::from_f64(a.as_f64()? + b.as_f64()?),
    }
}

/// The shape at `path`. Polygons of one or two points cover nothing (pycocotools refuses them in the first place
/// of the list, and draws nothing for them in others).
fn shape(path: String, text: &str) -> Result<Option<Shape>, LabelsError> {
    if text.starts_with('{') {
        let parts = vec![run_lengths(&path, text)?];
        return Ok(Some(Shape { path, id: 0, parts }));
    }
    if !text.starts_with('[') {
        return Err(wrong(path, text, SEGMENTATION));
    }
    let mut parts = Vec::new();
    let mut nothing = true;
    each(&path, text, |index, raw| {
        let place = || format!("{path}[{index}]");
        if raw.get().starts_with('{') {
            nothing = false;
            parts.push(run_lengths(&place(), raw.get())?);
            return Ok(());
        }
        let row: Vec<f64> = value(place, raw, POLYGON)?;
        if row.len() % 2 == 1 {
            return Err(wrong(place(), raw.get(), POLYGON));
        }
        nothing &= row.is_empty();
        if row.len() >= 6 {
            parts.push(Part::Pixels(row));
        }
        Ok(())
    })?;
    Ok((!nothing).then_some(Shape { path, id: 0, parts }))
}

fn run_lengths(path: &str, text: &str) -> Result<Part, LabelsError> {
    let at = |field: &str| format!("{path}.{field}");
    let missing = |field, accepted| LabelsError::Missing {
        path: at(field),
        accepted,
    };
    let raw: RunLengths = object(|| path.to_owned(), text, SEGMENTATION)?;
    let size = raw.size.ok_or_else(|| missing("size", SIZE))?;
    let counts = raw.counts.ok_or_else(|| missing("counts", COUNTS))?;
    let [height, width] = value(|| at("size"), size, SIZE)?;
    let lengths = if counts.get().starts_with('"') {
        let string: Cow<'_, str> = value(|| at("counts"), counts, COUNTS)?;
        rle::lengths_of_string(string.as_bytes()).map_err(|source| LabelsError::Rle {
            path: at("counts"),
            source,
        })?
    } else {
        let mut lengths = Vec::new();
        each(&at("counts"), counts.get(), |run, raw| {
            let length = whole(raw.get()).and_then(|length| u32::try_from(length).ok());
            lengths.push(
                length.ok_or_else(|| wrong(format!("{path}.counts[{run}]"), raw.get(), COUNTS))?,
            );
            Ok(())
        })?;
        lengths
    };
    Ok(Part::Lengths {
        lengths,
        size: (width, height),
    })
}
