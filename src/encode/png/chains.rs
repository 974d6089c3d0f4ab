//! The positions of a text by what begins there: hash chains over its next few bytes, and over its next sixteen.
//!
//! On smooth rows, the chain of a few bytes is so long that a search ends before it comes to where much is the same. In that
//! of sixteen, the first position has a long match already.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions lie below 2^31, and hashes are cut to their upper bits"
)]

use std::mem;
use std::ops::RangeInclusive;

use super::seen::{LONGEST_KEY, MIX, words};
use super::symbols::WINDOW;

/// Bytes of the long key. What begins nearer to the end of a text is in no chain.
pub(super) const LONG_KEY: usize = LONGEST_KEY;
/// Bytes of the short key: alone, and beside a long one, where matches of four or five bytes cost what their literals do.
const SHORT_KEYS: [u32; 2] = [4, 6];
/// Bits of a hash at most and at least.
const HASH_BITS: RangeInclusive<u32> = 7..=15;

/// The positions of a text under their short keys and, where `LONG` says so, under their long ones.
#[derive(Default)]
pub(super) struct Chains {
    short: Chain,
    long: Chain,
    /// Bits of a hash.
    bits: u32,
    /// First position that was not entered.
    entered: usize,
}

impl Chains {
    /// Starts on a text of `length` bytes.
    pub(super) fn start<const LONG: bool>(&mut self, length: usize) {
        let bits = (length.max(2) - 1).ilog2();
        self.bits = bits.clamp(*HASH_BITS.start(), *HASH_BITS.end());
        self.short.start(self.bits);
        if LONG {
            self.long.start(self.bits);
        }
        self.entered = 0;
    }

    /// Enters the positions up to and without `end`.
    #[inline(always)]
    pub(super) fn enter_to<const LONG: bool>(&mut self, text: &[u8], end: usize) {
        let begin = self.entered;
        self.entered = begin.max(end);
        let last = text.len().min(end + LONG_KEY - 1);
        let keys = text.get(begin..last).unwrap_or_default().windows(LONG_KEY);
        for (key, at) in keys.zip(begin..) {
            let [short, long] = hashes::<LONG>(words(key, 0), self.bits);
            self.short.enter(short, at);
            if LONG {
                self.long.enter(long, at);
            }
        }
    }

    /// Enters the positions up to `at`; returns those before it that begin with its short key, and those with its long one.
    #[inline(always)]
    pub(super) fn earlier<const LONG: bool>(&mut self, text: &[u8], at: usize) -> [Earlier<'_>; 2] {
        self.enter_to::<LONG>(text, at);
        self.entered = at + 1;
        let mut heads = [0; 2];
        if at + LONG_KEY <= text.len() {
            let [short, long] = hashes::<LONG>(words(text, at), self.bits);
            heads[0] = self.short.enter(short, at);
            if LONG {
                heads[1] = self.long.enter(long, at);
            }
        }
        let Self { short, long, .. } = self;
        [short.from(heads[0], at), long.from(heads[1], at)]
    }

    /// Enters so many positions more and passes over those after them, up to and without `end`.
    #[inline(always)]
    pub(super) fn pass_to<const LONG: bool>(&mut self, text: &[u8], count: usize, end: usize) {
        self.enter_to::<LONG>(text, self.entered + count);
        self.entered = end;
    }
}

/// Positions by the hash of a key.
struct Chain {
    /// By hash: the last position + 1, 0 if there is none.
    heads: Vec<u32>,
    /// By position modulo the window: the head that it replaced.
    before: Box<[u32; WINDOW]>,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            heads: Vec::new(),
            before: Box::new([0; WINDOW]),
        }
    }
}

impl Chain {
    fn start(&mut self, bits: u32) {
        self.heads.clear();
        self.heads.resize(1 << bits, 0);
    }

    /// Enters a position and returns the head that it replaced.
    #[inline(always)]
    fn enter(&mut self, hash: usize, at: usize) -> u32 {
        let head = mem::replace(&mut self.heads[hash], at as u32 + 1);
        self.before[at % WINDOW] = head;
        head
    }

    /// The positions from this head on.
    #[inline(always)]
    fn from(&self, head: u32, at: usize) -> Earlier<'_> {
        Earlier {
            before: &self.before,
            head,
            at,
        }
    }
}

/// Positions of one hash that lie within the window before one, from the nearest on.
pub(super) struct Earlier<'a> {
    before: &'a [u32; WINDOW],
    head: u32,
    at: usize,
}

impl Iterator for Earlier<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let position = (self.head as usize).checked_sub(1)?;
        if self.at - position > WINDOW {
            return None;
        }
        // What lies before the window was overwritten by something newer.
        let older = self.before[position % WINDOW];
        self.head = if older < self.head { older } else { 0 };
        Some(position)
    }
}

/// So many bits for the short key and for the long one, which is not asked for unless `LONG`, of what begins with these words.
#[inline(always)]
fn hashes<const LONG: bool>([here, there]: [u64; 2], bits: u32) -> [usize; 2] {
    let upper = |hash: u64| (hash >> (u64::BITS - bits)) as usize;
    let first = here.wrapping_mul(MIX[0]);
    let short = upper(first << (u64::BITS - u8::BITS * SHORT_KEYS[usize::from(LONG)]));
    let long = || upper((first ^ there).wrapping_mul(MIX[0]));
    [short, if LONG { long() } else { 0 }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_positions_are_those_of_the_key_in_the_window_from_the_nearest_on() {
        // Noise of four values; every other thousand bytes comes again half a window later.
        let noise = |n: usize| (n.wrapping_mul(0x9e37_79b1) >> 13) as u8 & 3;
        let text: Vec<u8> = (0..3 * WINDOW)
            .map(|n| {
                noise(if n / 1000 % 2 == 0 {
                    n % (WINDOW / 2)
                } else {
                    n
                })
            })
            .collect();
        let mut chains = Chains::default();
        chains.start::<true>(text.len());
        for at in (0..text.len() - LONG_KEY).step_by(997) {
            let found = chains.earlier::<true>(&text, at).map(Vec::from_iter);
            for (found, length) in found.into_iter().zip([6, LONG_KEY]) {
                let has_key = |&n: &usize| text[n..][..length] == text[at..][..length];
                let expected = (at.saturating_sub(WINDOW)..at).rev().filter(has_key);
                // Other keys may have its hash.
                assert!(found.into_iter().filter(has_key).eq(expected), "{at}");
            }
        }
    }
}
