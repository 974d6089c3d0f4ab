//! Image files: what they are, whether they decode in full, and their pixels where those are needed.
//!
//! Decoding is left to crates, but not trust: sizes are checked before anything is allocated, the pixels go
//! into a buffer of ours, and what decoders let pass (a JPEG that ends early) is looked for here.

mod claims;
mod decode;
mod kind;

use std::io::Cursor;

use image::codecs::webp;
use image::metadata::Orientation;
use image::{AnimationDecoder, ColorType, DynamicImage, ImageDecoder};

pub(crate) use claims::Claim;
pub use kind::ImageKind;

use super::Source;
use super::jpeg_markers::Scans;
use crate::render::Raster;
use decode::{
    check_frames, check_memory, check_room, check_size, check_tiff, damaged, decode_strictly,
    guarded, is_animation, jpeg_scans, open_gif, read_pixels, with_decoder,
};

/// How large a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimits {
    /// Pixels of one picture.
    pub pixels: u64,
    /// Bytes that decoding one picture may take.
    pub bytes: u64,
}

/// Why an image file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It does not decode.
    #[error("not a whole {} file: {reason}", kind.name())]
    Damaged {
        /// What its first bytes claim.
        kind: ImageKind,
        /// What the decoder said.
        reason: String,
    },
    /// It may be whole, but nothing here decodes files like it.
    #[error("a {} file of a kind that is not decoded: {reason}", kind.name())]
    Unsupported {
        /// What it is.
        kind: ImageKind,
        /// What the decoder said.
        reason: String,
    },
    /// The decoder failed in a way it should not.
    #[error("not a whole {} file: its decoder gave up on it", kind.name())]
    Panicked {
        /// What its first bytes claim.
        kind: ImageKind,
    },
    /// More pixels than are allowed.
    #[error("{width}×{height} pixels are more than the {limit} allowed for one picture")]
    TooManyPixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The limit.
        limit: u64,
    },
    /// More bytes than are allowed.
    #[error(
        "decoding {width}×{height} pixels needs {needed} bytes, and one picture may take {limit}"
    )]
    TooManyBytes {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes of the file and the decoded pixels.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// Pixels that cannot be written in a mode.
    #[error("its samples are floating-point numbers, which have no 8-bit picture")]
    FloatSamples,
    /// A JPEG whose pixels the decoder is known to get wrong.
    #[error(
        "a JPEG with its color components in separate scans, whose pixels are not decoded reliably"
    )]
    SeparateScans,
}

/// An image file that decoded in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// What it is.
    pub kind: ImageKind,
    /// Pixels in a row, as stored.
    pub width: u32,
    /// Rows, as stored.
    pub height: u32,
}

/// The pixels of an image file.
#[derive(Debug)]
pub struct Decoded {
    /// 8-bit samples, upright.
    pub raster: Raster,
    /// What was done to get there.
    pub changes: Vec<DecodedChange>,
}

/// Whether a picture is turned as its EXIF orientation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upright {
    /// Turned, for a new file that has no EXIF.
    Turned,
    /// As stored, which is what the coordinates of annotations count.
    AsStored,
}

/// What decoding to 8-bit samples changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodedChange {
    /// 16-bit samples kept their upper 8 bits.
    ReducedTo8Bits,
    /// The EXIF orientation was applied, because the new file has no EXIF.
    Turned,
    /// Only the first frame of an animation was taken.
    FirstFrame,
}

/// What an image file's header claims; `None` where there is no header, and decoding will fail.
pub(crate) fn image_claim(source: &Source, kind: ImageKind) -> Option<Claim> {
    claims::claim(claims::Bytes::There(source), kind)
}

impl ImageFile {
    /// Decodes the whole of `bytes` and keeps nothing but the size.
    ///
    /// # Errors
    /// [`ImageError`] if that fails or would take more than `limits`.
    pub fn check(bytes: &[u8], kind: ImageKind, limits: SizeLimits) -> Result<Self, ImageError> {
        if kind == ImageKind::Jpeg {
            jpeg_scans(bytes)?;
        }
        claims::check(bytes, kind)?;
        check_memory(bytes, kind, limits)?;
        guarded(kind, || {
            let (mut width, mut height) = (0, 0);
            match kind {
                ImageKind::Gif => {
                    let decoder = open_gif(bytes, limits)?;
                    (width, height) = decoder.dimensions();
                    check_frames(kind, decoder.into_frames(), width, height, limits)?;
                }
                ImageKind::Webp if is_animation(bytes, kind, limits) => {
                    let decoder = webp::WebPDecoder::new(Cursor::new(bytes))
                        .map_err(|e| damaged(kind, &e))?;
                    check_size(&decoder, limits)?;
                    (width, height) = decoder.dimensions();
                    check_frames(kind, decoder.into_frames(), width, height, limits)?;
                }
                ImageKind::Tiff => (width, height) = check_tiff(bytes, limits)?,
                ImageKind::Jpeg => {
                    with_decoder(bytes, kind, limits, &mut |decoder| {
                        (width, height) = decoder.dimensions();
                        Ok(())
                    })?;
                    decode_strictly(bytes)?;
                }
                _ => with_decoder(bytes, kind, limits, &mut |decoder| {
                    (width, height) = decoder.dimensions();
                    read_pixels(kind, decoder, limits).map(drop)
                })?,
            }
            if width == 0 || height == 0 {
                return Err(ImageError::Damaged {
                    kind,
                    reason: "it has no pixels".to_owned(),
                });
            }
            Ok(Self {
                kind,
                width,
                height,
            })
        })
    }
}

/// Whether a file says by its EXIF that it is to be shown otherwise than it is stored. What cannot be read is not.
#[must_use]
pub fn is_turned(bytes: &[u8], kind: ImageKind, limits: SizeLimits) -> bool {
    let turned = guarded(kind, || {
        let mut turned = false;
        with_decoder(bytes, kind, limits, &mut |mut decoder| {
            turned = decoder
                .orientation()
                .is_ok_and(|orientation| orientation != Orientation::NoTransforms);
            Ok(())
        })?;
        Ok(turned)
    });
    turned.unwrap_or(false)
}

impl Decoded {
    /// Decodes to 8-bit samples.
    ///
    /// # Errors
    /// [`ImageError`] if that fails, would take more than `limits`, or has no 8-bit form.
    pub fn read(
        bytes: &[u8],
        kind: ImageKind,
        limits: SizeLimits,
        upright: Upright,
    ) -> Result<Self, ImageError> {
        if kind == ImageKind::Jpeg && jpeg_scans(bytes)? == Scans::Separate {
            return Err(ImageError::SeparateScans);
        }
        claims::check(bytes, kind)?;
        check_memory(bytes, kind, limits)?;
        guarded(kind, || {
            let mut decoded = None;
            with_decoder(bytes, kind, limits, &mut |mut decoder| {
                let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
                let (width, height) = decoder.dimensions();
                let color = decoder.color_type();
                let orientation = match upright {
                    Upright::Turned => orientation,
                    Upright::AsStored => Orientation::NoTransforms,
                };
                // Turned pixels and upper bytes are copies.
                let is_copied = orientation != Orientation::NoTransforms
                    || color.bytes_per_pixel() > color.channel_count();
                let copies = 1 + u64::from(is_copied);
                let needed = decoder.total_bytes().saturating_mul(copies);
                check_room(bytes, (width, height), needed, limits)?;
                let samples = read_pixels(kind, decoder, limits)?;
                let image = to_dynamic(color, width, height, samples)?;
                decoded = Some(to_8_bits(image, orientation));
                Ok(())
            })?;
            let mut decoded: Self = decoded.ok_or(ImageError::Panicked { kind })?;
            if is_animation(bytes, kind, limits) {
                decoded.changes.push(DecodedChange::FirstFrame);
            }
            Ok(decoded)
        })
    }
}

fn to_dynamic(
    color: ColorType,
    width: u32,
    height: u32,
    samples: Vec<u8>,
) -> Result<DynamicImage, ImageError> {
    let words = || {
        samples
            .chunks_exact(2)
            .map(|b| u16::from_ne_bytes([b[0], b[1]]))
            .collect()
    };
    let image = match color {
        ColorType::L8 => image::GrayImage::from_raw(width, height, samples).map(DynamicImage::from),
        ColorType::La8 => {
            image::GrayAlphaImage::from_raw(width, height, samples).map(DynamicImage::from)
        }
        ColorType::Rgb8 => {
            image::RgbImage::from_raw(width, height, samples).map(DynamicImage::from)
        }
        ColorType::Rgba8 => {
            image::RgbaImage::from_raw(width, height, samples).map(DynamicImage::from)
        }
        ColorType::L16 => {
            image::ImageBuffer::from_raw(width, height, words()).map(DynamicImage::ImageLuma16)
        }
        ColorType::La16 => {
            image::ImageBuffer::from_raw(width, height, words()).map(DynamicImage::ImageLumaA16)
        }
        ColorType::Rgb16 => {
            image::ImageBuffer::from_raw(width, height, words()).map(DynamicImage::ImageRgb16)
        }
        ColorType::Rgba16 => {
            image::ImageBuffer::from_raw(width, height, words()).map(DynamicImage::ImageRgba16)
        }
        _ => None,
    };
    image.ok_or(ImageError::FloatSamples)
}

fn to_8_bits(mut image: DynamicImage, orientation: Orientation) -> Decoded {
    let mut changes = Vec::new();
    if orientation != Orientation::NoTransforms {
        image.apply_orientation(orientation);
        changes.push(DecodedChange::Turned);
    }
    let (width, height) = (image.width() as usize, image.height() as usize);
    let channels = usize::from(image.color().channel_count());
    let upper = |words: Vec<u16>| words.into_iter().map(|w| w.to_be_bytes()[0]).collect();
    let samples = match image {
        DynamicImage::ImageLuma16(image) => upper(image.into_raw()),
        DynamicImage::ImageLumaA16(image) => upper(image.into_raw()),
        DynamicImage::ImageRgb16(image) => upper(image.into_raw()),
        DynamicImage::ImageRgba16(image) => upper(image.into_raw()),
        image => {
            let samples = image.into_bytes();
            return Decoded {
                raster: Raster::new(width, height, channels, samples),
                changes,
            };
        }
    };
    changes.push(DecodedChange::ReducedTo8Bits);
    Decoded {
        raster: Raster::new(width, height, channels, samples),
        changes,
    }
}
