//! Large buffers: used again from picture to picture, and in huge pages where the system has them. Fresh memory costs as
//! much time as what is done with it.

/// A buffer that is done with, for the next one.
#[derive(Debug, Default)]
pub(crate) struct SpareBuffer(Vec<u8>);

/// Bytes that are worth keeping at the most, so that no budget need count them.
const SPARED: usize = 32 << 20;

impl SpareBuffer {
    /// An empty buffer with room for `capacity` bytes, if there is so much memory.
    pub(crate) fn take(&mut self, capacity: usize) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.0);
        buffer.clear();
        if buffer.capacity() < capacity {
            buffer = Vec::new();
            // What cannot be had at once is asked for again when it is needed.
            let _ = buffer.try_reserve_exact(capacity);
            ask_for_huge_pages(&mut buffer);
        }
        buffer
    }

    /// `length` bytes of any values.
    pub(crate) fn take_filled(&mut self, length: usize) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.0);
        if buffer.capacity() < length {
            // Zeros from the system cost nothing until they are touched.
            buffer = vec![0; length];
            ask_for_huge_pages(&mut buffer);
        }
        buffer.resize(length, 0);
        buffer
    }

    /// Leaves a buffer to the next one, unless it is very large.
    pub(crate) fn leave(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() <= SPARED {
            self.0 = buffer;
        }
    }
}

/// Bytes from which huge pages are asked for: one of most machines.
#[cfg(target_os = "linux")]
const LARGE: usize = 2 << 20;

/// Asks the system to back a buffer that nothing was written to yet with huge pages, if it is large: each page of 4 KiB
/// that is touched for the first time interrupts the program, which takes a quarter of the time of a picture of
/// 4096 × 4096. Where there are no huge pages, nothing changes.
fn ask_for_huge_pages(buffer: &mut Vec<u8>) {
    #[cfg(target_os = "linux")]
    if buffer.capacity() >= LARGE {
        use rustix::mm::{Advice, madvise};
        use rustix::param::page_size;
        let page = page_size();
        let start = buffer.as_mut_ptr();
        let skipped = start.align_offset(page);
        let length = buffer.capacity().saturating_sub(skipped) / page * page;
        #[expect(
            unsafe_code,
            reason = "a quarter of the time of large pictures is saved"
        )]
        // SAFETY: the pages are whole ones of an allocation that is ours alone; the advice changes what backs them,
        // not what they hold.
        let advised = unsafe {
            madvise(
                start.wrapping_add(skipped).cast(),
                length,
                Advice::LinuxHugepage,
            )
        };
        // It is advice.
        let _ = advised;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = buffer;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_is_left_is_used_again_unless_it_is_too_small_or_very_large() {
        let mut spare = SpareBuffer::default();
        let buffer = spare.take_filled(5000);
        let place = buffer.as_ptr();
        spare.leave(buffer);
        let again = spare.take(4000);
        assert!(again.is_empty() && again.as_ptr() == place);
        spare.leave(again);
        assert_eq!(spare.take_filled(6000), [0; 6000]);
        spare.leave(Vec::with_capacity(SPARED + 1));
        assert_eq!(spare.take(0).capacity(), 0);
    }
}
