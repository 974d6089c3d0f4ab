//! What kind of picture some rows are of, and so what is worth trying: told from a few of them.

use super::counts::count_bytes;
use super::filter::{Strategy, is_plain};
use super::pixels::Rows;
use super::plan::{COLORED, FLAT, GREY, PATTERNED, PHOTOGRAPHIC, PLAINEST, SHADED, Trial};
use super::runs::{Kinds, equal_at, parse_runs};

/// What filtered rows look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Noise of any strength.
    Photographic,
    /// The same, but little enough that pixels come again beside one another, as on even shades, and where pictures were
    /// made larger.
    Shaded,
    /// What a formula gives: slopes, waves and the like.
    Patterned,
    /// Plain areas.
    Flat,
    /// Little else.
    Plainest,
    /// Few colours, as from a palette or a colour map.
    Colored,
    /// Grey, although it could have colours.
    Grey,
}

/// Share of equal neighbours from which rows count as flat.
const MANY_EQUAL: f64 = 0.4;
/// The same up to which it is their number that matters where colours are few, and from which colours hardly matter.
const MOST_EQUAL: f64 = 0.8;
const ALMOST_ALL_EQUAL: f64 = 0.9;
/// Share of bytes that equal those a pixel before up to which there can be few runs of pixels.
const SOME_EQUAL: f64 = 0.2;
/// Share of bytes in runs of pixels from which these save half a hundredth and more, in an eighth more of the time.
const MANY_IN_RUNS: f64 = 0.01;
/// Most colours of pictures that were made from a palette or a colour map, and of how many pixels these must be, at least.
const FEW_COLORS: u32 = 256;
const LOOKED_AT: usize = 2048;
/// Pixels after which those are counted: photographs have more colours in these already.
const PART: usize = 512;

/// Most values that bytes of filtered rows have where that alone tells what they are of, and where not a third of them is rare.
const FEW_STEPS: usize = 18;
const SOME_STEPS: usize = 80;
/// Once in so many bytes is rare.
const RARELY: usize = 1000;

/// Bytes of samples that are looked at.
const LOOK: usize = 12 << 10;
/// Places that they are taken from.
const STRIPS: usize = 4;

impl Look {
    /// Looks at a few of the `rows`, taken into the buffer, and at what they are when filtered.
    pub(super) fn at(rows: &Rows<'_>, buffer: &mut Vec<u8>, filtered: &mut Vec<u8>) -> Self {
        let sample = rows.sample(LOOK, STRIPS, buffer);
        filtered.clear();
        for (row, above) in sample.iter() {
            Strategy::LeastSum.apply(row, above, sample.pixel, filtered);
        }
        Self::of(filtered, &sample)
    }

    /// Looks at `filtered` rows and at the `rows` of pixels that they come from.
    fn of(filtered: &[u8], rows: &Rows<'_>) -> Self {
        let equal_at = |distance| equal_at(filtered, distance) as f64 / filtered.len() as f64;
        let equal = equal_at(1);
        let has_plain_row = || rows.iter().any(|(row, _)| is_plain(row, rows.pixel));
        if equal > ALMOST_ALL_EQUAL {
            return Self::Plainest;
        }
        match Colors::of(rows) {
            // So are those of a dark corner of a photograph.
            Colors::Few if equal > MOST_EQUAL => Self::Flat,
            Colors::Few => Self::Colored,
            Colors::Greys => Self::Grey,
            Colors::Many if equal > MANY_EQUAL && has_plain_row() => Self::Flat,
            Colors::Many if is_formula(filtered, equal) => Self::Patterned,
            Colors::Many
                if rows.pixel > 1
                    && equal_at(rows.pixel) > SOME_EQUAL
                    && share_in_runs_of_pixels(filtered, rows.pixel) > MANY_IN_RUNS =>
            {
                Self::Shaded
            }
            Colors::Many => Self::Photographic,
        }
    }

    /// What is worth trying on such pictures.
    pub(super) fn trial(&self) -> &'static Trial {
        match self {
            Self::Photographic => &PHOTOGRAPHIC,
            Self::Shaded => &SHADED,
            Self::Patterned => &PATTERNED,
            Self::Flat => &FLAT,
            Self::Plainest => &PLAINEST,
            Self::Colored => &COLORED,
            Self::Grey => &GREY,
        }
    }
}

/// Share of bytes that are in runs of pixels.
fn share_in_runs_of_pixels(filtered: &[u8], pixel: usize) -> f64 {
    let mut runs = Vec::new();
    parse_runs(filtered, pixel, Kinds::BytesAndPixels, &mut runs);
    let of_pixels = runs.iter().filter(|run| run.distance > 1);
    let bytes: usize = of_pixels.map(|run| usize::from(run.length)).sum();
    bytes as f64 / filtered.len() as f64
}

/// Whether the steps from pixel to pixel are so few, or so few of them rare, as nothing that was photographed has them.
fn is_formula(filtered: &[u8], equal: f64) -> bool {
    let counts = count_bytes(filtered);
    let values = counts.iter().filter(|&&count| count > 0).count();
    let is_frequent = |&&count: &&u32| count as usize * RARELY > filtered.len();
    let frequent = counts.iter().filter(is_frequent).count();
    (values <= FEW_STEPS && equal > MANY_EQUAL)
        || (values <= SOME_STEPS && 3 * frequent > 2 * values)
}

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colors {
    Few,
    /// Few, and all of them grey.
    Greys,
    /// Many, or one byte for each pixel.
    Many,
}

impl Colors {
    /// Counts hashes of the pixels, so a few values are missed.
    fn of(rows: &Rows<'_>) -> Self {
        if rows.pixel == 1 || rows.samples.len() < LOOKED_AT * rows.pixel {
            return Self::Many;
        }
        let mut seen = [0u64; 64];
        for pixels in rows.samples.chunks(PART * rows.pixel) {
            for pixel in pixels.chunks_exact(rows.pixel) {
                let join = |value: u32, &byte| value << 8 | u32::from(byte);
                let hash = pixel.iter().fold(0, join).wrapping_mul(0x9e37_79b1);
                seen[(hash >> 26) as usize] |= 1 << (hash >> 20 & 63);
            }
            let values: u32 = seen.iter().map(|bits| bits.count_ones()).sum();
            if values > FEW_COLORS {
                return Self::Many;
            }
        }
        let is_grey = |pixel: &[u8]| matches!(pixel, [r, g, b, ..] if r == g && g == b);
        match rows.samples.chunks_exact(rows.pixel).all(is_grey) {
            true => Self::Greys,
            false => Self::Few,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a picture of these RGB pixels, 128 a row, looks like.
    fn look_at(pixel: impl Fn(usize, usize) -> [u8; 3]) -> Look {
        let places = (0..128 * 128).map(|n| (n % 128, n / 128));
        let samples: Vec<u8> = places.flat_map(|(x, y)| pixel(x, y)).collect();
        let row = 128 * 3;
        let (above, pixel) = (&vec![0; row][..], 3);
        let rows = Rows {
            samples: &samples,
            above,
            row,
            pixel,
        };
        Look::at(&rows, &mut Vec::new(), &mut Vec::new())
    }

    /// A byte that anything may follow.
    fn noise(x: usize, y: usize) -> u8 {
        let hash = (x + 257 * y).wrapping_mul(0x9e37_79b1);
        let hash = (hash ^ hash >> 15).wrapping_mul(0x85eb_ca77);
        (hash >> 13).to_le_bytes()[0]
    }

    #[test]
    fn pictures_of_few_colours_are_told_from_grey_ones_and_from_photographs() {
        let color_of = |n: u8| [n, n.wrapping_mul(3), 255 - n];
        assert_eq!(look_at(|x, y| color_of(noise(x, y) & 31)), Look::Colored);
        assert_eq!(look_at(|x, y| [noise(x, y) & 31; 3]), Look::Grey);
        let many = |x, y| [noise(x, y), noise(y, x), noise(x + 7, y)];
        assert_eq!(look_at(many), Look::Photographic);
        // Most of it is the same, as in the dark corner of a photograph.
        let dark = |x, y| [u8::from(noise(x, y) < 48), 1, 2];
        assert_eq!(look_at(dark), Look::Flat);
    }

    #[test]
    fn formulas_are_told_from_photographs_by_their_steps() {
        // Steps of which each is as frequent as the others, and as many with some that are rare.
        let steps = |rare: u8| -> Vec<u8> {
            let frequent = (0..40).cycle().take(12_000);
            frequent
                .chain((40..40 + rare).cycle().take(4 * usize::from(rare)))
                .collect()
        };
        for (rare, expected) in [(0, true), (5, true), (30, false)] {
            assert_eq!(is_formula(&steps(rare), 0.1), expected, "{rare}");
        }
        // So few that it does not matter, if most are the same.
        let few: Vec<u8> = steps(12)
            .into_iter()
            .map(|n| if n < 40 { n / 10 } else { n })
            .collect();
        for (equal, expected) in [(0.1, false), (0.5, true)] {
            assert_eq!(is_formula(&few, equal), expected, "{equal}");
        }
    }
}
