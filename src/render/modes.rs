//! Pillow's mode conversions, bit for bit: `fromarray(samples).convert(mode)`.
//!
//! The coefficients are those of ITU-R BT.601 in the fixed-point precision that Pillow uses for each pair of
//! modes; alpha is dropped or kept, never composited.

use super::{dither, palette};
use crate::mode::Mode;

/// 8-bit samples, rows of interleaved channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    height: usize,
    channels: usize,
    samples: Vec<u8>,
}

impl Raster {
    /// Takes samples.
    ///
    /// # Panics
    /// If there are not `width * height * channels` samples, or no mode has so many channels.
    #[must_use]
    pub fn new(width: usize, height: usize, channels: usize, samples: Vec<u8>) -> Self {
        assert!((1..=4).contains(&channels), "{channels} channels");
        assert_eq!(
            samples.len(),
            width * height * channels,
            "samples of {width}×{height}×{channels}"
        );
        Self {
            width,
            height,
            channels,
            samples,
        }
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples per pixel, 1 to 4.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The samples, row by row.
    #[must_use]
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// The samples alone.
    #[must_use]
    pub fn into_samples(self) -> Vec<u8> {
        self.samples
    }

    /// Turns BGR into RGB, or back; alpha stays where it is.
    pub(super) fn swap_red_and_blue(&mut self) {
        if self.channels >= 3 {
            for pixel in self.samples.chunks_exact_mut(self.channels) {
                pixel.swap(0, 2);
            }
        }
    }

    /// The same picture with 3 channels, or with 4 if it has alpha.
    #[must_use]
    pub fn into_color(self) -> Self {
        let (width, height) = (self.width, self.height);
        let (mode, channels) = match self.channels {
            1 => (Mode::Rgb, 3),
            2 => (Mode::Rgba, 4),
            _ => return self,
        };
        Self::new(width, height, channels, convert(self, mode).samples)
    }
}

/// A picture in a mode, ready to be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// What the samples mean. `1` has a byte of 0 or 255 per pixel, `I;16` a byte per pixel.
    pub mode: Mode,
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Interleaved samples, row by row.
    pub samples: Vec<u8>,
    /// The colours of mode `P`; empty in every other mode.
    pub palette: Palette,
}

impl Pixels {
    /// The picture as it looks, in 3 channels, or 4 if it has alpha.
    #[must_use]
    pub fn to_raster(&self) -> Raster {
        let Self {
            width,
            height,
            samples,
            ..
        } = self;
        let of = |channels, samples| Raster::new(*width, *height, channels, samples).into_color();
        let pixels = |channels| samples.chunks_exact(channels);
        match self.mode {
            Mode::Bilevel | Mode::L | Mode::I16 => of(1, samples.clone()),
            Mode::La => of(2, samples.clone()),
            Mode::Rgb => of(3, samples.clone()),
            Mode::Rgba => of(4, samples.clone()),
            Mode::P => {
                let Palette { colors, alpha } = &self.palette;
                let alpha_of = |i: usize| alpha.get(i).copied().unwrap_or(255);
                let color = |&i: &u8| {
                    let i = usize::from(i);
                    let [r, g, b] = colors[i];
                    [r, g, b, alpha_of(i)]
                };
                match alpha.is_empty() {
                    true => of(
                        3,
                        samples
                            .iter()
                            .flat_map(|i| colors[usize::from(*i)])
                            .collect(),
                    ),
                    false => of(4, samples.iter().flat_map(color).collect()),
                }
            }
            Mode::Rgbx => of(3, pixels(4).flat_map(|p| [p[0], p[1], p[2]]).collect()),
            Mode::Cmyk => {
                let ink = |c: u8, k: u8| (255 - c).saturating_sub(k);
                of(
                    3,
                    pixels(4)
                        .flat_map(|p| [ink(p[0], p[3]), ink(p[1], p[3]), ink(p[2], p[3])])
                        .collect(),
                )
            }
            Mode::Ycbcr => of(3, pixels(3).flat_map(ycbcr_to_rgb).collect()),
        }
    }
}

/// ITU-R BT.601 back to RGB, with 16 fractional bits, rounded.
fn ycbcr_to_rgb(p: &[u8]) -> [u8; 3] {
    let [y, cb, cr] = [
        i32::from(p[0]) << 16,
        i32::from(p[1]) - 128,
        i32::from(p[2]) - 128,
    ];
    let rounded = |x: i32| dither::clip8((x + 0x8000) >> 16);
    [
        rounded(y + 91_881 * cr),
        rounded(y - 22_554 * cb - 46_802 * cr),
        rounded(y + 116_130 * cb),
    ]
}

/// The colours that indices stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// Red, green, blue of each index; at most 256.
    pub colors: Vec<[u8; 3]>,
    /// Alpha of the first indices; those past the end are opaque.
    pub alpha: Vec<u8>,
}

/// Converts to `mode` as Pillow does.
#[must_use]
pub fn convert(raster: Raster, mode: Mode) -> Pixels {
    let Raster {
        width,
        height,
        channels,
        samples,
    } = raster;
    let mut palette = Palette::default();
    let samples = match (channels, mode) {
        (1, Mode::L | Mode::I16) | (2, Mode::La) | (3, Mode::Rgb) | (4, Mode::Rgba) => samples,
        (1 | 2, _) => from_grey(&samples, channels, width, mode, &mut palette),
        (3 | 4, _) => from_color(&samples, channels, width, mode, &mut palette),
        _ => unreachable!("a raster has 1 to 4 channels"),
    };
    Pixels {
        mode,
        width,
        height,
        samples,
        palette,
    }
}

fn from_grey(
    samples: &[u8],
    channels: usize,
    width: usize,
    mode: Mode,
    colors: &mut Palette,
) -> Vec<u8> {
    let pixels = samples.chunks_exact(channels);
    let alpha = |p: &[u8]| p.get(1).copied().unwrap_or(255);
    match mode {
        Mode::L | Mode::I16 => pixels.map(|p| p[0]).collect(),
        Mode::P => {
            colors.colors = (0..=255).map(|v| [v, v, v]).collect();
            pixels.map(|p| p[0]).collect()
        }
        Mode::Bilevel => dither::bilevel(pixels.map(|p| p[0]).collect(), width),
        Mode::La => pixels.flat_map(|p| [p[0], alpha(p)]).collect(),
        Mode::Rgb => pixels.flat_map(|p| [p[0]; 3]).collect(),
        Mode::Rgba | Mode::Rgbx => pixels.flat_map(|p| [p[0], p[0], p[0], alpha(p)]).collect(),
        Mode::Cmyk => pixels.flat_map(|p| [0, 0, 0, 255 - p[0]]).collect(),
        Mode::Ycbcr => pixels.flat_map(|p| [p[0], 128, 128]).collect(),
    }
}

fn from_color(
    samples: &[u8],
    channels: usize,
    width: usize,
    mode: Mode,
    colors: &mut Palette,
) -> Vec<u8> {
    let pixels = samples.chunks_exact(channels);
    let alpha = |p: &[u8]| p.get(3).copied().unwrap_or(255);
    match mode {
        Mode::L | Mode::I16 => pixels.map(luma).collect(),
        Mode::La => pixels.flat_map(|p| [luma(p), alpha(p)]).collect(),
        Mode::Bilevel => dither::bilevel(pixels.map(coarse_luma).collect(), width),
        Mode::P if channels == 4 => {
            let (indices, adaptive) = palette::adaptive(samples);
            *colors = adaptive;
            indices
        }
        Mode::P => {
            colors.colors = dither::web_palette();
            dither::web(samples, width)
        }
        Mode::Rgb => pixels.flat_map(|p| [p[0], p[1], p[2]]).collect(),
        Mode::Rgba => pixels.flat_map(|p| [p[0], p[1], p[2], alpha(p)]).collect(),
        Mode::Rgbx => pixels.flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
        Mode::Cmyk => pixels
            .flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 0])
            .collect(),
        Mode::Ycbcr => {
            let tables = YcbcrTables::new();
            pixels.flat_map(|p| tables.convert(p)).collect()
        }
    }
}

/// Luma with 16 fractional bits, rounded: Pillow's RGB → L.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the weights sum to 2^16, so the result is at most 255"
)]
fn luma(p: &[u8]) -> u8 {
    let [r, g, b] = [p[0], p[1], p[2]].map(u32::from);
    ((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16) as u8
}

/// Luma in thousandths, truncated: Pillow's RGB → 1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the weights sum to 1000, so the result is at most 255"
)]
fn coarse_luma(p: &[u8]) -> u8 {
    let [r, g, b] = [p[0], p[1], p[2]].map(u32::from);
    ((r * 299 + g * 587 + b * 114) / 1000) as u8
}

/// Products of each sample value with each coefficient, with 6 fractional bits: Pillow's RGB → YCbCr.
struct YcbcrTables {
    y: [[i32; 256]; 3],
    cb: [[i32; 256]; 3],
    cr: [[i32; 256]; 3],
}

impl YcbcrTables {
    fn new() -> Self {
        // Coefficients in hundred-thousandths. The five digits matter, and so does what Pillow's tables do
        // with negative products: one more than rounding gives.
        let up = |c: i32| Self::table(|i| (c * 64 * i * 2 + 100_000).div_euclid(200_000));
        let down = |c: i32| {
            Self::table(|i| {
                if i == 0 {
                    0
                } else {
                    (100_000 - c * 64 * i * 2).div_euclid(200_000) + 1
                }
            })
        };
        let half = Self::table(|i| 32 * i);
        Self {
            y: [up(29_900), up(58_700), up(11_400)],
            cb: [down(16_874), down(33_126), half],
            cr: [half, down(41_869), down(8_131)],
        }
    }

    fn table(product: impl Fn(i32) -> i32) -> [i32; 256] {
        let mut values = 0..;
        std::array::from_fn(|_| product(values.next().unwrap_or_default()))
    }

    fn convert(&self, p: &[u8]) -> [u8; 3] {
        let sum = |t: &[[i32; 256]; 3]| {
            (t[0][usize::from(p[0])] + t[1][usize::from(p[1])] + t[2][usize::from(p[2])]) >> 6
        };
        [sum(&self.y), sum(&self.cb) + 128, sum(&self.cr) + 128].map(dither::clip8)
    }
}
