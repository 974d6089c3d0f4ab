//! Getting everything that was written onto the disk, for `--sync`.

use std::fs::File;
use std::io;
use std::path::Path;

/// Flushes the file system that `root` is on, files and folders: one call for a whole batch.
#[cfg(target_os = "linux")]
pub(super) fn flush_all(root: &Path) -> io::Result<()> {
    rustix::fs::syncfs(File::open(root)?).map_err(io::Error::from)
}

/// Flushes every file and folder below `root`.
#[cfg(not(target_os = "linux"))]
pub(super) fn flush_all(root: &Path) -> io::Result<()> {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                File::open(entry.path())?.sync_all()?;
            }
        }
        flush_folder(&folder)?;
    }
    Ok(())
}

/// Flushes the names in a folder.
#[cfg(unix)]
pub(super) fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders cannot be flushed here; the file system does so.
#[cfg(not(unix))]
pub(super) fn flush_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
