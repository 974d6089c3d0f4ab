//! How often the symbols of a block occur.

use super::block::Lengths;
use super::symbols::{DISTANCES, END, LITERALS, Sequence, distance_symbol, length_symbol};

/// How often each symbol occurs in a block, its end included.
#[derive(Clone)]
pub(super) struct Counts {
    pub(super) literals: [u32; LITERALS],
    pub(super) distances: [u32; DISTANCES],
    /// Extra bits of all lengths and distances.
    extra_bits: u64,
}

impl Counts {
    /// Counts what a parse of `data` consists of.
    pub(super) fn of(data: &[u8], sequences: &[Sequence]) -> Self {
        let mut at = 0;
        let literals = sequences.iter().map(|sequence| {
            let end = at + sequence.literals as usize;
            let literals = &data[at..end];
            at = end + usize::from(sequence.length);
            literals
        });
        let mut counts = Self::of_literals(&count(literals, data.len()));
        for sequence in sequences {
            counts.add_match(sequence);
        }
        counts
    }

    /// The same for a parse into runs of a text whose `bytes` have been counted; `counted` tells how often this byte was
    /// between these places, where it is the only one.
    #[inline(always)]
    pub(super) fn of_runs(
        data: &[u8],
        bytes: &ByteCounts,
        runs: &[Sequence],
        counted: impl Fn(u8, usize, usize) -> u32,
    ) -> Self {
        let mut counts = Self::of_literals(bytes);
        let mut at = 0;
        for run in runs {
            let start = at + run.literals as usize;
            at = start + usize::from(run.length);
            if run.length > 0 {
                let mut forget = |from: usize, to: usize| {
                    let byte = data[from];
                    counts.literals[usize::from(byte)] -= counted(byte, from, to);
                };
                match run.distance {
                    1 => forget(start, at),
                    _ => (start..at).for_each(|place| forget(place, place + 1)),
                }
                counts.add_match(run);
            }
        }
        counts
    }

    /// Of this block and another, made into one.
    pub(super) fn and(mut self, other: &Self) -> Self {
        let literals = self.literals.iter_mut().zip(&other.literals);
        let distances = self.distances.iter_mut().zip(&other.distances);
        for (count, more) in literals.chain(distances) {
            *count += more;
        }
        self.literals[END] = 1;
        self.extra_bits += other.extra_bits;
        self
    }

    /// Of a block of literals alone.
    pub(super) fn of_literals(bytes: &ByteCounts) -> Self {
        let mut literals = [0; LITERALS];
        literals[..256].copy_from_slice(bytes);
        literals[END] = 1;
        Self {
            literals,
            distances: [0; DISTANCES],
            extra_bits: 0,
        }
    }

    #[inline(always)]
    pub(super) fn add_match(&mut self, sequence: &Sequence) {
        if sequence.length > 0 {
            let length = length_symbol(sequence.length);
            let distance = distance_symbol(sequence.distance);
            self.literals[usize::from(length.symbol)] += 1;
            self.distances[usize::from(distance.symbol)] += 1;
            self.extra_bits += u64::from(length.extra_bits + distance.extra_bits);
        }
    }

    /// Bits of the block's contents under codes of these lengths.
    pub(super) fn bits_with(&self, lengths: &Lengths) -> u64 {
        let literals = total(&self.literals, &lengths.literals);
        self.extra_bits + literals + total(&self.distances, &lengths.distances)
    }
}

/// Bits of symbols that occur so often under codes of these lengths.
pub(super) fn total(counts: &[u32], lengths: &[u8]) -> u64 {
    counts
        .iter()
        .zip(lengths)
        .map(|(&count, &length)| u64::from(count) * u64::from(length))
        .sum()
}

/// How often each byte occurs.
pub(super) type ByteCounts = [u32; 256];

/// Counts the bytes of `data`.
pub(super) fn count_bytes(data: &[u8]) -> ByteCounts {
    count(std::iter::once(data), data.len())
}

/// Bytes from which many tables pay.
const MANY: usize = 4096;

/// Counts the bytes of pieces that have at most `length` together.
#[inline(always)]
fn count<'a>(pieces: impl Iterator<Item = &'a [u8]>, length: usize) -> ByteCounts {
    if length < MANY {
        return count_few(pieces);
    }
    let mut tables = Tables::default();
    pieces.for_each(|piece| tables.add(piece));
    tables.sum()
}

/// The same in four tables, which are made and added up sooner.
#[inline(always)]
fn count_few<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> ByteCounts {
    let mut tables = [[0; 256]; 4];
    let [t0, t1, t2, t3] = &mut tables;
    pieces.for_each(|piece| {
        let (fours, rest) = piece.as_chunks::<4>();
        for &[b0, b1, b2, b3] in fours {
            t0[usize::from(b0)] += 1;
            t1[usize::from(b1)] += 1;
            t2[usize::from(b2)] += 1;
            t3[usize::from(b3)] += 1;
        }
        for &byte in rest {
            t0[usize::from(byte)] += 1;
        }
    });
    std::array::from_fn(|byte| tables.iter().map(|table| table[byte]).sum())
}

/// Counts of bytes; eight tables, since counting equal bytes one after the other in one table
/// waits for the store of the last.
pub(super) struct Tables([ByteCounts; 8]);

impl Default for Tables {
    fn default() -> Self {
        Self([[0; 256]; 8])
    }
}

impl Tables {
    #[inline]
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let [t0, t1, t2, t3, t4, t5, t6, t7] = &mut self.0;
        for &[b0, b1, b2, b3, b4, b5, b6, b7] in words {
            t0[usize::from(b0)] += 1;
            t1[usize::from(b1)] += 1;
            t2[usize::from(b2)] += 1;
            t3[usize::from(b3)] += 1;
            t4[usize::from(b4)] += 1;
            t5[usize::from(b5)] += 1;
            t6[usize::from(b6)] += 1;
            t7[usize::from(b7)] += 1;
        }
        for &byte in rest {
            t0[usize::from(byte)] += 1;
        }
    }

    pub(super) fn sum(&self) -> ByteCounts {
        let mut sum = [0; 256];
        for table in &self.0 {
            for (sum, count) in sum.iter_mut().zip(table) {
                *sum += count;
            }
        }
        sum
    }
}
