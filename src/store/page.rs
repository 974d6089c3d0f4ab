//! What is made out of the directory and put back into it: a page, and what it shows beside the media. None of it
//! is referred to by a row, and all of it can be made again.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use super::standing::check_place;
use super::write::Flush;
use super::{Store, StoreError};

/// The page.
pub const PAGE: &str = "index.html";
/// Small pictures for the page.
pub const THUMBS: &str = "media/thumbs";
/// Boxes and masks in a form that a page can load.
pub const LAYERS: &str = "media/gallery";

/// Something beside the media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// In [`THUMBS`].
    Thumb,
    /// In [`LAYERS`].
    Layer,
}

impl Extra {
    /// The folder, relative to the directory.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Thumb => THUMBS,
            Self::Layer => LAYERS,
        }
    }
}

impl Store {
    /// Refuses to replace a page that is somebody else's: one without `mark` in its first 4 KiB.
    ///
    /// # Errors
    /// [`StoreError::ForeignPage`], or what keeps the file from being looked at.
    pub fn check_page(&self, mark: &str) -> Result<(), StoreError> {
        let path = self.root.join(PAGE);
        check_place(&path)?;
        if !path.symlink_metadata().is_ok_and(|found| found.is_file()) {
            return Ok(());
        }
        let mut start = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(4096).read_to_end(&mut start));
        read.map_err(StoreError::io("read", &path))?;
        match String::from_utf8_lossy(&start).contains(mark) {
            true => Ok(()),
            false => Err(StoreError::ForeignPage { path }),
        }
    }

    /// Puts the page in place, unless it is there already with the same bytes.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written whole.
    pub fn publish_page(&self, bytes: &[u8]) -> Result<(), StoreError> {
        drop(self.journal()?);
        self.writer
            .publish_once(&self.root.join(PAGE), bytes, Flush::Later)
            .map(drop)
    }

    /// Puts a page in place that is too long to be had in memory.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written whole.
    pub fn stream_page(
        &self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        drop(self.journal()?);
        let path = self.root.join(PAGE);
        check_place(&path)?;
        self.writer.publish_stream(&path, |file| {
            let mut out = BufWriter::with_capacity(1 << 16, file);
            write(&mut out)?;
            out.flush()?;
            // What is lost on its way to the disk is told here, as far as the system tells it.
            out.into_inner()
                .map(drop)
                .map_err(io::IntoInnerError::into_error)
        })
    }

    /// The bytes of a file beside the media, if a regular one is there; links are not followed.
    #[must_use]
    pub fn extra(&self, kind: Extra, name: &str) -> Option<Vec<u8>> {
        self.has_extra(kind, name)
            .then(|| fs::read(self.root.join(kind.folder()).join(name)).ok())?
    }

    /// Whether a file beside the media is there, and has something in it.
    #[must_use]
    pub fn has_extra(&self, kind: Extra, name: &str) -> bool {
        let folder = Path::new(kind.folder());
        let mut path = self.root.clone();
        for component in folder.components() {
            path.push(component);
            if !path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                return false;
            }
        }
        let found = path.join(name).symlink_metadata();
        found.is_ok_and(|found| found.is_file() && found.len() > 0)
    }

    /// Puts a file beside the media.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written whole.
    pub fn publish_extra(&self, kind: Extra, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let relative = format!("{}/{name}", kind.folder());
        drop(self.journal()?);
        self.make_folders(&relative)?;
        self.writer
            .publish_once(&self.root.join(relative), bytes, Flush::Later)
            .map(drop)
    }

    /// Removes what an earlier page showed and `keep` does not name: files whose names begin as hashes do, and
    /// that are older than `begun`, when this call looked at the rows. Others are somebody else's, or of a page
    /// that is made at this moment.
    pub fn sweep_extras(&self, kind: Extra, keep: &HashSet<String>, begun: SystemTime) {
        let folder = self.root.join(kind.folder());
        let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir());
        if !is_folder(&self.root.join("media")) || !is_folder(&folder) {
            return;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_hashed(name)) else {
                continue;
            };
            let modified = entry.metadata().and_then(|found| found.modified());
            if !keep.contains(name) && modified.is_ok_and(|time| time < begun) {
                // What cannot be removed is in nobody's way.
                let _ = fs::remove_file(entry.path());
            }
        }
        // Only an empty folder goes.
        let _ = fs::remove_dir(folder);
    }
}

/// Whether a name begins with the 20 digits of a hash.
fn is_hashed(name: &str) -> bool {
    let digits = name.split('.').next().unwrap_or_default();
    digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}
