//! Parses under construction.

use super::symbols::{MAX_MATCH, MIN_MATCH, Sequence};

/// Appends literals, and a match behind them unless its length is 0.
#[inline(always)]
pub(super) fn push(sequences: &mut Vec<Sequence>, literals: usize, length: usize, distance: usize) {
    let (mut literals, most) = (literals, u32::MAX as usize);
    while literals > most {
        sequences.push(Sequence {
            literals: u32::MAX,
            length: 0,
            distance: 0,
        });
        literals -= most;
    }
    sequences.push(Sequence {
        literals: u32::try_from(literals).unwrap_or(u32::MAX),
        length: u16::try_from(length).unwrap_or(0),
        distance: u16::try_from(distance).unwrap_or(0),
    });
}

/// The same for a match of any length, at least the shortest, cut such that no part is shorter than deflate allows.
pub(super) fn push_long(
    sequences: &mut Vec<Sequence>,
    literals: usize,
    length: usize,
    distance: usize,
) {
    let (mut literals, mut left) = (literals, length);
    while left > 0 {
        let part = match left - left.min(MAX_MATCH) {
            1 | 2 => MAX_MATCH - MIN_MATCH,
            _ => left.min(MAX_MATCH),
        };
        push(sequences, literals, part, distance);
        literals = 0;
        left -= part;
    }
}
