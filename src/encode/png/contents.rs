//! The contents of a deflate block: literals and matches become bits. RFC 1951, 3.2.3 and 3.2.5. A quarter of the time of a
//! photograph is spent here.

use multiversion::{multiversion, target::match_target};

use super::bits::BitWriter;
use super::huffman::Codes;
use super::symbols::{END, Sequence, distance_symbol, length_symbol};
#[cfg(target_arch = "x86_64")]
use super::vectors;

/// Appends the contents of a block and its end; the room must have been reserved.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512vbmi+avx512vbmi2+bmi1+bmi2+popcnt",
    "x86_64+avx2+bmi1+bmi2"
))]
pub(super) fn write_sequences(
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
        "x86_64+avx512f+avx512bw+avx512vbmi+avx512vbmi2+bmi1+bmi2+popcnt" => {
            vectors::LiteralTables::new(&literals.patterns, &literals.lengths)
        }
        _ => literals,
    };
    let mut at = 0;
    for sequence in sequences {
        let end = at + sequence.literals as usize;
        let (chunks, rest) = data[at..end].as_chunks::<64>();
        match_target! {
            "x86_64+avx512f+avx512bw+avx512vbmi+avx512vbmi2+bmi1+bmi2+popcnt" => {
                if !chunks.is_empty() {
                    write_chunks(&mut out, chunks, &codes);
                }
            }
            _ => {
                for chunk in chunks {
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

/// Appends literals, in vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,popcnt")]
fn write_chunks(writer: &mut BitWriter, chunks: &[[u8; 64]], codes: &vectors::LiteralTables) {
    let bytes = std::mem::take(&mut writer.bytes);
    let mut out = BitWriter { bytes, ..*writer };
    for chunk in chunks {
        let fours = vectors::bits_of_fours(codes, chunk);
        if !out.put_by(|room, tail| vectors::write_fours(&fours, room, tail)) {
            out.put_sixteen(|n| fours.nth(n));
        }
    }
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
    use super::super::block::LITERAL_LIMIT;
    use super::super::huffman;
    use super::*;

    /// Appends the literals one way and the other, after a few bits; returns how often the vector's was too short.
    fn write_both(codes: &Codes<288>, bytes: &[u8]) -> usize {
        let tables = vectors::LiteralTables::new(&codes.patterns, &codes.lengths);
        let (mut plain, mut vector) = (BitWriter::default(), BitWriter::default());
        for writer in [&mut plain, &mut vector] {
            writer.reserve_bits(14 * bytes.len() as u64 + 3);
            writer.put(5, 3);
        }
        let rest = write_fours(&mut plain, bytes, codes);
        assert!(rest.is_empty());
        let mut short = 0;
        for chunk in bytes.as_chunks().0 {
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: it has it.
            let is_written = unsafe {
                let fours = vectors::bits_of_fours(&tables, chunk);
                let is_written =
                    vector.put_by(|room, tail| vectors::write_fours(&fours, room, tail));
                if !is_written {
                    vector.put_sixteen(|n| fours.nth(n));
                }
                is_written
            };
            short += usize::from(!is_written);
        }
        assert_eq!(
            (vector.held, vector.held_bits),
            (plain.held, plain.held_bits)
        );
        assert!(vector.written() == plain.written());
        short
    }

    #[test]
    fn literals_in_vectors_are_the_bits_of_single_ones() {
        if !is_x86_feature_detected!("avx512vbmi2") {
            return;
        }
        let bytes: Vec<u8> = (0..6400u32).map(|i| (i * i / 3).to_le_bytes()[0]).collect();
        let small = bytes.iter().map(|byte| byte / 4).collect::<Vec<_>>();
        let signed = small.iter().map(|byte| byte.wrapping_sub(32)).collect();
        let rarely_large = (0..).zip(&small).map(|(i, &byte)| match i % 200 {
            77 => byte * 4,
            _ => byte % 3,
        });
        let texts = [bytes, signed, rarely_large.collect(), small];
        // Codes of all lengths up to the limit, of one length, and of one bit for most literals; so eights are shorter and
        // longer than a word, and fours shorter than a byte.
        let codes: [fn(usize) -> u32; 4] = [
            |byte| 1 << (byte.count_zeros() % 9 * 3).min(24),
            |_| 1,
            |byte| if byte == 0 { 1 << 20 } else { 1 },
            |byte| 1 << (20 - 2 * byte.min(256 - byte).min(10)),
        ];
        let mut short = Vec::new();
        for frequency in codes {
            let mut frequencies = [0; 288];
            for (byte, n) in frequencies[..256].iter_mut().enumerate() {
                *n = frequency(byte);
            }
            let mut lengths = [0; 288];
            huffman::code_lengths(&frequencies, LITERAL_LIMIT, &mut lengths);
            let codes = Codes::new(&lengths);
            short.extend(texts.iter().map(|bytes| write_both(&codes, bytes)));
        }
        assert!(short.iter().any(|&short| short > 0));
        assert!(short.iter().filter(|&&short| short == 0).count() > texts.len());
    }
}
