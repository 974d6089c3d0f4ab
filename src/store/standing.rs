//! What stands in the output directory where something of ours is to be. No link is followed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::StoreError;
use super::stamp::{Modified, modified};

/// What stands where a file is to be.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    /// The file itself, and when it was modified.
    Same(Modified),
    Other,
}

/// What is at `path`, where a regular file with exactly these bytes is to be.
pub(super) fn look(path: &Path, bytes: &[u8]) -> Result<Found, StoreError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) => return Err(StoreError::io("look at", path)(e)),
    };
    if metadata.is_dir() {
        return Err(in_the_way(path, "a file"));
    }
    if !metadata.is_file() || metadata.len() != bytes.len() as u64 {
        return Ok(Found::Other);
    }
    let mut found = Vec::with_capacity(bytes.len());
    let read = File::open(path).and_then(|file| file.take(metadata.len()).read_to_end(&mut found));
    Ok(match read.is_ok() && found == bytes {
        true => Found::Same(modified(&metadata)),
        false => Found::Other,
    })
}

/// Whether a regular file at `path` has the bytes of the file at `other`, which are `len`.
pub(super) fn holds_same(path: &Path, other: &Path, len: u64) -> bool {
    let is_as_long =
        fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == len);
    let same = || -> io::Result<bool> {
        let (mut a, mut b) = (File::open(path)?, File::open(other)?);
        let (mut left, mut buffers) = (len, [vec![0; 1 << 16], vec![0; 1 << 16]]);
        while left > 0 {
            let most = usize::try_from(left).map_or(1 << 16, |left| left.min(1 << 16));
            let [x, y] = &mut buffers;
            a.read_exact(&mut x[..most])?;
            b.read_exact(&mut y[..most])?;
            if x[..most] != y[..most] {
                return Ok(false);
            }
            left -= most as u64;
        }
        Ok(true)
    };
    is_as_long && same().unwrap_or(false)
}

/// Makes sure that no folder stands where a file is to be replaced.
pub(super) fn check_place(path: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(in_the_way(path, "a file")),
        _ => Ok(()),
    }
}

/// The bytes of a regular file, or nothing where there is none.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(mut file) = open_if_there(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(StoreError::io("read", path))?;
    Ok(Some(bytes))
}

/// A regular file, or nothing where there is none.
pub(super) fn open_if_there(path: &Path) -> Result<Option<File>, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(StoreError::Link {
            path: path.to_owned(),
        }),
        Ok(metadata) if !metadata.is_file() => Err(in_the_way(path, "a file")),
        Ok(_) => File::open(path)
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
                Err(in_the_way(path, "a folder"))
            }
        }
        Err(e) => Err(StoreError::io("make the folder", path)(e)),
    }
}

fn in_the_way(path: &Path, expected: &'static str) -> StoreError {
    StoreError::InTheWay {
        path: path.to_owned(),
        expected,
    }
}
