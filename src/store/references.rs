//! The files that a row refers to.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use super::FileKind;
use super::stamp::{Modified, modified};
use crate::media::Row;

/// A file of the output directory, as a row has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// What it is.
    pub kind: FileKind,
    /// Where it is, relative to the output directory.
    pub path: String,
    /// SHA-256, in hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// Why a file that a row refers to cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// Its path, or a link in it, could lead out of the directory.
    #[error("leads out of the directory")]
    Outside,
    /// A folder, a pipe or the like.
    #[error("is not a regular file")]
    NotRegular,
    /// More bytes than were asked for.
    #[error("has {found} bytes, and at most {limit} are read")]
    TooLong {
        /// Bytes that there are.
        found: u64,
        /// How many would have been read.
        limit: u64,
    },
    /// The system does not give it.
    #[error("cannot be read")]
    Io(#[source] io::Error),
}

impl Reference {
    /// Where it is, if that is surely in the directory `root`, and it is a regular file.
    ///
    /// # Errors
    /// [`Unread`] if not.
    pub fn locate(&self, root: &Path) -> Result<PathBuf, Unread> {
        let relative = Path::new(&self.path);
        let mut place = root.to_owned();
        let mut components = relative.components().peekable();
        while let Some(component) = components.next() {
            let Component::Normal(name) = component else {
                return Err(Unread::Outside);
            };
            place.push(name);
            let found = fs::symlink_metadata(&place).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unread::Missing,
                _ => Unread::Io(error),
            })?;
            match components.peek() {
                Some(_) if found.is_symlink() => return Err(Unread::Outside),
                None if !found.is_file() => return Err(Unread::NotRegular),
                _ => {}
            }
        }
        Ok(place)
    }

    /// Its bytes, if they are no more than `limit`.
    ///
    /// # Errors
    /// [`Unread`] if they cannot be had.
    pub fn read(&self, root: &Path, limit: u64) -> Result<Vec<u8>, Unread> {
        let file = fs::File::open(self.locate(root)?).map_err(Unread::Io)?;
        let found = file.metadata().map_err(Unread::Io)?.len();
        if found > limit {
            return Err(Unread::TooLong { found, limit });
        }
        let mut bytes = Vec::new();
        file.take(limit)
            .read_to_end(&mut bytes)
            .map_err(Unread::Io)?;
        Ok(bytes)
    }

    /// When it was last modified; `None` unless a regular file of the right size is there.
    pub(super) fn modified(&self, root: &Path) -> Option<Modified> {
        let metadata = fs::symlink_metadata(root.join(&self.path)).ok()?;
        let is_right = metadata.is_file() && metadata.len() == self.size;
        is_right.then(|| modified(&metadata))
    }
}

/// All files of a row; `None` if one of its references is no reference.
#[must_use]
pub fn references(row: &Row) -> Option<Vec<Reference>> {
    let media = &row.media;
    let mut references = vec![Reference {
        kind: FileKind::Image,
        path: media.path.clone(),
        sha256: media.sha256.clone(),
        size: media.size,
    }];
    for (kind, layers) in [
        (FileKind::Boxes, &media.boxes),
        (FileKind::Mask, &media.masks),
    ] {
        for value in layers.iter().flat_map(Map::values) {
            references.push(layer(kind, value)?);
        }
    }
    references.extend(row.overlay.as_ref().map(|overlay| Reference {
        kind: FileKind::Overlay,
        path: overlay.path.clone(),
        sha256: overlay.sha256.clone(),
        size: overlay.size,
    }));
    Some(references)
}

fn layer(kind: FileKind, value: &Value) -> Option<Reference> {
    Some(Reference {
        kind,
        path: value.get("path")?.as_str()?.to_owned(),
        sha256: value.get("sha256")?.as_str()?.to_owned(),
        size: value.get("size")?.as_u64()?,
    })
}
