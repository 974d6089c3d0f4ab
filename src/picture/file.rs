//! Image file to picture: byte for byte, or encoded again.

use super::{Canvas, Picture, PictureError, Settings, memory};
use crate::encode::{Encoded, Encoder};
use crate::media::FrameName;
use crate::mode::{FileType, Mode, Target};
use crate::note::Note;
use crate::read::{Decoded, ImageFile, ImageKind, ReadError, Source, Upright};
use crate::render::{self, Raster};
use crate::warning::Warning;

/// All bytes of an image file.
pub(super) fn whole(source: &Source, settings: &Settings) -> Result<Vec<u8>, PictureError> {
    memory::check(source.len(), settings)?;
    Ok(source
        .read_whole(settings.limits.bytes)
        .map_err(ReadError::from)?)
}

/// Image file to picture, byte for byte.
pub(super) fn keep(
    bytes: Vec<u8>,
    kind: ImageKind,
    extension: &str,
    settings: &Settings,
    canvas: Canvas,
) -> Result<Picture, PictureError> {
    let file = ImageFile::check(&bytes, kind, settings.limits).map_err(ReadError::from)?;
    let mut notes = Vec::new();
    let canvas = match canvas {
        Canvas::Unwanted => None,
        Canvas::Wanted => match Decoded::read(&bytes, kind, settings.limits, Upright::AsStored) {
            Ok(decoded) => Some(decoded.raster),
            Err(error) => {
                notes.push(Note::NotDrawn {
                    reason: error.to_string(),
                });
                None
            }
        },
    };
    Ok(Picture {
        frame: FrameName::Only,
        encoded: Encoded::new(bytes, extension.to_owned(), file.width, file.height),
        plan: None,
        warnings: Vec::new(),
        notes,
        canvas,
    })
}

/// Image file to picture, encoded again.
pub(super) fn reencode(
    bytes: Vec<u8>,
    kind: ImageKind,
    settings: &Settings,
    canvas: Canvas,
    encoder: &mut Encoder,
) -> Result<Picture, PictureError> {
    let decoded =
        Decoded::read(&bytes, kind, settings.limits, Upright::Turned).map_err(ReadError::from)?;
    // Only its pixels are needed from here on.
    drop(bytes);
    let (mode, file_type) = (settings.wish.mode, settings.wish.encoding());
    let guessed = guess_mode_again(&decoded.raster, file_type);
    let target = Target::new(mode.unwrap_or(guessed), file_type)?;
    let has_alpha = decoded.raster.channels() % 2 == 0;
    let drops_alpha = mode.is_none() && has_alpha && matches!(guessed, Mode::L | Mode::Rgb);
    let raster = decoded.raster;
    let size = [raster.width() as u64, raster.height() as u64];
    let needed = memory::of_encoding(size, raster.channels() as u64, Some(target.mode()));
    memory::check(needed, settings)?;
    let pixels = render::convert(raster, target.mode());
    Ok(Picture {
        frame: FrameName::Only,
        encoded: encoder.encode(&pixels, file_type, settings.encode)?,
        plan: None,
        warnings: drops_alpha
            .then_some(Warning::AlphaDropped)
            .into_iter()
            .collect(),
        notes: decoded.changes.into_iter().map(Note::Changed).collect(),
        canvas: (canvas == Canvas::Wanted).then(|| pixels.to_raster()),
    })
}

/// The mode that keeps most of a decoded picture.
fn guess_mode_again(raster: &Raster, file_type: FileType) -> Mode {
    match (raster.channels(), file_type) {
        (1, _) | (2, FileType::Jpg | FileType::Jpeg) => Mode::L,
        (2, FileType::Png) => Mode::La,
        (2 | 4, FileType::Bmp) | (4, FileType::Png) => Mode::Rgba,
        _ => Mode::Rgb,
    }
}
