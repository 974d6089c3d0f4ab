//! What a block's bytes cost as literals, about, and so which matches are worth their price before there are codes.

#![expect(
    clippy::cast_possible_truncation,
    reason = "prices fit in a byte, and lengths and distances in two"
)]

use super::counts::ByteCounts;
use super::seen::SHORTEST;
use super::symbols::{distance_symbol, length_symbol};

/// What bytes cost as literals, in eighths of bits.
pub(super) struct LiteralPrices([u8; 256]);

/// Price of a length and a distance without their extra bits, and what a match must save.
const MATCH: i32 = 72;
const GAIN: i32 = 16;

impl LiteralPrices {
    /// Prices in a block that has so many of each byte.
    pub(super) fn of(bytes: &ByteCounts) -> Self {
        // A few more of each, since in a small block counts say little.
        let counts = bytes.map(|count| count + 4);
        let total = eighths_of_log(counts.iter().sum());
        Self(counts.map(|count| (total - eighths_of_log(count)).clamp(8, 104) as u8))
    }

    /// Whether the match of `length`, at least 6, bytes at this distance costs less than the bytes that begin
    /// `bytes`.
    #[inline(always)]
    pub(super) fn is_worth(&self, bytes: &[u8], length: usize, distance: usize) -> bool {
        let symbols = [
            length_symbol(length as u16),
            distance_symbol(distance as u16),
        ];
        let price = MATCH
            + 8 * symbols
                .iter()
                .map(|symbol| i32::from(symbol.extra_bits))
                .sum::<i32>();
        let first = bytes.first_chunk::<SHORTEST>().copied().unwrap_or_default();
        let first: i32 = first
            .iter()
            .map(|&byte| i32::from(self.0[usize::from(byte)]))
            .sum();
        first * length as i32 / SHORTEST as i32 > price + GAIN
    }
}

/// Eight times the binary logarithm, about.
fn eighths_of_log(n: u32) -> u32 {
    // A float begins with its exponent, and three digits behind that are eighths, nearly.
    ((n.max(1) as f32).to_bits() >> 20) - (127 << 3)
}

#[cfg(test)]
mod tests {
    use super::super::counts::count_bytes;
    use super::*;

    #[test]
    fn prices_are_logarithms_of_how_often_a_byte_occurs() {
        for (n, eighths) in [(1, 0), (2, 8), (3, 12), (1024, 80), (1536, 84)] {
            assert_eq!(eighths_of_log(n), eighths);
        }
        let rare = LiteralPrices::of(&count_bytes(&[&[0; 8000][..], &[1, 2, 3, 4]].concat())).0;
        assert!(rare[0] == 8 && rare[77] > 80);
    }
}
