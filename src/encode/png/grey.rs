//! Parses filtered rows of RGB of which many pixels are grey, differing from what was predicted in brightness alone, as in
//! photographs that were JPEGs: where two of these stand beside each other, a match of six bytes or more is found nearly
//! always, and hardly anywhere else. Which pixels these are is told for many at once, and where each was seen is looked up
//! for all of a stretch: neither takes a branch that nobody can foresee.

use multiversion::{multiversion, target::match_target};

use super::runs::equal_bytes;
use super::seen::{KEYS, LONGEST_KEY, Seen, longest, words};
use super::sequences::Parsing;
use super::symbols::Sequence;
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Bytes of a pixel, and of two.
pub(super) const PIXEL: usize = 3;
const PAIR: usize = 2 * PIXEL;
/// Pixels that are looked at together, and their bytes: as many as 64 bits can tell of, with the one behind them.
const GROUP: usize = 20;
const GROUP_BYTES: usize = GROUP * PIXEL;
/// Bytes that tell whether each byte of a group and of the pixel behind it equals the next.
const WINDOW: usize = SEGMENT + 1;
const SEGMENT: usize = 64;
/// The first bytes of a group's pixels.
const FIRSTS: u64 = {
    let (mut bits, mut pixel) = (0, 0);
    while pixel < GROUP {
        bits |= 1 << (PIXEL * pixel);
        pixel += 1;
    }
    bits
};
/// Groups that are looked at before any of them is parsed: their text is still in the cache.
const GROUPS: usize = 32;
/// Places of all pixels of so many groups, at least.
const PLACES: usize = 1024;

/// Grey pixels of a stretch of a row.
pub(super) struct Grey {
    /// For each group a bit for each pixel that is grey, as the next one is: that of its first byte.
    pairs: [u64; GROUPS],
    /// How far back each of these was before, by each key, in order.
    distances: Box<[[u16; KEYS]; PLACES]>,
}

impl Default for Grey {
    fn default() -> Self {
        Self {
            pairs: [0; GROUPS],
            distances: Box::new([[0; KEYS]; PLACES]),
        }
    }
}

impl Grey {
    /// Parses `text[from..]`, of rows of so many bytes, all before being known and entered in `seen`, into matches that begin
    /// at such pixels or a little before. `last` is the distance of the match that the part before ended with, or 0; returns
    /// the same of this one.
    pub(super) fn parse(
        &mut self,
        seen: &mut Seen,
        row: usize,
        text: &[u8],
        from: usize,
        last: usize,
        sequences: &mut Vec<Sequence>,
    ) -> usize {
        let mut parsing = Parsing::begin(text, from, last, sequences);
        for start in (from - from % row..text.len()).step_by(row) {
            let end = text.len().min(start + row);
            // Behind the filter byte, or, where a row was cut, at its next pixel.
            let first = start + 1;
            let first = first + from.saturating_sub(first).next_multiple_of(PIXEL);
            for begin in (first..end).step_by(GROUPS * GROUP_BYTES) {
                parse_stretch(self, seen, text, begin, end, &mut parsing);
            }
        }
        parsing.end()
    }
}

/// Parses as many groups as there is room for of the pixels from `begin` on in a row that ends at `end`.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+bmi1+bmi2+popcnt",
    "x86_64+avx2+bmi1+bmi2+popcnt"
))]
fn parse_stretch(
    grey: &mut Grey,
    seen: &mut Seen,
    text: &[u8],
    begin: usize,
    end: usize,
    parsing: &mut Parsing<'_>,
) {
    let equal = |bytes: &[u8; SEGMENT], others: &[u8; SEGMENT]| {
        match_target! {
            "x86_64+avx512f+avx512bw+bmi1+bmi2+popcnt" => vectors::equal_512(bytes, others),
            "x86_64+avx2+bmi1+bmi2+popcnt" => vectors::equal_256(bytes, others),
            _ => equal_bytes(bytes, others),
        }
    };
    let Grey { pairs, distances } = grey;
    // Of the last pixels of a text, not as much is left as keys need.
    let end = end.min((text.len() + PAIR).saturating_sub(LONGEST_KEY));
    let groups = (begin..end).step_by(GROUP_BYTES).take(GROUPS);
    let mut count = 0;
    for (begin, pairs) in groups.clone().zip(&mut *pairs) {
        let rest = &text[begin..];
        let mut padded = [0; WINDOW];
        let window = rest.first_chunk().unwrap_or_else(|| {
            padded[..rest.len()].copy_from_slice(rest);
            &padded
        });
        let inside = below((end - begin).saturating_sub(PAIR - 1));
        *pairs = pairs_of(window, equal) & inside;
        for at in ones(*pairs) {
            let at = begin + at;
            // There are fewer anyway; so that it need not be checked.
            distances[count & (PLACES - 1)] = seen.exchange(words(text, at), at);
            count += 1;
        }
    }
    let mut before = 0;
    for (begin, &pairs) in groups.zip(&*pairs) {
        let mut left = pairs & !below(parsing.done.saturating_sub(begin));
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            let number = before + (pairs & below(bit)).count_ones() as usize;
            let distances = distances[number & (PLACES - 1)].map(usize::from);
            let at = begin + bit;
            // Whatever grey pixels come again is worth it.
            if let Some((distance, length)) = longest(text, at, words(text, at), distances) {
                parsing.take(at, length, distance);
                left &= !below(parsing.done - begin);
            }
        }
        before += pairs.count_ones() as usize;
    }
}

/// The pixels of a group that are grey, as the next one is: a bit for the first byte of each.
#[inline(always)]
fn pairs_of(window: &[u8; WINDOW], equal: impl Fn(&[u8; SEGMENT], &[u8; SEGMENT]) -> u64) -> u64 {
    let (bytes, next) = (window.first_chunk(), window[1..].first_chunk());
    let equal = bytes
        .zip(next)
        .map_or(0, |(bytes, next)| equal(bytes, next));
    let grey = equal & equal >> 1;
    grey & grey >> PIXEL & FIRSTS
}

/// The lowest bits, so many, or all.
#[inline(always)]
fn below(count: usize) -> u64 {
    if count < 64 {
        (1 << count) - 1
    } else {
        u64::MAX
    }
}

/// The places of the bits that are set.
#[inline(always)]
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        place
    })
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::*;

    /// Bytes that look random.
    fn bytes() -> impl FnMut() -> u8 {
        let mut number = noise::numbers(1);
        move || number().to_le_bytes()[3]
    }

    #[test]
    fn pairs_are_pixels_that_are_grey_as_the_next_one_is() {
        let mut noise = bytes();
        let mut found = 0;
        for _ in 0..1000 {
            let window: [u8; WINDOW] = std::array::from_fn(|_| noise() >> 7);
            let is_grey = |pixel: usize| {
                let bytes = &window[PIXEL * pixel..][..PIXEL];
                bytes == [bytes[0]; PIXEL]
            };
            let pairs = (0..GROUP).filter(|&pixel| is_grey(pixel) && is_grey(pixel + 1));
            let pairs = pairs.fold(0, |bits, pixel| bits | 1 << (PIXEL * pixel));
            assert_eq!(pairs_of(&window, equal_bytes), pairs);
            found += pairs.count_ones();
        }
        assert!(found > 100);
    }

    /// Whether a match of a parse of what follows `from` covers these bytes.
    fn is_matched(sequences: &[Sequence], from: usize, bytes: std::ops::Range<usize>) -> bool {
        let mut done = from;
        sequences.iter().any(|sequence| {
            let start = done + sequence.literals as usize;
            done = start + usize::from(sequence.length);
            start <= bytes.start && bytes.end <= done
        })
    }

    #[test]
    fn a_pair_that_was_there_before_is_found_at_any_place_of_a_row() {
        // More than one stretch, and no whole group at the end.
        let width = GROUPS * GROUP + GROUP + 7;
        let row = 1 + PIXEL * width;
        let mut noise = bytes();
        // Behind these rows more follows than the longest key.
        let mut text: Vec<u8> = (0..2 * row + LONGEST_KEY).map(|_| noise()).collect();
        for pixel in 0..width - 1 {
            let (at, again) = (1 + PIXEL * pixel, row + 1 + PIXEL * pixel);
            for at in [at, again] {
                text[at..at + PAIR].copy_from_slice(&[7, 7, 7, 9, 9, 9]);
            }
            // At once; after the first row, of whose last pixels less is left than keys need; and in the midst of a pixel.
            for (from, pixels) in [(0, 0..width), (row, 0..width - 5), (row + 5, 2..width - 5)] {
                let (mut seen, mut grey) = (Seen::default(), Grey::default());
                let mut sequences = Vec::new();
                seen.start(text.len());
                if from > 0 {
                    grey.parse(&mut seen, row, &text[..row], 0, 0, &mut sequences);
                }
                grey.parse(&mut seen, row, &text, from, 0, &mut sequences);
                let found = is_matched(&sequences, from, again..again + PAIR);
                assert!(found || !pixels.contains(&pixel), "{pixel} from {from}");
            }
            for at in [at, again] {
                text[at + 1] ^= 1;
            }
        }
    }

    #[test]
    fn each_of_many_pairs_is_found_where_it_was() {
        let width = 2 * GROUPS * GROUP;
        let row = 1 + PIXEL * width;
        let mut noise = bytes();
        let mut text: Vec<u8> = (0..2 * row + LONGEST_KEY).map(|_| noise()).collect();
        // In some groups none, in others two; no two alike, and in the other order in the second row.
        let pairs = (0..width - 1).step_by(7).filter(|pixel| pixel % 5 < 3);
        let places: Vec<usize> = pairs.map(|pixel| 1 + PIXEL * pixel).collect();
        for ((at, again), value) in places.iter().zip(places.iter().rev()).zip(0u16..) {
            let [first, second] = value.to_le_bytes();
            let pair = [first, first, first, second, second, second];
            text[*at..][..PAIR].copy_from_slice(&pair);
            text[row + again..][..PAIR].copy_from_slice(&pair);
        }
        let (mut seen, mut grey) = (Seen::default(), Grey::default());
        let mut sequences = Vec::new();
        seen.start(text.len());
        grey.parse(&mut seen, row, &text, 0, 0, &mut sequences);
        for at in places {
            let again = row + at..row + at + PAIR;
            assert!(is_matched(&sequences, 0, again), "{at}");
        }
    }
}
