//! Objects to one mask of class ids.

use std::collections::BinaryHeap;

use super::runs::Runs;

/// Class ids of every pixel of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskIds {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The id of pixels without an object. 0, unless that is a class of its own (as in YOLO): then the highest
    /// id that is none. It has no label, and the W&B app leaves ids without a label transparent.
    pub background: u8,
    /// Row by row, `width × height` bytes.
    pub ids: Vec<u8>,
}

/// Lays objects over each other: the larger (in pixels) below, the smaller on top, so that small things stay
/// visible; of equal ones, the later in the file is on top. Every pixel is written once, whatever overlaps.
pub(super) fn paint(objects: &[(u8, Runs)], width: u32, height: u32, background: u8) -> MaskIds {
    let mut order: Vec<(u64, u8, &Runs)> = objects
        .iter()
        .map(|(id, runs)| (runs.area(), *id, runs))
        .collect();
    order.sort_by_key(|&(area, ..)| std::cmp::Reverse(area));
    let mut pieces: Vec<(u32, u32, u32)> = Vec::new();
    for (rank, (_, _, runs)) in (0..).zip(&order) {
        pieces.extend(
            runs.as_slice()
                .iter()
                .map(|&(start, end)| (start, end, rank)),
        );
    }
    pieces.sort_unstable();

    let (columns, rows) = (width as usize, height as usize);
    let mut mask = MaskIds {
        width,
        height,
        background,
        ids: vec![background; columns * rows],
    };
    let mut open: BinaryHeap<(u32, u32)> = BinaryHeap::new();
    let mut pieces = pieces.into_iter().peekable();
    let mut at = 0_u32;
    loop {
        while let Some((_, end, rank)) = pieces.next_if(|&(start, ..)| start <= at) {
            open.push((rank, end));
        }
        let next = pieces.peek().map(|&(start, ..)| start);
        match open.peek() {
            Some(&(_, end)) if end <= at => {
                open.pop();
            }
            Some(&(rank, end)) => {
                let until = next.map_or(end, |next| next.min(end));
                mask.write(at, until, order[rank as usize].1);
                at = until;
            }
            None => match next {
                Some(next) => at = next,
                None => return mask,
            },
        }
    }
}

impl MaskIds {
    /// Writes `id` into the pixels `start..end` of column-major order.
    fn write(&mut self, start: u32, end: u32, id: u8) {
        let (columns, rows) = (self.width as usize, self.height as usize);
        let (mut column, mut row) = (start as usize / rows, start as usize % rows);
        for _ in start..end {
            self.ids[row * columns + column] = id;
            row += 1;
            if row == rows {
                (column, row) = (column + 1, 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_object_is_on_top_and_of_equal_ones_the_later() {
        let whole = Runs::between(&[0, 6], 6);
        let left = Runs::between(&[0, 2], 6);
        let objects = [(9, left.clone()), (7, whole), (8, left)];
        let mask = paint(&objects, 3, 2, 0);
        assert_eq!(mask.ids, [8, 7, 7, 8, 7, 7]);
    }

    #[test]
    fn what_no_object_covers_is_background() {
        let mask = paint(&[(1, Runs::between(&[2, 3], 6))], 3, 2, 255);
        assert_eq!(mask.ids, [255, 1, 255, 255, 255, 255]);
    }
}
