//! Parses bytes into literals and runs, the matches at the distance of a byte or of a pixel.
//!
//! Filtered photographs have little else worth a match, and runs are found at the speed of a comparison with the bytes
//! that much further. Of bytes, runs are what plain areas leave; of pixels, what even shades do and pictures that were
//! made larger, whose pixels lie on lines between others.

use multiversion::{multiversion, target::match_target};

use super::matches::common_prefix;
use super::sequences::{push, push_long};
use super::symbols::Sequence;
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Bytes that are compared together with the ones before them.
const SEGMENT: usize = 64;
/// Bytes of the longest pixel, and of a segment with that much before it.
const LONGEST_PIXEL: usize = 4;
const WINDOW: usize = LONGEST_PIXEL + SEGMENT;
/// Shortest run that is taken: shorter ones of zeros cost no more as literals.
const MIN_RUN: usize = 5;
/// How far one segment begins behind the other, unless there is a run at its end.
const STEP: usize = SEGMENT - (MIN_RUN - 1);
/// Shortest run that is taken where time is all: each that begins interrupts the writing of literals.
const MIN_LONG_RUN: usize = 8;
/// How much longer than a run of bytes one of pixels must be that is taken instead: its distance is the rarer one.
const LONGER: u32 = 4;

/// Which runs are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinds {
    /// Long ones of bytes.
    LongBytes,
    /// Those of bytes.
    Bytes,
    /// Those of bytes and of pixels.
    BytesAndPixels,
}

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

/// Parses `data`, whose pixels have so many bytes, into `sequences`; tells how alike its neighbours are.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+bmi1+bmi2+popcnt",
    "x86_64+avx2+bmi1+bmi2+popcnt"
))]
pub(super) fn parse_runs(
    data: &[u8],
    pixel: usize,
    kinds: Kinds,
    sequences: &mut Vec<Sequence>,
) -> Likeness {
    let equal = |bytes: &[u8; SEGMENT], others: &[u8; SEGMENT]| {
        match_target! {
            "x86_64+avx512f+avx512bw+bmi1+bmi2+popcnt" => vectors::equal_512(bytes, others),
            "x86_64+avx2+bmi1+bmi2+popcnt" => vectors::equal_256(bytes, others),
            _ => equal_bytes(bytes, others),
        }
    };
    // Known lengths are comparisons in registers, and known distances loads from what is there.
    match (kinds, pixel) {
        (Kinds::LongBytes, _) => parse_with::<MIN_LONG_RUN, 1>(data, pixel, equal, sequences),
        (Kinds::Bytes, _) | (_, 1) => parse_with::<MIN_RUN, 1>(data, pixel, equal, sequences),
        (_, 2) => parse_with::<MIN_RUN, 2>(data, pixel, equal, sequences),
        (_, 3) => parse_with::<MIN_RUN, 3>(data, pixel, equal, sequences),
        _ => parse_with::<MIN_RUN, LONGEST_PIXEL>(data, pixel, equal, sequences),
    }
}

/// Parses into runs of at least `SHORTEST`, at this distance and that of a byte; `equal` gives a bit for each byte that
/// equals the other.
#[inline(always)]
fn parse_with<const SHORTEST: usize, const DISTANCE: usize>(
    data: &[u8],
    pixel: usize,
    equal: impl Fn(&[u8; SEGMENT], &[u8; SEGMENT]) -> u64,
    sequences: &mut Vec<Sequence>,
) -> Likeness {
    sequences.clear();
    let mut alike = Likeness::default();
    // End of the last run taken, and the first byte that may still start one.
    let (mut done, mut at) = (0, 1);
    if data.len() >= WINDOW {
        at = LONGEST_PIXEL;
        alike.equal += equal_neighbours(&data[..at]);
    }
    while let Some(window) = data
        .get(at.wrapping_sub(LONGEST_PIXEL)..)
        .and_then(<[u8]>::first_chunk::<WINDOW>)
    {
        let equal_to = |distance: usize| {
            let segment = |before: usize| window[LONGEST_PIXEL - before..].first_chunk();
            let (bytes, others) = (segment(0), segment(distance));
            bytes.zip(others).map_or(0, |(x, y)| equal(x, y))
        };
        let equal = equal_to(1);
        let same = if DISTANCE > 1 { equal_to(DISTANCE) } else { 0 };
        let mut starts = firsts::<SHORTEST>(equal) | firsts::<SHORTEST>(same);
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
            let ones = |bits: u64| (!(bits >> before)).trailing_zeros();
            let (of_bytes, of_pixels) = (ones(equal), ones(same));
            let is_of_pixels =
                DISTANCE > 1 && (of_pixels >= of_bytes + LONGER || (of_bytes as usize) < SHORTEST);
            let (distance, length) = match is_of_pixels {
                true => (DISTANCE, of_pixels),
                false => (1, of_bytes),
            };
            let (before, length) = (before as usize, length as usize);
            let (start, after) = (at + before, before + length);
            if after == SEGMENT {
                // It may be longer than what is seen of it.
                let run = run_length(data, start, distance);
                push_long(sequences, start - done, run, distance);
                alike.equal += match distance {
                    1 => run - length,
                    _ => equal_neighbours(&data[start + length - 1..start + run]),
                };
                done = start + run;
                end = SEGMENT;
                break;
            }
            push(sequences, start - done, length, distance);
            done = at + after;
            end = end.max(after);
            starts &= u64::MAX << after;
        }
        alike.equal += (equal << (SEGMENT - end)).count_ones() as usize;
        at = (at + end).max(done);
    }
    while at < data.len() {
        let run = run_length(data, at, 1);
        alike.equal += run;
        if run >= SHORTEST {
            push_long(sequences, at - done, run, 1);
            done = at + run;
        }
        at += run + 1;
    }
    if done < data.len() || sequences.is_empty() {
        push(sequences, data.len() - done, 0, 0);
    }
    alike
}

/// The bits that begin at least `SHORTEST` in a row.
#[inline(always)]
fn firsts<const SHORTEST: usize>(bits: u64) -> u64 {
    (1..SHORTEST).fold(bits, |firsts, later| firsts & bits >> later)
}

/// How many bytes equal the one before.
fn equal_neighbours(data: &[u8]) -> usize {
    equal_at(data, 1)
}

/// How many bytes equal the one at this distance before.
#[multiversion(targets("x86_64+avx512f+avx512bw", "x86_64+avx2"))]
pub(super) fn equal_at(data: &[u8], distance: usize) -> usize {
    let pairs = data.iter().zip(data.get(distance..).unwrap_or_default());
    pairs.filter(|(x, y)| x == y).count()
}

/// A bit for each byte: whether it equals the other.
#[inline(always)]
pub(super) fn equal_bytes(bytes: &[u8; SEGMENT], others: &[u8; SEGMENT]) -> u64 {
    let (bytes, _) = bytes.as_chunks::<8>();
    let (others, _) = others.as_chunks::<8>();
    let mut equal = 0;
    for (&byte, &other) in bytes.iter().zip(others).rev() {
        let difference = u64::from_le_bytes(byte) ^ u64::from_le_bytes(other);
        // The top bit of each byte: whether any of its bits is set.
        let low = 0x7f7f_7f7f_7f7f_7f7f;
        let unequal = ((difference & low) + low) | difference;
        let flags = (!unequal & !low) >> 7;
        // Gathers the flags, a byte apart, in the top byte.
        equal = equal << 8 | flags.wrapping_mul(0x0102_0408_1020_4080) >> 56;
    }
    equal
}

/// How many bytes from `at` on equal the ones at this distance before them.
#[inline(always)]
fn run_length(data: &[u8], at: usize, distance: usize) -> usize {
    common_prefix(&data[at..], &data[at - distance..])
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::*;

    #[test]
    fn runs_are_found_and_equal_neighbours_counted_in_and_between_them() {
        let mut number = noise::numbers(3);
        for length in (0..300).chain([4096, 70_000]) {
            let mut data = Vec::new();
            while data.len() < length {
                let [_, distance, few, byte] = number().to_le_bytes();
                let run = if byte > 220 { usize::from(few) } else { 1 };
                // Of bytes, or of pixels of up to four.
                let distance = 1 + usize::from(distance >> 6);
                for n in 0..run {
                    data.push(match data.len().checked_sub(distance) {
                        Some(before) if n >= distance => data[before],
                        _ => byte.wrapping_add(few >> (n & 7)) & 3,
                    });
                }
            }
            data.truncate(length);
            let mut runs = Vec::new();
            for kinds in [Kinds::LongBytes, Kinds::Bytes, Kinds::BytesAndPixels] {
                for pixel in 1..=4 {
                    let likeness = parse_runs(&data, pixel, kinds, &mut runs);
                    assert_eq!(likeness.equal, equal_neighbours(&data), "{length}");
                    check_runs(&data, pixel, kinds, &runs);
                }
            }
        }
    }

    /// Panics unless these are runs of those kinds, and none of them is missed that begins a little behind the first byte
    /// and ends a little before the last one.
    fn check_runs(data: &[u8], pixel: usize, kinds: Kinds, runs: &[Sequence]) {
        let (shortest, longest_distance) = match kinds {
            Kinds::LongBytes => (MIN_LONG_RUN, 1),
            Kinds::Bytes => (MIN_RUN, 1),
            Kinds::BytesAndPixels => (MIN_RUN, pixel),
        };
        let distances = [1, longest_distance];
        let mut at = 0;
        for run in runs {
            let literals = at..at + run.literals as usize;
            at = literals.end + usize::from(run.length);
            let distance = usize::from(run.distance);
            assert!(run.length == 0 || literals.is_empty() || at - literals.end >= shortest);
            assert!(run.length == 0 || distances.contains(&distance));
            assert!((literals.end..at).all(|at| data[at] == data[at - distance]));
            let inner =
                literals.start.max(WINDOW)..literals.end.min(data.len().saturating_sub(WINDOW));
            for distance in distances {
                let equal = inner.clone().map(|at| data[at] == data[at - distance]);
                let longest = equal.fold((0, 0), |(longest, run), is_equal| {
                    let run = if is_equal { run + 1 } else { 0 };
                    (longest.max(run), run)
                });
                assert!(longest.0 < shortest, "{kinds:?} {distance}");
            }
        }
        assert_eq!(at, data.len());
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
            let likeness = parse_runs(&data, pixel, Kinds::Bytes, &mut Vec::new());
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
        let mut number = noise::numbers(7);
        let mut bytes =
            || -> [u8; SEGMENT] { std::array::from_fn(|_| (number() >> 30).to_le_bytes()[0]) };
        for _ in 0..2000 {
            let (bytes, others) = (bytes(), bytes());
            let plain = (0..SEGMENT).filter(|&i| bytes[i] == others[i]);
            let plain = plain.fold(0, |bits, i| bits | 1 << i);
            assert_eq!(equal_bytes(&bytes, &others), plain);
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: behind the checks of their features.
            unsafe {
                if is_x86_feature_detected!("avx2") {
                    assert_eq!(vectors::equal_256(&bytes, &others), plain);
                }
                if is_x86_feature_detected!("avx512bw") {
                    assert_eq!(vectors::equal_512(&bytes, &others), plain);
                }
            }
        }
    }
}
