//! The arithmetic of each element type: how its values compare, and what each rescaling makes of one.
//!
//! Every operation happens in the type in which NumPy 2 does it (NEP 50), because the low bits of a picture
//! depend on it: float16 rounds after each step, float32 stays float32, integers go through float64.

use bytemuck::Pod;
use half::f16;

/// A real number type that arrays are stored in.
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

/// Lanes that the compiler can keep in vector registers.
const LANES: usize = 32;

/// Implements the comparison pass for a type whose `<` is a total order on what is not NaN. A comparison with
/// NaN is false, so NaN never becomes an extreme.
macro_rules! extremes {
    ($is_nan:expr, $highest:expr, $lowest:expr) => {
        fn extremes(xs: &[Self]) -> Extremes<Self> {
            let mut low = [$highest; LANES];
            let mut high = [$lowest; LANES];
            let mut nan = 0u64;
            let mut chunks = xs.chunks_exact(LANES);
            for chunk in &mut chunks {
                let mut absent = 0u8;
                for ((low, high), &x) in low.iter_mut().zip(&mut high).zip(chunk) {
                    *low = if x < *low { x } else { *low };
                    *high = if x > *high { x } else { *high };
                    absent += u8::from($is_nan(x));
                }
                nan += u64::from(absent);
            }
            for &x in chunks.remainder() {
                low[0] = if x < low[0] { x } else { low[0] };
                high[0] = if x > high[0] { x } else { high[0] };
                nan += u64::from($is_nan(x));
            }
            let low = low
                .into_iter()
                .fold($highest, |a, x| if x < a { x } else { a });
            let high = high
                .into_iter()
                .fold($lowest, |a, x| if x > a { x } else { a });
            let all_nan = nan == xs.len() as u64;
            Extremes {
                range: (!all_nan).then_some((low, high)),
                nan,
            }
        }
    };
}

macro_rules! integer {
    ($($t:ty),*) => {$(
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            clippy::cast_lossless,
            clippy::unnecessary_cast,
            reason = "one text for every width; each cast's bound stands beside it"
        )]
        impl Element for $t {
            fn widen(self) -> f64 {
                self as f64
            }
            fn number(self) -> Number {
                Number::Int(self as i128)
            }
            fn unit(self) -> u8 {
                // 0 or 1: the exact product.
                if self == 0 { 0 } else { 255 }
            }
            fn signed(self) -> u8 {
                (127.5 * (self as f64 + 1.0)) as u8
            }
            fn clip(self) -> u8 {
                // Of two bounds, the second may not exist in an 8-bit type; `min` in i128 would not vectorise.
                let capped = if self as f64 >= 255.0 { 255 } else { self as u8 };
                if self as f64 <= 0.0 { 0 } else { capped }
            }
            extremes!(|_: $t| false, <$t>::MAX, <$t>::MIN);
        }
    )*};
}

integer!(u8, u16, u32, u64, i8, i16, i32, i64);

macro_rules! float {
    ($t:ty) => {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_lossless,
            clippy::unnecessary_cast,
            reason = "a float-to-integer cast truncates towards zero, saturates and maps NaN to 0: what is wanted"
        )]
        impl Element for $t {
            fn widen(self) -> f64 {
                self as f64
            }
            fn number(self) -> Number {
                Number::Float(self as f64)
            }
            fn unit(self) -> u8 {
                (self * 255.0) as u8
            }
            fn signed(self) -> u8 {
                ((self + 1.0) * 127.5) as u8
            }
            fn clip(self) -> u8 {
                self as u8
            }
            extremes!(|x: $t| x.is_nan(), <$t>::INFINITY, <$t>::NEG_INFINITY);
        }
    };
}

float!(f32);
float!(f64);

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float-to-integer cast truncates towards zero, saturates and maps NaN to 0: what is wanted"
)]
impl Element for f16 {
    fn widen(self) -> f64 {
        f64::from(self)
    }
    fn number(self) -> Number {
        Number::Float(f64::from(self))
    }
    fn unit(self) -> u8 {
        round_to_f16(f32::from(self) * 255.0) as u8
    }
    fn signed(self) -> u8 {
        let shifted = round_to_f16(f32::from(self) + 1.0);
        round_to_f16(shifted * 127.5) as u8
    }
    fn clip(self) -> u8 {
        f32::from(self) as u8
    }
    extremes!(|x: f16| x.is_nan(), f16::INFINITY, f16::NEG_INFINITY);
}

/// Rounds to the precision of a half, ties to even, as NumPy does after each half-precision operation.
fn round_to_f16(x: f32) -> f32 {
    f32::from(f16::from_f32(x))
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
}
