//! Every warning that a picture can carry: its code, and its words. Notes, which never change the exit status,
//! are not here.

use std::fmt;

use crate::layout::Layout;
use crate::number::{Number, Short};

/// Something about a picture that its owner probably did not mean.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// A floating-point array took the clip branch with no finite value above 8.
    NearBlack {
        /// Smallest finite value.
        min: f64,
        /// Largest finite value.
        max: f64,
    },
    /// The signed branch for what looks like [0, 1] with an undershoot.
    WashedOut {
        /// Smallest value.
        min: f64,
    },
    /// The array varies, but its bytes are within 1 of each other.
    Flat {
        /// Smallest finite value.
        min: Number,
        /// Largest finite value.
        max: Number,
    },
    /// Finite values were cut off.
    Clipped {
        /// How many values.
        count: u64,
        /// Of how many.
        total: u64,
        /// Smallest finite value.
        min: Number,
        /// Largest finite value.
        max: Number,
        /// What is kept.
        kept: (f64, f64),
    },
    /// NaN values, written as 0.
    Nan {
        /// How many.
        count: u64,
    },
    /// Infinite values.
    Inf {
        /// How many are negative: written as the darkest value.
        negative: u64,
        /// How many are positive: written as the brightest value.
        positive: u64,
    },
    /// Complex numbers lost their imaginary parts.
    ImaginaryDropped,
    /// JPEG has no alpha, and the mode was guessed.
    AlphaDropped,
    /// The axes were not read in the container's own order.
    LayoutGuessed {
        /// The shape as stored.
        shape: Vec<usize>,
        /// What it was read as.
        layout: Layout,
    },
    /// Images of unequal size under one key and step.
    SizeMismatch {
        /// Width and height of this image.
        size: (u32, u32),
        /// Width and height of the first one.
        first: (u32, u32),
    },
    /// Boxes that reach outside the picture.
    BoxOutside {
        /// Which boxes.
        places: Where,
        /// Width and height of the picture.
        size: (u32, u32),
        /// Whether the first of them counts in fractions, where pixels may be meant.
        in_fractions: bool,
    },
    /// Boxes whose left edge is right of the right one, or whose top is below the bottom.
    BoxInverted {
        /// Which boxes.
        places: Where,
    },
    /// Boxes whose coordinates count something that W&B does not know.
    UnknownDomain {
        /// The name of it.
        domain: String,
        /// Which boxes.
        places: Where,
    },
    /// A mask that is not of the picture's size.
    MaskSize {
        /// The layer's name.
        layer: String,
        /// Width and height of the mask.
        mask: (u32, u32),
        /// Width and height of the picture.
        image: (u32, u32),
    },
    /// Class ids that the labels do not name.
    UnlabelledId {
        /// Which layers.
        places: Where,
        /// The ids, in order.
        ids: Vec<i64>,
    },
}

/// How many places there are, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    first: Option<String>,
    count: u64,
}

impl Where {
    /// Counts a place; its name is only made for the first.
    pub(crate) fn add(&mut self, name: impl FnOnce() -> String) {
        self.first.get_or_insert_with(name);
        self.count += 1;
    }

    /// Itself, if there is any place.
    pub(crate) fn some(self) -> Option<Self> {
        (self.count > 0).then_some(self)
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.first.as_deref().unwrap_or_default())?;
        match self.count {
            0 | 1 => Ok(()),
            count => write!(f, " and {} more", count - 1),
        }
    }
}

impl Warning {
    /// The code of [`Self::SizeMismatch`], the only warning that depends on the other inputs of a call.
    pub const SIZE_MISMATCH: &'static str = "size-mismatch";

    /// Every code, in the order of the documentation.
    pub const CODES: [&'static str; 15] = [
        "near-black",
        "washed-out",
        "flat",
        "clipped",
        "nan",
        "inf",
        "imaginary-dropped",
        "alpha-dropped",
        "layout-guessed",
        "size-mismatch",
        "box-outside",
        "box-inverted",
        "unknown-domain",
        "mask-size",
        "unlabelled-id",
    ];

    /// The code that `--allow` takes and the manifest records.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NearBlack { .. } => "near-black",
            Self::WashedOut { .. } => "washed-out",
            Self::Flat { .. } => "flat",
            Self::Clipped { .. } => "clipped",
            Self::Nan { .. } => "nan",
            Self::Inf { .. } => "inf",
            Self::ImaginaryDropped => "imaginary-dropped",
            Self::AlphaDropped => "alpha-dropped",
            Self::LayoutGuessed { .. } => "layout-guessed",
            Self::SizeMismatch { .. } => "size-mismatch",
            Self::BoxOutside { .. } => "box-outside",
            Self::BoxInverted { .. } => "box-inverted",
            Self::UnknownDomain { .. } => "unknown-domain",
            Self::MaskSize { .. } => "mask-size",
            Self::UnlabelledId { .. } => "unlabelled-id",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NearBlack { min, max } => write!(
                f,
                "taken as 0..255, values of {}..{} make a nearly black picture; --range={} would spread them",
                Short(*min),
                Short(*max),
                suggested_range(*min, *max)
            ),
            Self::WashedOut { min } => write!(
                f,
                "the smallest value, {}, made this [-1, 1], so 0 became mid-grey; --range=0:1 would keep 0 black",
                Short(*min)
            ),
            Self::Flat { min, max } => write!(
                f,
                "values vary from {min} to {max}, but the picture is one flat tone; --range={} would show them",
                suggested_range(min.to_f64(), max.to_f64())
            ),
            Self::Clipped {
                count,
                total,
                min,
                max,
                kept: (low, high),
            } => write!(
                f,
                "{count} of {total} values ({}) were cut off at {}..{}; they go from {min} to {max}; --range={} \
                 would keep them",
                Percent(*count, *total),
                Short(*low),
                Short(*high),
                suggested_range(min.to_f64(), max.to_f64())
            ),
            Self::Nan { count: 1 } => f.write_str("1 value is NaN, written as 0"),
            Self::Nan { count } => write!(f, "{count} values are NaN, written as 0"),
            Self::Inf { negative, positive } => {
                write!(f, "{} values are infinite ({positive} of them positive)", negative + positive)
            }
            Self::ImaginaryDropped => f.write_str("complex numbers: only the real part is drawn"),
            Self::AlphaDropped => {
                f.write_str("JPEG has no transparency, so alpha was dropped; --mode RGB says so, --file-type png keeps it")
            }
            Self::LayoutGuessed { shape, layout } => write!(
                f,
                "shape {shape:?} was read as {layout}, which is not the usual order of this file; --layout {layout} says so"
            ),
            Self::SizeMismatch {
                size: (w, h),
                first: (first_w, first_h),
            } => write!(
                f,
                "is {w}×{h}, but the first image under its key is {first_w}×{first_h}; W&B shows lists in one size"
            ),
            Self::BoxOutside {
                places,
                size: (w, h),
                in_fractions,
            } => {
                write!(f, "{places} reaches outside the {w}×{h} picture")?;
                match in_fractions {
                    true => f.write_str("; pixel coordinates need \"domain\": \"pixel\""),
                    false => Ok(()),
                }
            }
            Self::BoxInverted { places } => {
                write!(f, "{places} has a minimum above its maximum")
            }
            Self::UnknownDomain { domain, places } => write!(
                f,
                "{places} has the domain {domain:?}, which W&B does not know: \"pixel\", or none for fractions"
            ),
            Self::MaskSize {
                layer,
                mask: (mask_w, mask_h),
                image: (w, h),
            } => write!(f, "mask {layer} is {mask_w}×{mask_h}, but the picture is {w}×{h}"),
            Self::UnlabelledId { places, ids } => {
                let shown: Vec<String> = ids.iter().take(5).map(i64::to_string).collect();
                let more = if ids.len() > 5 { ", …" } else { "" };
                write!(f, "{places}: no label for class {}{more}", shown.join(", "))
            }
        }
    }
}

/// A share in percent that is never shown as 0 or 100 unless it is.
struct Percent(u64, u64);

impl fmt::Display for Percent {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.0 as f64 / self.1 as f64;
        match share {
            s if s < 0.1 => f.write_str("<0.1 %"),
            s if s > 99.9 && self.0 != self.1 => f.write_str(">99.9 %"),
            s => write!(f, "{s:.1} %"),
        }
    }
}

/// A `LO:HI` that shows values from `min` to `max`: the range that was probably meant, else the values' own.
pub(crate) fn suggested_range(min: f64, max: f64) -> String {
    let slack = 0.1;
    if min >= -slack && max <= 1.0 + slack && max > 0.5 {
        "0:1".to_owned()
    } else if min >= -1.0 - slack && max <= 1.0 + slack && min < -0.5 {
        "-1:1".to_owned()
    } else {
        format!("{}:{}", Short(min), Short(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suggested_range_is_the_one_that_was_probably_meant() {
        for (min, max, expected) in [
            (0.0, 1.001, "0:1"),
            (-0.01, 0.9, "0:1"),
            (-1.0001, 0.98, "-1:1"),
            (-2.117_904, 2.64, "-2.1179:2.64"),
            (0.0, 65535.0, "0:65535"),
        ] {
            assert_eq!(suggested_range(min, max), expected);
        }
    }
}
