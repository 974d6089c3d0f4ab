//! The two loops over samples in AVX2 instructions, which compilers do not find by themselves. Each does what its
//! neighbour in plain Rust does, and tests compare the two.
//!
//! All of it is safe: samples come in and go out as arrays, and [`multiversion`] lets these functions be called only
//! where the processor has what they need.

use core::arch::x86_64::*;

use bytemuck::cast;

use super::color::{SPAN, Square};
use super::dct::{Block, Tile};
use super::quant::{Quantizer, ZIGZAG};

/// Blocks in a vector's two lanes.
const BLOCKS: usize = 2;

/// Converts two rows of pixels that begin with red, green and blue.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn square_of_rgb<const CHANNELS: usize>(rows: [&[[u8; CHANNELS]; SPAN]; 2]) -> Square {
    let above = ycbcr(rows[0]);
    let below = ycbcr(rows[1]);
    Square {
        luma: [cast(above[0]), cast(below[0])],
        cb: halve(above[1], below[1]),
        cr: halve(above[2], below[2]),
    }
}

/// A component of [`SPAN`] pixels.
type Samples = [__m256i; 4];

/// Y of the pixels, and Cb and Cr with every bit inverted: so their largest weight, 2^15, comes to be negative and
/// fits 16 bits. (The last bits of a sum rounded down turn into those of one rounded down, less one.)
#[inline]
#[target_feature(enable = "avx2")]
fn ycbcr<const CHANNELS: usize>(row: &[[u8; CHANNELS]; SPAN]) -> [Samples; 3] {
    const HALF: i32 = 1 << 15;
    const MIDDLE: i32 = (128 << 16) + HALF - 1;
    let mut components = [[_mm256_setzero_si256(); 4]; 3];
    #[expect(clippy::needless_range_loop, reason = "an index of three arrays")]
    for part in 0..4 {
        // Pixels lie so that narrowing puts them in order.
        let [a, b] = [0, 1].map(|half| &Eight::<CHANNELS>::ALL[2 * part + half]);
        let [a, b] = [load(row, a), load(row, b)];
        let weigh = |offset, [r, g, b, g2]: [i16; 4], [red_green, blue_green]: [__m256i; 2]| {
            let sum = _mm256_madd_epi16(red_green, _mm256_set1_epi32(cast([r, g])));
            let more = _mm256_madd_epi16(blue_green, _mm256_set1_epi32(cast([b, g2])));
            let sum = _mm256_add_epi32(_mm256_add_epi32(sum, more), _mm256_set1_epi32(offset));
            _mm256_srai_epi32::<16>(sum)
        };
        let both = |offset, weights| {
            _mm256_packs_epi32(weigh(offset, weights, a), weigh(offset, weights, b))
        };
        components[0][part] = both(HALF, [19_595, 19_235, 7_471, 19_235]);
        components[1][part] = both(-MIDDLE - 1, [11_059, 21_709, -32_768, 0]);
        components[2][part] = both(-MIDDLE - 1, [-32_768, 27_439, 5_329, 0]);
    }
    components
}

/// Where eight pixels of [`SPAN`] are: four in each lane.
struct Eight<const CHANNELS: usize> {
    /// For each lane, the byte of the row at which to load sixteen, so as not to reach beyond its end.
    starts: [usize; 2],
    /// The places in those of red and green by turns, two bytes for each, of which the second is to be zero.
    red_green: [u8; 32],
    /// The same of blue and green.
    blue_green: [u8; 32],
}

impl<const CHANNELS: usize> Eight<CHANNELS> {
    const ALL: [Self; 8] = {
        let mut all = [const { Self::new(0) }; 8];
        let mut i = 0;
        while i < 8 {
            all[i] = Self::new(i / 2 * 16 + i % 2 * 4);
            i += 1;
        }
        all
    };

    /// Pixels `first` to `first + 3` and those eight pixels on.
    const fn new(first: usize) -> Self {
        let mut eight = Self {
            starts: [0; 2],
            red_green: [0x80; 32],
            blue_green: [0x80; 32],
        };
        let mut i = 0;
        while i < 16 {
            let lane = i / 8;
            let byte = (first + lane * 8) * CHANNELS;
            let last_start = SPAN * CHANNELS - 16;
            let start = if byte < last_start { byte } else { last_start };
            eight.starts[lane] = start;
            #[expect(clippy::cast_possible_truncation, reason = "it is below 16")]
            let place = (byte - start + i % 8 / 2 * CHANNELS) as u8;
            let is_green = i % 2 == 1;
            eight.red_green[2 * i] = if is_green { place + 1 } else { place };
            eight.blue_green[2 * i] = if is_green { place + 1 } else { place + 2 };
            i += 1;
        }
        eight
    }
}

/// Red and green, and blue and green, of eight pixels.
#[inline]
#[target_feature(enable = "avx2")]
fn load<const CHANNELS: usize>(
    row: &[[u8; CHANNELS]; SPAN],
    eight: &Eight<CHANNELS>,
) -> [__m256i; 2] {
    let bytes = row.as_flattened();
    let lanes = (
        bytes[eight.starts[0]..].first_chunk::<16>(),
        bytes[eight.starts[1]..].first_chunk::<16>(),
    );
    let (Some(low), Some(high)) = lanes else {
        unreachable!("a row has 192 bytes at least");
    };
    let bytes = _mm256_set_m128i(cast(*high), cast(*low));
    [
        _mm256_shuffle_epi8(bytes, cast(eight.red_green)),
        _mm256_shuffle_epi8(bytes, cast(eight.blue_green)),
    ]
}

/// Means of four, rounded down and up by turns, of what was inverted.
#[inline]
#[target_feature(enable = "avx2")]
fn halve(above: Samples, below: Samples) -> [i16; SPAN / 2] {
    let half = |i: usize| {
        let sums = _mm256_hadd_epi16(
            _mm256_add_epi16(above[i], below[i]),
            _mm256_add_epi16(above[i + 1], below[i + 1]),
        );
        let sums = _mm256_permute4x64_epi64::<0b11_01_10_00>(sums);
        // Four inverted numbers add up to the negative of their sum, less four.
        let rounding = _mm256_set1_epi32(cast([1_i16 - 4, 2 - 4]));
        _mm256_srli_epi16::<2>(_mm256_sub_epi16(rounding, sums))
    };
    cast([half(0), half(2)])
}

/// Transforms and quantises the first `count` blocks of a tile, and perhaps one more to fill vectors.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn transform(tile: &Tile, count: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    for (group, blocks) in blocks.as_chunks_mut::<BLOCKS>().0.iter_mut().enumerate() {
        if group * BLOCKS >= count {
            break;
        }
        let mut rows = [_mm256_setzero_si256(); 8];
        for (row, samples) in rows.iter_mut().zip(tile) {
            let (groups, _) = samples.as_chunks::<16>();
            *row = cast(groups[group]);
        }
        let mut columns = pass::<4>(transpose(rows));
        columns[0] = _mm256_sub_epi16(columns[0], _mm256_set1_epi16(8 * 128));
        columns[0] = _mm256_slli_epi16::<2>(columns[0]);
        columns[4] = _mm256_slli_epi16::<2>(columns[4]);
        let mut rows = pass::<0>(transpose(columns));
        for row in [0, 4] {
            let rounded = _mm256_add_epi16(rows[row], _mm256_set1_epi16(2));
            rows[row] = _mm256_srai_epi16::<2>(rounded);
        }
        let mut planes = [[_mm256_setzero_si256(); 4]; BLOCKS];
        for pair in 0..4 {
            let [a, b] = [rows[2 * pair], rows[2 * pair + 1]];
            planes[0][pair] = _mm256_permute2x128_si256::<0x20>(a, b);
            planes[1][pair] = _mm256_permute2x128_si256::<0x31>(a, b);
        }
        for (block, plane) in blocks.iter_mut().zip(planes) {
            quantize(&cast(plane), quantizer, block);
        }
    }
}

/// Rows to columns and back, in each lane by itself.
///
/// One step takes the highest bit of a row's number to the lowest place of its lane's, whose highest bit it takes to
/// the lowest place of the row's; three of them change all.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(mut rows: [__m256i; 8]) -> [__m256i; 8] {
    for _ in 0..3 {
        let last = rows;
        for i in 0..4 {
            rows[2 * i] = _mm256_unpacklo_epi16(last[i], last[i + 4]);
            rows[2 * i + 1] = _mm256_unpackhi_epi16(last[i], last[i + 4]);
        }
    }
    rows
}

/// One pass of the transform, of eight numbers with the same place in all vectors: what `Wave` in `dct` does, with the
/// products added up for each number. Weights are times 2^14, and numbers are shifted left by `SHIFT`, so that results
/// are rounded to the upper half of 32 bits; the mean and the fourth frequency are left to the caller.
#[inline]
#[target_feature(enable = "avx2")]
fn pass<const SHIFT: i32>(x: [__m256i; 8]) -> [__m256i; 8] {
    let sum = |i: usize| _mm256_add_epi16(x[i], x[7 - i]);
    let difference = |i: usize| _mm256_sub_epi16(x[i], x[7 - i]);
    let [a, b, c, d] = [sum(0), sum(1), sum(2), sum(3)];
    let [h, g, f, e] = [difference(0), difference(1), difference(2), difference(3)];
    let halves = |a, b| {
        let [a, b] = [_mm256_slli_epi16::<SHIFT>(a), _mm256_slli_epi16::<SHIFT>(b)];
        [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)]
    };
    let narrow = |low, high| {
        let half = _mm256_set1_epi32(1 << 15);
        let [low, high] = [_mm256_add_epi32(low, half), _mm256_add_epi32(high, half)];
        _mm256_packs_epi32(_mm256_srai_epi32::<16>(low), _mm256_srai_epi32::<16>(high))
    };
    let weigh = |x, p: i16, q: i16| _mm256_madd_epi16(x, _mm256_set1_epi32(cast([p, q])));
    let turned = halves(_mm256_sub_epi16(a, d), _mm256_sub_epi16(b, c));
    let even = |p, q| narrow(weigh(turned[0], p, q), weigh(turned[1], p, q));
    let [hg, fe] = [halves(h, g), halves(f, e)];
    let odd = |p, q, r, s| {
        let sum = |i: usize| _mm256_add_epi32(weigh(hg[i], p, q), weigh(fe[i], r, s));
        narrow(sum(0), sum(1))
    };
    let [outer, inner] = [_mm256_add_epi16(a, d), _mm256_add_epi16(b, c)];
    [
        _mm256_add_epi16(outer, inner),
        odd(22_726, 19_266, 12_874, 4_520),
        even(21_406, 8_866),
        odd(19_266, -4_518, -22_724, -12_872),
        _mm256_sub_epi16(outer, inner),
        odd(12_874, -22_724, 4_522, 19_266),
        even(8_866, -21_408),
        odd(4_520, -12_872, 19_266, -22_726),
    ]
}

/// Sorts a block by the zigzag and divides it by the quantiser's steps.
#[inline]
#[target_feature(enable = "avx2")]
fn quantize(plane: &[i16; 64], quantizer: &Quantizer, block: &mut Block) {
    let mut sorted = [0; 64];
    for (value, place) in sorted.iter_mut().zip(ZIGZAG) {
        *value = plane[place];
    }
    let values: [__m256i; 4] = cast(sorted);
    let halves: [__m256i; 4] = cast(quantizer.halves);
    let reciprocals: [__m256i; 4] = cast(quantizer.reciprocals);
    let factors: [__m256i; 4] = cast(quantizer.factors);
    let mut quotients = [_mm256_setzero_si256(); 4];
    for i in 0..4 {
        let magnitudes = _mm256_add_epi16(_mm256_abs_epi16(values[i]), halves[i]);
        let quotient = _mm256_mulhrs_epi16(magnitudes, reciprocals[i]);
        // A shift, but for each number another.
        let quotient = _mm256_mulhi_epi16(quotient, factors[i]);
        quotients[i] = _mm256_sign_epi16(quotient, values[i]);
    }
    let nonzero = |a, b| {
        // Halves of lanes come out of order.
        let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi16(a, b));
        let zero = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());
        u64::from(!_mm256_movemask_epi8(zero).cast_unsigned())
    };
    block.coefficients = cast(quotients);
    block.nonzero = nonzero(quotients[0], quotients[1]) | nonzero(quotients[2], quotients[3]) << 32;
}
