//! Where labels go: beside their boxes, inside the picture, off each other.
//! Rectangles only; nothing here draws.

use super::geometry::Rect;
use super::grid::Grid;

/// The side of a box at which its label is tried first. Layers differ in it, so
/// that labels of one object in two layers do not compete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

/// Places labels one after the other, each off those before where that can be
/// helped.
pub(super) struct Placer {
    bounds: Rect,
    taken: Grid,
    small: Grid,
    /// Pixels that labels may still cover.
    budget: i64,
}

/// A label may hide this share of another one.
const OVERLAP: f64 = 0.04;
/// A label may hide this share of its own box as if it were nothing.
const OWN: f64 = 0.08;
/// Labels together may cover this share of the picture; the first one may
/// always be drawn.
const BUDGET: f64 = 0.35;
/// Boxes up to this many times the size of a usual label are small: it matters
/// whether a label covers them.
const SMALL: i64 = 8;

impl Placer {
    /// `label` is the height of labels.
    pub(super) fn new(bounds: Rect, label: i32, boxes: &[Rect]) -> Self {
        let cell = (label * 3).max(32);
        let usual = i64::from(label) * i64::from(label) * 4;
        let mut small = Grid::new(bounds, cell);
        for rect in boxes.iter().filter(|rect| rect.area() <= SMALL * usual) {
            small.add(*rect);
        }
        Self {
            bounds,
            taken: Grid::new(bounds, cell),
            small,
            budget: share(bounds.area(), BUDGET),
        }
    }

    /// Keeps labels off a rectangle.
    pub(super) fn take(&mut self, rect: Rect) {
        self.taken.add(rect);
    }

    /// The best place for a label of this size (which must fit the picture) at
    /// a box, or `None` where every place would hide other labels.
    pub(super) fn place(
        &mut self,
        owner: Rect,
        (width, height): (i32, i32),
        line: i32,
        side: Side,
    ) -> Option<Rect> {
        let size = i64::from(width) * i64::from(height);
        let first = self.taken.is_empty();
        if (size > self.budget && !first) || width <= 0 {
            return None;
        }
        let mut best: Option<(f64, Rect)> = None;
        for (nth, wanted) in (0u8..).zip(candidates(owner, width, height, line, side)) {
            let rect = wanted.moved_into(self.bounds);
            let fixed = f64::from(nth) * 0.03 + moved(wanted, rect) * 0.2;
            if best.is_some_and(|(cost, _)| cost <= fixed) {
                continue;
            }
            let hidden = covered(&self.taken, rect, |_, overlap| ratio(overlap, size));
            if hidden > OVERLAP || !self.bounds.contains(rect) {
                continue;
            }
            let others = covered(&self.small, rect, |other, overlap| {
                if other == owner {
                    0.0
                } else {
                    ratio(overlap, other.area())
                }
            });
            let own = ratio(owner.intersect(rect).area(), owner.area());
            let cost = fixed + hidden * 12.0 + others.min(2.0) + (own - OWN).max(0.0) * 2.0;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, rect));
            }
        }
        let (_, rect) = best?;
        self.budget -= size;
        self.taken.add(rect);
        Some(rect)
    }
}

/// Places around a box, best first.
fn candidates(
    owner: Rect,
    width: i32,
    height: i32,
    line: i32,
    side: Side,
) -> impl Iterator<Item = Rect> {
    let Rect { x0, y0, x1, y1 } = owner;
    let (left, right) = (x0, x1 - width);
    let middle = (left + right) / 2;
    // A label sits on the line that it belongs to.
    let (above, below) = (y0 + line - height, y1 - line);
    let (top, bottom) = (y0, y1 - height);
    let (before, after) = (x0 + line - width, x1 - line);
    let step = height + 1;
    let [out, inner, far, far_inner, next, next_inner] = match side {
        Side::Above => [above, top, below, bottom, above - step, top + step],
        Side::Below => [below, bottom, above, top, below + step, bottom - step],
    };
    let far_next = match side {
        Side::Above => below + step,
        Side::Below => above - step,
    };
    [
        (left, out),
        (left, inner),
        (left, far),
        (right, out),
        (right, far),
        (right, inner),
        (middle, out),
        (middle, far),
        (left, far_inner),
        (right, far_inner),
        (after, inner),
        (before, inner),
        (after, far_inner),
        (before, far_inner),
        (left, next),
        (right, next),
        (left, far_next),
        (right, far_next),
        (left, next_inner),
        (right, next_inner),
        (middle, (top + bottom) / 2),
        (after, (top + bottom) / 2),
        (before, (top + bottom) / 2),
    ]
    .into_iter()
    .map(move |(x, y)| Rect::sized(x, y, width, height))
}

/// How far a rectangle was moved, in its own heights.
fn moved(from: Rect, to: Rect) -> f64 {
    let pixels = from.x0.abs_diff(to.x0) + from.y0.abs_diff(to.y0);
    f64::from(pixels) / f64::from(from.height().max(1))
}

fn covered(grid: &Grid, rect: Rect, weigh: impl Fn(Rect, i64) -> f64) -> f64 {
    let mut sum = 0.0;
    grid.overlapping(rect, |other, overlap| sum += weigh(other, overlap));
    sum
}

#[expect(
    clippy::cast_precision_loss,
    reason = "areas of pictures are below 2^53 pixels"
)]
pub(super) fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// `part` of an area.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "areas of pictures are below 2^53 pixels"
)]
pub(super) fn share(area: i64, part: f64) -> i64 {
    (area as f64 * part) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: Rect = Rect {
        x0: 0,
        y0: 0,
        x1: 640,
        y1: 480,
    };

    fn place_all(boxes: &[Rect], size: (i32, i32), side: Side) -> Vec<Option<Rect>> {
        let mut placer = Placer::new(PICTURE, size.1, boxes);
        boxes
            .iter()
            .map(|owner| placer.place(*owner, size, 2, side))
            .collect()
    }

    #[test]
    fn a_label_sits_on_its_box_where_there_is_room() {
        let boxes = [Rect::new(100, 100, 300, 300)];
        let above = place_all(&boxes, (80, 20), Side::Above)[0].unwrap();
        assert_eq!(above, Rect::sized(100, 82, 80, 20));
        let below = place_all(&boxes, (80, 20), Side::Below)[0].unwrap();
        assert_eq!(below, Rect::sized(100, 298, 80, 20));
    }

    #[test]
    fn at_the_top_of_the_picture_the_label_is_inside_the_box() {
        let boxes = [Rect::new(100, 0, 300, 300)];
        let found = place_all(&boxes, (80, 20), Side::Above)[0].unwrap();
        assert_eq!(found, Rect::sized(100, 0, 80, 20));
    }

    #[test]
    fn labels_stay_inside_and_off_each_other() {
        for side in [Side::Above, Side::Below] {
            for spread in [0, 3, 11, 40] {
                let boxes: Vec<Rect> = (0..10)
                    .map(|i| {
                        let (x, y) = (spread * i, spread * i / 2);
                        Rect::new(500 - x, 200 + y, 640 - x, 300 + y)
                    })
                    .collect();
                let found: Vec<Rect> = place_all(&boxes, (90, 20), side)
                    .into_iter()
                    .flatten()
                    .collect();
                assert!(found.len() >= 8, "spread {spread}: {}", found.len());
                for (i, a) in found.iter().enumerate() {
                    assert!(PICTURE.contains(*a), "{a:?}");
                    for b in &found[..i] {
                        assert!(a.intersect(*b).area() < 150, "{a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn labels_never_cover_the_picture() {
        let boxes: Vec<Rect> = (0..4000)
            .map(|i| Rect::sized(i % 80 * 8, i / 80 * 9, 8, 9))
            .collect();
        let found = place_all(&boxes, (60, 20), Side::Above);
        let area: i64 = found.iter().flatten().map(|rect| rect.area()).sum();
        assert!(area > PICTURE.area() / 5, "{area}");
        assert!(area <= PICTURE.area() * 36 / 100, "{area}");
    }
}
