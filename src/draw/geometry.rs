//! Whole-pixel rectangles, and the few conversions between real coordinates
//! and pixels.

/// Half-open: `x0 <= x < x1`. Empty where a side is not positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x0: i32,
    pub(super) y0: i32,
    pub(super) x1: i32,
    pub(super) y1: i32,
}

impl Rect {
    pub(super) fn new(x0: i32, y0: i32, x1: i32, y1: i32) -> Self {
        Self { x0, y0, x1, y1 }
    }

    pub(super) fn sized(x0: i32, y0: i32, width: i32, height: i32) -> Self {
        Self::new(x0, y0, x0 + width, y0 + height)
    }

    pub(super) fn width(self) -> i32 {
        self.x1 - self.x0
    }

    pub(super) fn height(self) -> i32 {
        self.y1 - self.y0
    }

    pub(super) fn is_empty(self) -> bool {
        self.width() <= 0 || self.height() <= 0
    }

    /// 0 for an empty one.
    pub(super) fn area(self) -> i64 {
        i64::from(self.width().max(0)) * i64::from(self.height().max(0))
    }

    pub(super) fn intersect(self, other: Self) -> Self {
        Self::new(
            self.x0.max(other.x0),
            self.y0.max(other.y0),
            self.x1.min(other.x1),
            self.y1.min(other.y1),
        )
    }

    pub(super) fn grow(self, by: i32) -> Self {
        Self::new(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)
    }

    pub(super) fn contains(self, other: Self) -> bool {
        other.x0 >= self.x0 && other.y0 >= self.y0 && other.x1 <= self.x1 && other.y1 <= self.y1
    }

    /// Moved, not cut, so that it lies inside `bounds`; at the upper left
    /// where it is larger than `bounds`.
    pub(super) fn moved_into(self, bounds: Self) -> Self {
        let x0 = self.x0.min(bounds.x1 - self.width()).max(bounds.x0);
        let y0 = self.y0.min(bounds.y1 - self.height()).max(bounds.y0);
        Self::sized(x0, y0, self.width(), self.height())
    }
}

/// Nearest whole pixel, halves up; saturates at the ends of `i32`, NaN is 0.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, which is what this function is for"
)]
pub(super) fn nearest(value: f64) -> i32 {
    (value + 0.5).floor() as i32
}

/// [`nearest`] for the sizes of text.
pub(super) fn nearest32(value: f32) -> i32 {
    nearest(f64::from(value))
}

/// Rounded up; saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, which is what this function is for"
)]
pub(super) fn ceiling(value: f32) -> i32 {
    value.ceil() as i32
}

/// Rounded down; saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, which is what this function is for"
)]
pub(super) fn floor(value: f32) -> i32 {
    value.floor() as i32
}

/// A share of 0..=1 (clamped) as 0..=255.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 before the cast"
)]
pub(super) fn byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// A coordinate as an index; negative ones are a bug of the caller and end up
/// out of any slice's range.
pub(super) fn index(value: i32) -> usize {
    debug_assert!(value >= 0, "{value} is not an index");
    value.cast_unsigned() as usize
}

/// Pixel coordinates are far below 2^24, where `f32` is exact.
#[expect(
    clippy::cast_precision_loss,
    reason = "sides and distances of at most a few thousand pixels matter here"
)]
pub(super) fn real(value: i32) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_saturate() {
        assert_eq!(nearest(1e308), i32::MAX);
        assert_eq!(nearest(-1e308), i32::MIN);
        assert_eq!(nearest(f64::NAN), 0);
        assert_eq!(nearest(2.5), 3);
        assert_eq!(byte(7.0), 255);
        assert_eq!(byte(-7.0), 0);
        assert_eq!(byte(0.5), 128);
    }

    #[test]
    fn a_rectangle_moves_inside_without_changing_its_size() {
        let bounds = Rect::new(0, 0, 100, 50);
        assert_eq!(
            Rect::sized(95, -5, 10, 10).moved_into(bounds),
            Rect::sized(90, 0, 10, 10)
        );
        assert_eq!(
            Rect::sized(5, 5, 200, 10).moved_into(bounds),
            Rect::sized(0, 5, 200, 10)
        );
    }
}
