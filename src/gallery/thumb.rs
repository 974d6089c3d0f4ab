//! Small pictures: pixels in, the bytes of a small file out.

use crate::encode::jpeg::Quality;
use crate::encode::{EncodeError, EncodeOptions, Encoded, Encoder};
use crate::mode::{FileType, Mode};
use crate::render::{Raster, convert};

/// The longest side of a small picture, in pixels: a card of 160 on a screen of double density.
const SIDE: usize = 320;

/// A picture whose sides are no longer than this needs no smaller one.
const SMALL_ENOUGH: u32 = 400;

/// Whether a page is better off with a small picture instead of this one.
pub(super) fn is_wanted(width: u32, height: u32) -> bool {
    width.max(height) > SMALL_ENOUGH
}

/// What it will be encoded as: JPEG has no alpha.
pub(super) fn file_type(raster: &Raster) -> FileType {
    match raster.channels() % 2 {
        0 => FileType::Png,
        _ => FileType::Jpg,
    }
}

/// Makes a small picture.
pub(super) fn thumb(raster: &Raster, encoder: &mut Encoder) -> Result<Encoded, EncodeError> {
    let small = shrink(raster, SIDE);
    let file_type = file_type(&small);
    let mode = match small.channels() {
        1 => Mode::L,
        2 => Mode::La,
        3 => Mode::Rgb,
        _ => Mode::Rgba,
    };
    let options = EncodeOptions {
        quality: Quality::new(85).unwrap_or_default(),
        ..EncodeOptions::default()
    };
    encoder.encode(&convert(small, mode), file_type, options)
}

/// The picture with its longest side at most `side` pixels; each pixel is the mean of what it covers.
fn shrink(raster: &Raster, side: usize) -> Raster {
    let (width, height, channels) = (raster.width(), raster.height(), raster.channels());
    let longest = width.max(height);
    if longest <= side {
        return Raster::new(width, height, channels, raster.samples().to_vec());
    }
    let scaled = |length: usize| (length * side / longest).max(1);
    let (columns, rows) = (shares(width, scaled(width)), shares(height, scaled(height)));
    let mut samples = Vec::with_capacity(columns.len() * rows.len() * channels);
    let mut sums = vec![0.0f32; columns.len() * channels];
    for row in &rows {
        sums.fill(0.0);
        for (y, weight) in row.iter() {
            let start = y * width * channels;
            let line = &raster.samples()[start..start + width * channels];
            add_row(&mut sums, line, channels, &columns, weight);
        }
        for pixel in sums.chunks_exact(channels) {
            samples.extend(mean(pixel));
        }
    }
    Raster::new(columns.len(), rows.len(), channels, samples)
}

/// Adds a row to the sums of a smaller one. Where there is alpha, a colour counts as much as it is seen.
fn add_row(sums: &mut [f32], line: &[u8], channels: usize, columns: &[Share], weight: f32) {
    for (sum, column) in sums.chunks_exact_mut(channels).zip(columns) {
        for (x, share) in column.iter() {
            let pixel = &line[x * channels..(x + 1) * channels];
            let share = share * weight;
            let seen = match (channels, pixel) {
                (2, [.., alpha]) | (4, [.., alpha]) => share * f32::from(*alpha) / 255.0,
                _ => share,
            };
            let (colors, alpha) = pixel.split_at(channels - (1 - channels % 2));
            for (sum, color) in sum.iter_mut().zip(colors) {
                *sum += seen * f32::from(*color);
            }
            if let (Some(sum), [alpha]) = (sum.last_mut(), alpha) {
                *sum += share * f32::from(*alpha);
            }
        }
    }
}

fn mean(sums: &[f32]) -> impl Iterator<Item = u8> + '_ {
    let has_alpha = sums.len().is_multiple_of(2);
    let alpha = sums.last().copied().filter(|_| has_alpha);
    let last = sums.len() - 1;
    sums.iter().enumerate().map(move |(n, &sum)| match alpha {
        Some(alpha) if n < last && alpha > 0.0 => byte(sum * 255.0 / alpha),
        _ => byte(sum),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 before the cast"
)]
fn byte(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

/// What a pixel of the smaller side covers of the larger one: from where, and how much of each; all together 1.
struct Share {
    start: usize,
    weights: Vec<f32>,
}

impl Share {
    fn iter(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        (self.start..).zip(self.weights.iter().copied())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "less than a side's length, so exact enough"
)]
fn shares(from: usize, to: usize) -> Vec<Share> {
    let share = |n: usize| {
        // In units of one `to`-th of a pixel.
        let (low, high) = (n * from, (n + 1) * from);
        let (start, end) = (low / to, high.div_ceil(to));
        let part = |at: usize| ((at + 1) * to).min(high) - (at * to).max(low);
        Share {
            start,
            weights: (start..end)
                .map(|at| part(at) as f32 / from as f32)
                .collect(),
        }
    };
    (0..to).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_the_mean_of_what_it_covers() {
        let raster = Raster::new(5, 1, 1, vec![0, 100, 200, 50, 250]);
        assert_eq!(shrink(&raster, 1).samples(), [120]);
        let raster = Raster::new(4, 2, 1, vec![0, 100, 200, 50, 0, 100, 200, 50]);
        let small = shrink(&raster, 2);
        assert_eq!((small.width(), small.height()), (2, 1));
        assert_eq!(small.samples(), [50, 125]);
        let raster = Raster::new(3, 3, 1, vec![90; 9]);
        assert_eq!(shrink(&raster, 2).samples(), [90; 4]);
    }

    #[test]
    fn what_is_not_seen_gives_no_colour() {
        let raster = Raster::new(2, 1, 4, vec![200, 100, 0, 255, 0, 0, 0, 0]);
        assert_eq!(shrink(&raster, 1).samples(), [200, 100, 0, 128]);
        let raster = Raster::new(2, 1, 2, vec![200, 255, 0, 255]);
        assert_eq!(shrink(&raster, 1).samples(), [100, 255]);
        let raster = Raster::new(2, 1, 4, vec![9; 8]);
        assert_eq!(shrink(&raster, 1).samples(), [9; 4]);
    }

    #[test]
    fn no_side_vanishes() {
        let small = shrink(&Raster::new(1000, 1, 1, vec![7; 1000]), SIDE);
        assert_eq!((small.width(), small.height()), (SIDE, 1));
        assert!(small.samples().iter().all(|&v| v == 7));
    }
}
