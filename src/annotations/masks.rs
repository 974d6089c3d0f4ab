//! Mask layers: W&B's `ImageMask`. A class id per pixel, inline, from an array file, or an image file whose bytes
//! are kept.

use serde_json::{Map, Value};

use super::classes::Labels;
use super::json::shown;
use super::{AnnotationError, layers};
use crate::warning::Warning;

/// One mask.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskLayer {
    /// The layer's name, such as `ground_truth`.
    pub name: String,
    /// Its class ids.
    pub content: MaskContent,
    /// Names of class ids.
    pub labels: Labels,
}

/// A class id per pixel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskIds {
    width: u32,
    height: u32,
    ids: Vec<u8>,
    background: u8,
}

/// Where a mask's ids are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaskContent {
    /// Here; they are written as an 8-bit grey PNG.
    Ids(MaskIds),
    /// In an image file whose bytes are kept.
    File {
        /// The file.
        bytes: Vec<u8>,
        /// Its extension, as written.
        extension: String,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The ids, where the file has one channel of at most 8 bits.
        ids: Option<MaskIds>,
    },
}

impl MaskIds {
    /// Takes ids; `None` if they are not `width * height`, or there are none.
    #[must_use]
    pub fn new(width: u32, height: u32, ids: Vec<u8>) -> Option<Self> {
        let pixels = u64::from(width) * u64::from(height);
        (pixels > 0 && ids.len() as u64 == pixels).then_some(Self {
            width,
            height,
            ids,
            background: 0,
        })
    }

    /// Says which id is no class, but what lies between things; 0 if nothing is said.
    #[must_use]
    pub fn with_background(self, background: u8) -> Self {
        Self { background, ..self }
    }

    /// The id that needs no name.
    #[must_use]
    pub fn background(&self) -> u8 {
        self.background
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The ids, row by row.
    #[must_use]
    pub fn ids(&self) -> &[u8] {
        &self.ids
    }
}

impl MaskContent {
    /// Bytes of memory that it takes.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let ids = self.ids().map_or(0, |mask| mask.ids.len());
        let file = match self {
            Self::Ids(_) => 0,
            Self::File { bytes, .. } => bytes.len(),
        };
        ids as u64 + file as u64
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::Ids(mask) => (mask.width, mask.height),
            Self::File { width, height, .. } => (*width, *height),
        }
    }

    /// The ids, where they are known.
    #[must_use]
    pub fn ids(&self) -> Option<&MaskIds> {
        match self {
            Self::Ids(mask) => Some(mask),
            Self::File { ids, .. } => ids.as_ref(),
        }
    }

    /// Each id that occurs, in order.
    #[must_use]
    pub fn ids_present(&self) -> Vec<i64> {
        let mut present = [false; 256];
        for &id in self.ids().map_or(&[][..], MaskIds::ids) {
            present[usize::from(id)] = true;
        }
        (0..256)
            .zip(present)
            .filter_map(|(id, is_present)| is_present.then_some(id))
            .collect()
    }
}

/// Reads the mask file that a JSON names by `path`; the error is what is wrong with it, in words.
pub type MaskLoader<'a> = dyn FnMut(&str) -> Result<MaskContent, String> + 'a;

/// Takes the `masks` argument of `wandb.Image`: layers by name.
///
/// # Errors
/// [`AnnotationError`] for the first thing that is no mask.
pub fn parse_masks(
    value: &Value,
    load: &mut MaskLoader<'_>,
) -> Result<Vec<MaskLayer>, AnnotationError> {
    layers(value, "masks")?
        .map(|(name, layer)| parse_layer(name, layer, load))
        .collect()
}

fn parse_layer(
    name: &str,
    layer: &Map<String, Value>,
    load: &mut MaskLoader<'_>,
) -> Result<MaskLayer, AnnotationError> {
    let content = match (layer.get("path"), layer.get("mask_data")) {
        (Some(Value::String(path)), _) => load(path).map_err(|problem| {
            AnnotationError::new(format!("{name}.path"), format!("{path:?} {problem}"))
        })?,
        (Some(other), _) => {
            return Err(AnnotationError::kind(
                format!("{name}.path"),
                other,
                "a string, the mask's file",
            ));
        }
        (None, Some(data)) => MaskContent::Ids(parse_rows(&format!("{name}.mask_data"), data)?),
        (None, None) => {
            return Err(AnnotationError::new(
                name,
                "has neither mask_data, rows of class ids, nor path, an image or .npy file",
            ));
        }
    };
    let labels = Labels::of_layer(name, layer, &content.ids_present())?;
    Ok(MaskLayer {
        name: name.to_owned(),
        content,
        labels,
    })
}

fn parse_rows(path: &str, data: &Value) -> Result<MaskIds, AnnotationError> {
    const ACCEPTED: &str = "a list of rows, each a list of class ids from 0 to 255";
    let rows = data
        .as_array()
        .ok_or_else(|| AnnotationError::kind(path, data, ACCEPTED))?;
    let mut width = None;
    let mut ids = Vec::new();
    for (y, row) in rows.iter().enumerate() {
        let values = row.as_array().ok_or_else(|| {
            AnnotationError::kind(
                format!("{path}[{y}]"),
                row,
                "a list of class ids from 0 to 255",
            )
        })?;
        let expected = *width.get_or_insert(values.len());
        if values.len() != expected {
            let problem = format!(
                "has {} ids, but the rows above have {expected}",
                values.len()
            );
            return Err(AnnotationError::new(format!("{path}[{y}]"), problem));
        }
        for (x, value) in values.iter().enumerate() {
            let id = value.as_u64().and_then(|id| u8::try_from(id).ok());
            ids.push(id.ok_or_else(|| {
                AnnotationError::new(
                    format!("{path}[{y}][{x}]"),
                    format!(
                        "is {}, but class ids are integers from 0 to 255",
                        shown(value)
                    ),
                )
            })?);
        }
    }
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    MaskIds::new(side(width.unwrap_or(0)), side(rows.len()), ids)
        .ok_or_else(|| AnnotationError::new(path, format!("has no pixel, but must be {ACCEPTED}")))
}

/// Masks that are not of the picture's size.
pub(super) fn warnings(layers: &[MaskLayer], width: u32, height: u32) -> Vec<Warning> {
    let wrong = layers
        .iter()
        .filter(|layer| layer.content.size() != (width, height));
    wrong
        .map(|layer| Warning::MaskSize {
            layer: layer.name.clone(),
            mask: layer.content.size(),
            image: (width, height),
        })
        .collect()
}
