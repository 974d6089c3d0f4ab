//! Quantisation tables for a quality, and division by them without dividing.

use super::Quality;

/// The natural (row by row) position of each coefficient in zigzag order.
pub(super) const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Table K.1 of the standard, row by row.
const LUMA: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, //
    12, 12, 14, 19, 26, 58, 60, 55, //
    14, 13, 16, 24, 40, 57, 69, 56, //
    14, 17, 22, 29, 51, 87, 80, 62, //
    18, 22, 37, 56, 68, 109, 103, 77, //
    24, 35, 55, 64, 81, 104, 113, 92, //
    49, 64, 78, 87, 103, 121, 120, 101, //
    72, 92, 95, 98, 112, 100, 103, 99,
];

/// Table K.2 of the standard, row by row.
const CHROMA: [u8; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, //
    18, 21, 26, 66, 99, 99, 99, 99, //
    24, 26, 56, 99, 99, 99, 99, 99, //
    47, 66, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99,
];

/// The two sets of tables, for quantisation as for Huffman codes, that Annex K gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Y, and every component of a grey or CMYK picture.
    Luma,
    /// Cb and Cr.
    Chroma,
}

impl Kind {
    /// The number of its tables in the file.
    pub(super) const fn table(self) -> u8 {
        match self {
            Self::Luma => 0,
            Self::Chroma => 1,
        }
    }
}

/// One quantisation table, in zigzag order, ready for multiplication.
pub(super) struct Quantizer {
    /// Steps as the file states them, 1 to 255.
    pub(super) steps: [u8; 64],
    /// Half a divisor, added so that the quotient is rounded.
    pub(super) halves: [i16; 64],
    /// `2^(15 + shift) / divisor`, rounded down: 2^14 to 2^15 - 1.
    pub(super) reciprocals: [i16; 64],
    /// Bits that the reciprocal is too large by, besides 15: 3 to 10.
    pub(super) shifts: [u16; 64],
    /// The same as a factor, of whose product the upper 16 bits are the quotient.
    pub(super) factors: [i16; 64],
}

impl Quantizer {
    /// The standard's table scaled as libjpeg scales it, steps kept within 1 to 255.
    pub(super) fn new(kind: Kind, quality: Quality) -> Self {
        let percent = match u32::from(quality.get()) {
            q @ 0..50 => 5000 / q.max(1),
            q => 200 - 2 * q,
        };
        let table = match kind {
            Kind::Luma => &LUMA,
            Kind::Chroma => &CHROMA,
        };
        let mut quantizer = Self {
            steps: [0; 64],
            halves: [0; 64],
            reciprocals: [0; 64],
            shifts: [0; 64],
            factors: [0; 64],
        };
        for (k, &natural) in ZIGZAG.iter().enumerate() {
            let step = (u32::from(table[natural]) * percent + 50) / 100;
            quantizer.set(k, u8::try_from(step.max(1)).unwrap_or(u8::MAX));
        }
        quantizer
    }

    /// Sets step `k` of the zigzag.
    ///
    /// The transform's output is eight times too large, so the divisor is `d = 8 * step`. With
    /// `2^s <= d < 2^(s+1)` and `m = 2^(15+s) / d` rounded down, or one less where that is 2^15,
    /// `n * m + 2^14 >> (15 + s)` is `n / d` rounded down for all `n` up to 2^14:
    /// - the product lacks at most `n`, so at most the 2^14 that are added, of `n / d * 2^(15+s)`;
    /// - if `n / d` is below a whole number then by `1 / d` at least, and `2^(15+s) / d` is more
    ///   than those 2^14.
    ///
    /// The transform stays below 2^13 + 2^10, half a divisor included.
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm is small")]
    fn set(&mut self, k: usize, step: u8) {
        let divisor = 8 * i16::from(step);
        let shift = divisor.ilog2();
        let reciprocal = (1_i32 << (15 + shift)) / i32::from(divisor);
        self.steps[k] = step;
        self.halves[k] = divisor / 2;
        self.reciprocals[k] = i16::try_from(reciprocal).unwrap_or(i16::MAX);
        self.shifts[k] = shift as u16;
        self.factors[k] = 1 << (16 - shift);
    }

    /// The magnitude of coefficient `k` of the zigzag in steps, halves rounded up.
    #[inline(always)]
    pub(super) fn divide(&self, k: usize, magnitude: i16) -> i16 {
        rounded_high_bits(magnitude + self.halves[k], self.reciprocals[k]) >> self.shifts[k]
    }
}

/// The upper 17 bits of a product, rounded: a single instruction on vectors.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "only the least number times itself is too large"
)]
fn rounded_high_bits(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b) + (1 << 14)) >> 15) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_by_reciprocal_is_exact_for_every_step_and_magnitude() {
        let mut quantizer = Quantizer::new(Kind::Luma, Quality::default());
        for step in 1..=u8::MAX {
            quantizer.set(5, step);
            let divisor = 8 * i16::from(step);
            for magnitude in 0..=(1 << 13) + (1 << 10) {
                let quotient = (magnitude + divisor / 2) / divisor;
                assert_eq!(
                    quantizer.divide(5, magnitude),
                    quotient,
                    "{magnitude}/{divisor}"
                );
            }
        }
    }

    #[test]
    fn steps_stay_within_a_byte_at_both_ends_of_the_scale() {
        let steps = |quality| Quantizer::new(Kind::Luma, Quality(quality)).steps;
        assert_eq!(steps(100), [1; 64]);
        assert_eq!(steps(1), [255; 64]);
        assert_eq!(steps(50)[..6], [16, 11, 12, 14, 12, 10]);
    }
}
