//! YOLO's label files: one object a line, in fractions of the picture.
//!
//! | columns | meaning |
//! | --- | --- |
//! | 5 | class, middle x, middle y, width, height |
//! | 6 | the same and a confidence, as detections are saved |
//! | 7, 9, 11 … | class and the corners x y of a polygon (an oriented box has 9) |
//! | 8, 10, 12 … | the same and a confidence |
//!
//! Key points cannot be told from polygons by their columns, and are read as such.

use serde_json::{Map, Value, json};

use super::classes::utf8;
use super::error::{LabelsError, excerpt};
use super::json::whole;
use super::shape::{Part, Shape};
use super::{Classes, ImageLabels, MAX_OBJECTS, Object};

const ROW: &str = "`class x y width height` or `class x y x y x y …` in fractions of the picture";
const CLASS: &str = "a class id from 0 to 4294967295";
const NUMBER: &str = "a finite number";

/// Most corners of all polygons of one image: a bound on memory.
const MAX_NUMBERS: usize = 1 << 24;

/// Reads one image's labels. An empty file is an image without objects. A polygon's box is what it spans.
///
/// # Errors
/// When a line is something else, by its number.
pub fn yolo(text: &[u8], classes: &Classes) -> Result<ImageLabels, LabelsError> {
    let mut objects = Vec::new();
    let mut numbers_left = MAX_NUMBERS;
    for (line, row) in (1..).zip(utf8(text)?.lines()) {
        if row.trim().is_empty() {
            continue;
        }
        let too_many = |counted, limit| LabelsError::TooMany {
            path: format!("line {line}"),
            counted,
            limit,
        };
        if objects.len() == MAX_OBJECTS {
            return Err(too_many("objects", MAX_OBJECTS));
        }
        let object =
            object(line, row, numbers_left)?.ok_or_else(|| too_many("coordinates", MAX_NUMBERS))?;
        if let Some(shape) = &object.shape {
            numbers_left -= shape.numbers();
        }
        objects.push(object);
    }
    // Classes count from 0, so 0 is one even where no object and no name says so.
    Ok(ImageLabels::new(objects, classes, true, None))
}

/// Reads a line; `None` if it has more numbers than are left.
fn object(line: usize, row: &str, numbers_left: usize) -> Result<Option<Object>, LabelsError> {
    let wrong = |found: &str, accepted| LabelsError::Line {
        line,
        found: format!("{:?}", excerpt(found)),
        accepted,
    };
    let mut columns = row.split_ascii_whitespace();
    let class_text = columns.next().unwrap_or_default();
    let class = whole(class_text).and_then(|class| u32::try_from(class).ok());
    let class = class.ok_or_else(|| wrong(class_text, CLASS))?;
    let mut numbers = Vec::new();
    for column in columns {
        if numbers.len() > numbers_left {
            return Ok(None);
        }
        let number: Option<f64> = column
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite());
        numbers.push(number.ok_or_else(|| wrong(column, NUMBER))?);
    }
    // An even count is coordinates; one more is a confidence.
    let score = if numbers.len() % 2 == 1 {
        numbers.pop()
    } else {
        None
    };
    let (position, shape) = match *numbers.as_slice() {
        [x, y, width, height] => (
            json!({ "middle": [x, y], "width": width, "height": height }),
            None,
        ),
        [_, _, _, _, _, _, ..] => {
            let position = spanned(&numbers);
            let shape = Shape {
                path: format!("line {line}"),
                id: 0,
                parts: vec![Part::Fractions(numbers)],
            };
            (position, Some(shape))
        }
        _ => return Err(wrong(row, ROW)),
    };
    let mut bbox = Map::new();
    bbox.insert("position".to_owned(), position);
    bbox.insert("class_id".to_owned(), json!(class));
    if let Some(score) = score {
        bbox.insert("scores".to_owned(), json!({ "score": score }));
    }
    Ok(Some(Object {
        class: i64::from(class),
        bbox: Some(bbox),
        shape,
    }))
}

/// The box around corners.
fn spanned(numbers: &[f64]) -> Value {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in numbers.chunks_exact(2) {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    json!({ "minX": low[0], "maxX": high[0], "minY": low[1], "maxY": high[1] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ImageLabels, LabelsError> {
        yolo(
            text.as_bytes(),
            &Classes::from_lines(b"person\nbicycle\n").unwrap(),
        )
    }

    #[test]
    fn boxes_stay_fractions() {
        let labels = read("\u{feff}1 0.5 0.25 0.1 1\r\n\n 0.0 0.5 0.5 1 1 0.875 \n").unwrap();
        assert_eq!(
            labels.boxes.unwrap().to_string(),
            concat!(
                r#"{"box_data":[{"position":{"middle":[0.5,0.25],"width":0.1,"height":1.0},"class_id":1},"#,
                r#"{"position":{"middle":[0.5,0.5],"width":1.0,"height":1.0},"class_id":0,"scores":{"score":0.875}}],"#,
                r#""class_labels":{"0":"person","1":"bicycle"}}"#
            )
        );
    }

    #[test]
    fn polygons_are_painted_once_the_size_is_known_and_have_the_box_that_they_span() {
        let labels = read("0 0 0 0.5 0 0.5 1 0 1\n1 0.5 0.5 1 0.5 1 1 0.5 1 0.75\n").unwrap();
        let mask = labels.mask(4, 2).unwrap().unwrap();
        assert_eq!(mask.background, 255);
        assert_eq!(mask.ids, [0, 0, 255, 255, 0, 0, 1, 1]);
        let boxes = labels.boxes.unwrap();
        assert_eq!(
            boxes["box_data"][1].to_string(),
            r#"{"position":{"minX":0.5,"maxX":1.0,"minY":0.5,"maxY":1.0},"class_id":1,"scores":{"score":0.75}}"#
        );
    }

    #[test]
    fn an_empty_file_is_an_image_without_objects() {
        let labels = read("").unwrap();
        assert_eq!(labels.boxes.as_ref().unwrap()["box_data"], json!([]));
        assert_eq!(labels.mask(4, 2), Ok(None));
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, expected) in [
            (
                "0 0.5 0.5 1 1\nperson 0.5 0.5 1 1",
                "line 2: \"person\" is not a class id from 0 to 4294967295",
            ),
            (
                "-1 0.5 0.5 1 1",
                "line 1: \"-1\" is not a class id from 0 to 4294967295",
            ),
            ("0 0.5 nan 1 1", "line 1: \"nan\" is not a finite number"),
            (
                "0 0.5,0.5 1 1 1",
                "line 1: \"0.5,0.5\" is not a finite number",
            ),
            (
                "0 0.5 0.5",
                "line 1: \"0 0.5 0.5\" is not `class x y width height` or `class x y x y x y …` in fractions of \
                 the picture",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), expected);
        }
        let error = yolo(b"0 1 1 1 1\n\xff", &Classes::default()).unwrap_err();
        assert_eq!(error, LabelsError::Encoding { line: 2 });
    }
}
