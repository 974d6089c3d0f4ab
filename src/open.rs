//! Opening inputs: nothing that could block for ever or have no end.

use std::fs::{self, File};
use std::io::{self, Read};

use crate::input::Place;
use crate::read::Source;

/// Why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system says no.
    #[error("cannot be opened")]
    Io(#[from] io::Error),
    /// Something that may have no end, or that blocks.
    #[error("is {what}, not a regular file")]
    NotRegular {
        /// What it is.
        what: &'static str,
    },
    /// W&B's own words.
    #[error(
        "Image media created by a reference to external storage cannot currently be added to a run"
    )]
    Url,
    /// More on standard input than one picture may take.
    #[error("standard input holds more than the {limit} bytes allowed")]
    LongStdin {
        /// The limit.
        limit: u64,
    },
}

/// What was seen a moment ago of what is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// A regular file.
    RegularFile,
}

/// Opens what an input's bytes come from; at most `limit` bytes of standard input.
///
/// # Errors
/// [`OpenError`] if it is not there, or not a regular file.
pub fn open(place: &Place, seen: Seen, limit: u64) -> Result<Source, OpenError> {
    match place {
        Place::Url => Err(OpenError::Url),
        Place::File(path) if seen == Seen::RegularFile => Ok(Source::file(File::open(path)?)?),
        Place::File(path) => {
            let kind = fs::metadata(path)?.file_type();
            if !kind.is_file() {
                return Err(OpenError::NotRegular {
                    what: describe(kind),
                });
            }
            Ok(Source::file(File::open(path)?)?)
        }
        Place::Stdin => {
            let mut bytes = Vec::new();
            let stdin = io::stdin().lock();
            stdin
                .take(limit.saturating_add(1))
                .read_to_end(&mut bytes)?;
            if bytes.len() as u64 > limit {
                return Err(OpenError::LongStdin { limit });
            }
            Ok(Source::memory(bytes))
        }
    }
}

#[cfg(unix)]
fn describe(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn describe(kind: fs::FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else {
        "a device"
    }
}
