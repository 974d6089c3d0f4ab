//! The Huffman codes of the standard's Annex K, as files state them and as writing needs them.

use super::quant::Kind;

/// A Huffman code as a DHT segment states it.
pub(super) struct Spec {
    /// How many codes there are of 1, 2, ... 16 bits.
    pub(super) lengths: [u8; 16],
    /// What the codes stand for, shortest code first.
    pub(super) symbols: &'static [u8],
}

/// A code word with room below for the bits that follow it, and how long both are together.
///
/// The length is in the lower 5 bits. Above them is the code word shifted left by the size of
/// what follows, with the bit flipped that [`marked`] sets: an exclusive or puts both together.
pub(super) type Word = u32;

/// The codes of one kind of component.
pub(super) struct Codes {
    /// Differences of means: symbols are the sizes 0 to 11.
    pub(super) dc: Spec,
    /// Runs and sizes: symbols are `run << 4 | size`.
    pub(super) ac: Spec,
    /// By [`place`] of the symbol.
    pub(super) dc_words: [Word; 16],
    /// By [`place`] of the symbol.
    pub(super) ac_words: [Word; 256],
}

/// The place in a table of words of "nothing but zeros from here on".
pub(super) const END: usize = place(0x00);
/// The place in a table of words of "sixteen zeros, and more to come".
pub(super) const SIXTEEN_ZEROS: usize = place(0xf0);

/// Where the word for a symbol is: by run, then by leading zeros of a marked value.
const fn place(symbol: usize) -> usize {
    symbol & 0xf0 | (15 - (symbol & 0x0f))
}

impl Codes {
    /// The codes that a kind of component is written with.
    pub(super) const fn of(kind: Kind) -> &'static Self {
        match kind {
            Kind::Luma => &LUMA,
            Kind::Chroma => &CHROMA,
        }
    }

    const fn new(dc: Spec, ac: Spec) -> Self {
        Self {
            dc_words: words(&dc),
            ac_words: words(&ac),
            dc,
            ac,
        }
    }
}

/// Words by the place of their symbol. Codes are as the standard's Annex C derives them: counting
/// up within a length, doubling from one length to the next.
const fn words<const PLACES: usize>(spec: &Spec) -> [Word; PLACES] {
    let mut words = [0; PLACES];
    let (mut code, mut length, mut first) = (0, 1, 0);
    while length <= 16 {
        let end = first + spec.lengths[length as usize - 1] as usize;
        while first < end {
            let symbol = spec.symbols[first];
            let size = symbol as Word % 16;
            let word = (code << size) ^ (1 << size);
            words[place(symbol as usize)] = word << 5 | (length + size);
            code += 1;
            first += 1;
        }
        code <<= 1;
        length += 1;
    }
    words
}

/// The bits that follow a size's code, with a one above them that marks the size: the value's own
/// bits, or those of one less if it is negative. Values take up to 11 bits and a sign.
#[inline(always)]
pub(super) fn marked(value: i16) -> u32 {
    MARKED[usize::from(value.cast_unsigned() % 4096)].into()
}

/// [`marked`] values by their lowest 12 bits: a look-up costs less than the arithmetic.
static MARKED: [u16; 4096] = {
    let mut table = [1; 4096];
    let mut magnitude = 1_u16;
    while magnitude < 2048 {
        let mark = 2 << magnitude.ilog2();
        table[magnitude as usize] = mark | magnitude;
        table[4096 - magnitude as usize] = mark | (mark - 1 - magnitude);
        magnitude += 1;
    }
    table
};

static LUMA: Codes = Codes::new(
    Spec {
        lengths: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
        symbols: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    },
    Spec {
        lengths: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
        symbols: &[
            0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51,
            0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1,
            0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18,
            0x19, 0x1a, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39,
            0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57,
            0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75,
            0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92,
            0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
            0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
            0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8,
            0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2,
            0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
        ],
    },
);

static CHROMA: Codes = Codes::new(
    Spec {
        lengths: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
        symbols: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    },
    Spec {
        lengths: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
        symbols: &[
            0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07,
            0x61, 0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09,
            0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25,
            0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38,
            0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56,
            0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74,
            0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
            0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
            0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba,
            0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6,
            0xd7, 0xd8, 0xd9, 0xda, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2,
            0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
        ],
    },
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_standards_tables() {
        // Run, size, code and its length, from tables K.5 and K.6.
        let codes = [
            (Kind::Luma, 0x00_u8, 0b1010, 4),
            (Kind::Luma, 0x01, 0b00, 2),
            (Kind::Luma, 0xf0, 0b111_1111_1001, 11),
            (Kind::Luma, 0xfa, 0xfffe, 16),
            (Kind::Chroma, 0x00, 0b00, 2),
            (Kind::Chroma, 0x11, 0b1011, 4),
            (Kind::Chroma, 0xfa, 0xfffe, 16),
        ];
        for (kind, symbol, code, length) in codes {
            let size = u32::from(symbol) % 16;
            let word = Codes::of(kind).ac_words[place(symbol.into())];
            assert_eq!(word & 31, length + size, "{kind:?} {symbol:#x}");
            assert_eq!(
                (word >> 5) ^ (1 << size),
                code << size,
                "{kind:?} {symbol:#x}"
            );
        }
    }

    #[test]
    fn negative_values_have_the_bits_of_one_less_below_the_mark() {
        assert_eq!([0, 1, -1].map(marked), [0b1, 0b11, 0b10]);
        assert_eq!([5, -5].map(marked), [0b1101, 0b1010]);
        assert_eq!([2047, -2047].map(marked), [0xfff, 0x800]);
    }
}
