//! Chooses the filter of each row by what the row would cost after those before it: the bytes under each filter are parsed
//! in one quick look, at the prices that the rows before have had.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions lie below 2^32, lengths and distances below 2^16"
)]

use multiversion::multiversion;

use super::counts::Counts;
use super::entropy::{BIT, Prices};
use super::filter::{FILTERS, Filter, sums};
use super::matches::{common_prefix, word_at};
use super::symbols::{MAX_MATCH, MIN_MATCH, Sequence, WINDOW, distance_symbol};
use super::trees::hash_of;

/// Bits of the hashes of four bytes.
const HASH_BITS: u32 = 15;
/// Bytes after which prices are found anew.
const LEARNT: usize = 4 << 10;

/// What the rows before have told.
pub(super) struct Context {
    /// By hash of four bytes: position + 1 of the last occurrence.
    heads: Vec<u32>,
    counts: Counts,
    prices: Prices,
    /// Bytes counted since prices were found.
    counted: usize,
}

impl Default for Context {
    fn default() -> Self {
        let counts = first_counts();
        Self {
            heads: Vec::new(),
            prices: Prices::of(&counts),
            counts,
            counted: 0,
        }
    }
}

/// What is assumed before anything is known: small differences are frequent, as is a match now and then.
fn first_counts() -> Counts {
    let bytes = std::array::from_fn(|byte| {
        let magnitude = (byte as u8).cast_signed().unsigned_abs();
        64 / (1 + u32::from(magnitude) / 2)
    });
    let mut counts = Counts::of_literals(&bytes);
    counts.literals[257..].fill(4);
    counts.distances.fill(4);
    counts
}

impl Context {
    /// Starts on a new text.
    pub(super) fn start(&mut self) {
        self.heads.clear();
        self.heads.resize(1 << HASH_BITS, 0);
        self.counts = first_counts();
        self.prices = Prices::of(&self.counts);
        self.counted = 0;
    }

    /// Appends the row, filtered such that it costs least, to the `text` of the rows before.
    pub(super) fn append(&mut self, row: &[u8], above: &[u8], pixel: usize, text: &mut Vec<u8>) {
        append(self, row, above, pixel, text);
    }

    /// What `text[start..]`, a row, costs; or any more than `most`, if it is more.
    #[inline(always)]
    fn price(&self, text: &[u8], start: usize, pixel: usize, most: u64) -> u64 {
        let mut price = 0;
        let mut at = start;
        while at < text.len() && price <= most {
            match self.best_match(text, at, start, pixel) {
                Some((length, _, cost)) => {
                    price += u64::from(cost);
                    at += length;
                }
                None => {
                    price += u64::from(self.prices.literals[usize::from(text[at])]);
                    at += 1;
                }
            }
        }
        price
    }

    /// Enters `text[start..]`, a row, and counts what it is made of.
    #[inline(always)]
    fn learn(&mut self, text: &[u8], start: usize, pixel: usize) {
        let mut at = start;
        while at < text.len() {
            match self.best_match(text, at, start, pixel) {
                Some((length, distance, _)) => {
                    self.counts.add_match(&Sequence {
                        literals: 0,
                        length: length as u16,
                        distance: distance as u16,
                    });
                    at += length;
                }
                None => {
                    self.counts.literals[usize::from(text[at])] += 1;
                    at += 1;
                }
            }
        }
        for at in start..text.len() {
            if let Some(word) = word_at(text, at) {
                self.heads[hash(word)] = at as u32 + 1;
            }
        }
        self.counted += text.len() - start;
        if self.counted >= LEARNT {
            self.counted = 0;
            self.prices = Prices::of(&self.counts);
            let Counts {
                literals,
                distances,
                ..
            } = &mut self.counts;
            for count in literals.iter_mut().chain(distances) {
                *count /= 2;
            }
        }
    }

    /// The longest match at `at`, in the row that begins at `start`, that costs less than its literals: its length, distance
    /// and price.
    #[inline(always)]
    fn best_match(
        &self,
        text: &[u8],
        at: usize,
        start: usize,
        pixel: usize,
    ) -> Option<(usize, usize, u32)> {
        let word = word_at(text, at)?;
        let here = &text[at..text.len().min(at + MAX_MATCH)];
        let last = self.heads[hash(word)] as usize;
        let row = text.len() - start;
        let mut best = (MIN_MATCH, 0);
        for distance in [pixel, row, (at + 1).wrapping_sub(last)] {
            let candidate = at.wrapping_sub(distance);
            if distance > WINDOW || candidate >= at || word_at(text, candidate) != Some(word) {
                continue;
            }
            let length = common_prefix(here, &text[candidate..]);
            if length > best.0 {
                best = (length, distance);
            }
        }
        let (length, distance) = best;
        if distance == 0 {
            return None;
        }
        let symbol = usize::from(distance_symbol(distance as u16).symbol);
        let price = self.prices.lengths[length] + self.prices.distances[symbol];
        let literals = here[..length.min(COUNTED)].iter();
        let literals: u32 = literals
            .map(|&byte| self.prices.literals[usize::from(byte)])
            .sum();
        let beyond = length.saturating_sub(COUNTED) as u32 * BIT;
        (price < literals + beyond).then_some((length, distance, price))
    }
}

/// What [`Context::append`] does.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn append(context: &mut Context, row: &[u8], above: &[u8], pixel: usize, text: &mut Vec<u8>) {
    let start = text.len();
    // What is likely first, so that the others need not be looked at to the end.
    let sums = sums(row, above, pixel);
    let mut filters = FILTERS;
    filters.sort_by_key(|&filter| sums[filter as usize]);
    let mut best = (u64::MAX, Filter::None);
    let most = FAR * sums[filters[0] as usize];
    for filter in filters {
        if sums[filter as usize] > most {
            break;
        }
        text.truncate(start);
        filter.append(row, above, pixel, text);
        let price = context.price(text, start, pixel, best.0);
        if price < best.0 {
            best = (price, filter);
        }
    }
    text.truncate(start);
    best.1.append(row, above, pixel, text);
    context.learn(text, start, pixel);
}

/// Filters are not tried whose sums of magnitudes are so many times the least.
const FAR: u64 = 2;

/// Bytes of a match whose prices as literals are added up; each beyond costs a bit at least.
const COUNTED: usize = 32;

#[inline(always)]
fn hash(word: u32) -> usize {
    hash_of(word, 32 - HASH_BITS)
}

#[cfg(test)]
mod tests {
    use super::super::noise;
    use super::*;

    #[test]
    fn rows_that_come_again_keep_the_filter_under_which_they_do() {
        // Noise, then the same rows in the other order: nothing but a look at the rows before tells that what seems as good
        // as any other filter has been seen already.
        let mut number = noise::numbers(5);
        let mut next = || number().to_le_bytes()[3];
        let rows: Vec<Vec<u8>> = (0..20)
            .map(|_| (0..300).map(|_| next()).collect())
            .collect();
        let order = (0..20).chain((0..20).rev());
        let mut context = Context::default();
        context.start();
        let (mut text, mut above) = (Vec::new(), vec![0; 300]);
        for row in order.map(|n| &rows[n]) {
            context.append(row, &above, 3, &mut text);
            above.clone_from(row);
        }
        let (first, again) = text.split_at(20 * 301);
        // What needs the row above is another thing below another row; the row in the middle stands below itself.
        let pairs = first.chunks(301).rev().zip(again.chunks(301)).skip(1);
        let alone: Vec<_> = pairs.filter(|(before, _)| before[0] < 2).collect();
        assert!(alone.len() > 2, "{}", alone.len());
        assert!(alone.iter().all(|(before, row)| before == row));
    }
}
