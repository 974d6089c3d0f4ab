//! Every decision about an array, before a pixel is computed: which branch rescales it, which mode and file
//! type it is written in, and what its owner should be warned of. `inspect` is `convert` that stops here.

use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::layout::{Axes, Certainty, Layout, TwoChannels};
use crate::mode::{FileType, Mode, ModeError, Target};
use crate::render::{Colormap, Rescale, byte_of};
use crate::stats::Stats;
use crate::warning::Warning;

/// What was asked for; `None` leaves the choice to W&B's rules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wish {
    /// Axis order.
    pub layout: Option<Layout>,
    /// Mode of the written picture.
    pub mode: Option<Mode>,
    /// Encoding.
    pub file_type: Option<FileType>,
    /// How to rescale.
    pub scaling: Scaling,
    /// Colours for arrays of one channel.
    pub colormap: Option<Colormap>,
    /// What the channels of colour arrays are.
    pub channel_order: ChannelOrder,
}

/// What the first and the third channel of a colour array are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Red and blue: everybody's.
    #[default]
    Rgb,
    /// Blue and red: OpenCV's.
    Bgr,
}

impl Wish {
    /// The encoding: PNG where nothing was asked for.
    #[must_use]
    pub fn encoding(&self) -> FileType {
        self.file_type.unwrap_or(FileType::Png)
    }

    /// Whether two channels are a picture: only with a mode that says so.
    #[must_use]
    pub fn two_channels(&self) -> TwoChannels {
        match self.mode {
            Some(_) => TwoChannels::Allowed,
            None => TwoChannels::Refused,
        }
    }
}

/// How the rescaling is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scaling {
    /// By the values of each picture: the three branches.
    #[default]
    PerFrame,
    /// By the values of all frames of an array together: the three branches, once.
    PerArray,
    /// Not at all: values are clipped to 0..255.
    Off,
    /// From a given range.
    Range(ValueRange),
}

/// Two different finite values: the first becomes 0, the second 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueRange {
    low: f64,
    high: f64,
}

/// Why two values are not a range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{low}:{high} is not a range of two different finite numbers")]
pub struct ValueRangeError {
    /// The first value.
    pub low: f64,
    /// The second value.
    pub high: f64,
}

impl ValueRange {
    /// Takes two values; `low > high` turns the picture into its negative.
    ///
    /// # Errors
    /// [`ValueRangeError`] if they are equal, not finite, or too far apart to subtract.
    pub fn new(low: f64, high: f64) -> Result<Self, ValueRangeError> {
        if (high - low).is_finite() && high != low {
            Ok(Self { low, high })
        } else {
            Err(ValueRangeError { low, high })
        }
    }
}

/// The decisions about one picture of an array.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    dtype: DType,
    shape: Vec<usize>,
    layout: Layout,
    stats: Stats,
    basis: Stats,
    rescale: Rescale,
    colormap: Option<Colormap>,
    channel_order: ChannelOrder,
    target: Target,
    warnings: Vec<Warning>,
}

impl Plan {
    /// Decides. `basis` are the values that choose the branch: those of the picture, or of all frames together;
    /// `count_outside` counts the picture's finite values outside of the two given, if it is asked to.
    ///
    /// # Errors
    /// [`ModeError`] if the file type cannot hold the mode that was asked for.
    pub fn new(
        spec: &ArraySpec,
        axes: &Axes,
        stats: Stats,
        basis: &Stats,
        count_outside: impl FnOnce(f64, f64) -> u64,
        wish: &Wish,
    ) -> Result<Self, ModeError> {
        let channels = axes.shape()[2];
        let colormap = wish.colormap.filter(|_| channels == 1);
        let guessed = match colormap {
            Some(_) => Mode::Rgb,
            None => guess_mode(channels, wish.encoding()),
        };
        let target = Target::new(wish.mode.unwrap_or(guessed), wish.encoding())?;
        let rescale = choose_rescale(wish.scaling, basis);
        let mut warnings = Vec::new();
        if axes.certainty() == Certainty::Guessed {
            warnings.push(Warning::LayoutGuessed {
                shape: spec.shape().to_vec(),
                layout: axes.layout(),
            });
        }
        if spec.dtype().is_complex() {
            warnings.push(Warning::ImaginaryDropped);
        }
        let total = axes.shape().iter().product::<usize>() as u64;
        let outside = |low, high| (count_outside(low, high), total);
        warn_of_values(spec.dtype(), &stats, rescale, outside, &mut warnings);
        if wish.mode.is_none() && channels == 4 && target.mode() == Mode::Rgb {
            warnings.push(Warning::AlphaDropped);
        }
        Ok(Self {
            dtype: spec.dtype(),
            shape: spec.shape().to_vec(),
            layout: axes.layout(),
            stats,
            basis: *basis,
            rescale,
            colormap,
            channel_order: match channels {
                3 | 4 => wish.channel_order,
                _ => ChannelOrder::Rgb,
            },
            target,
            warnings,
        })
    }

    /// Element type of the array.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Shape of the array as its container has it.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// What its axes were taken to be.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// What the picture's values are.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The values that chose how: the picture's own, or those of all frames of its array.
    #[must_use]
    pub fn basis(&self) -> &Stats {
        &self.basis
    }

    /// How values become bytes.
    #[must_use]
    pub fn rescale(&self) -> Rescale {
        self.rescale
    }

    /// The colours that grey becomes.
    #[must_use]
    pub fn colormap(&self) -> Option<Colormap> {
        self.colormap
    }

    /// What the channels are.
    #[must_use]
    pub fn channel_order(&self) -> ChannelOrder {
        self.channel_order
    }

    /// Mode and file type of the picture.
    #[must_use]
    pub fn target(&self) -> Target {
        self.target
    }

    /// What the owner should know.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// W&B's guess: by the number of channels; JPEG cannot hold alpha.
fn guess_mode(channels: usize, file_type: FileType) -> Mode {
    match (channels, file_type) {
        (1, _) => Mode::L,
        (2, _) => Mode::La,
        (4, FileType::Png | FileType::Bmp) => Mode::Rgba,
        _ => Mode::Rgb,
    }
}

/// How values become bytes where `basis` are the values that choose.
pub(crate) fn choose_rescale(scaling: Scaling, basis: &Stats) -> Rescale {
    match scaling {
        Scaling::Off => Rescale::Off,
        Scaling::Range(ValueRange { low, high }) => Rescale::Range { low, high },
        Scaling::PerFrame | Scaling::PerArray if basis.is_within(0.0, 1.0) => Rescale::Unit,
        Scaling::PerFrame | Scaling::PerArray if basis.is_within(-1.0, 1.0) => Rescale::Signed,
        Scaling::PerFrame | Scaling::PerArray => Rescale::Clip,
    }
}

/// The floats above which a picture in the clip branch is not nearly black.
const VISIBLE: f64 = 8.0;

/// Undershoots of a [0, 1] picture stay above this.
const UNDERSHOOT: f64 = -0.05;

fn warn_of_values(
    dtype: DType,
    stats: &Stats,
    rescale: Rescale,
    count_outside: impl FnOnce(f64, f64) -> (u64, u64),
    warnings: &mut Vec<Warning>,
) {
    if let Some((min, max)) = stats.finite {
        let (low, high) = (min.to_f64(), max.to_f64());
        if dtype.is_float() && rescale == Rescale::Clip && high <= VISIBLE {
            warnings.push(Warning::NearBlack {
                min: low,
                max: high,
            });
        }
        if rescale == Rescale::Signed && low > UNDERSHOOT {
            warnings.push(Warning::WashedOut { min: low });
        }
        if is_flat(stats, rescale) {
            warnings.push(Warning::Flat { min, max });
        }
        let kept = rescale.kept();
        if low < kept.0 || high > kept.1 {
            let (count, total) = count_outside(kept.0, kept.1);
            warnings.push(Warning::Clipped {
                count,
                total,
                min,
                max,
                kept,
            });
        }
    }
    if stats.nan > 0 {
        warnings.push(Warning::Nan { count: stats.nan });
    }
    if stats.inf() > 0 {
        warnings.push(Warning::Inf {
            negative: stats.negative_inf,
            positive: stats.positive_inf,
        });
    }
}

/// Whether values that differ become bytes within 1 of each other. Rescaling is monotonic, so the extremes
/// decide; NaN is a byte of 0 among them.
fn is_flat(stats: &Stats, rescale: Rescale) -> bool {
    let Some((low, high)) = stats.range() else {
        return false;
    };
    let (a, b) = (byte_of(rescale, low), byte_of(rescale, high));
    let darkest = if stats.nan > 0 { 0 } else { a.min(b) };
    low != high && a.max(b) - darkest <= 1
}
