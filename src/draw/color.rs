//! Colours of classes, and the ink that can be read on them.

use std::str::FromStr;

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Color {
    /// Red, 0..=255.
    pub r: u8,
    /// Green, 0..=255.
    pub g: u8,
    /// Blue, 0..=255.
    pub b: u8,
}

impl Color {
    pub(super) const BLACK: Self = Self::hex(0x000000);
    pub(super) const WHITE: Self = Self::hex(0xFFFFFF);
    /// For a box without a class.
    pub(super) const UNCLASSED: Self = Self::hex(0xE8EAED);
    /// Legend panels and dark tags.
    pub(super) const PANEL: Self = Self::hex(0x16191F);

    /// From `0xRRGGBB`.
    pub const fn hex(rgb: u32) -> Self {
        let [_, r, g, b] = rgb.to_be_bytes();
        Self { r, g, b }
    }

    /// Black or white, whichever has the higher contrast on this colour.
    pub(super) fn ink(self) -> Self {
        // Contrast is (brighter + 0.05) / (darker + 0.05), which makes the two
        // equal at a luminance of sqrt(0.05 * 1.05) - 0.05.
        if self.luminance() > 0.179_128_784_747_792 {
            Self::BLACK
        } else {
            Self::WHITE
        }
    }

    /// Relative luminance as WCAG 2 defines it, 0..=1.
    pub(super) fn luminance(self) -> f64 {
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// For the thin line around a shape of this colour, which keeps it visible
    /// where the picture has the same colour: black, or white around a shape
    /// that is nearly black itself.
    pub(super) fn casing(self) -> Self {
        if self.luminance() < 0.02 {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }
}

impl FromStr for Color {
    type Err = PaletteError;

    /// `#rrggbb` or `#rgb`, the `#` may be left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim().trim_start_matches('#');
        let wrong = || PaletteError::NotAColor {
            found: text.to_owned(),
        };
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
        match digits.len() {
            6 => Ok(Self::hex(value)),
            3 => {
                let nibble = |shift: u32| ((value >> shift) & 0xF) * 0x11;
                Ok(Self::hex(nibble(8) << 16 | nibble(4) << 8 | nibble(0)))
            }
            _ => Err(wrong()),
        }
    }
}

/// `share` of 255 parts of `over`, the rest of `under`, rounded to nearest.
pub(super) fn blend(under: u8, over: u8, share: u8) -> u8 {
    let share = u32::from(share);
    by_255(u32::from(under) * (255 - share) + u32::from(over) * share)
}

/// `value / 255` rounded to nearest, for `value` up to 255 * 255.
pub(super) fn by_255(value: u32) -> u8 {
    let [.., byte] = ((value + 127) / 255).to_be_bytes();
    byte
}

/// The sRGB transfer function, undone. `x^2.4` is `x^2` times the fifth root
/// of `x^2`, by Newton's method: `powf` differs between platforms.
fn linear(value: u8) -> f64 {
    let value = f64::from(value) / 255.0;
    if value <= 0.04045 {
        return value / 12.92;
    }
    let base = (value + 0.055) / 1.055;
    let square = base * base;
    let mut root = 1.0;
    for _ in 0..16 {
        let fourth = root * root * root * root;
        root = (4.0 * root + square / fourth) / 5.0;
    }
    square * root
}

/// The colours of the classes: class `i` has number `i mod len`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Never empty.
    colors: Vec<Color>,
}

/// What is wrong with a palette.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaletteError {
    /// A custom palette without a colour.
    #[error("a palette needs at least one colour")]
    Empty,
    /// One entry of a custom palette.
    #[error(
        "{found:?} is not a colour: write #rrggbb or #rgb, or name the palette wandb or okabe-ito"
    )]
    NotAColor {
        /// The entry as written.
        found: String,
    },
}

impl Palette {
    /// The sixteen colours of the W&B app.
    pub fn wandb() -> Self {
        Self {
            colors: [
                0x5387DD, 0xDA4C4C, 0x479A5F, 0x7D54B2, 0xE87B9F, 0xE57439, 0x87CEBF, 0xC565C7,
                0xEDB732, 0x5BC5DB, 0x229487, 0xF0B899, 0xA0C75C, 0xA46750, 0xA12864, 0xA1A9AD,
            ]
            .map(Color::hex)
            .to_vec(),
        }
    }

    /// The colours of Okabe and Ito, which people with any of the common kinds
    /// of colour blindness can tell apart.
    pub fn okabe_ito() -> Self {
        Self {
            colors: [
                0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7, 0x000000,
            ]
            .map(Color::hex)
            .to_vec(),
        }
    }

    /// A list of one's own.
    ///
    /// # Errors
    /// [`PaletteError::Empty`].
    pub fn custom(colors: Vec<Color>) -> Result<Self, PaletteError> {
        if colors.is_empty() {
            return Err(PaletteError::Empty);
        }
        Ok(Self { colors })
    }

    /// The colour of a class; ids below 0 count from the end.
    pub fn color(&self, class_id: i64) -> Color {
        let count = i64::try_from(self.colors.len()).unwrap_or(i64::MAX);
        let number = class_id.rem_euclid(count);
        usize::try_from(number)
            .ok()
            .and_then(|number| self.colors.get(number))
            .copied()
            .unwrap_or(Color::UNCLASSED)
    }
}

impl Default for Palette {
    /// [`Palette::wandb`].
    fn default() -> Self {
        Self::wandb()
    }
}

impl FromStr for Palette {
    type Err = PaletteError;

    /// `wandb`, `okabe-ito`, or colours with commas between: `#f00,#00ff00`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "wandb" => Ok(Self::wandb()),
            "okabe-ito" => Ok(Self::okabe_ito()),
            "" => Err(PaletteError::Empty),
            list => Self::custom(list.split(',').map(str::parse).collect::<Result<_, _>>()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (a.luminance() + 0.05, b.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn every_tag_of_the_wandb_palette_can_be_read() {
        for id in 0..16 {
            let color = Palette::wandb().color(id);
            assert!(contrast(color, color.ink()) >= 4.63, "class {id}");
        }
    }

    #[test]
    fn ids_wrap_around_in_both_directions() {
        let palette = Palette::wandb();
        assert_eq!(palette.color(0), Color::hex(0x5387DD));
        assert_eq!(palette.color(16), palette.color(0));
        assert_eq!(palette.color(-1), Color::hex(0xA1A9AD));
        assert_eq!(palette.color(i64::MIN), palette.color(0));
        assert_eq!(palette.color(i64::MAX), palette.color(15));
    }

    #[test]
    fn palettes_are_read_from_text() {
        assert_eq!("okabe-ito".parse(), Ok(Palette::okabe_ito()));
        assert_eq!(
            "#f00, 00ff7f".parse(),
            Palette::custom(vec![Color::hex(0xFF0000), Color::hex(0x00FF7F)])
        );
        for bad in ["", "red", "#12345", "#f00,", "#+12345", "#é00"] {
            assert!(bad.parse::<Palette>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn luminance_is_the_published_one() {
        for (color, expected) in [
            (Color::WHITE, 1.0),
            (Color::BLACK, 0.0),
            (Color::hex(0xFF0000), 0.2126),
            (Color::hex(0x808080), 0.215_860_5),
        ] {
            assert!((color.luminance() - expected).abs() < 1e-7, "{color:?}");
        }
    }

    #[test]
    fn blending_rounds_to_nearest() {
        for under in 0..=255u8 {
            for share in 0..=255u8 {
                let exact =
                    (f64::from(under) * f64::from(255 - share) + 200.0 * f64::from(share)) / 255.0;
                let found = f64::from(blend(under, 200, share));
                assert!((found - exact).abs() <= 0.5);
            }
        }
    }
}
