//! The codes of literals in vector instructions: those of up to 64, and of the match behind them, are looked up, put
//! together and written at once. Bytes come in and go out as arrays; [`multiversion`] calls this only where the processor
//! has what it needs.

use core::arch::x86_64::*;

use bytemuck::cast;

use super::bits::{ROOM, Tail};

/// The codes of the 256 literals in tables that registers hold: lengths, and patterns by byte.
pub(super) struct LiteralTables {
    lengths: [[u8; 64]; 4],
    low: [[u8; 64]; 4],
    high: [[u8; 64]; 4],
}

impl LiteralTables {
    /// Takes patterns of at most 16 bits and their lengths, of the bytes first of all. Made in the function that writes
    /// literals, they would be moved through its registers.
    #[inline(never)]
    pub(super) fn new(patterns: &[u64; 288], lengths: &[u32; 288]) -> Self {
        let mut tables = Self {
            lengths: [[0; 64]; 4],
            low: [[0; 64]; 4],
            high: [[0; 64]; 4],
        };
        let Self {
            lengths: to_lengths,
            low,
            high,
        } = &mut tables;
        for (entry, length) in to_lengths.as_flattened_mut().iter_mut().zip(lengths) {
            *entry = length.to_le_bytes()[0];
        }
        let entries = low
            .as_flattened_mut()
            .iter_mut()
            .zip(high.as_flattened_mut());
        for ((low, high), pattern) in entries.zip(patterns) {
            [*low, *high, ..] = pattern.to_le_bytes();
        }
        tables
    }

    /// The bit strings of those of 64 bytes that are literals, of which a bit tells for each. Their codes have at most 14 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn fours(&self, bytes: &[u8; 64], are_literals: u64) -> Fours {
        let bytes: __m512i = cast(*bytes);
        // Differences are small for the most part, and then the middle of the tables need not be looked at.
        let is_small = _mm512_movepi8_mask(_mm512_add_epi8(bytes, _mm512_set1_epi8(64))) == 0;
        // In closures, these calls would not always become part of the loop, which takes 1.6 times as long then.
        let Self { lengths, low, high } = self;
        let [lengths, low, high] = if is_small {
            [
                look_up_small(lengths, bytes),
                look_up_small(low, bytes),
                look_up_small(high, bytes),
            ]
        } else {
            let is_upper = _mm512_movepi8_mask(bytes);
            [
                look_up(lengths, bytes, is_upper),
                look_up(low, bytes, is_upper),
                look_up(high, bytes, is_upper),
            ]
        };
        let [lengths, low, high] =
            [lengths, low, high].map(|entries| _mm512_maskz_mov_epi8(are_literals, entries));
        // Literals of pairs, 16 bits each.
        let low_byte = _mm512_set1_epi16(0xff);
        let first = _mm512_or_si512(
            _mm512_and_si512(low, low_byte),
            _mm512_slli_epi16::<8>(high),
        );
        let second = _mm512_or_si512(
            _mm512_srli_epi16::<8>(low),
            _mm512_andnot_si512(low_byte, high),
        );
        let first_length = _mm512_and_si512(lengths, low_byte);
        let pair_length = _mm512_add_epi16(first_length, _mm512_srli_epi16::<8>(lengths));
        // Pairs of fours, 32 bits each.
        let low_half = |x| _mm512_and_si512(x, _mm512_set1_epi32(0xffff));
        let high_half = |x| _mm512_srli_epi32::<16>(x);
        let join = |x, y, length| _mm512_or_si512(x, _mm512_sllv_epi32(y, length));
        let front = join(low_half(first), low_half(second), low_half(first_length));
        let back = join(high_half(first), high_half(second), high_half(first_length));
        let front_length = low_half(pair_length);
        let four_length = _mm512_add_epi32(front_length, high_half(pair_length));
        // Fours, 64 bits each.
        let low_half = |x| _mm512_and_si512(x, _mm512_set1_epi64(0xffff_ffff));
        let high_half = |x| _mm512_srli_epi64::<32>(x);
        let join = |x, y, length| _mm512_or_si512(x, _mm512_sllv_epi64(y, length));
        let even = join(low_half(front), low_half(back), low_half(front_length));
        let odd = join(high_half(front), high_half(back), high_half(front_length));
        Fours {
            even: cast(even),
            odd: cast(odd),
            lengths: cast(four_length),
        }
    }
}

/// Each byte's entry, of which those from 128 on are `is_upper`. Of the bytes, the lower seven bits count.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up(table: &[[u8; 64]; 4], bytes: __m512i, is_upper: __mmask64) -> __m512i {
    let [a, b, c, d] = table;
    let lower = _mm512_permutex2var_epi8(cast(*a), bytes, cast(*b));
    let upper = _mm512_permutex2var_epi8(cast(*c), bytes, cast(*d));
    _mm512_mask_mov_epi8(lower, is_upper, upper)
}

/// The same where no byte is among 64..192.
#[inline]
#[target_feature(enable = "avx512f,avx512vbmi")]
fn look_up_small(table: &[[u8; 64]; 4], bytes: __m512i) -> __m512i {
    let [a, .., d] = table;
    _mm512_permutex2var_epi8(cast(*a), bytes, cast(*d))
}

/// The bit strings of eight lanes of eight literals, four each.
pub(super) struct Fours {
    /// Those of the first four, the third, and so on.
    even: [u64; 8],
    odd: [u64; 8],
    /// How many bits each has, in order.
    lengths: [u32; 16],
}

impl Fours {
    /// One of them, and how many bits it has.
    #[inline(always)]
    pub(super) fn nth(&self, n: usize) -> (u64, u32) {
        let strings = if n.is_multiple_of(2) {
            &self.even
        } else {
            &self.odd
        };
        (strings[n / 2], self.lengths[n])
    }

    /// The first of each lane, and the second.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn strings(&self) -> [Strings; 2] {
        let lengths = cast(self.lengths);
        [
            Strings {
                bits: cast(self.even),
                lengths: _mm512_and_si512(lengths, _mm512_set1_epi64(0xffff_ffff)),
            },
            Strings {
                bits: cast(self.odd),
                lengths: _mm512_srli_epi64::<32>(lengths),
            },
        ]
    }

    /// Writes all of them, and the bits of what is behind them, at once: each lane as one string if that is short enough,
    /// else as two. Lanes behind the `last` are empty. `None`, and nothing is written, if a lane's last string is longer than
    /// 56 bits or shorter than a byte.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    pub(super) fn write(
        &self,
        (bits, length): (u64, u32),
        last: usize,
        room: &mut [u8; ROOM],
        tail: Tail,
    ) -> Option<Tail> {
        let [front, odd] = self.strings();
        let is_last = 1 << last;
        let back = odd.before(Strings {
            bits: _mm512_maskz_set1_epi64(is_last, bits.cast_signed()),
            lengths: _mm512_maskz_set1_epi64(is_last, i64::from(length)),
        });
        let whole = front.before(back);
        let most = _mm512_set1_epi64(56);
        let is_long = _mm512_cmpgt_epu64_mask(whole.lengths, most);
        // Where a lane is two strings, the second.
        let ends = whole.or(is_long, back);
        let is_too_long = _mm512_cmpgt_epu64_mask(ends.lengths, most);
        let is_used = _mm512_test_epi64_mask(whole.lengths, whole.lengths);
        let is_short = _mm512_mask_cmplt_epu64_mask(is_used, ends.lengths, _mm512_set1_epi64(8));
        if is_short != 0 || is_too_long != 0 {
            return None;
        }
        let end = sums(whole.lengths, tail.end);
        let held = _mm512_set1_epi64(tail.held.cast_signed());
        let words = Words::new(ends, _mm512_sub_epi64(end, ends.lengths));
        // Each ends a byte that others began.
        let rest = words.rest();
        let rest_before = _mm512_alignr_epi64::<7>(rest, held);
        if is_long == 0 {
            let (bytes, _) = words.behind(rest_before).joined();
            room[..64].copy_from_slice(&bytes);
        } else {
            let firsts = front.only(is_long);
            let firsts =
                Words::new(firsts, _mm512_sub_epi64(end, whole.lengths)).behind(rest_before);
            let words = words.behind(firsts.rest());
            let mut at = 0;
            for order in [[0, 8, 1, 9, 2, 10, 3, 11], [4, 12, 5, 13, 6, 14, 7, 15]] {
                let order = cast::<[u64; 8], __m512i>(order);
                let in_order = |first, second| _mm512_permutex2var_epi64(first, order, second);
                let words = Words {
                    words: in_order(firsts.words, words.words),
                    whole: in_order(firsts.whole, words.whole),
                };
                let (bytes, count) = words.joined();
                // At most 56 anyway; so that it need not be checked.
                room[at & 63..][..64].copy_from_slice(&bytes);
                at += count;
            }
        }
        let (ends, rests): ([u64; 8], [u64; 8]) = (cast(end), cast(rest));
        Some(Tail {
            end: ends[7],
            held: rests[last & 7],
        })
    }
}

/// Strings and their lengths, one in each lane.
#[derive(Clone, Copy)]
struct Strings {
    bits: __m512i,
    lengths: __m512i,
}

impl Strings {
    /// Each with another behind it.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn before(self, other: Self) -> Self {
        let shifted = _mm512_sllv_epi64(other.bits, self.lengths);
        Self {
            bits: _mm512_or_si512(self.bits, shifted),
            lengths: _mm512_add_epi64(self.lengths, other.lengths),
        }
    }

    /// Others instead of some of them.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn or(self, is_other: __mmask8, other: Self) -> Self {
        Self {
            bits: _mm512_mask_mov_epi64(self.bits, is_other, other.bits),
            lengths: _mm512_mask_mov_epi64(self.lengths, is_other, other.lengths),
        }
    }

    /// Empty ones instead of the others.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn only(self, is_kept: __mmask8) -> Self {
        Self {
            bits: _mm512_maskz_mov_epi64(is_kept, self.bits),
            lengths: _mm512_maskz_mov_epi64(is_kept, self.lengths),
        }
    }
}

/// Strings of at most 56 bits as words, each of which begins in the byte that the last ends in.
#[derive(Clone, Copy)]
struct Words {
    words: __m512i,
    /// The bits of their whole bytes, which are final.
    whole: __m512i,
}

impl Words {
    /// Strings that begin at these bits.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(strings: Strings, start: __m512i) -> Self {
        let shift = _mm512_and_si512(start, _mm512_set1_epi64(7));
        let end = _mm512_add_epi64(shift, strings.lengths);
        Self {
            words: _mm512_sllv_epi64(strings.bits, shift),
            whole: _mm512_and_si512(end, _mm512_set1_epi64(56)),
        }
    }

    /// With what is left of the byte that each begins in.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn behind(self, rest: __m512i) -> Self {
        let words = _mm512_or_si512(self.words, rest);
        Self { words, ..self }
    }

    /// What is behind the last whole byte of each.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn rest(self) -> __m512i {
        _mm512_srlv_epi64(self.words, self.whole)
    }

    /// The whole bytes, at most 56, one after another, and how many these are.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    fn joined(self) -> ([u8; 64], usize) {
        let others = _mm512_sub_epi64(_mm512_set1_epi64(64), self.whole);
        let is_whole = _mm512_movepi8_mask(_mm512_srlv_epi64(_mm512_set1_epi64(-1), others));
        let bytes = _mm512_maskz_compress_epi8(is_whole, self.words);
        (cast(bytes), is_whole.count_ones() as usize)
    }
}

/// The sums of all up to each, and `start`.
#[inline]
#[target_feature(enable = "avx512f")]
fn sums(lengths: __m512i, start: u64) -> __m512i {
    let zero = _mm512_setzero_si512();
    let sum = _mm512_add_epi64(lengths, _mm512_alignr_epi64::<7>(lengths, zero));
    let sum = _mm512_add_epi64(sum, _mm512_alignr_epi64::<6>(sum, zero));
    let sum = _mm512_add_epi64(sum, _mm512_alignr_epi64::<4>(sum, zero));
    _mm512_add_epi64(sum, _mm512_set1_epi64(start.cast_signed()))
}
