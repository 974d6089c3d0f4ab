//! An output directory as it is, for those who only read it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;

use super::names::{CONFIG, HIDDEN, HISTORY, JOURNAL, MANIFEST};
use super::page::{LAYERS, PAGE, THUMBS};
use super::standing::read_if_there;
use super::{StoreError, lock, record::parse_rows};
use crate::input::escape;
use crate::media::Row;

/// Manifest, history and config, as one merge left them; what is missing is empty.
#[derive(Debug)]
pub struct Snapshot {
    /// `manifest.jsonl`.
    pub manifest: Vec<u8>,
    /// `history.jsonl`.
    pub history: Vec<u8>,
    /// `config.json`.
    pub config: Vec<u8>,
    /// Journals of processes that are at work, or died.
    pub journals: Vec<String>,
}

impl Snapshot {
    /// Whether nothing was recorded yet: not even that there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.manifest.is_empty() && self.history.is_empty() && self.config.is_empty()
    }

    /// The rows of the manifest, in order. `root` is where it was read.
    ///
    /// # Errors
    /// [`StoreError::Manifest`] if it has a line that is no row.
    pub fn rows(&self, root: &Path) -> Result<Vec<Row>, StoreError> {
        parse_rows(&root.join(MANIFEST), &self.manifest)
    }
}

/// Reads the three files of a directory that belong together.
///
/// # Errors
/// [`StoreError`] if they cannot be read.
pub fn read_snapshot(root: &Path) -> Result<Snapshot, StoreError> {
    // Between merges, if that can be had without writing anything.
    let lock = File::open(root.join(lock::FILE)).ok();
    if let Some(lock) = &lock {
        let _ = lock.lock_shared();
    }
    let read = |name| Ok(read_if_there(&root.join(name))?.unwrap_or_default());
    let snapshot = Snapshot {
        manifest: read(MANIFEST)?,
        history: read(HISTORY)?,
        config: read(CONFIG)?,
        journals: journals(root),
    };
    drop(lock);
    Ok(snapshot)
}

fn journals(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(JOURNAL)).collect()
}

/// The files below the directory that are not among `known` relative paths, and not of another use of ours.
#[must_use]
pub fn unreferred_files(root: &Path, known: &HashSet<&str>) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let is_hidden = entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(HIDDEN.as_bytes());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if ![THUMBS, LAYERS].map(Path::new).contains(&relative) {
                    folders.push(path);
                }
            } else if !is_hidden {
                let name = escape(relative.as_os_str()).replace('\\', "/");
                let is_ours = [MANIFEST, HISTORY, CONFIG, PAGE].contains(&name.as_str());
                let is_known = relative.to_str().is_some_and(|path| known.contains(path));
                if !is_ours && !is_known {
                    files.push(name);
                }
            }
        }
    }
    files.sort();
    files
}
