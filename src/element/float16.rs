//! float16, computed in float32 and rounded after each step.

use half::f16;
use multiversion::{multiversion, target::match_target};

use super::loops::{COUNTED, LANES, extremes, on_each_processor, packed_loops};
#[cfg(target_arch = "x86_64")]
use super::vectors;
use super::{Element, Extremes, Scale};
use crate::number::Number;

impl Scale for f16 {
    type Scaled = f32;

    #[inline(always)]
    fn scale_unit(self) -> f32 {
        round_to_f16(widen_f16(self) * 255.0)
    }
    #[inline(always)]
    fn scale_signed(self) -> f32 {
        let shifted = round_to_f16(widen_f16(self) + 1.0);
        round_to_f16(shifted * 127.5)
    }
    #[inline(always)]
    fn scale_none(self) -> f32 {
        widen_f16(self)
    }
}

impl Element for f16 {
    fn widen(self) -> f64 {
        f64::from(self)
    }
    fn number(self) -> Number {
        Number::Float(f64::from(self))
    }
    #[inline(always)]
    fn unit(self) -> u8 {
        self.scale_unit().clip()
    }
    #[inline(always)]
    fn signed(self) -> u8 {
        self.scale_signed().clip()
    }
    #[inline(always)]
    fn clip(self) -> u8 {
        self.scale_none().clip()
    }
    packed_loops!(f16);
    extremes!(
        f16,
        f32,
        u32,
        f16::is_nan,
        widen_f16,
        f16::from_f32,
        f32::INFINITY,
        f32::NEG_INFINITY
    );
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
}
