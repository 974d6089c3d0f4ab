//! Options that were given and have no effect on a picture. Whoever gave them should know.

use wbimg::media::{FrameName, Row};
use wbimg::picture::Picture;

use crate::cli::PictureArgs;
use crate::report::Reporter;

/// A picture that was made, as far as it matters here.
pub(super) struct Made<'a> {
    frame: &'a FrameName,
    format: &'a str,
    /// The mode, and whether a colormap gave it colors, of what was an array.
    array: Option<(&'a str, bool)>,
}

impl<'a> From<&'a Row> for Made<'a> {
    fn from(row: &'a Row) -> Self {
        let array = row.array.as_ref();
        Self {
            frame: &row.frame,
            format: &row.media.format,
            array: array.map(|array| (array.mode.as_str(), array.colormap.is_some())),
        }
    }
}

impl<'a> From<&'a Picture> for Made<'a> {
    fn from(picture: &'a Picture) -> Self {
        let plan = picture.plan.as_ref();
        Self {
            frame: &picture.frame,
            format: picture.encoded.format(),
            array: plan.map(|plan| (plan.target().mode().name(), plan.colormap().is_some())),
        }
    }
}

/// Why an option has no effect.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// The bytes of the file are the picture.
    Kept,
    /// It is about numbers.
    ArraysOnly,
    /// There are no frames to choose from.
    OnePicture,
    /// There are no names to choose from.
    NoContainer,
    /// Colours that a grey mode takes away again.
    GreyMode,
    /// It is about JPEG.
    JpegOnly,
    /// It is about PNG.
    PngOnly,
}

impl Why {
    /// What many notes of one sort have in common.
    fn kind(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::ArraysOnly => "arrays-only",
            Self::OnePicture => "one-picture",
            Self::NoContainer => "no-container",
            Self::GreyMode => "grey-mode",
            Self::JpegOnly => "jpeg-only",
            Self::PngOnly => "png-only",
        }
    }

    fn text(self, options: &[&str], made: &Made<'_>) -> String {
        let has = match options.len() {
            1 => "has no effect",
            _ => "have no effect",
        };
        let because = match self {
            Self::Kept => "image files keep their bytes, unless --reencode is given".to_owned(),
            Self::ArraysOnly => "this is an image file, no array".to_owned(),
            Self::OnePicture => "this is one picture, not a batch".to_owned(),
            Self::NoContainer => "this is no container of named arrays".to_owned(),
            Self::GreyMode => {
                let mode = made.array.map_or("", |(mode, _)| mode);
                format!("mode {mode} keeps no colors")
            }
            Self::JpegOnly => format!("the picture is {}, not jpeg", made.format),
            Self::PngOnly => format!("the picture is {}, not png", made.format),
        };
        format!("{} {has}: {because}", options.join(", "))
    }
}

/// Tells which options have no effect on a picture that was made.
pub(super) fn note(subject: &str, args: &PictureArgs, made: &Made<'_>, reporter: &mut Reporter) {
    let mut found: Vec<(Why, Vec<&str>)> = Vec::new();
    for (option, why) in unused(args, made) {
        match found.iter_mut().find(|(other, _)| *other == why) {
            Some((_, options)) => options.push(option),
            None => found.push((why, vec![option])),
        }
    }
    for (why, options) in found {
        let text = why.text(&options, made);
        reporter.note(why.kind(), format!("{subject}: {text}"));
    }
}

/// The options that were given, and why they have no effect.
fn unused(args: &PictureArgs, made: &Made<'_>) -> Vec<(&'static str, Why)> {
    let is_array = made.array.is_some();
    let is_kept = !is_array && !args.reencode;
    let is_batch = matches!(
        made.frame,
        FrameName::Number(_) | FrameName::Named(_, Some(_))
    );
    let is_grey = made.array.is_some_and(|(mode, has_colormap)| {
        has_colormap && ["1", "L", "LA", "I;16"].contains(&mode)
    });
    let quality = match made.format {
        _ if is_kept => Some(Why::Kept),
        "jpg" | "jpeg" => None,
        _ => Some(Why::JpegOnly),
    };
    let compress = match made.format {
        _ if is_kept => Some(Why::Kept),
        "png" => None,
        _ => Some(Why::PngOnly),
    };
    let unless = |holds: bool, why: Why| (!holds).then_some(why);
    let arrays_only = unless(is_array, Why::ArraysOnly);
    let kept = is_kept.then_some(Why::Kept);
    let given = [
        ("--file-type", args.file_type.is_some(), kept),
        ("--mode", args.mode.is_some(), kept),
        ("--no-normalize", args.no_normalize, kept.or(arrays_only)),
        ("--range", args.range.is_some(), kept.or(arrays_only)),
        ("--layout", args.layout.0.is_some(), arrays_only),
        ("--bgr", args.bgr, arrays_only),
        (
            "--colormap",
            args.colormap.is_some(),
            arrays_only.or(is_grey.then_some(Why::GreyMode)),
        ),
        (
            "--frames",
            args.frames.is_some(),
            arrays_only.or(unless(is_batch, Why::OnePicture)),
        ),
        (
            "--select",
            args.select.is_some(),
            unless(matches!(made.frame, FrameName::Named(..)), Why::NoContainer),
        ),
        ("--quality", args.quality.is_some(), quality),
        ("--compress", args.compress.is_some(), compress),
    ];
    let unused = given.into_iter().filter(|(_, is_given, _)| *is_given);
    unused
        .filter_map(|(option, _, why)| Some((option, why?)))
        .collect()
}
