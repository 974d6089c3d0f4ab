//! What symbols cost by how often they occur, in fractions of a bit, found with integers alone: every machine must come to
//! the same bytes.

use super::counts::Counts;
use super::symbols::{distance_extra_bits, length_symbol};

/// The unit of prices is a bit over this.
pub(super) const BIT: u32 = 64;

/// What literals and matches cost under ideal codes.
#[derive(Clone)]
pub(super) struct Prices {
    /// By byte.
    pub(super) literals: [u32; 256],
    /// By length, extra bits included.
    pub(super) lengths: [u32; 512],
    /// By symbol, extra bits included.
    pub(super) distances: [u32; 32],
}

impl Prices {
    /// What they cost where they occur so often.
    pub(super) fn of(counts: &Counts) -> Self {
        let literals = prices(&counts.literals);
        let mut distances = [0; 32];
        distances[..30].copy_from_slice(&prices(&counts.distances));
        for (symbol, price) in distances.iter_mut().enumerate() {
            *price += BIT * u32::from(distance_extra_bits(symbol));
        }
        let mut lengths = [0; 512];
        for (length, price) in (3u16..=258).zip(&mut lengths[3..]) {
            let symbol = length_symbol(length);
            *price = literals[usize::from(symbol.symbol)] + BIT * u32::from(symbol.extra_bits);
        }
        Self {
            literals: std::array::from_fn(|byte| literals[byte]),
            lengths,
            distances,
        }
    }
}

/// What each symbol costs; each has occurred half a time more, so that none is free or out of reach.
fn prices<const N: usize>(counts: &[u32; N]) -> [u32; N] {
    let twice = counts.map(|count| 2 * u64::from(count) + 1);
    let total = log2(twice.iter().sum());
    // No code is shorter than a bit.
    twice.map(|count| (total - log2(count)).max(BIT))
}

/// The binary logarithm of `n`, at least 1, in units of [`BIT`], rounded down.
fn log2(n: u64) -> u32 {
    let whole = n.max(1).ilog2();
    // From 1 to 2, in units of 2^-31: each squaring tells the next binary digit of the logarithm.
    let mut rest = match whole {
        0..=31 => n << (31 - whole),
        _ => n >> (whole - 31),
    };
    let mut log = whole;
    for _ in 0..BIT.ilog2() {
        rest = (rest * rest) >> 31;
        let digit = rest >> 32;
        rest >>= digit;
        log = log << 1 | u32::from(digit > 0);
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_floats() {
        for n in (1..5000).chain([65_535, 1 << 20, u64::from(u32::MAX), 3 << 40]) {
            let exact = (n as f64).log2() * f64::from(BIT);
            let found = f64::from(log2(n));
            assert!(
                found <= exact + 1e-6 && exact < found + 1.001,
                "{n}: {found} {exact}"
            );
        }
    }
}
