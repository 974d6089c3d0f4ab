//! Windows bitmaps, byte for byte as Pillow writes them: a 40-byte header, 96 dpi, rows from bottom to top,
//! each padded to four bytes.

use super::{EncodeError, pack_bits};
use crate::mode::Mode;
use crate::render::Pixels;

const FILE_HEADER: u64 = 14;
const INFO_HEADER: u32 = 40;
/// 96 dots per inch.
const PIXELS_PER_METRE: u32 = 3780;

pub(super) fn encode(
    pixels: &Pixels,
    width: u32,
    height: u32,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let colors: Vec<[u8; 3]> = match pixels.mode {
        Mode::Bilevel => vec![[0; 3], [255; 3]],
        Mode::L => (0..=255).map(|v| [v; 3]).collect(),
        Mode::P => pixels.palette.colors.clone(),
        _ => Vec::new(),
    };
    let packed = match pixels.mode {
        Mode::Bilevel => pack_bits(pixels),
        _ => Vec::new(),
    };
    let (samples, bits): (&[u8], u16) = match pixels.mode {
        Mode::Bilevel => (&packed, 1),
        Mode::Rgba => (&pixels.samples, 32),
        Mode::Rgb => (&pixels.samples, 24),
        _ => (&pixels.samples, 8),
    };
    let row = (u64::from(width) * u64::from(bits)).div_ceil(8);
    let stride = row.div_ceil(4) * 4;
    let offset = FILE_HEADER + u64::from(INFO_HEADER) + 4 * colors.len() as u64;
    let bytes = offset + stride * u64::from(height);
    let word = |n: u64| u32::try_from(n).map_err(|_| EncodeError::BmpTooLarge { bytes });
    let color_count = word(colors.len() as u64)?;

    out.extend(b"BM");
    out.extend(word(bytes)?.to_le_bytes());
    out.extend([0; 4]);
    out.extend(word(offset)?.to_le_bytes());
    for field in [INFO_HEADER, width, height] {
        out.extend(field.to_le_bytes());
    }
    out.extend(1u16.to_le_bytes());
    out.extend(bits.to_le_bytes());
    let image_bytes = word(stride * u64::from(height))?;
    for field in [
        0,
        image_bytes,
        PIXELS_PER_METRE,
        PIXELS_PER_METRE,
        color_count,
        color_count,
    ] {
        out.extend(field.to_le_bytes());
    }
    for [r, g, b] in colors {
        out.extend([b, g, r, 0]);
    }
    // Both fit a usize: the samples are in memory.
    let (row, stride) = (word(row)? as usize, word(stride)? as usize);
    for line in samples.chunks_exact(row).rev() {
        match bits {
            24 => out.extend(line.chunks_exact(3).flat_map(|p| [p[2], p[1], p[0]])),
            32 => out.extend(line.chunks_exact(4).flat_map(|p| [p[2], p[1], p[0], p[3]])),
            _ => out.extend(line),
        }
        out.extend(std::iter::repeat_n(0, stride - row));
    }
    Ok(())
}
