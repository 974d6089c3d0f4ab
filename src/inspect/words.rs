//! The words for what was decided about an array: for a plan that was just made, and for what the manifest keeps
//! of one.

use crate::layout::{Certainty, Layout};
use crate::media::{ArrayRecord, JsonNumber, Row};
use crate::number::Short;
use crate::render::Rescale;

/// What the smallest and the largest value were looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Picture,
    AllFrames,
}

/// Why axes were read as they were; the shape is (height, width, channels).
pub(super) fn axes(
    layout: Layout,
    [height, width, channels]: [usize; 3],
    frames: Option<usize>,
    certainty: Certainty,
) -> String {
    let axes = match layout {
        Layout::Hw | Layout::Nhw => "height, width: one grey channel".to_owned(),
        Layout::Hwc | Layout::Nhwc => {
            format!("height, width, channel: the last axis has {channels}")
        }
        Layout::Chw => format!("channel, height, width: the first axis has {channels}"),
        Layout::Nchw => format!("channel, height, width: the second axis has {channels}"),
    };
    let axes = match frames {
        Some(frames) => format!("{frames} frames of {axes}"),
        None => axes,
    };
    let doubt = match certainty {
        Certainty::Certain => "",
        Certainty::Guessed => "; a guess, since no axis has channels where they usually are",
    };
    format!("{axes} ({height} high, {width} wide){doubt}")
}

/// What is done to each value.
pub(super) fn formula(rescale: Rescale) -> String {
    match rescale {
        Rescale::Unit => "x * 255: 0 is black, 1 is white".to_owned(),
        Rescale::Signed => "127.5 * (x + 1): -1 is black, 0 mid-grey, 1 white".to_owned(),
        Rescale::Clip | Rescale::Off => "x cut to 0..255: 0 is black, 255 is white".to_owned(),
        Rescale::Range { low, high } => {
            format!("{} is black, {} is white", Short(low), Short(high))
        }
    }
}

/// Why that is done; `range` is that of the values that were looked at.
pub(super) fn reason(rescale: Rescale, range: Option<(f64, f64)>, over: Over) -> String {
    let from_to = match range {
        Some((low, high)) => format!("{} to {}", Short(low), Short(high)),
        None => "no number at all".to_owned(),
    };
    let from_to = match over {
        Over::Picture => from_to,
        Over::AllFrames => format!("{from_to} over all frames"),
    };
    match rescale {
        Rescale::Unit => format!("every value is in [0, 1] ({from_to})"),
        Rescale::Signed => format!("some values are below 0, and all are in [-1, 1] ({from_to})"),
        Rescale::Clip => format!("some values are outside [-1, 1] ({from_to})"),
        Rescale::Off => "--no-normalize was given".to_owned(),
        Rescale::Range { .. } => "--range was given".to_owned(),
    }
}

/// What the values of an array are.
#[must_use]
pub fn values(array: &ArrayRecord, mean: Option<f64>) -> String {
    let shown = |number: &Option<JsonNumber>| match number {
        Some(number) => number.0.to_string(),
        None => "none".to_owned(),
    };
    let mean = mean
        .map(|mean| format!(", mean {mean:.4}"))
        .unwrap_or_default();
    let count = |count: u64, name: &str| match count {
        0 => format!("no {name}"),
        count => format!("{count} {name}"),
    };
    format!(
        "{} to {}{mean}; {}, {}",
        shown(&array.min),
        shown(&array.max),
        count(array.nan, "NaN"),
        count(array.inf, "infinity")
    )
}

/// What the manifest tells of how a picture came about: a word, and a line about it, for each decision.
#[must_use]
pub fn recorded(row: &Row) -> Vec<(&'static str, String)> {
    let media = &row.media;
    let mut lines = Vec::new();
    let (mut mode, mut colored) = (String::new(), String::new());
    match &row.array {
        None => lines.push(("file", "an image file: nothing was rescaled".to_owned())),
        Some(array) => {
            lines.push(("array", format!("{} {:?}", array.dtype, array.shape)));
            lines.push(("axes", recorded_axes(array, row)));
            lines.push(("values", values(array, None)));
            lines.push(("branch", recorded_branch(array)));
            lines.push(("because", recorded_reason(array)));
            mode = format!(" {}", array.mode);
            colored = match &array.colormap {
                Some(colormap) => format!(", colored by {colormap}"),
                None => String::new(),
            };
            if array.channels.as_deref() == Some("bgr") {
                colored.push_str(", channels taken as blue, green, red");
            }
        }
    }
    let (width, height, format) = (media.width, media.height, &media.format);
    lines.push((
        "picture",
        format!("{width}×{height}{mode}, {format}{colored}"),
    ));
    lines
}

fn recorded_axes(array: &ArrayRecord, row: &Row) -> String {
    let layout = Layout::ALL
        .into_iter()
        .find(|layout| layout.name() == array.layout);
    let Some(layout) = layout else {
        return array.layout.clone();
    };
    // Axes of length 1 in front of those that the layout names were dropped.
    let rank = layout.name().len();
    let last = array.shape.len().checked_sub(rank);
    let words = last.and_then(|first| {
        let shape = &array.shape[first..];
        let (frames, rest) = match layout {
            Layout::Nhw | Layout::Nhwc | Layout::Nchw => (Some(*shape.first()?), &shape[1..]),
            Layout::Hw | Layout::Hwc | Layout::Chw => (None, shape),
        };
        let shape = match (layout, rest) {
            (Layout::Chw | Layout::Nchw, &[c, h, w]) | (_, &[h, w, c]) => [h, w, c],
            (_, &[h, w]) => [h, w, 1],
            _ => return None,
        };
        let is_guess = |code: &str| code == "layout-guessed";
        let certainty = match row.warnings.iter().any(|w| is_guess(&w.code)) {
            true => Certainty::Guessed,
            false => Certainty::Certain,
        };
        Some(axes(layout, shape, frames, certainty))
    });
    match words {
        Some(words) => format!("{layout}: {words}"),
        None => array.layout.clone(),
    }
}

/// The branch, as far as the manifest tells: not what `--range` said.
fn branch(array: &ArrayRecord) -> Option<Rescale> {
    [Rescale::Unit, Rescale::Signed, Rescale::Clip, Rescale::Off]
        .into_iter()
        .find(|rescale| rescale.name() == array.rescale)
}

fn recorded_branch(array: &ArrayRecord) -> String {
    let formula = match branch(array) {
        Some(rescale) => formula(rescale),
        None => {
            "what --range says is black and white, and what is between in proportion".to_owned()
        }
    };
    format!("{}: {formula}", array.rescale)
}

fn recorded_reason(array: &ArrayRecord) -> String {
    let Some(rescale) = branch(array) else {
        return "--range was given".to_owned();
    };
    let finite = array.min.zip(array.max);
    let range = finite.map(|(min, max)| (min.0.to_f64(), max.0.to_f64()));
    let own = match range {
        _ if array.inf > 0 => Rescale::Clip,
        None => rescale,
        Some((min, max)) if min >= 0.0 && max <= 1.0 => Rescale::Unit,
        Some((min, max)) if min >= -1.0 && max <= 1.0 => Rescale::Signed,
        Some(_) => Rescale::Clip,
    };
    match rescale {
        Rescale::Off => reason(rescale, range, Over::Picture),
        _ if own != rescale => "chosen over all frames of its array".to_owned(),
        Rescale::Clip if array.inf > 0 => "some values are infinite".to_owned(),
        _ => reason(rescale, range, Over::Picture),
    }
}
