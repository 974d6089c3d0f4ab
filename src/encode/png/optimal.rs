//! The cheapest parse: the matches at every position are found once; then the cheapest way through them is looked for
//! again and again, each time at the prices that the last way had. A text is cut into blocks where that pays.
//!
//! Dynamic programming from the end of the text, as Katajainen and Raita describe it for texts with copies.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a segment's positions fit in 32 bits, lengths and distances in 16"
)]

use std::ops::Range;

use multiversion::multiversion;

use super::block::{Block, Position, Sink};
use super::counts::{Counts, count_bytes};
use super::entropy::{BIT, Prices};
use super::symbols::{END, MIN_MATCH, Sequence};
use super::trees::{ENOUGH, Found, Trees};

/// Bytes that are parsed together: what is known of each takes memory.
const SEGMENT: usize = 256 << 10;
/// Bytes between places where a block may end.
const UNIT: usize = 8 << 10;
/// Units in a block at the most.
const MOST_UNITS: usize = 16;
/// How often prices are found with a few units of a segment, how many these are, about, and how often with all of it then.
const TRAININGS: usize = 6;
const TRAINED: usize = 3;
const PASSES: usize = 2;

/// Finds the cheapest parse; its memory is used again.
#[derive(Default)]
pub(super) struct Optimal {
    trees: Trees,
    /// The matches of all positions of a segment, each position's from short to long.
    found: Vec<Found>,
    /// Where those of each position begin, and where the last end.
    starts: Vec<u32>,
    /// The cheapest way from each position to the end: what it costs, and its first step.
    rests: Vec<u32>,
    steps: Vec<Step>,
    /// The way, unit by unit.
    sequences: Vec<Sequence>,
}

/// A literal (of length 1) or a match.
#[derive(Clone, Copy, Default)]
struct Step {
    length: u16,
    distance: u16,
}

impl Optimal {
    /// Puts `text` into `out` as blocks; the last stands at `position`.
    pub(super) fn put(&mut self, text: &[u8], position: Position, out: &mut impl Sink) {
        self.trees.start();
        let mut from = 0;
        while from < text.len() {
            let to = text.len().min(from + SEGMENT);
            let position = match to == text.len() {
                true => position,
                false => Position::Inner,
            };
            self.put_segment(text, from..to, position, out);
            from = to;
        }
    }

    /// The same for a part of the `text`, all before being known.
    fn put_segment(
        &mut self,
        text: &[u8],
        part: Range<usize>,
        position: Position,
        out: &mut impl Sink,
    ) {
        let segment = &text[part.clone()];
        let first = first_prices(segment);
        self.find(text, part, &first);
        self.rests.clear();
        self.rests.resize(segment.len() + 1, 0);
        self.steps.resize(segment.len(), Step::default());
        let mut blocks = vec![Priced {
            range: 0..segment.len(),
            prices: self.train(segment, first),
        }];
        for _ in 0..PASSES {
            self.rests[segment.len()] = 0;
            for block in blocks.iter().rev() {
                self.walk(segment, block.range.clone(), segment.len(), &block.prices);
            }
            blocks = self.cut(segment);
        }
        let mut steps = Steps::new(&self.steps, 0);
        for (number, block) in blocks.iter().enumerate() {
            let start = steps.at;
            steps.take_to(block.range.end, &mut self.sequences);
            let piece = &segment[start..steps.at];
            let position = match number + 1 == blocks.len() {
                true => position,
                false => Position::Inner,
            };
            out.take(
                &Block::new(piece, &self.sequences),
                piece,
                &self.sequences,
                position,
            );
        }
    }

    /// Finds prices for a segment with a few units of it, again and again: they settle slowly.
    fn train(&mut self, segment: &[u8], first: Prices) -> Prices {
        let mut prices = first;
        let count = segment.len().div_ceil(UNIT);
        let stride = (count / TRAINED).max(1);
        let units = (0..count).skip(stride / 2).step_by(stride);
        let units = units.map(|unit| unit * UNIT..segment.len().min((unit + 1) * UNIT));
        for _ in 0..TRAININGS {
            let mut all: Option<Counts> = None;
            for unit in units.clone() {
                self.rests[unit.end] = 0;
                self.walk(segment, unit.clone(), unit.end, &prices);
                Steps::new(&self.steps, unit.start).take_to(unit.end, &mut self.sequences);
                let counts = Counts::of(&segment[unit], &self.sequences);
                all = Some(all.map_or(counts.clone(), |all| all.and(&counts)));
            }
            prices = all.map_or(prices, |all| Prices::of(&all));
        }
        prices
    }

    /// Finds the matches of a part of the `text`; they may go beyond it. Those that can hardly pay, at these prices, are
    /// left out.
    fn find(&mut self, text: &[u8], part: Range<usize>, prices: &Prices) {
        find(self, text, part, prices);
    }

    /// Finds the cheapest way from every position of `range` to `end`, no match going beyond; those from the end of the
    /// range on are known.
    fn walk(&mut self, segment: &[u8], range: Range<usize>, end: usize, prices: &Prices) {
        walk(self, segment, range, end, prices);
    }

    /// Cuts the cheapest way into blocks such that they are smallest, with the prices that they then have.
    fn cut(&mut self, segment: &[u8]) -> Vec<Priced> {
        let mut units = Vec::new();
        let mut steps = Steps::new(&self.steps, 0);
        while steps.at < segment.len() {
            let start = steps.at;
            let end = segment.len().min((start / UNIT + 1) * UNIT);
            steps.take_to(end, &mut self.sequences);
            let counts = Counts::of(&segment[start..steps.at], &self.sequences);
            units.push((start..steps.at, counts));
        }
        // The fewest bits that all up to a unit take, and where the last block of these begins.
        let mut fewest = vec![(0, 0)];
        for end in 1..=units.len() {
            let mut best = (u64::MAX, 0);
            let mut counts: Option<Counts> = None;
            for start in (end.saturating_sub(MOST_UNITS)..end).rev() {
                let unit = &units[start].1;
                let all = match counts.take() {
                    None => unit.clone(),
                    Some(later) => later.and(unit),
                };
                let length = units[end - 1].0.end - units[start].0.start;
                let bits = fewest[start].0 + Block::with_counts(length, &all).bits;
                if bits < best.0 {
                    best = (bits, start);
                }
                counts = Some(all);
            }
            fewest.push(best);
        }
        let mut blocks = Vec::new();
        let mut end = units.len();
        while end > 0 {
            let start = fewest[end].1;
            let (first, rest) = (&units[start].1, &units[start + 1..end]);
            let counts = rest
                .iter()
                .fold(first.clone(), |all, (_, unit)| all.and(unit));
            let range = units[start].0.start..units[end - 1].0.end;
            let prices = Prices::of(&counts);
            blocks.push(Priced { range, prices });
            end = start;
        }
        blocks.reverse();
        blocks
    }
}

/// What [`Optimal::find`] does.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn find(optimal: &mut Optimal, text: &[u8], part: Range<usize>, prices: &Prices) {
    let Optimal {
        trees,
        found,
        starts,
        ..
    } = optimal;
    found.clear();
    starts.clear();
    let mut at = part.start;
    while at < part.end {
        let first = found.len();
        starts.push(first as u32);
        let longest = trees.find(text, at, found);
        prune(found, first, &text[at..], prices);
        at += 1;
        // Whoever takes a long match does not want those within it.
        if longest >= ENOUGH {
            let end = part.end.min(at + longest - 1);
            for inside in at..end {
                starts.push(found.len() as u32);
                trees.enter(text, inside);
            }
            at = end;
        }
    }
    starts.push(found.len() as u32);
}

/// Forgets short matches among those from `first` on, at the start of `here`, that cost far more than their literals.
#[inline(always)]
fn prune(found: &mut Vec<Found>, first: usize, here: &[u8], prices: &Prices) {
    let mut kept = first;
    for n in first..found.len() {
        let Found { length, symbol, .. } = found[n];
        let length = usize::from(length);
        let price = prices.lengths[length & 511] + prices.distances[usize::from(symbol) & 31];
        let is_worth = || {
            let bytes = here[..length].iter();
            let literals = bytes.map(|&byte| prices.literals[usize::from(byte)]);
            price < literals.sum::<u32>() + DEAR
        };
        if length >= SURELY || is_worth() {
            found[kept] = found[n];
            kept += 1;
        }
    }
    found.truncate(kept);
}

/// How much more a match may cost than its literals when it is found, and the length from which that is not asked.
const DEAR: u32 = 2 * BIT;
const SURELY: usize = 8;

/// What [`Optimal::walk`] does.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn walk(optimal: &mut Optimal, segment: &[u8], range: Range<usize>, end: usize, prices: &Prices) {
    for at in range.rev() {
        let rests = &optimal.rests[at + 1..=end];
        let mut price = rests[0] + prices.literals[usize::from(segment[at])];
        let mut step = Step {
            length: 1,
            distance: 0,
        };
        let (first, last) = (optimal.starts[at] as usize, optimal.starts[at + 1] as usize);
        let mut shortest = MIN_MATCH;
        for found in &optimal.found[first..last] {
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
        optimal.rests[at] = price;
        optimal.steps[at] = step;
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

/// A block, and what things cost in it.
struct Priced {
    range: Range<usize>,
    prices: Prices,
}

/// What things may cost before anything is parsed. Matches look cheap, so that the first way tries many: those that do not
/// pay are left out later, while those that are never tried are never found to pay.
fn first_prices(segment: &[u8]) -> Prices {
    let mut counts = Counts::of_literals(&count_bytes(segment));
    let each = segment.len() as u32 / 30;
    counts.literals[END + 1..].fill(each);
    counts.distances.fill(each);
    Prices::of(&counts)
}

/// The steps of the cheapest way, in order.
struct Steps<'a> {
    steps: &'a [Step],
    at: usize,
}

impl<'a> Steps<'a> {
    fn new(steps: &'a [Step], at: usize) -> Self {
        Self { steps, at }
    }

    /// Takes the steps that begin before `end`.
    fn take_to(&mut self, end: usize, sequences: &mut Vec<Sequence>) {
        sequences.clear();
        let mut literals = 0;
        while self.at < end {
            let Step { length, distance } = self.steps[self.at];
            self.at += usize::from(length);
            if distance == 0 && length == 1 {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes blocks apart again, as an inflater would.
    #[derive(Default)]
    struct Inflated {
        text: Vec<u8>,
        blocks: usize,
        matched: usize,
        bits: u64,
        is_ended: bool,
    }

    impl Sink for Inflated {
        fn take(&mut self, block: &Block, data: &[u8], sequences: &[Sequence], position: Position) {
            let start = self.text.len();
            for sequence in sequences {
                let literals = &data[self.text.len() - start..][..sequence.literals as usize];
                self.text.extend_from_slice(literals);
                for _ in 0..sequence.length {
                    let earlier = self.text.len() - usize::from(sequence.distance);
                    self.text.push(self.text[earlier]);
                }
                self.matched += usize::from(sequence.length);
            }
            assert_eq!(self.text.len() - start, data.len());
            self.blocks += 1;
            self.bits += block.bits;
            assert!(!self.is_ended);
            self.is_ended = position == Position::Last;
        }
    }

    fn inflated(text: &[u8]) -> Inflated {
        let mut out = Inflated::default();
        Optimal::default().put(text, Position::Last, &mut out);
        assert!(out.text == text && out.is_ended);
        out
    }

    fn noise(length: usize, values: u32) -> Vec<u8> {
        let mut state = 7u32;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) % values) as u8
        };
        (0..length).map(next).collect()
    }

    #[test]
    fn blocks_give_the_text_again() {
        for length in [1, 2, 3, 4, 5, 300, 70_000, SEGMENT + 1, 2 * SEGMENT + 5000] {
            inflated(&vec![7; length]);
            inflated(&noise(length, 3));
            inflated(&noise(length, 256));
        }
    }

    #[test]
    fn what_comes_again_is_matched_as_far_back_as_a_match_reaches() {
        let piece = noise(32_000, 256);
        let found = inflated(&[&piece[..], &piece[..]].concat());
        assert!(found.matched >= piece.len() - 3, "{}", found.matched);
        assert!(found.bits < 8 * 33_000, "{}", found.bits);
    }

    #[test]
    fn a_text_of_two_kinds_becomes_blocks_of_two_kinds() {
        let text = [noise(64 << 10, 4), noise(64 << 10, 256)].concat();
        let found = inflated(&text);
        assert!(found.blocks >= 2);
        // Two bits for each byte of the first half, eight for the second, and the codes.
        assert!(found.bits < (2 + 8) * (64 << 10) + 6000, "{}", found.bits);
    }

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
