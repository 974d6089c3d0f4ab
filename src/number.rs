//! A value of an array, exact, and as people read it.

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
