//! The line of a box: its look, and where its dashes are. Lengths only; nothing
//! here draws.

use super::canvas::Paint;
use super::color::Color;

/// What tells the box layers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Dashed,
    Dotted,
    /// Dashes and dots in turn.
    Mixed,
}

/// How the outline of a box is drawn; sizes in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub(super) color: Color,
    /// At least 1.
    pub(super) width: i32,
    /// Of the lines on both sides of it, which keep it visible on a picture of
    /// its own colour; 0 for none.
    pub(super) casing: i32,
    /// Of those.
    pub(super) casing_color: Color,
    /// Of the outer corners; 0 for square ones.
    pub(super) radius: i32,
    pub(super) dash: Dash,
}

/// How opaque the casing is, of 255.
const CASING: u8 = 110;

impl Stroke {
    pub(super) fn line(&self) -> Paint {
        Paint::opaque(self.color)
    }

    pub(super) fn shade(&self) -> Paint {
        Paint::new(self.casing_color, CASING)
    }

    /// From a corner of the outer rectangle to where the straight part of the
    /// edge begins.
    pub(super) fn corner(&self) -> i32 {
        self.radius.max(self.width) + self.casing
    }

    /// Between dashes, at least; room for two casings.
    pub(super) fn gap(&self) -> i32 {
        (2 * self.width + self.casing).max(2)
    }

    /// How far the line goes on from a corner before the first gap.
    fn arm(&self) -> i32 {
        match self.dash {
            Dash::Solid | Dash::Dotted => 0,
            Dash::Dashed | Dash::Mixed => 2 * self.width,
        }
    }

    /// All of the line along a straight side between two corners: arms at
    /// both ends and dashes between them.
    pub(super) fn side(&self, length: i32) -> Vec<Stretch> {
        let (arm, casing) = (self.arm(), self.casing);
        if self.dash == Dash::Solid || length < 2 * arm + self.gap() {
            return vec![Stretch {
                start: 0,
                length,
                casing: (0, 0),
            }];
        }
        let between = self.dashes(length - 2 * arm);
        let first = Stretch {
            start: 0,
            length: arm,
            casing: (0, casing),
        };
        let last = Stretch {
            start: length - arm,
            length: arm,
            casing: (casing, 0),
        };
        let dashes = between.into_iter().map(|(start, length)| Stretch {
            start: arm + start,
            length,
            casing: (casing, casing),
        });
        std::iter::once(first).chain(dashes).chain([last]).collect()
    }

    /// Dashes in `length` pixels: (start, length), with gaps of equal size
    /// around and between them.
    pub(super) fn dashes(&self, length: i32) -> Vec<(i32, i32)> {
        let width = self.width;
        let gap = self.gap();
        let pattern: &[i32] = match self.dash {
            Dash::Solid => return Vec::new(),
            Dash::Dashed => &[(4 * width).max(3)],
            Dash::Dotted => &[width],
            Dash::Mixed => &[(4 * width).max(3), width],
        };
        let period: i32 = pattern.iter().map(|on| on + gap).sum();
        let repeats = (length - gap).max(0) / period;
        if repeats == 0 {
            return Vec::new();
        }
        let line: i32 = pattern.iter().sum::<i32>() * repeats;
        let stretches = pattern.iter().cycle();
        let count = i64::from(repeats) * i64::try_from(pattern.len()).unwrap_or(1);
        let mut before = 0;
        stretches
            .zip(1..=count)
            .map(|(&on, nth)| {
                let gaps = i64::from(length - line) * nth / (count + 1);
                let start = before + i32::try_from(gaps).unwrap_or(length);
                before += on;
                (start, on)
            })
            .collect()
    }
}

/// A part of a side.
pub(super) struct Stretch {
    pub(super) start: i32,
    pub(super) length: i32,
    /// At its two ends: 0 where the line goes on.
    pub(super) casing: (i32, i32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_are_symmetric_and_have_gaps() {
        for dash in [Dash::Dashed, Dash::Dotted] {
            for length in 0..300 {
                let dashes = stroke(dash).dashes(length);
                let mut end = 0;
                for &(start, on) in &dashes {
                    assert!(start >= end + 5, "{dash:?} {length}");
                    end = start + on;
                }
                assert!(dashes.is_empty() || end + 5 <= length);
            }
        }
    }

    fn stroke(dash: Dash) -> Stroke {
        Stroke {
            color: Color::WHITE,
            width: 2,
            casing: 1,
            casing_color: Color::BLACK,
            radius: 3,
            dash,
        }
    }
}
