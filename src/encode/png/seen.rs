//! Where in a text its next bytes were seen last.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions are told apart modulo 2^16"
)]

use std::ops::RangeInclusive;

use super::matches::common_prefix;
use super::symbols::{MAX_MATCH, WINDOW};

/// Bits of the hashes, at most: as many entries as the first cache of a processor holds; and at least.
const HASH_BITS: RangeInclusive<u32> = 9..=13;
/// Entries of a table, at most.
const ENTRIES: usize = 1 << 13;
/// Keys that a place is entered under: its next 6, 8, 12 and 16 bytes.
pub(super) const KEYS: usize = 4;
/// Bytes of the shortest key, so of the shortest match.
pub(super) const SHORTEST: usize = 6;
/// Bytes that the last key has, so the last place that is looked up is as far from the end.
pub(super) const LONGEST_KEY: usize = 16;

/// Where each key was last seen, modulo 2^16. An entry that is older, or of another key, is
/// no harm: what it points to is compared.
pub(super) struct Seen {
    tables: Box<[[u16; ENTRIES]; KEYS]>,
    /// 64 less the bits of the hashes.
    shift: u32,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            tables: Box::new([[0; ENTRIES]; KEYS]),
            shift: u64::BITS - HASH_BITS.end(),
        }
    }
}

impl Seen {
    /// Starts on a text of about `length` bytes.
    pub(super) fn start(&mut self, length: usize) {
        let bits = length.max(1).ilog2();
        let bits = bits.clamp(*HASH_BITS.start(), *HASH_BITS.end());
        self.shift = u64::BITS - bits;
        for table in &mut *self.tables {
            table[..1 << bits].fill(0);
        }
    }

    /// Enters `at`, where these words are, and gives back how far back each of its keys may have been before.
    #[inline(always)]
    pub(super) fn exchange(&mut self, [here, there]: [u64; 2], at: usize) -> [u16; KEYS] {
        let shift = self.shift & 63;
        let top = |n: u64| (n >> shift) as usize & (ENTRIES - 1);
        let both = |there: u64| here.wrapping_mul(MIX[0]) ^ there.rotate_left(29);
        let hashes = [
            top((here << 16).wrapping_mul(MIX[0])),
            top(here.wrapping_mul(MIX[1])),
            top(both(there << 32).wrapping_mul(MIX[1])),
            top(both(there).wrapping_mul(MIX[1])),
        ];
        std::array::from_fn(|key| {
            let last = std::mem::replace(&mut self.tables[key][hashes[key]], at as u16);
            (at as u16).wrapping_sub(last)
        })
    }
}

/// Odd numbers with bits all over.
pub(super) const MIX: [u64; 2] = [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f];

/// The sixteen bytes from `at` on, which must not be further from the end.
#[inline(always)]
pub(super) fn words(text: &[u8], at: usize) -> [u64; 2] {
    let bytes = text[at..].first_chunk::<LONGEST_KEY>();
    bytes.map_or([0; 2], |bytes| {
        let (words, _) = bytes.as_chunks();
        [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
    })
}

/// The distance, among these, of the place that has most in common with `at`, and how many bytes that is, at least six;
/// of equals the first.
#[inline(always)]
pub(super) fn longest<const N: usize>(
    text: &[u8],
    at: usize,
    here: [u64; 2],
    distances: [usize; N],
) -> Option<(usize, usize)> {
    let mut best = (0, SHORTEST - 1);
    let farthest = at.min(WINDOW);
    for distance in distances {
        let is_there = distance.wrapping_sub(1) < farthest;
        let there = words(text, if is_there { at - distance } else { at });
        let [low, high] = [here[0] ^ there[0], here[1] ^ there[1]];
        let equal = if low == 0 {
            64 + high.trailing_zeros()
        } else {
            low.trailing_zeros()
        };
        let length = if is_there { equal as usize / 8 } else { 0 };
        if length > best.1 {
            best = (distance, length);
        }
    }
    if best.1 == LONGEST_KEY {
        let here = &text[at..text.len().min(at + MAX_MATCH)];
        best.1 = common_prefix(here, &text[at - best.0..]);
        for distance in distances {
            if distance.wrapping_sub(1) >= farthest || distance == best.0 {
                continue;
            }
            let there = &text[at - distance..];
            if here.get(best.1) == there.get(best.1) {
                let length = common_prefix(here, there);
                if length > best.1 {
                    best = (distance, length);
                }
            }
        }
    }
    (best.0 > 0).then_some(best)
}
