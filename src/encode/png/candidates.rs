//! The matches of every position of a part of a text.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a part's positions fit in 32 bits"
)]

use std::ops::Range;

use multiversion::multiversion;

use super::entropy::{BIT, Prices};
use super::trees::{ENOUGH, Found, Trees};

/// They, each position's from short to long.
#[derive(Default)]
pub(super) struct Candidates {
    found: Vec<Found>,
    /// Where those of each position begin, and where the last end.
    starts: Vec<u32>,
}

impl Candidates {
    /// Finds those of a part of the `text`; they may go beyond it. Those that can hardly pay, at these prices, are left out.
    pub(super) fn find(
        &mut self,
        trees: &mut Trees,
        text: &[u8],
        part: Range<usize>,
        prices: &Prices,
    ) {
        find(self, trees, text, part, prices);
    }

    /// Those of the position, counted from the start of the part.
    #[inline(always)]
    pub(super) fn at(&self, position: usize) -> &[Found] {
        let (first, last) = (self.starts[position], self.starts[position + 1]);
        &self.found[first as usize..last as usize]
    }
}

/// What [`Candidates::find`] does.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn find(
    candidates: &mut Candidates,
    trees: &mut Trees,
    text: &[u8],
    part: Range<usize>,
    prices: &Prices,
) {
    let Candidates { found, starts } = candidates;
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
