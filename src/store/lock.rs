//! The lock on an output directory: an advisory lock of the operating system on a file in it, which is gone
//! with the process that held it, however that ended.
//!
//! The file holds the [`Seal`]: what manifest, history and config looked like when they were last written
//! together. While they still look so, a row can be added without reading them as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::stamp::Stamp;
use super::{StoreError, names};

/// The file that the lock is on.
pub(super) const FILE: &str = ".wbimg-lock";

/// Held while rows are merged.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// Three files that follow from the same rows, as they were left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    files: [Stamp; 3],
    /// Whether some list goes on under a second key.
    pub(super) long_lists: bool,
}

impl Seal {
    fn now(root: &Path, long_lists: bool) -> Option<Self> {
        let stamp = |name| {
            let metadata = fs::symlink_metadata(root.join(name)).ok()?;
            metadata.is_file().then(|| Stamp::of(&metadata))
        };
        Some(Self {
            files: [
                stamp(names::MANIFEST)?,
                stamp(names::HISTORY)?,
                stamp(names::CONFIG)?,
            ],
            long_lists,
        })
    }
}

impl Lock {
    /// Waits for the lock of the directory `root`.
    pub(super) fn take(root: &Path) -> Result<Self, StoreError> {
        let path = root.join(FILE);
        let file = open(&path)?;
        file.lock().map_err(StoreError::io("lock", &path))?;
        Ok(Self { file })
    }

    /// The seal, if nothing was changed since.
    pub(super) fn seal(&self, root: &Path) -> Option<Seal> {
        let mut text = Vec::new();
        (&self.file).rewind().ok()?;
        (&self.file).take(1 << 12).read_to_end(&mut text).ok()?;
        let seal: Seal = serde_json::from_slice(&text).ok()?;
        (Seal::now(root, seal.long_lists)? == seal).then_some(seal)
    }

    /// Takes the seal off, before the first of the files is replaced: it is broken, not cut off, since some file systems
    /// (ext4) take a file that was emptied to the disk as soon as it is closed.
    pub(super) fn unseal(&self) -> io::Result<()> {
        match self.file.metadata()?.len() {
            0 => Ok(()),
            _ => self.write(b"-"),
        }
    }

    /// Writes over the beginning of the file.
    fn write(&self, text: &[u8]) -> io::Result<()> {
        (&self.file).rewind()?;
        (&self.file).write_all(text)
    }

    /// Seals the files as they are. Without a seal things are slow, but right.
    pub(super) fn set_seal(&self, root: &Path, long_lists: bool) {
        let text = Seal::now(root, long_lists).and_then(|seal| serde_json::to_vec(&seal).ok());
        if let Some(text) = text {
            // With what was behind it, it is no seal.
            let written = self.write(&text);
            let _ = written.and_then(|()| self.file.set_len(text.len() as u64));
        }
    }
}

/// A file for a lock to be on, made if it is missing; no link is followed.
pub(crate) fn open(path: &Path) -> Result<File, StoreError> {
    let file = open_lock_file(path).map_err(StoreError::io("write", path))?;
    file.ok_or_else(|| StoreError::Link {
        path: path.to_owned(),
    })
}

/// Opens the lock file, making it if it is missing; `None` for a link, which is not followed.
fn open_lock_file(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.clone().create_new(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        opened => return opened.map(Some),
    }
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    options.open(path).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_until_it_is_broken_or_a_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [names::MANIFEST, names::HISTORY, names::CONFIG] {
            fs::write(root.join(name), "{}\n").unwrap();
        }
        let lock = Lock::take(root).unwrap();
        assert!(lock.seal(root).is_none());
        lock.unseal().unwrap();
        assert_eq!(fs::read(root.join(FILE)).unwrap(), b"");
        // Over something longer, too.
        fs::write(root.join(FILE), [b'x'; 1000]).unwrap();
        for long_lists in [false, true, false] {
            lock.set_seal(root, long_lists);
            assert_eq!(
                lock.seal(root).map(|seal| seal.long_lists),
                Some(long_lists)
            );
            lock.unseal().unwrap();
            assert!(lock.seal(root).is_none());
            lock.unseal().unwrap();
        }
        lock.set_seal(root, false);
        fs::write(root.join(names::HISTORY), "{ }\n").unwrap();
        assert!(lock.seal(root).is_none());
    }
}
