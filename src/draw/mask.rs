//! Masks: each class blended in its colour, with an edge where it ends. One
//! pass over the rows. Only a mask of another size than the picture's is copied.

use super::canvas::{Brush, Canvas, Paint};
use super::color::Color;
use super::edges::Edges;
use super::ids::{Ids, runs};

/// What tells the mask layers apart, besides their colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fill {
    Plain,
    /// Stripes that rise to the right.
    Rising,
    /// Stripes that fall to the right.
    Falling,
    /// The edge only.
    Edge,
}

/// How a mask is drawn; sizes in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct MaskLook {
    pub(super) alpha: u8,
    pub(super) fill: Fill,
    /// Width of the edge, which lies inside the class; at least 1.
    pub(super) edge: i32,
    /// Width of the dark line inside the edge, which sets it off from its own
    /// fill; 0 for none.
    pub(super) casing: i32,
    /// From stripe to stripe, along a row.
    pub(super) period: i32,
}

/// The colour of each class id; `None` is left transparent.
pub(super) type Classes = [Option<Color>; 256];

const CASING: u8 = 120;

/// Blends one mask layer onto the picture.
pub(super) fn paint(canvas: &mut Canvas, ids: &Ids, classes: &Classes, look: &MaskLook) {
    let inks: Vec<Option<Ink>> = classes
        .iter()
        .map(|color| color.map(|color| Ink::new(canvas, color, look.alpha)))
        .collect();
    let mut edges = Edges::new(look, ids.width);
    for y in 0..ids.height {
        fill_row(canvas, ids.row(y), y, &inks, look);
        edge_row(canvas, ids, y, &mut edges, &inks);
    }
}

/// All that a class is painted with.
struct Ink {
    fill: Brush,
    edge: Paint,
    casing: Paint,
}

impl Ink {
    fn new(canvas: &Canvas, color: Color, alpha: u8) -> Self {
        Self {
            fill: canvas.brush(Paint::new(color, alpha)),
            edge: Paint::opaque(color),
            casing: Paint::new(color.casing(), CASING),
        }
    }
}

fn fill_row(canvas: &mut Canvas, row: &[u8], y: usize, inks: &[Option<Ink>], look: &MaskLook) {
    let Ok(y) = i32::try_from(y) else { return };
    for (id, start, end) in runs(row) {
        let (Some(Ink { fill: brush, .. }), Ok(start), Ok(end)) = (
            &inks[usize::from(id)],
            i32::try_from(start),
            i32::try_from(end),
        ) else {
            continue;
        };
        match look.fill {
            Fill::Plain => canvas.span(start, end, y, brush),
            Fill::Rising => stripes(canvas, start, end, y, y, brush, look.period),
            Fill::Falling => stripes(canvas, start, end, y, -y, brush, look.period),
            Fill::Edge => {}
        }
    }
}

/// The pixels of a row on diagonal stripes that move by one pixel a row.
fn stripes(
    canvas: &mut Canvas,
    start: i32,
    end: i32,
    y: i32,
    phase: i32,
    brush: &Brush,
    period: i32,
) {
    let on = (period * 2 / 5).max(1);
    let mut x = start - (start + phase).rem_euclid(period);
    while x < end {
        let (from, to) = ((x + 1).max(start), (x + on).min(end));
        if from < to {
            canvas.span(from, to, y, brush);
        }
        // The slanted side of a stripe cuts its outermost pixels in half.
        for side in [x, x + on] {
            if (start..end).contains(&side) {
                canvas.dot(side, y, brush.paint().covering(128));
            }
        }
        x += period;
    }
}

fn edge_row(canvas: &mut Canvas, ids: &Ids, y: usize, edges: &mut Edges, inks: &[Option<Ink>]) {
    let Ok(down) = i32::try_from(y) else { return };
    let shares = edges.shares;
    for (square, start, end) in runs(edges.measure(ids, y)) {
        let (line, casing) = shares[usize::from(square)];
        if (line, casing) == (0, 0) {
            continue;
        }
        for (x, id) in (start..end).zip(&ids.row(y)[start..end]) {
            let (Some(ink), Ok(at)) = (&inks[usize::from(*id)], i32::try_from(x)) else {
                continue;
            };
            let line = if square == 1 { ids.smooth(x, y) } else { line };
            canvas.dot(at, down, ink.casing.covering(casing));
            canvas.dot(at, down, ink.edge.covering(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::Channels;
    use super::super::color::blend;
    use super::super::scene::MaskMark;
    use super::*;

    const BLUE: Color = Color::hex(0x5387DD);

    fn look(fill: Fill) -> MaskLook {
        MaskLook {
            alpha: 153,
            fill,
            edge: 2,
            casing: 1,
            period: 8,
        }
    }

    fn classes() -> Classes {
        let mut classes = [None; 256];
        classes[1] = Some(BLUE);
        classes
    }

    fn painted(mask: &MaskMark, side: u32, fill: Fill) -> Vec<[u8; 3]> {
        let mut pixels = vec![10; side as usize * side as usize * 3];
        let mut canvas = Canvas::new(&mut pixels, side, side, Channels::Rgb).unwrap();
        let ids = Ids::stretched(mask, side as usize, side as usize);
        paint(&mut canvas, &ids, &classes(), &look(fill));
        pixels.as_chunks().0.to_vec()
    }

    /// 1 in the lower right quarter, 2 in the upper left.
    fn quarters(side: u32) -> MaskMark {
        let half = side / 2;
        let id = |x, y| match (x >= half, y >= half) {
            (true, true) => 1,
            (false, false) => 2,
            _ => 0,
        };
        let ids = (0..side * side).map(|i| id(i % side, i / side)).collect();
        MaskMark::new(side, side, ids).unwrap()
    }

    #[test]
    fn the_inside_is_blended_exactly_and_the_outside_untouched() {
        let picture = painted(&quarters(40), 40, Fill::Plain);
        let inside = [BLUE.r, BLUE.g, BLUE.b].map(|c| blend(10, c, 153));
        for (i, pixel) in picture.iter().enumerate() {
            let (x, y) = (i % 40, i / 40);
            if x < 20 || y < 20 {
                assert_eq!(*pixel, [10; 3], "{x} {y}");
            } else if x >= 24 && y >= 24 {
                assert_eq!(*pixel, inside, "{x} {y}");
            }
        }
        assert_eq!(picture[30 * 40 + 20], [BLUE.r, BLUE.g, BLUE.b], "edge");
        assert_eq!(picture[39 * 40 + 39], inside, "no edge at the border");
    }

    #[test]
    fn a_smaller_mask_is_stretched_by_nearest_neighbour() {
        let picture = painted(&quarters(2), 40, Fill::Plain);
        assert_eq!(picture, painted(&quarters(40), 40, Fill::Plain));
        let mask = MaskMark::new(3, 1, vec![1, 2, 3]).unwrap();
        assert_eq!(*Ids::stretched(&mask, 7, 1).row(0), [1, 1, 2, 2, 2, 3, 3]);
        assert_eq!(*Ids::stretched(&mask, 2, 1).row(0), [1, 3]);
    }

    #[test]
    fn fills_differ_but_edges_agree() {
        let pictures = [Fill::Plain, Fill::Rising, Fill::Falling, Fill::Edge]
            .map(|fill| painted(&quarters(40), 40, fill));
        for (i, a) in pictures.iter().enumerate() {
            assert_eq!(a[30 * 40 + 20], [BLUE.r, BLUE.g, BLUE.b]);
            for b in &pictures[i + 1..] {
                assert_ne!(a, b);
            }
        }
    }
}
