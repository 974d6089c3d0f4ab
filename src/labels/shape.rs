//! The outline of one object, as its file gives it, until the picture's size is known.

use super::error::LabelsError;
use super::polygon::{self, MAX_CHANGES, TooIntricate};
use super::rle;
use super::runs::Runs;

/// The pixels of one object, not yet drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// Where in the file.
    pub(super) path: String,
    /// Class id in the mask.
    pub(super) id: u8,
    /// The object is all of them together.
    pub(super) parts: Vec<Part>,
}

/// A piece of a shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// `x0 y0 x1 y1 …` in pixels.
    Pixels(Vec<f64>),
    /// `x0 y0 x1 y1 …` in fractions of width and height.
    Fractions(Vec<f64>),
    /// COCO's run lengths, for a picture of this width and height.
    Lengths {
        /// Background, object, background … down the columns.
        lengths: Vec<u32>,
        /// Width and height.
        size: (u32, u32),
    },
}

impl Shape {
    /// How many numbers it holds.
    pub(super) fn numbers(&self) -> usize {
        let count = |part: &Part| match part {
            Part::Pixels(numbers) | Part::Fractions(numbers) => numbers.len(),
            Part::Lengths { lengths, .. } => lengths.len(),
        };
        self.parts.iter().map(count).sum()
    }

    /// The pixels in a picture of `width × height` pixels, which fit in `u32`.
    pub(super) fn pixels(
        &self,
        width: u32,
        height: u32,
        budget: &mut usize,
    ) -> Result<Runs, LabelsError> {
        let too_intricate = |TooIntricate| LabelsError::TooMany {
            path: self.path.clone(),
            counted: "changes between object and background",
            limit: MAX_CHANGES,
        };
        let parts = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Pixels(points) => {
                    polygon::fill(points, width, height, budget).map_err(too_intricate)
                }
                Part::Fractions(points) => {
                    let (x, y) = (f64::from(width), f64::from(height));
                    let scaled: Vec<f64> = points
                        .chunks_exact(2)
                        .flat_map(|p| [p[0] * x, p[1] * y])
                        .collect();
                    polygon::fill(&scaled, width, height, budget).map_err(too_intricate)
                }
                Part::Lengths { lengths, size } => {
                    if *size != (width, height) {
                        return Err(LabelsError::RleSize {
                            path: self.path.clone(),
                            mask: *size,
                            picture: (width, height),
                        });
                    }
                    *budget = budget
                        .checked_sub(lengths.len())
                        .ok_or_else(|| too_intricate(TooIntricate))?;
                    rle::decode(lengths, width * height).map_err(|source| LabelsError::Rle {
                        path: format!("{}.counts", self.path),
                        source,
                    })
                }
            })
            .collect::<Result<Vec<_>, LabelsError>>()?;
        Ok(Runs::union(parts))
    }
}
