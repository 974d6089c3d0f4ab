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
            buffer = with_room(capacity);
        }
        buffer
    }

    /// `length` bytes of any values.
    pub(crate) fn take_filled(&mut self, length: usize) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.0);
        if buffer.capacity() < length {
            buffer = zeros(length);
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

/// An empty buffer with room for `capacity` bytes, if there is so much memory.
pub(crate) fn with_room(capacity: usize) -> Vec<u8> {
    let mut buffer = Vec::new();
    // What cannot be had at once is asked for again when it is needed.
    let _ = buffer.try_reserve_exact(in_huge_pages(capacity));
    ask_for_huge_pages(&mut buffer);
    buffer
}

/// `length` zeros, which cost nothing until they are touched, but for the first huge page of many.
pub(crate) fn zeros(length: usize) -> Vec<u8> {
    let mut buffer = vec![0; in_huge_pages(length)];
    ask_for_huge_pages(&mut buffer);
    buffer.truncate(length);
    buffer
}

/// Bytes from which huge pages are asked for, and those of one on most machines.
const LARGE: usize = 512 << 10;
const HUGE_PAGE: usize = 2 << 20;

/// Bytes that an allocator may put round a buffer, and more.
const ROUND: usize = 64;

/// At least so many bytes; of a large buffer, as many as make whole huge pages with what is round it. Only then does Linux
/// begin its mapping where a huge page does, so that all of it can be in such.
fn in_huge_pages(bytes: usize) -> usize {
    if bytes < LARGE || !cfg!(target_os = "linux") {
        return bytes;
    }
    let whole = bytes
        .checked_add(ROUND)
        .and_then(|bytes| bytes.checked_next_multiple_of(HUGE_PAGE));
    whole.map_or(bytes, |whole| whole - ROUND)
}

/// Asks the system to back a buffer that nothing was written to yet with huge pages, if it is large: each page of 4 KiB
/// that is touched for the first time interrupts the program, which takes a quarter of the time of a picture of
/// 4096 × 4096, and more of smaller ones. Where there are no huge pages, nothing changes; where they are there but switched
/// off for all, the buffer has one at the most.
#[cfg(target_os = "linux")]
fn ask_for_huge_pages(buffer: &mut Vec<u8>) {
    if buffer.capacity() < LARGE {
        return;
    }
    // The first and the last page hold what the allocator notes, too. Without them, the huge pages that they are part of
    // could not be had.
    let before = buffer.as_ptr().addr() % rustix::param::page_size();
    let start = buffer.as_mut_ptr().wrapping_sub(before);
    let length = (before + buffer.capacity()).next_multiple_of(rustix::param::page_size());
    #[expect(
        unsafe_code,
        reason = "a sixth of the time of one picture of 1024 × 1024 is saved, and more of larger ones"
    )]
    // SAFETY: these two pieces of advice change what backs the pages, not what they hold, whoever has a part of them; and
    // all of the pages are mapped, since some of each is the buffer's. Whether it is taken does not matter.
    unsafe {
        libc::madvise(start.cast(), length, libc::MADV_HUGEPAGE);
        // The allocator has written to the first page, so that a huge one does not come by itself there.
        if start.addr().is_multiple_of(HUGE_PAGE) {
            libc::madvise(start.cast(), HUGE_PAGE.min(length), MADV_COLLAPSE);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_: &mut Vec<u8>) {}

/// Makes small pages into a huge one at once; from Linux 6.1 on. `libc` has it for some systems only.
#[cfg(target_os = "linux")]
const MADV_COLLAPSE: libc::c_int = 25;

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

    #[test]
    fn buffers_of_all_sizes_are_zeros_or_empty_and_can_be_written_to() {
        for length in [0, 1, LARGE - 1, LARGE, HUGE_PAGE - ROUND, 3_200_000] {
            let mut buffer = zeros(length);
            assert!(buffer.len() == length && buffer.iter().all(|&byte| byte == 0));
            buffer.fill(7);
            assert!(buffer.iter().all(|&byte| byte == 7));
            let mut room = with_room(length);
            assert!(room.is_empty() && room.capacity() >= length);
            if cfg!(target_os = "linux") && length >= LARGE {
                // Whole huge pages with what the allocator needs, and no more of them than that takes.
                let whole = room.capacity() + ROUND;
                assert!(whole.is_multiple_of(HUGE_PAGE) && whole < length + ROUND + HUGE_PAGE);
                assert_eq!(buffer.capacity(), room.capacity());
            }
            let place = room.as_ptr();
            room.extend_from_slice(&buffer);
            assert!(room == buffer && room.as_ptr() == place);
        }
    }
}
