//! Box outlines and rounded panels. Straight edges lie on the pixel grid;
//! corners are anti-aliased from the exact distance to a rounded rectangle.

use super::canvas::{Canvas, Paint};
use super::geometry::{Rect, byte, real};
use super::stroke::{Dash, Stroke};

/// Draws the outline whose outer boundary is `outer`.
pub(super) fn outline(canvas: &mut Canvas, outer: Rect, stroke: &Stroke) {
    let reach = outer.grow(stroke.casing).intersect(canvas.bounds());
    if reach.is_empty() {
        return;
    }
    let corner = stroke.corner();
    if outer.width() <= 2 * corner || outer.height() <= 2 * corner {
        let radius = stroke.radius.min(outer.width() / 3).min(outer.height() / 3);
        let small = Stroke { radius, ..*stroke };
        patch(canvas, reach, outer, &small);
        return;
    }
    let around = outer.grow(stroke.casing);
    let arm = corner + stroke.casing;
    for (x, y) in [
        (around.x0, around.y0),
        (around.x1 - arm, around.y0),
        (around.x0, around.y1 - arm),
        (around.x1 - arm, around.y1 - arm),
    ] {
        let part = Rect::sized(x, y, arm, arm).intersect(canvas.bounds());
        patch(canvas, part, outer, stroke);
    }
    let Rect { x0, y0, x1, y1 } = outer;
    let width = stroke.width;
    for part in stroke.side(outer.width() - 2 * corner) {
        let x = x0 + corner + part.start;
        for y in [y0, y1 - width] {
            let line = Rect::sized(x, y, part.length, width);
            let (before, after) = part.casing;
            let casing = stroke.casing;
            let around = Rect::new(
                line.x0 - before,
                y - casing,
                line.x1 + after,
                line.y1 + casing,
            );
            cased(canvas, line, around, stroke);
        }
    }
    for part in stroke.side(outer.height() - 2 * corner) {
        let y = y0 + corner + part.start;
        for x in [x0, x1 - width] {
            let line = Rect::sized(x, y, width, part.length);
            let (before, after) = part.casing;
            let casing = stroke.casing;
            let around = Rect::new(
                x - casing,
                line.y0 - before,
                line.x1 + casing,
                line.y1 + after,
            );
            cased(canvas, line, around, stroke);
        }
    }
}

/// A straight line sample, for the legend.
pub(super) fn sample(canvas: &mut Canvas, line: Rect, stroke: &Stroke) {
    if stroke.dash == Dash::Solid {
        canvas.fill(line, stroke.line());
    }
    // As in the middle of a long side: no gaps at the ends.
    let gap = stroke.gap();
    for (start, length) in stroke.dashes(line.width() + 2 * gap) {
        let part = Rect::sized(line.x0 - gap + start, line.y0, length, line.height());
        canvas.fill(part.intersect(line), stroke.line());
    }
}

/// A part of the line, and what of `around` it leaves free as casing.
fn cased(canvas: &mut Canvas, line: Rect, around: Rect, stroke: &Stroke) {
    if line.is_empty() {
        return;
    }
    for side in [
        Rect::new(around.x0, around.y0, around.x1, line.y0),
        Rect::new(around.x0, line.y1, around.x1, around.y1),
        Rect::new(around.x0, line.y0, line.x0, line.y1),
        Rect::new(line.x1, line.y0, around.x1, line.y1),
    ] {
        canvas.fill(side, stroke.shade());
    }
    canvas.fill(line, stroke.line());
}

/// Every pixel of `part` by its own distance to the outline.
fn patch(canvas: &mut Canvas, part: Rect, outer: Rect, stroke: &Stroke) {
    for y in part.y0..part.y1 {
        for x in part.x0..part.x1 {
            dot(canvas, stroke, x, y, depth(outer, stroke.radius, x, y));
        }
    }
}

/// A filled rectangle with round corners.
pub(super) fn panel(canvas: &mut Canvas, rect: Rect, radius: i32, paint: Paint) {
    let radius = radius.min(rect.width() / 2).min(rect.height() / 2).max(0);
    let Rect { x0, y0, x1, y1 } = rect;
    for (y, height) in [(y0, radius), (y1 - radius, radius)] {
        for x in [x0, x1 - radius] {
            let part = Rect::sized(x, y, radius, height).intersect(canvas.bounds());
            for y in part.y0..part.y1 {
                for x in part.x0..part.x1 {
                    let share = byte(coverage(depth(rect, radius, x, y)));
                    canvas.dot(x, y, paint.covering(share));
                }
            }
        }
        canvas.fill(Rect::new(x0 + radius, y, x1 - radius, y + height), paint);
    }
    canvas.fill(Rect::new(x0, y0 + radius, x1, y1 - radius), paint);
}

/// How far the centre of a pixel is inside a rounded rectangle; negative
/// outside.
fn depth(rect: Rect, radius: i32, x: i32, y: i32) -> f32 {
    let right = real((x - rect.x0).min(rect.x1 - 1 - x)) + 0.5;
    let down = real((y - rect.y0).min(rect.y1 - 1 - y)) + 0.5;
    let radius = real(radius);
    if right < radius && down < radius {
        let (dx, dy) = (radius - right, radius - down);
        radius - (dx * dx + dy * dy).sqrt()
    } else {
        right.min(down)
    }
}

/// Paints one pixel of an outline, `depth` pixels inside its outer boundary.
fn dot(canvas: &mut Canvas, stroke: &Stroke, x: i32, y: i32, depth: f32) {
    let (width, casing) = (real(stroke.width), real(stroke.casing));
    let line = coverage(depth) - coverage(depth - width);
    let cased = coverage(depth + casing) - coverage(depth - width - casing);
    // What the line hides needs no shade; under its soft pixels there is
    // a share of it.
    if cased > line {
        canvas.dot(x, y, stroke.shade().covering(byte(cased - line)));
    }
    canvas.dot(x, y, stroke.line().covering(byte(line)));
}

/// The share of a pixel that is inside a boundary `depth` pixels away.
fn coverage(depth: f32) -> f32 {
    (depth + 0.5).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::canvas::Channels;
    use super::super::color::Color;
    use super::*;

    const RED: Color = Color::hex(0xDA4C4C);

    fn stroke(dash: Dash) -> Stroke {
        Stroke {
            color: RED,
            width: 2,
            casing: 1,
            casing_color: Color::BLACK,
            radius: 3,
            dash,
        }
    }

    fn drawn(side: u32, paint: impl Fn(&mut Canvas)) -> Vec<[u8; 3]> {
        let mut pixels = vec![255; side as usize * side as usize * 3];
        paint(&mut Canvas::new(&mut pixels, side, side, Channels::Rgb).unwrap());
        pixels.as_chunks().0.to_vec()
    }

    #[test]
    fn an_outline_touches_nothing_inside_or_outside_of_itself() {
        for dash in [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::Mixed] {
            for outer in [Rect::new(10, 12, 60, 44), Rect::new(20, 20, 29, 60)] {
                let picture = drawn(64, |c| outline(c, outer, &stroke(dash)));
                let mut line = 0;
                for (i, pixel) in (0..).zip(&picture) {
                    let at = Rect::sized(i % 64, i / 64, 1, 1);
                    let near = outer.grow(1).contains(at) && !outer.grow(-3).contains(at);
                    assert!(near || *pixel == [255; 3], "{at:?} {dash:?}");
                    line += usize::from(*pixel == [RED.r, RED.g, RED.b]);
                }
                assert!(line > 20, "{dash:?} {line}");
            }
        }
    }

    #[test]
    fn a_solid_line_has_its_colour_exactly() {
        let picture = drawn(64, |c| {
            outline(c, Rect::new(10, 10, 50, 50), &stroke(Dash::Solid))
        });
        for (x, y) in [(30, 10), (30, 11), (10, 30), (49, 30), (30, 48)] {
            assert_eq!(picture[y * 64 + x], [RED.r, RED.g, RED.b], "{x} {y}");
        }
        assert_ne!(picture[9 * 64 + 30], [255; 3], "casing");
        assert_eq!(picture[8 * 64 + 30], [255; 3]);
    }

    #[test]
    fn panels_have_soft_corners_and_full_edges() {
        let picture = drawn(32, |c| {
            panel(c, Rect::new(4, 4, 28, 20), 5, Paint::opaque(Color::BLACK))
        });
        assert_eq!(picture[4 * 32 + 4], [255; 3]);
        assert_eq!(picture[4 * 32 + 16], [0; 3]);
        assert_eq!(picture[12 * 32 + 4], [0; 3]);
        assert!(picture.iter().any(|p| p[0] > 0 && p[0] < 255));
    }
}
