//! One picture on several threads: bands are compressed in any order and put together in theirs, while others are still
//! compressed.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::block::Position;
use super::pixels::Rows;
use super::{
    Color, Effort, PngError, adler_of_both, band, band_count, chunk, nth_band, row_bytes,
    write_band, write_head,
};

/// Appends the picture as a PNG file to `out`, byte for byte as `encode` does, sharing the work among up to `threads`
/// threads; `appended` is given each part as soon as it is there. Pays from a few megabytes of samples on.
///
/// # Errors
/// As `encode`.
#[expect(clippy::too_many_arguments, reason = "those of `encode`, and one more")]
pub fn encode_parallel(
    samples: &[u8],
    width: u32,
    height: u32,
    color: Color<'_>,
    effort: Effort,
    threads: NonZero<usize>,
    out: &mut Vec<u8>,
    appended: impl FnMut(&[u8]) + Send,
) -> Result<(), PngError> {
    let row = row_bytes(samples, width, height, color)?;
    let zeros = vec![0; row];
    let rows = Rows {
        samples,
        above: &zeros,
        row,
        pixel: color.bytes_per_pixel(),
    };
    let begin = out.len();
    write_head(out, width, height, color);
    let count = band_count(&rows);
    let next = AtomicUsize::new(0);
    let assembly = Mutex::new(Assembly {
        heard: begin,
        out,
        appended,
        next: 0,
        checksum: 1,
    });
    let finished = Mutex::new(HashMap::new());
    let work = || {
        let mut scratch = band::Scratch::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let (part, position) = nth_band(&rows, number);
            let checksum = band::compress(&part, effort, position, &mut scratch);
            let band = Band {
                position,
                checksum,
                length: part.filtered_len(),
                data: scratch.written().to_vec(),
            };
            lock(&finished).insert(number, band);
            // Whoever finds another at it leaves its band to that one, or to whoever comes next.
            if let Ok(mut assembly) = assembly.try_lock() {
                assembly.take(&finished);
            }
        }
    };
    std::thread::scope(|scope| {
        let others = 1..threads.get().min(count);
        let others: Vec<_> = others.map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let mut assembly = lock(&assembly);
    assembly.take(&finished);
    chunk(assembly.out, b"IEND", &[&[]]);
    assembly.tell();
    Ok(())
}

/// A band that waits for those before it.
struct Band {
    position: Position,
    /// Of the filtered rows, and how many bytes these are.
    checksum: u32,
    length: usize,
    data: Vec<u8>,
}

/// The file, as far as its bands are there in order.
struct Assembly<'a, F> {
    out: &'a mut Vec<u8>,
    appended: F,
    /// How much of `out` it was given.
    heard: usize,
    /// The next band.
    next: usize,
    checksum: u32,
}

impl<F: FnMut(&[u8])> Assembly<'_, F> {
    /// Appends the bands that are finished, up to the first that is not.
    fn take(&mut self, finished: &Mutex<HashMap<usize, Band>>) {
        loop {
            let band = lock(finished).remove(&self.next);
            let Some(band) = band else { return };
            self.checksum = adler_of_both(self.checksum, band.checksum, band.length);
            write_band(
                self.out,
                self.next,
                band.position,
                &band.data,
                self.checksum,
            );
            self.next += 1;
            self.tell();
        }
    }

    fn tell(&mut self) {
        (self.appended)(&self.out[self.heard..]);
        self.heard = self.out.len();
    }
}

/// A thread that panics ends the whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
