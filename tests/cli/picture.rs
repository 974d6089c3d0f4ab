//! Pictures as someone else's decoder sees them.

/// A decoded PNG: samples as stored, without any conversion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Pillow's name of the mode.
    pub(crate) mode: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Interleaved samples; a byte per pixel for mode `1`, RGB for `P`, big-endian for `I;16`.
    pub(crate) samples: Vec<u8>,
}

impl Picture {
    pub(crate) fn decode_png(bytes: &[u8]) -> Self {
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let mut reader = decoder.read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut samples).unwrap();
        samples.truncate(frame.buffer_size());
        reader.finish().unwrap();
        let info = reader.info();
        let (width, height) = (info.width, info.height);
        let (mode, samples) = match (info.color_type, info.bit_depth) {
            (png::ColorType::Grayscale, png::BitDepth::One) => {
                ("1", bits(&samples, width as usize))
            }
            (png::ColorType::Grayscale, png::BitDepth::Eight) => ("L", samples),
            (png::ColorType::Grayscale, png::BitDepth::Sixteen) => ("I;16", samples),
            (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => ("LA", samples),
            (png::ColorType::Rgb, png::BitDepth::Eight) => ("RGB", samples),
            (png::ColorType::Rgba, png::BitDepth::Eight) => ("RGBA", samples),
            (png::ColorType::Indexed, png::BitDepth::Eight) => {
                let palette = info.palette.as_ref().unwrap();
                ("P", look_up(&samples, palette, info.trns.as_deref()))
            }
            other => panic!("no mode is written as {other:?}"),
        };
        Self {
            mode,
            width,
            height,
            samples,
        }
    }
}

/// A byte per pixel, 0 or 255, of rows that begin at whole bytes.
fn bits(packed: &[u8], width: usize) -> Vec<u8> {
    packed
        .chunks(width.div_ceil(8))
        .flat_map(|row| {
            (0..width).map(|x| {
                if row[x / 8] << (x % 8) & 0x80 != 0 {
                    255
                } else {
                    0
                }
            })
        })
        .collect()
}

/// Colours of a palette's indices; with alpha where the picture has transparent colours.
fn look_up(indices: &[u8], palette: &[u8], alpha: Option<&[u8]>) -> Vec<u8> {
    let mut samples = Vec::new();
    for index in indices.iter().map(|&index| usize::from(index)) {
        samples.extend_from_slice(&palette[3 * index..3 * index + 3]);
        if let Some(alpha) = alpha {
            samples.push(alpha.get(index).copied().unwrap_or(255));
        }
    }
    samples
}
