//! Entropy coding: quantised coefficients to bits, bits to bytes.

use memchr::memchr_iter;

use super::codes::{Codes, END, SIXTEEN_ZEROS, Word, marked};
use super::dct::{BLOCKS, Block};

/// The most bytes that a block takes: 22 bits for the mean, 26 for every other coefficient.
const LONGEST: usize = (22 + 63 * 26_usize).div_ceil(8);

/// The most bytes that one stripe's blocks take, as one less than a power of two.
const MOST_BYTES: usize = (6 * BLOCKS * LONGEST).next_power_of_two() - 1;

/// Room for the bits of one stripe's blocks, and for what a store of eight bytes writes beyond.
pub(super) type Packed = [u8; MOST_BYTES + 8];

/// What is left to put of a block.
struct Values {
    /// A bit for each value that is not zero, in zigzag order.
    rest: u64,
    /// The place of the value before these.
    last: u32,
}

/// Where bits are being packed, most significant first.
///
/// The bytes are not in here, so that loops can keep a copy of this in registers.
#[derive(Clone, Copy)]
pub(super) struct Bits {
    /// The bits that do not make a byte yet, in the low end, below some that are packed already.
    pending: u64,
    /// How many these are: 0 to 7 between blocks.
    count: u32,
    /// Bytes that are complete.
    length: usize,
}

impl Bits {
    /// No bits yet.
    pub(super) const NONE: Self = Self {
        pending: 0,
        count: 0,
        length: 0,
    };

    /// Puts a block, the mean as its difference from that of the block before.
    ///
    /// Two values and the end take 56 bits at most, so what is pending is packed after every
    /// second value only.
    #[inline(always)]
    pub(super) fn put_block(
        &mut self,
        block: &Block,
        codes: &Codes,
        mean: &mut i16,
        packed: &mut Packed,
    ) {
        let first = block.coefficients[0];
        self.add_value(first - *mean, &codes.dc_words, 0);
        *mean = first;

        let mut values = Values {
            rest: block.nonzero & !1,
            last: 0,
        };
        while values.rest != 0 {
            self.add_next(&mut values, block, codes, packed);
            self.store(packed);
            if values.rest == 0 {
                break;
            }
            self.add_next(&mut values, block, codes, packed);
        }
        if values.last < 63 {
            self.add(codes.ac_words[END], 1);
        }
        self.store(packed);
    }

    /// Puts a block beyond the picture's edge: the mean of the block before, and nothing else.
    #[inline(always)]
    pub(super) fn put_dummy(&mut self, codes: &Codes, packed: &mut Packed) {
        self.add_value(0, &codes.dc_words, 0);
        self.add(codes.ac_words[END], 1);
        self.store(packed);
    }

    /// Adds the next value that is not zero.
    #[inline(always)]
    fn add_next(&mut self, values: &mut Values, block: &Block, codes: &Codes, packed: &mut Packed) {
        let k = values.rest.trailing_zeros();
        values.rest &= values.rest - 1;
        let mut run = k - values.last - 1;
        values.last = k;
        while run >= 16 {
            self.store(packed);
            self.add(codes.ac_words[SIXTEEN_ZEROS], 1);
            self.store(packed);
            run -= 16;
        }
        self.add_value(block.coefficients[k as usize % 64], &codes.ac_words, run);
    }

    /// Adds a value after `run` zeros.
    #[inline(always)]
    fn add_value(&mut self, value: i16, words: &[Word], run: u32) {
        let marked = marked(value);
        let zeros = marked.leading_zeros() % 16;
        self.add(words[((run << 4) | zeros) as usize], marked);
    }

    /// Adds a code word and the bits that follow it to what is pending: up to 22 for the mean, up
    /// to 26 for another value.
    #[inline(always)]
    fn add(&mut self, word: Word, marked: u32) {
        let length = word & 31;
        self.pending = self.pending << length | u64::from(word >> 5 ^ marked);
        self.count += length;
    }

    /// Packs the complete bytes of what is pending, 64 bits at most.
    ///
    /// Storing by the clock costs less than guessing wrongly when a store is due.
    #[inline(always)]
    fn store(&mut self, packed: &mut Packed) {
        debug_assert!(self.count <= 64, "{} bits", self.count);
        // There is always room, which the compiler does not know.
        let start = self.length % (MOST_BYTES + 1);
        let bits = self.pending.wrapping_shl(64 - self.count);
        packed[start..][..8].copy_from_slice(&bits.to_be_bytes());
        self.length = start + self.count as usize / 8;
        self.count %= 8;
    }

    /// Moves the complete bytes to the end of `out`.
    pub(super) fn drain(&mut self, packed: &Packed, out: &mut Vec<u8>) {
        write_stuffed(&packed[..self.length], out);
        self.length = 0;
    }

    /// Writes the last bits, filled up to a whole byte with ones.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        if self.count > 0 {
            let bits = self.pending << (64 - self.count) | u64::MAX >> self.count;
            let [byte, ..] = bits.to_be_bytes();
            write_stuffed(&[byte], out);
        }
    }
}

/// Writes bytes, each 0xFF with a zero after it, so that it is not taken for a marker.
fn write_stuffed(bytes: &[u8], out: &mut Vec<u8>) {
    let mut start = 0;
    for place in memchr_iter(0xff, bytes) {
        out.extend_from_slice(&bytes[start..=place]);
        out.push(0);
        start = place + 1;
    }
    out.extend_from_slice(&bytes[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_follows_each_byte_of_ones_wherever_it_is() {
        for place in 0..19 {
            let mut packed = [0xfe; size_of::<Packed>()];
            packed[place] = 0xff;
            let mut bits = Bits {
                length: 19,
                ..Bits::NONE
            };
            let mut out = Vec::new();
            bits.drain(&packed, &mut out);
            assert_eq!(out.len(), 20);
            assert_eq!(out[place..place + 2], [0xff, 0x00]);
            assert_eq!(bits.length, 0);
        }
    }

    #[test]
    fn the_last_byte_is_filled_with_ones() {
        let mut out = Vec::new();
        let bits = |pending, count| Bits {
            pending,
            count,
            length: 0,
        };
        bits(0, 0).finish(&mut out);
        bits(0b100, 3).finish(&mut out);
        bits(0b11, 2).finish(&mut out);
        assert_eq!(out, [0b1001_1111, 0xff, 0x00]);
    }
}
