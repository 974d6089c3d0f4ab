//! The class ids of a mask at the size of the picture, and what can be read off
//! them.

use std::borrow::Cow;

use super::geometry::{Rect, index};
use super::mask::Classes;
use super::scene::MaskMark;

/// Class ids at the size of the picture.
pub(super) struct Ids<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    ids: Cow<'a, [u8]>,
}

impl<'a> Ids<'a> {
    /// Stretches a mask to `width` x `height` by nearest neighbour: pixel `x`
    /// takes the id under its centre.
    pub(super) fn stretched(mask: &'a MaskMark, width: usize, height: usize) -> Self {
        let (from_w, from_h) = (mask.width() as usize, mask.height() as usize);
        let ids = if (from_w, from_h) == (width, height) {
            Cow::Borrowed(mask.ids())
        } else {
            let source = |at: usize, from: usize, to: usize| (2 * at + 1) * from / (2 * to);
            let columns: Vec<usize> = (0..width).map(|x| source(x, from_w, width)).collect();
            let mut ids = Vec::with_capacity(width * height);
            for y in 0..height {
                let start = source(y, from_h, height) * from_w;
                let row = mask.ids().get(start..start + from_w).unwrap_or(&[]);
                ids.extend(columns.iter().map(|&x| row.get(x).copied().unwrap_or(0)));
            }
            Cow::Owned(ids)
        };
        Self { width, height, ids }
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        let start = y * self.width;
        self.ids.get(start..start + self.width).unwrap_or(&[])
    }

    /// The share of a rectangle inside the picture that is in a class with a
    /// colour, from a sample.
    pub(super) fn share_within(&self, rect: Rect, classes: &Classes) -> f64 {
        const SAMPLES: i32 = 12;
        let mut hits = 0;
        for i in 0..SAMPLES * SAMPLES {
            let (nth_x, nth_y) = (i % SAMPLES, i / SAMPLES);
            let x = rect.x0 + rect.width() * nth_x / SAMPLES;
            let y = rect.y0 + rect.height() * nth_y / SAMPLES;
            if x < 0 || y < 0 || index(y) >= self.height {
                continue;
            }
            let id = self.row(index(y)).get(index(x));
            hits += i32::from(id.is_some_and(|id| classes[usize::from(*id)].is_some()));
        }
        f64::from(hits) / f64::from(SAMPLES * SAMPLES)
    }

    /// How much of a border pixel is edge, of 255: all along a straight border,
    /// less at the corners of its steps, so that slanted borders look smooth.
    pub(super) fn smooth(&self, x: usize, y: usize) -> u8 {
        let id = self.row(y).get(x);
        let columns = x.saturating_sub(1)..(x + 2).min(self.width);
        let rows = y.saturating_sub(1)..(y + 2).min(self.height);
        let around = columns.len() * rows.len();
        let same: usize = rows
            .map(|y| {
                let row = self.row(y).get(columns.clone()).unwrap_or(&[]);
                row.iter().filter(|other| Some(*other) == id).count()
            })
            .sum();
        match same * 9 / around {
            6.. => 255,
            5 => 180,
            _ => 115,
        }
    }

    /// Pixels of each id.
    pub(super) fn counts(&self) -> [u64; 256] {
        let mut counts = [0; 256];
        for y in 0..self.height {
            for (id, start, end) in runs(self.row(y)) {
                counts[usize::from(id)] += (end - start) as u64;
            }
        }
        counts
    }
}

/// Stretches of equal values: (value, start, end).
pub(super) fn runs(row: &[u8]) -> impl Iterator<Item = (u8, usize, usize)> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let value = *row.get(start)?;
        let from = start;
        start += run_length(&row[start..], value);
        Some((value, from, start))
    })
}

/// How many values at the beginning are `value`; 32 at a time, since runs are
/// long in most masks.
fn run_length(row: &[u8], value: u8) -> usize {
    let (blocks, _) = row.as_chunks::<32>();
    let whole = blocks
        .iter()
        .take_while(|block| **block == [value; 32])
        .count()
        * 32;
    let rest = row.get(whole..).unwrap_or(&[]);
    whole + rest.iter().take_while(|id| **id == value).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_a_row_once() {
        let row: Vec<u8> = (0..500u32).map(|i| (i * i / 4000 % 7) as u8).collect();
        let mut next = 0;
        for (value, start, end) in runs(&row) {
            assert_eq!(start, next);
            assert!(row[start..end].iter().all(|v| *v == value));
            assert_ne!(row.get(end), Some(&value));
            next = end;
        }
        assert_eq!(next, row.len());
    }
}
