//! Files that appear whole or not at all: written under a temporary name in their own folder, then renamed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::names::HIDDEN;
use super::{StoreError, lock};

/// Publishes a file whose name says what is in it: nothing to do where it is already there.
pub(super) fn publish_once(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    if holds(path, bytes)? {
        Ok(())
    } else {
        publish(path, bytes)
    }
}

/// Replaces a file whole; leaves it alone where nothing changes.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    publish_once(path, bytes)
}

fn publish(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let temporary = temporary_beside(path);
    let written = write_new(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(StoreError::io("write", path));
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Mode 0666 less the umask; fails if the name is taken, and so never follows a link.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    if file.metadata()?.len() == bytes.len() as u64 {
        Ok(())
    } else {
        Err(io::Error::other(
            "the file system kept fewer bytes than were written",
        ))
    }
}

/// Whether a regular file with exactly these bytes is at `path`.
fn holds(path: &Path, bytes: &[u8]) -> Result<bool, StoreError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(StoreError::io("look at", path)(e)),
    };
    if metadata.is_dir() {
        return Err(StoreError::InTheWay {
            path: path.to_owned(),
            expected: "a file",
        });
    }
    if !metadata.is_file() || metadata.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut found = Vec::with_capacity(bytes.len());
    let read = File::open(path).and_then(|file| file.take(metadata.len()).read_to_end(&mut found));
    Ok(read.is_ok() && found == bytes)
}

/// The bytes of a regular file, or nothing where there is none.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(StoreError::Link {
            path: path.to_owned(),
        }),
        Ok(metadata) if !metadata.is_file() => Err(StoreError::InTheWay {
            path: path.to_owned(),
            expected: "a file",
        }),
        Ok(_) => fs::read(path)
            .map(Some)
            .map_err(StoreError::io("read", path)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path)(e)),
    }
}

/// Makes a folder inside the output directory, where nothing else, and no link, may stand.
pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    match fs::create_dir(path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            let metadata = fs::symlink_metadata(path).map_err(StoreError::io("look at", path))?;
            if metadata.is_symlink() {
                Err(StoreError::Link {
                    path: path.to_owned(),
                })
            } else if metadata.is_dir() {
                Ok(())
            } else {
                Err(StoreError::InTheWay {
                    path: path.to_owned(),
                    expected: "a folder",
                })
            }
        }
        Err(e) => Err(StoreError::io("make the folder", path)(e)),
    }
}

/// A name in the same folder that no other process or thread uses.
fn temporary_beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(
        "{HIDDEN}tmp-{}-{}-{count}",
        lock::host_name(),
        std::process::id()
    ))
}
