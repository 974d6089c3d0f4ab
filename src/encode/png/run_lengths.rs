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
        let mut rest = lengths;
        while let Some(&length) = rest.first() {
            let run = rest.iter().take_while(|&&other| other == length).count();
            runs.push_run(length, run);
            rest = &rest[run..];
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
