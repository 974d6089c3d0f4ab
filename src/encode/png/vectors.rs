//! Steps of the encoder's loops in vector instructions that compilers do not find by themselves. Each does what
//! its neighbour in plain Rust does, which is what the tests compare it with. All of them are safe: bytes come in and go out
//! as arrays, and [`multiversion`] calls these functions only where the processor has what they need.

use core::arch::x86_64::*;

use bytemuck::cast;

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
