//! Rows of finished pictures until they are in the manifest: a file per process to which a row is appended, with
//! one write, when all its files are in place. It outlives its process, and the next one takes it up.
//!
//! A living owner holds a lock on its journal, so that a process id that was used again cannot be taken for it.
//! Journals are made, taken up and removed under the directory's lock only: between making and locking one,
//! nobody else looks.
//!
//! On NFS the system makes these locks locks of the server, where they hold between hosts as well; a mount with
//! `nolock` or `local_lock` has them on each host alone, and then several *hosts* must not write into one
//! directory at a time. Journals of other hosts are left alone in any case: what is in them is found again by
//! name when the command is given again.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::names::{JOURNAL, TEMPORARY};
use super::owner::{boot_id, is_of_this_host};
use super::references::{Reference, references};
use super::row_line::{RowLine, each_line};
use super::{StoreError, lock};
use crate::encode::sha256_hex;
use crate::media::Row;

/// The journal of a living process.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Up to where all lines are whole.
    len: u64,
}

impl Journal {
    /// Makes one; the directory's lock is held.
    pub(super) fn create(root: &Path, owner: &str, _held: &lock::Lock) -> Result<Self, StoreError> {
        let path = root.join(format!("{JOURNAL}{owner}"));
        let error = |e| StoreError::io("write", &path)(e);
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(error)?;
        file.lock().map_err(error)?;
        let head = format!("{}\n", boot_id().unwrap_or_default());
        file.write_all(head.as_bytes()).map_err(error)?;
        Ok(Self {
            file,
            len: head.len() as u64,
            path,
        })
    }

    /// Adds a row's line, which is given without its end. What a failed write has left is cut off again.
    pub(super) fn append(&mut self, line: &str) -> Result<(), StoreError> {
        let line = [line, "\n"].concat();
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            let _ = self.file.set_len(self.len);
            let _ = self.file.seek(SeekFrom::Start(self.len));
            return Err(StoreError::io("write", &self.path)(error));
        }
        self.len += line.len() as u64;
        Ok(())
    }

    /// The rows so far.
    pub(super) fn rows(&mut self) -> io::Result<Vec<RowLine>> {
        let mut rows = Vec::new();
        self.file.rewind()?;
        read(&self.file, |row, _| rows.push(RowLine::from(row)))?;
        self.file.seek(SeekFrom::Start(self.len))?;
        Ok(rows)
    }

    /// Removes it: its rows are in the manifest.
    pub(super) fn remove(self) {
        // Rows that are merged twice are merged all the same.
        let _ = fs::remove_file(&self.path);
    }
}

/// A journal whose owner is dead.
pub(super) struct Left {
    path: PathBuf,
    owner: String,
    /// Its rows, as far as their files are there.
    pub(super) rows: Vec<RowLine>,
    /// Held against processes that do not ask for the directory's lock.
    _file: File,
}

/// The journals that dead processes of this host have left; the directory's lock is held.
pub(super) fn left_behind(
    root: &Path,
    own: &str,
    _held: &lock::Lock,
) -> Result<Vec<Left>, StoreError> {
    let entries = fs::read_dir(root).map_err(StoreError::io("read", root))?;
    let mut left = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(JOURNAL));
        let Some(owner) = owner.filter(|&owner| owner != own && is_of_this_host(owner)) else {
            continue;
        };
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let mut options = OpenOptions::new();
        let Ok(file) = options.read(true).write(true).open(&path) else {
            continue;
        };
        if file.try_lock().is_err() {
            continue;
        }
        left.push(Left {
            owner: owner.to_owned(),
            rows: found(root, &file).map_err(StoreError::io("read", &path))?,
            path,
            _file: file,
        });
    }
    left.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(left)
}

impl Left {
    /// Removes what the dead process has left, the journal last: only it tells that there is something.
    pub(super) fn remove(left: Vec<Self>, root: &Path) {
        if left.is_empty() {
            return;
        }
        let prefixes: HashSet<String> = left
            .iter()
            .map(|journal| format!("{TEMPORARY}{}", journal.owner))
            .collect();
        sweep(root, &prefixes);
        for journal in left {
            let _ = fs::remove_file(journal.path);
        }
    }
}

/// The rows whose files are there. The machine may have stopped since: then only hashes tell.
fn found(root: &Path, file: &File) -> io::Result<Vec<RowLine>> {
    let boot = boot_id();
    let mut rows = Vec::new();
    read(file, |row, head| {
        let is_same_boot = boot.as_ref().is_some_and(|id| id.as_bytes() == head);
        let is_there = |reference: &Reference| {
            let is_right = || {
                fs::read(root.join(&reference.path))
                    .is_ok_and(|bytes| sha256_hex(&bytes) == reference.sha256)
            };
            reference.modified(root).is_some() && (is_same_boot || is_right())
        };
        if references(row).is_some_and(|references| references.iter().all(is_there)) {
            rows.push(RowLine::from(row));
        }
    })?;
    Ok(rows)
}

/// Hands the rows of a journal to `take`, and its first line with each. Lines that are not whole are none.
fn read(file: &File, mut take: impl FnMut(&Row, &[u8])) -> io::Result<()> {
    let mut head = Vec::new();
    each_line(file, |number, _, line| {
        match number {
            1 => head = line.trim_ascii_end().to_vec(),
            _ if line.ends_with(b"\n") => {
                let row = serde_json::from_slice(line).ok();
                row.inspect(|row| take(row, &head));
            }
            _ => {}
        }
        Ok(())
    })
}

/// Removes files whose names have one of the prefixes, following no links.
fn sweep(root: &Path, prefixes: &HashSet<String>) {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if let Some(name) = name.to_str()
                && let Some((prefix, _)) = name.rsplit_once('-')
                && prefixes.contains(prefix)
            {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}
