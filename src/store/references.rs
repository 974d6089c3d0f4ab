//! The files that a row refers to.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::FileKind;
use super::stamp::since_epoch;
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

impl Reference {
    /// When it was last modified, in nanoseconds since 1970; `None` unless a regular file of the right size is
    /// there.
    #[must_use]
    pub fn modified(&self, root: &Path) -> Option<i64> {
        let metadata = fs::symlink_metadata(root.join(&self.path)).ok()?;
        let is_right = metadata.is_file() && metadata.len() == self.size;
        is_right.then(|| metadata.modified().map_or(0, since_epoch))
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
