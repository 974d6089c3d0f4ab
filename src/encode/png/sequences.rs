//! Parses under construction.

use super::matches::common_prefix;
use super::symbols::{MAX_MATCH, MIN_MATCH, Sequence};

/// Appends literals, and a match behind them unless its length is 0.
#[inline(always)]
pub(super) fn push(sequences: &mut Vec<Sequence>, literals: usize, length: usize, distance: usize) {
    let (mut literals, most) = (literals, u32::MAX as usize);
    while literals > most {
        sequences.push(Sequence {
            literals: u32::MAX,
            length: 0,
            distance: 0,
        });
        literals -= most;
    }
    sequences.push(Sequence {
        literals: u32::try_from(literals).unwrap_or(u32::MAX),
        length: u16::try_from(length).unwrap_or(0),
        distance: u16::try_from(distance).unwrap_or(0),
    });
}

/// The same for a match of any length, at least the shortest, cut such that no part is shorter than deflate allows.
pub(super) fn push_long(
    sequences: &mut Vec<Sequence>,
    literals: usize,
    length: usize,
    distance: usize,
) {
    let (mut literals, mut left) = (literals, length);
    while left > 0 {
        let part = match left - left.min(MAX_MATCH) {
            1 | 2 => MAX_MATCH - MIN_MATCH,
            _ => left.min(MAX_MATCH),
        };
        push(sequences, literals, part, distance);
        literals = 0;
        left -= part;
    }
}

/// The parse of a part of a text into literals and the matches that are taken, of which there may be longer ones than
/// deflate allows.
pub(super) struct Parsing<'a> {
    text: &'a [u8],
    sequences: &'a mut Vec<Sequence>,
    /// All before this place is parsed.
    pub(super) done: usize,
    /// Distance of the last match; 0 where there is none.
    last: usize,
}

/// Bytes that come again where a match goes on behind the end of a block.
const GOING_ON: usize = 16;

impl<'a> Parsing<'a> {
    /// Begins at this place of the text, where the match at distance `last` that the part before ended with may go on, if
    /// that is not 0.
    pub(super) fn begin(
        text: &'a [u8],
        from: usize,
        last: usize,
        sequences: &'a mut Vec<Sequence>,
    ) -> Self {
        sequences.clear();
        let mut parsing = Self {
            text,
            sequences,
            done: from,
            last,
        };
        let bytes = |at: usize| text[at..].first_chunk::<GOING_ON>();
        if (1..=from).contains(&last)
            && bytes(from).is_some_and(|next| bytes(from - last) == Some(next))
        {
            parsing.go_on();
        }
        parsing
    }

    /// Takes the match at this place, which is not parsed yet: `length` bytes, at most the greatest length, equal those
    /// `distance` before them; and what equals before it, and behind it if it has the greatest length.
    #[inline(always)]
    pub(super) fn take(&mut self, at: usize, length: usize, distance: usize) {
        let before = common_suffix(self.text, at, at - distance)
            .min(at - self.done)
            .min(MAX_MATCH - length);
        let (start, length) = (at - before, length + before);
        push(self.sequences, start - self.done, length, distance);
        self.done = start + length;
        self.last = distance;
        if length == MAX_MATCH {
            self.go_on();
        }
    }

    /// Goes on with the last match, in as many of the greatest length as it takes, none of them shorter than deflate allows.
    fn go_on(&mut self) {
        let (rest, earlier) = (&self.text[self.done..], &self.text[self.done - self.last..]);
        let length = common_prefix(rest, earlier);
        if length >= MIN_MATCH {
            push_long(self.sequences, 0, length, self.last);
            self.done += length;
        }
    }

    /// Ends at the end of the text; returns the distance of the last match.
    pub(super) fn end(self) -> usize {
        if self.done < self.text.len() || self.sequences.is_empty() {
            push(self.sequences, self.text.len() - self.done, 0, 0);
        }
        self.last
    }
}

/// How many bytes before `x` equal those before `y`, which is before `x`; eight at the most.
#[inline(always)]
fn common_suffix(text: &[u8], x: usize, y: usize) -> usize {
    let before = |at: usize| {
        text[..at]
            .last_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    if y < 8 {
        return 0;
    }
    (before(x) ^ before(y)).leading_zeros() as usize / 8
}
