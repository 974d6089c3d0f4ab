//! The directory that runs are in, and how a run gets into it: built whole inside a hidden folder, two levels deep,
//! where no client looks for runs, then renamed into place. One process at a time: the others wait for a lock, and
//! so whoever holds it knows that what is left of other processes is left for good.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::media::MediaFile;
use super::transcript::{self, TooLong, Transcript};
use super::{Happened, RunError, RunId, log};
use crate::store::{StoreError, is_of_this_host, new_owner, open_lock};

/// What the lock is on.
const LOCK: &str = ".wbimg-run-lock";
/// How often somebody who waits for the lock looks up.
const PATIENCE: Duration = Duration::from_millis(20);
/// What hidden folders begin with; their owner follows.
const HIDDEN: &str = ".wbimg-tmp-";
/// What W&B's offline runs begin with; time and id follow.
const OFFLINE: &str = "offline-run-";
/// Where a run's files are in its folder.
const FILES: &str = "files";

/// A directory of runs, locked.
#[derive(Debug)]
pub(super) struct Runs {
    path: PathBuf,
    _lock: File,
}

/// A run in its place.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) path: PathBuf,
    pub(super) happened: Happened,
    pub(super) too_long: Vec<TooLong>,
}

/// A run of ours that is there already.
#[derive(Debug)]
struct Earlier {
    name: String,
}

impl Runs {
    /// Opens a directory of runs, making it if it is missing, waits for other processes to be through with it, and
    /// sweeps what dead ones have left in it.
    pub(super) fn open(path: &Path, is_interrupted: &dyn Fn() -> bool) -> Result<Self, RunError> {
        fs::create_dir_all(path).map_err(StoreError::io("make the directory", path))?;
        let lock = open_lock(&path.join(LOCK))?;
        // A process that waits for a lock of the system does not hear that it was interrupted.
        while let Err(error) = lock.try_lock() {
            match error {
                TryLockError::WouldBlock if is_interrupted() => return Err(RunError::Interrupted),
                TryLockError::WouldBlock => std::thread::sleep(PATIENCE),
                TryLockError::Error(error) => {
                    return Err(StoreError::io("lock", path)(error).into());
                }
            }
        }
        let runs = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        runs.sweep()?;
        Ok(runs)
    }

    fn sweep(&self) -> Result<(), StoreError> {
        for name in self.folders()? {
            if name.strip_prefix(HIDDEN).is_some_and(is_of_this_host) {
                // What cannot be removed is in nobody's way.
                let _ = fs::remove_dir_all(self.path.join(name));
            }
        }
        Ok(())
    }

    /// The names of all folders and links.
    fn folders(&self) -> Result<Vec<String>, StoreError> {
        let entries = fs::read_dir(&self.path).map_err(StoreError::io("read", &self.path))?;
        let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| !is_file(entry))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// The offline runs with this id.
    fn earlier(&self, id: &RunId) -> Result<Vec<Earlier>, RunError> {
        let mut earlier = Vec::new();
        for name in self.folders()? {
            if id_in(&name) != Some(id.as_str()) {
                continue;
            }
            let path = self.path.join(&name);
            if !is_run(&path) {
                return Err(RunError::Foreign { path });
            }
            earlier.push(Earlier { name });
        }
        Ok(earlier)
    }

    /// Puts a run in place, with its files from `root`, instead of all earlier ones with its id.
    pub(super) fn put(
        &self,
        root: &Path,
        run: &Transcript<'_>,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Put, RunError> {
        let earlier = self.earlier(run.id)?;
        let name = format!("{OFFLINE}{}-{}", run.start.stamp(), run.id);
        let path = self.path.join(&name);
        let shell = Shell::new(&self.path)?;
        let new = shell.path.join(&name);
        make_folder(&new)?;
        let log = new.join(log_name(run.id));
        let final_log = path.join(log_name(run.id));
        let too_long = write_log(&log, run).map_err(RunError::io("write", &final_log))?;
        let all_files = || run.steps.iter().flat_map(|step| &step.files);
        if let [Earlier { name: old }] = earlier.as_slice()
            && *old == name
            && is_same(&log, &final_log)
            && has_all(&path, all_files())
        {
            let is_uploaded = path.join(log_name(run.id) + ".synced").exists();
            return Ok(Put {
                path,
                happened: Happened::Nothing { is_uploaded },
                too_long,
            });
        }
        make_folder(&new.join(FILES))?;
        for file in all_files() {
            if is_interrupted() {
                return Err(RunError::Interrupted);
            }
            take_along(root, &new.join(FILES), file)?;
        }
        if is_interrupted() {
            return Err(RunError::Interrupted);
        }
        let happened = match earlier.is_empty() {
            true => Happened::Made,
            false => Happened::Replaced,
        };
        self.exchange(&shell, &name, &earlier)?;
        Ok(Put {
            path,
            happened,
            too_long,
        })
    }

    /// Takes the earlier runs away and puts the new one in place. At no moment are there two, lest both be uploaded;
    /// a process that is killed in between leaves none.
    fn exchange(&self, shell: &Shell, name: &str, earlier: &[Earlier]) -> Result<(), RunError> {
        let old_folder = shell.path.join("old");
        make_folder(&old_folder)?;
        let mut moved = Vec::new();
        let mut move_all = || {
            for Earlier { name } in earlier {
                let (from, to) = (self.path.join(name), old_folder.join(name));
                fs::rename(&from, &to).map_err(RunError::io("move away", &from))?;
                moved.push((from, to));
            }
            let path = self.path.join(name);
            fs::rename(shell.path.join(name), &path).map_err(RunError::io("put in place", &path))
        };
        let exchanged = move_all();
        if exchanged.is_err() {
            for (from, to) in moved {
                // The error that matters is the first one.
                let _ = fs::rename(to, from);
            }
        }
        exchanged
    }
}

/// A hidden folder for what is not finished, gone when dropped.
#[derive(Debug)]
struct Shell {
    path: PathBuf,
}

impl Shell {
    fn new(runs: &Path) -> Result<Self, RunError> {
        let path = runs.join(format!("{HIDDEN}{}", new_owner()));
        make_folder(&path)?;
        Ok(Self { path })
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // What stays is swept by the next process.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Whether a folder is a run that [`write`](super::write) has put in place; links are not.
#[must_use]
pub fn is_run(folder: &Path) -> bool {
    let id = folder
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(id_in)
        .and_then(|id| id.parse().ok());
    let Some(id) = id else {
        return false;
    };
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    let first = first_bytes(&folder.join(log_name(&id))).unwrap_or_default();
    is_folder && log::first_record(&first).is_some_and(transcript::is_ours)
}

/// The id in the name of an offline run's folder.
fn id_in(name: &str) -> Option<&str> {
    const STAMP: usize = "YYYYMMDD_HHMMSS".len();
    let (stamp, rest) = name.strip_prefix(OFFLINE)?.split_at_checked(STAMP)?;
    let is_stamp = stamp.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    rest.strip_prefix('-').filter(|_| is_stamp)
}

fn log_name(id: &RunId) -> String {
    format!("run-{id}.wandb")
}

fn make_folder(path: &Path) -> Result<(), RunError> {
    fs::create_dir(path).map_err(RunError::io("make the folder", path))
}

fn write_log(path: &Path, run: &Transcript<'_>) -> io::Result<Vec<TooLong>> {
    let file = File::create_new(path)?;
    let (mut out, too_long) = run.write(BufWriter::with_capacity(1 << 16, file))?;
    out.flush()?;
    Ok(too_long)
}

/// Links a file of the output directory into the run's, or copies it where links cannot be made. Both are the same
/// to the client: files of the output directory are never written again, only replaced.
fn take_along(root: &Path, files: &Path, file: &MediaFile) -> Result<(), RunError> {
    let (from, to) = (root.join(&file.path), files.join(&file.path));
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(RunError::io("make the folder", folder))?;
    }
    if fs::hard_link(&from, &to).is_err() {
        copy(&from, &to).map_err(RunError::io("copy", &from))?;
    }
    let found = fs::symlink_metadata(&to).map_err(RunError::io("look at", &to))?;
    if found.is_file() && found.len() == file.size {
        return Ok(());
    }
    let error = io::Error::other("it was changed meanwhile, or the file system is full");
    Err(RunError::io("copy", &from)(error))
}

fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    if !fs::symlink_metadata(from)?.is_file() {
        return Err(io::Error::other("it is no regular file any more"));
    }
    io::copy(&mut File::open(from)?, &mut File::create_new(to)?)
}

/// Enough of a file for its first record.
fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(1 << 12).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether two files have the same bytes.
fn is_same(a: &Path, b: &Path) -> bool {
    let compare = || {
        let (a, b) = (File::open(a)?, File::open(b)?);
        if a.metadata()?.len() != b.metadata()?.len() {
            return Ok(false);
        }
        let (mut a, mut b) = (BufReader::new(a).bytes(), BufReader::new(b).bytes());
        loop {
            match (a.next().transpose()?, b.next().transpose()?) {
                (None, None) => return io::Result::Ok(true),
                (x, y) if x != y => return Ok(false),
                _ => {}
            }
        }
    };
    compare().unwrap_or(false)
}

fn has_all<'a>(run: &Path, mut files: impl Iterator<Item = &'a MediaFile>) -> bool {
    files.all(|file| {
        let found = fs::symlink_metadata(run.join(FILES).join(&file.path));
        found.is_ok_and(|found| found.is_file() && found.len() == file.size)
    })
}
