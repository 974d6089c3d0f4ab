//! The contents of a deflate block: literals and matches become bits. RFC 1951, 3.2.3 and 3.2.5. A quarter of the time of a
//! photograph is spent here.

use multiversion::{multiversion, target::match_target};

use super::bits::BitWriter;
#[cfg(target_arch = "x86_64")]
use super::code_vectors::LiteralTables;
use super::huffman::Codes;
use super::symbols::{END, Sequence, distance_symbol, length_symbol};

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
            LiteralTables::new(&literals.patterns, &literals.lengths)
        }
        _ => literals,
    };
    let mut at = 0;
    for sequence in sequences {
        let end = at + sequence.literals as usize;
        let behind = match sequence.length {
            0 => (0, 0),
            _ => match_bits(sequence, literals, distances),
        };
        match_target! {
            "x86_64+avx512f+avx512bw+avx512vbmi+avx512vbmi2+bmi1+bmi2+popcnt" => {
                if sequence.literals >= MANY {
                    write_many(&mut out, &data[at..], end - at, behind, &codes);
                } else {
                    write_few(&mut out, &data[at..end], behind, literals);
                }
            }
            _ => write_few(&mut out, &data[at..end], behind, codes),
        }
        at = end + usize::from(sequence.length);
    }
    let (pattern, length) = literals.of(END);
    out.put(pattern, length);
    *writer = out;
}

/// From so many literals on, to write them in vectors is faster.
#[cfg(target_arch = "x86_64")]
const MANY: u32 = 16;

/// Appends so many literals from the beginning of the data, and the bits of what is behind them, in vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,popcnt")]
fn write_many(
    writer: &mut BitWriter,
    data: &[u8],
    literals: usize,
    behind: (u64, u32),
    tables: &LiteralTables,
) {
    let bytes = std::mem::take(&mut writer.bytes);
    let mut out = BitWriter { bytes, ..*writer };
    let before_last = (literals - 1) / 64;
    let (chunks, _) = data[..literals].as_chunks();
    for chunk in &chunks[..before_last] {
        let fours = tables.fours(chunk, u64::MAX);
        if !out.put_by(|room, tail| fours.write((0, 0), 7, room, tail)) {
            out.put_sixteen(|n| fours.nth(n));
        }
    }
    let rest = &data[64 * before_last..];
    let mut copy = [0; 64];
    let chunk = rest.first_chunk().unwrap_or_else(|| {
        // At the end of a block.
        copy[..rest.len()].copy_from_slice(rest);
        &copy
    });
    let literals = literals - 64 * before_last;
    let fours = tables.fours(chunk, u64::MAX >> (64 - literals));
    let last = (literals - 1) / 8;
    if !out.put_by(|room, tail| fours.write(behind, last, room, tail)) {
        out.put_sixteen(|n| fours.nth(n));
        out.put(behind.0, behind.1);
    }
    *writer = out;
}

/// Appends literals, and the bits of what is behind them.
#[inline(always)]
fn write_few(out: &mut BitWriter, bytes: &[u8], behind: (u64, u32), codes: &Codes<288>) {
    let (chunks, rest) = bytes.as_chunks::<64>();
    for chunk in chunks {
        // Each byte is loaded by itself, which costs less than to shift it out of a word.
        let byte = |at: usize| chunk[at & 63];
        out.put_sixteen(|n| codes.of_four([0, 1, 2, 3].map(|k| byte(4 * n + k))));
    }
    let (fours, rest) = rest.as_chunks::<4>();
    for &four in fours {
        let (bits, count) = codes.of_four(four);
        out.put(bits, count);
    }
    let (mut bits, mut count) = last_literals(rest, codes);
    // At once, unless the codes are longer than usual.
    if count + behind.1 > 56 {
        out.put(bits, count);
        (bits, count) = (0, 0);
    }
    out.put(bits | behind.0 << (count & 63), count + behind.1);
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
    use super::super::bits::{ROOM, Tail};
    use super::super::block::LITERAL_LIMIT;
    use super::super::huffman;
    use super::*;

    /// Appends the first so many literals one way and the other, after a few bits and with others behind them.
    fn write_both(codes: &Codes<288>, data: &[u8], literals: usize, behind: (u64, u32)) {
        let tables = LiteralTables::new(&codes.patterns, &codes.lengths);
        let (mut plain, mut vector) = (BitWriter::default(), BitWriter::default());
        for writer in [&mut plain, &mut vector] {
            writer.reserve_bits(3);
            writer.put(5, 3);
            writer.reserve_bits(14 * literals as u64 + 47);
        }
        write_few(&mut plain, &data[..literals], behind, codes);
        #[expect(unsafe_code, reason = "to call what the processor is known to have")]
        // SAFETY: it has it.
        unsafe {
            write_many(&mut vector, data, literals, behind, &tables);
        }
        let [of_plain, of_vector] = [plain, vector].map(|writer| {
            let held = (writer.held, writer.held_bits);
            (writer.written().to_vec(), held)
        });
        assert!(of_vector == of_plain, "{literals} literals, {behind:?}");
    }

    /// How many of the texts' chunks are too short, or too long, for vectors.
    fn refused(codes: &Codes<288>, data: &[u8]) -> usize {
        let tables = LiteralTables::new(&codes.patterns, &codes.lengths);
        let are_written = data.as_chunks().0.iter().map(|chunk| {
            let tail = Tail { end: 3, held: 5 };
            #[expect(unsafe_code, reason = "to call what the processor is known to have")]
            // SAFETY: it has it.
            unsafe {
                tables
                    .fours(chunk, u64::MAX)
                    .write((0, 0), 7, &mut [0; ROOM], tail)
            }
            .is_some()
        });
        are_written.filter(|is_written| !is_written).count()
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
        let by_fours = (0..).zip(&bytes).map(|(i, byte)| match i % 8 {
            0..4 => byte | 64,
            _ => 0,
        });
        let by_fours = by_fours.collect();
        let texts = [bytes, signed, rarely_large.collect(), small, by_fours];
        // Codes of all lengths up to the limit, of one length, and of one bit for most literals; so eights are shorter and
        // longer than a word, and of the latter some end with less than a byte.
        let codes: [fn(usize) -> u32; 4] = [
            |byte| 1 << (byte.count_zeros() % 9 * 3).min(24),
            |_| 1,
            |byte| if byte == 0 { 1 << 20 } else { 1 },
            |byte| 1 << (20 - 2 * byte.min(256 - byte).min(10)),
        ];
        let mut refusals = Vec::new();
        for frequency in codes {
            let mut frequencies = [0; 288];
            for (byte, n) in frequencies[..256].iter_mut().enumerate() {
                *n = frequency(byte);
            }
            let mut lengths = [0; 288];
            huffman::code_lengths(&frequencies, LITERAL_LIMIT, &mut lengths);
            let codes = Codes::new(&lengths);
            for text in &texts {
                refusals.push(refused(&codes, text));
                for literals in (1..=130).chain([6399, 6400]) {
                    // Nothing, what is shorter than a byte, and a match.
                    for behind in [(0, 0), (0x1f, 5), (0x5555_5555_5555, 47)] {
                        write_both(&codes, text, literals, behind);
                    }
                }
            }
        }
        assert!(refusals.iter().any(|&refused| refused > 0));
        assert!(refusals.iter().filter(|&&refused| refused == 0).count() > texts.len());
    }
}
