//! What is to be drawn: layers of boxes and masks, as values. Nothing here
//! knows about pixels or colours.

use std::collections::BTreeMap;

use super::DrawError;

/// Everything that is drawn onto one picture.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Masks are drawn first, boxes over them; within each kind, in this order.
    pub layers: Vec<Layer>,
}

/// One named set of boxes, or one mask: `predictions`, `ground_truth`.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Shown in the legend where there is more than one layer. The same name
    /// on a box layer and a mask layer gives both the same look.
    pub name: String,
    /// The boxes or the mask.
    pub content: Content,
    /// Class id → class name.
    pub labels: BTreeMap<i64, String>,
}

/// The two kinds of annotation.
#[derive(Clone, Debug)]
pub enum Content {
    /// Boxes, in drawing order.
    Boxes(Vec<BoxMark>),
    /// One class id per pixel.
    Mask(MaskMark),
}

/// A box in pixels of the picture. Any numbers will do: corners may be swapped
/// and may lie outside; what is inside the picture is drawn.
#[derive(Clone, Debug, Default)]
pub struct BoxMark {
    /// One vertical side.
    pub x0: f64,
    /// One horizontal side.
    pub y0: f64,
    /// The other vertical side.
    pub x1: f64,
    /// The other horizontal side.
    pub y1: f64,
    /// Decides the colour, and the text where there is no caption.
    pub class_id: Option<i64>,
    /// The text of the label, in place of the class name.
    pub caption: Option<String>,
    /// Score name → value; shown in the label, and compared with
    /// [`Style::min_scores`](super::Style::min_scores).
    pub scores: Vec<(String, f64)>,
}

/// Class ids, row by row. Stretched to the picture where the sizes differ
/// (nearest neighbour, so that no id is invented).
#[derive(Clone, Debug)]
pub struct MaskMark {
    width: u32,
    height: u32,
    ids: Vec<u8>,
}

impl MaskMark {
    /// # Errors
    /// [`DrawError::MaskSize`] unless `ids` has `width * height` entries, at
    /// least one.
    pub fn new(width: u32, height: u32, ids: Vec<u8>) -> Result<Self, DrawError> {
        let expected = u64::from(width) * u64::from(height);
        if expected == 0 || u64::try_from(ids.len()) != Ok(expected) {
            return Err(DrawError::MaskSize {
                width,
                height,
                found: ids.len(),
            });
        }
        Ok(Self { width, height, ids })
    }

    /// In mask pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In mask pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// `width * height` class ids, row by row.
    pub fn ids(&self) -> &[u8] {
        &self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_as_many_ids_as_its_size_says() {
        assert!(MaskMark::new(3, 2, vec![0; 6]).is_ok());
        for (width, height, found) in [(3, 2, 5), (3, 2, 7), (0, 2, 0), (u32::MAX, u32::MAX, 1)] {
            assert!(MaskMark::new(width, height, vec![0; found]).is_err());
        }
    }
}
