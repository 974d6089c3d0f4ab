//! Parses bytes into literals and runs, the matches at distance 1.
//!
//! Filtered photographs have little else worth a match, and runs are found at the speed of
//! a comparison with the bytes one further.

use multiversion::{multiversion, target::match_target};

use super::symbols::{MAX_MATCH, Sequence};
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Bytes that are compared together with the ones before them.
const SEGMENT: usize = 64;
/// Shortest run that is taken: shorter ones of zeros cost no more as literals.
const MIN_RUN: usize = 5;
/// How far one segment begins behind the other, unless there is a run at its end.
const STEP: usize = SEGMENT - (MIN_RUN - 1);
/// Shortest run that is taken where time is all: each that begins interrupts the writing of literals.
const MIN_LONG_RUN: usize = 8;

/// How alike the neighbours of a text are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Likeness {
    /// Bytes that equal the one before.
    pub(super) equal: usize,
    /// Three equal bytes behind another one, about: what pixels leave that differ from their neighbours in brightness alone.
    pub(super) threes: usize,
    /// How many of these stand a pixel behind three equal ones.
    pub(super) pairs: usize,
}

/// Parses `data` into `sequences`.
pub(super) fn parse_runs(data: &[u8], sequences: &mut Vec<Sequence>) {
    parse(data, 0, false, sequences);
}

/// The same, and tells how alike its pixels of so many bytes are.
pub(super) fn parse_alike(data: &[u8], pixel: usize, sequences: &mut Vec<Sequence>) -> Likeness {
    parse(data, pixel, false, sequences)
}

/// Parses `data` into `sequences`, but only long runs are taken.
pub(super) fn parse_long_runs(data: &[u8], sequences: &mut Vec<Sequence>) {
    parse(data, 0, true, sequences);
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+bmi1+bmi2+popcnt",
    "x86_64+avx2+bmi1+bmi2+popcnt"
))]
fn parse(data: &[u8], pixel: usize, is_long: bool, sequences: &mut Vec<Sequence>) -> Likeness {
    let equal = |window: &[u8; SEGMENT + 1]| {
        match_target! {
            "x86_64+avx512f+avx512bw+bmi1+bmi2+popcnt" => vectors::equal_to_last_512(window),
            "x86_64+avx2+bmi1+bmi2+popcnt" => vectors::equal_to_last_256(window),
            _ => equal_to_last(window),
        }
    };
    // Known lengths are comparisons in registers.
    match is_long {
        false => parse_with::<MIN_RUN>(data, pixel, equal, sequences),
        true => parse_with::<MIN_LONG_RUN>(data, pixel, equal, sequences),
    }
}

/// Parses into runs of at least `SHORTEST`, which `equal` finds: a bit for each byte but the first.
#[inline(always)]
fn parse_with<const SHORTEST: usize>(
    data: &[u8],
    pixel: usize,
    equal: impl Fn(&[u8; SEGMENT + 1]) -> u64,
    sequences: &mut Vec<Sequence>,
) -> Likeness {
    sequences.clear();
    let mut alike = Likeness::default();
    // End of the last run taken, and the first byte that may still start one.
    let (mut done, mut at) = (0, 1);
    while let Some(window) = data[at - 1..].first_chunk::<{ SEGMENT + 1 }>() {
        let equal = equal(window);
        let mut starts = equal;
        for later in 1..SHORTEST {
            starts &= equal >> later;
        }
        if SHORTEST == MIN_RUN {
            // The last bytes of threes. What is too near to the start to tell was seen in the segment before.
            let threes = equal & equal << 1;
            let begun = threes & !(equal << 2);
            let paired = begun & threes << (pixel & 63);
            alike.threes += (begun >> (SEGMENT - STEP)).count_ones() as usize;
            alike.pairs += (paired >> (SEGMENT - STEP)).count_ones() as usize;
        }
        // Where to go on: a run at the end of this segment is found in the next.
        let mut end = SEGMENT - (SHORTEST - 1);
        while starts != 0 {
            let before = starts.trailing_zeros();
            let after = before + (!(equal >> before)).trailing_zeros();
            let (before, after) = (before as usize, after as usize);
            let start = at + before;
            if after == SEGMENT {
                // It may be longer than what is seen of it.
                let run = run_length(data, start);
                push_run(sequences, start - done, run);
                alike.equal += run - (SEGMENT - before);
                done = start + run;
                end = SEGMENT;
                break;
            }
            push(sequences, start - done, after - before);
            done = at + after;
            end = end.max(after + 1);
            starts &= u64::MAX << after;
        }
        alike.equal += (equal << (SEGMENT - end)).count_ones() as usize;
        at = (at + end).max(done + 1);
    }
    while at < data.len() {
        let run = run_length(data, at);
        alike.equal += run;
        if run >= SHORTEST {
            push_run(sequences, at - done, run);
            done = at + run;
        }
        at += run + 1;
    }
    if done < data.len() || sequences.is_empty() {
        push(sequences, data.len() - done, 0);
    }
    alike
}

/// How many bytes equal the one before.
#[multiversion(targets("x86_64+avx512f+avx512bw", "x86_64+avx2"))]
pub(super) fn equal_neighbours(data: &[u8]) -> usize {
    let pairs = data.iter().zip(data.get(1..).unwrap_or_default());
    pairs.filter(|(x, y)| x == y).count()
}

/// A bit for each byte but the first: whether it equals the one before.
#[inline(always)]
fn equal_to_last(window: &[u8; SEGMENT + 1]) -> u64 {
    let (lasts, _) = window.as_chunks::<8>();
    let (bytes, _) = window[1..].as_chunks::<8>();
    let mut equal = 0;
    for (&last, &byte) in lasts.iter().zip(bytes).rev() {
        let difference = u64::from_le_bytes(last) ^ u64::from_le_bytes(byte);
        // The top bit of each byte: whether any of its bits is set.
        let low = 0x7f7f_7f7f_7f7f_7f7f;
        let unequal = ((difference & low) + low) | difference;
        let flags = (!unequal & !low) >> 7;
        // Gathers the flags, a byte apart, in the top byte.
        equal = equal << 8 | flags.wrapping_mul(0x0102_0408_1020_4080) >> 56;
    }
    equal
}

/// How many bytes from `at` on equal the one before.
#[inline(always)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_are_counted_in_runs_and_between_them() {
        let mut state = 3u32;
        for length in (0..300).chain([4096, 70_000]) {
            let mut data = Vec::new();
            while data.len() < length {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [.., few, byte] = state.to_le_bytes();
                let run = if byte > 220 { usize::from(few) } else { 1 };
                data.resize(data.len() + run, byte & 3);
            }
            data.truncate(length);
            let mut runs = Vec::new();
            for (is_long, shortest) in [(false, MIN_RUN), (true, MIN_LONG_RUN)] {
                let likeness = parse(&data, 3, is_long, &mut runs);
                assert_eq!(likeness.equal, equal_neighbours(&data), "{length}");
                let mut at = 0;
                for run in &runs {
                    let start = at + run.literals as usize;
                    at = start + usize::from(run.length);
                    assert!(run.length == 0 || run.literals == 0 || at - start >= shortest);
                    assert!((start..at).all(|at| data[at] == data[at - 1]), "{length}");
                }
                assert_eq!(at, length);
            }
        }
    }

    #[test]
    fn grey_pixels_are_threes_and_pairs_of_them() {
        for pixel in [3, 4] {
            let is_grey = |n: usize| !n.is_multiple_of(5) && !n.is_multiple_of(7);
            let mut data = Vec::new();
            for n in 0..20_000usize {
                let brightness = (n % 251).to_le_bytes()[0];
                let blue = brightness ^ u8::from(!is_grey(n)) << 7;
                data.extend(&[brightness, brightness, blue, 255][..pixel]);
            }
            let likeness = parse_alike(&data, pixel, &mut Vec::new());
            let count = |is: &dyn Fn(&usize) -> bool| (1..20_000).filter(is).count();
            let threes = count(&|&n| is_grey(n));
            let pairs = count(&|&n| is_grey(n) && is_grey(n - 1));
            // Segments do not always overlap.
            let near =
                |counted: usize, all: usize| (all * 98 / 100..=all * 102 / 100).contains(&counted);
            assert!(near(likeness.threes, threes), "{likeness:?} of {threes}");
            assert!(near(likeness.pairs, pairs), "{likeness:?} of {pairs}");
        }
    }

    #[test]
    fn vectors_find_the_same_equal_bytes() {
        let mut state = 7u32;
        for _ in 0..2000 {
            let window: [u8; SEGMENT + 1] = std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 30).to_le_bytes()[0]
            });
            let plain = (0..SEGMENT).filter(|&i| window[i] == window[i + 1]);
            let plain = plain.fold(0, |bits, i| bits | 1 << i);
            assert_eq!(equal_to_last(&window), plain);
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: behind the checks of their features.
            unsafe {
                if is_x86_feature_detected!("avx2") {
                    assert_eq!(vectors::equal_to_last_256(&window), plain);
                }
                if is_x86_feature_detected!("avx512bw") {
                    assert_eq!(vectors::equal_to_last_512(&window), plain);
                }
            }
        }
    }
}
