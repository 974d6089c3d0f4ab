//! Writes bits, least significant first, as deflate wants them. Knows nothing of codes.

use crate::buffer::zeros;

/// Bytes that are reserved beyond what is asked for: those of 16 strings of 56 bits, and a word behind any of 128.
pub(super) const ROOM: usize = 128 + 8;

/// How far something is written.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// Bits, from the beginning of the room on.
    pub(super) end: u64,
    /// Those of them, the last up to 7, that do not fill a byte; the bits above are zero.
    pub(super) held: u64,
}

/// A bit string under construction; whole bytes are in `bytes[..at]`, the rest in `held`.
#[derive(Default)]
pub(super) struct BitWriter {
    /// Output, longer than what is written by the room that was asked for.
    pub(super) bytes: Vec<u8>,
    /// Bytes of `bytes` that are final.
    pub(super) at: usize,
    /// Bits that do not fill a byte yet; those at and above `held_bits` are zero.
    pub(super) held: u64,
    /// How many bits `held` has, 0..=7 between calls.
    pub(super) held_bits: u32,
}

impl BitWriter {
    /// Starts over with room for so many bytes, most often in the memory that was there; fresh memory is not filled first.
    pub(super) fn restart(&mut self, bytes: usize) {
        if self.bytes.len() < bytes {
            self.bytes = zeros(bytes);
        }
        self.at = 0;
        self.held = 0;
        self.held_bits = 0;
    }

    /// Makes room for `bits` more bits, so that who puts them need not look: behind all of them, `ROOM` bytes are left.
    pub(super) fn reserve_bits(&mut self, bits: u64) {
        let bits = bits.saturating_add(self.held_bits.into());
        let bytes = usize::try_from(bits / 8).unwrap_or(usize::MAX - ROOM) + ROOM;
        let needed = self.at + bytes;
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
    }

    /// Appends the low `count` bits of `bits`, at most 56; the bits above must be zero.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.held |= bits << (self.held_bits & 63);
        self.held_bits += count;
        if let Some(room) = self
            .bytes
            .get_mut(self.at..)
            .and_then(<[u8]>::first_chunk_mut)
        {
            *room = self.held.to_le_bytes();
        }
        self.at += (self.held_bits / 8) as usize;
        self.held >>= self.held_bits & 56;
        self.held_bits &= 7;
    }

    /// Appends 16 strings, each of up to 56 bits and with zeros above; the number of bits stands behind them.
    #[inline(always)]
    pub(super) fn put_sixteen(&mut self, string: impl Fn(usize) -> (u64, u32)) {
        let room = self.bytes.get_mut(self.at..);
        let Some(room) = room.and_then(<[u8]>::first_chunk_mut::<ROOM>) else {
            return;
        };
        let (mut held, mut held_bits, mut at) = (self.held, self.held_bits, 0);
        for number in 0..16 {
            let (bits, count) = string(number);
            held |= bits << (held_bits & 63);
            held_bits += count;
            // Below 128 anyway; so that it need not be checked.
            room[at & 127..][..8].copy_from_slice(&held.to_le_bytes());
            at += (held_bits / 8) as usize;
            held >>= held_bits & 56;
            held_bits &= 7;
        }
        self.at += at;
        (self.held, self.held_bits) = (held, held_bits);
    }

    /// Appends what `write` does, which is told how far the room is written and tells how far it is then, or writes nothing;
    /// returns whether it did.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn put_by(
        &mut self,
        write: impl FnOnce(&mut [u8; ROOM], Tail) -> Option<Tail>,
    ) -> bool {
        let room = self.bytes.get_mut(self.at..);
        let Some(room) = room.and_then(<[u8]>::first_chunk_mut) else {
            return false;
        };
        let tail = Tail {
            end: self.held_bits.into(),
            held: self.held,
        };
        let Some(Tail { end, held }) = write(room, tail) else {
            return false;
        };
        self.at += (end / 8) as usize;
        (self.held, self.held_bits) = (held, (end % 8) as u32);
        true
    }

    /// Fills the last byte with zero bits.
    pub(super) fn align(&mut self) {
        let missing = (8 - self.held_bits) % 8;
        self.reserve_bits(8);
        self.put(0, missing);
    }

    /// Appends whole bytes; the writer must be aligned.
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) {
        self.reserve_bits(8 * bytes.len() as u64);
        self.bytes[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    /// The whole bytes written so far.
    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_room_as_any_writing_takes_is_left_behind_what_was_reserved() {
        for (held, bits) in (0..8).flat_map(|held| (0..100).map(move |bits| (held, bits))) {
            let mut writer = BitWriter::default();
            writer.reserve_bits(0);
            writer.put((1 << held) - 1, held);
            writer.reserve_bits(bits);
            for _ in 0..bits {
                writer.put(1, 1);
            }
            let left = writer.bytes.len() - writer.at;
            assert!(left >= ROOM, "{left} bytes behind {held} and {bits} bits");
        }
    }
}
