//! The files of one picture, each put where it belongs: the picture, its layers as W&B has them, and the overlay.

use serde_json::{Map, Value, json};

use crate::annotations::{Annotations, MaskContent, MaskIds};
use crate::encode::{EncodeOptions, Encoded, Encoder};
use crate::job::Failure;
use crate::media::FileRecord;
use crate::mode::{FileType, Mode};
use crate::picture::PictureError;
use crate::render::{Raster, convert};
use crate::store::{FileKind, Placed, Store, StoreError};

/// Where the files of one picture go.
pub(crate) struct Placing<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key: &'a str,
    pub(crate) step: u64,
    /// What is in its place.
    pub(crate) placed: Vec<Placed>,
}

impl Placing<'_> {
    pub(crate) fn file(
        &mut self,
        kind: FileKind,
        encoded: &Encoded,
    ) -> Result<FileRecord, StoreError> {
        let placed = self.store.place(kind, self.key, self.step, encoded)?;
        let path = placed.path.clone();
        self.placed.push(placed);
        Ok(FileRecord {
            path,
            sha256: encoded.sha256().to_owned(),
            size: encoded.bytes().len() as u64,
        })
    }

    /// The box layers' files, as the media's `boxes`.
    pub(crate) fn boxes(
        &mut self,
        annotations: &Annotations,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let mut layers = Map::new();
        for layer in &annotations.boxes {
            let json = Encoded::new(layer.json.clone().into_bytes(), "json".to_owned(), 0, 0);
            let file = self.file(FileKind::Boxes, &json)?;
            layers.insert(layer.name.clone(), reference("boxes2D", &file));
        }
        Ok((!layers.is_empty()).then_some(layers))
    }

    /// The mask layers' files, as the media's `masks`.
    pub(crate) fn masks(
        &mut self,
        annotations: &Annotations,
        encoder: &mut Encoder,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let mut layers = Map::new();
        for layer in &annotations.masks {
            let encoded = match &layer.content {
                MaskContent::Ids(ids) => encode_ids(ids, encoder)?,
                MaskContent::File {
                    bytes,
                    extension,
                    width,
                    height,
                    ..
                } => Encoded::new(bytes.clone(), extension.clone(), *width, *height),
            };
            let file = self.file(FileKind::Mask, &encoded)?;
            encoder.reuse(encoded);
            layers.insert(layer.name.clone(), reference("mask", &file));
        }
        Ok((!layers.is_empty()).then_some(layers))
    }
}

/// W&B's reference to a layer's file.
fn reference(kind: &str, file: &FileRecord) -> Value {
    json!({"_type": kind, "sha256": file.sha256, "size": file.size, "path": file.path})
}

/// An 8-bit grey PNG with exactly the class ids.
fn encode_ids(ids: &MaskIds, encoder: &mut Encoder) -> Result<Encoded, PictureError> {
    let (width, height) = (ids.width() as usize, ids.height() as usize);
    let raster = Raster::new(width, height, 1, ids.ids().to_vec());
    let pixels = convert(raster, Mode::L);
    Ok(encoder.encode(&pixels, FileType::Png, EncodeOptions::default())?)
}
