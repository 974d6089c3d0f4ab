//! Where an array's elements are: in the source as they are, or deflated in a zip entry.

use std::sync::{Arc, Mutex};

use super::zip::{Checksum, Entry};
use super::{ReadError, Source};

/// Where the first element of an array is. All bytes that its strides reach are there, or are claimed by an
/// entry that is checked when it is inflated.
#[derive(Debug)]
pub(super) enum Place {
    /// In the source, so many bytes from its start.
    At(u64),
    /// Stored in a zip entry, whose checksum is compared where all of it is read.
    Stored {
        entry: Entry,
        /// Where the entry's bytes begin.
        start: u64,
        /// Bytes of the entry in front of the array.
        header: usize,
    },
    /// Deflated in a zip entry.
    Deflated(Deflated),
}

/// A deflated array. It is inflated when its first picture is wanted, shared by the threads that make its
/// pictures, and dropped with the last of them: each entry is inflated once, and an input whose pictures are
/// made in order keeps about one array per thread.
#[derive(Debug)]
pub(super) struct Deflated {
    entry: Entry,
    /// Bytes of the entry in front of the array.
    header: usize,
    state: Mutex<Inflated>,
}

#[derive(Debug, Default)]
struct Inflated {
    bytes: Option<Arc<Vec<u8>>>,
    /// How many pictures were taken out of them.
    taken: usize,
}

impl Place {
    /// Fills `buffer` with the array's bytes from byte `at` on, for one of its `frames` pictures.
    pub(super) fn read(
        &self,
        source: &Source,
        at: u64,
        buffer: &mut [u8],
        frames: usize,
    ) -> Result<(), ReadError> {
        match self {
            Self::At(offset) => source.read_exact_at(offset + at, buffer)?,
            Self::Stored {
                entry,
                start,
                header,
            } => {
                source.read_exact_at(start + *header as u64 + at, buffer)?;
                if at == 0 && (header + buffer.len()) as u64 == entry.size {
                    let mut front = vec![0; *header];
                    source.read_exact_at(*start, &mut front)?;
                    let mut crc = crc32fast::Hasher::new();
                    crc.update(&front);
                    crc.update(buffer);
                    entry.check(crc.finalize())?;
                }
            }
            Self::Deflated(deflated) => {
                let bytes = deflated.inflate(source, frames)?;
                let found = usize::try_from(at)
                    .ok()
                    .and_then(|at| bytes.get(deflated.header + at..)?.get(..buffer.len()))
                    .ok_or(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?;
                buffer.copy_from_slice(found);
            }
        }
        Ok(())
    }

    /// Whether parts of a picture can be read one by one: a checksum is only compared where all is read.
    pub(super) fn is_readable_in_pieces(&self) -> bool {
        matches!(self, Self::At(_))
    }

    /// Bytes that are held in memory while pictures of the array are made, beside each picture's own.
    pub(super) fn resident_bytes(&self) -> u64 {
        match self {
            Self::At(_) | Self::Stored { .. } => 0,
            Self::Deflated(deflated) => deflated.entry.size,
        }
    }
}

impl Deflated {
    pub(super) fn new(entry: Entry, header: usize) -> Self {
        Self {
            entry,
            header,
            state: Mutex::default(),
        }
    }

    fn inflate(&self, source: &Source, frames: usize) -> Result<Arc<Vec<u8>>, ReadError> {
        // Who comes second needs the same bytes, so it waits for them.
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let bytes = match &state.bytes {
            Some(bytes) => Arc::clone(bytes),
            None => Arc::new(self.entry.read_whole(
                source,
                // The caller has compared the size with its own limit.
                self.entry.size,
                Checksum::Checked,
            )?),
        };
        state.taken += 1;
        if state.taken < frames {
            state.bytes = Some(Arc::clone(&bytes));
        } else {
            *state = Inflated::default();
        }
        Ok(bytes)
    }
}
