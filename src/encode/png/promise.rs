//! Whether matches would make a block much smaller than runs do: told without looking for them.

use std::ops::RangeInclusive;

use memchr::memmem;
use multiversion::{multiversion, target::match_target};

use super::counts::ByteCounts;
use super::symbols::WINDOW;
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Tells it for the blocks of a band, one after the other.
#[derive(Default)]
pub(super) struct Promise {
    fit: Fit,
    last: Last,
    copies: Copies,
}

/// What came of the last block in which matches were looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    /// There is none.
    #[default]
    None,
    /// They saved much.
    Much,
    /// They saved little or nothing.
    Little,
}

/// Matches save much if they save one bit in so many.
const MUCH: u64 = 40;

impl Promise {
    /// Starts on a new text, of pixels of so many bytes.
    pub(super) fn start(&mut self, pixel: usize) {
        self.fit = Fit::for_pixel(pixel);
        self.last = Last::None;
        self.copies.start();
    }

    /// Whether matches promise to make the block `text[from..]` smaller, whose `bytes` have been counted, and of which
    /// so many are `equal` to the one before. What comes before it has been asked about.
    pub(super) fn is_made(
        &mut self,
        text: &[u8],
        from: usize,
        bytes: &ByteCounts,
        equal: usize,
    ) -> bool {
        // Each block is looked at for copies, since the next may have copies of it.
        let has_copies = self.copies.are_in(text, from, bytes);
        has_copies || self.fit.saving(text.len() - from, bytes, equal) > self.last.least()
    }

    /// Learns what came of a promise: bits of the block with runs, and with matches.
    pub(super) fn learn(&mut self, runs: u64, matches: u64) {
        self.last = match MUCH * matches < (MUCH - 1) * runs {
            true => Last::Much,
            false => Last::Little,
        };
    }
}

impl Last {
    /// Share of a block that matches must promise to save: looking for them takes four times as long as runs, but
    /// neighbours are alike.
    fn least(self) -> f64 {
        match self {
            Self::None => 0.03,
            Self::Much => 0.015,
            Self::Little => 0.06,
        }
    }
}

/// What matches are likely to save of a block: where neighbours are equal more often than they would be by chance, pixels
/// come again, as in grey pictures kept as RGB or where colours are coarse; where that is because most are, runs know.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fit {
    beyond_chance: f64,
    equal: f64,
    constant: f64,
}

/// Fitted to 480 blocks of photographs.
const OPAQUE: Fit = Fit {
    beyond_chance: 0.68,
    equal: -0.158,
    constant: -0.083,
};
/// Fitted to 251 blocks of photographs with an even alpha: every fourth byte is 0, and so never beside its like.
const WITH_ALPHA: Fit = Fit {
    beyond_chance: 0.919,
    equal: -0.135,
    constant: 0.0,
};

impl Fit {
    /// For pixels of so many bytes.
    fn for_pixel(pixel: usize) -> Self {
        match pixel {
            4 => WITH_ALPHA,
            _ => OPAQUE,
        }
    }

    /// Share that matches are likely to save.
    fn saving(self, length: usize, bytes: &ByteCounts, equal: usize) -> f64 {
        let total = length as f64;
        let by_chance: f64 = bytes.iter().map(|&n| (f64::from(n) / total).powi(2)).sum();
        let equal = equal as f64 / total;
        self.beyond_chance * (equal - by_chance) + self.equal * equal + self.constant
    }
}

/// How often the byte occurs in a block after which copies are looked for: seldom enough to be a sample, of which more tells
/// more.
const RARE: RangeInclusive<u32> = 64..=512;
/// Slots for what follows it.
const SLOTS: usize = 1 << 10;
/// One in so many of the places that are copies is enough.
const ENOUGH: usize = 22;

/// Finds out whether parts of blocks are copies of what comes before them, as where a picture is made of tiles. What
/// follows a rare byte is a sample of it.
struct Copies {
    rare: u8,
    /// Where what follows the rare byte was seen last.
    slots: Box<[u32; SLOTS]>,
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
    fn start(&mut self) {
        self.rare = 0;
        self.slots.fill(0);
    }

    /// Whether `text[from..]`, whose `bytes` have been counted, has copies; what comes before it has been asked about.
    fn are_in(&mut self, text: &[u8], from: usize, bytes: &ByteCounts) -> bool {
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
    use super::super::counts::count_bytes;
    use super::super::runs::parse_runs;
    use super::*;

    /// Noise as filtered photographs have it: small differences are the most frequent.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut below_8 = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 29).to_le_bytes()[0]
        };
        (0..length)
            .map(|_| {
                below_8()
                    .wrapping_sub(below_8())
                    .wrapping_mul(below_8() / 2)
            })
            .collect()
    }

    fn is_promising_block(text: &[u8], from: usize) -> bool {
        is_promising_block_of(3, text, from)
    }

    fn is_promising_block_of(pixel: usize, text: &[u8], from: usize) -> bool {
        let mut promise = Promise::default();
        promise.start(pixel);
        let mut ask = |from: usize, to: usize| {
            let equal = parse_runs(&text[from..to], &mut Vec::new());
            promise.is_made(&text[..to], from, &count_bytes(&text[from..to]), equal)
        };
        if from > 0 {
            ask(0, from);
        }
        ask(from, text.len())
    }

    #[test]
    fn noise_promises_nothing() {
        assert!(!is_promising_block(&noise(70_000), 4000));
    }

    #[test]
    fn a_grey_picture_kept_as_rgb_promises_matches() {
        let grey: Vec<u8> = noise(20_000).into_iter().flat_map(|x| [x; 3]).collect();
        assert!(is_promising_block(&grey, 0));
    }

    #[test]
    fn an_even_alpha_does_not_hide_that_neighbours_are_equal() {
        let noise = noise(30_000);
        let pixels = || (0..).zip(noise.chunks_exact(3).map(|p| [p[0], p[1], p[2], 0]));
        let photograph: Vec<u8> = pixels().flat_map(|(_, pixel)| pixel).collect();
        assert!(!is_promising_block_of(4, &photograph, 0));
        // Two of five pixels are grey.
        let greyish: Vec<u8> = pixels()
            .flat_map(|(n, pixel)| match n % 5 {
                0 | 2 => [pixel[0], pixel[0], pixel[0], 0],
                _ => pixel,
            })
            .collect();
        assert!(is_promising_block_of(4, &greyish, 0));
        assert!(!is_promising_block_of(3, &greyish, 0));
    }

    #[test]
    fn places_of_a_byte_are_found_once_in_each_part() {
        let text = noise(5000);
        for (byte, length) in [(0, 5000), (3, 4999), (250, 33), (7, 31)] {
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

    #[test]
    fn a_pattern_of_few_values_promises_matches_and_noise_of_few_does_not() {
        let noise: Vec<u8> = noise(20_000).into_iter().map(|x| x & 1).collect();
        assert!(!is_promising_block(&noise, 0));
        let pattern: Vec<u8> = noise[..100].iter().copied().cycle().take(20_000).collect();
        assert!(is_promising_block(&pattern, 0));
    }

    #[test]
    fn the_edge_of_a_border_is_no_copy_and_that_of_a_tile_is() {
        // Noise of eight values, none of them rare, beside which each row has a rare one and what follows it.
        let noise: Vec<u8> = noise(70_000).into_iter().map(|x| x & 7).collect();
        assert!(!is_promising_block(&noise, 6000));
        let with_edge = |behind: &[u8]| {
            let mut text = noise.clone();
            for row in text.chunks_mut(250) {
                row[0] = 200;
                row[1..=behind.len()].copy_from_slice(behind);
            }
            text
        };
        assert!(!is_promising_block(&with_edge(&[0; 40]), 6000));
        assert!(is_promising_block(&with_edge(&noise[..40]), 6000));
    }

    #[test]
    fn nothing_of_a_text_is_left_when_the_next_one_starts() {
        let text = noise(70_000);
        let mut promise = Promise::default();
        promise.start(3);
        promise.is_made(&text, 0, &count_bytes(&text), 0);
        promise.learn(1000, 10);
        assert_ne!(promise.copies.rare, 0);
        promise.start(3);
        let mut fresh = Promise::default();
        fresh.start(3);
        assert_eq!(promise.last, fresh.last);
        assert_eq!(promise.copies.rare, fresh.copies.rare);
        assert_eq!(promise.copies.slots, fresh.copies.slots);
    }

    #[test]
    fn copies_promise_matches_if_they_are_near_enough() {
        let noise = noise(70_000);
        for (distance, promising) in [(8000, true), (30_000, true), (40_000, false)] {
            let mut text = noise.clone();
            // An eighth of the block.
            text.copy_within(60_000 - distance..68_000 - distance, 60_000);
            assert_eq!(is_promising_block(&text, 6000), promising, "{distance}");
        }
    }
}
