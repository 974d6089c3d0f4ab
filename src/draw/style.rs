//! How it is drawn, and what of it: the choices that a user has. They change
//! the drawing only, never the annotations.

use std::str::FromStr;

use super::color::Palette;
use super::geometry::{byte, nearest32};
use super::scene::BoxMark;

/// Choices about the drawing.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// How opaque masks are. Default: 0.6.
    pub mask_alpha: MaskAlpha,
    /// Default: scaled with the picture, `max(2, shorter side / 300)`, and 1
    /// on pictures too small for that.
    pub line_width: Option<LineWidth>,
    /// Default: [`Palette::wandb`].
    pub palette: Palette,
    /// Boxes with a score of that name below the value are left out; boxes
    /// without such a score are drawn.
    pub min_scores: Vec<(String, f64)>,
    /// Where not empty, only these classes are drawn.
    pub only: Vec<ClassPick>,
    /// These classes are not drawn, whatever `only` says.
    pub hide: Vec<ClassPick>,
    /// Default: where it fits.
    pub legend: Legend,
}

/// Whether the key to the colours is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legend {
    /// Where it is small enough for the picture.
    #[default]
    WhereItFits,
    /// Not at all.
    Never,
}

/// A class, by its number or by its name in the layer's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassPick {
    /// By number.
    Id(i64),
    /// By exact name.
    Name(String),
}

impl ClassPick {
    fn matches(&self, id: Option<i64>, name: Option<&str>) -> bool {
        match self {
            Self::Id(wanted) => id == Some(*wanted),
            Self::Name(wanted) => name == Some(wanted),
        }
    }
}

impl FromStr for ClassPick {
    type Err = std::convert::Infallible;

    /// A whole number is an id, anything else a name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text
            .parse()
            .map_or_else(|_| Self::Name(text.to_owned()), Self::Id))
    }
}

/// How opaque masks are, 0 (not visible) to 1 (hides the picture).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskAlpha(u8);

impl MaskAlpha {
    /// `None` unless `share` is in 0..=1.
    pub fn new(share: f32) -> Option<Self> {
        (0.0..=1.0).contains(&share).then(|| Self(byte(share)))
    }

    pub(super) fn byte(self) -> u8 {
        self.0
    }
}

impl Default for MaskAlpha {
    /// 0.6, as in the W&B app.
    fn default() -> Self {
        Self(153)
    }
}

/// The width of box lines in whole pixels: lines lie on the pixel grid, so
/// that they are crisp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineWidth(i32);

impl LineWidth {
    /// Rounded to whole pixels. `None` unless `pixels` is in 0.5..=100.
    pub fn new(pixels: f32) -> Option<Self> {
        (0.5..=100.0)
            .contains(&pixels)
            .then(|| Self(nearest32(pixels).max(1)))
    }

    pub(super) fn pixels(self) -> i32 {
        self.0
    }
}

impl Style {
    pub(super) fn shows_class(&self, id: Option<i64>, name: Option<&str>) -> bool {
        let picked = |picks: &[ClassPick]| picks.iter().any(|pick| pick.matches(id, name));
        (self.only.is_empty() || picked(&self.only)) && !picked(&self.hide)
    }

    pub(super) fn shows_scores_of(&self, mark: &BoxMark) -> bool {
        !self.min_scores.iter().any(|(wanted, least)| {
            mark.scores
                .iter()
                .any(|(name, score)| name == wanted && score < least)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hide_beats_only_and_an_empty_only_is_everything() {
        let mut style = Style::default();
        assert!(style.shows_class(None, None));
        style.only = vec![ClassPick::Id(1), ClassPick::Name("cat".into())];
        assert!(style.shows_class(Some(1), None));
        assert!(style.shows_class(Some(7), Some("cat")));
        assert!(!style.shows_class(Some(7), Some("dog")));
        assert!(!style.shows_class(None, None));
        style.hide = vec![ClassPick::Id(7)];
        assert!(!style.shows_class(Some(7), Some("cat")));
    }

    #[test]
    fn only_a_score_of_that_name_hides_a_box() {
        let style = Style {
            min_scores: vec![("conf".into(), 0.5)],
            ..Style::default()
        };
        let with = |name: &str, score| BoxMark {
            scores: vec![(name.into(), score)],
            ..BoxMark::default()
        };
        assert!(!style.shows_scores_of(&with("conf", 0.49)));
        assert!(style.shows_scores_of(&with("conf", 0.5)));
        assert!(style.shows_scores_of(&with("iou", 0.1)));
        assert!(style.shows_scores_of(&BoxMark::default()));
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        assert_eq!(MaskAlpha::new(0.6), Some(MaskAlpha::default()));
        for bad in [-0.1, 1.1, f32::NAN] {
            assert_eq!(MaskAlpha::new(bad), None);
        }
        assert_eq!(LineWidth::new(2.4), Some(LineWidth(2)));
        for bad in [0.0, 101.0, f32::NAN, f32::INFINITY] {
            assert_eq!(LineWidth::new(bad), None);
        }
    }
}
