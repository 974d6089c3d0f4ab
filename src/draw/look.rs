//! All sizes of a drawing, from the size of the picture; and what tells the
//! layers apart.

use super::color::Color;
use super::geometry::{Rect, nearest32, real};
use super::mask::{Fill, MaskLook};
use super::place::Side;
use super::stroke::{Dash, Stroke};
use super::style::Style;

/// Sizes in pixels of what is drawn on one picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) line: i32,
    casing: i32,
    radius: i32,
    edge: i32,
    period: i32,
    /// `None` on pictures too small for labels that do not hide them.
    pub(super) text: Option<TextLook>,
}

/// Sizes of labels and legend.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextLook {
    /// Of the letters: the em.
    pub(super) size: u16,
    /// Of a label, and from row to row in the legend.
    pub(super) height: i32,
    /// From the letters to the left and right edges of a label.
    pub(super) pad: i32,
    pub(super) radius: i32,
    /// Of labels in a layer whose labels are not filled.
    pub(super) border: i32,
}

impl Look {
    pub(super) fn new(picture: Rect, style: &Style) -> Self {
        let side = picture.width().min(picture.height());
        let automatic = if side < 100 { 1 } else { (side / 300).max(2) };
        let line = style.line_width.map_or(automatic, |width| width.pixels());
        let casing = match side {
            ..100 => 0,
            100..1500 => 1,
            _ => 2,
        };
        let text = text_size(side).map(|size| {
            let em = f32::from(size);
            TextLook {
                size,
                height: nearest32(em * 1.38),
                pad: nearest32(em * 0.36),
                radius: nearest32(em * 0.22),
                border: nearest32(em / 10.0).max(1),
            }
        });
        Self {
            line,
            casing,
            radius: if side < 100 { 0 } else { line + line / 2 },
            edge: if side < 100 {
                1
            } else {
                (side / 400).clamp(2, 6)
            },
            period: nearest32(real(side) / 45.0).clamp(4, 40),
            text,
        }
    }

    pub(super) fn stroke(&self, color: Color, rank: usize) -> Stroke {
        Stroke {
            color,
            width: self.line,
            casing: self.casing,
            casing_color: color.casing(),
            radius: self.radius,
            dash: match rank % 4 {
                0 => Dash::Solid,
                1 => Dash::Dashed,
                2 => Dash::Dotted,
                _ => Dash::Mixed,
            },
        }
    }

    pub(super) fn mask(&self, style: &Style, rank: usize) -> MaskLook {
        MaskLook {
            alpha: style.mask_alpha.byte(),
            fill: fill(rank),
            edge: self.edge,
            casing: self.casing,
            period: self.period,
        }
    }
}

/// How the labels of a layer are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TagColors {
    pub(super) fill: Color,
    pub(super) ink: Color,
    pub(super) border: Color,
}

impl TagColors {
    /// The first layer's labels are filled, the second's are white with a
    /// coloured border, the third's dark with a coloured border.
    pub(super) fn new(color: Color, rank: usize) -> Self {
        let fill = match rank % 3 {
            0 => color,
            1 => Color::WHITE,
            _ => Color::PANEL,
        };
        Self {
            fill,
            ink: fill.ink(),
            border: color,
        }
    }
}

/// Smaller pictures have no labels: three would hide half of them.
const SMALLEST_WITH_TEXT: i32 = 144;

/// The text size of labels on a picture with this shorter side, in pixels.
fn text_size(side: i32) -> Option<u16> {
    let beyond = |start: i32| real(side - start);
    let size = match side {
        ..SMALLEST_WITH_TEXT => return None,
        SMALLEST_WITH_TEXT..400 => 11.0 + beyond(SMALLEST_WITH_TEXT) * 4.0 / 256.0,
        _ => 15.0 + beyond(400) * 17.0 / 1760.0,
    };
    u16::try_from(nearest32(size.min(32.0))).ok()
}

/// The filling of masks in the layer with this rank.
pub(super) fn fill(rank: usize) -> Fill {
    match rank % 4 {
        0 => Fill::Plain,
        1 => Fill::Rising,
        2 => Fill::Falling,
        _ => Fill::Edge,
    }
}

/// Labels of even layers are tried above their boxes, of odd ones below.
pub(super) fn side(rank: usize) -> Side {
    if rank.is_multiple_of(2) {
        Side::Above
    } else {
        Side::Below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_grow_with_the_picture_unless_they_are_given() {
        let mut style = Style::default();
        let line = |style: &Style, w, h| Look::new(Rect::new(0, 0, w, h), style).line;
        let sizes = [(28, 28), (200, 300), (640, 480), (1920, 1080), (3840, 2160)];
        let found = sizes.map(|(w, h)| line(&style, w, h));
        assert_eq!(found, [1, 2, 2, 3, 7]);
        style.line_width = super::super::LineWidth::new(5.0);
        assert_eq!(line(&style, 28, 28), 5);
    }

    #[test]
    fn text_grows_with_the_picture_and_tiny_ones_have_none() {
        assert_eq!([28, 64, 143].map(text_size), [None; 3]);
        let sizes = [144, 200, 480, 1080, 2160, 8000].map(text_size);
        assert_eq!(sizes, [11, 12, 16, 22, 32, 32].map(Some));
    }
}
