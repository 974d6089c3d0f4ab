//! Steps of the loops over many values in vector instructions that compilers do not find by themselves. All of it is safe:
//! values come in and go out as arrays, and [`multiversion`] calls these functions only where the processor has what they
//! need.

use core::arch::x86_64::*;

use bytemuck::cast;
use half::f16;

/// `unit` of 32 values.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn unit_f32(values: [f32; 32]) -> [u8; 32] {
    let values: [__m256; 4] = cast(values);
    clip(values.map(|x| times(x, 255.0)))
}

/// `signed` of 32 values.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn signed_f32(values: [f32; 32]) -> [u8; 32] {
    let values: [__m256; 4] = cast(values);
    clip(values.map(|x| times(plus_1(x), 127.5)))
}

/// `clip` of 32 values.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn clip_f32(values: [f32; 32]) -> [u8; 32] {
    clip(cast(values))
}

/// `unit` of 32 values, rounded as float16 is.
#[inline]
#[target_feature(enable = "avx2,f16c")]
pub(super) fn unit_f16(values: [f16; 32]) -> [u8; 32] {
    clip(widened(values).map(|x| rounded(times(x, 255.0))))
}

/// `signed` of 32 values, rounded after each step.
#[inline]
#[target_feature(enable = "avx2,f16c")]
pub(super) fn signed_f16(values: [f16; 32]) -> [u8; 32] {
    clip(widened(values).map(|x| rounded(times(rounded(plus_1(x)), 127.5))))
}

/// `clip` of 32 values.
#[inline]
#[target_feature(enable = "avx2,f16c")]
pub(super) fn clip_f16(values: [f16; 32]) -> [u8; 32] {
    clip(widened(values))
}

#[inline]
#[target_feature(enable = "avx2")]
fn times(x: __m256, factor: f32) -> __m256 {
    _mm256_mul_ps(x, _mm256_set1_ps(factor))
}

#[inline]
#[target_feature(enable = "avx2")]
fn plus_1(x: __m256) -> __m256 {
    _mm256_add_ps(x, _mm256_set1_ps(1.0))
}

#[inline]
#[target_feature(enable = "avx2,f16c")]
fn widened(values: [f16; 32]) -> [__m256; 4] {
    let values: [__m128i; 4] = cast(values);
    values.map(|x| _mm256_cvtph_ps(x))
}

/// Rounded to the nearest float16, ties to even.
#[inline]
#[target_feature(enable = "avx2,f16c")]
fn rounded(x: __m256) -> __m256 {
    _mm256_cvtph_ps(_mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x))
}

/// What `clip` makes of 32 values: compilers pack four bytes at a time, which takes three times as long.
#[inline]
#[target_feature(enable = "avx2")]
fn clip(values: [__m256; 4]) -> [u8; 32] {
    let most = _mm256_set1_ps(255.0);
    // NaN, which passes the comparison, and what lies below all integers become the least one; what is negative becomes 0
    // when it is packed.
    let [a, b, c, d] = values.map(|x| _mm256_cvttps_epi32(_mm256_min_ps(most, x)));
    let words = [_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d)];
    // Both packings interleave the halves of the registers, fours of values.
    let fours = _mm256_packus_epi16(words[0], words[1]);
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    cast(_mm256_permutevar8x32_epi32(fours, order))
}
