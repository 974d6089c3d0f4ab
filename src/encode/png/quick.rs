//! Parses rows into literals and matches with one look for each pixel: where the next 6, 8, 12 and 16 bytes were seen last
//! and, if asked, at the pixel to the left and at the one above. The longest of these finds what a search through
//! many places finds, in a tenth of the time, where pictures repeat themselves in pieces of any size.

use multiversion::multiversion;

use super::counts::ByteCounts;
use super::cursor::Cursor;
use super::grey::{self, Grey};
use super::literal_prices::LiteralPrices;
use super::matches::Grid;
use super::seen::{LONGEST_KEY, Seen, longest, words};
use super::sequences::Parsing;
use super::symbols::Sequence;

/// Parses a text block by block.
pub(super) struct Quick {
    seen: Seen,
    grey: Grey,
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
            grey: Grey::default(),
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
        if (pixels, self.places, self.grid.pixel) == (Pixels::Grey, Places::Seen, grey::PIXEL) {
            let Self { grey, seen, .. } = self;
            self.last = grey.parse(seen, self.grid.row, text, from, self.last, sequences);
            return;
        }
        let prices = LiteralPrices::of(bytes);
        parse(self, text, from, &prices, sequences);
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn parse(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &LiteralPrices,
    sequences: &mut Vec<Sequence>,
) {
    match quick.places {
        Places::Seen => parse_grid::<false>(quick, text, from, prices, sequences),
        Places::SeenAndNeighbours => parse_grid::<true>(quick, text, from, prices, sequences),
    }
}

#[inline(always)]
fn parse_grid<const NEIGHBOURS: bool>(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &LiteralPrices,
    sequences: &mut Vec<Sequence>,
) {
    // Known sizes of pixels make divisions cheap.
    match quick.grid.pixel {
        1 => parse_pixels::<1, NEIGHBOURS>(quick, text, from, prices, sequences),
        2 => parse_pixels::<2, NEIGHBOURS>(quick, text, from, prices, sequences),
        3 => parse_pixels::<3, NEIGHBOURS>(quick, text, from, prices, sequences),
        _ => parse_pixels::<4, NEIGHBOURS>(quick, text, from, prices, sequences),
    }
}

#[inline(always)]
fn parse_pixels<const PIXEL: usize, const NEIGHBOURS: bool>(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &LiteralPrices,
    sequences: &mut Vec<Sequence>,
) {
    let row = quick.grid.row;
    let seen = &mut quick.seen;
    let last = text.len().saturating_sub(LONGEST_KEY);
    let mut missed = 0;
    let mut parsing = Parsing::begin(text, from, quick.last, sequences);
    let mut cursor = Cursor::<PIXEL>::new(parsing.done, row);
    while let Some(at) = cursor.next(last) {
        let here = words(text, at);
        let distances = seen.exchange(here, at).map(usize::from);
        let [near, middle, long, longer] = distances;
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
        if !prices.is_worth(&text[at..], length, distance) {
            continue;
        }
        missed = 0;
        parsing.take(at, length, distance);
        for _ in 0..ENTERED {
            let Some(inside) = cursor.next(last.min(parsing.done.saturating_sub(1))) else {
                break;
            };
            seen.exchange(words(text, inside), inside);
        }
        cursor.skip_to(parsing.done);
    }
    quick.last = parsing.end();
}

/// Pixels inside of a match that are entered, the first ones.
const ENTERED: usize = 12;

/// Pixels that are looked at one by one where nothing is found; then ever more are passed over between two that are,
/// as in the photograph on a screen.
const MANY_MISSED: usize = 64;

#[cfg(test)]
mod tests {
    use super::super::counts::count_bytes;
    use super::super::noise;
    use super::super::symbols::WINDOW;
    use super::*;

    /// Pixels of few colours in pieces that come again, behind filter bytes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "lengths of texts and random numbers are small"
    )]
    fn text(rows: usize, grid: Grid) -> Vec<u8> {
        let mut below = noise::below(1);
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
