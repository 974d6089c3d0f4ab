//! The key to the colours and to the layers, in a corner of the picture.

use super::canvas::{Canvas, Paint};
use super::color::Color;
use super::entries::{Entry, Key, Need};
use super::font::Font;
use super::geometry::{Rect, index};
use super::look::{Look, TextLook};
use super::mask::Fill;
use super::place::share;
use super::shape::{panel, sample};
use super::stroke::Stroke;
use super::tag::{GAP, base_line, class_number};
use super::text::Line;

/// A legend with its place.
pub(super) struct Panel {
    pub(super) rect: Rect,
    rows: Vec<(Key, Line)>,
}

/// Between the layers and the classes: this part of a row.
const SPACING: i32 = 3;

impl Panel {
    /// `None` where it would take too much of the picture. `busy` says how much
    /// of what matters a rectangle would hide.
    pub(super) fn new(
        font: &mut Font,
        entries: &[Entry],
        need: Need,
        look: &TextLook,
        picture: Rect,
        busy: impl Fn(Rect) -> f64,
    ) -> Option<Self> {
        let rows = fitting_rows(font, entries, need, look, picture)?;
        let size = size(&rows, look);
        let margin = look.pad + 1;
        let inside = picture.grow(-margin);
        let (right, bottom) = (inside.x1 - size.0, inside.y1 - size.1);
        let corners = [
            (right, bottom),
            (right, inside.y0),
            (inside.x0, bottom),
            (inside.x0, inside.y0),
        ];
        let mut best: Option<(f64, Rect)> = None;
        for (x, y) in corners {
            let rect = Rect::sized(x, y, size.0, size.1);
            let cost = busy(rect);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, rect));
            }
        }
        let (cost, rect) = best?;
        if need == Need::Repeats && cost > 0.25 {
            return None;
        }
        Some(Self { rect, rows })
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, font: &mut Font, look: &Look, text: &TextLook) {
        let back = Paint::new(Color::PANEL, 205);
        panel(canvas, self.rect, text.radius + 2, back);
        let left = self.rect.x0 + text.pad * 3 / 2;
        let mut top = self.rect.y0 + text.pad;
        let key_width = key_width(text);
        for (i, (key, line)) in self.rows.iter().enumerate() {
            if i > 0 && gap_between(self.rows[i - 1].0, *key) {
                top += text.height / SPACING;
            }
            let row = Rect::sized(left, top, self.rect.x1 - left - text.pad, text.height);
            let place = Rect::sized(left, top, key_width, text.height);
            draw_key(canvas, *key, place, look, text);
            let indent = match key {
                Key::Note => 0,
                _ => key_width + text.pad,
            };
            let ink = Paint::opaque(Color::WHITE);
            let pen = (left + indent, base_line(row, text.size));
            line.draw(canvas, font, text.size, pen, ink, self.rect);
            top += text.height;
        }
    }
}

/// All rows, or as many as fit and a count of the others. The last entry is
/// kept where it is a note.
fn fitting_rows(
    font: &mut Font,
    entries: &[Entry],
    need: Need,
    look: &TextLook,
    picture: Rect,
) -> Option<Vec<(Key, Line)>> {
    let most = match need {
        Need::Repeats => share(picture.area(), 0.03),
        Need::Tells => share(picture.area(), 0.2),
    };
    let highest = picture.height() * 3 / 5;
    let (note, entries) = match entries.split_last() {
        Some((last, others)) if last.key == Key::Note => {
            (Some(row(font, last, look, picture)), others)
        }
        _ => (None, entries),
    };
    let most_rows = index((highest / look.height).max(0));
    let all: Vec<(Key, Line)> = entries
        .iter()
        .take(most_rows)
        .map(|entry| row(font, entry, look, picture))
        .collect();
    let mut kept = all.len();
    loop {
        let mut rows = all[..kept].to_vec();
        if kept < entries.len() {
            let more = format!("+{} more", entries.len() - kept);
            rows.push((Key::Note, Line::new(font, &more)));
        }
        rows.extend(note.clone());
        let (width, height) = size(&rows, look);
        let fits = i64::from(width) * i64::from(height) <= most
            && height <= highest
            && width <= picture.width() * 3 / 5;
        if fits && !rows.is_empty() {
            return Some(rows);
        }
        if need == Need::Repeats || kept <= 2 {
            return None;
        }
        kept -= 1;
    }
}

fn row(font: &mut Font, entry: &Entry, look: &TextLook, picture: Rect) -> (Key, Line) {
    let longest = (picture.width() * 2 / 5).min(i32::from(look.size) * 16);
    let mut line = Line::new(font, &entry.text);
    if let Some(id) = entry.number
        && (line.is_lost() || line.is_empty())
    {
        line.append(&class_number(font, id), GAP);
    }
    (entry.key, line.shortened(font, look.size, longest))
}

fn size(rows: &[(Key, Line)], look: &TextLook) -> (i32, i32) {
    let indent = key_width(look) + look.pad;
    let widest = rows
        .iter()
        .map(|(key, line)| {
            line.width(look.size)
                + match key {
                    Key::Note => 0,
                    _ => indent,
                }
        })
        .max()
        .unwrap_or(0);
    let count = i32::try_from(rows.len()).unwrap_or(i32::MAX / 4096);
    let gaps = rows
        .windows(2)
        .filter(|pair| gap_between(pair[0].0, pair[1].0))
        .count();
    let gaps = i32::try_from(gaps).unwrap_or(0) * (look.height / SPACING);
    (
        widest + 3 * look.pad,
        count.min(4096) * look.height + gaps + 2 * look.pad,
    )
}

fn gap_between(before: Key, after: Key) -> bool {
    before.is_class() != after.is_class()
}

fn key_width(look: &TextLook) -> i32 {
    i32::from(look.size) * 7 / 4
}

fn draw_key(canvas: &mut Canvas, key: Key, place: Rect, look: &Look, text: &TextLook) {
    let square = i32::from(text.size) * 3 / 4;
    let middle = place.y0 + (place.height() - square) / 2;
    match key {
        Key::Class(color) => {
            let rect = Rect::sized(
                place.x0 + (place.width() - square) / 2,
                middle,
                square,
                square,
            );
            panel(canvas, rect, text.radius, Paint::opaque(color));
        }
        Key::Boxes(rank) => {
            let stroke = look.stroke(Color::WHITE, rank);
            // Thin enough for two dashes.
            let width = stroke.width.min(text.height / 10).max(1);
            let y = place.y0 + (place.height() - width) / 2;
            let line = Rect::sized(place.x0, y, place.width(), width);
            sample(canvas, line, &Stroke { width, ..stroke });
        }
        Key::Mask(fill) => {
            let rect = Rect::sized(place.x0, middle, place.width(), square);
            swatch(canvas, rect, fill, text);
        }
        Key::Note => {}
    }
}

/// A mask in small: fill or stripes, and an edge.
fn swatch(canvas: &mut Canvas, rect: Rect, fill: Fill, text: &TextLook) {
    let border = text.border;
    let (light, edge) = (Paint::new(Color::WHITE, 120), Paint::opaque(Color::WHITE));
    match fill {
        Fill::Plain => canvas.fill(rect, light),
        Fill::Rising | Fill::Falling => {
            let period = (rect.height() * 2 / 3).max(4);
            for y in rect.y0..rect.y1 {
                for x in rect.x0..rect.x1 {
                    let along = if fill == Fill::Rising { x + y } else { x - y };
                    if (along - rect.x0).rem_euclid(period) < (period * 2 / 5).max(1) {
                        canvas.dot(x, y, light);
                    }
                }
            }
        }
        Fill::Edge => {}
    }
    let Rect { x0, y0, x1, y1 } = rect;
    for side in [
        Rect::new(x0, y0, x1, y0 + border),
        Rect::new(x0, y1 - border, x1, y1),
        Rect::new(x0, y0 + border, x0 + border, y1 - border),
        Rect::new(x1 - border, y0 + border, x1, y1 - border),
    ] {
        canvas.fill(side, edge);
    }
}
