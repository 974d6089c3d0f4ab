//! The id that a directory's run has when none is given. It is made of where the directory is and what is in its
//! manifest when it is first asked for, and kept in the directory, so that it stays when the directory grows or
//! moves. Without the kept one, the same directory with the same manifest has the same id again.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::RunId;

/// Where it is kept.
const FILE: &str = ".wbimg-run-id";
/// Hexadecimal digits: 64 bits.
const DIGITS: usize = 16;

/// Whether the id could be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in the directory.
    Yes,
    /// The directory cannot be written: once it has grown, its id will be another one.
    No,
}

/// The id of a directory with this manifest.
pub(super) fn default_id(root: &Path, manifest: &[u8]) -> io::Result<(RunId, Kept)> {
    let path = root.join(FILE);
    if let Some(id) = kept(&path) {
        return Ok((id, Kept::Yes));
    }
    let place = fs::canonicalize(root)?;
    let mut hasher = Sha256::new();
    hasher.update(place.as_os_str().as_encoded_bytes());
    hasher.update([0]);
    hasher.update(manifest);
    let digits: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let id = &digits[..DIGITS];
    let kept = match keep(&path, id) {
        Ok(()) => Kept::Yes,
        Err(_) => Kept::No,
    };
    let id = id.parse().map_err(io::Error::other)?;
    Ok((id, kept))
}

/// The id in a file that has all of one: a process that was killed may have left a part.
fn kept(path: &Path) -> Option<RunId> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(1 << 8).read_to_string(&mut text).ok()?;
    let id = text.strip_suffix('\n')?;
    let is_id = id.len() == DIGITS && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| id.parse().ok())?
}

/// Writes a file that was not there, or had no id in it.
fn keep(path: &Path, id: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    File::create_new(path)?.write_all(format!("{id}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_when_the_directory_grows() {
        let folder = tempfile::tempdir().unwrap();
        let (first, kept) = default_id(folder.path(), b"one\n").unwrap();
        assert_eq!((first.as_str().len(), kept), (DIGITS, Kept::Yes));
        assert_eq!(default_id(folder.path(), b"two\n").unwrap().0, first);
        // Without the file it is made again of the same things.
        fs::write(folder.path().join(FILE), &first.as_str()[..7]).unwrap();
        assert_eq!(default_id(folder.path(), b"one\n").unwrap().0, first);
        fs::remove_file(folder.path().join(FILE)).unwrap();
        assert_ne!(default_id(folder.path(), b"two\n").unwrap().0, first);
    }
}
