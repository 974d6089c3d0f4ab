//! The forward transform, and quantisation of what it gives.
//!
//! The two passes are libjpeg's accurate integer transform ("islow": Loeffler, Ligtenberg and
//! Moschytz, 13-bit constants, two extra bits between the passes). Each result is one sum of
//! products rounded once, so any order of the additions gives the same bits.

use multiversion::{multiversion, target::match_target};

use super::quant::{Quantizer, ZIGZAG};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};

/// Blocks side by side in a tile.
pub(super) const BLOCKS: usize = 16;

/// Eight rows of the samples of [`BLOCKS`] blocks that lie side by side.
pub(super) type Tile = [[i16; 8 * BLOCKS]; 8];

/// Eight rows of eight numbers.
type Plane = [[i16; 8]; 8];

/// Quantised coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    /// In zigzag order.
    pub(super) coefficients: [i16; 64],
    /// Bit `k` is set where coefficient `k` is not zero.
    pub(super) nonzero: u64,
}

impl Block {
    /// Nothing transformed yet.
    pub(super) const EMPTY: Self = Self {
        coefficients: [0; 64],
        nonzero: 0,
    };
}

/// Transforms and quantises the first `count` blocks of a tile; what later blocks become is left open.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
pub(super) fn transform(
    tile: &Tile,
    count: usize,
    quantizer: &Quantizer,
    blocks: &mut [Block; BLOCKS],
) {
    match_target! {
        "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni+bmi1+bmi2+lzcnt+popcnt" => {
            avx512::transform(tile, count, quantizer, blocks)
        },
        "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt" => avx2::transform(tile, count, quantizer, blocks),
        _ => transform_one_by_one(tile, count, quantizer, blocks),
    }
}

/// Transforms a block at a time.
#[inline(always)]
fn transform_one_by_one(
    tile: &Tile,
    count: usize,
    quantizer: &Quantizer,
    blocks: &mut [Block; BLOCKS],
) {
    for (i, block) in blocks[..count].iter_mut().enumerate() {
        let rows: Plane = std::array::from_fn(|y| tile[y].as_chunks().0[i]);
        let mut plane = transposed(&rows);
        transform_rows(&mut plane);
        plane = transposed(&plane);
        transform_columns(&mut plane);
        *block = quantized(plane.as_flattened(), quantizer);
    }
}

/// Rows to columns, and back.
#[inline(always)]
fn transposed(plane: &Plane) -> Plane {
    std::array::from_fn(|x| std::array::from_fn(|y| plane[y][x]))
}

/// The first pass, each row in a lane: results are 4√8 times the true ones.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "a lane runs through eight arrays at once"
)]
fn transform_rows(plane: &mut Plane) {
    for lane in 0..8 {
        let wave = Wave::of(std::array::from_fn(|i| plane[i][lane]));
        // The samples' offset of 128 is gone from everything but the mean.
        plane[0][lane] = (wave.mean - 8 * 128) << 2;
        plane[4][lane] = wave.fourth << 2;
        for (place, value) in PLACES.into_iter().zip(wave.others) {
            plane[place][lane] = round::<11>(value);
        }
    }
}

/// The second pass, each column in a lane: results are 8 times the true ones.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "a lane runs through eight arrays at once"
)]
fn transform_columns(plane: &mut Plane) {
    for lane in 0..8 {
        let wave = Wave::of(std::array::from_fn(|i| plane[i][lane]));
        plane[0][lane] = (wave.mean + 2) >> 2;
        plane[4][lane] = (wave.fourth + 2) >> 2;
        for (place, value) in PLACES.into_iter().zip(wave.others) {
            plane[place][lane] = round::<15>(value);
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

/// Sorts a block by the zigzag and divides it by the quantiser's steps.
#[inline(always)]
fn quantized(plane: &[i16], quantizer: &Quantizer) -> Block {
    let mut block = Block::EMPTY;
    for k in 0..64 {
        let value = plane[ZIGZAG[k]];
        // Signs taken off and put back by arithmetic: given a choice between two results, the compiler computes both
        // of them.
        let sign = value >> 15;
        let quotient = quantizer.divide(k, (value ^ sign) - sign);
        block.coefficients[k] = (quotient ^ sign) - sign;
        block.nonzero |= u64::from(quotient != 0) << k;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::super::Quality;
    use super::super::quant::Kind;
    use super::*;
    use std::f64::consts::PI;

    #[cfg(target_arch = "x86_64")]
    #[multiversion(targets("x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni"))]
    fn transform_512(tile: &Tile, quantizer: &Quantizer, blocks: &mut [Block; BLOCKS]) {
        match_target! {
            "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni" => {
                avx512::transform(tile, BLOCKS, quantizer, blocks)
            },
            _ => transform_one_by_one(tile, BLOCKS, quantizer, blocks),
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[multiversion(targets("x86_64+avx2"))]
    fn transform_256(tile: &Tile, quantizer: &Quantizer, blocks: &mut [Block; BLOCKS]) {
        match_target! {
            "x86_64+avx2" => avx2::transform(tile, BLOCKS, quantizer, blocks),
            _ => transform_one_by_one(tile, BLOCKS, quantizer, blocks),
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn vectors_transform_as_plain_rust_does() {
        for seed in 0..300 {
            let quality = Quality(u8::try_from(1 + seed % 100).unwrap());
            let quantizer = Quantizer::new(Kind::Luma, quality);
            // A third of the tiles in black and white alone, where numbers are largest.
            let tile: Tile = std::array::from_fn(|y| {
                std::array::from_fn(|x| {
                    let n = (y * 8 * BLOCKS + x + seed * 1024) / (1 + seed % 5);
                    let sample = i16::from((n * n / 7 + n * 5 % 253).to_le_bytes()[0]);
                    if seed % 3 == 0 {
                        sample / 128 * 255
                    } else {
                        sample
                    }
                })
            });
            let [mut expected, mut wide, mut narrow] = [[Block::EMPTY; BLOCKS]; 3];
            transform_one_by_one(&tile, BLOCKS, &quantizer, &mut expected);
            transform_512(&tile, &quantizer, &mut wide);
            transform_256(&tile, &quantizer, &mut narrow);
            assert_eq!(wide, expected, "{seed}");
            assert_eq!(narrow, expected, "{seed}");
        }
    }

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
    fn exact(samples: &Plane) -> [f64; 64] {
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
            let lane = frequency % BLOCKS;
            let mut tile = [[0; 8 * BLOCKS]; 8];
            for (row, samples) in tile.iter_mut().zip(&block) {
                row[8 * lane..][..8].copy_from_slice(samples);
            }
            let mut blocks = [Block::EMPTY; BLOCKS];
            transform(&tile, BLOCKS, &quantizer, &mut blocks);
            let expected = exact(&block);
            for (k, &natural) in ZIGZAG.iter().enumerate() {
                let found = blocks[lane].coefficients[k];
                assert!(
                    (f64::from(found) - expected[natural]).abs() < 1.0,
                    "{frequency}: coefficient {k} is {found}, not {}",
                    expected[natural]
                );
                assert_eq!(blocks[lane].nonzero >> k & 1, u64::from(found != 0));
            }
        }
    }
}
