//! Whether a block has copies of what comes before it, as where a picture is made of tiles: told by a sample.

use std::ops::RangeInclusive;

use memchr::memmem;
use multiversion::{multiversion, target::match_target};

use super::counts::ByteCounts;
use super::symbols::WINDOW;
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// How often the byte occurs in a block after which copies are looked for: seldom enough to be a sample, of which more tells
/// more.
const RARE: RangeInclusive<u32> = 64..=512;
/// Slots for what follows it.
const SLOTS: usize = 1 << 10;
/// One in so many of the places that are copies is enough.
const ENOUGH: usize = 22;

/// Finds out whether parts of blocks are copies of what comes before them, as where a picture is made of tiles. What
/// follows a rare byte is a sample of it.
pub(super) struct Copies {
    pub(super) rare: u8,
    /// Where what follows the rare byte was seen last.
    pub(super) slots: Box<[u32; SLOTS]>,
    /// Where it is in the block that is looked at.
    places: Vec<u32>,
}

impl Default for Copies {
    fn default() -> Self {
        Self {
            rare: 0,
            slots: Box::new([0; SLOTS]),
            places: Vec::new(),
        }
    }
}

impl Copies {
    /// Starts on a new text. Nothing of the last may be left: the same pixels must give the same bytes, whatever was
    /// compressed before them.
    pub(super) fn start(&mut self) {
        self.rare = 0;
        self.slots.fill(0);
    }

    /// Whether `text[from..]`, whose `bytes` have been counted, has copies; what comes before it has been asked about.
    pub(super) fn are_in(&mut self, text: &[u8], from: usize, bytes: &ByteCounts) -> bool {
        if !RARE.contains(&bytes[usize::from(self.rare)]) {
            let found = (0..=255u8).zip(*bytes).filter(|(_, n)| RARE.contains(n));
            let Some((rare, _)) = found.max_by_key(|&(_, n)| n) else {
                return comes_again(&text[from..]);
            };
            self.rare = rare;
        }
        find(self.rare, &text[from..], &mut self.places);
        let mut copies = 0;
        for &place in &self.places {
            let at = from + place as usize;
            let Some(bytes) = text[at..].first_chunk::<16>() else {
                break;
            };
            let word = u128::from_le_bytes(*bytes);
            let hash = word.wrapping_mul(0x9e37_79b1_85eb_ca87_c2b2_ae3d_27d4_eb4f) >> 118;
            let slot = &mut self.slots[hash as usize & (SLOTS - 1)];
            let last = std::mem::replace(slot, u32::try_from(at).unwrap_or(0)) as usize;
            let is_near = last < at && at - last <= WINDOW;
            // Runs are found anyway, and the edge of a black border is not what follows it.
            let end = (word >> 64) as u64;
            let is_run = end == end.rotate_left(8);
            copies += usize::from(is_near & !is_run & text[last..].starts_with(bytes));
        }
        copies * ENOUGH > self.places.len()
    }
}

/// Bytes in which the byte that is looked for is found once at the most.
const PART: usize = 32;

/// Finds where the byte is in the text, but for all others in the same 32 bytes, and for the last few bytes. Without a
/// branch that depends on it, since nobody can foresee where a rare byte is.
#[multiversion(targets("x86_64+avx2+bmi1"))]
fn find(byte: u8, text: &[u8], places: &mut Vec<u32>) {
    let (parts, _) = text.as_chunks::<PART>();
    places.resize(parts.len() + 1, 0);
    let mut found = 0;
    for (start, part) in (0..).step_by(PART).zip(parts) {
        let equal = match_target! {
            "x86_64+avx2+bmi1" => vectors::equal_to_256(byte, part),
            _ => equal_to(byte, part),
        };
        places[found] = start + equal.trailing_zeros();
        found += usize::from(equal != 0);
    }
    places.truncate(found);
}

/// A bit for each byte of the part: whether it is this one.
#[inline(always)]
fn equal_to(byte: u8, part: &[u8; PART]) -> u32 {
    let bits = (0..).zip(part);
    bits.fold(0, |bits, (n, &other)| bits | u32::from(other == byte) << n)
}

/// How many places of a text without a rare byte are looked at, and how far from each.
const PLACES: usize = 16;
const REACH: usize = 2 << 10;

/// Whether what stands at a few places of the text comes again soon, as in patterns of few values.
fn comes_again(text: &[u8]) -> bool {
    let (mut places, mut copies) = (0, 0);
    for n in 0..PLACES {
        // Not at the same place of every row.
        let at = n * (text.len() / PLACES) + 61 * n + 17;
        let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk::<32>) else {
            break;
        };
        // Runs are found anyway.
        if bytes.iter().all(|byte| byte == &bytes[0]) {
            continue;
        }
        places += 1;
        let after = &text[at + 1..text.len().min(at + REACH)];
        copies += usize::from(memmem::find(after, bytes).is_some());
    }
    4 * copies > places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_a_byte_are_found_once_in_each_part() {
        let squares = (0..5000u32).map(|n| ((n * n) >> 7).to_le_bytes()[0] & 31);
        let text: Vec<u8> = squares.collect();
        for (byte, length) in [(0, 5000), (3, 4999), (30, 33), (7, 31)] {
            let mut places = vec![1; 3];
            find(byte, &text[..length], &mut places);
            let firsts = (0..).zip(text[..length].chunks_exact(PART));
            let expected: Vec<u32> = firsts
                .filter_map(|(n, part)| {
                    let place = part.iter().position(|&other| other == byte)?;
                    u32::try_from(n * PART + place).ok()
                })
                .collect();
            assert_eq!(places, expected, "{byte} in {length} bytes");
            for part in text[..length].as_chunks().0 {
                let first = part.iter().position(|&other| other == byte);
                assert_eq!(
                    equal_to(byte, part).trailing_zeros() as usize,
                    first.unwrap_or(PART)
                );
            }
        }
    }
}
