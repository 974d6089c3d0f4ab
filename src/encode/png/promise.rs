//! Whether matches would make a block much smaller than runs do: told without looking for them.

use super::copies::Copies;
use super::counts::ByteCounts;
use super::quick::Pixels;
use super::runs::Likeness;

/// Tells it for the blocks of a band, one after the other.
#[derive(Default)]
pub(super) struct Promise {
    /// Bytes of a pixel.
    pixel: usize,
    last: Last,
    looked_at: Option<LookedAt>,
    /// How many blocks may still be told by it.
    unasked: u32,
    copies: Copies,
}

/// What the last block was in which matches were looked for and compared with runs.
struct LookedAt {
    bytes: ByteCounts,
    /// Bits of a byte, with runs.
    price: f64,
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
/// So many blocks after that are not compared with runs, if they promise to save this share.
const UNASKED: u32 = 7;
const SURE: f64 = 0.035;

impl Promise {
    /// Starts on a new text, of pixels of so many bytes.
    pub(super) fn start(&mut self, pixel: usize) {
        self.pixel = pixel;
        self.last = Last::None;
        self.looked_at = None;
        self.unasked = 0;
        self.copies.start();
    }

    /// Pixels at which matches promise to make the block `text[from..]` smaller, whose `bytes` have been counted, whose
    /// neighbours are so much alike, and which is so many `bits` with runs. What comes before it has been asked about.
    pub(super) fn made(
        &mut self,
        text: &[u8],
        from: usize,
        bytes: &ByteCounts,
        likeness: Likeness,
        bits: u64,
    ) -> Option<Pixels> {
        // Each block is looked at for copies, since the next may have copies of it.
        if self.copies.are_in(text, from, bytes) {
            return Some(Pixels::All);
        }
        let length = text.len() - from;
        let saving = self.saving(length, bytes, likeness, bits as f64 / length as f64);
        (saving > self.last.least()).then_some(self.pixels())
    }

    /// The same if it is certain from what the last block was, so that this one need be neither counted nor compared with
    /// runs; with the bytes of that one.
    pub(super) fn kept(
        &mut self,
        text: &[u8],
        from: usize,
        likeness: Likeness,
    ) -> Option<(Pixels, &ByteCounts)> {
        if self.unasked == 0 {
            return None;
        }
        let pixels = self.pixels();
        let LookedAt { bytes, price } = self.looked_at.as_ref()?;
        if self.saving(text.len() - from, bytes, likeness, *price) < SURE {
            return None;
        }
        self.unasked -= 1;
        match self.copies.are_in(text, from, bytes) {
            true => Some((Pixels::All, bytes)),
            false => Some((pixels, bytes)),
        }
    }

    /// Learns what came of a promise that was made: bits of the block with runs, and with matches.
    pub(super) fn learn(&mut self, bytes: &ByteCounts, length: usize, runs: u64, matches: u64) {
        let is_much = MUCH * matches < (MUCH - 1) * runs;
        (self.last, self.unasked) = match is_much {
            true => (Last::Much, UNASKED),
            false => (Last::Little, 0),
        };
        self.looked_at = Some(LookedAt {
            bytes: *bytes,
            price: runs as f64 / length as f64,
        });
    }

    /// Share of a block that matches are likely to save, where a byte costs so many bits with runs.
    fn saving(&self, length: usize, bytes: &ByteCounts, likeness: Likeness, price: f64) -> f64 {
        let length = length as f64;
        match self.pixel {
            3 => saving_of_rgb(length, likeness, price),
            4 => saving_of_rgba(length, likeness),
            _ => saving_of_grey(length, bytes, likeness.equal),
        }
    }

    /// Pixels at which matches are found unless there are copies.
    fn pixels(&self) -> Pixels {
        match self.pixel {
            3 => Pixels::Grey,
            _ => Pixels::All,
        }
    }
}

impl Last {
    /// Share of a block that matches must promise to save: looking for them takes several times as long as runs, but
    /// neighbours are alike.
    fn least(self) -> f64 {
        match self {
            Self::None => 0.025,
            Self::Much => 0.02,
            Self::Little => 0.05,
        }
    }
}

/// What matches are likely to save of a block of RGB, as a share. Of a filtered photograph pixels come again that differ from
/// their neighbours in brightness alone, as most do where colours were sampled coarsely, in a JPEG; the more of these stand
/// beside one another, and the more the bytes cost that they consist of, the more is saved. Fitted to 3000 blocks of 330
/// photographs: half of them predict the other half to within 0.03.
fn saving_of_rgb(length: f64, likeness: Likeness, price: f64) -> f64 {
    let pairs = likeness.pairs as f64;
    // Those that stand beside one another, as a share of all bytes: many where there are few are chance.
    let together = pairs * pairs / length / (likeness.threes as f64).max(length / 200.0);
    0.33 * together * price.min(4.0) - 0.008
}

/// The same of RGBA with an even alpha. Fitted to 1700 blocks of 200, to within 0.03.
fn saving_of_rgba(length: f64, likeness: Likeness) -> f64 {
    1.9 * likeness.pairs as f64 / length - 0.009
}

/// The same of grey pixels, where neighbours are equal more often than they would be by chance; where that is because most
/// are, runs know.
fn saving_of_grey(length: f64, bytes: &ByteCounts, equal: usize) -> f64 {
    let by_chance: f64 = bytes.iter().map(|&n| (f64::from(n) / length).powi(2)).sum();
    let equal = equal as f64 / length;
    0.68 * (equal - by_chance) - 0.158 * equal - 0.083
}

#[cfg(test)]
mod tests {
    use super::super::block::Block;
    use super::super::counts::count_bytes;
    use super::super::noise;
    use super::super::runs::{Kinds, parse_runs};
    use super::*;

    /// Noise as filtered photographs have it: small differences are the most frequent.
    fn noise(length: usize) -> Vec<u8> {
        let mut number = noise::numbers(1);
        let mut below_8 = || (number() >> 29).to_le_bytes()[0];
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
            let (block, mut runs) = (&text[from..to], Vec::new());
            let likeness = parse_runs(block, pixel, Kinds::Bytes, &mut runs);
            let bits = Block::new(block, &runs).bits;
            let made = promise.made(&text[..to], from, &count_bytes(block), likeness, bits);
            made.is_some()
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
    fn grey_pixels_promise_matches_where_they_stand_beside_one_another() {
        for pixel in [3, 4] {
            // An even alpha leaves zeros.
            let text = |is_grey: fn(usize) -> bool| {
                let noise = noise(30_000);
                let pixels = noise.as_chunks::<3>().0.iter().enumerate();
                let pixels = pixels.map(|(n, &[r, g, b])| match is_grey(n) {
                    true => [r, r, r, 0],
                    false => [r, g, b, 0],
                });
                let bytes = pixels.flat_map(|bytes| bytes.into_iter().take(pixel));
                bytes.collect::<Vec<u8>>()
            };
            assert!(!is_promising_block_of(pixel, &text(|_| false), 0));
            assert!(!is_promising_block_of(pixel, &text(|n| n % 5 == 0), 0));
            assert!(is_promising_block_of(pixel, &text(|n| n % 5 < 3), 0));
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
    fn where_matches_saved_much_a_few_blocks_alike_are_not_compared_with_runs() {
        let text = noise(80_000);
        let (bytes, length) = (count_bytes(&text), text.len());
        let grey = Likeness {
            equal: length / 2,
            threes: length / 4,
            pairs: length / 5,
        };
        let colourful = Likeness {
            threes: length / 20,
            pairs: length / 100,
            ..grey
        };
        let mut promise = Promise::default();
        promise.start(3);
        assert_eq!(promise.kept(&text, 0, grey), None);
        promise.learn(&bytes, length, 100_000, 99_000);
        assert_eq!(promise.kept(&text, 0, grey), None);
        promise.learn(&bytes, length, 100_000, 90_000);
        assert_eq!(promise.kept(&text, 0, colourful), None);
        for _ in 0..UNASKED {
            assert_eq!(promise.kept(&text, 0, grey), Some((Pixels::Grey, &bytes)));
        }
        assert_eq!(promise.kept(&text, 0, grey), None);
        promise.learn(&bytes, length, 100_000, 90_000);
        promise.start(3);
        assert_eq!(promise.kept(&text, 0, grey), None);
    }

    #[test]
    fn nothing_of_a_text_is_left_when_the_next_one_starts() {
        let text = noise(70_000);
        let mut promise = Promise::default();
        promise.start(3);
        promise.made(&text, 0, &count_bytes(&text), Likeness::default(), 0);
        promise.learn(&count_bytes(&text), text.len(), 1000, 10);
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
