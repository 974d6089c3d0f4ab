//! How much memory a picture takes, told before it is made: about the most, so that what is within the limit stays there.

use super::{ImageFiles, PictureError, Settings};
use crate::encode;
use crate::mode::Mode;
use crate::plan::Wish;
use crate::read::{ImageKind, Source, image_claim};

/// Bytes of memory that making a picture of an image file takes.
pub(super) fn of_file(source: &Source, kind: ImageKind, settings: &Settings) -> u64 {
    let Some(claim) = image_claim(source, kind) else {
        return source.len();
    };
    // Its bytes, its pixels, and room to turn them.
    let decoding = source.len().saturating_add(claim.bytes.saturating_mul(2));
    let encoding = match settings.image_files {
        ImageFiles::Keep => 0,
        ImageFiles::Reencode => {
            let size = [claim.width.into(), claim.height.into()];
            of_encoding(size, 4, wished_mode(&settings.wish))
        }
    };
    decoding.max(encoding)
}

/// Bytes of memory that encoding samples takes, in a mode or as they are: they, what a mode of other pixels makes of them, the
/// colours that a palette is made of, and what the encoder takes.
pub(super) fn of_encoding(size: [u64; 2], channels: u64, mode: Option<Mode>) -> u64 {
    let [width, height] = size;
    let pixels = width.saturating_mul(height);
    let each = mode.map_or(channels, Mode::bytes_per_pixel);
    let other = if each == channels { 0 } else { each };
    let colors = match mode {
        Some(Mode::P) if channels == 4 => COLOR,
        _ => 0,
    };
    pixels
        .saturating_mul(channels + other + colors)
        .saturating_add(encode::memory(size, each))
}

/// Bytes that a colour takes while a palette is made for a picture in which no two pixels are alike.
const COLOR: u64 = 44;

/// The mode that was asked for.
pub(super) fn wished_mode(wish: &Wish) -> Option<Mode> {
    wish.mode.or(wish.colormap.map(|_| Mode::Rgb))
}

/// Whether so many bytes of memory are allowed for one picture.
pub(super) fn check(needed: u64, settings: &Settings) -> Result<(), PictureError> {
    let limit = settings.limits.bytes;
    match needed > limit {
        true => Err(PictureError::TooManyBytes { needed, limit }),
        false => Ok(()),
    }
}
