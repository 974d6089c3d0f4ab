//! The files that a row refers to.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::FileKind;
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
    /// Whether a regular file of the right size is there, by its metadata.
    #[must_use]
    pub fn is_there(&self, root: &Path) -> bool {
        fs::symlink_metadata(root.join(&self.path))
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() == self.size)
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
