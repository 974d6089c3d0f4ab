//! Parses bytes into literals and matches: hash chains, one position of foresight, and a price
//! for everything, since on filtered rows a short match often costs more than its literals.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions lie below MOST_BYTES, lengths and distances below 2^16"
)]

use multiversion::multiversion;

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

/// Bytes that are hashed, so the shortest match found.
const HASHED: usize = 4;
/// Bits of the hash at most and at least.
const HASH_BITS: std::ops::RangeInclusive<u32> = 7..=15;
/// Length below which the next position is tried too, and from which only a quarter as much is spent on that.
const LAZY: usize = 16;
const GOOD: usize = 8;
/// Bytes of a match whose price as literals is added up, and bits for each byte beyond.
const COUNTED: usize = 32;
const BITS_BEYOND: i32 = 2;
/// Matches longer than this are entered only near their ends: flat pictures are full of them.
const LONG: usize = 48;
const ENTERED_FIRST: usize = 8;
const ENTERED_LAST: usize = 24;

/// Where each hash of a text was seen last, and before.
#[derive(Default)]
pub(super) struct Matcher {
    /// By hash: position + 1 of the last occurrence, 0 if there is none.
    heads: Vec<u32>,
    /// By position modulo the window: the head that it replaced.
    before: Vec<u32>,
    /// 32 less the bits of the hash.
    shift: u32,
    /// First position that was not entered.
    entered: usize,
    grid: Grid,
    /// Candidates that are compared for each position, besides the two of the grid.
    depth: u32,
}

/// A copy of an earlier part of the text.
#[derive(Clone, Copy)]
struct Match {
    length: usize,
    distance: usize,
    /// Bits saved over literals.
    gain: i32,
}

impl Matcher {
    /// Starts on a text of `length` bytes, at most `MOST_BYTES`, to compare `depth` candidates for each position.
    pub(super) fn start(&mut self, length: usize, grid: Grid, depth: u32) {
        let bits = (length.max(2) - 1).ilog2();
        let bits = bits.clamp(*HASH_BITS.start(), *HASH_BITS.end());
        self.shift = 32 - bits;
        self.heads.clear();
        self.heads.resize(1 << bits, 0);
        self.before.resize(WINDOW, 0);
        self.entered = 0;
        self.grid = grid;
        self.depth = depth;
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
        parse(self, data, from, tokens, costs, sequences)
    }

    /// Enters the positions up to and without `end`.
    #[inline(always)]
    fn enter_to(&mut self, data: &[u8], end: usize) {
        while self.entered < end {
            self.enter(data, self.entered);
        }
    }

    /// Enters `at` and returns the head that it replaced.
    #[inline(always)]
    fn enter(&mut self, data: &[u8], at: usize) -> u32 {
        self.entered = at + 1;
        let Some(word) = word_at(data, at) else {
            return 0;
        };
        let hash = hash_of(word, self.shift);
        let head = std::mem::replace(&mut self.heads[hash], at as u32 + 1);
        self.before[at % WINDOW] = head;
        head
    }

    /// The match at `at` that saves most and more than `least` bits; of equals the nearest.
    #[inline(always)]
    fn best(
        &mut self,
        data: &[u8],
        at: usize,
        least: i32,
        depth: u32,
        costs: &Costs,
    ) -> Option<Match> {
        self.enter_to(data, at);
        let mut head = self.enter(data, at);
        let mut tail = word_at(data, at)?;
        let before = self.before.first_chunk::<WINDOW>()?;
        let mut best = Best {
            here: &data[at..data.len().min(at + MAX_MATCH)],
            costs,
            least,
            counted: 0,
            literal_bits: 0,
            length: HASHED - 1,
            found: None,
        };
        for distance in [self.grid.pixel, self.grid.row] {
            let candidate = at.wrapping_sub(distance);
            if candidate < at && distance <= WINDOW && word_at(data, candidate) == Some(tail) {
                best.compare(data, candidate, distance);
            }
        }
        let most = best.here.len();
        if best.length >= most {
            return best.found;
        }
        // What ends the longest match so far must be there in a longer one.
        let mut offset = best.length + 1 - HASHED;
        tail = if offset == 0 {
            tail
        } else {
            word_at(data, at + offset)?
        };
        for _ in 0..depth {
            let candidate = (head as usize).wrapping_sub(1);
            let distance = at.wrapping_sub(candidate);
            if head == 0 || distance > WINDOW {
                break;
            }
            if word_at(data, candidate + offset) == Some(tail) {
                best.compare(data, candidate, distance);
                if best.length >= most {
                    break;
                }
                offset = best.length + 1 - HASHED;
                tail = word_at(data, at + offset)?;
            }
            // What is older than the window was overwritten by something newer.
            let older = before[candidate % WINDOW];
            if older >= head {
                break;
            }
            head = older;
        }
        best.found
    }
}

/// The best of the candidates compared so far.
struct Best<'a> {
    here: &'a [u8],
    costs: &'a Costs,
    /// Bits that a match must save more than.
    least: i32,
    /// How many bytes `literal_bits` is for.
    counted: usize,
    literal_bits: i32,
    /// Longest match so far, found worth its price or not.
    length: usize,
    found: Option<Match>,
}

impl Best<'_> {
    #[inline(always)]
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
        if gain > self.least {
            self.least = gain;
            self.found = Some(Match {
                length,
                distance,
                gain,
            });
        }
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn parse(
    matcher: &mut Matcher,
    data: &[u8],
    from: usize,
    tokens: usize,
    costs: &Costs,
    sequences: &mut Vec<Sequence>,
) -> usize {
    sequences.clear();
    let most = matcher.depth;
    let (mut done, mut at, mut spent) = (from, from, 0);
    while at < data.len() && spent < tokens {
        spent += 1;
        let Some(mut found) = matcher.best(data, at, 0, most, costs) else {
            at += 1;
            continue;
        };
        while found.length < LAZY && at + 1 < data.len() {
            let depth = if found.length < GOOD { most } else { most / 4 };
            let Some(later) = matcher.best(data, at + 1, found.gain, depth, costs) else {
                break;
            };
            found = later;
            at += 1;
            spent += 1;
        }
        sequences.push(Sequence {
            literals: (at - done) as u32,
            length: found.length as u16,
            distance: found.distance as u16,
        });
        at += found.length;
        done = at;
        if found.length > LONG {
            matcher.enter_to(data, matcher.entered + ENTERED_FIRST);
            matcher.entered = at - ENTERED_LAST;
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

/// The upper bits of a hash of four bytes, all but `shift` of them.
#[inline(always)]
pub(super) fn hash_of(word: u32, shift: u32) -> usize {
    (word.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

/// The four bytes from `at` on.
#[inline(always)]
pub(super) fn word_at(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk::<HASHED>()?;
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
