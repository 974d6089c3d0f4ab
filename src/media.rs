//! W&B's JSON for images, and the manifest row around it: field order is part of the format. Values only; what
//! is written where is the store's business.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::number::Number;
use crate::plan::{ChannelOrder, Plan};
use crate::warning::Warning;

/// What W&B stores for one image; absent fields are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Text under the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Always `image-file`.
    #[serde(rename = "_type")]
    pub kind: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Bytes of the file.
    pub size: u64,
    /// Where the file is, relative to the output directory, with forward slashes.
    pub path: String,
    /// The file's extension.
    pub format: String,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Grouping number; 0 is left out, as W&B does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grouping: Option<i64>,
    /// Box layers by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<Map<String, Value>>,
    /// Mask layers by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masks: Option<Map<String, Value>>,
}

/// The value of [`Media::kind`].
pub const IMAGE_FILE: &str = "image-file";

/// One picture: what came in, what was decided, what came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The input's name as given, cleaned.
    pub source: String,
    /// Which picture of the input.
    pub frame: FrameName,
    /// The input's place in the call's whole list.
    pub index: u64,
    /// The key it is logged under.
    pub key: String,
    /// The step it is logged at.
    pub step: u64,
    /// W&B's part.
    pub media: Media,
    /// What the array was and how it was read; `null` for image files.
    pub array: Option<ArrayRecord>,
    /// Labels of box and mask layers, by layer and id.
    pub class_labels: Option<Value>,
    /// The picture with its layers drawn in.
    pub overlay: Option<FileRecord>,
    /// What its owner should know.
    pub warnings: Vec<WarningRecord>,
}

impl Row {
    /// What makes two rows the same picture: a later one replaces an earlier one.
    #[must_use]
    pub fn identity(&self) -> (&str, &FrameName, &str, u64) {
        (&self.source, &self.frame, &self.key, self.step)
    }

    /// The order of rows in the manifest and of images in a list.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        (self.step, &self.key, self.index, &self.source, &self.frame).cmp(&(
            other.step,
            &other.key,
            other.index,
            &other.source,
            &other.frame,
        ))
    }
}

/// Bytes that few lines have more of.
const USUAL_LINE: usize = 1000;

/// One line of JSON. The line ends of Unicode, which JSON allows inside strings and many readers of lines split
/// at, are escaped.
#[must_use]
pub fn json_line(value: &impl Serialize) -> String {
    // A line that grows is copied each time, and takes memory from where there is none to be reused.
    let mut line = Vec::with_capacity(USUAL_LINE);
    // Rows and maps with text keys cannot fail to serialise.
    let written = serde_json::to_writer(&mut line, value).ok();
    let line = written
        .and_then(|()| String::from_utf8(line).ok())
        .unwrap_or_default();
    if line.is_ascii() || !line.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return line;
    }
    line.replace('\u{85}', "\\u0085")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// A file beside the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Where it is, relative to the output directory.
    pub path: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Bytes of the file.
    pub size: u64,
}

/// Which picture of an input: the only one, one by number, a named array, or one by number in a named array.
///
/// In JSON `null`, a number, a name, or `name[number]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameName {
    /// The only one.
    Only,
    /// By number, from 0.
    Number(u64),
    /// A named array.
    Named(String, Option<u64>),
}

impl fmt::Display for FrameName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => Ok(()),
            Self::Number(n) => write!(f, "{n}"),
            Self::Named(name, None) => f.write_str(name),
            Self::Named(name, Some(n)) => write!(f, "{name}[{n}]"),
        }
    }
}

impl Serialize for FrameName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Only => serializer.serialize_none(),
            Self::Number(n) => serializer.serialize_u64(*n),
            Self::Named(..) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for FrameName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FrameVisitor;
        impl Visitor<'_> for FrameVisitor {
            type Value = FrameName;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("null, a number or a name")
            }
            fn visit_unit<E>(self) -> Result<FrameName, E> {
                Ok(FrameName::Only)
            }
            fn visit_u64<E>(self, n: u64) -> Result<FrameName, E> {
                Ok(FrameName::Number(n))
            }
            fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<FrameName, E> {
                u64::try_from(n)
                    .map(FrameName::Number)
                    .map_err(|_| E::custom("a negative frame"))
            }
            fn visit_str<E>(self, text: &str) -> Result<FrameName, E> {
                let numbered = text
                    .strip_suffix(']')
                    .and_then(|rest| rest.rsplit_once('['));
                let numbered = numbered.and_then(|(name, n)| Some((name, n.parse().ok()?)));
                Ok(match numbered {
                    Some((name, n)) => FrameName::Named(name.to_owned(), Some(n)),
                    None => FrameName::Named(text.to_owned(), None),
                })
            }
        }
        deserializer.deserialize_any(FrameVisitor)
    }
}

/// What an array was and how it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArrayRecord {
    /// Element type, by NumPy's name.
    pub dtype: String,
    /// Shape in the container.
    pub shape: Vec<usize>,
    /// What the axes were taken to be.
    pub layout: String,
    /// Smallest finite value of the picture.
    pub min: Option<JsonNumber>,
    /// Largest finite value of the picture.
    pub max: Option<JsonNumber>,
    /// How many values are NaN.
    pub nan: u64,
    /// How many values are infinite.
    pub inf: u64,
    /// How values became bytes.
    pub rescale: String,
    /// Pillow's mode of the written picture.
    pub mode: String,
    /// The colormap that gave grey its colours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colormap: Option<String>,
    /// `bgr` where the channels came in OpenCV's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<String>,
}

impl From<&Plan> for ArrayRecord {
    fn from(plan: &Plan) -> Self {
        let stats = plan.stats();
        Self {
            dtype: plan.dtype().name().to_owned(),
            shape: plan.shape().to_vec(),
            layout: plan.layout().name().to_owned(),
            min: stats.finite.map(|(min, _)| JsonNumber(min)),
            max: stats.finite.map(|(_, max)| JsonNumber(max)),
            nan: stats.nan,
            inf: stats.inf(),
            rescale: plan.rescale().name().to_owned(),
            mode: plan.target().mode().name().to_owned(),
            colormap: plan.colormap().map(|colormap| colormap.name().to_owned()),
            channels: match plan.channel_order() {
                ChannelOrder::Rgb => None,
                ChannelOrder::Bgr => Some("bgr".to_owned()),
            },
        }
    }
}

/// An exact number in JSON: an integer from integer arrays, else a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JsonNumber(pub Number);

impl Serialize for JsonNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Number::Int(n) => match (i64::try_from(n), u64::try_from(n)) {
                (Ok(n), _) => serializer.serialize_i64(n),
                (_, Ok(n)) => serializer.serialize_u64(n),
                _ => serializer.serialize_f64(self.0.to_f64()),
            },
            Number::Float(x) => serializer.serialize_f64(x),
        }
    }
}

impl<'de> Deserialize<'de> for JsonNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let integer = number
            .as_i64()
            .map(i128::from)
            .or(number.as_u64().map(i128::from));
        let number = match integer {
            Some(n) => Number::Int(n),
            None => Number::Float(
                number
                    .as_f64()
                    .ok_or_else(|| D::Error::custom("a number out of range"))?,
            ),
        };
        Ok(Self(number))
    }
}

/// A warning as the manifest keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningRecord {
    /// Its code.
    pub code: String,
    /// Its words.
    pub message: String,
}

impl From<&Warning> for WarningRecord {
    fn from(warning: &Warning) -> Self {
        Self {
            code: warning.code().to_owned(),
            message: warning.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_order_and_survive_json() {
        let mut frames: Vec<FrameName> = ["\"b[10]\"", "\"b[9]\"", "7", "null", "\"b\"", "10"]
            .map(|text| serde_json::from_str(text).unwrap())
            .into();
        frames.sort();
        assert_eq!(
            serde_json::to_string(&frames).unwrap(),
            r#"[null,7,10,"b","b[9]","b[10]"]"#
        );
    }

    #[test]
    fn integers_stay_integers() {
        let text = "[255,18446744073709551615,-1,0.0,0.10000000149011612]";
        let numbers: Vec<JsonNumber> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&numbers).unwrap(), text);
    }
}
