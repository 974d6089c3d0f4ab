//! The arithmetic of each element type: how its values compare, and what each rescaling makes of one.
//!
//! Every operation happens in the type in which NumPy 2 does it (NEP 50), because the low bits of a picture
//! depend on it: float16 rounds after each step, float32 stays float32, integers go through float64.

#[cfg(target_arch = "x86_64")]
mod vectors;

use bytemuck::Pod;
use half::f16;
use multiversion::{multiversion, target::match_target};

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

/// A value of an array, exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// From a boolean or integer array.
    Int(i128),
    /// From a floating-point array.
    Float(f64),
}

impl Number {
    /// The nearest `f64`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nearest is what is promised")]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::Float(x) => x,
        }
    }
}

impl std::fmt::Display for Number {
    /// Shortest text that names the value to six significant digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Int(n) => write!(f, "{n}"),
            Self::Float(x) => write!(f, "{}", Short(x)),
        }
    }
}

/// A float in at most six significant digits, without trailing zeros.
pub(crate) struct Short(pub(crate) f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded: f64 = format!("{:.5e}", self.0).parse().unwrap_or(self.0);
        if rounded != 0.0 && (rounded.abs() < 1e-4 || rounded.abs() >= 1e16) {
            write!(f, "{rounded:e}")
        } else {
            write!(f, "{rounded}")
        }
    }
}

/// The loops over many values, for a type with the methods for one.
macro_rules! loops {
    ($t:ty) => {
        loops!($t, unit_all, unit);
        loops!($t, signed_all, signed);
        loops!($t, clip_all, clip);
    };
    ($t:ty, $all:ident, $one:ident) => {
        fn $all(xs: &[Self], bytes: &mut [u8]) {
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
                "x86_64+avx2",
                "x86_64+sse4.1"
            ))]
            fn all(xs: &[$t], bytes: &mut [u8]) {
                for (byte, x) in bytes.iter_mut().zip(xs) {
                    *byte = x.$one();
                }
            }
            all(xs, bytes);
        }
    };
}

/// The same for a type whose values are scaled, and then clipped many at a time.
macro_rules! packed_loops {
    ($t:ty) => {
        packed_loops!($t, unit_all, scale_unit);
        packed_loops!($t, signed_all, scale_signed);
        packed_loops!($t, clip_all, scale_none);
    };
    ($t:ty, $all:ident, $scale:ident) => {
        fn $all(xs: &[Self], bytes: &mut [u8]) {
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
                "x86_64+avx2",
                "x86_64+sse4.1"
            ))]
            fn all(xs: &[$t], bytes: &mut [u8]) {
                let (steps, xs_rest) = xs.as_chunks::<LANES>();
                let (outs, rest) = bytes.as_chunks_mut::<LANES>();
                for (out, step) in outs.iter_mut().zip(steps) {
                    let mut scaled = [0.0; LANES];
                    for (scaled, x) in scaled.iter_mut().zip(step) {
                        *scaled = x.$scale();
                    }
                    *out = match_target! {
                        "x86_64+avx512f+avx512bw+avx512dq+avx512vl" => vectors::clipped_32(scaled),
                        "x86_64+avx2" => vectors::clipped_32(scaled),
                        _ => scaled.map(f32::clip),
                    };
                }
                for (byte, x) in rest.iter_mut().zip(xs_rest) {
                    *byte = x.$scale().clip();
                }
            }
            all(xs, bytes);
        }
    };
}

/// Lanes that the compiler can keep in vector registers.
const LANES: usize = 32;
/// Values after which counts of one lane could overflow.
const COUNTED: usize = LANES * 255;

/// The search for extremes, for a type with an order. `$key` makes of a value what is compared, of the type
/// `$k`, and `$value` makes a value of that again; `$counter` is as wide. A comparison with NaN is false, so NaN
/// never becomes an extreme.
macro_rules! extremes {
    ($t:ty, $k:ty, $counter:ty, $is_nan:expr, $key:expr, $value:expr, $highest:expr, $lowest:expr) => {
        fn extremes(xs: &[Self]) -> Extremes<Self> {
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
                "x86_64+avx2",
                "x86_64+sse4.1"
            ))]
            fn all(xs: &[$t]) -> Extremes<$t> {
                let (mut low, mut high): ([$k; LANES], [$k; LANES]) =
                    ([$highest; LANES], [$lowest; LANES]);
                let mut nan = 0u64;
                for part in xs.chunks(COUNTED) {
                    let mut absent = [<$counter>::MIN; LANES];
                    let (steps, rest) = part.as_chunks::<LANES>();
                    for step in steps {
                        for lane in 0..LANES {
                            let x = ($key)(step[lane]);
                            low[lane] = if x < low[lane] { x } else { low[lane] };
                            high[lane] = if x > high[lane] { x } else { high[lane] };
                            absent[lane] += <$counter>::from(($is_nan)(step[lane]));
                        }
                    }
                    for &x in rest {
                        let key = ($key)(x);
                        low[0] = if key < low[0] { key } else { low[0] };
                        high[0] = if key > high[0] { key } else { high[0] };
                        nan += u64::from(($is_nan)(x));
                    }
                    nan += absent.iter().map(|&n| u64::from(n)).sum::<u64>();
                }
                let low = low
                    .into_iter()
                    .fold($highest, |a, x| if x < a { x } else { a });
                let high = high
                    .into_iter()
                    .fold($lowest, |a, x| if x > a { x } else { a });
                let all_nan = nan == xs.len() as u64;
                Extremes {
                    range: (!all_nan).then_some((($value)(low), ($value)(high))),
                    nan,
                }
            }
            all(xs)
        }
    };
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
            extremes!($t, $t, $counter, |_: $t| false, |x: $t| x, |x: $t| x, <$t>::MAX, <$t>::MIN);
        }
    )*};
}

integer!(u8, u8; u16, u16; u32, u32; u64, u64; i8, u8; i16, u16; i32, u32; i64, u64);

/// What becomes of floats before they are clipped: from [0, 1], from [-1, 1], or nothing.
trait Scale {
    /// A type that has these values.
    type Scaled;

    fn scale_unit(self) -> Self::Scaled;
    fn scale_signed(self) -> Self::Scaled;
    fn scale_none(self) -> Self::Scaled;
}

macro_rules! float {
    ($t:ty, $counter:ty, $loops:ident) => {
        impl Scale for $t {
            type Scaled = Self;

            #[inline(always)]
            fn scale_unit(self) -> Self {
                self * 255.0
            }
            #[inline(always)]
            fn scale_signed(self) -> Self {
                (self + 1.0) * 127.5
            }
            #[inline(always)]
            fn scale_none(self) -> Self {
                self
            }
        }

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
                self.scale_unit().clip()
            }
            #[inline(always)]
            fn signed(self) -> u8 {
                self.scale_signed().clip()
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
            $loops!($t);
            extremes!(
                $t,
                $t,
                $counter,
                |x: $t| x.is_nan(),
                |x: $t| x,
                |x: $t| x,
                <$t>::INFINITY,
                <$t>::NEG_INFINITY
            );
        }
    };
}

float!(f32, u32, packed_loops);
float!(f64, u64, loops);

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
