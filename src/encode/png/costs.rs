//! What literals and matches cost, for those who choose among them.

use super::block::Lengths;
use super::symbols::{distance_extra_bits, length_symbol};

/// What literals and matches are expected to cost, in bits.
#[derive(Clone)]
pub(super) struct Costs {
    /// By byte.
    pub(super) literals: [u8; 256],
    /// By length, extra bits included.
    pub(super) lengths: [u8; 259],
    /// By symbol, extra bits included.
    pub(super) distances: [u8; 30],
}

impl Costs {
    /// What they cost under codes of these lengths.
    pub(super) fn with_codes(lengths: &Lengths) -> Self {
        let Lengths {
            literals,
            distances,
        } = lengths;
        let mut costs = Self::default();
        let length_of = |length: u8, otherwise: u8| if length == 0 { otherwise } else { length };
        for (cost, &length) in costs.literals.iter_mut().zip(literals) {
            *cost = length_of(length, 12);
        }
        for (length, cost) in (3u16..=258).zip(&mut costs.lengths[3..]) {
            let symbol = length_symbol(length);
            *cost = length_of(literals[usize::from(symbol.symbol)], 9) + symbol.extra_bits;
        }
        for (symbol, cost) in costs.distances.iter_mut().enumerate() {
            *cost = length_of(distances[symbol], 7) + distance_extra_bits(symbol);
        }
        costs
    }
}

impl Default for Costs {
    /// Before anything is known.
    fn default() -> Self {
        let mut costs = Self {
            literals: [7; 256],
            lengths: [0; 259],
            distances: [0; 30],
        };
        for (length, cost) in (3u16..=258).zip(&mut costs.lengths[3..]) {
            *cost = 7 + length_symbol(length).extra_bits;
        }
        for (symbol, cost) in costs.distances.iter_mut().enumerate() {
            *cost = 5 + distance_extra_bits(symbol);
        }
        costs
    }
}
