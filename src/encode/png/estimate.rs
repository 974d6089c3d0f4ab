//! How often bytes occur, about, told by some of them: to count each would take a tenth of the time of a photograph.

use multiversion::multiversion;

use super::counts::{ByteCounts, Counts, Tables, count_bytes};
use super::filter::magnitude;
use super::small_bytes::count_small;
use super::symbols::Sequence;

/// Bytes in a group. Of so many groups the first is counted.
const GROUP: usize = 32;

/// Of how many groups one is counted where all is to be fast, where codes are to be almost those of exact counts, and where
/// groups differ much from one another.
const ROUGH: usize = 8;
const CLOSE: usize = 4;
const CLOSER: usize = 2;
/// Bytes of which a part tells enough.
const MANY: usize = 32 << 10;
/// Groups differ much where more than one byte in so many equals the one before it: there is something, and elsewhere nothing.
const EQUAL: usize = 5;

/// Bytes are rare that are, with all of larger magnitude, no more than one in so many.
const RARE: u32 = 512;

/// About how often each byte of a text occurs.
pub(super) struct Estimate {
    bytes: ByteCounts,
    /// Of so many groups one was counted.
    step: usize,
    /// Largest magnitude of which only the bytes in these groups were counted. Those of larger ones were counted
    /// everywhere, so that there are no codes for what does not occur.
    common: u8,
}

impl Estimate {
    /// All of them, counted.
    pub(super) fn exact(data: &[u8]) -> Self {
        Self::all(count_bytes(data))
    }

    fn all(bytes: ByteCounts) -> Self {
        Self {
            bytes,
            step: 1,
            common: u8::MAX,
        }
    }

    /// A rough one, of one group in eight.
    pub(super) fn rough(data: &[u8]) -> Self {
        let largest = largest_magnitude(data);
        Self::scaled(count_groups(data, ROUGH), ROUGH, largest)
    }

    /// A close one, of some groups and of all bytes that are rare, where that is enough; so many bytes are `equal` to the
    /// one before.
    pub(super) fn close(data: &[u8], equal: usize) -> Self {
        if data.len() < MANY {
            return Self::exact(data);
        }
        let differ = EQUAL * equal > data.len();
        if differ && let Some(bytes) = count_small(data) {
            return Self::all(bytes);
        }
        let step = if differ { CLOSER } else { CLOSE };
        let mut bytes = count_groups(data, step);
        let counted: u32 = bytes.iter().sum();
        let common = common_magnitude(&bytes, counted / RARE);
        count_rare(data, step, common, &mut bytes);
        Self::scaled(bytes, step, common)
    }

    /// From the counts of some groups, and of all bytes with larger magnitudes than the common ones.
    fn scaled(mut bytes: ByteCounts, step: usize, common: u8) -> Self {
        let factor = u32::try_from(step).unwrap_or(1);
        for (byte, count) in (0..=255).zip(&mut bytes) {
            if magnitude(byte) <= common {
                *count = (*count * factor).max(1);
            }
        }
        Self {
            bytes,
            step,
            common,
        }
    }

    /// Whether all bytes were counted.
    pub(super) fn is_exact(&self) -> bool {
        self.step == 1
    }

    /// About how often each byte occurs: at least once if it does.
    pub(super) fn bytes(&self) -> &ByteCounts {
        &self.bytes
    }

    /// The counts of a parse of `data` into runs. Each literal that it may have is counted.
    pub(super) fn of_runs(&self, data: &[u8], runs: &[Sequence]) -> Counts {
        let count = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        if self.is_exact() {
            return Counts::of_runs(data, &self.bytes, runs, |_, start, end| count(end - start));
        }
        let mut counts = Counts::of_runs(data, &self.bytes, runs, |byte, start, end| {
            // What was counted of them, and no more.
            count(match magnitude(byte) <= self.common {
                true => self.step * (self.counted_before(end) - self.counted_before(start)),
                false => end - start,
            })
        });
        for (count, bytes) in counts.literals.iter_mut().zip(self.bytes) {
            *count = (*count).max(bytes.min(1));
        }
        counts
    }

    /// How many bytes before this place are in groups that were counted.
    fn counted_before(&self, at: usize) -> usize {
        let period = GROUP * self.step;
        at / period * GROUP + (at % period).min(GROUP)
    }
}

/// Counts one group in so many.
fn count_groups(data: &[u8], step: usize) -> ByteCounts {
    let mut tables = Tables::<8>::default();
    for group in data.chunks(GROUP).step_by(step) {
        tables.add(group);
    }
    tables.sum()
}

/// The least magnitude beyond which there are at most so many bytes.
fn common_magnitude(bytes: &ByteCounts, most: u32) -> u8 {
    let mut by_magnitude = [0; 129];
    for (byte, count) in (0..=255).zip(bytes) {
        by_magnitude[usize::from(magnitude(byte))] += count;
    }
    let mut beyond = 0;
    let common = (0..=128u8).rev().find(|&magnitude| {
        beyond += by_magnitude[usize::from(magnitude)];
        beyond > most
    });
    common.unwrap_or(0)
}

/// Counts bytes with larger magnitudes than the common ones where bytes have not been counted.
#[multiversion(targets("x86_64+avx512f+avx512bw", "x86_64+avx2"))]
fn count_rare(data: &[u8], step: usize, common: u8, bytes: &mut ByteCounts) {
    let (groups, rest) = data.as_chunks::<GROUP>();
    let mut count = |group: &[u8]| {
        for &byte in group {
            bytes[usize::from(byte)] += u32::from(magnitude(byte) > common);
        }
    };
    for period in groups.chunks(step) {
        for group in &period[1..] {
            // Most have none.
            if group
                .iter()
                .fold(0, |most, &byte| magnitude(byte).max(most))
                > common
            {
                count(group);
            }
        }
    }
    if !groups.len().is_multiple_of(step) {
        count(rest);
    }
}

/// The largest magnitude of the bytes as differences.
#[multiversion(targets("x86_64+avx512f+avx512bw", "x86_64+avx2"))]
fn largest_magnitude(data: &[u8]) -> u8 {
    data.iter().map(|&byte| magnitude(byte)).fold(0, u8::max)
}

#[cfg(test)]
mod tests {
    use super::super::runs::{Kinds, parse_runs};
    use super::*;

    /// Small differences, a few large ones far from one another, and runs.
    fn text() -> Vec<u8> {
        let mut data = vec![0; 100_000];
        for (n, byte) in (0..).zip(&mut data) {
            *byte = [0, 1, 255, 2][n / 5 % 4];
        }
        for byte in 3..=90 {
            data[usize::from(byte) * 1009] = byte;
        }
        data[77] = 200;
        data[40_000..55_000].fill(0);
        data[70_001..70_050].fill(120);
        data
    }

    #[test]
    fn every_byte_that_occurs_is_in_an_estimate() {
        let data = text();
        let exact = count_bytes(&data);
        for (estimate, most_off) in [
            (Estimate::rough(&data), 1000),
            (Estimate::close(&data, 0), 500),
        ] {
            for (byte, (&exact, &bytes)) in exact.iter().zip(estimate.bytes()).enumerate() {
                assert!(bytes > 0 || exact == 0, "{byte}");
                assert!(exact.abs_diff(bytes) < most_off, "{byte}: {exact} {bytes}");
            }
        }
    }

    #[test]
    fn where_neighbours_are_alike_more_is_counted_and_all_where_hardly_anything_else_is() {
        let calm = text();
        let estimate = Estimate::close(&calm, calm.len() / 3);
        assert!(estimate.is_exact());
        assert_eq!(estimate.bytes(), &count_bytes(&calm));
        // Something, and elsewhere nothing.
        let busy = (0..60_000u32).map(|n| (n * n / 7).to_le_bytes()[0]);
        let mixed: Vec<u8> = std::iter::repeat_n(0, 40_000).chain(busy).collect();
        let estimate = Estimate::close(&mixed, 40_000);
        assert_eq!(estimate.step, CLOSER);
        for (&exact, &bytes) in count_bytes(&mixed).iter().zip(estimate.bytes()) {
            assert!(bytes > 0 || exact == 0);
            assert!(exact.abs_diff(bytes) < 300, "{exact} {bytes}");
        }
    }

    #[test]
    fn rare_bytes_are_counted_exactly_where_an_estimate_is_close() {
        for length in [100_000, 77_777, 70_051, 70_020, 33, 31] {
            let data = &text()[..length];
            let (exact, estimate) = (count_bytes(data), Estimate::close(data, 0));
            assert!(length < MANY || estimate.common < 100);
            for byte in 0..=255u8 {
                if magnitude(byte) > estimate.common {
                    let at = usize::from(byte);
                    assert_eq!(estimate.bytes()[at], exact[at], "{byte} of {length}");
                }
            }
        }
    }

    #[test]
    fn literals_beside_long_runs_are_estimated_by_themselves() {
        let data = text();
        let mut runs = Vec::new();
        parse_runs(&data, 1, Kinds::Bytes, &mut runs);
        let exact = Counts::of(&data, &runs);
        for (estimate, most_off) in [
            (Estimate::rough(&data), 1000),
            (Estimate::close(&data, 0), 500),
        ] {
            let counts = estimate.of_runs(&data, &runs);
            assert_eq!(counts.distances, exact.distances);
            assert_eq!(counts.literals[256..], exact.literals[256..]);
            for (byte, (&exact, &count)) in exact.literals.iter().zip(&counts.literals).enumerate()
            {
                assert!(count > 0 || exact == 0, "{byte}");
                assert!(exact.abs_diff(count) < most_off, "{byte}: {exact} {count}");
            }
        }
    }
}
