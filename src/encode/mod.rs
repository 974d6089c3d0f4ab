//! Pixels in, the bytes of a file out. Nothing here knows where the file will be.

mod bmp;
pub mod jpeg;
pub mod png;

use std::borrow::Cow;
use std::num::NonZero;

use sha2::{Digest, Sha256};

use crate::buffer::SpareBuffer;
use crate::mode::{FileType, Mode};
use crate::render::Pixels;
use crate::threads::Threads;

/// The bytes of a picture's file. Where they came from no longer matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    bytes: Vec<u8>,
    sha256: String,
    format: String,
    width: u32,
    height: u32,
}

impl Encoded {
    /// Takes the bytes of a file of `width` × `height` pixels whose extension is `format` (empty for none).
    #[must_use]
    pub fn new(bytes: Vec<u8>, format: String, width: u32, height: u32) -> Self {
        Self {
            sha256: sha256_hex(&bytes),
            bytes,
            format,
            width,
            height,
        }
    }

    /// The file's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes, in 64 lower-case hex digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The file's extension, as the media's `format`; empty for none.
    #[must_use]
    pub fn format(&self) -> &str {
        &self.format
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes alone.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// SHA-256 in 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = digest.as_ref();
    let mut text = String::with_capacity(2 * digest.len());
    for &byte in digest {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
    text
}

/// What the encoders are told beside the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncodeOptions {
    /// JPEG quality.
    pub quality: jpeg::Quality,
    /// What to spend on small PNG files.
    pub effort: png::Effort,
}

/// Why a picture cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// More pixels than the format can hold.
    #[error("{width}×{height} pixels are more than {file_type} can hold: at most {limit} a side")]
    Size {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// The file type.
        file_type: FileType,
        /// The longest side that it can hold.
        limit: u32,
    },
    /// More bytes than the format can hold.
    #[error("a BMP file holds less than 4 GiB, and this picture needs {bytes} bytes")]
    BmpTooLarge {
        /// Bytes of the file.
        bytes: u64,
    },
    /// JPEG refuses the picture.
    #[error(transparent)]
    Jpeg(#[from] jpeg::JpegError),
    /// PNG refuses the picture.
    #[error(transparent)]
    Png(#[from] png::PngError),
}

/// Encodes pictures one after the other, reusing its buffers.
pub struct Encoder {
    png: png::Scratch,
    threads: Threads,
    /// The file before.
    spare: SpareBuffer,
}

impl Default for Encoder {
    /// One that works on its caller's thread.
    fn default() -> Self {
        Self {
            png: png::Scratch::default(),
            threads: Threads::ONE,
            spare: SpareBuffer::default(),
        }
    }
}

/// Bytes of samples from which more threads finish a PNG sooner.
const LARGE: usize = 2 << 20;

impl Encoder {
    /// Shares the work on a large PNG among so many threads from now on. The bytes are the same.
    pub fn share_among(&mut self, threads: Threads) {
        self.threads = threads;
    }

    /// Among how many threads the work is shared.
    pub(crate) fn threads(&self) -> Threads {
        self.threads
    }

    /// Takes the memory of a file that is done with, for the next one.
    pub fn reuse(&mut self, encoded: Encoded) {
        self.spare.leave(encoded.bytes);
    }

    /// Encodes one picture.
    ///
    /// # Errors
    /// [`EncodeError`] if the format cannot hold it.
    pub fn encode(
        &mut self,
        pixels: &Pixels,
        file_type: FileType,
        options: EncodeOptions,
    ) -> Result<Encoded, EncodeError> {
        let limit = match file_type {
            FileType::Png | FileType::Bmp => i32::MAX.unsigned_abs(),
            FileType::Jpg | FileType::Jpeg => jpeg::MAX_SIDE,
        };
        let side = |length: usize| {
            u32::try_from(length)
                .ok()
                .filter(|&n| n <= limit)
                .ok_or(EncodeError::Size {
                    width: pixels.width,
                    height: pixels.height,
                    file_type,
                    limit,
                })
        };
        let (width, height) = (side(pixels.width)?, side(pixels.height)?);
        let mut bytes = self.spare.take(most_bytes(pixels));
        let mut sha256 = None;
        match file_type {
            FileType::Png => {
                sha256 = self.encode_png(pixels, width, height, options.effort, &mut bytes)?;
            }
            FileType::Jpg | FileType::Jpeg => {
                let color = jpeg_color(pixels.mode);
                jpeg::encode(
                    &pixels.samples,
                    width,
                    height,
                    color,
                    options.quality,
                    &mut bytes,
                )?;
            }
            FileType::Bmp => bmp::encode(pixels, width, height, &mut bytes)?,
        }
        Ok(Encoded {
            sha256: sha256.unwrap_or_else(|| sha256_hex(&bytes)),
            bytes,
            format: file_type.name().to_owned(),
            width,
            height,
        })
    }

    /// Appends a PNG file; its SHA-256 where that was found on the way.
    fn encode_png(
        &mut self,
        pixels: &Pixels,
        width: u32,
        height: u32,
        effort: png::Effort,
        out: &mut Vec<u8>,
    ) -> Result<Option<String>, png::PngError> {
        let (samples, color) = png_form(pixels);
        let threads = match samples.len() {
            ..LARGE => NonZero::<usize>::MIN,
            _ => self.threads.for_tasks(usize::MAX),
        };
        if threads.get() == 1 {
            png::encode(&samples, width, height, color, effort, &mut self.png, out)?;
            return Ok(None);
        }
        let mut hash = Sha256::new();
        let hear = |part: &[u8]| hash.update(part);
        png::encode_parallel(&samples, width, height, color, effort, threads, out, hear)?;
        Ok(Some(hex(hash.finalize())))
    }
}

/// Bytes of memory that encoding a picture takes, beside its pixels: a file that is hardly smaller, and what its rows take on
/// the way there.
pub(crate) fn memory(size: [u64; 2], bytes_per_pixel: u64) -> u64 {
    let row = size[0].saturating_mul(bytes_per_pixel);
    file_bytes(size, bytes_per_pixel).saturating_add(png::row_memory(row))
}

/// Bytes of a file of pixels as they are, with a few for each row.
fn file_bytes([width, height]: [u64; 2], bytes_per_pixel: u64) -> u64 {
    let pixels = width.saturating_mul(height);
    pixels
        .saturating_mul(bytes_per_pixel)
        .saturating_add(height.saturating_mul(4))
}

/// Bytes to have room for: more than that are moved when they come, which takes twice the memory, while memory that is not
/// touched costs nothing. Noise is stored as it is, with a few bytes for each block.
fn most_bytes(pixels: &Pixels) -> usize {
    let size = [pixels.width as u64, pixels.height as u64];
    let file = file_bytes(size, pixels.mode.bytes_per_pixel());
    usize::try_from(file + file / 1000 + 4096).unwrap_or(usize::MAX)
}

/// How the mode is stored in PNG: samples, colour type and depth.
fn png_form(pixels: &Pixels) -> (Cow<'_, [u8]>, png::Color<'_>) {
    let samples = Cow::Borrowed(&pixels.samples[..]);
    match pixels.mode {
        Mode::Bilevel => (Cow::Owned(pack_bits(pixels)), png::Color::Gray1),
        Mode::L => (samples, png::Color::Gray8),
        Mode::La => (samples, png::Color::GrayAlpha8),
        Mode::Rgba => (samples, png::Color::Rgba8),
        Mode::I16 => {
            let words = pixels.samples.iter().flat_map(|&v| [0, v]).collect();
            (Cow::Owned(words), png::Color::Gray16)
        }
        Mode::P => (
            samples,
            png::Color::Indexed8 {
                palette: &pixels.palette.colors,
                alpha: &pixels.palette.alpha,
            },
        ),
        Mode::Rgb | Mode::Cmyk | Mode::Ycbcr | Mode::Rgbx => (samples, png::Color::Rgb8),
    }
}

/// How the mode is stored in JPEG.
fn jpeg_color(mode: Mode) -> jpeg::Color {
    match mode {
        Mode::Bilevel | Mode::L | Mode::La | Mode::P | Mode::I16 => jpeg::Color::Luma,
        Mode::Rgb => jpeg::Color::Rgb,
        Mode::Rgba | Mode::Rgbx => jpeg::Color::Rgbx,
        Mode::Ycbcr => jpeg::Color::Ycbcr,
        Mode::Cmyk => jpeg::Color::Cmyk,
    }
}

/// Rows of a bit per pixel, the first in the highest bit; each row begins a byte.
fn pack_bits(pixels: &Pixels) -> Vec<u8> {
    let rows = pixels.samples.chunks_exact(pixels.width);
    rows.flat_map(|row| row.chunks(8))
        .map(|group| {
            (0..)
                .zip(group)
                .fold(0, |byte, (i, &v)| byte | (v & 0x80) >> i)
        })
        .collect()
}
