//! The output directory: where files are placed, and how the manifest and what follows from it are kept.
//!
//! Every file appears under its name at once, whole, by rename; rows are merged into the manifest under a lock
//! that a dead process does not hold. Links inside the directory are never followed.

mod lock;
mod names;
mod write;

pub use names::safe_key;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::encode::Encoded;
use crate::history;
use crate::media::{Row, json_line};
use lock::Lock;

/// Whether a directory is an output directory: other tools have a `manifest.jsonl`, too.
#[must_use]
pub fn is_output_directory(folder: &Path) -> bool {
    let Ok(manifest) = File::open(folder.join(names::MANIFEST)) else {
        return false;
    };
    let mut lines = BufReader::new(manifest.take(1 << 20)).split(b'\n');
    let line = lines.next().and_then(Result::ok).unwrap_or_default();
    let is_row = serde_json::from_slice::<Row>(&line).is_ok();
    is_row || (line.is_empty() && folder.join(lock::FILE).exists())
}

/// What a file of the output directory is, and so where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The picture itself.
    Image,
    /// A layer of boxes, as JSON.
    Boxes,
    /// A mask.
    Mask,
    /// The picture with its layers drawn in.
    Overlay,
}

/// An output directory.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    folders: Mutex<HashSet<PathBuf>>,
}

/// Why the output directory cannot be used or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A link where a folder or file of ours should be; following it could lead out of the directory.
    #[error("{} is a symbolic link, which is not followed", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Something else stands where a folder or file should be.
    #[error("{} is in the way: {expected} is needed there", path.display())]
    InTheWay {
        /// What stands there.
        path: PathBuf,
        /// What should.
        expected: &'static str,
    },
    /// A manifest that was not written by this program, or was edited.
    #[error("{} is damaged at line {line}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        source: serde_json::Error,
    },
}

impl StoreError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

impl Store {
    /// Opens the directory, making it if it is missing, and makes sure that rows can be merged into it.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be made, written or understood.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(root).map_err(StoreError::io("make the directory", root))?;
        let store = Self {
            root: root.to_owned(),
            folders: Mutex::default(),
        };
        let lock = Lock::take(&store.root)?;
        store.rows()?;
        drop(lock);
        Ok(store)
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Puts a file where its kind, key, step and hash say, and returns its path relative to the directory. A
    /// file that is there already, with the same bytes, is left alone.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written whole.
    pub fn place(
        &self,
        kind: FileKind,
        key: &str,
        step: u64,
        encoded: &Encoded,
    ) -> Result<String, StoreError> {
        let relative = names::file_name(kind, key, step, encoded.sha256(), encoded.format());
        let path = self.root.join(&relative);
        self.make_folders(&relative)?;
        write::publish_once(&path, encoded.bytes())?;
        Ok(relative)
    }

    /// The rows of the manifest, in order; none if there is no manifest.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read or understood.
    pub fn rows(&self) -> Result<Vec<Row>, StoreError> {
        let path = self.root.join(names::MANIFEST);
        let Some(text) = write::read_if_there(&path)? else {
            return Ok(Vec::new());
        };
        let lines = (1..)
            .zip(text.split(|&b| b == b'\n'))
            .filter(|(_, line)| !line.is_empty());
        lines
            .map(|(line, row)| {
                serde_json::from_slice(row).map_err(|source| StoreError::Manifest {
                    path: path.clone(),
                    line,
                    source,
                })
            })
            .collect()
    }

    /// Merges rows into the manifest and brings history and config up to it. A row replaces the one with the
    /// same identity.
    ///
    /// # Errors
    /// [`StoreError`] if that cannot be written; what was there before is then still there, whole.
    pub fn record(&self, new: Vec<Row>) -> Result<(), StoreError> {
        let _lock = Lock::take(&self.root)?;
        let mut rows = self.rows()?;
        let replaced: HashSet<_> = new.iter().map(Row::identity).collect();
        rows.retain(|row| !replaced.contains(&row.identity()));
        drop(replaced);
        rows.extend(new);
        rows.sort_by(Row::order);
        let manifest = rows.iter().fold(String::new(), |mut text, row| {
            text.push_str(&json_line(row));
            text.push('\n');
            text
        });
        for (name, text) in [
            (names::MANIFEST, manifest),
            (names::HISTORY, history::history(&rows)),
            (names::CONFIG, history::config(&rows)),
        ] {
            write::replace(&self.root.join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// Makes the folders of a relative path, none of which may be a link.
    fn make_folders(&self, relative: &str) -> Result<(), StoreError> {
        let folder = Path::new(relative).parent().unwrap_or(Path::new(""));
        // A poisoned lock guards only a cache.
        let known = |folder: &Path| {
            self.folders
                .lock()
                .unwrap_or_else(|e| e.into_inner())
                .contains(folder)
        };
        if known(folder) {
            return Ok(());
        }
        let mut path = self.root.clone();
        for component in folder.components() {
            path.push(component);
            write::make_folder(&path)?;
        }
        self.folders
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .insert(folder.to_owned());
        Ok(())
    }
}
