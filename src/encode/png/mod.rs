//! Pixels to PNG: the filters, deflate and chunks, in memory. Nothing here reads or writes a
//! file, and the same pixels always give the same bytes.

mod agreement;
mod band;
mod bits;
mod block;
mod blocks;
mod candidates;
mod chains;
mod choice;
#[cfg(target_arch = "x86_64")]
mod code_vectors;
mod contents;
mod context;
mod copies;
mod costs;
mod counts;
mod cursor;
mod cut;
mod entropy;
mod estimate;
mod filter;
mod grey;
mod huffman;
mod literal_prices;
mod look;
mod matches;
#[cfg(test)]
mod noise;
mod optimal;
mod parallel;
mod pixels;
mod plan;
mod promise;
mod quick;
mod run_lengths;
mod runs;
mod seen;
mod sequences;
mod shortest_path;
mod small_bytes;
mod symbols;
mod thorough;
mod trees;
#[cfg(target_arch = "x86_64")]
mod vectors;

pub use parallel::encode_parallel;

use band::BAND;
use block::Position;
use pixels::Rows;

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

    /// Distance of the filters: bytes in a pixel, rounded up.
    fn bytes_per_pixel(self) -> usize {
        self.bits_per_pixel().div_ceil(8)
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
    zeros: Vec<u8>,
    band: band::Scratch,
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
    let Scratch { zeros, band } = scratch;
    let rows = rows_of(samples, width, height, color, zeros)?;
    let mut file = File::begin(out, width, height, color);
    for number in 0..band_count(&rows) {
        let (part, position) = nth_band(&rows, number);
        let checksum = band::compress(&part, effort, position, band);
        file.append(position, band.written(), checksum, part.filtered_len());
    }
    file.end();
    Ok(())
}

/// The rows of a picture, once everything has been checked; `zeros` become the row above the first.
fn rows_of<'a>(
    samples: &'a [u8],
    width: u32,
    height: u32,
    color: Color<'_>,
    zeros: &'a mut Vec<u8>,
) -> Result<Rows<'a>, PngError> {
    let row = row_bytes(samples, width, height, color)?;
    zeros.clear();
    zeros.resize(row, 0);
    Ok(Rows {
        samples,
        above: zeros,
        row,
        pixel: color.bytes_per_pixel(),
    })
}

/// A file that bands are appended to, in order.
struct File<'a> {
    out: &'a mut Vec<u8>,
    /// The next band.
    next: usize,
    /// Of all filtered rows so far.
    checksum: u32,
}

impl<'a> File<'a> {
    fn begin(out: &'a mut Vec<u8>, width: u32, height: u32, color: Color<'_>) -> Self {
        write_head(out, width, height, color);
        Self {
            out,
            next: 0,
            checksum: 1,
        }
    }

    /// Appends the next band; its filtered rows are `length` bytes, and have this checksum.
    fn append(&mut self, position: Position, data: &[u8], checksum: u32, length: usize) {
        self.checksum = adler_of_both(self.checksum, checksum, length);
        write_band(self.out, self.next, position, data, self.checksum);
        self.next += 1;
    }

    fn end(&mut self) {
        chunk(self.out, b"IEND", &[&[]]);
    }
}

/// Bytes of memory that rows of so many bytes take while they are filtered and compressed: if they are longer than a band,
/// each is one, and is in memory as often as a band is, which else is hardly worth counting.
pub(super) fn row_memory(row: u64) -> u64 {
    const TIMES: u64 = 7;
    row.saturating_sub(BAND as u64).saturating_mul(TIMES)
}

/// Rows in a band: a fixed share of bytes, whatever the number of threads.
fn band_rows(rows: &Rows<'_>) -> usize {
    (BAND / rows.row).max(1)
}

fn band_count(rows: &Rows<'_>) -> usize {
    rows.count().div_ceil(band_rows(rows))
}

fn nth_band<'a>(rows: &Rows<'a>, number: usize) -> (Rows<'a>, Position) {
    let count = band_rows(rows);
    let last = number + 1 == band_count(rows);
    let position = if last {
        Position::Last
    } else {
        Position::Inner
    };
    (rows.part(number * count, count), position)
}

/// Appends all that comes before the pixels.
fn write_head(out: &mut Vec<u8>, width: u32, height: u32, color: Color<'_>) {
    out.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let sides = [width.to_be_bytes(), height.to_be_bytes()];
    // The only compression, the only family of filters, not interlaced.
    let methods = [0, 0, 0];
    chunk(
        out,
        b"IHDR",
        &[sides.as_flattened(), &color.depth_and_type(), &methods],
    );
    if let Color::Indexed8 { palette, alpha } = color {
        chunk(out, b"PLTE", &[palette.as_flattened()]);
        if !alpha.is_empty() {
            chunk(out, b"tRNS", &[alpha]);
        }
    }
}

/// Most bytes in a chunk.
const CHUNK: usize = (1 << 31) - 1;

/// Appends a band's chunk: with zlib's header before the first and the checksum after the last.
fn write_band(out: &mut Vec<u8>, number: usize, position: Position, data: &[u8], checksum: u32) {
    // 32 KiB window, no dictionary, fastest algorithm: what decoders ignore, but check.
    let head: &[u8] = if number == 0 { &[0x78, 0x01] } else { &[] };
    let checksum = checksum.to_be_bytes();
    let tail: &[u8] = if position == Position::Last {
        &checksum
    } else {
        &[]
    };
    if head.len() + data.len() + tail.len() <= CHUNK {
        chunk(out, b"IDAT", &[head, data, tail]);
        return;
    }
    chunk(out, b"IDAT", &[head]);
    for part in data.chunks(CHUNK) {
        chunk(out, b"IDAT", &[part]);
    }
    chunk(out, b"IDAT", &[tail]);
}

/// The Adler-32 checksum of two texts after each other, the second of `length` bytes. RFC 1950:
/// the low half is 1 + the sum of the bytes, the high half the sum of all values of the low.
fn adler_of_both(first: u32, second: u32, length: usize) -> u32 {
    const BASE: u64 = 65_521;
    let halves = |sum: u32| (u64::from(sum & 0xffff), u64::from(sum >> 16));
    let ((low, high), (more_low, more_high)) = (halves(first), halves(second));
    let length = length as u64 % BASE;
    let both_low = (low + more_low + BASE - 1) % BASE;
    // Each value of the second's low half starts from 1 and should start from `low`.
    let both_high = (high + more_high + length * (low + BASE - 1)) % BASE;
    u32::try_from(both_high << 16 | both_low).unwrap_or(0)
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
fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    let mut crc = crc32fast::Hasher::new();
    for part in std::iter::once(kind.as_slice()).chain(parts.iter().copied()) {
        crc.update(part);
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&crc.finalize().to_be_bytes());
}
