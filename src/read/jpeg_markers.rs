//! A walk over the markers of a JPEG file, for two things that the decoder does not report: that the file ends
//! before its picture does, and that its components come in separate scans. Markers and lengths are those of
//! ITU-T T.81, annex B.

/// Why the walk did not reach the end of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JpegFault {
    /// No end-of-image marker behind the last scan.
    Truncated,
    /// An end-of-image marker, but nothing in front of it.
    NoScan,
}

/// How the components of a sequential JPEG are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scans {
    /// All in one scan, or progressive, or grey.
    Together,
    /// Sequential, with several components in scans of their own.
    Separate,
}

/// Walks from the start-of-image to the end-of-image marker; what follows that is ignored.
pub(super) fn walk(bytes: &[u8]) -> Result<Scans, JpegFault> {
    let mut at = 2;
    let mut sequential_components = 0;
    let mut least_bits = 0;
    let mut scans_start = None;
    let mut seen: Option<Scans> = None;
    loop {
        let marker = next_marker(bytes, &mut at).ok_or(JpegFault::Truncated)?;
        match marker {
            // End of image.
            0xd9 => {
                let scanned = scans_start.map_or(0, |start: usize| (at - start) as u64 * 8);
                return match seen {
                    Some(_) if scanned < least_bits => Err(JpegFault::Truncated),
                    Some(scans) => Ok(scans),
                    None => Err(JpegFault::NoScan),
                };
            }
            // Markers without a segment: restart, start of image, temporary.
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let segment = segment(bytes, &mut at).ok_or(JpegFault::Truncated)?;
        match marker {
            0xc0..=0xc2 => {
                least_bits = blocks(segment);
                if marker != 0xc2 {
                    sequential_components = segment.get(5).copied().unwrap_or(0);
                }
            }
            0xda => {
                scans_start.get_or_insert(at);
                let components = segment.first().copied().unwrap_or(0);
                let separate = components < sequential_components;
                seen = Some(if separate {
                    Scans::Separate
                } else {
                    seen.unwrap_or(Scans::Together)
                });
            }
            _ => {}
        }
    }
}

/// How many 8×8 blocks a frame has at full resolution. Huffman coding spends at least a bit on each, so a file
/// with fewer bits ends before its picture does, even if an end-of-image marker says otherwise.
fn blocks(frame: &[u8]) -> u64 {
    let &[_, height_high, height_low, width_high, width_low, ..] = frame else {
        return 0;
    };
    let side = |high, low| u64::from(u16::from_be_bytes([high, low]).div_ceil(8));
    side(height_high, height_low) * side(width_high, width_low)
}

/// Steps behind the next marker and returns its code. Entropy-coded data has `ff 00` for a byte of 255.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let rest = bytes.get(*at..)?;
        let start = rest.iter().position(|&b| b == 0xff)?;
        let code = rest[start + 1..].iter().position(|&b| b != 0xff)? + start + 1;
        *at += code + 1;
        if rest[code] != 0 {
            return Some(rest[code]);
        }
    }
}

/// Steps over the segment of a marker and returns what is in it.
fn segment<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let &[high, low, ..] = bytes.get(*at..)? else {
        return None;
    };
    let end = *at + usize::from(u16::from_be_bytes([high, low]));
    let content = bytes.get(*at + 2..end);
    *at = end;
    content
}
