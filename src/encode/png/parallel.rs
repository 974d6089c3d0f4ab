//! One picture on several threads: bands are compressed in any order and put together in theirs, while others are still
//! compressed.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::threads::at_once;

use super::bits::BitWriter;
use super::block::Position;
use super::{Color, Effort, File, PngError, band, band_count, nth_band, rows_of};

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
    let mut zeros = Vec::new();
    let rows = rows_of(samples, width, height, color, &mut zeros)?;
    let count = band_count(&rows);
    let next = AtomicUsize::new(0);
    let assembly = Mutex::new(Assembly {
        heard: out.len(),
        file: File::begin(out, width, height, color),
        appended,
    });
    let finished = Mutex::new(Finished::default());
    let work = || {
        let mut scratch = band::Scratch::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let (part, position) = nth_band(&rows, number);
            let checksum = band::compress(&part, effort, position, &mut scratch);
            let waiting = {
                let mut finished = lock(&finished);
                let spare = finished.spare.pop().unwrap_or_default();
                let band = Band {
                    position,
                    checksum,
                    length: part.filtered_len(),
                    data: scratch.exchange_writer(spare),
                };
                finished.waiting.insert(number, band);
                finished.waiting.len()
            };
            // Whoever finds another at it leaves its band to that one, or to whoever comes next, unless many bands wait
            // already: noise is compressed faster than it is put together, and would all be in memory twice.
            if waiting > MOST_WAITING {
                lock(&assembly).take(&finished);
            } else if let Ok(mut assembly) = assembly.try_lock() {
                assembly.take(&finished);
            }
        }
    };
    let count = NonZero::new(count).unwrap_or(NonZero::<usize>::MIN);
    at_once(threads.min(count), work, work);
    let mut assembly = lock(&assembly);
    assembly.take(&finished);
    assembly.file.end();
    assembly.tell();
    Ok(())
}

/// Bands that wait for those before them, at the most, but for one of each thread.
const MOST_WAITING: usize = 8;

/// Bands that wait for those before them, by number, and the memory of others, to be used again.
#[derive(Default)]
struct Finished {
    waiting: HashMap<usize, Band>,
    spare: Vec<BitWriter>,
}

/// A band, compressed.
struct Band {
    position: Position,
    /// Of the filtered rows, and how many bytes these are.
    checksum: u32,
    length: usize,
    data: BitWriter,
}

/// The file, as far as its bands are there in order.
struct Assembly<'a, F> {
    file: File<'a>,
    appended: F,
    /// How much of the buffer it was given, or was there before.
    heard: usize,
}

impl<F: FnMut(&[u8])> Assembly<'_, F> {
    /// Appends the bands that are finished, up to the first that is not.
    fn take(&mut self, finished: &Mutex<Finished>) {
        loop {
            let band = lock(finished).waiting.remove(&self.file.next);
            let Some(band) = band else { return };
            let data = band.data.written();
            self.file
                .append(band.position, data, band.checksum, band.length);
            lock(finished).spare.push(band.data);
            self.tell();
        }
    }

    fn tell(&mut self) {
        (self.appended)(&self.file.out[self.heard..]);
        self.heard = self.file.out.len();
    }
}

/// A thread that panics ends the whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
