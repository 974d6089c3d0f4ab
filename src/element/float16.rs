//! float16, computed in float32 and rounded after each step.

use half::f16;
use multiversion::{multiversion, target::match_target};

use super::loops::{COUNTED, LANES, extremes, on_each_processor, packed_loops};
#[cfg(target_arch = "x86_64")]
use super::vectors;
use super::{Element, Extremes};
use crate::number::Number;

impl Element for f16 {
    fn widen(self) -> f64 {
        f64::from(self)
    }
    fn number(self) -> Number {
        Number::Float(f64::from(self))
    }
    #[inline(always)]
    fn unit(self) -> u8 {
        round_to_f16(widen_f16(self) * 255.0).clip()
    }
    #[inline(always)]
    fn signed(self) -> u8 {
        let shifted = round_to_f16(widen_f16(self) + 1.0);
        round_to_f16(shifted * 127.5).clip()
    }
    #[inline(always)]
    fn clip(self) -> u8 {
        widen_f16(self).clip()
    }
    packed_loops!(f16: unit_f16, signed_f16, clip_f16);
    // Ranks are integers, of which more fit in a register.
    extremes!(f16 as i16, u16, is_nan, bounds, of_rank, i16::MAX, i16::MIN);
}

/// The value's rank twice, as a lower and as an upper bound; of NaN, which is none, the last and the first.
#[inline(always)]
fn bounds(x: f16) -> (i16, i16) {
    let rank = turned(x.to_bits().cast_signed());
    (
        if is_nan(x) { i16::MAX } else { rank },
        if is_nan(x) { i16::MIN } else { rank },
    )
}

#[inline(always)]
fn is_nan(x: f16) -> bool {
    x.to_bits() & 0x7fff > 0x7c00
}

/// Bits of halves as integers that compare as the halves do, -0 before 0; and the other way round.
#[inline(always)]
fn turned(bits: i16) -> i16 {
    bits ^ (bits >> 15 & i16::MAX)
}

fn of_rank(rank: i16) -> f16 {
    f16::from_bits(turned(rank).cast_unsigned())
}

/// The same value, in operations that vectors have. The exponents of the two formats, 112 apart, are brought
/// together by a multiplication, which is exact; infinity and NaN then still lack bits of theirs.
#[inline(always)]
fn widen_f16(x: f16) -> f32 {
    const TO_THE_112TH: f32 = f32::from_bits((127 + 112) << 23);
    let bits = u32::from(x.to_bits());
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * TO_THE_112TH;
    let is_finite = bits & 0x7c00 != 0x7c00;
    let special = if is_finite { 0 } else { 0x7f80_0000 };
    f32::from_bits(magnitude.to_bits() | special | (bits & 0x8000) << 16)
}

/// Rounds to the eleven bits of a half, ties to even, as NumPy does after each half-precision operation. Only for
/// values below the halves' largest; of those below their smallest normal one, 2^-14, too many bits are kept,
/// which no byte shows.
#[inline(always)]
fn round_to_f16(x: f32) -> f32 {
    let bits = x.to_bits();
    let half_less = 0x0fff + (bits >> 13 & 1);
    f32::from_bits(bits.wrapping_add(half_less) & !0x1fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_widened_and_rounded_as_the_half_crate_does() {
        let round = |x: f32| f32::from(f16::from_f32(x));
        for x in (0..=u16::MAX).map(f16::from_bits) {
            let wide = f32::from(x);
            if x.is_nan() {
                assert!(widen_f16(x).is_nan());
                assert_eq!([x.unit(), x.signed(), x.clip()], [0; 3]);
                continue;
            }
            assert_eq!(widen_f16(x).to_bits(), wide.to_bits());
            assert_eq!(x.clip(), wide.clip());
            if (0.0..=1.0).contains(&wide) {
                assert_eq!(x.unit(), round(wide * 255.0).clip(), "{x} in [0, 1]");
            }
            if (-1.0..=1.0).contains(&wide) {
                let shifted = round(wide + 1.0);
                assert_eq!(x.signed(), round(shifted * 127.5).clip(), "{x} in [-1, 1]");
            }
        }
    }

    fn halves() -> impl Iterator<Item = f16> {
        (0..=u16::MAX).map(f16::from_bits)
    }

    #[test]
    fn many_values_become_what_each_does() {
        fn check(all: fn(&[f16], &mut [u8]), one: fn(f16) -> u8, xs: &[f16]) {
            let mut bytes = vec![7; xs.len()];
            all(xs, &mut bytes);
            let differing = xs.iter().zip(bytes).find(|&(&x, byte)| one(x) != byte);
            assert!(differing.is_none(), "{differing:?}");
        }
        let between = |low: f32| -> Vec<f16> {
            halves()
                .filter(|&x| (low..=1.0).contains(&f32::from(x)) || x.is_nan())
                .collect()
        };
        check(f16::unit_all, f16::unit, &between(0.0));
        check(f16::signed_all, f16::signed, &between(-1.0));
        check(f16::clip_all, f16::clip, &halves().collect::<Vec<_>>());
    }

    #[test]
    fn extremes_are_those_that_comparisons_find() {
        // Knuth's multiplicative hash puts them in no order.
        let mut xs: Vec<f16> = (0..=u16::MAX)
            .map(|n| f16::from_bits(n.wrapping_mul(40_503)))
            .collect();
        for length in [xs.len(), 5000, 100, 33, 2] {
            xs.truncate(length);
            let real = || xs.iter().copied().filter(|x| !x.is_nan());
            let found = f16::extremes(&xs);
            let range = real()
                .min_by(f16::total_cmp)
                .zip(real().max_by(f16::total_cmp));
            assert_eq!(found.range, range, "of {length}");
            assert_eq!(found.nan, (length - real().count()) as u64);
        }
        assert!(f16::extremes(&[f16::NAN; 40]).range.is_none());
        assert!(f16::extremes(&[]).range.is_none());
    }
}
