//! The two loops over samples in AVX-512 instructions, which compilers do not find by themselves. Each does what its
//! neighbour in plain Rust does, and tests compare the two.
//!
//! All of it is safe: samples come in and go out as arrays, and [`multiversion`] lets these functions be called only
//! where the processor has what they need.

use core::arch::x86_64::*;

use bytemuck::cast;

use super::color::{SPAN, Square};
use super::dct::{Block, Tile};
use super::quant::{Quantizer, ZIGZAG};

/// Blocks in a vector's four lanes.
const BLOCKS: usize = 4;

/// Converts two rows of pixels that begin with red, green and blue.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
pub(super) fn square_of_rgb<const CHANNELS: usize>(rows: [&[[u8; CHANNELS]; SPAN]; 2]) -> Square {
    let above = ycbcr(rows[0]);
    let below = ycbcr(rows[1]);
    Square {
        luma: [upper_words(above[0]), upper_words(below[0])],
        cb: halve(above[1], below[1]),
        cr: halve(above[2], below[2]),
    }
}

/// A component of [`SPAN`] pixels, each in the upper half of 32 bits.
type Wide = [__m512i; 4];

/// Y of the pixels, and Cb and Cr with every bit inverted: so their largest weight, 2^15, comes to be negative and
/// fits 16 bits. (The last bits of a sum rounded down turn into those of one rounded down, less one.)
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
fn ycbcr<const CHANNELS: usize>(row: &[[u8; CHANNELS]; SPAN]) -> [Wide; 3] {
    const HALF: i32 = 1 << 15;
    const MIDDLE: i32 = (128 << 16) + HALF - 1;
    let zero = _mm512_setzero_si512();
    let mut wide = [[zero; 4]; 3];
    #[expect(clippy::needless_range_loop, reason = "an index of three arrays")]
    for part in 0..4 {
        let sixteen = Sixteen::<CHANNELS>::of(part);
        let Some(bytes) = row.as_flattened()[sixteen.start..].first_chunk::<64>() else {
            unreachable!("a row has 192 bytes at least");
        };
        let bytes = cast(*bytes);
        let red_green = _mm512_permutex2var_epi8(bytes, cast(sixteen.red_green), zero);
        let blue_green = _mm512_permutex2var_epi8(bytes, cast(sixteen.blue_green), zero);
        let weigh = |offset, [r, g, b, g2]: [i16; 4]| {
            let sum = _mm512_set1_epi32(offset);
            let sum = _mm512_dpwssd_epi32(sum, red_green, both(r, g));
            _mm512_dpwssd_epi32(sum, blue_green, both(b, g2))
        };
        wide[0][part] = weigh(HALF, [19_595, 19_235, 7_471, 19_235]);
        wide[1][part] = weigh(-MIDDLE - 1, [11_059, 21_709, -32_768, 0]);
        wide[2][part] = weigh(-MIDDLE - 1, [-32_768, 27_439, 5_329, 0]);
    }
    wide
}

/// Where sixteen pixels of [`SPAN`] are.
struct Sixteen<const CHANNELS: usize> {
    /// The byte of the row at which to load 64 of them, so as not to reach beyond its end.
    start: usize,
    /// The places in those of red and green by turns, each followed by one beyond them, where there are zeros.
    red_green: [u8; 64],
    /// The same of blue and green.
    blue_green: [u8; 64],
}

impl<const CHANNELS: usize> Sixteen<CHANNELS> {
    const ALL: [Self; 4] = [Self::new(0), Self::new(1), Self::new(2), Self::new(3)];

    #[inline(always)]
    const fn of(part: usize) -> &'static Self {
        &Self::ALL[part]
    }

    const fn new(part: usize) -> Self {
        let first = 16 * part * CHANNELS;
        let last_start = SPAN * CHANNELS - 64;
        let start = if first < last_start {
            first
        } else {
            last_start
        };
        let mut sixteen = Self {
            start,
            red_green: [64; 64],
            blue_green: [64; 64],
        };
        let mut i = 0;
        while i < 64 {
            #[expect(clippy::cast_possible_truncation, reason = "it is below 64")]
            let place = (first - start + i / 4 * CHANNELS) as u8;
            let is_green = i % 4 / 2 == 1;
            sixteen.red_green[i] = if is_green { place + 1 } else { place };
            sixteen.blue_green[i] = if is_green { place + 1 } else { place + 2 };
            i += 2;
        }
        sixteen
    }
}

/// Two factors by turns.
#[inline]
#[target_feature(enable = "avx512f")]
fn both(even: i16, odd: i16) -> __m512i {
    _mm512_set1_epi32(cast([even, odd]))
}

/// The upper halves in the order of the pixels.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn upper_words(wide: Wide) -> [i16; SPAN] {
    const PLACES: [u16; 32] = {
        let mut places = [0; 32];
        let mut i = 0;
        while i < 32 {
            places[i as usize] = 2 * i + 1;
            i += 1;
        }
        places
    };
    let [a, b, c, d] = wide;
    let join = |a, b| _mm512_permutex2var_epi16(a, cast(PLACES), b);
    cast([join(a, b), join(c, d)])
}

/// Means of four, rounded down and up by turns, of what was inverted.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn halve(above: Wide, below: Wide) -> [i16; SPAN / 2] {
    // The even pixels' upper halves, then the odd ones'.
    const PLACES: [u16; 32] = {
        let mut places = [0; 32];
        let mut i = 0;
        while i < 32 {
            places[i as usize] = 4 * (i % 16) + i / 16 * 2 + 1;
            i += 1;
        }
        places
    };
    let part = |a: usize, b: usize| {
        let [a, b] = [a, b].map(|i| _mm512_add_epi16(above[i], below[i]));
        _mm512_permutex2var_epi16(a, cast(PLACES), b)
    };
    let [left, right] = [part(0, 1), part(2, 3)];
    let even = _mm512_shuffle_i64x2::<0b01_00_01_00>(left, right);
    let odd = _mm512_shuffle_i64x2::<0b11_10_11_10>(left, right);
    // Four inverted numbers add up to the negative of their sum, less four.
    let sum = _mm512_sub_epi16(both(1 - 4, 2 - 4), _mm512_add_epi16(even, odd));
    cast(_mm512_srli_epi16::<2>(sum))
}

/// Transforms and quantises the first `count` blocks of a tile, and a few more to fill vectors.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vnni")]
pub(super) fn transform(tile: &Tile, count: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    let divisors = Divisors::of(quantizer);
    for (group, blocks) in blocks.as_chunks_mut::<BLOCKS>().0.iter_mut().enumerate() {
        if group * BLOCKS >= count {
            break;
        }
        let rows = std::array::from_fn(|y| {
            let (groups, _) = tile[y].as_chunks::<32>();
            cast(groups[group])
        });
        let mut columns = pass::<4>(transpose(rows));
        columns[0] = _mm512_sub_epi16(columns[0], _mm512_set1_epi16(8 * 128));
        columns[0] = _mm512_slli_epi16::<2>(columns[0]);
        columns[4] = _mm512_slli_epi16::<2>(columns[4]);
        let mut rows = pass::<0>(transpose(columns));
        for row in [0, 4] {
            let rounded = _mm512_add_epi16(rows[row], _mm512_set1_epi16(2));
            rows[row] = _mm512_srai_epi16::<2>(rounded);
        }
        let [upper, lower] =
            [0, 4].map(|y| gather([rows[y], rows[y + 1], rows[y + 2], rows[y + 3]]));
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = divisors.quantize(upper[i], lower[i]);
        }
    }
}

/// Rows to columns and back, in each lane by itself.
///
/// One step takes the highest bit of a row's number to the lowest place of its lane's, whose highest bit it takes to
/// the lowest place of the row's; three of them change all.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn transpose(mut rows: [__m512i; 8]) -> [__m512i; 8] {
    for _ in 0..3 {
        rows = std::array::from_fn(|i| {
            let [a, b] = [rows[i / 2], rows[i / 2 + 4]];
            match i % 2 {
                0 => _mm512_unpacklo_epi16(a, b),
                _ => _mm512_unpackhi_epi16(a, b),
            }
        });
    }
    rows
}

/// One pass of the transform, of eight numbers with the same place in all vectors: what `Wave` in `dct` does, with the
/// products added up for each number. Weights are times 2^14, and numbers are shifted left by `SHIFT`, so that results
/// are rounded to the upper half of 32 bits; the mean and the fourth frequency are left to the caller.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn pass<const SHIFT: u32>(x: [__m512i; 8]) -> [__m512i; 8] {
    const UPPER_WORDS: [u16; 32] = {
        let mut places = [0; 32];
        let mut i = 0;
        while i < 32 {
            // Four of the lower lane's, four of the higher one's.
            places[i as usize] = i / 8 * 8 + i % 4 * 2 + 1 + i % 8 / 4 * 32;
            i += 1;
        }
        places
    };
    let sum = |i: usize| _mm512_add_epi16(x[i], x[7 - i]);
    let difference = |i: usize| _mm512_sub_epi16(x[i], x[7 - i]);
    let [a, b, c, d] = [sum(0), sum(1), sum(2), sum(3)];
    let [h, g, f, e] = [difference(0), difference(1), difference(2), difference(3)];
    let shifted = |value| match SHIFT {
        0 => value,
        _ => _mm512_slli_epi16::<SHIFT>(value),
    };
    let halves = |a, b| {
        let [a, b] = [shifted(a), shifted(b)];
        [_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b)]
    };
    let narrow = |low, high| _mm512_permutex2var_epi16(low, cast(UPPER_WORDS), high);
    let half = _mm512_set1_epi32(1 << 15);
    let turned = halves(_mm512_sub_epi16(a, d), _mm512_sub_epi16(b, c));
    let even = |p, q| {
        let sum = |i: usize| _mm512_dpwssd_epi32(half, turned[i], both(p, q));
        narrow(sum(0), sum(1))
    };
    let [hg, fe] = [halves(h, g), halves(f, e)];
    let odd = |p, q, r, s| {
        let sum = |i: usize| {
            let sum = _mm512_dpwssd_epi32(half, hg[i], both(p, q));
            _mm512_dpwssd_epi32(sum, fe[i], both(r, s))
        };
        narrow(sum(0), sum(1))
    };
    let [outer, inner] = [_mm512_add_epi16(a, d), _mm512_add_epi16(b, c)];
    [
        _mm512_add_epi16(outer, inner),
        odd(22_726, 19_266, 12_874, 4_520),
        even(21_406, 8_866),
        odd(19_266, -4_518, -22_724, -12_872),
        _mm512_sub_epi16(outer, inner),
        odd(12_874, -22_724, 4_522, 19_266),
        even(8_866, -21_408),
        odd(4_520, -12_872, 19_266, -22_726),
    ]
}

/// The four lanes' halves of a block from its four rows.
#[inline]
#[target_feature(enable = "avx512f")]
fn gather([a, b, c, d]: [__m512i; 4]) -> [__m512i; BLOCKS] {
    let first = |a, b| _mm512_shuffle_i64x2::<0b01_00_01_00>(a, b);
    let last = |a, b| _mm512_shuffle_i64x2::<0b11_10_11_10>(a, b);
    let even = |a, b| _mm512_shuffle_i64x2::<0b10_00_10_00>(a, b);
    let odd = |a, b| _mm512_shuffle_i64x2::<0b11_01_11_01>(a, b);
    let [ab, cd] = [first(a, b), first(c, d)];
    let [ab_last, cd_last] = [last(a, b), last(c, d)];
    [
        even(ab, cd),
        odd(ab, cd),
        even(ab_last, cd_last),
        odd(ab_last, cd_last),
    ]
}

/// A [`Quantizer`] in vectors, and the zigzag.
struct Divisors {
    places: [__m512i; 2],
    halves: [__m512i; 2],
    reciprocals: [__m512i; 2],
    shifts: [__m512i; 2],
}

impl Divisors {
    fn of(quantizer: &Quantizer) -> Self {
        const PLACES: [u16; 64] = {
            let mut places = [0; 64];
            let mut k = 0;
            while k < 64 {
                #[expect(clippy::cast_possible_truncation, reason = "they are below 64")]
                let place = ZIGZAG[k] as u16;
                places[k] = place;
                k += 1;
            }
            places
        };
        Self {
            places: cast(PLACES),
            halves: cast(quantizer.halves),
            reciprocals: cast(quantizer.reciprocals),
            shifts: cast(quantizer.shifts),
        }
    }

    /// Sorts a block by the zigzag and divides it by the quantiser's steps.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn quantize(&self, upper: __m512i, lower: __m512i) -> Block {
        let half = |i: usize| {
            let values = _mm512_permutex2var_epi16(upper, self.places[i], lower);
            let magnitudes = _mm512_add_epi16(_mm512_abs_epi16(values), self.halves[i]);
            let quotients = _mm512_mulhrs_epi16(magnitudes, self.reciprocals[i]);
            let quotients = _mm512_srlv_epi16(quotients, self.shifts[i]);
            let nonzero = _mm512_test_epi16_mask(quotients, quotients);
            let negative = _mm512_movepi16_mask(values);
            let zero = _mm512_setzero_si512();
            let values = _mm512_mask_sub_epi16(quotients, negative, zero, quotients);
            (values, u64::from(nonzero))
        };
        let (low, low_nonzero) = half(0);
        let (high, high_nonzero) = half(1);
        Block {
            coefficients: cast([low, high]),
            nonzero: low_nonzero | high_nonzero << 32,
        }
    }
}
