//! Parses bytes into literals and runs, the matches at distance 1.
//!
//! Filtered photographs have little else worth a match, and runs are found at the speed of
//! a comparison with the bytes one further.

use multiversion::multiversion;

use super::symbols::{MAX_MATCH, Sequence};

/// Bytes that are looked at together.
const SEGMENT: usize = 128;
/// Equal neighbours that make it worth while to look for runs in a segment.
const SEGMENT_RUNS: u32 = 12;
/// Shortest run that is taken: shorter ones of zeros cost no more as literals.
const MIN_RUN: usize = 6;

/// Parses `data` into `sequences`.
pub(super) fn parse_runs(data: &[u8], sequences: &mut Vec<Sequence>) {
    sequences.clear();
    // End of the last run taken, and the first byte not looked at.
    let (mut done, mut at) = (0, 1);
    while at < data.len() {
        let end = data.len().min(at + SEGMENT);
        if equal_neighbours(&data[at..end], &data[at - 1..end - 1]) < SEGMENT_RUNS {
            at = end;
            continue;
        }
        while at < end {
            if data[at] != data[at - 1] {
                at += 1;
                continue;
            }
            let run = run_length(data, at);
            if run >= MIN_RUN {
                push_run(sequences, at - done, run);
                done = at + run;
            }
            at += run;
        }
    }
    if done < data.len() || sequences.is_empty() {
        push(sequences, data.len() - done, 0);
    }
}

/// How many bytes from `at` on equal the one before.
fn run_length(data: &[u8], at: usize) -> usize {
    let byte = data[at - 1];
    let rest = &data[at..];
    let word = u64::from_le_bytes([byte; 8]);
    let (words, _) = rest.as_chunks::<8>();
    let mut length = 0;
    for &next in words {
        let difference = u64::from_le_bytes(next) ^ word;
        if difference != 0 {
            return length + difference.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length
        + rest[length..]
            .iter()
            .take_while(|&&other| other == byte)
            .count()
}

/// Cuts a run into matches such that none is shorter than deflate allows.
fn push_run(sequences: &mut Vec<Sequence>, literals: usize, run: usize) {
    let (mut literals, mut left) = (literals, run);
    while left > 0 {
        let part = match left - left.min(MAX_MATCH) {
            1 | 2 => MAX_MATCH - 3,
            _ => left.min(MAX_MATCH),
        };
        push(sequences, literals, part);
        literals = 0;
        left -= part;
    }
}

fn push(sequences: &mut Vec<Sequence>, literals: usize, run: usize) {
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
        length: u16::try_from(run).unwrap_or(0),
        distance: u16::from(run > 0),
    });
}

/// In how many places the two slices, as long, hold the same byte.
#[multiversion(targets("x86_64+avx2"))]
fn equal_neighbours(x: &[u8], y: &[u8]) -> u32 {
    x.iter().zip(y).map(|(x, y)| u32::from(x == y)).sum()
}
