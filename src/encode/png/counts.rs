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
        let mut counts = Self::of_literals(&count_literals(data, sequences));
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

/// Bytes from which many tables pay.
const MANY: usize = 4096;

/// Counts the bytes of `data`.
pub(super) fn count_bytes(data: &[u8]) -> ByteCounts {
    match data.len() {
        ..MANY => count_with(Tables::<4>::default(), data),
        _ => count_with(Tables::<8>::default(), data),
    }
}

fn count_with<const N: usize>(mut tables: Tables<N>, data: &[u8]) -> ByteCounts {
    tables.add(data);
    tables.sum()
}

/// Counts the literals of a parse of `data`.
fn count_literals(data: &[u8], sequences: &[Sequence]) -> ByteCounts {
    match data.len() {
        ..MANY => count_each(data, sequences),
        _ => count_together(data, sequences),
    }
}

/// Counts each piece.
fn count_each(data: &[u8], sequences: &[Sequence]) -> ByteCounts {
    let mut tables = Tables::<4>::default();
    let mut at = 0;
    for sequence in sequences {
        let count = sequence.literals as usize;
        tables.add(&data[at..][..count]);
        at += count + usize::from(sequence.length);
    }
    tables.sum()
}

/// Bytes by which a piece is copied that has no more.
const SHORT: usize = 32;

/// The same, short pieces put together first: to count each takes branches that nobody can foresee. Not a part of its
/// caller, which would need the room of its tables even for few bytes.
#[inline(never)]
fn count_together(data: &[u8], sequences: &[Sequence]) -> ByteCounts {
    let mut tables = Tables::<8>::default();
    let (mut together, mut length) = ([0; 64 * SHORT], 0);
    let mut at = 0;
    for sequence in sequences {
        let count = sequence.literals as usize;
        match data[at..].first_chunk::<SHORT>() {
            Some(bytes) if count <= SHORT => {
                if length + SHORT > together.len() {
                    tables.add(&together[..length]);
                    length = 0;
                }
                together[length..][..SHORT].copy_from_slice(bytes);
                length += count;
            }
            _ => tables.add(&data[at..][..count]),
        }
        at += count + usize::from(sequence.length);
    }
    tables.add(&together[..length]);
    tables.sum()
}

/// Counts of bytes in several tables, since counting equal bytes one after the other in one table waits for the store of
/// the last; few tables are made and added up sooner.
pub(super) struct Tables<const N: usize>([ByteCounts; N]);

impl<const N: usize> Default for Tables<N> {
    fn default() -> Self {
        Self([[0; 256]; N])
    }
}

impl<const N: usize> Tables<N> {
    #[inline]
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<N>();
        for word in words {
            for (table, &byte) in self.0.iter_mut().zip(word) {
                table[usize::from(byte)] += 1;
            }
        }
        rest.iter().for_each(|&byte| self.add_one(byte));
    }

    #[inline(always)]
    pub(super) fn add_one(&mut self, byte: u8) {
        self.0[0][usize::from(byte)] += 1;
    }

    pub(super) fn sum(&self) -> ByteCounts {
        std::array::from_fn(|byte| self.0.iter().map(|table| table[byte]).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::super::sequences::push;
    use super::*;

    #[test]
    fn literals_between_matches_are_counted_once_each() {
        let mut below = noise::below(9);
        for length in [0, 1, 31, 32, MANY - 1, MANY, 100_000] {
            let data: Vec<u8> = (0..length).map(|_| below(256).to_le_bytes()[0]).collect();
            let (mut sequences, mut expected, mut at) = (Vec::new(), [0; 256], 0);
            while at < length {
                // Short pieces for the most part, and the last up to the end.
                let most = if below(9) == 0 { 90 } else { 12 };
                let literals = (below(most) as usize).min(length - at);
                let matched = (below(9) as usize).min(length - at - literals);
                for &byte in &data[at..][..literals] {
                    expected[usize::from(byte)] += 1;
                }
                push(&mut sequences, literals, matched, matched.min(1));
                at += literals + matched;
            }
            assert_eq!(count_literals(&data, &sequences), expected, "{length}");
        }
    }
}
