//! The alphabets of deflate: which symbol stands for a length or distance. RFC 1951, 3.2.5.

/// Shortest and longest match.
pub(super) const MIN_MATCH: usize = 3;
pub(super) const MAX_MATCH: usize = 258;
/// Farthest match.
pub(super) const WINDOW: usize = 32_768;

/// Symbols for literals, the end of a block and lengths.
pub(super) const LITERALS: usize = 286;
/// Symbols for distances.
pub(super) const DISTANCES: usize = 30;
/// The symbol that ends a block.
pub(super) const END: usize = 256;

/// Some bytes as they are, then a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// Bytes before the match.
    pub(super) literals: u32,
    /// Length of the match, 3..=258; 0 if the block ends without one.
    pub(super) length: u16,
    /// Distance of the match, 1..=32768; 0 if there is none.
    pub(super) distance: u16,
}

/// A symbol and the extra bits that follow its code.
#[derive(Clone, Copy)]
pub(super) struct Symbol {
    pub(super) symbol: u16,
    pub(super) extra_bits: u8,
    pub(super) extra: u16,
}

/// The symbol for a match of `length`, 3..=258.
#[inline(always)]
pub(super) fn length_symbol(length: u16) -> Symbol {
    LENGTH_SYMBOLS[usize::from(length) & 511]
}

/// By length; what lies below 3 and above 258 is never looked at.
#[expect(
    clippy::cast_possible_truncation,
    reason = "lengths and numbers of bits are small"
)]
static LENGTH_SYMBOLS: [Symbol; 512] = {
    let mut table = [Symbol {
        symbol: 257,
        extra_bits: 0,
        extra: 0,
    }; 512];
    let mut length = MIN_MATCH as u16;
    while length <= MAX_MATCH as u16 {
        let from_three = length - 3;
        table[length as usize] = if length == 258 {
            Symbol {
                symbol: 285,
                extra_bits: 0,
                extra: 0,
            }
        } else if from_three < 8 {
            Symbol {
                symbol: 257 + from_three,
                extra_bits: 0,
                extra: 0,
            }
        } else {
            // Four symbols to each doubling.
            let extra_bits = from_three.ilog2() - 2;
            Symbol {
                symbol: 257 + 4 * extra_bits as u16 + (from_three >> extra_bits),
                extra_bits: extra_bits as u8,
                extra: from_three & ((1 << extra_bits) - 1),
            }
        };
        length += 1;
    }
    table
};

/// The symbol for `distance`, 1..=32768.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a 16-bit number has at most 14 extra bits"
)]
pub(super) fn distance_symbol(distance: u16) -> Symbol {
    let from_one = distance.wrapping_sub(1);
    if from_one < 4 {
        return Symbol {
            symbol: from_one,
            extra_bits: 0,
            extra: 0,
        };
    }
    // Two symbols to each doubling.
    let extra_bits = from_one.ilog2() - 1;
    Symbol {
        symbol: 2 * extra_bits as u16 + (from_one >> extra_bits),
        extra_bits: extra_bits as u8,
        extra: from_one & ((1 << extra_bits) - 1),
    }
}

/// Extra bits of a symbol for distances.
pub(super) fn distance_extra_bits(symbol: usize) -> u8 {
    (symbol / 2).saturating_sub(1).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First value and extra bits of each symbol, from the tables of RFC 1951.
    #[rustfmt::skip]
    const LENGTH_BASES: [(u16, u8); 29] = [
        (3, 0),
        (4, 0),
        (5, 0),
        (6, 0),
        (7, 0),
        (8, 0),
        (9, 0),
        (10, 0),
        (11, 1),
        (13, 1),
        (15, 1),
        (17, 1),
        (19, 2),
        (23, 2),
        (27, 2),
        (31, 2),
        (35, 3),
        (43, 3),
        (51, 3),
        (59, 3),
        (67, 4),
        (83, 4),
        (99, 4),
        (115, 4),
        (131, 5),
        (163, 5),
        (195, 5),
        (227, 5),
        (258, 0),
    ];
    #[rustfmt::skip]
    const DISTANCE_BASES: [(u16, u8); 30] = [
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 0),
        (5, 1),
        (7, 1),
        (9, 2),
        (13, 2),
        (17, 3),
        (25, 3),
        (33, 4),
        (49, 4),
        (65, 5),
        (97, 5),
        (129, 6),
        (193, 6),
        (257, 7),
        (385, 7),
        (513, 8),
        (769, 8),
        (1025, 9),
        (1537, 9),
        (2049, 10),
        (3073, 10),
        (4097, 11),
        (6145, 11),
        (8193, 12),
        (12289, 12),
        (16385, 13),
        (24577, 13),
    ];

    fn check(value: u16, got: Symbol, bases: &[(u16, u8)]) {
        let index = bases.iter().rposition(|&(base, _)| base <= value).unwrap();
        assert_eq!(usize::from(got.symbol), index, "symbol of {value}");
        assert_eq!(got.extra_bits, bases[index].1, "extra bits of {value}");
        assert_eq!(got.extra, value - bases[index].0, "extra of {value}");
    }

    #[test]
    fn symbols_are_those_of_the_specification() {
        for length in 3..=258 {
            let got = length_symbol(length);
            check(
                length,
                Symbol {
                    symbol: got.symbol - 257,
                    ..got
                },
                &LENGTH_BASES,
            );
        }
        for distance in 1..=32_768 {
            check(distance, distance_symbol(distance), &DISTANCE_BASES);
        }
    }
}
