//! Box layers: W&B's `BoundingBoxes2D`, checked as W&B checks them.

use serde_json::{Map, Value};

use super::classes::Labels;
use super::{AnnotationError, layers};
use crate::warning::{Warning, Where};

/// One layer of boxes.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxLayer {
    /// The layer's name, such as `predictions`.
    pub name: String,
    /// What is written to its file: the layer as given, compact.
    pub json: String,
    /// The boxes to draw.
    pub marks: Vec<Mark>,
    /// Names of class ids.
    pub labels: Labels,
}

/// One box.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where it is.
    pub rectangle: Rectangle,
    /// What its coordinates count.
    pub domain: Domain,
    /// Its class.
    pub class_id: Option<i64>,
    /// Its scores, by name.
    pub scores: Vec<(String, f64)>,
    /// The text that is shown instead of the class name.
    pub caption: Option<String>,
}

/// Edges of a box, as given; they may be inverted or outside the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    /// Left edge.
    pub min_x: f64,
    /// Top edge.
    pub min_y: f64,
    /// Right edge.
    pub max_x: f64,
    /// Bottom edge.
    pub max_y: f64,
}

/// What the coordinates of a box count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Fractions of the picture's width and height.
    Fraction,
    /// Pixels.
    Pixel,
    /// A name that W&B does not know; drawn as fractions.
    Unknown(String),
}

impl Mark {
    /// The box in pixels of a picture of this size.
    #[must_use]
    pub fn in_pixels(&self, width: u32, height: u32) -> Rectangle {
        let (x, y) = match self.domain {
            Domain::Pixel => (1.0, 1.0),
            Domain::Fraction | Domain::Unknown(_) => (f64::from(width), f64::from(height)),
        };
        let r = self.rectangle;
        Rectangle {
            min_x: r.min_x * x,
            min_y: r.min_y * y,
            max_x: r.max_x * x,
            max_y: r.max_y * y,
        }
    }
}

/// Takes the `boxes` argument of `wandb.Image`: layers by name.
///
/// # Errors
/// [`AnnotationError`] for the first thing that W&B would refuse.
pub fn parse_boxes(value: &Value) -> Result<Vec<BoxLayer>, AnnotationError> {
    layers(value, "boxes")?
        .map(|(name, layer)| parse_layer(name, layer))
        .collect()
}

fn parse_layer(name: &str, layer: &Map<String, Value>) -> Result<BoxLayer, AnnotationError> {
    let data = layer.get("box_data").ok_or_else(|| {
        AnnotationError::new(name, "has no box_data, which must be a list of boxes")
    })?;
    let data_path = format!("{name}.box_data");
    let boxes = data
        .as_array()
        .ok_or_else(|| AnnotationError::kind(&data_path, data, "a list of boxes"))?;
    let marks: Vec<Mark> = (0..)
        .zip(boxes)
        .map(|(n, item): (usize, _)| parse_box(&format!("{data_path}[{n}]"), item))
        .collect::<Result<_, _>>()?;
    let present: Vec<i64> = marks.iter().filter_map(|mark| mark.class_id).collect();
    Ok(BoxLayer {
        name: name.to_owned(),
        json: Value::Object(layer.clone()).to_string(),
        labels: Labels::of_layer(name, layer, &present)?,
        marks,
    })
}

fn parse_box(path: &str, value: &Value) -> Result<Mark, AnnotationError> {
    let item = value
        .as_object()
        .ok_or_else(|| AnnotationError::kind(path, value, "an object, the box"))?;
    let scores = match item.get("scores") {
        None => Vec::new(),
        Some(scores) => parse_scores(&format!("{path}.scores"), scores)?,
    };
    let class_id = match item.get("class_id") {
        None => None,
        // Python's booleans are integers.
        Some(Value::Bool(b)) => Some(i64::from(*b)),
        Some(id) => Some(id.as_i64().ok_or_else(|| {
            AnnotationError::kind(format!("{path}.class_id"), id, "an integer of 64 bits")
        })?),
    };
    let caption = match item.get("box_caption") {
        None => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => {
            return Err(AnnotationError::kind(
                format!("{path}.box_caption"),
                other,
                "a string",
            ));
        }
    };
    let domain = match item.get("domain") {
        None | Some(Value::Null) => Domain::Fraction,
        Some(Value::String(name)) if name == "pixel" => Domain::Pixel,
        Some(other) => Domain::Unknown(
            other
                .as_str()
                .map_or_else(|| other.to_string(), str::to_owned),
        ),
    };
    Ok(Mark {
        rectangle: parse_position(path, item)?,
        domain,
        class_id,
        scores,
        caption,
    })
}

/// Middle and size first, as W&B looks for them; else the four edges.
fn parse_position(path: &str, item: &Map<String, Value>) -> Result<Rectangle, AnnotationError> {
    const ACCEPTED: &str =
        "{minX, maxX, minY, maxY} or {middle: [x, y], width, height}, all numbers";
    let path = format!("{path}.position");
    let value = item.get("position").ok_or_else(|| {
        AnnotationError::new(&path, format!("is missing, but must be {ACCEPTED}"))
    })?;
    let position = value
        .as_object()
        .ok_or_else(|| AnnotationError::kind(&path, value, ACCEPTED))?;
    let number_of = |name: &str| position.get(name).and_then(number);
    let middle = position.get("middle").and_then(Value::as_array);
    let middle = middle
        .filter(|m| m.len() == 2)
        .and_then(|m| Some((number(&m[0])?, number(&m[1])?)));
    if let (Some((x, y)), Some(width), Some(height)) =
        (middle, number_of("width"), number_of("height"))
    {
        return Ok(Rectangle {
            min_x: x - width / 2.0,
            min_y: y - height / 2.0,
            max_x: x + width / 2.0,
            max_y: y + height / 2.0,
        });
    }
    match ["minX", "minY", "maxX", "maxY"].map(number_of) {
        [Some(min_x), Some(min_y), Some(max_x), Some(max_y)] => Ok(Rectangle {
            min_x,
            min_y,
            max_x,
            max_y,
        }),
        _ => {
            let found: Vec<&str> = position.keys().map(String::as_str).collect();
            let found = if found.is_empty() {
                "nothing".to_owned()
            } else {
                found.join(", ")
            };
            Err(AnnotationError::new(
                &path,
                format!("has {found}, but must be {ACCEPTED}"),
            ))
        }
    }
}

fn parse_scores(path: &str, value: &Value) -> Result<Vec<(String, f64)>, AnnotationError> {
    let scores = value
        .as_object()
        .ok_or_else(|| AnnotationError::kind(path, value, "an object of numbers by name"))?;
    scores
        .iter()
        .map(|(name, score)| {
            let score = number(score).ok_or_else(|| {
                AnnotationError::kind(format!("{path}.{name}"), score, "a number")
            })?;
            Ok((name.clone(), score))
        })
        .collect()
}

/// A number as Python sees it: booleans are 0 and 1.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        other => other.as_f64(),
    }
}

/// What fits the picture badly: each sort once, with the place of the first box and how many there are.
pub(super) fn warnings(layers: &[BoxLayer], width: u32, height: u32) -> Vec<Warning> {
    let mut outside = Where::default();
    let mut in_fractions = None;
    let mut inverted = Where::default();
    let mut domains: Vec<(String, Where)> = Vec::new();
    // What rounding in the arithmetic of fractions can do is no box outside.
    let slack = 1e-6;
    let (right, bottom) = (
        f64::from(width) * (1.0 + slack),
        f64::from(height) * (1.0 + slack),
    );
    for layer in layers {
        for (n, mark) in layer.marks.iter().enumerate() {
            let place = || format!("{}.box_data[{n}]", layer.name);
            let r = mark.in_pixels(width, height);
            if r.min_x > r.max_x || r.min_y > r.max_y {
                inverted.add(place);
            }
            let (x, y) = (-slack * f64::from(width), -slack * f64::from(height));
            if r.min_x.min(r.max_x) < x
                || r.min_y.min(r.max_y) < y
                || r.max_x.max(r.min_x) > right
                || r.max_y.max(r.min_y) > bottom
            {
                outside.add(place);
                in_fractions.get_or_insert(mark.domain != Domain::Pixel);
            }
            if let Domain::Unknown(name) = &mark.domain {
                match domains.iter_mut().find(|(known, _)| known == name) {
                    Some((_, places)) => places.add(place),
                    None => {
                        let mut places = Where::default();
                        places.add(place);
                        domains.push((name.clone(), places));
                    }
                }
            }
        }
    }
    let mut warnings = Vec::new();
    warnings.extend(outside.some().map(|places| Warning::BoxOutside {
        places,
        size: (width, height),
        in_fractions: in_fractions.unwrap_or(false),
    }));
    warnings.extend(
        inverted
            .some()
            .map(|places| Warning::BoxInverted { places }),
    );
    warnings.extend(
        domains
            .into_iter()
            .map(|(domain, places)| Warning::UnknownDomain { domain, places }),
    );
    warnings
}
