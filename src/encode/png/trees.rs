//! Finds the matches of every position: positions whose next bytes have one hash stand in a search tree, sorted by what
//! follows them, so that few comparisons find the longest match and the nearest of each length. The newest is the root,
//! as Bell and Kulp describe it.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions lie below 2^32, lengths and distances below 2^16"
)]

use super::matches::{common_prefix, word_at};
use super::symbols::{MAX_MATCH, WINDOW, distance_symbol};

/// A match at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) length: u16,
    pub(super) distance: u16,
    /// The distance's.
    pub(super) symbol: u8,
}

impl Found {
    #[inline(always)]
    fn new(length: usize, distance: usize) -> Self {
        let (length, distance) = (length as u16, distance as u16);
        let symbol = distance_symbol(distance).symbol as u8;
        Self {
            length,
            distance,
            symbol,
        }
    }
}

/// Comparisons for each position.
const DEPTH: usize = 24;
/// Length from which no longer match is looked for.
pub(super) const ENOUGH: usize = 258;
/// Bits of the hashes of three bytes and of four.
const BITS: u32 = 15;

/// Where what follows was seen before.
#[derive(Default)]
pub(super) struct Trees {
    /// By hash of three bytes: position + 1 of the last occurrence, 0 if there is none.
    threes: Vec<u32>,
    /// By hash of four bytes: the same, the root of their tree.
    roots: Vec<u32>,
    /// By position modulo the window: the subtrees of what sorts before it and of what sorts after it.
    children: Vec<[u32; 2]>,
}

impl Trees {
    /// Starts on a new text.
    pub(super) fn start(&mut self) {
        for heads in [&mut self.threes, &mut self.roots] {
            heads.clear();
            heads.resize(1 << BITS, 0);
        }
        self.children.resize(WINDOW, [0; 2]);
    }

    /// Appends the matches at `at`, from short to long, each the nearest of its length; gives back the longest length.
    /// Positions are asked for, or entered, in order, and always of the whole text: what was equal up to an end that is
    /// none would stand in a wrong place.
    #[inline(always)]
    pub(super) fn find(&mut self, text: &[u8], at: usize, found: &mut Vec<Found>) -> usize {
        let Some(word) = word_at(text, at) else {
            return 0;
        };
        let three = word & THREE;
        let last = std::mem::replace(&mut self.threes[hash(three)], at as u32 + 1) as usize;
        let distance = (at + 1).wrapping_sub(last);
        // Shorter ones cost more than they save; those of three bytes are found here.
        let mut longest = 3;
        if last > 0
            && distance < WINDOW
            && word_at(text, last - 1).map(|word| word & THREE) == Some(three)
        {
            found.push(Found::new(3, distance));
        }
        self.descend(text, at, word, |length, distance| {
            if length > longest {
                longest = length;
                found.push(Found::new(length, distance));
            }
        });
        longest
    }

    /// Enters `at` without looking for matches.
    #[inline(always)]
    pub(super) fn enter(&mut self, text: &[u8], at: usize) {
        if let Some(word) = word_at(text, at) {
            self.threes[hash(word & THREE)] = at as u32 + 1;
            self.descend(text, at, word, |_, _| {});
        }
    }

    /// Makes `at`, where `word` stands, the root of its tree, and tells of the positions on the way down: how much they
    /// have in common with it, and how far back they are.
    #[inline(always)]
    fn descend(&mut self, text: &[u8], at: usize, word: u32, mut tell: impl FnMut(usize, usize)) {
        let Some(children) = self.children.first_chunk_mut::<WINDOW>() else {
            return;
        };
        let here = &text[at..text.len().min(at + MAX_MATCH)];
        let enough = ENOUGH.min(here.len());
        let mut next = std::mem::replace(&mut self.roots[hash(word)], at as u32 + 1);
        // Where the next smaller and the next greater position are to be hung.
        let mut open = [(at, 0), (at, 1)];
        // What all that are smaller, or greater, have in common with `at`.
        let mut common = [0, 0];
        for _ in 0..DEPTH {
            let candidate = (next as usize).wrapping_sub(1);
            let distance = at.wrapping_sub(candidate);
            if next == 0 || distance >= WINDOW {
                break;
            }
            let there = &text[candidate..];
            let least = common[0].min(common[1]);
            let length = least + common_prefix(&here[least..], &there[least..]);
            tell(length, distance);
            if length >= enough {
                // It stands for the other in the tree.
                for (side, (parent, child)) in open.into_iter().enumerate() {
                    children[parent % WINDOW][child] = children[candidate % WINDOW][side];
                }
                return;
            }
            let side = usize::from(there[length] > here[length]);
            let (parent, child) = open[side];
            children[parent % WINDOW][child] = next;
            open[side] = (candidate, 1 - side);
            common[side] = length;
            next = children[candidate % WINDOW][1 - side];
        }
        for (parent, child) in open {
            children[parent % WINDOW][child] = 0;
        }
    }
}

/// The first three of four bytes.
const THREE: u32 = 0x00ff_ffff;

/// The upper bits of a hash of four bytes, all but `shift` of them.
#[inline(always)]
pub(super) fn hash_of(word: u32, shift: u32) -> usize {
    (word.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

#[inline(always)]
fn hash(word: u32) -> usize {
    hash_of(word, 32 - BITS)
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::*;

    /// Words of a small vocabulary, so that much comes again at all lengths.
    fn text() -> Vec<u8> {
        let mut number = noise::numbers(3);
        let mut below = |limit: usize| (number() >> 8) as usize % limit;
        let words: Vec<Vec<u8>> = (1..60)
            .map(|length| (0..length).map(|_| below(5) as u8).collect())
            .collect();
        (0..3000)
            .flat_map(|_| words[below(words.len())].clone())
            .collect()
    }

    #[test]
    fn matches_are_equal_ever_longer_and_within_the_window() {
        let text = text();
        let mut trees = Trees::default();
        trees.start();
        let (mut found, mut longer) = (Vec::new(), 0);
        for at in 0..text.len() {
            found.clear();
            let longest = trees.find(&text, at, &mut found);
            let mut last = 0;
            for &Found {
                length, distance, ..
            } in &found
            {
                let (length, distance) = (usize::from(length), usize::from(distance));
                assert!(length > last && (3..=MAX_MATCH).contains(&length));
                assert!(distance > 0 && distance < WINDOW);
                assert_eq!(text[at..at + length], text[at - distance..][..length]);
                last = length;
            }
            assert_eq!(longest.max(3), last.max(3));
            // A tree may forget, but not often.
            let window = at.saturating_sub(2000)..at;
            let best = window.map(|earlier| {
                common_prefix(&text[at..text.len().min(at + MAX_MATCH)], &text[earlier..])
            });
            longer += usize::from(at % 50 == 0 && best.max().unwrap_or(0) > longest);
        }
        assert!(longer < text.len() / 50 / 20, "{longer}");
    }
}
