//! Where a text is cut into blocks: where they are smallest together.

use std::ops::Range;

use super::block::Block;
use super::counts::Counts;
use super::entropy::Prices;
use super::shortest_path::Steps;
use super::symbols::Sequence;

/// Bytes between places where a block may end.
pub(super) const UNIT: usize = 8 << 10;
/// Units in a block at the most.
const MOST_UNITS: usize = 16;

/// A block, and what things cost in it.
pub(super) struct Priced {
    pub(super) range: Range<usize>,
    pub(super) prices: Prices,
}

/// Cuts the text, of which `steps` is a parse, into blocks, with the prices that these have.
pub(super) fn cut(
    segment: &[u8],
    mut steps: Steps<'_>,
    sequences: &mut Vec<Sequence>,
) -> Vec<Priced> {
    let mut units = Vec::new();
    while steps.at < segment.len() {
        let start = steps.at;
        let end = segment.len().min((start / UNIT + 1) * UNIT);
        steps.take_to(end, sequences);
        let counts = Counts::of(&segment[start..steps.at], sequences);
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
