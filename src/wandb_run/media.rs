//! The files that a run takes along, looked at before anything is written: each must be there, regular, of the size
//! that its row says, and inside the output directory without a link on the way.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::RunError;
use crate::history::{Step, steps};
use crate::media::Row;
use crate::store::{FileKind, Reference, references};

/// What is logged at one step, and the files that no earlier step has brought.
#[derive(Debug)]
pub(super) struct StepMedia<'a> {
    pub(super) step: Step<'a>,
    pub(super) files: Vec<MediaFile>,
    /// When the last of all its files was written, in nanoseconds since 1970.
    pub(super) written: u64,
}

/// A file of the output directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MediaFile {
    /// Where it is, relative to the directory, with forward slashes.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
}

/// Why a file cannot be taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum Problem {
    #[error("is missing")]
    Missing,
    #[error("is not a regular file")]
    NotRegular,
    #[error("has {found} bytes, but its row says {expected}")]
    Size { found: u64, expected: u64 },
    #[error("leads out of the directory")]
    Outside,
    #[error("cannot be read")]
    Unreadable,
}

/// Looks at all files that the rows' media refer to. Overlays are no media of W&B's, and stay.
pub(super) fn media<'a>(root: &Path, rows: &'a [Row]) -> Result<Vec<StepMedia<'a>>, RunError> {
    let mut look = Look {
        root,
        folders: HashSet::new(),
        seen: HashSet::new(),
        first: None,
        more: 0,
    };
    let found: Vec<_> = steps(rows).map(|step| look.at(step)).collect();
    match look.first {
        Some((path, problem)) => Err(RunError::Media {
            path,
            problem,
            more: look.more,
        }),
        None => Ok(found),
    }
}

struct Look<'a> {
    root: &'a Path,
    /// Folders without a link on the way.
    folders: HashSet<PathBuf>,
    /// Paths of files that some step has brought.
    seen: HashSet<String>,
    /// The first file that cannot be taken along, and how many others.
    first: Option<(String, Problem)>,
    more: usize,
}

impl Look<'_> {
    fn at<'r>(&mut self, step: Step<'r>) -> StepMedia<'r> {
        let (mut files, mut written) = (Vec::new(), 0);
        for row in step.rows {
            let Some(references) = references(row) else {
                self.fail(&row.media.path, Problem::Unreadable);
                continue;
            };
            for reference in references {
                if reference.kind == FileKind::Overlay {
                    continue;
                }
                match self.modified(&reference) {
                    Ok(time) => written = written.max(time),
                    Err(problem) => self.fail(&reference.path, problem),
                }
                let Reference { path, size, .. } = reference;
                if self.seen.insert(path.clone()) {
                    files.push(MediaFile { path, size });
                }
            }
        }
        StepMedia {
            step,
            files,
            written,
        }
    }

    fn fail(&mut self, path: &str, problem: Problem) {
        match self.first {
            None => self.first = Some((path.to_owned(), problem)),
            Some(_) => self.more += 1,
        }
    }

    fn modified(&mut self, reference: &Reference) -> Result<u64, Problem> {
        let relative = Path::new(&reference.path);
        let is_inside = relative
            .components()
            .all(|component| matches!(component, Component::Normal(_)));
        if !is_inside {
            return Err(Problem::Outside);
        }
        self.check_folders(relative)?;
        let found = metadata(&self.root.join(relative))?;
        if !found.is_file() {
            return Err(Problem::NotRegular);
        }
        if found.len() != reference.size {
            return Err(Problem::Size {
                found: found.len(),
                expected: reference.size,
            });
        }
        Ok(nanoseconds(&found))
    }

    /// Links inside the directory could lead out of it.
    fn check_folders(&mut self, relative: &Path) -> Result<(), Problem> {
        let folder = relative.parent().unwrap_or(Path::new(""));
        if self.folders.contains(folder) {
            return Ok(());
        }
        let mut path = self.root.to_owned();
        for component in folder.components() {
            path.push(component);
            if metadata(&path)?.is_symlink() {
                return Err(Problem::Outside);
            }
        }
        self.folders.insert(folder.to_owned());
        Ok(())
    }
}

fn metadata(path: &Path) -> Result<Metadata, Problem> {
    fs::symlink_metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Problem::Missing,
        _ => Problem::Unreadable,
    })
}

/// When a file was last written, in nanoseconds since 1970.
pub(super) fn nanoseconds(metadata: &Metadata) -> u64 {
    let since_epoch = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since_epoch.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}
