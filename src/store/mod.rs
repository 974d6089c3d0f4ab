//! The output directory: where files are placed, and how the manifest and what follows from it are kept.
//!
//! Every file appears under its name at once, whole; rows are merged into the manifest under a lock
//! that a dead process does not hold. Until then they are in a journal, which outlives its process. Links inside
//! the directory are never followed.
//!
//! - `write`, `unnamed`: files that appear whole or not at all; `sync`: onto the disk
//! - `standing`: what is in their place already
//! - `journal`, `owner`: rows that are finished and not merged, and whose they are
//! - `lock`: one merge at a time, and the seal on its result
//! - `record`, `row_line`: rows into the manifest, and the history and config that follow
//! - `splice`, `lines`: few rows into many, without reading them all
//! - `stale`: rows of pictures that their inputs do not have any more
//! - `cache`, `stamp`: inputs that need not be converted again
//! - `snapshot`: for those who only read
//! - `page`: what is made out of the directory, and put back beside the media

mod cache;
mod journal;
mod lines;
mod lock;
mod names;
mod owner;
mod page;
mod record;
mod references;
mod row_line;
mod snapshot;
mod splice;
mod stale;
mod stamp;
mod standing;
mod sync;
mod unnamed;
mod write;

pub(crate) use lock::open as open_lock;
pub(crate) use owner::{is_of_this_host, new_owner};

pub use cache::{Cache, Evidence, Finished, Name, Remembered, fingerprint_of};
pub use names::safe_key;
pub use page::{Extra, LAYERS, PAGE, THUMBS};
pub use references::{Reference, Unread, references};
pub use row_line::RowLine;
pub use snapshot::{Snapshot, read_snapshot, unreferred_files};
pub use stale::{Keys, Whole};
pub use stamp::Stamp;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use crate::encode::Encoded;
use crate::media::Row;
use cache::Known;
use journal::Journal;
use lock::Lock;
use stale::Stale;
use stamp::Modified;
use write::{Flush, Writer};

/// Refuses a directory whose history or config would be replaced although it is somebody else's.
fn refuse_foreign(root: &Path) -> Result<(), StoreError> {
    let is_there = |name: &str| root.join(name).symlink_metadata().is_ok();
    if is_there(names::MANIFEST) || is_there(lock::FILE) {
        return Ok(());
    }
    // What is no file is in the way, which is told elsewhere.
    let is_file = |name: &str| {
        root.join(name)
            .symlink_metadata()
            .is_ok_and(|found| found.is_file())
    };
    match [names::HISTORY, names::CONFIG]
        .into_iter()
        .find(|name| is_file(name))
    {
        Some(name) => Err(StoreError::Foreign {
            path: root.join(name),
        }),
        None => Ok(()),
    }
}

/// Whether a directory is an output directory: other tools have a `manifest.jsonl`, too.
#[must_use]
pub fn is_output_directory(folder: &Path) -> bool {
    let path = folder.join(names::MANIFEST);
    // Opening a named pipe would wait for somebody to write.
    let manifest = path.is_file().then(|| File::open(path));
    let Some(Ok(manifest)) = manifest else {
        return false;
    };
    let mut lines = BufReader::new(manifest.take(1 << 20)).split(b'\n');
    let line = lines.next().and_then(Result::ok).unwrap_or_default();
    let is_row = serde_json::from_slice::<Row>(&line).is_ok();
    is_row || (line.is_empty() && folder.join(lock::FILE).exists())
}

/// Whether a directory is, or was going to be, an output directory, even if its manifest is damaged or was not
/// written yet.
#[must_use]
pub fn is_ours(folder: &Path) -> bool {
    is_output_directory(folder) || folder.join(lock::FILE).is_file()
}

/// What a file of the output directory is, and so where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    writer: Writer,
    survives: Survives,
    /// Folders that are known to be there.
    folders: Mutex<HashSet<PathBuf>>,
    /// Held, by the first digit of its hash, while a file is published: two threads with the same file would
    /// replace each other's.
    publishing: [Mutex<()>; 16],
    /// Made with the first file.
    journal: Mutex<Option<Journal>>,
    known: Mutex<Known>,
}

/// A file that is in its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Where it is, relative to the directory.
    pub path: String,
    /// When it was last modified.
    modified: Modified,
}

/// What a recorded row outlives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Survives {
    /// The process.
    #[default]
    Process,
    /// The machine, too: everything is on the disk before a row says so.
    Machine,
}

/// What becomes of rows that are finished, but that [`Store::record`] was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// They are recorded as well: the call was interrupted.
    Record,
    /// They are dropped: the call stopped by itself.
    Drop,
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
    /// A file of that name that no manifest stands beside.
    #[error("{} is not an output directory's, and would be replaced: choose another directory", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A page that somebody else has written.
    #[error("{} is not a page of wbimg, and would be replaced: move it away", path.display())]
    ForeignPage {
        /// The page.
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
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

impl Store {
    /// Opens the directory, making it if it is missing, makes sure that rows can be merged into it, and takes up
    /// what dead processes have left in it.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be made, written or understood.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(root).map_err(StoreError::io("make the directory", root))?;
        let store = Self {
            root: root.to_owned(),
            writer: Writer::new(owner::new_owner()),
            survives: Survives::default(),
            folders: Mutex::default(),
            publishing: Default::default(),
            journal: Mutex::default(),
            known: Mutex::default(),
        };
        refuse_foreign(root)?;
        let lock = Lock::take(&store.root)?;
        for name in [names::HISTORY, names::CONFIG] {
            standing::check_place(&store.root.join(name))?;
        }
        if lock.seal(&store.root).is_none() {
            store.each_row(drop)?;
        }
        let left = journal::left_behind(&store.root, store.writer.owner(), &lock)?;
        if !left.is_empty() {
            let mut journal = lock_of(&store.journal);
            store.merge(&lock, &mut journal, left, Vec::new(), &Stale::default())?;
        }
        Ok(store)
    }

    /// The same directory, but what is recorded outlives more.
    #[must_use]
    pub fn surviving(mut self, survives: Survives) -> Self {
        self.survives = survives;
        self
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Puts a file where its kind, key, step and hash say. One that is there already, with the same bytes, is left
    /// alone.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written whole.
    pub fn place(
        &self,
        kind: FileKind,
        key: &str,
        step: u64,
        encoded: &Encoded,
    ) -> Result<Placed, StoreError> {
        let relative = names::file_name(kind, key, step, encoded.sha256(), encoded.format());
        let path = self.root.join(&relative);
        drop(self.journal()?);
        self.make_folders(&relative)?;
        let digit = encoded
            .sha256()
            .chars()
            .next()
            .and_then(|digit| digit.to_digit(16));
        // A poisoned lock guards nothing but the order.
        let _turn = self.publishing[digit.unwrap_or(0) as usize]
            .lock()
            .unwrap_or_else(|e| e.into_inner());
        let modified = self
            .writer
            .publish_once(&path, encoded.bytes(), Flush::Later)?;
        Ok(Placed {
            path: relative,
            modified,
        })
    }

    /// Notes down the row of a picture all files of which are placed, as a line of JSON without its end, so that it is
    /// not lost with the process.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be noted down.
    pub fn finish(&self, line: &str) -> Result<(), StoreError> {
        match self.journal()?.as_mut() {
            Some(journal) => journal.append(line),
            None => Ok(()),
        }
    }

    /// The journal, which is there before the first temporary file is: it tells that there may be some.
    fn journal(&self) -> Result<MutexGuard<'_, Option<Journal>>, StoreError> {
        let mut journal = lock_of(&self.journal);
        if journal.is_none() {
            let lock = Lock::take(&self.root)?;
            *journal = Some(Journal::create(&self.root, self.writer.owner(), &lock)?);
        }
        Ok(journal)
    }

    /// Remembers what the manifest held when the call began.
    fn remember(&self, known: Known) {
        *lock_of(&self.known) = known;
    }

    /// Makes the folders of a relative path, none of which may be a link.
    fn make_folders(&self, relative: &str) -> Result<(), StoreError> {
        let folder = Path::new(relative).parent().unwrap_or(Path::new(""));
        if lock_of(&self.folders).contains(folder) {
            return Ok(());
        }
        let mut path = self.root.clone();
        for component in folder.components() {
            path.push(component);
            standing::make_folder(&path)?;
        }
        lock_of(&self.folders).insert(folder.to_owned());
        Ok(())
    }
}

impl Drop for Store {
    /// A journal without rows is of no use to anybody; one with rows is for the next process.
    fn drop(&mut self) {
        let journal = lock_of(&self.journal).take();
        if let Some(mut journal) = journal
            && journal.rows().is_ok_and(|rows| rows.is_empty())
        {
            journal.remove();
        }
    }
}

/// What a thread that panicked under a lock left behind is still whole: each change is one step.
fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
