//! How the lengths of a block's codes are written: as symbols of a third code, runs shortened. RFC 1951, 3.2.7.

use super::symbols::{DISTANCES, LITERALS};

/// Extra bits of a symbol of the third code.
pub(super) fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Lengths of codes, with runs shortened.
pub(super) struct RunLengths {
    /// Symbol and extra bits, `used` of them.
    pub(super) symbols: [[u8; 2]; LITERALS + DISTANCES],
    pub(super) used: usize,
    pub(super) counts: [u32; 19],
    pub(super) extra_bits: u64,
}

impl RunLengths {
    pub(super) fn of(lengths: &[u8]) -> Self {
        let mut runs = Self {
            symbols: [[0; 2]; LITERALS + DISTANCES],
            used: 0,
            counts: [0; 19],
            extra_bits: 0,
        };
        let mut start = 0;
        for at in (0..lengths.len()).step_by(8) {
            let mut ends = unequal_bytes(word(lengths, at) ^ word(lengths, at + 1));
            while ends != 0 {
                let end = at + ends.trailing_zeros() as usize / 8 + 1;
                runs.push_run(lengths[start], end - start);
                start = end;
                ends &= ends - 1;
            }
        }
        runs
    }

    fn push_run(&mut self, length: u8, run: usize) {
        let mut left = run;
        if length == 0 {
            while left >= 3 {
                let part = left.min(138);
                let (symbol, least) = if part < 11 { (17, 3) } else { (18, 11) };
                self.push(symbol, part - least);
                left -= part;
            }
        } else {
            self.push(length, 0);
            left -= 1;
            while left >= 3 {
                let part = left.min(6);
                self.push(16, part - 3);
                left -= part;
            }
        }
        for _ in 0..left {
            self.push(length, 0);
        }
    }

    fn push(&mut self, symbol: u8, extra: usize) {
        self.symbols[self.used] = [symbol, extra.to_le_bytes()[0]];
        self.used += 1;
        self.counts[usize::from(symbol)] += 1;
        self.extra_bits += u64::from(extra_bits(symbol));
    }
}

/// The eight lengths from `at` on; behind the last are some that no length equals.
fn word(lengths: &[u8], at: usize) -> u64 {
    let rest = lengths.get(at..).unwrap_or_default();
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [u8::MAX; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    });
    u64::from_le_bytes(bytes)
}

/// A bit, the highest, for each byte that is not 0.
fn unequal_bytes(word: u64) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    (((word & LOW) + LOW) | word) & !LOW
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::*;

    /// The lengths that symbols stand for, as a decoder reads them.
    fn lengths_of(runs: &RunLengths) -> Vec<u8> {
        let mut lengths = Vec::new();
        for &[symbol, extra] in &runs.symbols[..runs.used] {
            let (length, count) = match symbol {
                16 => (*lengths.last().unwrap(), 3 + extra),
                17 => (0, 3 + extra),
                18 => (0, 11 + extra),
                length => (length, 1),
            };
            lengths.extend(std::iter::repeat_n(length, count.into()));
        }
        lengths
    }

    #[test]
    fn runs_stand_for_the_lengths_that_they_were_made_of() {
        let mut below = noise::below(1);
        for count in (1..40).chain([257, 258, 286, 287, 300, 316]) {
            for longest in [1, 2, 5, 20, 150] {
                let mut lengths = Vec::new();
                while lengths.len() < count {
                    let length = [0, 0, 1, 7, 15][below(5) as usize];
                    let run = 1 + below(longest) as usize;
                    lengths.extend(vec![length; run]);
                }
                lengths.truncate(count);
                let runs = RunLengths::of(&lengths);
                assert_eq!(lengths_of(&runs), lengths);
                let counted: u32 = runs.counts.iter().sum();
                assert_eq!(counted as usize, runs.used);
            }
        }
    }
}
