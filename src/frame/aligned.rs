//! The memory of frames.

use bytemuck::{cast_slice, cast_slice_mut};

use super::FrameError;

/// The memory of a frame that is done with, for the next one: fresh memory costs as much time as what is done
/// with it.
#[derive(Debug, Default)]
pub struct Spare(AlignedBytes);

/// Bytes that are worth keeping at the most, so that no budget need count them.
const SPARED: usize = 32 << 20;

/// Bytes whose start is aligned for every element type, so that they can be viewed as elements without a copy.
#[derive(Debug, Default)]
pub struct AlignedBytes {
    words: Vec<u64>,
    len: usize,
}

impl AlignedBytes {
    /// `len` zero bytes.
    ///
    /// # Errors
    /// [`FrameError::Memory`], where a plain allocation would abort.
    pub fn zeroed(len: usize) -> Result<Self, FrameError> {
        let count = len.div_ceil(8);
        let mut words = Vec::new();
        words
            .try_reserve_exact(count)
            .map_err(|_| FrameError::Memory { bytes: len })?;
        words.resize(count, 0);
        Ok(Self { words, len })
    }

    /// `len` bytes of any values, in the memory of a frame that is done with where that suffices.
    ///
    /// # Errors
    /// As [`Self::zeroed`].
    pub fn taken_from(spare: &mut Spare, len: usize) -> Result<Self, FrameError> {
        let Self { words, .. } = std::mem::take(&mut spare.0);
        // What is far too large is for others to have.
        let is_enough = words.len() >= len.div_ceil(8) && words.len() / 16 <= len;
        if is_enough {
            Ok(Self { words, len })
        } else {
            drop(words);
            Self::zeroed(len)
        }
    }

    /// A copy of `bytes`.
    ///
    /// # Errors
    /// As [`Self::zeroed`].
    pub fn copied(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut copy = Self::zeroed(bytes.len())?;
        copy.as_mut_slice().copy_from_slice(bytes);
        Ok(copy)
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Leaves the memory to the next frame.
    pub(super) fn leave_to(self, spare: &mut Spare) {
        if self.words.len() * 8 <= SPARED {
            spare.0 = self;
        }
    }

    /// Forgets the bytes from `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &cast_slice(&self.words)[..self.len]
    }

    /// The bytes, to be written.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut cast_slice_mut(&mut self.words)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_left_to_the_next_frame_unless_it_is_too_small_or_far_too_large() {
        let mut spare = Spare::default();
        let place = |bytes: &AlignedBytes| bytes.as_slice().as_ptr();
        let bytes = AlignedBytes::taken_from(&mut spare, 24).unwrap();
        let first = place(&bytes);
        bytes.leave_to(&mut spare);
        let again = AlignedBytes::taken_from(&mut spare, 17).unwrap();
        assert_eq!((place(&again), again.len()), (first, 17));
        spare.0 = again;
        let larger = AlignedBytes::taken_from(&mut spare, 4000).unwrap();
        assert_eq!(larger.as_slice(), [0; 4000]);
        spare.0 = larger;
        assert_eq!(
            AlignedBytes::taken_from(&mut spare, 8).unwrap().words.len(),
            1
        );
    }
}
