//! An output directory as an offline run of W&B's, which `wandb sync` uploads as it stands: what the manifest says
//! was logged, the files, the class labels. Nothing is sent anywhere.
//!
//! - `labels`: what a run may be called; `identity`: the id it has otherwise
//! - `media`, `time`: its files, looked at first, and when it was
//! - `transcript`, `records`, `log`: its `.wandb` file, from rows to bytes
//! - `place`: how it gets its place, whole or not at all

mod identity;
mod labels;
mod log;
mod media;
mod place;
mod records;
mod time;
mod transcript;

pub use identity::Kept;
pub use labels::{DisplayName, Entity, LabelError, Project, RunId, Tag};
pub use media::Problem;
pub use place::is_run;
pub use transcript::TooLong;

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::history;
use crate::store::{Snapshot, StoreError, read_snapshot};
use place::Runs;
use time::Moment;
use transcript::Transcript;

/// What is said of a run as a whole.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Where it goes. Default: the client's choice.
    pub project: Option<Project>,
    /// Whose project that is. Default: the account that uploads it.
    pub entity: Option<Entity>,
    /// What it is called. Default: the server's choice.
    pub name: Option<DisplayName>,
    /// Text beside it.
    pub notes: Option<String>,
    /// Words to find it by.
    pub tags: Vec<Tag>,
}

/// A run that is in its place.
#[derive(Debug)]
pub struct Written {
    /// Its folder.
    pub path: PathBuf,
    /// Its id.
    pub id: RunId,
    /// What was done for it to be there.
    pub happened: Happened,
    /// How many steps it has.
    pub steps: usize,
    /// How many files it has.
    pub files: usize,
    /// What of it W&B's clients will not upload.
    pub too_long: Vec<TooLong>,
    /// Whether its default id will stay.
    pub kept: Kept,
    /// Journals of calls that are at work or were killed, whose rows are not in it.
    pub journals: Vec<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It was not there.
    Made,
    /// An earlier one with its id had other things in it.
    Replaced,
    /// It was there already.
    Nothing {
        /// And was uploaded, as far as the client's own mark tells.
        is_uploaded: bool,
    },
}

/// Why there is no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The output directory or the directory of runs is unusable; nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run with this id that another program wrote.
    #[error("{} has the same run id, but was not written by wbimg, which does not replace it", path.display())]
    Foreign {
        /// Its folder.
        path: PathBuf,
    },
    /// A file that the manifest refers to cannot be taken along; nothing was written.
    #[error("{path} {problem}{}", others(*more))]
    Media {
        /// The first one, relative to the directory.
        path: String,
        /// What is wrong with it.
        problem: Problem,
        /// How many others cannot be taken along.
        more: usize,
    },
    /// A file operation failed; nothing is left of the run.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The caller wanted no more; nothing is left of the run.
    #[error("interrupted")]
    Interrupted,
}

fn others(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(" (and {more} more like it)"),
    }
}

impl RunError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// Writes the run of the output directory `root` into `runs`, where it takes the place of an earlier one with its
/// id. The default id is the same each time for one directory.
///
/// # Errors
/// [`RunError`], with nothing half-written left behind.
pub fn write(
    root: &Path,
    runs: &Path,
    id: Option<RunId>,
    description: &Description,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<Written, RunError> {
    let snapshot = read_snapshot(root)?;
    let rows = snapshot.rows(root)?;
    let steps = media::media(root, &rows)?;
    let start = match steps.iter().map(|step| step.written).min() {
        Some(first) => Moment(first),
        None => manifest_written(root)?,
    };
    let runs = Runs::open(runs, is_interrupted)?;
    let (id, kept) = match id {
        Some(id) => (id, Kept::Yes),
        None => default_id(root, &snapshot)?,
    };
    let run = Transcript {
        id: &id,
        description,
        labels: Value::Object(history::class_labels(&rows)),
        start,
        steps: &steps,
    };
    let put = runs.put(root, &run, is_interrupted)?;
    Ok(Written {
        path: put.path,
        happened: put.happened,
        too_long: put.too_long,
        steps: steps.len(),
        files: steps.iter().map(|step| step.files.len()).sum(),
        kept,
        journals: snapshot.journals,
        id,
    })
}

fn default_id(root: &Path, snapshot: &Snapshot) -> Result<(RunId, Kept), StoreError> {
    identity::default_id(root, &snapshot.manifest).map_err(StoreError::io("read", root))
}

/// When a run without steps was.
fn manifest_written(root: &Path) -> Result<Moment, StoreError> {
    let path = root.join("manifest.jsonl");
    let found = std::fs::symlink_metadata(&path).map_err(StoreError::io("look at", &path))?;
    Ok(Moment(media::nanoseconds(&found)))
}
