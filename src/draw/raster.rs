//! From an outline to a bitmap of coverage: exact areas, no sampling.

use ttf_parser::OutlineBuilder;

use super::geometry::{byte, ceiling, floor, index, real};

/// How much of each pixel is covered, 0..=255, row by row.
#[derive(Clone, Debug)]
pub(super) struct Bitmap {
    /// Of the first pixel, relative to the pen.
    pub(super) left: i32,
    /// Of the first row, relative to the base line; down is positive.
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) coverage: Vec<u8>,
}

/// Collects an outline in pixels, y down.
pub(super) struct Outline {
    scale: f32,
    shift: f32,
    start: (f32, f32),
    pen: (f32, f32),
    lines: Vec<[(f32, f32); 2]>,
}

impl Outline {
    /// `scale` is pixels per font unit; `shift` moves the glyph right by a
    /// part of a pixel.
    pub(super) fn new(scale: f32, shift: f32) -> Self {
        Self {
            scale,
            shift,
            start: (0.0, 0.0),
            pen: (0.0, 0.0),
            lines: Vec::new(),
        }
    }

    /// The bitmap of everything that was collected.
    pub(super) fn bitmap(&self) -> Bitmap {
        let points = || self.lines.iter().flatten();
        let least = |of: fn(&(f32, f32)) -> f32| points().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn(&(f32, f32)) -> f32| points().map(of).fold(f32::NEG_INFINITY, f32::max);
        if self.lines.is_empty() {
            return Bitmap {
                left: 0,
                top: 0,
                width: 0,
                coverage: Vec::new(),
            };
        }
        let (left, top) = (floor(least(|p| p.0)), floor(least(|p| p.1)));
        let width = ceiling(most(|p| p.0)) - left + 1;
        let height = ceiling(most(|p| p.1)) - top + 1;
        let mut cells = Cells::new(width, height);
        for [(x0, y0), (x1, y1)] in &self.lines {
            let (left, top) = (real(left), real(top));
            cells.line((x0 - left, y0 - top), (x1 - left, y1 - top));
        }
        Bitmap {
            left,
            top,
            width,
            coverage: cells.coverage(),
        }
    }

    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale + self.shift, -y * self.scale)
    }

    fn to(&mut self, point: (f32, f32)) {
        self.lines.push([self.pen, point]);
        self.pen = point;
    }

    /// Steps for a curve whose control polygon has these corners: flat within
    /// a small part of a pixel at the sizes that text has.
    fn steps(points: &[(f32, f32)]) -> u16 {
        let length: f32 = points
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0).abs() + (pair[1].1 - pair[0].1).abs())
            .sum();
        if length < 4.0 {
            4
        } else if length < 16.0 {
            8
        } else {
            16
        }
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.close();
        self.start = self.at(x, y);
        self.pen = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.to(self.at(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (a, b, c) = (self.pen, self.at(x1, y1), self.at(x, y));
        let steps = Self::steps(&[a, b, c]);
        for step in 1..=steps {
            let t = f32::from(step) / f32::from(steps);
            let s = 1.0 - t;
            let on = |a: f32, b: f32, c: f32| s * s * a + 2.0 * s * t * b + t * t * c;
            self.to((on(a.0, b.0, c.0), on(a.1, b.1, c.1)));
        }
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (a, b, c, d) = (self.pen, self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        let steps = Self::steps(&[a, b, c, d]);
        for step in 1..=steps {
            let t = f32::from(step) / f32::from(steps);
            let s = 1.0 - t;
            let on = |a: f32, b: f32, c: f32, d: f32| {
                s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
            };
            self.to((on(a.0, b.0, c.0, d.0), on(a.1, b.1, c.1, d.1)));
        }
    }

    fn close(&mut self) {
        if self.pen != self.start {
            self.to(self.start);
        }
    }
}

/// For each cell, the change in covered area against the cell to its left: a
/// running sum over a row gives the area, whatever the shape.
struct Cells {
    width: i32,
    sums: Vec<f32>,
}

impl Cells {
    fn new(width: i32, height: i32) -> Self {
        Self {
            width,
            sums: vec![0.0; index(width) * index(height)],
        }
    }

    /// Adds one edge of the shape; all of it must be inside.
    fn line(&mut self, from: (f32, f32), to: (f32, f32)) {
        let (sign, (x0, y0), (x1, y1)) = if from.1 < to.1 {
            (1.0, from, to)
        } else {
            (-1.0, to, from)
        };
        if y0 == y1 {
            return;
        }
        let slope = (x1 - x0) / (y1 - y0);
        for row in floor(y0)..ceiling(y1) {
            let (top, bottom) = (real(row).max(y0), real(row + 1).min(y1));
            let (enter, leave) = (x0 + (top - y0) * slope, x0 + (bottom - y0) * slope);
            let (left, right) = (enter.min(leave), enter.max(leave));
            self.crossing(row, left, right, sign * (bottom - top));
        }
    }

    /// An edge that crosses a row from `left` to `right` covers `amount` of
    /// its height in every cell further right.
    fn crossing(&mut self, row: i32, left: f32, right: f32, amount: f32) {
        let first = floor(left);
        let last = floor(right).max(first);
        // Height that was crossed in the cells before, and the area that the
        // running sum has reached.
        let (mut before, mut reached) = (0.0, 0.0);
        for column in first..=last {
            let (from, to) = (left.max(real(column)), right.min(real(column + 1)));
            let share = if right > left {
                amount * (to - from) / (right - left)
            } else {
                amount
            };
            let middle = (from + to) / 2.0 - real(column);
            let area = before + share * (1.0 - middle);
            self.add(row, column, area - reached);
            reached = area;
            before += share;
        }
        self.add(row, last + 1, before - reached);
    }

    fn add(&mut self, row: i32, column: i32, area: f32) {
        if (0..self.width).contains(&column) && row >= 0 {
            let at = index(row) * index(self.width) + index(column);
            if let Some(sum) = self.sums.get_mut(at) {
                *sum += area;
            }
        }
    }

    fn coverage(&self) -> Vec<u8> {
        self.sums
            .chunks_exact(index(self.width))
            .flat_map(|row| {
                row.iter().scan(0.0f32, |sum, change| {
                    *sum += change;
                    Some(byte(sum.abs()))
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polygon(points: &[(f32, f32)]) -> Bitmap {
        let mut outline = Outline::new(1.0, 0.0);
        outline.move_to(points[0].0, points[0].1);
        for (x, y) in &points[1..] {
            outline.line_to(*x, *y);
        }
        outline.close();
        outline.bitmap()
    }

    fn area(bitmap: &Bitmap) -> f32 {
        bitmap.coverage.iter().map(|c| f32::from(*c) / 255.0).sum()
    }

    #[test]
    fn a_square_between_pixels_covers_its_exact_share_of_each() {
        let bitmap = polygon(&[(0.5, 0.25), (2.5, 0.25), (2.5, 2.0), (0.5, 2.0)]);
        assert_eq!((bitmap.left, bitmap.top), (0, -2));
        let width = index(bitmap.width);
        assert_eq!(bitmap.coverage[..4], [128, 255, 128, 0]);
        assert_eq!(bitmap.coverage[width..width + 4], [96, 191, 96, 0]);
    }

    #[test]
    fn areas_of_slanted_shapes_are_kept_in_either_direction() {
        let mut points = vec![(0.3, 0.1), (17.2, 4.4), (9.9, 21.7), (3.0, 12.5)];
        let found = area(&polygon(&points));
        points.reverse();
        let twice: f32 = (0..4)
            .map(|i| {
                let (a, b) = (points[i], points[(i + 1) % 4]);
                a.0 * b.1 - b.0 * a.1
            })
            .sum();
        assert!((found - twice.abs() / 2.0).abs() < 0.3, "{found} {twice}");
        assert!((found - area(&polygon(&points))).abs() < 0.2);
    }

    #[test]
    fn a_hole_stays_empty() {
        let mut outline = Outline::new(1.0, 0.0);
        for (lo, hi, turn) in [(0.0, 9.0, false), (3.0, 6.0, true)] {
            let mut ring = [(lo, lo), (hi, lo), (hi, hi), (lo, hi)];
            if turn {
                ring.reverse();
            }
            outline.move_to(ring[0].0, ring[0].1);
            ring[1..].iter().for_each(|p| outline.line_to(p.0, p.1));
            outline.close();
        }
        assert!((area(&outline.bitmap()) - 72.0).abs() < 0.01);
    }
}
