//! Parses rows into literals and matches with one look for each pixel: at the pixel to the left, at the one
//! above, and where the next 6, 8 and 16 bytes were seen last. The longest of these finds what a search through
//! many places finds, in a tenth of the time, where pictures repeat themselves in pieces of any size.

#![expect(
    clippy::cast_possible_truncation,
    reason = "lengths and distances lie below 2^16, and positions are told apart modulo 2^16"
)]

use multiversion::multiversion;

use super::matches::{Grid, common_prefix};
use super::symbols::{MAX_MATCH, MIN_MATCH, Sequence, WINDOW, distance_symbol, length_symbol};

/// Bits of the hashes: as many entries as the first cache of a processor holds.
const HASH_BITS: u32 = 13;
/// Entries of a table.
const ENTRIES: usize = 1 << HASH_BITS;
/// Bytes of the shortest key, so of the shortest match.
const SHORTEST: usize = 6;
/// Bytes that the last key has, so the last place that is looked up is as far from the end.
const LONGEST_KEY: usize = 16;

/// Where keys of 6, 8 and 16 bytes were last seen, modulo 2^16. An entry that is older, or of another key, is
/// no harm: what it points to is compared.
pub(super) struct Quick {
    tables: Box<[[u16; ENTRIES]; 3]>,
    grid: Grid,
}

impl Default for Quick {
    fn default() -> Self {
        Self {
            tables: Box::new([[0; ENTRIES]; 3]),
            grid: Grid::default(),
        }
    }
}

impl Quick {
    /// Starts on a text that begins with a row.
    pub(super) fn start(&mut self, grid: Grid) {
        for table in &mut *self.tables {
            table.fill(0);
        }
        self.grid = grid;
    }

    /// Parses `text[from..]`, all before being known.
    pub(super) fn parse(
        &mut self,
        text: &[u8],
        from: usize,
        prices: &Prices,
        sequences: &mut Vec<Sequence>,
    ) {
        parse(self, text, from, prices, sequences);
    }
}

/// A place that has bytes in common with an earlier one.
#[derive(Clone, Copy)]
struct Found {
    at: usize,
    distance: usize,
    length: usize,
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn parse(
    quick: &mut Quick,
    text: &[u8],
    from: usize,
    prices: &Prices,
    sequences: &mut Vec<Sequence>,
) {
    sequences.clear();
    let grid = quick.grid;
    let (mut done, mut at) = (from, grid.pixel_from(from));
    while let Some(found) = scan(&mut quick.tables, text, at, grid) {
        let Found {
            at: place,
            distance,
            length,
        } = found;
        let before = text[done..place]
            .iter()
            .rev()
            .zip(text[..place - distance].iter().rev());
        let before = before
            .take(MAX_MATCH - length)
            .take_while(|(x, y)| x == y)
            .count();
        let (start, length) = (place - before, length + before);
        if !prices.is_worth(&text[start..start + length], distance) {
            at = grid.pixel_from(place + 1);
            continue;
        }
        push(sequences, start - done, length, distance);
        let mut end = start + length;
        if length == MAX_MATCH {
            end += push_rest(sequences, &text[end..], &text[end - distance..], distance);
        }
        enter(&mut quick.tables, text, place + 1, end, grid);
        done = end;
        at = grid.pixel_from(end);
    }
    if done < text.len() || sequences.is_empty() {
        push(sequences, text.len() - done, 0, 0);
    }
}

fn push(sequences: &mut Vec<Sequence>, literals: usize, length: usize, distance: usize) {
    sequences.push(Sequence {
        literals: literals as u32,
        length: length as u16,
        distance: distance as u16,
    });
}

/// Goes on with a match of the greatest length, in as many as it takes, none of them shorter than deflate allows;
/// returns how many bytes that is.
fn push_rest(sequences: &mut Vec<Sequence>, rest: &[u8], earlier: &[u8], distance: usize) -> usize {
    let length = common_prefix(rest, earlier);
    let length = if length < MIN_MATCH { 0 } else { length };
    let mut left = length;
    while left > 0 {
        let part = match left - left.min(MAX_MATCH) {
            1 | 2 => MAX_MATCH - MIN_MATCH,
            _ => left.min(MAX_MATCH),
        };
        push(sequences, 0, part, distance);
        left -= part;
    }
    length
}

/// The eight bytes from `at` on, or from `last` on if that comes before.
#[inline(always)]
fn word(text: &[u8], at: usize, last: usize) -> u64 {
    let bytes = text[at.min(last)..].first_chunk();
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Odd numbers with bits all over.
const MIX: [u64; 2] = [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f];

/// Entries of the next 6, 8 and 16 bytes.
#[inline(always)]
fn hashes(here: u64, there: u64) -> [usize; 3] {
    let top = |n: u64| (n >> (u64::BITS - HASH_BITS)) as usize;
    [
        top((here << 16).wrapping_mul(MIX[0])),
        top(here.wrapping_mul(MIX[1])),
        top((here.wrapping_mul(MIX[0]) ^ there.rotate_left(29)).wrapping_mul(MIX[1])),
    ]
}

/// Enters the first pixels inside of a match.
#[inline(always)]
fn enter(tables: &mut [[u16; ENTRIES]; 3], text: &[u8], from: usize, to: usize, grid: Grid) {
    const MOST: usize = 12;
    let Some(last) = text.len().checked_sub(LONGEST_KEY) else {
        return;
    };
    let mut at = grid.pixel_from(from);
    for _ in 0..MOST {
        if at >= to || at > last {
            return;
        }
        let hashes = hashes(word(text, at, last), word(text, at + 8, last + 8));
        for (table, hash) in tables.iter_mut().zip(hashes) {
            table[hash] = at as u16;
        }
        at += grid.pixel;
    }
}

/// Looks from `from` on, pixel by pixel, for a place that has at least six bytes in common with an earlier one.
///
/// Where a longer key was seen, so were its first six bytes: looking for those alone finds all.
#[inline(never)]
fn scan(tables: &mut [[u16; ENTRIES]; 3], text: &[u8], from: usize, grid: Grid) -> Option<Found> {
    let last = text.len().checked_sub(LONGEST_KEY)?;
    let [short, middle, long] = tables;
    let mut at = from;
    let mut row_end = grid.row_end(from);
    while at <= last {
        let stop = row_end.min(last + 1);
        while at < stop {
            let here = word(text, at, last);
            let [s, m, l] = hashes(here, word(text, at + 8, last + 8));
            let distance_to = |entry: u16| usize::from((at as u16).wrapping_sub(entry));
            let near = distance_to(std::mem::replace(&mut short[s], at as u16));
            let farther = [
                std::mem::replace(&mut middle[m], at as u16),
                std::mem::replace(&mut long[l], at as u16),
            ];
            if (word(text, at.wrapping_sub(near), last) ^ here) << 16 == 0 {
                let distances = [
                    grid.pixel,
                    grid.row,
                    near,
                    distance_to(farther[0]),
                    distance_to(farther[1]),
                ];
                if let Some(found) = longest(text, at, distances) {
                    return Some(found);
                }
            }
            at += grid.pixel;
        }
        at = row_end + 1;
        row_end += grid.row;
    }
    None
}

/// The earlier place among those at these distances that has most in common with `at`, at least six bytes; of
/// equals the first.
fn longest(text: &[u8], at: usize, distances: [usize; 5]) -> Option<Found> {
    let here = &text[at..text.len().min(at + MAX_MATCH)];
    let mut best = Found {
        at,
        distance: 0,
        length: SHORTEST - 1,
    };
    for distance in distances {
        if distance == 0 || distance > at.min(WINDOW) || distance == best.distance {
            continue;
        }
        let there = &text[at - distance..];
        if here.get(best.length) != there.get(best.length) {
            continue;
        }
        let length = common_prefix(here, there);
        if length > best.length {
            best = Found {
                at,
                distance,
                length,
            };
        }
    }
    (best.distance > 0).then_some(best)
}

/// What bytes cost as literals, in eighths of bits.
pub(super) struct Prices([u8; 256]);

/// Bytes of a match that are priced one by one, and what each beyond is taken for.
const PRICED: usize = 16;
const BEYOND: i32 = 16;
/// Price of a length and a distance without their extra bits, and what a match must save.
const MATCH: i32 = 72;
const GAIN: i32 = 16;

impl Prices {
    /// Prices in a block of these bytes, half of which are looked at.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut counts = [[1u32; 256]; 2];
        for part in bytes.chunks(256) {
            let (pairs, _) = part[..part.len().min(128)].as_chunks::<2>();
            for &[x, y] in pairs {
                counts[0][usize::from(x)] += 1;
                counts[1][usize::from(y)] += 1;
            }
        }
        let total: u32 = counts.as_flattened().iter().sum();
        let mut prices = [0; 256];
        for ((price, x), y) in prices.iter_mut().zip(counts[0]).zip(counts[1]) {
            *price = (eighths_of_log(total) - eighths_of_log(x + y)).clamp(8, 104) as u8;
        }
        Self(prices)
    }

    #[inline(always)]
    fn is_worth(&self, bytes: &[u8], distance: usize) -> bool {
        let (length, distance) = (
            length_symbol(bytes.len() as u16),
            distance_symbol(distance as u16),
        );
        let price = MATCH + 8 * i32::from(length.extra_bits + distance.extra_bits);
        let beyond = BEYOND * bytes.len().saturating_sub(PRICED) as i32;
        let literals: i32 = bytes
            .iter()
            .take(PRICED)
            .map(|&byte| i32::from(self.0[usize::from(byte)]))
            .sum();
        literals + beyond > price + GAIN
    }
}

/// Eight times the binary logarithm, about.
fn eighths_of_log(n: u32) -> u32 {
    let whole = n.max(1).ilog2();
    let fraction = (u64::from(n) << 3 >> whole) as u32 & 7;
    8 * whole + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels of few colours in pieces that come again, behind filter bytes.
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
    fn blocks_parsed_one_after_the_other_give_the_text_again() {
        let mut quick = Quick::default();
        for (row, pixel) in [
            (1 + 3 * 37, 3),
            (2, 1),
            (1 + 4 * 500, 4),
            (1 + 300, 1),
            (1 + 2 * 9000, 2),
        ] {
            let grid = Grid { row, pixel };
            let text = text(200_000 / row + 1, grid);
            quick.start(grid);
            let (mut again, mut matched) = (Vec::<u8>::new(), 0);
            for from in (0..text.len()).step_by(37 * row) {
                let to = text.len().min(from + 37 * row);
                let mut sequences = Vec::new();
                quick.parse(
                    &text[..to],
                    from,
                    &Prices::of(&text[from..to]),
                    &mut sequences,
                );
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

    #[test]
    fn prices_are_logarithms_of_how_often_a_byte_occurs() {
        for (n, eighths) in [(1, 0), (2, 8), (3, 12), (1024, 80), (1536, 84)] {
            assert_eq!(eighths_of_log(n), eighths);
        }
        let rare = Prices::of(&[&[0; 8000][..], &[1, 2, 3, 4]].concat()).0;
        assert!(rare[0] == 8 && rare[77] > 80);
    }
}
