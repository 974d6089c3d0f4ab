//! Parses bytes into literals and matches: at each position the match that saves most, with a price for everything, since on
//! filtered rows a short match often costs more than its literals. So what is taken is seldom what the next position would
//! have better, and that is not asked: it would take a sixth of the time to save a third of a hundredth (of masks, eight).

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions lie below MOST_BYTES, lengths and distances below 2^16"
)]

use multiversion::multiversion;

use super::chains::{Chains, LONG_KEY};
use super::costs::Costs;
use super::pixels::Rows;
use super::symbols::{MAX_MATCH, Sequence, WINDOW, distance_symbol};

/// Where equal bytes are likely: in the pixel to the left and in the one above.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Grid {
    /// Bytes in a row, with its filter byte.
    pub(super) row: usize,
    /// Bytes in a pixel.
    pub(super) pixel: usize,
}

impl Grid {
    /// The grid of these rows when they are filtered.
    pub(super) fn of(rows: &Rows<'_>) -> Self {
        Self {
            row: rows.row + 1,
            pixel: rows.pixel,
        }
    }
}

/// Longest text, so that positions fit in 32 bits.
pub(super) const MOST_BYTES: usize = 1 << 31;
/// Literals and matches after which a block ends.
pub(super) const BLOCK_TOKENS: usize = 16_384;

/// Bytes of the shortest match found.
const SHORTEST: usize = 4;
/// Bytes of a match whose price as literals is added up, and bits for each byte beyond.
const COUNTED: usize = 32;
const BITS_BEYOND: i32 = 2;
/// Matches longer than this are entered only near their ends: flat pictures are full of them.
const LONG_MATCH: usize = 48;
const ENTERED_FIRST: usize = 8;
const ENTERED_LAST: usize = 24;

/// How many earlier places are compared with each, besides those of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// Of those that begin with the same four bytes: for pixels.
    Short(u32),
    /// Of those that begin with the same six, and of those that begin with the same sixteen: for filtered rows.
    Long { short: u32, long: u32 },
}

/// Finds matches in a text.
pub(super) struct Matcher {
    chains: Chains,
    search: Search,
    grid: Grid,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            chains: Chains::default(),
            search: Search::Short(0),
            grid: Grid::default(),
        }
    }
}

/// A copy of an earlier part of the text.
#[derive(Clone, Copy)]
struct Match {
    length: usize,
    distance: usize,
}

impl Matcher {
    /// Starts on a text of `length` bytes, at most `MOST_BYTES`.
    pub(super) fn start(&mut self, length: usize, grid: Grid, search: Search) {
        match search {
            Search::Short(_) => self.chains.start::<false>(length),
            Search::Long { .. } => self.chains.start::<true>(length),
        }
        (self.grid, self.search) = (grid, search);
    }

    /// Parses a block of `data` of about `tokens` literals and matches; it begins at `from`,
    /// where the last ended. Returns its end.
    pub(super) fn parse_block(
        &mut self,
        data: &[u8],
        from: usize,
        tokens: usize,
        costs: &Costs,
        sequences: &mut Vec<Sequence>,
    ) -> usize {
        match self.search {
            Search::Short(short) => {
                parse::<false>(self, [short, 0], data, from, tokens, costs, sequences)
            }
            Search::Long { short, long } => {
                parse::<true>(self, [short, long], data, from, tokens, costs, sequences)
            }
        }
    }

    /// The match at `at` that saves most; of equals the nearest.
    #[inline(always)]
    fn best<const LONG: bool>(
        &mut self,
        [short, long]: [u32; 2],
        data: &[u8],
        at: usize,
        costs: &Costs,
    ) -> Option<Match> {
        let [short_earlier, long_earlier] = self.chains.earlier::<LONG>(data, at);
        let word = word_at(data, at)?;
        let mut best = Best {
            here: &data[at..data.len().min(at + MAX_MATCH)],
            costs,
            counted: 0,
            literal_bits: 0,
            length: SHORTEST - 1,
            gain: 0,
            found: None,
        };
        for distance in [self.grid.pixel, self.grid.row] {
            let candidate = at.wrapping_sub(distance);
            if candidate < at && distance <= WINDOW && word_at(data, candidate) == Some(word) {
                best.compare(data, candidate, distance);
            }
        }
        if LONG {
            best.compare_all(data, at, long_earlier.take(long as usize));
        }
        if !LONG || best.length < LONG_KEY {
            best.compare_all(data, at, short_earlier.take(short as usize));
        }
        best.found
    }
}

/// The best of the candidates compared so far.
struct Best<'a> {
    here: &'a [u8],
    costs: &'a Costs,
    /// Bits that what was found saves over literals.
    gain: i32,
    /// How many bytes `literal_bits` is for.
    counted: usize,
    literal_bits: i32,
    /// Longest match so far, found worth its price or not.
    length: usize,
    found: Option<Match>,
}

impl Best<'_> {
    /// Compares `candidates` until one is as long as can be.
    #[inline(always)]
    fn compare_all(&mut self, data: &[u8], at: usize, candidates: impl Iterator<Item = usize>) {
        let most = self.here.len();
        if self.length >= most {
            return;
        }
        // What ends the longest match so far must be there in a longer one.
        let mut offset = self.length + 1 - SHORTEST;
        let mut tail = word_at(data, at + offset);
        for candidate in candidates {
            if word_at(data, candidate + offset) != tail {
                continue;
            }
            self.compare(data, candidate, at - candidate);
            if self.length >= most {
                break;
            }
            offset = self.length + 1 - SHORTEST;
            tail = word_at(data, at + offset);
        }
    }

    /// Compares what is at `candidate`. Out of line: what it needs would not leave registers for what goes from one candidate
    /// to the next, which takes a tenth longer then.
    #[inline(never)]
    fn compare(&mut self, data: &[u8], candidate: usize, distance: usize) {
        let length = common_prefix(self.here, &data[candidate..]);
        if length <= self.length {
            return;
        }
        self.length = length;
        for &byte in &self.here[self.counted..length.min(COUNTED)] {
            self.literal_bits += i32::from(self.costs.literals[usize::from(byte)]);
        }
        self.counted = length.min(COUNTED);
        let beyond = (length - self.counted) as i32 * BITS_BEYOND;
        let symbol = usize::from(distance_symbol(distance as u16).symbol);
        let price = self.costs.lengths[length] + self.costs.distances[symbol];
        let gain = self.literal_bits + beyond - i32::from(price);
        if gain > self.gain {
            self.gain = gain;
            self.found = Some(Match { length, distance });
        }
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn parse<const LONG: bool>(
    matcher: &mut Matcher,
    depths: [u32; 2],
    data: &[u8],
    from: usize,
    tokens: usize,
    costs: &Costs,
    sequences: &mut Vec<Sequence>,
) -> usize {
    sequences.clear();
    let (mut done, mut at, mut spent) = (from, from, 0);
    while at < data.len() && spent < tokens {
        spent += 1;
        let Some(found) = matcher.best::<LONG>(depths, data, at, costs) else {
            at += 1;
            continue;
        };
        sequences.push(Sequence {
            literals: (at - done) as u32,
            length: found.length as u16,
            distance: found.distance as u16,
        });
        at += found.length;
        done = at;
        if found.length > LONG_MATCH {
            let end = at - ENTERED_LAST;
            matcher.chains.pass_to::<LONG>(data, ENTERED_FIRST, end);
        }
    }
    if done < at {
        sequences.push(Sequence {
            literals: (at - done) as u32,
            length: 0,
            distance: 0,
        });
    }
    at
}

/// The four bytes from `at` on.
#[inline(always)]
pub(super) fn word_at(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk::<SHORTEST>()?;
    Some(u32::from_le_bytes(*bytes))
}

/// How many bytes the slices have in common from their beginning; `y` is at least as long.
#[inline(always)]
pub(super) fn common_prefix(x: &[u8], y: &[u8]) -> usize {
    let (x_words, x_rest) = x.as_chunks::<8>();
    let (y_words, _) = y.as_chunks::<8>();
    let mut length = 0;
    for (&x, &y) in x_words.iter().zip(y_words) {
        let difference = u64::from_le_bytes(x) ^ u64::from_le_bytes(y);
        if difference != 0 {
            return length + difference.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length
        + x_rest
            .iter()
            .zip(&y[length..])
            .take_while(|(x, y)| x == y)
            .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest match that a search finds in the text.
    fn longest(text: &[u8], search: Search) -> u16 {
        let (mut matcher, mut sequences) = (Matcher::default(), Vec::new());
        matcher.start(text.len(), Grid::default(), search);
        let end = matcher.parse_block(text, 0, usize::MAX, &Costs::default(), &mut sequences);
        assert_eq!(end, text.len());
        let lengths = sequences.iter().map(|sequence| sequence.length);
        lengths.max().unwrap_or(0)
    }

    #[test]
    fn a_long_match_is_found_behind_many_short_ones() {
        // The same eight bytes, each time with noise behind them that is the same the first time and the last.
        let noise = |n: u32| (n.wrapping_mul(0x9e37_79b1) >> 24) as u8;
        let passage = |n: u32| (0..8).chain((0..24).map(move |k| noise(24 * n + k)));
        let text: Vec<u8> = (1..100).chain([1]).flat_map(passage).collect();
        let (short, long) = (4, 4);
        assert_eq!(longest(&text, Search::Long { short, long }), 32);
        assert!(longest(&text, Search::Short(short)) < 32);
        assert_eq!(longest(&text, Search::Short(100)), 32);
    }
}
