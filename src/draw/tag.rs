//! The label of one box: its words at their size, and its drawing.

use super::canvas::{Canvas, Paint};
use super::font::{CAPITAL, Font};
use super::geometry::{Rect, nearest32};
use super::look::{TagColors, TextLook};
use super::select::ShownBox;
use super::shape::panel;
use super::text::Line;

/// The words of a label, cut to a width.
pub(super) struct Tag {
    line: Line,
    /// Width and height in pixels.
    pub(super) size: (i32, i32),
}

/// Between a name and its scores, in shares of the text size.
pub(super) const GAP: f32 = 0.4;
/// How long a label may be on any box, in text sizes.
const LONG: f32 = 18.0;

impl Tag {
    /// `None` where the box has nothing to say.
    pub(super) fn new(
        font: &mut Font,
        shown: &ShownBox,
        look: &TextLook,
        picture: Rect,
    ) -> Option<Self> {
        let mut name = Line::new(font, &shown.label.name);
        let mut rest = Line::new(font, &shown.label.scores);
        if let Some(class) = &shown.class
            && name.is_lost()
        {
            let mut number = class_number(font, class.id);
            number.append(&rest, GAP);
            rest = number;
        }
        if name.is_empty() && rest.is_empty() {
            return None;
        }
        let room = picture.width() - 2 * look.pad;
        let visible = shown.outer.intersect(picture).width() - 2 * look.pad;
        let long = nearest32(f32::from(look.size) * LONG).min(picture.width() / 2);
        let most = long.max(visible.min(picture.width() * 3 / 5)).min(room);
        let gap = if rest.is_empty() { 0.0 } else { GAP };
        let left = most - rest.width(look.size) - nearest32(gap * f32::from(look.size));
        // Scores that leave no room for a name are cut as one text with it.
        if left >= long / 4 {
            name = name.shortened(font, look.size, left);
            name.append(&rest, gap);
        } else {
            name.append(&rest, gap);
            name = name.shortened(font, look.size, most);
        }
        let width = name.width(look.size) + 2 * look.pad;
        Some(Self {
            line: name,
            size: (width, look.height),
        })
    }

    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        font: &mut Font,
        rect: Rect,
        colors: TagColors,
        look: &TextLook,
    ) {
        let shade = Paint::new(colors.border.casing(), 70);
        panel(canvas, rect.grow(1), look.radius + 1, shade);
        panel(canvas, rect, look.radius, Paint::opaque(colors.border));
        if colors.fill != colors.border {
            let inner = rect.grow(-look.border);
            let radius = look.radius - look.border / 2;
            panel(canvas, inner, radius, Paint::opaque(colors.fill));
        }
        let pen = (rect.x0 + look.pad, base_line(rect, look.size));
        let ink = Paint::opaque(colors.ink);
        self.line.draw(canvas, font, look.size, pen, ink, rect);
    }
}

/// What is said of a class whose name the font cannot show.
pub(super) fn class_number(font: &mut Font, id: i64) -> Line {
    Line::new(font, &format!("ID: {id}"))
}

/// Where capital letters stand in the middle of a row.
pub(super) fn base_line(row: Rect, size: u16) -> i32 {
    let capital = nearest32(CAPITAL * f32::from(size));
    row.y0 + (row.height() + capital) / 2
}
