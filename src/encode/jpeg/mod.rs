//! Baseline JPEG, byte for byte what Pillow (libjpeg-turbo) writes by default.
//!
//! The border: samples in, a file's bytes out; nothing here opens a file or prints.
//! Every step is integer arithmetic that the JPEG standard (ITU-T T.81), JFIF and libjpeg's
//! documentation describe, so "equal to Pillow" is not a matter of luck or of a compiler's mood.
//!
//! The picture is cut into rows of minimum coded units, and those into stripes sixteen units long:
//! `color` fills a stripe's tiles, `dct` turns a tile into blocks of quantised coefficients,
//! `huffman` writes them, and `scan` leads the dance. The loops of the first two are there three
//! times: in plain Rust, and for x86-64 in `avx2` and `avx512`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod codes;
mod color;
mod dct;
mod frame;
mod huffman;
mod markers;
mod quant;
mod scan;

use frame::Frame;
use quant::{Kind, Quantizer};

/// The longest side, in pixels, that libjpeg-turbo and so Pillow will write.
pub const MAX_SIDE: u32 = 65_500;

/// How the samples are to be read, and so what is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Color {
    /// One channel, written as one component.
    Luma,
    /// Red, green, blue: written as YCbCr 4:2:0.
    Rgb,
    /// Red, green, blue and a fourth byte that is passed over: written as YCbCr 4:2:0.
    Rgbx,
    /// Y, Cb, Cr at full resolution, as JFIF defines them: written as YCbCr 4:2:0.
    Ycbcr,
    /// Cyan, magenta, yellow, black, 0 being no ink: written inverted, as Adobe does.
    Cmyk,
}

impl Color {
    /// Bytes that a pixel takes in the samples.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Luma => 1,
            Self::Rgb | Self::Ycbcr => 3,
            Self::Rgbx | Self::Cmyk => 4,
        }
    }
}

/// libjpeg's quality scale, 1 (coarsest) to 100. Default: 75.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Quality(u8);

impl Quality {
    /// A quality from 1 to 100.
    ///
    /// # Errors
    /// [`JpegError::Quality`] for any other number.
    pub const fn new(quality: u8) -> Result<Self, JpegError> {
        match quality {
            1..=100 => Ok(Self(quality)),
            _ => Err(JpegError::Quality { quality }),
        }
    }

    /// The number, 1 to 100.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Quality {
    fn default() -> Self {
        Self(75)
    }
}

/// Why there is no JPEG of these samples.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JpegError {
    /// A side is empty or longer than [`MAX_SIDE`].
    #[error("{width}x{height} pixels do not fit a JPEG, whose sides are 1 to {MAX_SIDE}")]
    Size {
        /// Pixels a row, as asked for.
        width: u32,
        /// Rows, as asked for.
        height: u32,
    },
    /// The samples do not fill the picture exactly.
    #[error("{found} bytes of samples where the picture takes {expected}")]
    Length {
        /// Bytes given.
        found: usize,
        /// Width times height times channels.
        expected: u64,
    },
    /// The quality is not on the scale.
    #[error("quality {quality} is not 1 to 100")]
    Quality {
        /// The quality asked for.
        quality: u8,
    },
}

/// Appends to `out` the file that Pillow would save, with `quality=` this one, for these samples.
///
/// `samples` are tightly packed rows, top first, of `width` pixels each.
///
/// # Errors
/// [`JpegError::Size`] for a side of 0 or beyond [`MAX_SIDE`], [`JpegError::Length`] for samples
/// that do not fill the picture exactly; `out` is then as it was.
pub fn encode(
    samples: &[u8],
    width: u32,
    height: u32,
    color: Color,
    quality: Quality,
    out: &mut Vec<u8>,
) -> Result<(), JpegError> {
    let frame = Frame::new(samples, width, height, color)?;
    let quantizers = [
        Quantizer::new(Kind::Luma, quality),
        Quantizer::new(Kind::Chroma, quality),
    ];
    markers::write_head(&frame, &quantizers, out);
    scan::write(&frame, &quantizers, out);
    markers::write_end(out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fixtures are pictures of this formula, which has every frequency somewhere.
    fn samples(length: usize) -> Vec<u8> {
        (0..length as u64)
            .map(|i| (i * i / 7 % 251) as u8)
            .collect()
    }

    fn encoded(width: u32, height: u32, color: Color, quality: Quality) -> Vec<u8> {
        let samples = samples(width as usize * height as usize * color.channels());
        let mut out = Vec::new();
        let result = encode(&samples, width, height, color, quality, &mut out);
        assert_eq!(result, Ok(()));
        out
    }

    macro_rules! fixture {
        ($name:literal) => {
            include_bytes!(concat!("../../../fixtures/jpeg/", $name, ".jpg"))
        };
    }

    #[test]
    fn files_are_pillows() {
        let default = Quality::default();
        let fixtures: [(&[u8], _, _, _, _); 8] = [
            (fixture!("luma_1x1"), 1, 1, Color::Luma, default),
            (fixture!("luma_131x9"), 131, 9, Color::Luma, default),
            (fixture!("rgb_17x18"), 17, 18, Color::Rgb, default),
            (fixture!("rgb_273x7_q100"), 273, 7, Color::Rgb, Quality(100)),
            (fixture!("rgb_40x40_q1"), 40, 40, Color::Rgb, Quality(1)),
            (fixture!("rgbx_9x33_q90"), 9, 33, Color::Rgbx, Quality(90)),
            (
                fixture!("ycbcr_16x24_q30"),
                16,
                24,
                Color::Ycbcr,
                Quality(30),
            ),
            (fixture!("cmyk_13x11"), 13, 11, Color::Cmyk, default),
        ];
        for (fixture, width, height, color, quality) in fixtures {
            let found = encoded(width, height, color, quality);
            let same = found
                .iter()
                .zip(fixture)
                .take_while(|(a, b)| a == b)
                .count();
            assert!(
                found == fixture,
                "{color:?} {width}x{height} {quality:?}: {} bytes, not {}, and other from {same} on",
                found.len(),
                fixture.len()
            );
        }
    }

    #[test]
    fn files_are_appended_and_nothing_is_for_an_error() {
        let mut out = vec![1, 2];
        let mut encode = |height| {
            let result = encode(&[7], 1, height, Color::Luma, Quality::default(), &mut out);
            (result.is_ok(), out.len(), out[..4].to_vec())
        };
        let (_, length, start) = encode(1);
        assert_eq!(start, [1, 2, 0xff, 0xd8]);
        assert_eq!(encode(2), (false, length, start));
    }

    #[test]
    fn sides_are_1_to_65500() {
        let encoded = |samples: &[u8], width, height| {
            let color = Color::Luma;
            encode(
                samples,
                width,
                height,
                color,
                Quality::default(),
                &mut Vec::new(),
            )
        };
        let long = vec![0; 65_501];
        assert_eq!(encoded(&long[1..], 65_500, 1), Ok(()));
        assert_eq!(encoded(&long[1..], 1, 65_500), Ok(()));
        for (width, height) in [
            (65_501, 1),
            (1, 65_501),
            (0, 65_501),
            (65_501, 0),
            (65_537, 1),
        ] {
            let refused = JpegError::Size { width, height };
            assert_eq!(encoded(&long, width, height), Err(refused));
        }
    }

    #[test]
    fn samples_must_fill_the_picture_exactly() {
        let encoded = |samples: &[u8]| {
            encode(
                samples,
                2,
                3,
                Color::Rgb,
                Quality::default(),
                &mut Vec::new(),
            )
        };
        assert_eq!(encoded(&[0; 18]), Ok(()));
        for found in [0, 17, 19] {
            let expected = 18;
            let refused = JpegError::Length { found, expected };
            assert_eq!(encoded(&vec![0; found]), Err(refused));
        }
    }

    #[test]
    fn qualities_are_1_to_100() {
        assert_eq!(Quality::default().get(), 75);
        assert_eq!(Quality::new(1).map(Quality::get), Ok(1));
        assert_eq!(Quality::new(100).map(Quality::get), Ok(100));
        for quality in [0, 101, 255] {
            assert_eq!(Quality::new(quality), Err(JpegError::Quality { quality }));
        }
    }
}
