//! A palette made for one picture with alpha: its own colours where 256 are enough, else the means of 256 boxes
//! that the colours are cut into, each time across the box and channel with the largest squared error
//! (variance-based median cut, after Wan, Wong and Prusinkiewicz, 1988).

use std::collections::HashMap;
use std::ops::Range;

use super::modes::Palette;

/// The most colours that an index of 8 bits can name.
const MAX_COLORS: usize = 256;

/// A colour, and how many pixels have it.
#[derive(Clone, Copy)]
struct Weighted {
    color: [u8; 4],
    pixels: f64,
}

/// RGBA samples to indices and the palette that they are in.
pub(super) fn adaptive(samples: &[u8]) -> (Vec<u8>, Palette) {
    let mut counts: HashMap<[u8; 4], f64> = HashMap::new();
    let pixels = || samples.chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]);
    for color in pixels() {
        *counts.entry(color).or_default() += 1.0;
    }
    let mut colors: Vec<Weighted> = counts
        .into_iter()
        .map(|(color, pixels)| Weighted { color, pixels })
        .collect();
    // A map has no order of its own, and the same pixels must give the same bytes.
    colors.sort_unstable_by_key(|weighted| weighted.color);
    let boxes = cut(&mut colors);
    let mut palette: Vec<[u8; 4]> = Vec::with_capacity(boxes.len());
    let mut index_of: HashMap<[u8; 4], u8> = HashMap::with_capacity(colors.len());
    for (index, colors) in (0..=u8::MAX).zip(boxes.into_iter().map(|range| &colors[range])) {
        palette.push(Moments::of(colors).mean());
        index_of.extend(colors.iter().map(|weighted| (weighted.color, index)));
    }
    let indices = pixels().map(|color| index_of[&color]).collect();
    let (colors, mut alpha): (Vec<_>, Vec<_>) = palette
        .into_iter()
        .map(|[r, g, b, a]| ([r, g, b], a))
        .unzip();
    let opaque = alpha.iter().rev().take_while(|&&a| a == 255).count();
    alpha.truncate(alpha.len() - opaque);
    (indices, Palette { colors, alpha })
}

/// Reorders colours so that each range of the result is a box.
fn cut(colors: &mut [Weighted]) -> Vec<Range<usize>> {
    let mut boxes = vec![(Moments::of(colors), 0..colors.len())];
    while boxes.len() < MAX_COLORS {
        let errors = boxes.iter().map(|(moments, _)| moments.worst_channel().1);
        let worst = errors.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((worst, _)) = worst.filter(|&(_, error)| error > 0.0) else {
            break;
        };
        let (moments, range) = boxes.swap_remove(worst);
        let (channel, _) = moments.worst_channel();
        let mean = moments.sums[channel] / moments.pixels;
        colors[range.clone()].sort_unstable_by_key(|weighted| weighted.color[channel]);
        let below = colors[range.clone()]
            .partition_point(|weighted| f64::from(weighted.color[channel]) <= mean);
        for half in [
            range.start..range.start + below,
            range.start + below..range.end,
        ] {
            boxes.push((Moments::of(&colors[half.clone()]), half));
        }
    }
    boxes.into_iter().map(|(_, range)| range).collect()
}

/// Sums over a box from which its mean and squared error follow.
struct Moments {
    pixels: f64,
    sums: [f64; 4],
    squares: [f64; 4],
}

impl Moments {
    fn of(colors: &[Weighted]) -> Self {
        let mut moments = Self {
            pixels: 0.0,
            sums: [0.0; 4],
            squares: [0.0; 4],
        };
        for Weighted { color, pixels } in colors {
            moments.pixels += pixels;
            for (channel, value) in color.map(f64::from).into_iter().enumerate() {
                moments.sums[channel] += value * pixels;
                moments.squares[channel] += value * value * pixels;
            }
        }
        moments
    }

    /// The channel with the largest squared error around the mean, and that error.
    fn worst_channel(&self) -> (usize, f64) {
        let error = |c: usize| self.squares[c] - self.sums[c] * self.sums[c] / self.pixels;
        let errors = (0..4).map(|c| (c, error(c)));
        // Rounding leaves a trace of error in boxes of one colour.
        errors
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|&(_, e)| e > 1e-3)
            .unwrap_or((0, 0.0))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of bytes is a byte"
    )]
    fn mean(&self) -> [u8; 4] {
        self.sums.map(|sum| (sum / self.pixels + 0.5) as u8)
    }
}
