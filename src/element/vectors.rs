//! Steps of the loops over many values in vector instructions that compilers do not find by themselves. All of it is safe:
//! values come in and go out as arrays, and [`multiversion`] calls these functions only where the processor has what they
//! need.

use core::arch::x86_64::*;

use bytemuck::cast;

/// What `clip` makes of 32 values: compilers pack four bytes at a time, which takes three times as long.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn clipped_32(values: [f32; 32]) -> [u8; 32] {
    let most = _mm256_set1_ps(255.0);
    // NaN, which passes the comparison, and what lies below all integers become the least one; what is negative becomes 0
    // when it is packed.
    let values: [__m256; 4] = cast(values);
    let [a, b, c, d] = values.map(|x| _mm256_cvttps_epi32(_mm256_min_ps(most, x)));
    let words = [_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d)];
    // Both packings interleave the halves of the registers, fours of values.
    let fours = _mm256_packus_epi16(words[0], words[1]);
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    cast(_mm256_permutevar8x32_epi32(fours, order))
}
