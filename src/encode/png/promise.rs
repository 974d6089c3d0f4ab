//! Whether matches would make a block much smaller than runs do: told without looking for them.

use super::counts::ByteCounts;
use super::runs::equal_neighbours;
use super::symbols::WINDOW;

/// Share of a block that matches must promise to save: looking for them takes four times as long as runs.
const PROMISING: f64 = 0.04;

/// Whether matches promise to make the block `text[from..]`, whose `bytes` have been counted, smaller.
pub(super) fn is_promising(text: &[u8], from: usize, bytes: &ByteCounts) -> bool {
    saving(&text[from..], bytes) > PROMISING || has_copies(text, from, bytes)
}

/// Share that matches are likely to save.
///
/// Fitted to 480 blocks of photographs: where neighbours are equal more often than they would be by chance, pixels come
/// again, as in grey pictures kept as RGB or where colours are coarse; where that is because most are, runs know.
fn saving(block: &[u8], bytes: &ByteCounts) -> f64 {
    let total = block.len() as f64;
    let by_chance: f64 = bytes.iter().map(|&n| (f64::from(n) / total).powi(2)).sum();
    let equal = equal_neighbours(block) as f64 / total;
    0.68 * (equal - by_chance) - 0.158 * equal - 0.083
}

/// How often the byte occurs, at the most, after which copies are looked for.
const RARE: u32 = 128;
/// Slots for what follows it.
const SLOTS: usize = 1 << 10;
/// One in so many of the places that are copies is enough.
const ENOUGH: usize = 16;

/// Whether parts of the block are copies of what comes before them, as where a picture is made of tiles. What follows a
/// rare byte is a sample of it.
fn has_copies(text: &[u8], from: usize, bytes: &ByteCounts) -> bool {
    let found = (0..=255u8).zip(*bytes);
    let rare = found.filter(|&(_, n)| n <= RARE).max_by_key(|&(_, n)| n);
    let Some((rare, _)) = rare else { return false };
    let begin = from.saturating_sub(WINDOW);
    let mut slots = [usize::MAX; SLOTS];
    let (mut places, mut copies) = (0, 0);
    for at in memchr::memchr_iter(rare, &text[begin..]) {
        let at = begin + at;
        let Some(bytes) = text[at..].first_chunk::<16>() else {
            break;
        };
        let word = u128::from_le_bytes(*bytes);
        let hash = (word.wrapping_mul(0x9e37_79b1_85eb_ca87_c2b2_ae3d_27d4_eb4f) >> 118) as u64;
        let last = std::mem::replace(&mut slots[hash as usize & (SLOTS - 1)], at);
        if at >= from {
            places += 1;
            let is_near = last < at && at - last <= WINDOW;
            copies += usize::from(is_near && text[last..].starts_with(bytes));
        }
    }
    copies * ENOUGH > places
}
