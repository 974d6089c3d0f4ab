//! The values that options take: their types, and how they are parsed.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use wbimg::draw::{LineWidth, MaskAlpha};
use wbimg::encode::jpeg::Quality;
use wbimg::encode::png::Effort;
use wbimg::job::CAPTION_PLACEHOLDERS;
use wbimg::layout::Layout;
use wbimg::mode::{FileType, Mode};
use wbimg::picture::FrameSlice;
use wbimg::plan::ValueRange;
use wbimg::render::Colormap;
use wbimg::template::Template;

/// One of N equal shares of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 0.
    pub(crate) place: u64,
    pub(crate) count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RangeArg {
    Given(ValueRange),
    Batch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayoutArg(pub(crate) Option<Layout>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compress {
    Fast,
    Balanced,
    Small,
}

impl From<Compress> for Effort {
    fn from(compress: Compress) -> Self {
        match compress {
            Compress::Fast => Self::Fast,
            Compress::Balanced => Self::Balanced,
            Compress::Small => Self::Small,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OverlayArg {
    Auto,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressArg {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

/// A caption whose placeholders are known.
pub(crate) fn parse_caption(text: &str) -> Result<Template, wbimg::template::TemplateError> {
    Template::new(text, CAPTION_PLACEHOLDERS)
}

pub(super) fn mode_parser() -> impl TypedValueParser<Value = Mode> {
    let names = Mode::ALL.map(Mode::name).into_iter().chain(["I;16B"]);
    PossibleValuesParser::new(names).try_map(|name| Mode::from_name(&name).ok_or("no such mode"))
}

pub(super) fn file_type_parser() -> impl TypedValueParser<Value = FileType> {
    PossibleValuesParser::new(FileType::ALL.map(FileType::name))
        .try_map(|name| FileType::from_name(&name).ok_or("no such file type"))
}

pub(super) fn layout_parser() -> impl TypedValueParser<Value = LayoutArg> {
    let names = ["auto"].into_iter().chain(Layout::ALL.map(Layout::name));
    PossibleValuesParser::new(names)
        .map(|name| LayoutArg(Layout::ALL.into_iter().find(|layout| layout.name() == name)))
}

pub(super) fn colormap_parser() -> impl TypedValueParser<Value = Colormap> {
    let find = |name: String| Colormap::ALL.into_iter().find(|map| map.name() == name);
    PossibleValuesParser::new(Colormap::ALL.map(Colormap::name))
        .try_map(move |name| find(name).ok_or("no such colormap"))
}

pub(super) fn parse_frames(text: &str) -> Result<FrameSlice, wbimg::picture::SliceError> {
    match text {
        "" => Ok(FrameSlice::default()),
        text => text.parse(),
    }
}

pub(super) fn parse_range(text: &str) -> Result<RangeArg, String> {
    if text == "batch" {
        return Ok(RangeArg::Batch);
    }
    let numbers = text
        .split_once(':')
        .and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    let (low, high) =
        numbers.ok_or("expected two numbers as LO:HI, such as 0:1 or -1:1, or 'batch'")?;
    ValueRange::new(low, high)
        .map(RangeArg::Given)
        .map_err(|e| e.to_string())
}

pub(super) fn parse_quality(text: &str) -> Result<Quality, String> {
    let number = text.parse().ok().and_then(|n| Quality::new(n).ok());
    number.ok_or_else(|| "expected a number from 1 to 100".to_owned())
}

pub(super) fn parse_min_score(text: &str) -> Result<(String, f64), String> {
    let pair = text
        .rsplit_once('=')
        .and_then(|(name, score)| Some((name.to_owned(), score.parse::<f64>().ok()?)));
    pair.filter(|(name, score)| !name.is_empty() && score.is_finite())
        .ok_or_else(|| "expected NAME=X, such as score=0.5".to_owned())
}

pub(super) fn parse_mask_alpha(text: &str) -> Result<MaskAlpha, String> {
    let alpha = text.parse().ok().and_then(MaskAlpha::new);
    alpha.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

pub(super) fn parse_line_width(text: &str) -> Result<LineWidth, String> {
    let width = text.parse().ok().and_then(LineWidth::new);
    width.ok_or_else(|| "expected a number from 0.5 to 100".to_owned())
}

pub(super) fn parse_shard(text: &str) -> Result<Shard, String> {
    let numbers = text
        .split_once('/')
        .and_then(|(i, n)| Some((i.parse::<u64>().ok()?, n.parse().ok()?)));
    match numbers {
        Some((i, count)) if (1..=count).contains(&i) => Ok(Shard {
            place: i - 1,
            count,
        }),
        _ => Err("expected I/N with 1 <= I <= N, such as 1/4".to_owned()),
    }
}

pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[number.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err("expected bytes, or a number with K, M or G, such as 512M".to_owned()),
    };
    let bytes = number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(1 << shift));
    bytes
        .filter(|&n| n > 0)
        .ok_or_else(|| "expected a positive number of bytes, such as 512M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(parse_size("2G"), Ok(2 << 30));
        assert_eq!(parse_size("512MiB"), Ok(512 << 20));
        assert!(
            parse_size("").is_err()
                && parse_size("0").is_err()
                && parse_size("99999999999G").is_err()
        );
    }
}
