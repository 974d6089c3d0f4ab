//! What the headers of image files claim, read before any decoder is let near them: how large the picture is, and
//! whether sizes inside the file agree with each other and with its length. Decoders allocate by the one and find out
//! about the other afterwards.

use super::{ImageError, ImageKind};
use crate::read::Source;

/// The size of a picture, as its header has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Pixels in a row.
    pub(crate) width: u32,
    /// Rows.
    pub(crate) height: u32,
    /// Bytes that decoding takes for itself, about.
    pub(crate) bytes: u64,
}

/// A file, in memory or not.
#[derive(Clone, Copy)]
pub(super) enum Bytes<'a> {
    Here(&'a [u8]),
    There(&'a Source),
}

impl Bytes<'_> {
    fn len(self) -> u64 {
        match self {
            Self::Here(bytes) => bytes.len() as u64,
            Self::There(source) => source.len(),
        }
    }

    fn at<const N: usize>(self, at: u64) -> Option<[u8; N]> {
        let mut found = [0; N];
        match self {
            Self::Here(bytes) => {
                let rest = bytes.get(usize::try_from(at).ok()?..)?;
                found.copy_from_slice(rest.get(..N)?);
            }
            Self::There(source) => source.read_exact_at(at, &mut found).ok()?,
        }
        Some(found)
    }
}

/// What the header claims; `None` where there is no header.
pub(super) fn claim(file: Bytes<'_>, kind: ImageKind) -> Option<Claim> {
    let (width, height, bytes_per_pixel) = match kind {
        ImageKind::Png => {
            let [w0, w1, w2, w3, h0, h1, h2, h3, depth, color] = file.at(16)?;
            let channels = [1, 1, 3, 4, 2, 2, 4, 4][usize::from(color) % 8];
            let size = u32::from_be_bytes([w0, w1, w2, w3]);
            let height = u32::from_be_bytes([h0, h1, h2, h3]);
            (size, height, channels * u64::from(depth).div_ceil(8))
        }
        ImageKind::Jpeg => jpeg_frame(file)?,
        ImageKind::Bmp => match file.at(14).map(u32::from_le_bytes)? {
            12 => {
                let [w0, w1, h0, h1] = file.at(18)?;
                let side = |low, high| u32::from(u16::from_le_bytes([low, high]));
                (side(w0, w1), side(h0, h1), 4)
            }
            _ => {
                let side = |at| file.at(at).map(|b| i32::from_le_bytes(b).unsigned_abs());
                (side(18)?, side(22)?, 4)
            }
        },
        ImageKind::Gif => {
            let [w0, w1, h0, h1] = file.at(6)?;
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]));
            // The canvas and the frame that goes onto it.
            (side(w0, w1), side(h0, h1), 8)
        }
        // Its decoder has planes and tables of its own.
        ImageKind::Webp => {
            let (width, height) = webp_size(file)?;
            (width, height, 10)
        }
        ImageKind::Tiff => tiff_size(file)?,
    };
    let pixels = u64::from(width) * u64::from(height);
    Some(Claim {
        width,
        height,
        bytes: pixels.saturating_mul(bytes_per_pixel),
    })
}

/// Refuses files that claim what cannot be.
pub(super) fn check(bytes: &[u8], kind: ImageKind) -> Result<(), ImageError> {
    let fault = match kind {
        ImageKind::Webp => check_webp(bytes),
        ImageKind::Tiff => check_tiff_tags(bytes),
        ImageKind::Png | ImageKind::Jpeg | ImageKind::Bmp | ImageKind::Gif => Ok(()),
    };
    fault.map_err(|reason| ImageError::Damaged {
        kind,
        reason: reason.to_owned(),
    })
}

/// Width, height and components of a JPEG's frame header.
fn jpeg_frame(file: Bytes<'_>) -> Option<(u32, u32, u64)> {
    let mut at = 2;
    loop {
        let [mark, code] = file.at(at)?;
        match (mark, code) {
            // Fill bytes.
            (0xff, 0xff) => at += 1,
            (0xff, 0x01 | 0xd0..=0xd8) => at += 2,
            (0xff, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) => {
                let [h0, h1, w0, w1, components] = file.at(at + 5)?;
                let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
                return Some((side(w0, w1), side(h0, h1), u64::from(components)));
            }
            (0xff, _) => at += 2 + u64::from(u16::from_be_bytes(file.at(at + 2)?)),
            _ => return None,
        }
    }
}

/// Width and height by the first chunk of a WebP.
fn webp_size(file: Bytes<'_>) -> Option<(u32, u32)> {
    match &file.at(12)? {
        b"VP8X" => {
            let [w0, w1, w2, h0, h1, h2] = file.at(24)?;
            Some(three_byte_sizes([w0, w1, w2], [h0, h1, h2]))
        }
        kind => bitstream_size(file, kind, 20),
    }
}

fn three_byte_sizes([w0, w1, w2]: [u8; 3], [h0, h1, h2]: [u8; 3]) -> (u32, u32) {
    let side = |bytes| u32::from_le_bytes(bytes) + 1;
    (side([w0, w1, w2, 0]), side([h0, h1, h2, 0]))
}

/// Width and height that a lossy or lossless bitstream claims.
fn bitstream_size(file: Bytes<'_>, kind: &[u8; 4], at: u64) -> Option<(u32, u32)> {
    match kind {
        b"VP8 " => {
            let [w0, w1, h0, h1] = file.at(at + 6)?;
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            Some((side(w0, w1), side(h0, h1)))
        }
        b"VP8L" => {
            let bits = u32::from_le_bytes(file.at(at + 1)?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    }
}

/// Every picture in a WebP must be as large as what is around it says.
fn check_webp(bytes: &[u8]) -> Result<(), &'static str> {
    if riff_length(bytes) > bytes.len() as u64 {
        return Err("it is truncated");
    }
    let file = Bytes::Here(bytes);
    let is_extended = file.at(12) == Some(*b"VP8X");
    let canvas = is_extended.then(|| webp_size(file)).flatten();
    check_chunks(file, 12..file.len(), canvas)
}

fn check_chunks(
    file: Bytes<'_>,
    range: std::ops::Range<u64>,
    size: Option<(u32, u32)>,
) -> Result<(), &'static str> {
    let mut at = range.start;
    while let (true, Some(kind), Some(length)) = (at < range.end, file.at(at), file.at(at + 4)) {
        let (start, length) = (at + 8, u64::from(u32::from_le_bytes(length)));
        at = start + length + length % 2;
        if let b"ANMF" = &kind {
            let Some([w0, w1, w2, h0, h1, h2]) = file.at(start + 6) else {
                return Err("it is truncated");
            };
            let frame = three_byte_sizes([w0, w1, w2], [h0, h1, h2]);
            let (wide, high) = size.unwrap_or_default();
            if frame.0 > wide || frame.1 > high {
                return Err("a frame of it is larger than its canvas");
            }
            let inside = start + 16..at.min(range.end);
            // Frames have no frames.
            if file.at(start + 16) != Some(*b"ANMF") {
                check_chunks(file, inside, Some(frame))?;
            }
            continue;
        }
        let found = bitstream_size(file, &kind, start);
        if found.is_some() && size.is_some() && found != size {
            return Err("a picture in it is not as large as it says");
        }
    }
    Ok(())
}

/// The length that a RIFF file claims, its header included.
fn riff_length(bytes: &[u8]) -> u64 {
    match bytes {
        [_, _, _, _, a, b, c, d, ..] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8,
        _ => u64::MAX,
    }
}

/// A field of a TIFF's first directory.
struct Field {
    tag: u16,
    /// Bytes of one of its values.
    size: u64,
    count: u64,
    /// Where the values are.
    at: u64,
    order: Order,
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn number<const N: usize>(self, mut bytes: [u8; N]) -> u64 {
        if matches!(self, Self::Little) {
            bytes.reverse();
        }
        bytes.iter().fold(0, |n, &b| n << 8 | u64::from(b))
    }
}

impl Field {
    /// The first value.
    fn value(&self, file: Bytes<'_>) -> Option<u64> {
        let order = self.order;
        match self.size {
            1 => file.at::<1>(self.at).map(|b| order.number(b)),
            2 => file.at::<2>(self.at).map(|b| order.number(b)),
            4 => file.at::<4>(self.at).map(|b| order.number(b)),
            _ => file.at::<8>(self.at).map(|b| order.number(b)),
        }
    }
}

/// The fields of the first directory, classic or BigTIFF, as far as they are there.
fn tiff_fields<'a>(file: Bytes<'a>) -> Option<impl Iterator<Item = Field> + 'a> {
    let order = match &file.at(0)? {
        b"II" => Order::Little,
        _ => Order::Big,
    };
    let is_big = order.number::<2>(file.at(2)?) == 43;
    let (first, count, width) = match is_big {
        true => {
            let at = order.number::<8>(file.at(8)?);
            (at.checked_add(8)?, order.number::<8>(file.at(at)?), 20)
        }
        false => {
            let at = order.number::<4>(file.at(4)?);
            (at + 2, order.number::<2>(file.at(at)?), 12)
        }
    };
    let field = move |n: u64| {
        let at = first.checked_add(n.checked_mul(width)?)?;
        let kind = order.number::<2>(file.at(at.checked_add(2)?)?);
        let size: u64 = match kind {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => 1,
        };
        let (count, place, room) = match is_big {
            true => (order.number::<8>(file.at(at + 4)?), at + 12, 8),
            false => (order.number::<4>(file.at(at + 4)?), at + 8, 4),
        };
        let is_inline = size.checked_mul(count)? <= room;
        let at_values = match (is_inline, is_big) {
            (true, _) => place,
            (false, true) => order.number::<8>(file.at(place)?),
            (false, false) => order.number::<4>(file.at(place)?),
        };
        Some(Field {
            tag: u16::try_from(order.number::<2>(file.at(at)?)).ok()?,
            size,
            count,
            at: at_values,
            order,
        })
    };
    // A directory is no longer than its file.
    Some((0..count.min(file.len() / width)).map_while(field))
}

/// Width, height and bytes of a pixel of a TIFF.
fn tiff_size(file: Bytes<'_>) -> Option<(u32, u32, u64)> {
    let (mut width, mut height, mut bits, mut samples) = (None, None, 1, 1);
    for field in tiff_fields(file)? {
        match field.tag {
            256 => width = field.value(file),
            257 => height = field.value(file),
            258 => bits = field.value(file)?,
            277 => samples = field.value(file)?,
            _ => {}
        }
    }
    let side = |side: Option<u64>| u32::try_from(side?).ok();
    let bytes = bits.min(64).div_ceil(8) * samples.min(16);
    Some((side(width)?, side(height)?, bytes))
}

/// The values of every field that is not private must be in the file. Decoders make room for them by their number.
fn check_tiff_tags(bytes: &[u8]) -> Result<(), &'static str> {
    /// Color profiles, the only private field that is read.
    const PROFILE: u16 = 34675;
    let file = Bytes::Here(bytes);
    let fields = tiff_fields(file).ok_or("it is truncated")?;
    for field in fields.filter(|field| field.tag < 1 << 15 || field.tag == PROFILE) {
        let end = field
            .size
            .checked_mul(field.count)
            .and_then(|length| field.at.checked_add(length));
        if end.is_none_or(|end| end > file.len()) {
            return Err("a field of it reaches beyond its end");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn headers_claim_what_decoders_find() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
        let mut count = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let kind = ImageKind::of(&bytes).unwrap();
            let decoded = image::ImageReader::new(std::io::Cursor::new(&bytes[..]))
                .with_guessed_format()
                .unwrap()
                .decode()
                .unwrap();
            let source = Source::memory(bytes.clone());
            for file in [Bytes::Here(&bytes), Bytes::There(&source)] {
                let claim = claim(file, kind).unwrap();
                let size = (claim.width, claim.height);
                assert_eq!(size, (decoded.width(), decoded.height()), "{path:?}");
                assert!(claim.bytes >= decoded.as_bytes().len() as u64, "{path:?}");
            }
            assert_eq!(check(&bytes, kind), Ok(()), "{path:?}");
            count += 1;
        }
        assert!(count > 15);
    }
}
