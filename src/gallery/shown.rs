//! What a browser is given to show a picture: its file as it is, or a rendition where the browser would show it
//! otherwise than annotations count its pixels, or not at all.

use crate::encode::{EncodeOptions, Encoder};
use crate::mode::{FileType, Mode};
use crate::read::{Decoded, ImageKind, SizeLimits, Upright, is_turned};
use crate::render::{Raster, convert};

/// What stands in for a file.
pub(super) struct Rendition {
    pub(super) extension: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// The pixels of a picture as they are stored.
pub(super) fn pixels(bytes: &[u8], limits: SizeLimits) -> Result<Raster, String> {
    let kind = ImageKind::of(bytes).ok_or_else(|| "it is no image file".to_owned())?;
    let decoded = Decoded::read(bytes, kind, limits, Upright::AsStored);
    decoded
        .map(|decoded| decoded.raster)
        .map_err(|e| e.to_string())
}

/// `None` where the file itself will do.
pub(super) fn rendition(bytes: &[u8], limits: SizeLimits) -> Result<Option<Rendition>, String> {
    let kind = ImageKind::of(bytes).ok_or_else(|| "it is no image file".to_owned())?;
    match kind {
        // No browser shows it but Safari.
        ImageKind::Tiff => as_png(bytes, limits).map(Some),
        ImageKind::Jpeg if is_turned(bytes, kind, limits) => Ok(Some(Rendition {
            extension: "jpg",
            bytes: without_exif(bytes),
        })),
        ImageKind::Png | ImageKind::Webp if is_turned(bytes, kind, limits) => {
            as_png(bytes, limits).map(Some)
        }
        ImageKind::Jpeg | ImageKind::Png | ImageKind::Webp | ImageKind::Gif | ImageKind::Bmp => {
            Ok(None)
        }
    }
}

fn as_png(bytes: &[u8], limits: SizeLimits) -> Result<Rendition, String> {
    let raster = pixels(bytes, limits)?.into_color();
    let mode = match raster.channels() {
        4 => Mode::Rgba,
        _ => Mode::Rgb,
    };
    let encoded = Encoder::default()
        .encode(
            &convert(raster, mode),
            FileType::Png,
            EncodeOptions::default(),
        )
        .map_err(|e| e.to_string())?;
    Ok(Rendition {
        extension: "png",
        bytes: encoded.into_bytes(),
    })
}

/// A JPEG without its EXIF segments, by which browsers turn it; its pixels are what they were.
fn without_exif(bytes: &[u8]) -> Vec<u8> {
    let mut kept = bytes.get(..2).unwrap_or_default().to_vec();
    let mut at = 2;
    // Segments of a marker and a length, up to the first scan.
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        if marker == 0xff {
            at += 1;
            continue;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(segment) = bytes.get(at..end) else {
            break;
        };
        if !(marker == 0xe1 && segment[4..].starts_with(b"Exif\0")) {
            kept.extend_from_slice(segment);
        }
        at = end;
        if marker == 0xda {
            break;
        }
    }
    kept.extend_from_slice(bytes.get(at..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SizeLimits = SizeLimits {
        pixels: 1 << 20,
        bytes: 1 << 24,
    };

    fn fixture(name: &str) -> Vec<u8> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
        std::fs::read(folder.join(name)).unwrap()
    }

    #[test]
    fn a_turned_photograph_keeps_its_pixels_and_loses_its_exif() {
        let turned = fixture("turned.jpg");
        let Rendition { extension, bytes } = rendition(&turned, LIMITS).unwrap().unwrap();
        assert_eq!(extension, "jpg");
        assert!(!is_turned(&bytes, ImageKind::Jpeg, LIMITS));
        let samples = |bytes| pixels(bytes, LIMITS).unwrap().into_samples();
        assert_eq!(samples(&bytes), samples(&turned));
    }

    #[test]
    fn what_browsers_show_is_left_alone() {
        for name in ["rgb.jpg", "rgb.png", "rgb.bmp", "still.gif", "lossy.webp"] {
            assert!(
                rendition(&fixture(name), LIMITS).unwrap().is_none(),
                "{name}"
            );
        }
        let tiff = rendition(&fixture("rgb.tiff"), LIMITS).unwrap().unwrap();
        assert_eq!(ImageKind::of(&tiff.bytes), Some(ImageKind::Png));
        assert!(rendition(b"nothing", LIMITS).is_err());
    }
}
