//! The decoders, and what is done around them: sizes are checked before anything is allocated, the pixels go into
//! a buffer of ours, and what decoders let pass is looked for.

use std::io::{Cursor, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{bmp, gif, jpeg, png, tiff, webp};
use image::{AnimationDecoder, ImageDecoder, Limits};
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;

use super::claims::{Bytes, Claim, claim};
use super::{ImageError, ImageKind, SizeLimits};
use crate::read::jpeg_markers::{self, JpegFault, Scans};

/// Decodes a JPEG that claims a size within limits, and lets nothing pass that is missing or damaged.
pub(super) fn decode_strictly(bytes: &[u8]) -> Result<(), ImageError> {
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

/// Decodes a TIFF of whatever samples, floating-point ones too, and keeps its size.
pub(super) fn check_tiff(bytes: &[u8], limits: SizeLimits) -> Result<(u32, u32), ImageError> {
    let kind = ImageKind::Tiff;
    let fail = |e: tiff_crate::TiffError| match e {
        tiff_crate::TiffError::UnsupportedError(e) => ImageError::Unsupported {
            kind,
            reason: on_one_line(&e),
        },
        tiff_crate::TiffError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => {
            ends_early(kind)
        }
        e => ImageError::Damaged {
            kind,
            reason: on_one_line(&e),
        },
    };
    let most = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
    let mut inner = tiff_crate::decoder::Limits::default();
    inner.decoding_buffer_size = most;
    inner.intermediate_buffer_size = most;
    let decoder = tiff_crate::decoder::Decoder::new(Cursor::new(bytes)).map_err(fail)?;
    let mut decoder = decoder.with_limits(inner);
    let (width, height) = decoder.dimensions().map_err(fail)?;
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(ImageError::TooManyPixels {
            width,
            height,
            limit: limits.pixels,
        });
    }
    decoder.read_image().map_err(fail)?;
    Ok((width, height))
}

/// Decodes the frames of an animation, which is whole when all of them are; of a very long one, as many as one
/// picture may have pixels.
pub(super) fn check_frames(
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

pub(super) fn jpeg_scans(bytes: &[u8]) -> Result<Scans, ImageError> {
    jpeg_markers::walk(bytes).map_err(|fault| ImageError::Damaged {
        kind: ImageKind::Jpeg,
        reason: match fault {
            JpegFault::Truncated => "it is truncated".to_owned(),
            JpegFault::NoScan => "it has no picture data".to_owned(),
        },
    })
}

/// Runs a decoder so that its panic is this file's error and nobody else's.
pub(super) fn guarded<T>(
    kind: ImageKind,
    decode: impl FnOnce() -> Result<T, ImageError>,
) -> Result<T, ImageError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(ImageError::Panicked { kind }))
}

pub(super) fn damaged(kind: ImageKind, error: &image::ImageError) -> ImageError {
    match error {
        // The other decoders say so of files that are merely wrong.
        image::ImageError::Unsupported(error) if kind == ImageKind::Tiff => {
            ImageError::Unsupported {
                kind,
                reason: on_one_line(error),
            }
        }
        image::ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ends_early(kind)
        }
        _ => ImageError::Damaged {
            kind,
            reason: on_one_line(error),
        },
    }
}

fn ends_early(kind: ImageKind) -> ImageError {
    ImageError::Damaged {
        kind,
        reason: "it ends too early".to_owned(),
    }
}

fn on_one_line(error: &impl ToString) -> String {
    error.to_string().replace('\n', " ")
}

/// What decoders may take beside the pixels: color profiles, text, tables.
const ANCILLARY_BYTES: u64 = 64 << 20;

pub(super) fn decoder_limits(limits: SizeLimits) -> Limits {
    let mut inner = Limits::no_limits();
    inner.max_alloc = Some(limits.bytes.saturating_add(ANCILLARY_BYTES));
    inner
}

pub(super) fn open_gif(
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
pub(super) type Then<'a> = dyn FnMut(Box<dyn ImageDecoder + '_>) -> Result<(), ImageError> + 'a;

/// Opens the decoder for `kind` and hands it to `then`.
pub(super) fn with_decoder(
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
pub(super) fn is_animation(bytes: &[u8], kind: ImageKind, limits: SizeLimits) -> bool {
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

pub(super) fn check_size(decoder: &dyn ImageDecoder, limits: SizeLimits) -> Result<(), ImageError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(ImageError::TooManyPixels {
            width,
            height,
            limit: limits.pixels,
        });
    }
    check_room(&[], (width, height), decoder.total_bytes(), limits)
}

/// Whether there is room to decode a file beside its bytes, by what its header claims.
pub(super) fn check_memory(
    bytes: &[u8],
    kind: ImageKind,
    limits: SizeLimits,
) -> Result<(), ImageError> {
    match claim(Bytes::Here(bytes), kind) {
        // Too many pixels are another error.
        Some(Claim {
            width,
            height,
            bytes: needed,
        }) if u64::from(width) * u64::from(height) <= limits.pixels => {
            check_room(bytes, (width, height), needed, limits)
        }
        _ => Ok(()),
    }
}

/// Whether there is room for `decoded` bytes of pixels beside those of the file.
pub(super) fn check_room(
    bytes: &[u8],
    (width, height): (u32, u32),
    decoded: u64,
    limits: SizeLimits,
) -> Result<(), ImageError> {
    let needed = decoded.saturating_add(bytes.len() as u64);
    match needed > limits.bytes {
        true => Err(ImageError::TooManyBytes {
            width,
            height,
            needed,
            limit: limits.bytes,
        }),
        false => Ok(()),
    }
}

pub(super) fn read_pixels(
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
