//! The arithmetic of each element type: how its values compare, and what each rescaling makes of one.
//!
//! Every operation happens in the type in which NumPy 2 does it (NEP 50), because the low bits of a picture
//! depend on it: float16 rounds after each step, float32 stays float32, integers go through float64.

mod float16;
mod loops;
#[cfg(target_arch = "x86_64")]
mod vectors;

use bytemuck::Pod;
use multiversion::{multiversion, target::match_target};

use crate::number::Number;
use loops::{COUNTED, LANES, extremes, loops, on_each_processor, packed_loops};

/// A real number type that arrays are stored in.
///
/// What happens to one value is written once, as [`Self::unit`] and its neighbours; what happens to many is the
/// same in loops that are compiled for several kinds of processors.
pub(crate) trait Element: Pod {
    /// The exact value, but for 64-bit integers past 2^53.
    fn widen(self) -> f64;
    /// The value as the manifest shows it.
    fn number(self) -> Number;
    /// `trunc(x * 255)` for x in [0, 1]; NaN gives 0.
    fn unit(self) -> u8;
    /// `trunc(127.5 * (x + 1))` for x in [-1, 1]; NaN gives 0.
    fn signed(self) -> u8;
    /// `trunc(clip(x, 0, 255))`; NaN gives 0.
    fn clip(self) -> u8;
    /// Smallest and largest value with infinities, and how many are NaN.
    fn extremes(xs: &[Self]) -> Extremes<Self>;
    /// [`Self::unit`] of each, into as many bytes.
    fn unit_all(xs: &[Self], bytes: &mut [u8]);
    /// [`Self::signed`] of each, into as many bytes.
    fn signed_all(xs: &[Self], bytes: &mut [u8]);
    /// [`Self::clip`] of each, into as many bytes.
    fn clip_all(xs: &[Self], bytes: &mut [u8]);
}

/// What one pass over elements finds; `range` is `None` where all are NaN or there are none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extremes<T> {
    pub(crate) range: Option<(T, T)>,
    pub(crate) nan: u64,
}

macro_rules! integer {
    ($($t:ty, $counter:ty);*) => {$(
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            clippy::cast_lossless,
            clippy::unnecessary_cast,
            unused_comparisons,
            reason = "one text for every width; each cast's bound stands beside it"
        )]
        impl Element for $t {
            fn widen(self) -> f64 {
                self as f64
            }
            fn number(self) -> Number {
                Number::Int(self as i128)
            }
            #[inline(always)]
            fn unit(self) -> u8 {
                // 0 or 1: the exact product.
                if self == 0 { 0 } else { 255 }
            }
            #[inline(always)]
            fn signed(self) -> u8 {
                // -1, 0 or 1: 127.5 is truncated.
                let positive = if self == 0 { 127 } else { 255 };
                if self < 0 { 0 } else { positive }
            }
            #[inline(always)]
            fn clip(self) -> u8 {
                // In a type of 8 bits, one bound does not exist.
                let most = if size_of::<Self>() == 1 { <$t>::MAX } else { 255u8 as $t };
                let capped = if self > most { most } else { self };
                if capped < 0 { 0 } else { capped as u8 }
            }
            loops!($t);
            extremes!($t, $counter, |_: $t| false, <$t>::MAX, <$t>::MIN);
        }
    )*};
}

integer!(u8, u8; u16, u16; u32, u32; u64, u64; i8, u8; i16, u16; i32, u32; i64, u64);

macro_rules! float {
    ($t:ty, $counter:ty, $($loops:tt)*) => {
        impl Element for $t {
            #[allow(
                clippy::cast_lossless,
                clippy::unnecessary_cast,
                reason = "one text for both widths"
            )]
            fn widen(self) -> f64 {
                self as f64
            }
            fn number(self) -> Number {
                Number::Float(self.widen())
            }
            #[inline(always)]
            fn unit(self) -> u8 {
                (self * 255.0).clip()
            }
            #[inline(always)]
            fn signed(self) -> u8 {
                ((self + 1.0) * 127.5).clip()
            }
            #[inline(always)]
            #[expect(
                unsafe_code,
                reason = "the cast that saturates by itself takes five times as long"
            )]
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is in 0..=255"
            )]
            fn clip(self) -> u8 {
                // Comparisons with NaN are false, so that it becomes 0.
                let floored = if self > 0.0 { self } else { 0.0 };
                let clipped = if floored < 255.0 { floored } else { 255.0 };
                // SAFETY: it is in 0.0..=255.0 by the two lines above, and no NaN.
                let truncated: i32 = unsafe { clipped.to_int_unchecked() };
                truncated as u8
            }
            $($loops)*
            extremes!(
                $t,
                $counter,
                |x: $t| x.is_nan(),
                <$t>::INFINITY,
                <$t>::NEG_INFINITY
            );
        }
    };
}

float!(f32, u32, packed_loops!(f32: unit_f32, signed_f32, clip_f32););
float!(f64, u64, loops!(f64););

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    #[test]
    fn integers_clip_in_every_width() {
        assert_eq!([i8::MIN.clip(), i8::MAX.clip()], [0, 127]);
        assert_eq!(
            [i64::MIN.clip(), i64::MAX.clip(), 254.clip(), 256.clip()],
            [0, 255, 254, 255]
        );
        assert_eq!(
            [u64::MAX.clip(), u64::from(u32::MAX).clip(), 7u64.clip()],
            [255, 255, 7]
        );
    }

    #[test]
    fn nan_is_counted_and_is_never_an_extreme() {
        let mut xs = vec![0.5f32; 100];
        xs[3] = f32::NAN;
        xs[40] = -2.0;
        xs[99] = 7.0;
        let found = f32::extremes(&xs);
        assert_eq!((found.range, found.nan), (Some((-2.0, 7.0)), 1));
        assert!(f64::extremes(&[f64::NAN]).range.is_none());
    }

    #[test]
    fn floats_of_all_kinds_are_clipped_as_a_saturating_cast_does() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let expected = |x: f32| x as u8;
        let all = (0..=u32::MAX).step_by(4099).map(f32::from_bits);
        let edges = [
            254.999_98,
            255.0,
            255.000_02,
            2_147_483_648.0,
            -0.0,
            -0.5,
            -1e38,
        ];
        let xs: Vec<f32> = all.chain(edges).collect();
        let mut bytes = vec![1; xs.len()];
        f32::clip_all(&xs, &mut bytes);
        for (x, byte) in xs.into_iter().zip(bytes) {
            let found = [x.clip(), f64::from(x).clip(), byte];
            assert_eq!(found, [expected(x); 3], "{x}");
        }
    }

    #[test]
    fn many_values_become_what_each_does() {
        let xs: Vec<f32> = (0..5000u16).map(|i| f32::from(i) / 2500.0 - 1.0).collect();
        let mut bytes = vec![0; xs.len()];
        f32::signed_all(&xs, &mut bytes);
        assert!(bytes.iter().zip(&xs).all(|(&byte, x)| byte == x.signed()));
        let halves: Vec<f16> = xs.iter().map(|&x| f16::from_f32(x)).collect();
        f16::signed_all(&halves, &mut bytes);
        assert!(
            bytes
                .iter()
                .zip(&halves)
                .all(|(&byte, x)| byte == x.signed())
        );
        let found = f16::extremes(&[&halves[..], &[f16::NAN; 300]].concat());
        assert_eq!(found.nan, 300);
        assert_eq!(found.range, Some((halves[0], halves[4999])));
    }
}
