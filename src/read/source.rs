//! Bytes that can be read at any place: an open file, or memory.

use std::fs::File;
use std::io;
use std::sync::OnceLock;

/// Where an input's bytes are.
#[derive(Debug)]
pub struct Source {
    len: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A file, and its first bytes once they have been asked for: what a file is, and all of a small one, is then
    /// known after one call of the system.
    File(File, OnceLock<Vec<u8>>),
    Memory(Vec<u8>),
}

/// Bytes that are read at once from the start of a file.
const HEAD: u64 = 4096;

impl Source {
    /// A regular file, opened for reading.
    ///
    /// # Errors
    /// If its length cannot be asked for.
    pub fn file(file: File) -> io::Result<Self> {
        Ok(Self {
            len: file.metadata()?.len(),
            place: Place::File(file, OnceLock::new()),
        })
    }

    /// Bytes in memory.
    #[must_use]
    pub fn memory(bytes: Vec<u8>) -> Self {
        Self {
            len: bytes.len() as u64,
            place: Place::Memory(bytes),
        }
    }

    /// How many bytes there are (were, when the file was opened).
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    /// If reading fails or the source ends first; a file may have shrunk since it was opened.
    pub fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.saturating_add(buffer.len() as u64);
        let read = match &self.place {
            Place::File(file, head) if end <= self.len.min(HEAD) => self
                .head(file, head)
                .and_then(|head| copy_from(head, offset, buffer)),
            Place::File(file, _) => read_file_at(file, offset, buffer),
            Place::Memory(bytes) => copy_from(bytes, offset, buffer),
        };
        read.map_err(|error| match error.kind() {
            kind @ io::ErrorKind::UnexpectedEof if end <= self.len => {
                io::Error::new(kind, "it became shorter while it was read")
            }
            _ => error,
        })
    }

    fn head<'a>(&self, file: &File, head: &'a OnceLock<Vec<u8>>) -> io::Result<&'a [u8]> {
        if let Some(head) = head.get() {
            return Ok(head);
        }
        let len = usize::try_from(self.len.min(HEAD)).unwrap_or(0);
        let mut bytes = vec![0; len];
        read_file_at(file, 0, &mut bytes)?;
        Ok(head.get_or_init(|| bytes))
    }

    /// All bytes, if they are no more than `limit`.
    ///
    /// # Errors
    /// If reading fails, there are more, or there is no memory for them.
    pub fn read_whole(&self, limit: u64) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.len).ok().filter(|_| self.len <= limit);
        let len = len.ok_or(io::ErrorKind::FileTooLarge)?;
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(len)
            .map_err(|_| io::ErrorKind::OutOfMemory)?;
        bytes.resize(len, 0);
        self.read_exact_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// The `len` bytes from `offset` on, to be read in order.
    pub(super) fn section(&self, offset: u64, len: u64) -> Section<'_> {
        Section {
            source: self,
            at: offset,
            left: len,
        }
    }

    /// As much of the start as fits `buffer`.
    ///
    /// # Errors
    /// If reading fails.
    pub fn read_head<'a>(&self, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let available = usize::try_from(self.len).unwrap_or(usize::MAX);
        let len = buffer.len().min(available);
        self.read_exact_at(0, &mut buffer[..len])?;
        Ok(&buffer[..len])
    }
}

/// A part of a source that is read in order.
#[derive(Debug)]
pub(super) struct Section<'a> {
    source: &'a Source,
    at: u64,
    left: u64,
}

impl io::Read for Section<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        self.source.read_exact_at(self.at, &mut buffer[..len])?;
        self.at += len as u64;
        self.left -= len as u64;
        Ok(len)
    }
}

/// Fills `buffer` from `offset` of `bytes` on.
fn copy_from(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    let found = usize::try_from(offset)
        .ok()
        .and_then(|start| bytes.get(start..)?.get(..buffer.len()))
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    buffer.copy_from_slice(found);
    Ok(())
}

#[cfg(unix)]
fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buffer = &mut buffer[n..];
                offset += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_becomes_shorter_is_told_from_one_that_was_too_short() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(3 * HEAD).unwrap();
        let source = Source::file(file.reopen().unwrap()).unwrap();
        file.as_file().set_len(2 * HEAD).unwrap();
        let read = |offset| source.read_exact_at(offset, &mut [0; 8]);
        assert!(read(HEAD).is_ok());
        let shorter = read(2 * HEAD + 8).unwrap_err();
        assert_eq!(shorter.to_string(), "it became shorter while it was read");
        assert_eq!(shorter.kind(), io::ErrorKind::UnexpectedEof);
        let beyond = read(3 * HEAD).unwrap_err();
        assert_ne!(beyond.to_string(), shorter.to_string());
    }
}
