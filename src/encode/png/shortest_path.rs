//! The cheapest path through the matches of a text, from every position to the end: dynamic programming from the end, as
//! Katajainen and Raita describe it for texts with copies.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "lengths fit in 16 bits"
)]

use std::ops::Range;

use multiversion::multiversion;

use super::candidates::Candidates;
use super::entropy::Prices;
use super::symbols::{MIN_MATCH, Sequence};

/// For each position, what the cheapest path from it to the end costs, and the first step of that.
#[derive(Default)]
pub(super) struct ShortestPath {
    rests: Vec<u32>,
    steps: Vec<Step>,
}

/// A literal, of length 1 and distance 0, or a match.
#[derive(Clone, Copy, Default)]
struct Step {
    length: u16,
    distance: u16,
}

impl ShortestPath {
    /// Starts on a text of this length.
    pub(super) fn start(&mut self, length: usize) {
        self.rests.clear();
        self.rests.resize(length + 1, 0);
        self.steps.resize(length, Step::default());
    }

    /// Finds the path from all positions of `range` on, no match going beyond `end`; that from the end of the range on is
    /// known, or there is none.
    pub(super) fn walk(
        &mut self,
        candidates: &Candidates,
        segment: &[u8],
        range: Range<usize>,
        end: usize,
        prices: &Prices,
    ) {
        if range.end == end {
            self.rests[end] = 0;
        }
        walk(self, candidates, segment, range, end, prices);
    }

    /// The steps from a position on.
    pub(super) fn steps(&self, at: usize) -> Steps<'_> {
        Steps {
            steps: &self.steps,
            at,
        }
    }
}

/// Steps, in order.
pub(super) struct Steps<'a> {
    steps: &'a [Step],
    /// Where the next begins.
    pub(super) at: usize,
}

impl Steps<'_> {
    /// Takes the steps that begin before `end`.
    pub(super) fn take_to(&mut self, end: usize, sequences: &mut Vec<Sequence>) {
        sequences.clear();
        let mut literals = 0;
        while self.at < end {
            let Step { length, distance } = self.steps[self.at];
            self.at += usize::from(length);
            if distance == 0 {
                literals += 1;
                continue;
            }
            sequences.push(Sequence {
                literals,
                length,
                distance,
            });
            literals = 0;
        }
        if literals > 0 || sequences.is_empty() {
            sequences.push(Sequence {
                literals,
                length: 0,
                distance: 0,
            });
        }
    }
}

/// What [`ShortestPath::walk`] does.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn walk(
    path: &mut ShortestPath,
    candidates: &Candidates,
    segment: &[u8],
    range: Range<usize>,
    end: usize,
    prices: &Prices,
) {
    for at in range.rev() {
        let rests = &path.rests[at + 1..=end];
        let mut price = rests[0] + prices.literals[usize::from(segment[at])];
        let mut step = Step {
            length: 1,
            distance: 0,
        };
        let mut shortest = MIN_MATCH;
        for found in candidates.at(at) {
            let longest = usize::from(found.length).min(rests.len());
            if longest < shortest {
                break;
            }
            let (rest, length) = cheapest(rests, &prices.lengths, shortest, longest);
            let other = rest + prices.distances[usize::from(found.symbol) & 31];
            if other < price {
                price = other;
                step = Step {
                    length: length as u16,
                    distance: found.distance,
                };
            }
            shortest = longest + 1;
        }
        path.rests[at] = price;
        path.steps[at] = step;
    }
}

/// The length, of these, with which a match costs least together with the rest that begins after it, and how much; of equals
/// the shortest. `rests` begins with what follows a length of 1.
#[inline(always)]
fn cheapest(rests: &[u32], lengths: &[u32; 512], shortest: usize, longest: usize) -> (u32, usize) {
    let rests = &rests[shortest - 1..longest];
    let lengths = &lengths[shortest..=longest];
    if rests.len() < 8 {
        let mut best = (u32::MAX, 0);
        for ((length, rest), cost) in (shortest..).zip(rests).zip(lengths) {
            if rest + cost < best.0 {
                best = (rest + cost, length);
            }
        }
        return best;
    }
    // Prices as they differ from one, with their lengths below them, so that one comparison does for both: no more than 258
    // literals lie between two rests.
    let base = rests[0];
    let both = (shortest as i32..).zip(rests).zip(lengths);
    let keys = both
        .map(|((length, rest), cost)| (rest + cost).wrapping_sub(base).cast_signed() << 9 | length);
    let best = keys.fold(i32::MAX, i32::min);
    (
        base.wrapping_add_signed(best >> 9),
        best.cast_unsigned() as usize & 511,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lengths_the_cheapest_is_taken_and_of_equals_the_shortest() {
        let mut lengths = [0; 512];
        lengths[20] = 5;
        let mut rests = vec![1_000_000; 258];
        assert_eq!(cheapest(&rests, &lengths, 3, 258), (1_000_000, 3));
        assert_eq!(cheapest(&rests, &lengths, 3, 6), (1_000_000, 3));
        rests[19] -= 70;
        rests[200] -= 64;
        assert_eq!(cheapest(&rests, &lengths, 3, 258), (1_000_000 - 65, 20));
        assert_eq!(cheapest(&rests, &lengths, 21, 258), (1_000_000 - 64, 201));
        assert_eq!(cheapest(&rests, &lengths, 19, 22), (1_000_000 - 65, 20));
    }
}
