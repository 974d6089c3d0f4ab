//! Boxes and masks as a page takes them: the numbers that drawing needs, in JSON. A page that is opened from a
//! disk may not read other files, but it may load scripts: what does not go into the page goes into one each.

use std::collections::BTreeSet;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Map, Value, json};

use super::page::in_script;
use crate::annotations::{BoxLayer, Domain, Mark, parse_boxes, parse_json};
use crate::read::{SizeLimits, Source, mask_file};

/// A layer of a picture, ready for the page.
pub(super) struct Layer {
    /// JSON; the page draws nothing where it is `{"e":WHY}`.
    pub(super) json: String,
    pub(super) summary: Summary,
}

/// What of a layer can be chosen from.
#[derive(Default)]
pub(super) struct Summary {
    /// Class ids of boxes; `None` for those that have none.
    pub(super) ids: BTreeSet<Option<i64>>,
    /// Score name, smallest and largest value.
    pub(super) scores: Vec<(String, f64, f64)>,
}

/// The script that brings a layer; `name` is what the page asks for it by.
pub(super) fn script(name: &str, json: &str) -> String {
    format!("wbimgLayer(\"{name}\",{})", in_script(json))
}

/// A layer that cannot be drawn, and why.
pub(super) fn unreadable(reason: &str) -> Layer {
    Layer {
        json: json!({ "e": reason }).to_string(),
        summary: Summary::default(),
    }
}

/// The layer of a `boxes2D.json`.
pub(super) fn boxes(bytes: &[u8]) -> Result<Layer, String> {
    let value = parse_json(bytes).map_err(|e| e.to_string())?;
    let layers = Value::Object(Map::from_iter([("boxes".to_owned(), value)]));
    let layers = parse_boxes(&layers).map_err(|e| e.to_string())?;
    let layer = layers.first().ok_or_else(|| "has no boxes".to_owned())?;
    let mut summary = Summary::default();
    for mark in &layer.marks {
        summary.ids.insert(mark.class_id);
        for (name, score) in &mark.scores {
            match summary.scores.iter_mut().find(|(other, ..)| other == name) {
                None => summary.scores.push((name.clone(), *score, *score)),
                Some((_, least, most)) => {
                    (*least, *most) = (least.min(*score), most.max(*score));
                }
            }
        }
    }
    let json = boxes_json(layer, &summary).to_string();
    Ok(Layer { json, summary })
}

/// `{"s":[SCORE NAMES],"b":[[UNIT,LEFT,TOP,RIGHT,BOTTOM,CLASS,CAPTION,[[SCORE NAME'S NUMBER,SCORE]…]]…]}`; the unit
/// is 1 for pixels, 0 for the picture's sides.
fn boxes_json(layer: &BoxLayer, summary: &Summary) -> Value {
    let names: Vec<&str> = summary.scores.iter().map(|(name, ..)| &name[..]).collect();
    let number = |name: &str| names.iter().position(|other| *other == name);
    let mark = |mark: &Mark| {
        let unit = u8::from(mark.domain == Domain::Pixel);
        let r = mark.rectangle;
        let scores: Vec<Value> = mark
            .scores
            .iter()
            .map(|(name, score)| json!([number(name), score]))
            .collect();
        json!([
            unit,
            r.min_x,
            r.min_y,
            r.max_x,
            r.max_y,
            mark.class_id.map(class_id),
            mark.caption,
            scores
        ])
    };
    json!({ "s": names, "b": layer.marks.iter().map(mark).collect::<Vec<_>>() })
}

/// A class id in JSON. Numbers of JavaScript are floats: what they cannot hold is text.
pub(super) fn class_id(id: i64) -> Value {
    const EXACT: u64 = 1 << 53;
    match id.unsigned_abs() <= EXACT {
        true => json!(id),
        false => json!(id.to_string()),
    }
}

/// The layer of a mask file: `{"w":WIDTH,"h":HEIGHT,"d":IDS}`, a byte per pixel, deflated, in base64.
pub(super) fn mask(bytes: Vec<u8>, limits: SizeLimits) -> Result<Layer, String> {
    let content = mask_file(&Source::memory(bytes), "", limits)?;
    let ids = content
        .ids()
        .ok_or_else(|| "is a picture of colors, not of class ids".to_owned())?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    // Memory cannot fail to be written.
    let deflated = encoder.write_all(ids.ids()).and_then(|()| encoder.finish());
    let deflated = STANDARD.encode(deflated.map_err(|e| e.to_string())?);
    let (w, h) = (ids.width(), ids.height());
    Ok(Layer {
        json: json!({ "w": w, "h": h, "d": deflated }).to_string(),
        summary: Summary::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_keep_what_drawing_needs() {
        let given = br#"{"box_data":[
            {"position":{"middle":[0.5,0.25],"width":0.5,"height":0.5},"class_id":9007199254740993},
            {"position":{"minX":1,"maxX":2,"minY":3,"maxY":4},"domain":"pixel","box_caption":"</b>",
             "scores":{"iou":0.5,"conf":0.25}},
            {"position":{"minX":1,"maxX":2,"minY":3,"maxY":4},"domain":"pixel","scores":{"conf":0.75}}]}"#;
        let layer = boxes(given).unwrap();
        let expected = json!({"s": ["iou", "conf"], "b": [
            [0, 0.25, 0.0, 0.75, 0.5, "9007199254740993", null, []],
            [1, 1.0, 3.0, 2.0, 4.0, null, "</b>", [[0, 0.5], [1, 0.25]]],
            [1, 1.0, 3.0, 2.0, 4.0, null, null, [[1, 0.75]]],
        ]});
        assert_eq!(
            serde_json::from_str::<Value>(&layer.json).unwrap(),
            expected
        );
        assert_eq!(layer.summary.scores[1], ("conf".to_owned(), 0.25, 0.75));
        assert!(layer.summary.ids.contains(&None));
        assert!(!script("x", &layer.json).contains('<'));
    }

    #[test]
    fn what_is_no_layer_is_told() {
        assert!(boxes(b"{").is_err());
        assert!(boxes(b"{}").is_err());
        let limits = SizeLimits {
            pixels: 100,
            bytes: 1000,
        };
        assert!(mask(b"no mask".to_vec(), limits).is_err());
    }
}
