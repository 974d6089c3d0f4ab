//! Where the edges of a mask are, and how soft.

use super::geometry::{byte, real};
use super::ids::Ids;
use super::mask::MaskLook;

/// Finds how far the pixels of a row are from the nearest pixel of another
/// class, and what that makes of them. The picture's own edge is no border.
pub(super) struct Edges {
    /// Distances beyond this do not matter.
    reach: u8,
    /// Squared distance in each column, [`FAR`] beyond the reach.
    vertical: Vec<u8>,
    /// Squared distance in the plane.
    nearest: Vec<u8>,
    /// Squared distance → how much of the pixel is edge, and casing, of 255.
    pub(super) shares: [(u8, u8); 256],
}

const FAR: u8 = 255;

impl Edges {
    pub(super) fn new(look: &MaskLook, width: usize) -> Self {
        // Squares of distances up to 11 fit into a byte together.
        let (edge, casing) = (look.edge.clamp(1, 8), look.casing.clamp(0, 2));
        let mut shares = [(0, 0); 256];
        for (share, square) in shares.iter_mut().zip(0..i32::from(FAR)) {
            // The border runs halfway between the two pixels.
            let depth = real(square).sqrt() - 0.5;
            let within = |width: i32| (real(width) - depth + 0.5).clamp(0.0, 1.0);
            let line = within(edge);
            *share = (byte(line), byte(within(edge + casing) - line));
        }
        Self {
            reach: u8::try_from(edge + casing).unwrap_or(1),
            vertical: vec![FAR; width],
            nearest: vec![FAR; width],
            shares,
        }
    }

    /// Exact within the reach: the nearest pixel of another class is in some
    /// column, and in that column it is the nearest one.
    pub(super) fn measure(&mut self, ids: &Ids, y: usize) -> &[u8] {
        let row = ids.row(y);
        self.vertical.fill(FAR);
        for k in (1..=self.reach).rev() {
            let above = y.checked_sub(usize::from(k));
            let below = Some(y + usize::from(k)).filter(|y| *y < ids.height);
            for other in [above, below].into_iter().flatten() {
                above_or_below(&mut self.vertical, row, ids.row(other), k * k);
            }
        }
        self.nearest.copy_from_slice(&self.vertical);
        for k in 1..=self.reach {
            let Some(rest) = row.len().checked_sub(usize::from(k)) else {
                break;
            };
            let (vertical, nearest) = (&self.vertical, &mut self.nearest);
            let k_th = usize::from(k);
            beside(
                &mut nearest[..rest],
                &row[..rest],
                &row[k_th..],
                &vertical[k_th..],
                k * k,
            );
            beside(
                &mut nearest[k_th..],
                &row[k_th..],
                &row[..rest],
                &vertical[..rest],
                k * k,
            );
        }
        &self.nearest
    }
}

/// Takes into account a row that is `square` (squared) away.
fn above_or_below(vertical: &mut [u8], row: &[u8], other: &[u8], square: u8) {
    for ((vertical, id), other) in vertical.iter_mut().zip(row).zip(other) {
        *vertical = (square | same(*id, *other)).min(*vertical);
    }
}

/// Takes into account the columns that are `square` (squared) to one side.
fn beside(nearest: &mut [u8], row: &[u8], other: &[u8], vertical: &[u8], square: u8) {
    for (((nearest, id), other), vertical) in nearest.iter_mut().zip(row).zip(other).zip(vertical) {
        let down = *vertical & same(*id, *other);
        *nearest = down.saturating_add(square).min(*nearest);
    }
}

/// All bits where two ids are equal, none where not: without a branch, so that
/// the loops above run on many pixels at a time.
fn same(id: u8, other: u8) -> u8 {
    u8::from(id == other).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::super::mask::Fill;
    use super::super::scene::MaskMark;
    use super::*;

    #[test]
    fn distances_are_those_of_a_search_in_all_directions() {
        let side = 37;
        let look = MaskLook {
            alpha: 153,
            fill: Fill::Plain,
            edge: 2,
            casing: 1,
            period: 8,
        };
        let blob = |i: u32| (i % side * 5 / 23 + (i / side * 7 / 31) * (i % 7 / 6)) % 3;
        let all: Vec<u8> = (0..side * side)
            .map(|i| u8::try_from(blob(i)).unwrap())
            .collect();
        let mask = MaskMark::new(side, side, all.clone()).unwrap();
        let ids = Ids::stretched(&mask, side as usize, side as usize);
        let mut edges = Edges::new(&look, side as usize);
        let at = |i: u32| (i % side, i / side);
        for y in 0..side {
            for (x, found) in (0..side).zip(edges.measure(&ids, y as usize)) {
                let own = all[(y * side + x) as usize];
                let square = |(i, _): (u32, &u8)| {
                    let (to_x, to_y) = at(i);
                    x.abs_diff(to_x).pow(2) + y.abs_diff(to_y).pow(2)
                };
                let others = (0..).zip(&all).filter(|(_, id)| **id != own);
                let expected = others.map(square).min().unwrap();
                // Beyond the reach anything may be found that is not nearer.
                if expected <= 9 {
                    assert_eq!(u32::from(*found), expected, "{x} {y}");
                } else {
                    assert!(u32::from(*found) > 9, "{x} {y}");
                }
            }
        }
    }
}
