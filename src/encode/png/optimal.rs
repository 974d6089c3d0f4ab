//! The cheapest parse: the matches at every position are found once; then the cheapest path through them is looked for
//! again and again, each time at the prices that the last path had. A text is cut into blocks where that pays.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a segment's length fits in 32 bits"
)]

use std::ops::Range;

use super::block::{Block, Position, Sink};
use super::candidates::Candidates;
use super::counts::{Counts, count_bytes};
use super::cut::{Priced, UNIT, cut};
use super::entropy::Prices;
use super::shortest_path::ShortestPath;
use super::symbols::{END, Sequence};
use super::trees::Trees;

/// Bytes that are parsed together: what is known of each takes memory.
const SEGMENT: usize = 256 << 10;
/// How often prices are found with a few units of a segment, how many these are, about, and how often with all of it then.
const TRAININGS: usize = 6;
const TRAINED: usize = 3;
const PASSES: usize = 2;

/// Finds the cheapest parse; its memory is used again.
#[derive(Default)]
pub(super) struct Optimal {
    trees: Trees,
    candidates: Candidates,
    path: ShortestPath,
    /// The path, unit by unit or block by block.
    sequences: Vec<Sequence>,
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
        self.candidates.find(&mut self.trees, text, part, &first);
        self.path.start(segment.len());
        let mut blocks = vec![Priced {
            range: 0..segment.len(),
            prices: self.train(segment, first),
        }];
        for _ in 0..PASSES {
            for block in blocks.iter().rev() {
                let (range, end) = (block.range.clone(), segment.len());
                self.path
                    .walk(&self.candidates, segment, range, end, &block.prices);
            }
            blocks = cut(segment, self.path.steps(0), &mut self.sequences);
        }
        let mut steps = self.path.steps(0);
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
                let (range, end) = (unit.clone(), unit.end);
                self.path
                    .walk(&self.candidates, segment, range, end, &prices);
                let mut steps = self.path.steps(unit.start);
                steps.take_to(unit.end, &mut self.sequences);
                let counts = Counts::of(&segment[unit], &self.sequences);
                all = Some(all.map_or(counts.clone(), |all| all.and(&counts)));
            }
            prices = all.map_or(prices, |all| Prices::of(&all));
        }
        prices
    }
}

/// What things may cost before anything is parsed. Matches look cheap, so that the first path tries many: those that do not
/// pay are left out later, while those that are never tried are never found to pay.
fn first_prices(segment: &[u8]) -> Prices {
    let mut counts = Counts::of_literals(&count_bytes(segment));
    let each = segment.len() as u32 / 30;
    counts.literals[END + 1..].fill(each);
    counts.distances.fill(each);
    Prices::of(&counts)
}

#[cfg(test)]
mod tests {
    use super::super::noise;
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
        let mut below = noise::below(7);
        (0..length).map(|_| below(values) as u8).collect()
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
}
