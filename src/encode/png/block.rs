//! One deflate block: in which of the three forms, and with which codes. RFC 1951, 3.2.3 to 3.2.7. Which matches to
//! take is decided elsewhere, and how they become bits.

use super::bits::BitWriter;
use super::contents::write_sequences;
use super::costs::Costs;
use super::counts::{Counts, total};
use super::estimate::Estimate;
use super::huffman::{self, Codes};
use super::run_lengths::{RunLengths, extra_bits};
use super::symbols::{DISTANCES, LITERALS, Sequence};

/// Longest code for literals and lengths: one less than deflate's own limit, so that four of
/// them fit in 64 bits behind the up to 7 that wait.
pub(super) const LITERAL_LIMIT: u32 = 14;
/// Longest code for distances.
const DISTANCE_LIMIT: u32 = 15;
/// Longest code for the lengths of codes.
const LENGTH_CODE_LIMIT: u32 = 7;

/// Bits of a match, and of all that comes before a block's contents, at the most.
const MATCH_BITS: u64 = 48;
const LENGTHS_BITS: u64 = 4096;

/// Whether more blocks follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Inner,
    Last,
}

/// A block whose codes are known, so what it will cost as well.
pub(super) struct Block {
    lengths: Lengths,
    form: Form,
    /// Bits of the whole block, to the byte if it is stored.
    pub(super) bits: u64,
    /// Bits that it takes at the most: more only if counts were estimated.
    most: u64,
}

/// Lengths of codes by symbol; 0 for what does not occur.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    pub(super) literals: [u8; 288],
    pub(super) distances: [u8; 32],
}

/// How a block is written.
enum Form {
    Stored,
    Fixed,
    Dynamic(Box<Dynamic>),
}

impl Block {
    /// Chooses form and codes for `data`, of which `sequences` is a parse.
    pub(super) fn new(data: &[u8], sequences: &[Sequence]) -> Self {
        Self::with_counts(data.len(), &Counts::of(data, sequences))
    }

    /// The same where `runs` is a parse into runs, and the `bytes` of `data` have been counted or estimated.
    pub(super) fn of_runs(data: &[u8], bytes: &Estimate, runs: &[Sequence]) -> Self {
        let mut block = Self::with_counts(data.len(), &bytes.of_runs(data, runs));
        if !bytes.is_exact() {
            let contents = u64::from(LITERAL_LIMIT) * data.len() as u64;
            block.most = contents + MATCH_BITS * runs.len() as u64 + LENGTHS_BITS;
        }
        block
    }

    /// The same for data of this length, of whose parse these are the counts.
    pub(super) fn with_counts(length: usize, counts: &Counts) -> Self {
        let (lengths, dynamic) = Dynamic::for_counts(counts);
        let (fixed_bits, stored_bits) = (counts.bits_with(&FIXED), stored_bits(length));
        let is_dynamic = dynamic.bits < fixed_bits;
        let coded_bits = fixed_bits.min(dynamic.bits) + 3;
        let bits = coded_bits.min(stored_bits);
        Self {
            lengths: if is_dynamic { lengths } else { FIXED },
            form: match is_dynamic {
                _ if stored_bits < coded_bits => Form::Stored,
                true => Form::Dynamic(Box::new(dynamic)),
                false => Form::Fixed,
            },
            bits,
            most: bits,
        }
    }

    /// What literals and matches cost in this block.
    pub(super) fn costs(&self) -> Costs {
        Costs::with_codes(&self.lengths)
    }

    /// Appends the block (or, stored, several).
    pub(super) fn write(
        &self,
        writer: &mut BitWriter,
        data: &[u8],
        sequences: &[Sequence],
        position: Position,
    ) {
        match &self.form {
            Form::Stored => return write_stored(writer, data, position),
            Form::Fixed => {
                writer.reserve_bits(self.most);
                writer.put(header(1, position), 3);
            }
            Form::Dynamic(dynamic) => {
                writer.reserve_bits(self.most);
                writer.put(header(2, position), 3);
                dynamic.write_lengths(writer);
            }
        }
        let Lengths {
            literals,
            distances,
        } = &self.lengths;
        let (literals, distances) = (Codes::new(literals), Codes::new(distances));
        write_sequences(writer, data, sequences, &literals, &distances);
    }
}

/// What blocks are put into.
pub(super) trait Sink {
    /// Takes the block of `data`, of which `sequences` is a parse.
    fn take(&mut self, block: &Block, data: &[u8], sequences: &[Sequence], position: Position);
}

impl Sink for BitWriter {
    fn take(&mut self, block: &Block, data: &[u8], sequences: &[Sequence], position: Position) {
        block.write(self, data, sequences, position);
    }
}

/// How many bits blocks would be, to choose among plans: they need not be written for that.
#[derive(Default)]
pub(super) struct Size {
    /// Bytes of the text whose blocks do not count, up to the end of one.
    pub(super) seen: usize,
    pub(super) bits: u64,
}

impl Sink for Size {
    fn take(&mut self, block: &Block, data: &[u8], _: &[Sequence], _: Position) {
        match self.seen.checked_sub(data.len()) {
            Some(seen) => self.seen = seen,
            None => self.bits += block.bits,
        }
    }
}

/// Appends an empty stored block, which ends on a byte boundary.
pub(super) fn write_boundary(writer: &mut BitWriter) {
    write_stored(writer, &[], Position::Inner);
}

/// The three bits that start a block: the final flag, then the form.
fn header(form: u64, position: Position) -> u64 {
    form << 1 | u64::from(position == Position::Last)
}

/// An upper bound for the bits of stored blocks holding `length` bytes.
fn stored_bits(length: usize) -> u64 {
    let blocks = length.div_ceil(STORED_MAX).max(1) as u64;
    8 * length as u64 + 42 * blocks
}

/// Most bytes that one stored block can hold.
const STORED_MAX: usize = 65_535;

fn write_stored(writer: &mut BitWriter, data: &[u8], position: Position) {
    let mut rest = data;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(STORED_MAX));
        let position = if after.is_empty() {
            position
        } else {
            Position::Inner
        };
        writer.reserve_bits(16);
        writer.put(header(0, position), 3);
        writer.align();
        let [low, high, ..] = piece.len().to_le_bytes();
        writer.put_bytes(&[low, high, !low, !high]);
        writer.put_bytes(piece);
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}

/// The lengths of the fixed codes.
const FIXED: Lengths = {
    let mut literals = [8; 288];
    let mut symbol = 144;
    while symbol < 280 {
        literals[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    Lengths {
        literals,
        distances: [5; 32],
    }
};

/// How the lengths of a block's own codes are written.
struct Dynamic {
    /// Lengths that are written for literals, 257..=286, and for distances, 1..=30.
    literals_written: usize,
    distances_written: usize,
    /// The lengths as symbols of the third code with their extra bits.
    run_lengths: RunLengths,
    /// Lengths of the third code, and how many of them are written, 4..=19.
    third_lengths: [u8; 19],
    third_written: usize,
    /// Bits of the whole block after the first three.
    bits: u64,
}

/// The order in which the lengths of the third code are written.
const THIRD_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

impl Dynamic {
    fn for_counts(counts: &Counts) -> (Lengths, Self) {
        let mut lengths = Lengths {
            literals: [0; 288],
            distances: [0; 32],
        };
        let Lengths {
            literals,
            distances,
        } = &mut lengths;
        huffman::code_lengths(&counts.literals, LITERAL_LIMIT, literals);
        huffman::code_lengths(&counts.distances, DISTANCE_LIMIT, distances);
        let literals_written = written(literals, 257);
        let distances_written = written(distances, 1);

        let mut all = [0; LITERALS + DISTANCES];
        let (first, rest) = all.split_at_mut(literals_written);
        first.copy_from_slice(&literals[..literals_written]);
        rest[..distances_written].copy_from_slice(&distances[..distances_written]);
        let run_lengths = RunLengths::of(&all[..literals_written + distances_written]);

        let mut third_lengths = [0; 19];
        huffman::code_lengths(&run_lengths.counts, LENGTH_CODE_LIMIT, &mut third_lengths);
        let third_written = THIRD_ORDER
            .iter()
            .rposition(|&symbol| third_lengths[symbol] > 0)
            .map_or(4, |last| (last + 1).max(4));
        let bits = 14
            + 3 * third_written as u64
            + run_lengths.extra_bits
            + total(&run_lengths.counts, &third_lengths)
            + counts.bits_with(&lengths);
        let dynamic = Self {
            literals_written,
            distances_written,
            run_lengths,
            third_lengths,
            third_written,
            bits,
        };
        (lengths, dynamic)
    }

    fn write_lengths(&self, writer: &mut BitWriter) {
        writer.put(self.literals_written as u64 - 257, 5);
        writer.put(self.distances_written as u64 - 1, 5);
        writer.put(self.third_written as u64 - 4, 4);
        for &symbol in &THIRD_ORDER[..self.third_written] {
            writer.put(u64::from(self.third_lengths[symbol]), 3);
        }
        let codes = Codes::new(&self.third_lengths);
        for &[symbol, extra] in &self.run_lengths.symbols[..self.run_lengths.used] {
            let (pattern, length) = codes.of(symbol.into());
            writer.put(
                pattern | u64::from(extra) << length,
                length + extra_bits(symbol),
            );
        }
    }
}

/// How many of `lengths` must be written, at least `least`: all but the zeros at the end.
fn written(lengths: &[u8], least: usize) -> usize {
    let last = lengths.iter().rposition(|&length| length > 0);
    last.map_or(least, |last| (last + 1).max(least))
}
