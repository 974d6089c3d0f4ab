//! The lock on an output directory: an advisory lock of the operating system on a file in it, which is gone
//! with the process that held it, however that ended.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use super::StoreError;

/// The file that the lock is on.
pub(super) const FILE: &str = ".wbimg-lock";

/// Held while rows are merged.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of the directory `root`.
    pub(super) fn take(root: &Path) -> Result<Self, StoreError> {
        let path = root.join(FILE);
        let file = open_lock_file(&path).map_err(StoreError::io("write", &path))?;
        let file = file.ok_or_else(|| StoreError::Link { path: path.clone() })?;
        file.lock().map_err(StoreError::io("lock", &path))?;
        Ok(Self { _file: file })
    }
}

/// Opens the lock file, making it if it is missing; `None` for a link, which is not followed.
fn open_lock_file(path: &Path) -> io::Result<Option<File>> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        opened => return opened.map(Some),
    }
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    OpenOptions::new().write(true).open(path).map(Some)
}

/// This machine's name as far as it is known, in characters that any file system takes.
pub(super) fn host_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .or_else(|| std::env::var("HOSTNAME").ok())
            .or_else(|| std::env::var("COMPUTERNAME").ok())
            .unwrap_or_default();
        let safe = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-');
        let safe: String = safe.take(63).collect();
        if safe.is_empty() {
            "localhost".to_owned()
        } else {
            safe
        }
    })
}
