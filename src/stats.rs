//! What the values of a frame are: extremes, and counts of what is no number. One pass over the elements; a
//! second one only where infinities or lost values have to be counted.

use crate::element::{Element, Extremes};
use crate::frame::{Frame, for_elements};
use crate::number::Number;

/// The imaginary parts that decide between complex numbers with equal real parts; 0 for real numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Imaginary {
    /// The smallest one beside the smallest real part.
    pub at_min: f64,
    /// The largest one beside the largest real part.
    pub at_max: f64,
}

/// What one pass over a frame's values found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Smallest and largest finite value; `None` where there is none.
    pub finite: Option<(Number, Number)>,
    /// How many values are NaN.
    pub nan: u64,
    /// How many values are negative infinity.
    pub negative_inf: u64,
    /// How many values are positive infinity.
    pub positive_inf: u64,
    /// What complex numbers add to the comparison of extremes.
    pub imaginary: Imaginary,
}

impl Stats {
    /// Scans a frame.
    #[must_use]
    pub fn of(frame: &Frame) -> Self {
        let stats = for_elements!(frame.elements(), xs => scan(xs));
        Self {
            imaginary: frame.imaginary(),
            ..stats
        }
    }

    /// How many values are infinite.
    #[must_use]
    pub fn inf(&self) -> u64 {
        self.negative_inf + self.positive_inf
    }

    /// Smallest and largest value, infinities included, NaN left out.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let finite = self.finite.map(|(low, high)| (low.to_f64(), high.to_f64()));
        let low = (self.negative_inf > 0).then_some(f64::NEG_INFINITY);
        let high = (self.positive_inf > 0).then_some(f64::INFINITY);
        let low = low.or(finite.map(|(low, _)| low)).or(high)?;
        let high = high.or(finite.map(|(_, high)| high)).unwrap_or(low);
        Some((low, high))
    }

    /// Whether every value lies in `low..=high`; NaN is left out, infinities are values.
    ///
    /// Complex numbers are compared as NumPy does: by real part, then by imaginary part.
    #[must_use]
    pub fn is_within(&self, low: f64, high: f64) -> bool {
        let Some((min, max)) = self.range() else {
            return true;
        };
        let Imaginary { at_min, at_max } = self.imaginary;
        (min > low || (min == low && at_min >= 0.0))
            && (max < high || (max == high && at_max <= 0.0))
    }

    /// What both together hold: the statistics of several frames as one.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let imaginary = Imaginary {
            at_min: match self.range().zip(other.range()) {
                Some((a, b)) if b.0 < a.0 => other.imaginary.at_min,
                Some((a, b)) if b.0 == a.0 => self.imaginary.at_min.min(other.imaginary.at_min),
                _ => self.imaginary.at_min,
            },
            at_max: match self.range().zip(other.range()) {
                Some((a, b)) if b.1 > a.1 => other.imaginary.at_max,
                Some((a, b)) if b.1 == a.1 => self.imaginary.at_max.max(other.imaginary.at_max),
                _ => self.imaginary.at_max,
            },
        };
        let finite = match (self.finite, other.finite) {
            (Some(a), Some(b)) => Some((
                if b.0.to_f64() < a.0.to_f64() {
                    b.0
                } else {
                    a.0
                },
                if b.1.to_f64() > a.1.to_f64() {
                    b.1
                } else {
                    a.1
                },
            )),
            (a, b) => a.or(b),
        };
        Self {
            finite,
            nan: self.nan + other.nan,
            negative_inf: self.negative_inf + other.negative_inf,
            positive_inf: self.positive_inf + other.positive_inf,
            imaginary,
        }
    }
}

/// How many bins a histogram has.
pub const BINS: usize = 32;

/// How a frame's finite values are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// Their mean; `None` where there is no finite value.
    pub mean: Option<f64>,
    /// How many fall into each of [`BINS`] equal parts from the smallest to the largest.
    pub histogram: [u64; BINS],
    /// Whether all values are 0 or 1.
    pub is_binary: bool,
    /// Whether all values are whole numbers.
    pub is_whole: bool,
}

impl Distribution {
    /// Counts a frame's values; `stats` are its own.
    #[must_use]
    pub fn of(frame: &Frame, stats: &Stats) -> Self {
        let Some((min, max)) = stats.finite else {
            return Self {
                mean: None,
                histogram: [0; BINS],
                is_binary: false,
                is_whole: false,
            };
        };
        let (low, high) = (min.to_f64(), max.to_f64());
        for_elements!(frame.elements(), xs => distribution(xs, low, high))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the bin is between 0 and BINS, and counts are far below 2^53"
)]
fn distribution<T: Element>(xs: &[T], low: f64, high: f64) -> Distribution {
    let scale = if high > low {
        BINS as f64 / (high - low)
    } else {
        0.0
    };
    let (mut sum, mut count) = (0.0, 0u64);
    let mut histogram = [0; BINS];
    let (mut is_binary, mut is_whole) = (true, true);
    for x in xs.iter().map(|x| x.widen()).filter(|x| x.is_finite()) {
        sum += x;
        count += 1;
        histogram[(((x - low) * scale) as usize).min(BINS - 1)] += 1;
        is_binary &= x == 0.0 || x == 1.0;
        is_whole &= x.fract() == 0.0;
    }
    Distribution {
        mean: (count > 0).then(|| sum / count as f64),
        histogram,
        is_binary,
        is_whole,
    }
}

/// How many finite values of a frame lie outside `low..=high`.
#[must_use]
pub fn count_outside(frame: &Frame, low: f64, high: f64) -> u64 {
    for_elements!(frame.elements(), xs => {
        xs.iter()
            .map(|x| x.widen())
            .filter(|x| (*x < low || *x > high) && x.is_finite())
            .count() as u64
    })
}

fn scan<T: Element>(xs: &[T]) -> Stats {
    let Extremes { range, nan } = T::extremes(xs);
    let is_infinite = |x: T| x.widen().is_infinite();
    let finite = match range {
        Some((low, high)) if is_infinite(low) || is_infinite(high) => {
            return scan_with_infinities(xs, nan);
        }
        range => range.map(|(low, high)| (low.number(), high.number())),
    };
    Stats {
        finite,
        nan,
        negative_inf: 0,
        positive_inf: 0,
        imaginary: Imaginary::default(),
    }
}

fn scan_with_infinities<T: Element>(xs: &[T], nan: u64) -> Stats {
    let mut finite: Option<(T, T)> = None;
    let (mut negative_inf, mut positive_inf) = (0, 0);
    for &x in xs {
        let wide = x.widen();
        if wide == f64::NEG_INFINITY {
            negative_inf += 1;
        } else if wide == f64::INFINITY {
            positive_inf += 1;
        } else if !wide.is_nan() {
            finite = Some(finite.map_or((x, x), |(low, high)| {
                (
                    if wide < low.widen() { x } else { low },
                    if wide > high.widen() { x } else { high },
                )
            }));
        }
    }
    Stats {
        finite: finite.map(|(low, high)| (low.number(), high.number())),
        nan,
        negative_inf,
        positive_inf,
        imaginary: Imaginary::default(),
    }
}
