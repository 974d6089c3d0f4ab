//! The forward transform: sixteen blocks at a time, one in each lane.
//!
//! The two passes are libjpeg's accurate integer transform ("islow": Loeffler, Ligtenberg and
//! Moschytz, 13-bit constants, two extra bits between the passes). Each result is one sum of
//! products rounded once, so any order of the additions gives the same bits.

use multiversion::multiversion;

use super::quant::{Quantizer, ZIGZAG};

/// Blocks that are transformed together.
pub(super) const LANES: usize = 16;

/// Eight rows of the samples of [`LANES`] blocks that lie side by side.
pub(super) type Tile = [[u8; 8 * LANES]; 8];

/// Quantised coefficients of [`LANES`] blocks.
pub(super) struct Batch {
    /// Coefficient by coefficient in zigzag order, each with a lane for every block.
    pub(super) coefficients: [[i16; LANES]; 64],
    /// For each sixteen coefficients and each block, which of them are not zero.
    nonzero: [[u16; LANES]; 4],
}

impl Batch {
    /// Nothing transformed yet.
    pub(super) const EMPTY: Self = Self {
        coefficients: [[0; LANES]; 64],
        nonzero: [[0; LANES]; 4],
    };

    /// Bit `k` is set where coefficient `k` of the zigzag of block `lane` is not zero.
    #[inline(always)]
    pub(super) fn nonzero(&self, lane: usize) -> u64 {
        let [a, b, c, d] = &self.nonzero;
        u64::from(a[lane])
            | u64::from(b[lane]) << 16
            | u64::from(c[lane]) << 32
            | u64::from(d[lane]) << 48
    }
}

/// Transforms and quantises all blocks of a tile.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn transform(tile: &Tile, quantizer: &Quantizer, batch: &mut Batch) {
    let mut plane = [[0; LANES]; 64];
    for (row, plane) in tile.iter().zip(plane.as_chunks_mut::<8>().0) {
        transform_rows(&columns(row), plane);
    }
    for column in 0..8 {
        transform_columns(&mut plane, column);
    }
    quantize(&plane, quantizer, batch);
}

/// A row of a tile sorted by column: the first sample of every block, then the second, ...
///
/// Parting the even from the odd turns the index's bits round by one; after three times the
/// column is in front.
#[inline(always)]
fn columns(row: &[u8; 8 * LANES]) -> [[u8; LANES]; 8] {
    let sorted = part(&part(&part(row)));
    let mut columns = [[0; LANES]; 8];
    columns.as_flattened_mut().copy_from_slice(&sorted);
    columns
}

/// The samples at even places, then those at odd places.
#[inline(always)]
fn part(row: &[u8; 8 * LANES]) -> [u8; 8 * LANES] {
    let mut parted = [0; 8 * LANES];
    let (even, odd) = parted.split_at_mut(4 * LANES);
    for (i, pair) in row.as_chunks::<2>().0.iter().enumerate() {
        even[i] = pair[0];
        odd[i] = pair[1];
    }
    parted
}

/// The first pass, on one row of every block: results are 4√8 times the true ones.
#[inline(always)]
fn transform_rows(samples: &[[u8; LANES]; 8], plane: &mut [[i16; LANES]; 8]) {
    for lane in 0..LANES {
        let wave = Wave::of(std::array::from_fn(|i| i16::from(samples[i][lane])));
        // The samples' offset of 128 is gone from everything but the mean.
        plane[0][lane] = (wave.mean - 8 * 128) << 2;
        plane[4][lane] = wave.fourth << 2;
        for (place, value) in PLACES.into_iter().zip(wave.others) {
            plane[place][lane] = round::<11>(value);
        }
    }
}

/// The second pass, on one column of every block: results are 8 times the true ones.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "a lane runs through sixty-four arrays at once"
)]
fn transform_columns(plane: &mut [[i16; LANES]; 64], column: usize) {
    for lane in 0..LANES {
        let wave = Wave::of(std::array::from_fn(|i| plane[i * 8 + column][lane]));
        plane[column][lane] = (wave.mean + 2) >> 2;
        plane[4 * 8 + column][lane] = (wave.fourth + 2) >> 2;
        for (place, value) in PLACES.into_iter().zip(wave.others) {
            plane[place * 8 + column][lane] = round::<15>(value);
        }
    }
}

/// The frequencies of [`Wave::others`].
const PLACES: [usize; 6] = [1, 2, 3, 5, 6, 7];

/// A one-dimensional transform of eight numbers, times √8.
struct Wave {
    /// Frequency 0: the plain sum.
    mean: i16,
    /// Frequency 4, which takes no multiplication either.
    fourth: i16,
    /// The frequencies in [`PLACES`], times 2^13.
    others: [i32; 6],
}

impl Wave {
    /// Sums have 16 bits, which is what a vector multiplies fastest: the first pass's results are
    /// from -4096 to 4080, so the sum of eight of them, the largest here, is -32768 at least.
    ///
    /// The constants are √2 times cosines of multiples of π/16, and sums of them, times 2^13.
    #[inline(always)]
    fn of(x: [i16; 8]) -> Self {
        let [a, b, c, d] = [x[0] + x[7], x[1] + x[6], x[2] + x[5], x[3] + x[4]];
        let [e, f, g, h] = [x[3] - x[4], x[2] - x[5], x[1] - x[6], x[0] - x[7]];
        let by = |sum: i16, factor: i16| i32::from(sum) * i32::from(factor);
        let shared = by(a - d + b - c, 4433);
        let turn = by(e + f + g + h, 9633);
        let [eg, fh] = [turn - by(e + g, 16069), turn - by(f + h, 3196)];
        let [eh, fg] = [by(e + h, 7373), by(f + g, 20995)];
        Self {
            mean: a + d + b + c,
            fourth: a + d - b - c,
            others: [
                by(h, 12299) - eh + fh,
                shared + by(a - d, 6270),
                by(g, 25172) - fg + eg,
                by(f, 16819) - fg + fh,
                shared - by(b - c, 15137),
                by(e, 2446) - eh + eg,
            ],
        }
    }
}

/// A value without its lowest bits, halves rounded up.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a transformed value needs no more bits than the mean, which has 16"
)]
fn round<const BITS: u32>(value: i32) -> i16 {
    ((value + (1 << (BITS - 1))) >> BITS) as i16
}

/// Divides by the quantiser's steps, into zigzag order, and notes what is left.
#[inline(always)]
fn quantize(plane: &[[i16; LANES]; 64], quantizer: &Quantizer, batch: &mut Batch) {
    for (group, nonzero) in batch.nonzero.iter_mut().enumerate() {
        *nonzero = [0; LANES];
        for bit in 0..16 {
            let k = group * 16 + bit;
            let input = &plane[ZIGZAG[k]];
            let output = &mut batch.coefficients[k];
            for lane in 0..LANES {
                // Signs taken off and put back by arithmetic: given a choice between two results,
                // the compiler computes both of them.
                let sign = input[lane] >> 15;
                let magnitude = ((input[lane] ^ sign) - sign).cast_unsigned();
                let quotient = quantizer.divide(k, magnitude).cast_signed();
                output[lane] = (quotient ^ sign) - sign;
                nonzero[lane] |= if quotient == 0 { 0 } else { 1 << bit };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Quality;
    use super::super::quant::Kind;
    use super::*;
    use std::f64::consts::PI;

    /// What sample `i` adds to coefficient `at`, both counted row by row, for each step of its own.
    fn weight(i: usize, at: usize) -> f64 {
        let wave = |i: usize, n: usize| {
            let scale = if n == 0 { 0.5_f64.sqrt() } else { 1.0 };
            #[expect(clippy::cast_precision_loss, reason = "at most 15 times 7")]
            let angle = ((2 * i + 1) * n) as f64 * PI / 16.0;
            scale * angle.cos() / 2.0
        };
        wave(i / 8, at / 8) * wave(i % 8, at % 8)
    }

    /// The cosine transform as the standard defines it, row by row.
    fn exact(samples: &[[u8; 8]; 8]) -> [f64; 64] {
        std::array::from_fn(|at| {
            let samples = samples.as_flattened().iter().enumerate();
            let terms = samples.map(|(i, &sample)| (f64::from(sample) - 128.0) * weight(i, at));
            terms.sum()
        })
    }

    #[test]
    fn the_largest_coefficients_are_those_of_the_cosine_transform() {
        let quantizer = Quantizer::new(Kind::Luma, Quality(100));
        for frequency in 0..128 {
            // Black and white where a cosine is below and above zero, and the other way round.
            let mut block = [[0; 8]; 8];
            for (i, sample) in block.as_flattened_mut().iter_mut().enumerate() {
                let positive = weight(i, frequency % 64) >= 0.0;
                *sample = if positive == (frequency < 64) { 255 } else { 0 };
            }
            let lane = frequency % LANES;
            let mut tile = [[0; 8 * LANES]; 8];
            for (row, samples) in tile.iter_mut().zip(&block) {
                row[8 * lane..][..8].copy_from_slice(samples);
            }
            let mut batch = Batch::EMPTY;
            transform(&tile, &quantizer, &mut batch);
            let expected = exact(&block);
            for (k, &natural) in ZIGZAG.iter().enumerate() {
                let found = batch.coefficients[k][lane];
                assert!(
                    (f64::from(found) - expected[natural]).abs() < 1.0,
                    "{frequency}: coefficient {k} is {found}, not {}",
                    expected[natural]
                );
                assert_eq!(batch.nonzero(lane) >> k & 1, u64::from(found != 0));
            }
        }
    }
}
