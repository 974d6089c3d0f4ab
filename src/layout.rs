//! Which axis of an array is which: height, width, channel, frame. Shapes in, axes out; no element is looked at.

use std::fmt;

use crate::array::{ArraySpec, Convention, span};

/// An axis order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Height, width: one grey picture.
    Hw,
    /// Height, width, channel.
    Hwc,
    /// Channel, height, width.
    Chw,
    /// Frame, height, width: grey pictures.
    Nhw,
    /// Frame, height, width, channel.
    Nhwc,
    /// Frame, channel, height, width.
    Nchw,
}

impl Layout {
    /// Every layout, in the order in which help lists them.
    pub const ALL: [Self; 6] = [
        Self::Hw,
        Self::Hwc,
        Self::Chw,
        Self::Nhw,
        Self::Nhwc,
        Self::Nchw,
    ];

    /// The name that `--layout` takes and the manifest records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hw => "hw",
            Self::Hwc => "hwc",
            Self::Chw => "chw",
            Self::Nhw => "nhw",
            Self::Nhwc => "nhwc",
            Self::Nchw => "nchw",
        }
    }

    fn rank(self) -> usize {
        self.name().len()
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether two channels may be a picture (grey and alpha): only where the mode was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoChannels {
    /// Two channels are a picture.
    Allowed,
    /// Two channels are an unsupported shape.
    Refused,
}

/// How an array's axes were read: sizes of a picture, how many there are, and where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
    layout: Layout,
    certainty: Certainty,
    frames: Option<usize>,
    frame_stride: usize,
    shape: [usize; 3],
    strides: [usize; 3],
}

/// Whether a layout is what the container's users write, or a guess against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The container's own order, or the order that was asked for.
    Certain,
    /// Another order, because only that one makes a picture.
    Guessed,
}

/// Why an array is not a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// No axes, or one: a scalar or a list of labels.
    #[error("shape {shape:?} is not a picture, which has at least 2 axes: (height, width)")]
    TooFewAxes {
        /// The shape as found.
        shape: Vec<usize>,
    },
    /// An axis of length 0.
    #[error("shape {shape:?} has an axis of length 0, so there is no pixel")]
    Empty {
        /// The shape as found.
        shape: Vec<usize>,
    },
    /// No axis can be the channels.
    #[error(
        "Un-supported shape for image conversion {shape:?}: no axis has the 1, 3 or 4 channels of a picture"
    )]
    Unreadable {
        /// The shape as found.
        shape: Vec<usize>,
        /// The layouts that would make pictures of it.
        readings: Vec<Reading>,
    },
    /// More axes than a batch of pictures has.
    #[error("shape {shape:?} has {} axes; a batch of pictures has at most 4: (frame, height, width, channel)", shape.len())]
    TooManyAxes {
        /// The shape as found.
        shape: Vec<usize>,
    },
    /// The layout that was asked for does not fit.
    #[error("shape {shape:?} cannot be read as {layout}, which has {} axes", layout.rank())]
    Rank {
        /// The shape as found.
        shape: Vec<usize>,
        /// The layout that was asked for.
        layout: Layout,
    },
    /// The layout that was asked for gives a channel count that no picture has.
    #[error(
        "shape {shape:?} read as {layout} has {channels} channels, but pictures have 1, 3 or 4 (2 with --mode LA)"
    )]
    Channels {
        /// The shape as found.
        shape: Vec<usize>,
        /// The layout that was asked for.
        layout: Layout,
        /// The length of its channel axis.
        channels: usize,
    },
    /// A side longer than an image format can say.
    #[error(
        "shape {shape:?} has a side of {side} pixels, but pictures have at most {}",
        MAX_SIDE
    )]
    Side {
        /// The shape as found.
        shape: Vec<usize>,
        /// The longest side.
        side: usize,
    },
}

/// The longest side that PNG can say; JPEG and BMP have tighter limits of their own.
pub const MAX_SIDE: usize = i32::MAX as usize;

/// A way to read a shape, offered where none is obvious.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The layout to ask for.
    pub layout: Layout,
    /// How many pictures that makes.
    pub frames: usize,
    /// Height, width, channels of each.
    pub shape: [usize; 3],
}

impl Axes {
    /// Reads axes by the container's convention (`layout: None`) or as asked.
    ///
    /// # Errors
    /// [`ShapeError`] if that makes no picture.
    pub fn read(
        spec: &ArraySpec,
        layout: Option<Layout>,
        two: TwoChannels,
    ) -> Result<Self, ShapeError> {
        let shape = spec.shape();
        if shape.len() < 2 {
            return Err(ShapeError::TooFewAxes {
                shape: shape.to_vec(),
            });
        }
        if shape.contains(&0) {
            return Err(ShapeError::Empty {
                shape: shape.to_vec(),
            });
        }
        let (layout, certainty) = match layout {
            Some(layout) => (layout, Certainty::Certain),
            None => guess(spec, two)?,
        };
        let axes = Self::apply(spec, layout, certainty)?;
        let [height, width, channels] = axes.shape;
        if !is_channels(channels, two) {
            return Err(ShapeError::Channels {
                shape: shape.to_vec(),
                layout,
                channels,
            });
        }
        if height.max(width) > MAX_SIDE {
            return Err(ShapeError::Side {
                shape: shape.to_vec(),
                side: height.max(width),
            });
        }
        Ok(axes)
    }

    /// Lays `layout` over the last axes; what is in front of them must have length 1.
    fn apply(spec: &ArraySpec, layout: Layout, certainty: Certainty) -> Result<Self, ShapeError> {
        let (shape, strides) = (spec.shape(), spec.strides());
        let refused = || ShapeError::Rank {
            shape: shape.to_vec(),
            layout,
        };
        let lead = shape.len().checked_sub(layout.rank()).ok_or_else(refused)?;
        if shape[..lead].iter().any(|&n| n != 1) {
            return Err(refused());
        }
        let (n, s) = (&shape[lead..], &strides[lead..]);
        let (frames, frame_stride, [h, w, c]) = match layout {
            Layout::Hw => (None, 0, [Some(0), Some(1), None]),
            Layout::Hwc => (None, 0, [Some(0), Some(1), Some(2)]),
            Layout::Chw => (None, 0, [Some(1), Some(2), Some(0)]),
            Layout::Nhw => (Some(n[0]), s[0], [Some(1), Some(2), None]),
            Layout::Nhwc => (Some(n[0]), s[0], [Some(1), Some(2), Some(3)]),
            Layout::Nchw => (Some(n[0]), s[0], [Some(2), Some(3), Some(1)]),
        };
        let length = |axis: Option<usize>| axis.map_or(1, |a| n[a]);
        let stride = |axis: Option<usize>| axis.map_or(1, |a| s[a]);
        Ok(Self {
            layout,
            certainty,
            frames,
            frame_stride,
            shape: [length(h), length(w), length(c)],
            strides: [stride(h), stride(w), stride(c)],
        })
    }

    /// The layout that the axes were taken to have.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether that is the container's own order.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// The number of pictures along the frame axis; `None` for a single picture without one.
    #[must_use]
    pub fn frames(&self) -> Option<usize> {
        self.frames
    }

    /// Height, width, channels of one picture.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Strides of height, width, channels, in elements.
    #[must_use]
    pub fn strides(&self) -> [usize; 3] {
        self.strides
    }

    /// Where picture `frame` begins and how far it reaches, in elements from the array's first one.
    #[must_use]
    pub fn extent(&self, frame: usize) -> (usize, usize) {
        (frame * self.frame_stride, span(&self.shape, &self.strides))
    }
}

/// The table of `auto`: by container convention, rank and lengths. Two channels are only taken for a picture
/// where there is one picture; of a batch, the layout has to be said.
fn guess(spec: &ArraySpec, two: TwoChannels) -> Result<(Layout, Certainty), ShapeError> {
    use Certainty::{Certain, Guessed};
    use Convention::{ChannelsFirst, ChannelsLast};
    let channels = |n: usize| is_channels(n, two);
    let read = match (spec.convention(), without_leading_ones(spec.shape())) {
        (_, [_, _]) => Some((Layout::Hw, Certain)),
        (ChannelsLast, &[_, _, c]) if channels(c) => Some((Layout::Hwc, Certain)),
        (ChannelsLast, [1, _, _]) => Some((Layout::Hw, Certain)),
        (ChannelsLast, [3 | 4, _, _]) => Some((Layout::Chw, Guessed)),
        (ChannelsFirst, &[a, _, _]) if channels(a) => Some((Layout::Chw, Certain)),
        (ChannelsFirst, [_, _, 1 | 3 | 4]) => Some((Layout::Hwc, Guessed)),
        (ChannelsLast, [_, _, _, 1 | 3 | 4]) => Some((Layout::Nhwc, Certain)),
        (ChannelsLast, [_, 1 | 3 | 4, _, _]) => Some((Layout::Nchw, Guessed)),
        (ChannelsFirst, [_, 1 | 3 | 4, _, _]) => Some((Layout::Nchw, Certain)),
        (ChannelsFirst, [_, _, _, 1 | 3 | 4]) => Some((Layout::Nhwc, Guessed)),
        (_, shape) if shape.len() > 4 => {
            return Err(ShapeError::TooManyAxes {
                shape: spec.shape().to_vec(),
            });
        }
        _ => None,
    };
    read.ok_or_else(|| ShapeError::Unreadable {
        shape: spec.shape().to_vec(),
        readings: readings(spec),
    })
}

/// Drops the axes of length 1 in front of the last three: what is left of them means nothing.
fn without_leading_ones(shape: &[usize]) -> &[usize] {
    let droppable = shape.len().saturating_sub(3);
    let ones = shape[..droppable].iter().take_while(|&&n| n == 1).count();
    &shape[ones..]
}

fn is_channels(n: usize, two: TwoChannels) -> bool {
    match n {
        1 | 3 | 4 => true,
        2 => two == TwoChannels::Allowed,
        _ => false,
    }
}

/// The layouts that make pictures of `spec`, if need be with a mode of two channels.
fn readings(spec: &ArraySpec) -> Vec<Reading> {
    [
        Layout::Hwc,
        Layout::Chw,
        Layout::Nhw,
        Layout::Nhwc,
        Layout::Nchw,
    ]
    .into_iter()
    .filter_map(|layout| {
        let axes = Axes::apply(spec, layout, Certainty::Certain).ok()?;
        is_channels(axes.shape[2], TwoChannels::Allowed).then_some(Reading {
            layout,
            frames: axes.frames.unwrap_or(1),
            shape: axes.shape,
        })
    })
    .collect()
}

/// The layouts that would make pictures, as flags to paste.
#[must_use]
pub fn readings_as_flags(readings: &[Reading]) -> Option<String> {
    let flags: Vec<String> = readings.iter().map(flag).collect();
    (!flags.is_empty()).then(|| format!("say what the axes are with {}", flags.join(", or ")))
}

fn flag(reading: &Reading) -> String {
    let Reading {
        layout,
        frames,
        shape: [height, width, channels],
    } = reading;
    let mode = if *channels == 2 { " --mode LA" } else { "" };
    let images = if *frames == 1 {
        "1 image"
    } else {
        &format!("{frames} images")
    };
    format!("--layout {layout}{mode} ({images} of {width}×{height})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::MemoryOrder;
    use crate::dtype::{ByteOrder, DType};

    fn read(
        shape: &[usize],
        convention: Convention,
        two: TwoChannels,
    ) -> Result<String, ShapeError> {
        let spec = ArraySpec::contiguous(
            DType::U8,
            ByteOrder::Little,
            shape.to_vec(),
            MemoryOrder::C,
            convention,
        )
        .unwrap();
        let axes = Axes::read(&spec, None, two)?;
        let mark = match axes.certainty() {
            Certainty::Certain => "",
            Certainty::Guessed => "?",
        };
        Ok(format!(
            "{}{mark} {:?} {:?}",
            axes.layout(),
            axes.frames(),
            axes.shape()
        ))
    }

    #[test]
    fn auto_reads_numpy_shapes_by_the_table() {
        for (shape, expected) in [
            (&[5, 7][..], "hw None [5, 7, 1]"),
            (&[5, 7, 1], "hwc None [5, 7, 1]"),
            (&[3, 7, 3], "hwc None [3, 7, 3]"),
            (&[1, 5, 7], "hw None [5, 7, 1]"),
            (&[1, 5, 3], "hwc None [1, 5, 3]"),
            (&[3, 5, 7], "chw? None [5, 7, 3]"),
            (&[1, 5, 7, 3], "hwc None [5, 7, 3]"),
            (&[1, 1, 1, 5, 7], "hw None [5, 7, 1]"),
            (&[9, 5, 7, 4], "nhwc Some(9) [5, 7, 4]"),
            (&[9, 3, 5, 7], "nchw? Some(9) [5, 7, 3]"),
        ] {
            let found = read(shape, Convention::ChannelsLast, TwoChannels::Refused);
            assert_eq!(found.as_deref(), Ok(expected), "{shape:?}");
        }
    }

    #[test]
    fn auto_reads_torch_shapes_by_the_table() {
        for (shape, expected) in [
            (&[5, 7][..], "hw None [5, 7, 1]"),
            (&[3, 5, 3], "chw None [5, 3, 3]"),
            (&[1, 5, 7], "chw None [5, 7, 1]"),
            (&[5, 7, 3], "hwc? None [5, 7, 3]"),
            (&[9, 4, 5, 7], "nchw Some(9) [5, 7, 4]"),
            (&[9, 5, 7, 1], "nhwc? Some(9) [5, 7, 1]"),
        ] {
            let found = read(shape, Convention::ChannelsFirst, TwoChannels::Refused);
            assert_eq!(found.as_deref(), Ok(expected), "{shape:?}");
        }
    }

    #[test]
    fn two_channels_are_a_picture_only_when_a_mode_was_asked_for() {
        let shape = [5, 7, 2];
        let refused = read(&shape, Convention::ChannelsLast, TwoChannels::Refused);
        assert!(
            matches!(refused, Err(ShapeError::Unreadable { readings, .. })
            if readings.iter().map(|r| r.layout).eq([Layout::Hwc, Layout::Nhw]))
        );
        let allowed = read(&shape, Convention::ChannelsLast, TwoChannels::Allowed);
        assert_eq!(allowed.as_deref(), Ok("hwc None [5, 7, 2]"));
    }
}
