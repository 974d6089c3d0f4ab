//! Parses rows into literals and matches with one look for each pixel: where the next 6, 8, 12 and 16 bytes were seen last
//! and, if asked, at the pixel to the left and at the one above. The longest of these finds what a search through
//! many places finds, in a tenth of the time, where pictures repeat themselves in pieces of any size.

use multiversion::multiversion;

use super::counts::ByteCounts;
use super::cursor::Cursor;
use super::literal_prices::LiteralPrices;
use super::matches::{Grid, common_prefix};
use super::seen::{LONGEST_KEY, SHORTEST, Seen, words};
use super::sequences::{push, push_long};
use super::symbols::{MAX_MATCH, MIN_MATCH, Sequence, WINDOW};

/// Parses a text block by block.
pub(super) struct Quick {
    seen: Seen,
    grid: Grid,
    places: Places,
    /// Distance of the last match; 0 where there is none.
    last: usize,
}

/// Pixels that matches are looked for at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pixels {
    All,
    /// Those of RGB that are grey, as the next one is: nearly all that come again in filtered photographs, where they differ
    /// from their neighbours in brightness alone. All where there are neighbours to look at, and in other pictures.
    Grey,
}

/// Where matches are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Places {
    /// Where the next bytes were seen last: enough for photographs, where neighbours have no more in common.
    Seen,
    /// There, and at the pixels to the left and above.
    SeenAndNeighbours,
}

impl Default for Quick {
    fn default() -> Self {
        Self {
            seen: Seen::default(),
            grid: Grid::default(),
            places: Places::Seen,
            last: 0,
        }
    }
}

impl Quick {
    /// Starts on a text of about `length` bytes that begins with a row.
    pub(super) fn start(&mut self, length: usize, grid: Grid, places: Places) {
        self.seen.start(length);
        self.grid = grid;
        self.places = places;
        self.last = 0;
    }

    /// Parses `text[from..]`, whose `bytes` have been counted, all before being known, into matches that begin at these
    /// `pixels` or a little before.
    pub(super) fn parse(
        &mut self,
        text: &[u8],
        from: usize,
        bytes: &ByteCounts,
        pixels: Pixels,
        sequences: &mut Vec<Sequence>,
    ) {
        let prices = LiteralPrices::of(bytes);
        parse(self, text, from, &prices, pixels, sequences);
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn parse(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &LiteralPrices,
    pixels: Pixels,
    sequences: &mut Vec<Sequence>,
) {
    match (quick.places, pixels) {
        (Places::Seen, Pixels::All) => {
            parse_grid::<false, false>(quick, text, from, prices, sequences);
        }
        (Places::Seen, Pixels::Grey) => {
            parse_grid::<false, true>(quick, text, from, prices, sequences);
        }
        (Places::SeenAndNeighbours, _) => {
            parse_grid::<true, false>(quick, text, from, prices, sequences);
        }
    }
}

#[inline(always)]
fn parse_grid<const NEIGHBOURS: bool, const GREY: bool>(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &LiteralPrices,
    sequences: &mut Vec<Sequence>,
) {
    // Known sizes of pixels make divisions cheap.
    match quick.grid.pixel {
        1 => parse_pixels::<1, NEIGHBOURS, false>(quick, text, from, prices, sequences),
        2 => parse_pixels::<2, NEIGHBOURS, false>(quick, text, from, prices, sequences),
        3 => parse_pixels::<3, NEIGHBOURS, GREY>(quick, text, from, prices, sequences),
        _ => parse_pixels::<4, NEIGHBOURS, false>(quick, text, from, prices, sequences),
    }
}

#[inline(always)]
fn parse_pixels<const PIXEL: usize, const NEIGHBOURS: bool, const GREY: bool>(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &LiteralPrices,
    sequences: &mut Vec<Sequence>,
) {
    sequences.clear();
    let row = quick.grid.row;
    let seen = &mut quick.seen;
    let last = text.len().saturating_sub(LONGEST_KEY);
    let (mut done, mut missed) = (from, 0);
    // Long matches are cut where blocks end.
    let before = quick.last;
    let words_at = |at: usize| text[at..].first_chunk::<LONGEST_KEY>();
    if (1..=from).contains(&before)
        && words_at(from).is_some_and(|here| words_at(from - before) == Some(here))
    {
        done += push_rest(sequences, &text[from..], &text[from - before..], before);
    }
    let mut cursor = Cursor::<PIXEL>::new(done, row);
    while let Some(at) = cursor.next(last) {
        let here = words(text, at);
        if GREY && !are_grey(here[0]) {
            continue;
        }
        let distances @ [near, middle, long, longer] = seen.exchange(here, at);
        let key = |at: usize| words(text, at)[0] << 16;
        if key(at.wrapping_sub(near).min(at)) != here[0] << 16 {
            missed += 1;
            if missed > MANY_MISSED {
                cursor.skip_to(at + PIXEL * (1 + missed / MANY_MISSED));
            }
            continue;
        }
        let found = match NEIGHBOURS {
            true => longest(text, at, here, [PIXEL, row, near, middle, long, longer]),
            false => longest(text, at, here, distances),
        };
        let Some((distance, length)) = found else {
            continue;
        };
        // Whatever grey pixels come again is worth it.
        if !GREY && !prices.is_worth(&text[at..], length, distance) {
            continue;
        }
        let before = common_suffix(text, at, at - distance)
            .min(at - done)
            .min(MAX_MATCH - length);
        let (start, length) = (at - before, length + before);
        missed = 0;
        quick.last = distance;
        push(sequences, start - done, length, distance);
        let mut end = start + length;
        if length == MAX_MATCH {
            end += push_rest(sequences, &text[end..], &text[end - distance..], distance);
        }
        for _ in 0..ENTERED {
            let Some(inside) = cursor.next(last.min(end.saturating_sub(1))) else {
                break;
            };
            let here = words(text, inside);
            if !GREY || are_grey(here[0]) {
                seen.exchange(here, inside);
            }
        }
        done = end;
        cursor.skip_to(end);
    }
    if done < text.len() || sequences.is_empty() {
        push(sequences, text.len() - done, 0, 0);
    }
}

/// Pixels inside of a match that are entered, the first ones.
const ENTERED: usize = 12;

/// Pixels that are looked at one by one where nothing is found; then ever more are passed over between two that are,
/// as in the photograph on a screen.
const MANY_MISSED: usize = 64;

/// Goes on with a match of the greatest length, in as many as it takes, none of them shorter than deflate allows;
/// returns how many bytes that is.
fn push_rest(sequences: &mut Vec<Sequence>, rest: &[u8], earlier: &[u8], distance: usize) -> usize {
    let length = common_prefix(rest, earlier);
    let length = if length < MIN_MATCH { 0 } else { length };
    push_long(sequences, 0, length, distance);
    length
}

/// Whether each of the first two pixels of RGB is grey.
#[inline(always)]
fn are_grey(word: u64) -> bool {
    (word ^ word >> 8) & 0x00ff_ff00_ffff == 0
}

/// The distance, among these, of the place that has most in common with `at`, and how many bytes that is, at least six;
/// of equals the first.
#[inline(always)]
fn longest<const N: usize>(
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

/// How many bytes before `x` equal those before `y`, which is before `x`; eight at the most.
#[inline(always)]
fn common_suffix(text: &[u8], x: usize, y: usize) -> usize {
    let before = |at: usize| {
        text[..at]
            .last_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    if y < 8 {
        return 0;
    }
    (before(x) ^ before(y)).leading_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::super::counts::count_bytes;
    use super::*;

    /// Pixels of few colours in pieces that come again, behind filter bytes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "lengths of texts and random numbers are small"
    )]
    fn text(rows: usize, grid: Grid) -> Vec<u8> {
        let mut state = 1u32;
        let mut below = |limit: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % limit
        };
        let mut text = Vec::new();
        while text.len() < rows * grid.row {
            match below(3) {
                0 if text.len() > 40 => {
                    let from = below(text.len() as u32 - 4) as usize;
                    let piece = text[from..text.len().min(from + below(700) as usize)].to_vec();
                    text.extend(piece);
                }
                1 => text.extend(vec![below(4) as u8; below(90) as usize]),
                _ => text.extend((0..below(60)).map(|_| below(256) as u8).collect::<Vec<_>>()),
            }
        }
        text.truncate(rows * grid.row);
        text
    }

    #[test]
    fn pixels_are_grey_where_their_colours_are_equal() {
        let are = |pixels: [u8; 8]| are_grey(u64::from_le_bytes(pixels));
        assert!(are([5, 5, 5, 9, 9, 9, 1, 2]));
        assert!(are([0; 8]));
        for at in 0..6 {
            let mut pixels = [7; 8];
            pixels[at] = 8;
            assert!(!are(pixels), "{at}");
        }
    }

    #[test]
    fn where_matches_are_looked_for_at_grey_pixels_others_are_passed_over() {
        let grid = Grid {
            row: 1 + 300,
            pixel: 3,
        };
        for (pixels, color, found) in [
            (Pixels::All, [1, 2, 3], true),
            (Pixels::Grey, [1, 2, 3], false),
            (Pixels::Grey, [3, 3, 3], true),
        ] {
            // Pixels of two brightnesses, behind a filter byte.
            let row = (0..100u8).flat_map(|n| color.map(|byte| byte + 40 * u8::from(n % 7 < 3)));
            let text: Vec<u8> = std::iter::once(0).chain(row).collect();
            let (mut quick, mut sequences) = (Quick::default(), Vec::new());
            quick.start(text.len(), grid, Places::Seen);
            quick.parse(&text, 0, &count_bytes(&text), pixels, &mut sequences);
            let matched = sequences.iter().any(|sequence| sequence.length > 0);
            assert_eq!(matched, found, "{pixels:?} {color:?}");
        }
    }

    #[test]
    fn blocks_parsed_one_after_the_other_give_the_text_again() {
        let mut quick = Quick::default();
        use Pixels::{All, Grey};
        use Places::{Seen, SeenAndNeighbours};
        for (row, pixel, places, pixels) in [
            (1 + 3 * 37, 3, Seen, All),
            (1 + 3 * 37, 3, Seen, Grey),
            (1 + 3 * 37, 3, SeenAndNeighbours, All),
            (2, 1, SeenAndNeighbours, All),
            (1 + 4 * 500, 4, Seen, All),
            (1 + 300, 1, Seen, All),
            (1 + 300, 1, SeenAndNeighbours, All),
            (1 + 2 * 9000, 2, SeenAndNeighbours, All),
        ] {
            let grid = Grid { row, pixel };
            let text = text(200_000 / row + 1, grid);
            quick.start(text.len(), grid, places);
            let (mut again, mut matched) = (Vec::<u8>::new(), 0);
            for from in (0..text.len()).step_by(37 * row) {
                let to = text.len().min(from + 37 * row);
                let mut sequences = Vec::new();
                let bytes = count_bytes(&text[from..to]);
                quick.parse(&text[..to], from, &bytes, pixels, &mut sequences);
                for Sequence {
                    literals,
                    length,
                    distance,
                } in sequences
                {
                    again.extend_from_slice(&text[again.len()..][..literals as usize]);
                    assert!(length == 0 || (3..=258).contains(&length));
                    assert!(usize::from(distance) <= again.len().min(WINDOW));
                    for _ in 0..length {
                        again.push(again[again.len() - usize::from(distance)]);
                    }
                    matched += usize::from(length);
                }
                assert_eq!(again.len(), to);
            }
            assert!(again == text, "rows of {row} bytes, pixels of {pixel}");
            assert!(
                matched > text.len() / 4,
                "{matched} bytes matched in rows of {row}"
            );
        }
    }
}
