//! Files that appear whole or not at all: written in their own folder without a name, where there was none, or under a
//! temporary one, and then named.
//!
//! A process that is killed leaves no partial file under any other name. Against a power failure only
//! [`Flush::Now`] helps.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::StoreError;
use super::names::TEMPORARY;
use super::stamp::{Modified, modified};
use super::standing::{Found, check_place, holds_same, look};
use super::unnamed;

/// Writes files that get their names when they are whole.
#[derive(Debug)]
pub(super) struct Writer {
    /// Whose the temporary files are.
    owner: String,
    count: AtomicU64,
    /// Whether files could not be made without a name.
    needs_names: AtomicBool,
}

/// Whether bytes are on the disk, or only the system has them, when a file gets its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    Now,
    Later,
}

/// A part of a new file.
pub(super) enum Piece<'a> {
    /// These bytes.
    Text(&'a [u8]),
    /// A part of another file.
    Copy(&'a File, Range<u64>),
}

impl Piece<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Copy(_, range) => range.end - range.start,
        }
    }

    fn write(&self, out: &mut File) -> io::Result<()> {
        match self {
            Self::Text(text) => out.write_all(text),
            Self::Copy(file, range) => {
                let mut file = *file;
                file.seek(SeekFrom::Start(range.start))?;
                let mut left = self.len();
                // One that stays in the processor's cache: faster than copy_file_range, which goes page by page.
                let mut buffer = vec![0; 1 << 16];
                while left > 0 {
                    let most = usize::try_from(left).map_or(buffer.len(), |n| n.min(buffer.len()));
                    file.read_exact(&mut buffer[..most])?;
                    out.write_all(&buffer[..most])?;
                    left -= most as u64;
                }
                Ok(())
            }
        }
    }
}

impl Writer {
    pub(super) fn new(owner: String) -> Self {
        Self {
            owner,
            count: AtomicU64::new(0),
            needs_names: AtomicBool::new(false),
        }
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    /// Publishes a file, unless it is there already with the same bytes; returns when it was modified.
    pub(super) fn publish_once(
        &self,
        path: &Path,
        bytes: &[u8],
        flush: Flush,
    ) -> Result<Modified, StoreError> {
        let piece = [Piece::Text(bytes)];
        match look(path, bytes)? {
            Found::Same(modified) => Ok(modified),
            Found::Other => self.publish(path, &piece, flush),
            Found::Nothing => match self.publish_unnamed(path, &piece, flush) {
                Some(modified) => Ok(modified),
                None => self.publish(path, &piece, flush),
            },
        }
    }

    /// Puts a file in a place that was free, without a name before; `None` if that cannot be, for whatever reason, as on
    /// many network file systems.
    fn publish_unnamed(&self, path: &Path, pieces: &[Piece<'_>], flush: Flush) -> Option<Modified> {
        if self.needs_names.load(Ordering::Relaxed) {
            return None;
        }
        let published = unnamed::create(path.parent()?).and_then(|mut file| {
            let modified = fill(&mut file, pieces, flush)?;
            unnamed::name(&file, path).map(|()| modified)
        });
        let is_free = |e: &io::Error| e.kind() != io::ErrorKind::AlreadyExists;
        if published.as_ref().is_err_and(is_free) {
            self.needs_names.store(true, Ordering::Relaxed);
        }
        published.ok()
    }

    /// Publishes what `write` writes, a piece at a time, unless it is there already with the same bytes.
    pub(super) fn publish_written(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        flush: Flush,
    ) -> Result<(), StoreError> {
        check_place(path)?;
        let temporary = self.temporary_beside(path);
        let published = write_by(&temporary, write, flush).and_then(|len| {
            if holds_same(path, &temporary, len) {
                fs::remove_file(&temporary)
            } else {
                fs::rename(&temporary, path)
            }
        });
        if published.is_err() {
            // The error that matters is the first one.
            let _ = fs::remove_file(&temporary);
        }
        published.map_err(StoreError::io("write", path))
    }

    /// Puts a file in place, whatever was there.
    fn publish(
        &self,
        path: &Path,
        pieces: &[Piece<'_>],
        flush: Flush,
    ) -> Result<Modified, StoreError> {
        self.publish_by(path, pieces, flush, |from, to| fs::rename(from, to))
    }

    /// Puts a new version of a file in the place of an old one.
    pub(super) fn replace(
        &self,
        path: &Path,
        pieces: &[Piece<'_>],
        flush: Flush,
    ) -> Result<(), StoreError> {
        check_place(path)?;
        let published = match flush {
            Flush::Now => self.publish(path, pieces, flush),
            Flush::Later => self.publish_by(path, pieces, flush, rename_over),
        };
        published.map(drop)
    }

    fn publish_by(
        &self,
        path: &Path,
        pieces: &[Piece<'_>],
        flush: Flush,
        rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> Result<Modified, StoreError> {
        let temporary = self.temporary_beside(path);
        let written = write_new(&temporary, pieces, flush)
            .and_then(|modified| rename(&temporary, path).map(|()| modified))
            .map_err(StoreError::io("write", path));
        if written.is_err() {
            // The error that matters is the first one.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Puts a file in place that `write` fills.
    pub(super) fn publish_stream(
        &self,
        path: &Path,
        write: impl FnOnce(File) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let temporary = self.temporary_beside(path);
        let written = File::create_new(&temporary)
            .and_then(write)
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(StoreError::io("write", path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// A name in the same folder that no other process or thread uses.
    fn temporary_beside(&self, path: &Path) -> PathBuf {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        path.with_file_name(format!("{TEMPORARY}{}-{count}", self.owner))
    }
}

/// Versions that come faster than this replace each other without reaching the disk.
#[cfg(target_os = "linux")]
const STORM: std::time::Duration = std::time::Duration::from_secs(2);

/// Renames over a file. Some file systems (ext4) begin to write the new file to the disk then, and the next
/// version, which removes it, waits for that: among many short calls most of the time, and gigabytes, go into
/// versions that live for milliseconds. Exchanging the two names, as atomic, does not. What comes alone is
/// renamed as usual.
#[cfg(target_os = "linux")]
fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let age = fs::symlink_metadata(to).and_then(|metadata| metadata.modified());
    let is_storm = age.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < STORM));
    if is_storm && renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE).is_ok() {
        // The old version. If it stays, so must the journal, which tells that there is something to sweep.
        return fs::remove_file(from);
    }
    fs::rename(from, to)
}

#[cfg(not(target_os = "linux"))]
fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Writes a new file a piece at a time, and gives back how long it has become.
fn write_by(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    flush: Flush,
) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 16, File::create_new(path)?);
    write(&mut out)?;
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    let len = file.stream_position()?;
    check_length(&file, len)?;
    match flush {
        Flush::Now => file.sync_all()?,
        Flush::Later => {}
    }
    Ok(len)
}

fn check_length(file: &File, expected: u64) -> io::Result<Metadata> {
    let metadata = file.metadata()?;
    if metadata.len() == expected {
        Ok(metadata)
    } else {
        Err(io::Error::other(
            "the file system kept fewer bytes than were written",
        ))
    }
}

/// Mode 0666 less the umask; fails if the name is taken, and so never follows a link.
fn write_new(path: &Path, pieces: &[Piece<'_>], flush: Flush) -> io::Result<Modified> {
    fill(&mut File::create_new(path)?, pieces, flush)
}

fn fill(file: &mut File, pieces: &[Piece<'_>], flush: Flush) -> io::Result<Modified> {
    for piece in pieces {
        piece.write(file)?;
    }
    let metadata = check_length(file, pieces.iter().map(Piece::len).sum())?;
    match flush {
        Flush::Now => file.sync_all()?,
        Flush::Later => {}
    }
    Ok(modified(&metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in a folder: names and contents, in order.
    fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        let file = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        };
        let mut files: Vec<_> = entries.map(file).collect();
        files.sort();
        files
    }

    #[test]
    fn files_are_the_same_whether_they_had_a_name_before_or_not() {
        for needs_names in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let writer = Writer::new("host-1-a0".to_owned());
            writer.needs_names.store(needs_names, Ordering::Relaxed);
            let path = folder.path().join("a.png");
            let publish = |bytes: &[u8]| writer.publish_once(&path, bytes, Flush::Later).unwrap();
            let first = publish(b"first");
            assert_eq!(publish(b"first"), first);
            assert_eq!(
                contents(folder.path()),
                [("a.png".to_owned(), b"first".to_vec())]
            );
            let made = fs::File::create(folder.path().join("b.png")).unwrap();
            let permissions = |metadata: io::Result<Metadata>| metadata.unwrap().permissions();
            assert_eq!(permissions(path.metadata()), permissions(made.metadata()));
            publish(b"second");
            let files = contents(folder.path());
            assert_eq!(files[0], ("a.png".to_owned(), b"second".to_vec()));
            assert_eq!(files.len(), 2);
        }
    }

    #[test]
    fn a_name_that_was_taken_meanwhile_is_no_reason_to_give_up_files_without_names() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::new("host-1-a0".to_owned());
        let publish = |name: &str| {
            let path = folder.path().join(name);
            writer.publish_unnamed(&path, &[Piece::Text(b"bytes")], Flush::Later)
        };
        if publish("a.png").is_none() {
            // The file system has no such files.
            assert!(writer.needs_names.into_inner());
            return;
        }
        assert!(publish("a.png").is_none());
        assert!(publish("b.png").is_some());
        assert!(publish("no such folder/c.png").is_none());
        assert!(writer.needs_names.into_inner());
    }
}
