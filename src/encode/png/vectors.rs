//! Steps of the encoder's loops in vector instructions that compilers do not find by themselves. Each does what
//! its neighbour in plain Rust does, which is what the tests compare it with. All of them are safe: bytes come in and go out
//! as arrays, and [`multiversion`] calls these functions only where the processor has what they need.

use core::arch::x86_64::*;

use bytemuck::cast;

use super::bits::{ROOM, Tail};

/// A bit for each byte: whether it equals the other.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn equal_256(bytes: &[u8; 64], others: &[u8; 64]) -> u64 {
    let [low, high]: [__m256i; 2] = cast(*bytes);
    let [other_low, other_high]: [__m256i; 2] = cast(*others);
    let equal = |x, y| {
        let equal = _mm256_cmpeq_epi8(x, y);
        u64::from(_mm256_movemask_epi8(equal).cast_unsigned())
    };
    equal(low, other_low) | equal(high, other_high) << 32
}

/// The same, 64 bytes at a time.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn equal_512(bytes: &[u8; 64], others: &[u8; 64]) -> u64 {
    _mm512_cmpeq_epi8_mask(cast(*bytes), cast(*others))
}

/// A bit for each of 32 bytes: whether it is this one.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn equal_to_256(byte: u8, bytes: &[u8; 32]) -> u32 {
    let equal = _mm256_cmpeq_epi8(cast(*bytes), _mm256_set1_epi8(byte.cast_signed()));
    _mm256_movemask_epi8(equal).cast_unsigned()
}

/// How often a byte occurs in 64 steps of 64 bytes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn occurrences_256(byte: u8, steps: &[[u8; 64]; 64]) -> u64 {
    let byte = _mm256_set1_epi8(byte.cast_signed());
    let mut counts = [_mm256_setzero_si256(); 2];
    for step in steps {
        let halves: [__m256i; 2] = cast(*step);
        for (count, half) in counts.iter_mut().zip(halves) {
            *count = _mm256_sub_epi8(*count, _mm256_cmpeq_epi8(half, byte));
        }
    }
    // At most 128 each.
    let both = _mm256_add_epi8(counts[0], counts[1]);
    let sums: [u64; 4] = cast(_mm256_sad_epu8(both, _mm256_setzero_si256()));
    sums.iter().sum()
}

/// The same, 64 bytes at a time.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn occurrences_512(byte: u8, steps: &[[u8; 64]; 64]) -> u64 {
    let byte = _mm512_set1_epi8(byte.cast_signed());
    let (zero, one) = (_mm512_setzero_si512(), _mm512_set1_epi8(1));
    let mut counts = zero;
    for step in steps {
        let is_equal = _mm512_cmpeq_epi8_mask(cast(*step), byte);
        counts = _mm512_mask_add_epi8(counts, is_equal, counts, one);
    }
    let sums: [u64; 8] = cast(_mm512_sad_epu8(counts, zero));
    sums.iter().sum()
}

/// A bit for each byte: whether its magnitude as a difference is larger.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn larger_256(most: u8, bytes: &[u8; 64]) -> u64 {
    let most = _mm256_set1_epi8(most.cast_signed());
    let larger = |bytes| {
        let magnitudes = _mm256_abs_epi8(bytes);
        let are_at_most = _mm256_cmpeq_epi8(_mm256_max_epu8(magnitudes, most), most);
        u64::from(!_mm256_movemask_epi8(are_at_most).cast_unsigned())
    };
    let [low, high] = cast(*bytes);
    larger(low) | larger(high) << 32
}

/// The same, 64 bytes at a time.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn larger_512(most: u8, bytes: &[u8; 64]) -> u64 {
    let most = _mm512_set1_epi8(most.cast_signed());
    _mm512_cmpgt_epu8_mask(_mm512_abs_epi8(cast(*bytes)), most)
}

/// What filters predict for 32 bytes: their average, rounded down, and Paeth's choice.
#[inline]
#[target_feature(enable = "avx2")]
fn predictions_256(a: __m256i, b: __m256i, c: __m256i) -> [__m256i; 2] {
    // The instruction rounds up.
    let odd = _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_set1_epi8(1));
    let average = _mm256_sub_epi8(_mm256_avg_epu8(a, b), odd);
    let distance = |p, q| _mm256_or_si256(_mm256_subs_epu8(p, q), _mm256_subs_epu8(q, p));
    let at_most = |p, q| _mm256_cmpeq_epi8(_mm256_subs_epu8(p, q), _mm256_setzero_si256());
    let (to_a, to_b) = (distance(b, c), distance(a, c));
    let same_side = _mm256_cmpeq_epi8(at_most(a, c), at_most(b, c));
    let to_c = _mm256_or_si256(distance(to_a, to_b), same_side);
    let nearest_of_two = _mm256_blendv_epi8(b, a, at_most(to_a, to_b));
    let is_c_farther = at_most(_mm256_min_epu8(to_a, to_b), to_c);
    [average, _mm256_blendv_epi8(c, nearest_of_two, is_c_farther)]
}

/// The differences of 32 bytes from Paeth's predictions.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn paeth_differences_256(neighbours: [&[u8; 32]; 4]) -> [u8; 32] {
    let [x, a, b, c]: [__m256i; 4] = neighbours.map(|bytes| cast(*bytes));
    let [_, paeth] = predictions_256(a, b, c);
    cast(_mm256_sub_epi8(x, paeth))
}

/// Adds the magnitudes of 32 bytes under each filter to sums in four lanes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn add_magnitudes_256(sums: &mut [[u64; 4]; 5], neighbours: [&[u8; 32]; 4]) {
    let [x, a, b, c]: [__m256i; 4] = neighbours.map(|bytes| cast(*bytes));
    let zero = _mm256_setzero_si256();
    let [average, paeth] = predictions_256(a, b, c);
    for (sum, prediction) in sums.iter_mut().zip([zero, a, b, average, paeth]) {
        let magnitudes = _mm256_abs_epi8(_mm256_sub_epi8(x, prediction));
        *sum = cast(_mm256_add_epi64(
            cast(*sum),
            _mm256_sad_epu8(magnitudes, zero),
        ));
    }
}

/// The same predictions for 64 bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn predictions_512(a: __m512i, b: __m512i, c: __m512i) -> [__m512i; 2] {
    let odd = _mm512_and_si512(_mm512_xor_si512(a, b), _mm512_set1_epi8(1));
    let average = _mm512_sub_epi8(_mm512_avg_epu8(a, b), odd);
    let distance = |p, q| _mm512_or_si512(_mm512_subs_epu8(p, q), _mm512_subs_epu8(q, p));
    let (to_a, to_b) = (distance(b, c), distance(a, c));
    let same_side = !(_mm512_cmpgt_epu8_mask(a, c) ^ _mm512_cmpgt_epu8_mask(b, c));
    let to_c = _mm512_mask_set1_epi8(distance(to_a, to_b), same_side, -1);
    let nearest_of_two = _mm512_mask_mov_epi8(a, _mm512_cmplt_epu8_mask(to_b, to_a), b);
    let is_c_nearest = _mm512_cmplt_epu8_mask(to_c, _mm512_min_epu8(to_a, to_b));
    [
        average,
        _mm512_mask_mov_epi8(nearest_of_two, is_c_nearest, c),
    ]
}

/// The differences of 64 bytes from Paeth's predictions.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn paeth_differences_512(neighbours: [&[u8; 64]; 4]) -> [u8; 64] {
    let [x, a, b, c]: [__m512i; 4] = neighbours.map(|bytes| cast(*bytes));
    let [_, paeth] = predictions_512(a, b, c);
    cast(_mm512_sub_epi8(x, paeth))
}

/// Adds the magnitudes of 64 bytes under each filter to sums in eight lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn add_magnitudes_512(sums: &mut [[u64; 8]; 5], neighbours: [&[u8; 64]; 4]) {
    let [x, a, b, c]: [__m512i; 4] = neighbours.map(|bytes| cast(*bytes));
    let zero = _mm512_setzero_si512();
    let [average, paeth] = predictions_512(a, b, c);
    for (sum, prediction) in sums.iter_mut().zip([zero, a, b, average, paeth]) {
        let magnitudes = _mm512_abs_epi8(_mm512_sub_epi8(x, prediction));
        *sum = cast(_mm512_add_epi64(
            cast(*sum),
            _mm512_sad_epu8(magnitudes, zero),
        ));
    }
}

/// The codes of the 256 literals in tables that registers hold: lengths, and patterns by byte.
pub(super) struct LiteralTables {
    lengths: [[u8; 64]; 4],
    low: [[u8; 64]; 4],
    high: [[u8; 64]; 4],
}

impl LiteralTables {
    /// Takes patterns of at most 16 bits and their lengths, of the bytes first of all. Made in the function that writes
    /// literals, they would be moved through its registers.
    #[inline(never)]
    pub(super) fn new(patterns: &[u64; 288], lengths: &[u32; 288]) -> Self {
        let mut tables = Self {
            lengths: [[0; 64]; 4],
            low: [[0; 64]; 4],
            high: [[0; 64]; 4],
        };
        let Self {
            lengths: to_lengths,
            low,
            high,
        } = &mut tables;
        for (entry, length) in to_lengths.as_flattened_mut().iter_mut().zip(lengths) {
            *entry = length.to_le_bytes()[0];
        }
        let entries = low
            .as_flattened_mut()
            .iter_mut()
            .zip(high.as_flattened_mut());
        for ((low, high), pattern) in entries.zip(patterns) {
            [*low, *high, ..] = pattern.to_le_bytes();
        }
        tables
    }
}

/// Each byte's entry, of which those from 128 on are `is_upper`. Of the bytes, the lower seven bits count.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up(table: &[[u8; 64]; 4], bytes: __m512i, is_upper: __mmask64) -> __m512i {
    let [a, b, c, d] = table;
    let lower = _mm512_permutex2var_epi8(cast(*a), bytes, cast(*b));
    let upper = _mm512_permutex2var_epi8(cast(*c), bytes, cast(*d));
    _mm512_mask_mov_epi8(lower, is_upper, upper)
}

/// The same where no byte is among 64..192.
#[inline]
#[target_feature(enable = "avx512f,avx512vbmi")]
fn look_up_small(table: &[[u8; 64]; 4], bytes: __m512i) -> __m512i {
    let [a, .., d] = table;
    _mm512_permutex2var_epi8(cast(*a), bytes, cast(*d))
}

/// The bit strings of 64 literals, four each.
pub(super) struct Fours {
    /// Those of the first four, the third, and so on.
    even: [u64; 8],
    odd: [u64; 8],
    /// How many bits each has, in order.
    lengths: [u32; 16],
}

impl Fours {
    /// One of them, and how many bits it has.
    #[inline(always)]
    pub(super) fn nth(&self, n: usize) -> (u64, u32) {
        let strings = if n.is_multiple_of(2) {
            &self.even
        } else {
            &self.odd
        };
        (strings[n / 2], self.lengths[n])
    }
}

/// The bit strings of 64 literals whose codes have at most 14 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn bits_of_fours(tables: &LiteralTables, bytes: &[u8; 64]) -> Fours {
    let bytes: __m512i = cast(*bytes);
    // Differences are small for the most part, and then the middle of the tables need not be looked at.
    let is_small = _mm512_movepi8_mask(_mm512_add_epi8(bytes, _mm512_set1_epi8(64))) == 0;
    // In closures, these calls would not always become part of the loop, which takes 1.6 times as long then.
    let LiteralTables { lengths, low, high } = tables;
    let [lengths, low, high] = if is_small {
        [
            look_up_small(lengths, bytes),
            look_up_small(low, bytes),
            look_up_small(high, bytes),
        ]
    } else {
        let is_upper = _mm512_movepi8_mask(bytes);
        [
            look_up(lengths, bytes, is_upper),
            look_up(low, bytes, is_upper),
            look_up(high, bytes, is_upper),
        ]
    };
    // Literals of pairs, 16 bits each.
    let low_byte = _mm512_set1_epi16(0xff);
    let first = _mm512_or_si512(
        _mm512_and_si512(low, low_byte),
        _mm512_slli_epi16::<8>(high),
    );
    let second = _mm512_or_si512(
        _mm512_srli_epi16::<8>(low),
        _mm512_andnot_si512(low_byte, high),
    );
    let first_length = _mm512_and_si512(lengths, low_byte);
    let pair_length = _mm512_add_epi16(first_length, _mm512_srli_epi16::<8>(lengths));
    // Pairs of fours, 32 bits each.
    let low_half = |x| _mm512_and_si512(x, _mm512_set1_epi32(0xffff));
    let high_half = |x| _mm512_srli_epi32::<16>(x);
    let join = |x, y, length| _mm512_or_si512(x, _mm512_sllv_epi32(y, length));
    let front = join(low_half(first), low_half(second), low_half(first_length));
    let back = join(high_half(first), high_half(second), high_half(first_length));
    let front_length = low_half(pair_length);
    let four_length = _mm512_add_epi32(front_length, high_half(pair_length));
    // Fours, 64 bits each.
    let low_half = |x| _mm512_and_si512(x, _mm512_set1_epi64(0xffff_ffff));
    let high_half = |x| _mm512_srli_epi64::<32>(x);
    let join = |x, y, length| _mm512_or_si512(x, _mm512_sllv_epi64(y, length));
    let even = join(low_half(front), low_half(back), low_half(front_length));
    let odd = join(high_half(front), high_half(back), high_half(front_length));
    Fours {
        even: cast(even),
        odd: cast(odd),
        lengths: cast(four_length),
    }
}

/// Strings of 8 to 56 bits as words, each of which begins in the byte that the last ends in.
struct Words {
    words: __m512i,
    /// The bits of their whole bytes, which are all that are final.
    whole: __m512i,
    /// What is behind the last whole byte of each.
    rest: __m512i,
}

impl Words {
    /// Strings that begin and end at these bits.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(strings: __m512i, start: __m512i, length: __m512i) -> Self {
        let shift = _mm512_and_si512(start, _mm512_set1_epi64(7));
        let words = _mm512_sllv_epi64(strings, shift);
        let whole = _mm512_and_si512(_mm512_add_epi64(shift, length), _mm512_set1_epi64(56));
        Self {
            words,
            whole,
            rest: _mm512_srlv_epi64(words, whole),
        }
    }

    /// With what the strings before them have left of the byte that each begins in.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn behind(self, rest: __m512i) -> Self {
        let words = _mm512_or_si512(self.words, rest);
        Self { words, ..self }
    }
}

/// The whole bytes of words, at most 56, one after another, and how many these are.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
fn join(words: __m512i, whole: __m512i) -> ([u8; 64], usize) {
    let others = _mm512_sub_epi64(_mm512_set1_epi64(64), whole);
    let is_whole = _mm512_movepi8_mask(_mm512_srlv_epi64(_mm512_set1_epi64(-1), others));
    let bytes = _mm512_maskz_compress_epi8(is_whole, words);
    (cast(bytes), is_whole.count_ones() as usize)
}

/// Writes the strings behind what is written, all at once: by eights if those are short enough, else by fours. `None`,
/// and nothing is written, if some are so short that more than two meet in a byte.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
pub(super) fn write_fours(fours: &Fours, room: &mut [u8; ROOM], tail: Tail) -> Option<Tail> {
    let (even, odd, lengths) = (cast(fours.even), cast(fours.odd), cast(fours.lengths));
    let even_length = _mm512_and_si512(lengths, _mm512_set1_epi64(0xffff_ffff));
    let odd_length = _mm512_srli_epi64::<32>(lengths);
    let length = _mm512_add_epi64(even_length, odd_length);
    // Where each eight ends: the sum of all up to it.
    let zero = _mm512_setzero_si512();
    let sum = _mm512_add_epi64(length, _mm512_alignr_epi64::<7>(length, zero));
    let sum = _mm512_add_epi64(sum, _mm512_alignr_epi64::<6>(sum, zero));
    let sum = _mm512_add_epi64(sum, _mm512_alignr_epi64::<4>(sum, zero));
    let end = _mm512_add_epi64(sum, _mm512_set1_epi64(tail.end.cast_signed()));
    let start = _mm512_sub_epi64(end, length);
    let held = _mm512_set1_epi64(tail.held.cast_signed());
    let rest;
    if _mm512_cmpgt_epu64_mask(length, _mm512_set1_epi64(56)) == 0 {
        // Eight literals have eight bits at the least.
        let eights = _mm512_or_si512(even, _mm512_sllv_epi64(odd, even_length));
        let words = Words::new(eights, start, length);
        rest = words.rest;
        let words = words.behind(_mm512_alignr_epi64::<7>(rest, held));
        let (bytes, _) = join(words.words, words.whole);
        room[..64].copy_from_slice(&bytes);
    } else if _mm512_cmplt_epu32_mask(lengths, _mm512_set1_epi32(8)) == 0 {
        let even = Words::new(even, start, even_length);
        let odd = Words::new(odd, _mm512_add_epi64(start, even_length), odd_length);
        rest = odd.rest;
        let odd = odd.behind(even.rest);
        let even = even.behind(_mm512_alignr_epi64::<7>(rest, held));
        let mut at = 0;
        for order in [[0, 8, 1, 9, 2, 10, 3, 11], [4, 12, 5, 13, 6, 14, 7, 15]] {
            let order = cast::<[u64; 8], __m512i>(order);
            let in_order = |even, odd| _mm512_permutex2var_epi64(even, order, odd);
            let words = in_order(even.words, odd.words);
            let (bytes, count) = join(words, in_order(even.whole, odd.whole));
            // At most 56 anyway; so that it need not be checked.
            room[at & 63..][..64].copy_from_slice(&bytes);
            at += count;
        }
    } else {
        return None;
    }
    let (ends, rests): ([u64; 8], [u64; 8]) = (cast(end), cast(rest));
    Some(Tail {
        end: ends[7],
        held: rests[7],
    })
}
