//! How often the symbols of a block occur.

use super::symbols::{DISTANCES, END, LITERALS, Sequence, distance_symbol, length_symbol};

/// How often each symbol occurs in a block, its end included.
pub(super) struct Counts {
    pub(super) literals: [u32; LITERALS],
    pub(super) distances: [u32; DISTANCES],
    /// Extra bits of all lengths and distances.
    extra_bits: u64,
}

impl Counts {
    /// Counts what a parse of `data` consists of.
    pub(super) fn of(data: &[u8], sequences: &[Sequence]) -> Self {
        let mut counts = Self {
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
            extra_bits: 0,
        };
        let mut bytes = ByteCounts([[0; 256]; 8]);
        let mut at = 0;
        for sequence in sequences {
            let end = at + sequence.literals as usize;
            bytes.add(&data[at..end]);
            at = end + usize::from(sequence.length);
            if sequence.length > 0 {
                let length = length_symbol(sequence.length);
                let distance = distance_symbol(sequence.distance);
                counts.literals[usize::from(length.symbol)] += 1;
                counts.distances[usize::from(distance.symbol)] += 1;
                counts.extra_bits += u64::from(length.extra_bits + distance.extra_bits);
            }
        }
        for table in &bytes.0 {
            for (sum, count) in counts.literals.iter_mut().zip(table) {
                *sum += count;
            }
        }
        counts.literals[END] = 1;
        counts
    }

    /// Bits of the block's contents under codes of these lengths.
    pub(super) fn bits_with(&self, literals: &[u8], distances: &[u8]) -> u64 {
        self.extra_bits + total(&self.literals, literals) + total(&self.distances, distances)
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

/// Counts of bytes; eight tables, since counting equal bytes one after the other in one table
/// waits for the store of the last.
struct ByteCounts([[u32; 256]; 8]);

impl ByteCounts {
    #[inline]
    fn add(&mut self, bytes: &[u8]) {
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
}
