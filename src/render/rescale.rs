//! Values to bytes: the three branches of `wandb.Image`, and the two ways around them.

use crate::element::Element;
use crate::frame::{Frame, for_elements};

/// How values become 0..=255. Every result is truncated towards zero; NaN becomes 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rescale {
    /// `x * 255`, for values in [0, 1].
    Unit,
    /// `127.5 * (x + 1)`, for values in [-1, 1].
    Signed,
    /// `clip(x, 0, 255)`, because the values are outside [-1, 1].
    Clip,
    /// `clip(x, 0, 255)`, because no rescaling was asked for.
    Off,
    /// `clip((x - low) * 255 / (high - low), 0, 255)`, in float64.
    Range {
        /// The value that becomes 0.
        low: f64,
        /// The value that becomes 255; not `low`, and finite.
        high: f64,
    },
}

impl Rescale {
    /// The manifest's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Signed => "signed",
            Self::Clip => "clip",
            Self::Off => "off",
            Self::Range { .. } => "range",
        }
    }

    /// The values that are not cut off.
    #[must_use]
    pub fn kept(self) -> (f64, f64) {
        match self {
            Self::Unit => (0.0, 1.0),
            Self::Signed => (-1.0, 1.0),
            Self::Clip | Self::Off => (0.0, 255.0),
            Self::Range { low, high } => (low.min(high), low.max(high)),
        }
    }

    /// A byte for every value of `frame`, in its memory order, into `bytes`, which are as many.
    pub(crate) fn apply(self, frame: &Frame, bytes: &mut [u8]) {
        for_elements!(frame.elements(), xs => self.apply_to(xs, bytes));
    }

    fn apply_to<T: Element>(self, xs: &[T], bytes: &mut [u8]) {
        match self {
            Self::Unit => T::unit_all(xs, bytes),
            Self::Signed => T::signed_all(xs, bytes),
            Self::Clip | Self::Off => T::clip_all(xs, bytes),
            // Multiplying first keeps every exact result exact: 6 of 0:10 is 153, not 152.99999.
            Self::Range { low, high } => {
                let width = high - low;
                for (byte, x) in bytes.iter_mut().zip(xs) {
                    *byte = (((x.widen() - low) * 255.0) / width).clip();
                }
            }
        }
    }
}

/// The byte that a single value becomes: what [`Rescale`] does to a frame, for one number.
#[must_use]
pub(crate) fn byte_of(rescale: Rescale, x: f64) -> u8 {
    let mut byte = [0];
    rescale.apply_to(&[x], &mut byte);
    byte[0]
}
