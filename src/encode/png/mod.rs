//! Pixels to PNG: the filters, deflate and chunks, in memory. Nothing here reads or writes a
//! file, and the same pixels always give the same bytes.

mod bits;
mod block;
mod filter;
mod huffman;
mod runs;
mod symbols;

use bits::BitWriter;
use block::Position;
use filter::Strategy;
use symbols::Sequence;

/// Sample layout of the picture: PNG colour type and bit depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color<'a> {
    /// One bit a pixel, 0 black; eight pixels a byte, the first in the highest bit, and each
    /// row starting a new byte.
    Gray1,
    /// One byte a pixel.
    Gray8,
    /// Two bytes a pixel, the high one first.
    Gray16,
    /// Grey and alpha, a byte each.
    GrayAlpha8,
    /// Red, green and blue, a byte each.
    Rgb8,
    /// Red, green, blue and alpha, a byte each.
    Rgba8,
    /// One byte a pixel, an index into the palette.
    Indexed8 {
        /// 1 to 256 colours.
        palette: &'a [[u8; 3]],
        /// Alpha of the first colours, at most as many; the others are opaque.
        alpha: &'a [u8],
    },
}

impl Color<'_> {
    fn bits_per_pixel(self) -> usize {
        match self {
            Self::Gray1 => 1,
            Self::Gray8 | Self::Indexed8 { .. } => 8,
            Self::Gray16 | Self::GrayAlpha8 => 16,
            Self::Rgb8 => 24,
            Self::Rgba8 => 32,
        }
    }

    /// Bit depth and colour type, as the header states them.
    fn depth_and_type(self) -> [u8; 2] {
        match self {
            Self::Gray1 => [1, 0],
            Self::Gray8 => [8, 0],
            Self::Gray16 => [16, 0],
            Self::GrayAlpha8 => [8, 4],
            Self::Rgb8 => [8, 2],
            Self::Rgba8 => [8, 6],
            Self::Indexed8 { .. } => [8, 3],
        }
    }
}

/// What to spend on small files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// As fast as possible; files may be larger than Pillow's.
    Fast,
    /// As fast as possible with files no larger than Pillow's.
    #[default]
    Balanced,
    /// Smaller files, slower.
    Small,
}

/// Buffers that one worker reuses from picture to picture.
#[derive(Default)]
pub struct Scratch {
    filtered: Vec<u8>,
    zeros: Vec<u8>,
    sequences: Vec<Sequence>,
    writer: BitWriter,
}

/// Why a picture cannot be a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PngError {
    /// A side is 0 or above 2^31 - 1.
    #[error("a picture of {width} x {height} pixels is not 1 to 2147483647 pixels wide and high")]
    Dimensions {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The samples are too few or too many.
    #[error("{found} bytes of samples for a picture that has {expected}")]
    Samples {
        /// Bytes given.
        found: usize,
        /// Bytes that the size and layout ask for.
        expected: u128,
    },
    /// The palette is empty or too large, or has fewer colours than alpha values.
    #[error(
        "a palette of {colors} colours and {alphas} alpha values is not 1 to 256 colours and at most as many alpha values"
    )]
    Palette {
        /// Colours given.
        colors: usize,
        /// Alpha values given.
        alphas: usize,
    },
}

/// Appends the picture as a PNG file to `out`.
///
/// # Errors
/// If the size, the samples and the layout do not fit together; `out` is then unchanged.
pub fn encode(
    samples: &[u8],
    width: u32,
    height: u32,
    color: Color<'_>,
    effort: Effort,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), PngError> {
    let row = row_bytes(samples, width, height, color)?;
    out.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let [depth, kind] = color.depth_and_type();
    let mut header = [0; 13];
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    header[8..10].copy_from_slice(&[depth, kind]);
    chunk(out, b"IHDR", &header);
    if let Color::Indexed8 { palette, alpha } = color {
        chunk(out, b"PLTE", palette.as_flattened());
        if !alpha.is_empty() {
            chunk(out, b"tRNS", alpha);
        }
    }
    compress(samples, row, color, effort, scratch);
    chunk(out, b"IDAT", scratch.writer.written());
    chunk(out, b"IEND", &[]);
    Ok(())
}

fn compress(samples: &[u8], row: usize, color: Color<'_>, _effort: Effort, scratch: &mut Scratch) {
    let Scratch {
        filtered,
        zeros,
        sequences,
        writer,
    } = scratch;
    let pixel = color.bits_per_pixel().div_ceil(8);
    zeros.clear();
    zeros.resize(row, 0);
    filtered.clear();
    writer.clear();
    writer.put_bytes(&[0x78, 0x01]);
    let mut adler = simd_adler32::Adler32::new();
    let mut above: &[u8] = zeros;
    let rows = samples.len() / row;
    for (number, current) in samples.chunks_exact(row).enumerate() {
        Strategy::LeastSum.apply(current, above, pixel, filtered);
        above = current;
        if filtered.len() >= 32768 || number + 1 == rows {
            adler.write(filtered);
            runs::parse_runs(filtered, sequences);
            let position = if number + 1 == rows {
                Position::Last
            } else {
                Position::Inner
            };
            block::write_block(writer, filtered, sequences, position);
            filtered.clear();
        }
    }
    writer.align();
    writer.put_bytes(&adler.finish().to_be_bytes());
}

/// Bytes in a row, once everything has been checked.
fn row_bytes(samples: &[u8], width: u32, height: u32, color: Color<'_>) -> Result<usize, PngError> {
    let sides = 1..=i32::MAX.unsigned_abs();
    if !sides.contains(&width) || !sides.contains(&height) {
        return Err(PngError::Dimensions { width, height });
    }
    if let Color::Indexed8 { palette, alpha } = color {
        let (colors, alphas) = (palette.len(), alpha.len());
        if !(1..=256).contains(&colors) || alphas > colors {
            return Err(PngError::Palette { colors, alphas });
        }
    }
    let row = (u128::from(width) * color.bits_per_pixel() as u128).div_ceil(8);
    let expected = row * u128::from(height);
    let found = samples.len();
    match usize::try_from(row) {
        Ok(row) if expected == found as u128 => Ok(row),
        _ => Err(PngError::Samples { found, expected }),
    }
}

/// Appends a chunk with its length and checksum.
fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(kind);
    crc.update(data);
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(kind);
    out.extend_from_slice(data);
    out.extend_from_slice(&crc.finalize().to_be_bytes());
}
