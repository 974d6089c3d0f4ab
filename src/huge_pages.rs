//! Memory in huge pages.

/// Bytes from which they are asked for: a huge page of most machines.
#[cfg(target_os = "linux")]
const LARGE: usize = 2 << 20;

/// Asks the system to back a buffer that nothing was written to yet with huge pages, if it is large: each page of 4 KiB
/// that is touched for the first time interrupts the program, which takes a quarter of the time of a picture of
/// 4096 × 4096. Where there are no huge pages, nothing changes.
pub(crate) fn ask_for(buffer: &mut Vec<u8>) {
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
