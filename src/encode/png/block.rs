//! One deflate block: from literals and matches to bits, in the cheapest of the three forms.
//! RFC 1951, 3.2.3 to 3.2.7. Which matches to take is decided elsewhere.

use multiversion::{multiversion, target::match_target};

use super::bits::BitWriter;
use super::counts::{ByteCounts, Counts, total};
use super::huffman::{self, Codes};
use super::run_lengths::{RunLengths, extra_bits};
use super::symbols::{DISTANCES, END, LITERALS, Sequence, distance_symbol, length_symbol};
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Longest code for literals and lengths: one less than deflate's own limit, so that four of
/// them fit in 64 bits behind the up to 7 that wait.
const LITERAL_LIMIT: u32 = 14;
/// Longest code for distances.
const DISTANCE_LIMIT: u32 = 15;
/// Longest code for the lengths of codes.
const LENGTH_CODE_LIMIT: u32 = 7;

/// Whether more blocks follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Inner,
    Last,
}

/// A block whose codes are known, so what it will cost as well.
pub(super) struct Block {
    literals: [u8; 288],
    distances: [u8; 32],
    form: Form,
    /// Bits of the whole block, to the byte if it is stored.
    pub(super) bits: u64,
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

    /// The same where `runs` is a parse into runs, and the `bytes` of `data` have been counted.
    pub(super) fn of_runs(data: &[u8], bytes: &ByteCounts, runs: &[Sequence]) -> Self {
        Self::with_counts(data.len(), &Counts::of_runs(data, bytes, runs))
    }

    fn with_counts(length: usize, counts: &Counts) -> Self {
        let dynamic = Dynamic::for_counts(counts);
        let fixed_bits = counts.bits_with(&FIXED_LITERALS, &FIXED_DISTANCES);
        let stored_bits = stored_bits(length);
        let mut block = Self {
            literals: FIXED_LITERALS,
            distances: FIXED_DISTANCES,
            form: Form::Fixed,
            bits: fixed_bits.min(dynamic.bits) + 3,
        };
        if dynamic.bits < fixed_bits {
            block.literals[LITERALS..].fill(0);
            block.literals[..LITERALS].copy_from_slice(&dynamic.literal_lengths);
            block.distances[DISTANCES..].fill(0);
            block.distances[..DISTANCES].copy_from_slice(&dynamic.distance_lengths);
            block.form = Form::Dynamic(Box::new(dynamic));
        }
        if stored_bits < block.bits {
            block.form = Form::Stored;
            block.bits = stored_bits;
        }
        block
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
                writer.reserve_bits(self.bits);
                writer.put(header(1, position), 3);
            }
            Form::Dynamic(dynamic) => {
                writer.reserve_bits(self.bits);
                writer.put(header(2, position), 3);
                dynamic.write_lengths(writer);
            }
        }
        let (literals, distances) = (Codes::new(&self.literals), Codes::new(&self.distances));
        write_sequences(writer, data, sequences, &literals, &distances);
    }

    /// What literals and matches cost in this block.
    pub(super) fn costs(&self) -> Costs {
        let mut costs = Costs::default();
        let length_of = |length: u8, otherwise: u8| if length == 0 { otherwise } else { length };
        for (cost, &length) in costs.literals.iter_mut().zip(&self.literals) {
            *cost = length_of(length, 12);
        }
        for (length, cost) in (3u16..=258).zip(&mut costs.lengths[3..]) {
            let symbol = length_symbol(length);
            *cost = length_of(self.literals[usize::from(symbol.symbol)], 9) + symbol.extra_bits;
        }
        for (symbol, cost) in costs.distances.iter_mut().enumerate() {
            *cost = length_of(self.distances[symbol], 7) + distance_extra_bits(symbol);
        }
        costs
    }
}

/// What literals and matches are expected to cost, in bits.
#[derive(Clone)]
pub(super) struct Costs {
    /// By byte.
    pub(super) literals: [u8; 256],
    /// By length, extra bits included.
    pub(super) lengths: [u8; 259],
    /// By symbol, extra bits included.
    pub(super) distances: [u8; 30],
}

/// Extra bits of a symbol for distances.
fn distance_extra_bits(symbol: usize) -> u8 {
    (symbol / 2).saturating_sub(1).to_le_bytes()[0]
}

impl Default for Costs {
    /// Before anything is known.
    fn default() -> Self {
        let mut costs = Self {
            literals: [7; 256],
            lengths: [0; 259],
            distances: [0; 30],
        };
        for (length, cost) in (3u16..=258).zip(&mut costs.lengths[3..]) {
            *cost = 7 + length_symbol(length).extra_bits;
        }
        for (symbol, cost) in costs.distances.iter_mut().enumerate() {
            *cost = 5 + distance_extra_bits(symbol);
        }
        costs
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

/// The lengths of the fixed code for literals.
static FIXED_LITERALS: [u8; 288] = {
    let mut lengths = [8; 288];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lengths
};
/// The lengths of the fixed code for distances.
static FIXED_DISTANCES: [u8; 32] = [5; 32];

/// The lengths of a block's own codes, and how they are written.
struct Dynamic {
    literal_lengths: [u8; LITERALS],
    distance_lengths: [u8; DISTANCES],
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
    fn for_counts(counts: &Counts) -> Self {
        let mut literal_lengths = [0; LITERALS];
        let mut distance_lengths = [0; DISTANCES];
        huffman::code_lengths(&counts.literals, LITERAL_LIMIT, &mut literal_lengths);
        huffman::code_lengths(&counts.distances, DISTANCE_LIMIT, &mut distance_lengths);
        let literals_written = written(&literal_lengths, 257);
        let distances_written = written(&distance_lengths, 1);

        let mut all = [0; LITERALS + DISTANCES];
        let (first, rest) = all.split_at_mut(literals_written);
        first.copy_from_slice(&literal_lengths[..literals_written]);
        rest[..distances_written].copy_from_slice(&distance_lengths[..distances_written]);
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
            + counts.bits_with(&literal_lengths, &distance_lengths);
        Self {
            literal_lengths,
            distance_lengths,
            literals_written,
            distances_written,
            run_lengths,
            third_lengths,
            third_written,
            bits,
        }
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

/// Appends the contents of a block and its end; the room must have been reserved.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512vbmi+bmi1+bmi2",
    "x86_64+avx2+bmi1+bmi2"
))]
fn write_sequences(
    writer: &mut BitWriter,
    data: &[u8],
    sequences: &[Sequence],
    literals: &Codes<288>,
    distances: &Codes<32>,
) {
    // A copy, so that its fields can live in registers.
    let bytes = std::mem::take(&mut writer.bytes);
    let mut out = BitWriter { bytes, ..*writer };
    let codes = match_target! {
        "x86_64+avx512f+avx512bw+avx512vbmi+bmi1+bmi2" => {
            vectors::LiteralTables::new(&literals.patterns, &literals.lengths)
        }
        _ => literals,
    };
    let mut at = 0;
    for sequence in sequences {
        let end = at + sequence.literals as usize;
        let (chunks, rest) = data[at..end].as_chunks::<64>();
        for chunk in chunks {
            match_target! {
                "x86_64+avx512f+avx512bw+avx512vbmi+bmi1+bmi2" => {
                    let (fours, lengths) = vectors::bits_of_fours(&codes, chunk);
                    out.put_sixteen(|n| (fours[n % 2][n / 2], lengths[n]));
                }
                _ => {
                    // Each byte is loaded by itself, which costs less than to shift it out of a word.
                    let byte = |at: usize| chunk[at & 63];
                    out.put_sixteen(|n| codes.of_four([0, 1, 2, 3].map(|k| byte(4 * n + k))));
                }
            }
        }
        let rest = write_fours(&mut out, rest, literals);
        let (mut bits, mut count) = last_literals(rest, literals);
        at = end + usize::from(sequence.length);
        if sequence.length > 0 {
            let (pattern, length) = match_bits(sequence, literals, distances);
            // With the last literals at once, unless the codes are longer than usual.
            if count + length > 56 {
                out.put(bits, count);
                (bits, count) = (0, 0);
            }
            bits |= pattern << (count & 63);
            count += length;
        }
        out.put(bits, count);
    }
    let (pattern, length) = literals.of(END);
    out.put(pattern, length);
    *writer = out;
}

/// Appends the literals but for the last, at most three, which it gives back.
#[inline(always)]
fn write_fours<'a>(out: &mut BitWriter, bytes: &'a [u8], codes: &Codes<288>) -> &'a [u8] {
    let (fours, rest) = bytes.as_chunks::<4>();
    for &four in fours {
        let (bits, count) = codes.of_four(four);
        out.put(bits, count);
    }
    rest
}

/// The bits of up to three literals and how many these are, found without a branch, since nobody can foresee how
/// many are left.
#[inline(always)]
fn last_literals(bytes: &[u8], codes: &Codes<288>) -> (u64, u32) {
    let (mut bits, mut count) = (0, 0);
    for n in 0..3 {
        let byte = bytes.get(n).copied();
        let (pattern, length) = codes.of(byte.unwrap_or(0).into());
        let is_there = byte.is_some();
        bits |= (pattern * u64::from(is_there)) << count;
        count += length * u32::from(is_there);
    }
    (bits, count)
}

/// The bits of a match and how many these are, at most 47: the codes of its length and distance with their extra bits.
#[inline(always)]
fn match_bits(found: &Sequence, literals: &Codes<288>, distances: &Codes<32>) -> (u64, u32) {
    let (length, distance) = (length_symbol(found.length), distance_symbol(found.distance));
    let (mut bits, mut count) = literals.of(length.symbol.into());
    bits |= u64::from(length.extra) << count;
    count += u32::from(length.extra_bits);
    let (pattern, pattern_length) = distances.of(distance.symbol.into());
    bits |= pattern << count;
    count += pattern_length;
    bits |= u64::from(distance.extra) << count;
    (bits, count + u32::from(distance.extra_bits))
}

impl<const N: usize> Codes<N> {
    /// Pattern and length for `symbol`, which must be below N.
    #[inline(always)]
    fn of(&self, symbol: usize) -> (u64, u32) {
        (self.patterns[symbol], self.lengths[symbol])
    }
}

impl Codes<288> {
    /// Pattern and length of four literals after each other.
    #[inline(always)]
    fn of_four(&self, [b0, b1, b2, b3]: [u8; 4]) -> (u64, u32) {
        let (low, low_length) = self.of_both(b0, b1);
        let (high, high_length) = self.of_both(b2, b3);
        (low | high << (low_length & 63), low_length + high_length)
    }

    /// Pattern and length of two literals after each other.
    #[inline(always)]
    fn of_both(&self, first: u8, second: u8) -> (u64, u32) {
        let (first, second) = (usize::from(first), usize::from(second));
        let length = self.lengths[first];
        let pattern = self.patterns[first] | self.patterns[second] << (length & 63);
        (pattern, length + self.lengths[second])
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn literals_in_vectors_are_the_bits_of_single_ones() {
        if !is_x86_feature_detected!("avx512vbmi") {
            return;
        }
        // Frequencies that make codes of all lengths up to the limit.
        let mut frequencies = [0; 288];
        for (byte, frequency) in frequencies[..256].iter_mut().enumerate() {
            *frequency = 1 << (byte.count_zeros() * 3).min(24);
        }
        let mut lengths = [0; 288];
        huffman::code_lengths(&frequencies, LITERAL_LIMIT, &mut lengths);
        let codes = Codes::new(&lengths);
        let tables = vectors::LiteralTables::new(&codes.patterns, &codes.lengths);
        let bytes: Vec<u8> = (0..6400u32).map(|i| (i * i / 3).to_le_bytes()[0]).collect();
        let (mut plain, mut vector) = (BitWriter::default(), BitWriter::default());
        for writer in [&mut plain, &mut vector] {
            writer.reserve_bits(14 * 6400 + 3);
            writer.put(5, 3);
        }
        let rest = write_fours(&mut plain, &bytes, &codes);
        assert!(rest.is_empty());
        for chunk in bytes.as_chunks().0 {
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: it has it.
            let (fours, lengths) = unsafe { vectors::bits_of_fours(&tables, chunk) };
            vector.put_sixteen(|n| (fours[n % 2][n / 2], lengths[n]));
        }
        assert_eq!(vector.held, plain.held);
        assert!(vector.written() == plain.written());
    }
}
