//! Image files: what they are, whether they decode in full, and their pixels where those are needed.
//!
//! Decoding is left to crates, but not trust: sizes are checked before anything is allocated, the pixels go
//! into a buffer of ours, and what decoders let pass (a JPEG that ends early) is looked for here.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{bmp, gif, jpeg, png, tiff, webp};
use image::metadata::Orientation;
use image::{AnimationDecoder, ColorType, DynamicImage, ImageDecoder, Limits};

use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;

use super::jpeg_markers::{self, JpegFault, Scans};
use crate::render::Raster;

/// A kind of image file, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageKind {
    /// PNG and APNG.
    Png,
    /// JPEG.
    Jpeg,
    /// Windows bitmap.
    Bmp,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// TIFF.
    Tiff,
}

impl ImageKind {
    /// The kind whose magic bytes `head` begins with.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'B', b'M', ..] => Some(Self::Bmp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::Tiff),
            _ => None,
        }
    }

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
            Self::Tiff => "TIFF",
        }
    }

    /// The usual extension, for bytes that came without a name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Tiff => "tif",
        }
    }
}

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
        /// Bytes of the decoded pixels.
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

impl ImageFile {
    /// Decodes the whole of `bytes` and keeps nothing but the size.
    ///
    /// # Errors
    /// [`ImageError`] if that fails or would take more than `limits`.
    pub fn check(bytes: &[u8], kind: ImageKind, limits: SizeLimits) -> Result<Self, ImageError> {
        if kind == ImageKind::Jpeg {
            jpeg_scans(bytes)?;
        }
        if kind == ImageKind::Webp && riff_length(bytes) > bytes.len() as u64 {
            return Err(ImageError::Damaged {
                kind,
                reason: "it is truncated".to_owned(),
            });
        }
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
        guarded(kind, || {
            let mut decoded = None;
            with_decoder(bytes, kind, limits, &mut |mut decoder| {
                let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
                let (width, height) = decoder.dimensions();
                let color = decoder.color_type();
                let samples = read_pixels(kind, decoder, limits)?;
                let image = to_dynamic(color, width, height, samples)?;
                let orientation = match upright {
                    Upright::Turned => orientation,
                    Upright::AsStored => Orientation::NoTransforms,
                };
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

/// Decodes a JPEG that claims a size within limits, and lets nothing pass that is missing or damaged.
fn decode_strictly(bytes: &[u8]) -> Result<(), ImageError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let decoded = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode();
    decoded.map(drop).map_err(|e| ImageError::Damaged {
        kind: ImageKind::Jpeg,
        reason: format!("{e:?}").replace('\n', " "),
    })
}

/// The length that a RIFF file claims, its header included.
fn riff_length(bytes: &[u8]) -> u64 {
    match bytes {
        [_, _, _, _, a, b, c, d, ..] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8,
        _ => u64::MAX,
    }
}

/// Decodes the frames of an animation, which is whole when all of them are; of a very long one, as many as one
/// picture may have pixels.
fn check_frames(
    kind: ImageKind,
    frames: image::Frames<'_>,
    width: u32,
    height: u32,
    limits: SizeLimits,
) -> Result<(), ImageError> {
    let pixels = u64::from(width) * u64::from(height);
    let most = usize::try_from(limits.pixels / pixels.max(1)).unwrap_or(usize::MAX);
    let mut is_empty = true;
    for frame in frames.take(most) {
        frame.map_err(|e| damaged(kind, &e))?;
        is_empty = false;
    }
    if is_empty {
        return Err(ImageError::Damaged {
            kind,
            reason: "it has no frame".to_owned(),
        });
    }
    Ok(())
}

fn jpeg_scans(bytes: &[u8]) -> Result<Scans, ImageError> {
    jpeg_markers::walk(bytes).map_err(|fault| ImageError::Damaged {
        kind: ImageKind::Jpeg,
        reason: match fault {
            JpegFault::Truncated => "it is truncated".to_owned(),
            JpegFault::NoScan => "it has no picture data".to_owned(),
        },
    })
}

/// Runs a decoder so that its panic is this file's error and nobody else's.
fn guarded<T>(
    kind: ImageKind,
    decode: impl FnOnce() -> Result<T, ImageError>,
) -> Result<T, ImageError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(ImageError::Panicked { kind }))
}

fn damaged(kind: ImageKind, error: &image::ImageError) -> ImageError {
    ImageError::Damaged {
        kind,
        reason: error.to_string().replace('\n', " "),
    }
}

/// What decoders may take beside the pixels: color profiles, text, tables.
const ANCILLARY_BYTES: u64 = 64 << 20;

fn decoder_limits(limits: SizeLimits) -> Limits {
    let mut inner = Limits::no_limits();
    inner.max_alloc = Some(limits.bytes.saturating_add(ANCILLARY_BYTES));
    inner
}

fn open_gif(
    bytes: &[u8],
    limits: SizeLimits,
) -> Result<gif::GifDecoder<Cursor<&[u8]>>, ImageError> {
    let kind = ImageKind::Gif;
    let mut decoder = gif::GifDecoder::new(Cursor::new(bytes)).map_err(|e| damaged(kind, &e))?;
    check_size(&decoder, limits)?;
    decoder
        .set_limits(decoder_limits(limits))
        .map_err(|e| damaged(kind, &e))?;
    Ok(decoder)
}

/// What is done with a decoder.
type Then<'a> = dyn FnMut(Box<dyn ImageDecoder + '_>) -> Result<(), ImageError> + 'a;

/// Opens the decoder for `kind` and hands it to `then`.
fn with_decoder(
    bytes: &[u8],
    kind: ImageKind,
    limits: SizeLimits,
    then: &mut Then<'_>,
) -> Result<(), ImageError> {
    let fail = |e: image::ImageError| damaged(kind, &e);
    let cursor = Cursor::new(bytes);
    let mut decoder: Box<dyn ImageDecoder> = match kind {
        ImageKind::Png => {
            let decoder =
                png::PngDecoder::with_limits(cursor, decoder_limits(limits)).map_err(fail)?;
            Box::new(decoder)
        }
        ImageKind::Jpeg => Box::new(jpeg::JpegDecoder::new(cursor).map_err(fail)?),
        ImageKind::Bmp => Box::new(bmp::BmpDecoder::new(cursor).map_err(fail)?),
        ImageKind::Gif => Box::new(open_gif(bytes, limits)?),
        ImageKind::Webp => Box::new(webp::WebPDecoder::new(cursor).map_err(fail)?),
        ImageKind::Tiff => Box::new(tiff::TiffDecoder::new(cursor).map_err(fail)?),
    };
    check_size(&*decoder, limits)?;
    decoder.set_limits(decoder_limits(limits)).map_err(fail)?;
    then(decoder)
}

/// Whether a file has more than one frame to show.
fn is_animation(bytes: &[u8], kind: ImageKind, limits: SizeLimits) -> bool {
    match kind {
        ImageKind::Gif => {
            open_gif(bytes, limits).is_ok_and(|gif| gif.into_frames().take(2).count() > 1)
        }
        ImageKind::Png => {
            png::PngDecoder::new(Cursor::new(bytes)).is_ok_and(|png| png.is_apng().unwrap_or(false))
        }
        ImageKind::Webp => {
            webp::WebPDecoder::new(Cursor::new(bytes)).is_ok_and(|webp| webp.has_animation())
        }
        ImageKind::Jpeg | ImageKind::Bmp | ImageKind::Tiff => false,
    }
}

fn check_size(decoder: &dyn ImageDecoder, limits: SizeLimits) -> Result<(), ImageError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(ImageError::TooManyPixels {
            width,
            height,
            limit: limits.pixels,
        });
    }
    let needed = decoder.total_bytes();
    if needed > limits.bytes {
        return Err(ImageError::TooManyBytes {
            width,
            height,
            needed,
            limit: limits.bytes,
        });
    }
    Ok(())
}

fn read_pixels(
    kind: ImageKind,
    decoder: Box<dyn ImageDecoder + '_>,
    limits: SizeLimits,
) -> Result<Vec<u8>, ImageError> {
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged {
            kind,
            reason: "it has no pixels".to_owned(),
        });
    }
    let needed = decoder.total_bytes();
    let too_many = || ImageError::TooManyBytes {
        width,
        height,
        needed,
        limit: limits.bytes,
    };
    let len = usize::try_from(needed).map_err(|_| too_many())?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(len).map_err(|_| too_many())?;
    samples.resize(len, 0);
    decoder
        .read_image_boxed(&mut samples)
        .map_err(|e| damaged(kind, &e))?;
    Ok(samples)
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
