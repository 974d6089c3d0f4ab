//! A small picture in the terminal: by the protocol of kitty, of iTerm2 or sixel, else in coloured half-blocks.

use std::fmt::Write;
use std::io::{Cursor, IsTerminal};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, RgbaImage};

/// How a terminal shows pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm,
    /// DEC's sixels.
    Sixel,
    /// Two pixels in each character cell.
    HalfBlocks,
}

/// The longest side of a preview, in pixels, where a terminal shows pictures.
const PIXELS: u32 = 256;

/// The longest side of a preview in half-blocks.
const CELLS: u32 = 64;

impl Screen {
    /// What standard output can show; half-blocks only if a preview was asked for.
    pub(crate) fn detect(asked: bool) -> Option<Self> {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let (term, program) = (variable("TERM"), variable("TERM_PROGRAM"));
        let is_terminal = std::io::stdout().is_terminal();
        let found = if !is_terminal {
            None
        } else if term.contains("kitty")
            || term.contains("ghostty")
            || !variable("KITTY_WINDOW_ID").is_empty()
        {
            Some(Self::Kitty)
        } else if program == "iTerm.app" || program == "WezTerm" {
            Some(Self::Iterm)
        } else if ["sixel", "foot", "mlterm"]
            .iter()
            .any(|name| term.contains(name))
        {
            Some(Self::Sixel)
        } else {
            None
        };
        found.or(asked.then_some(Self::HalfBlocks))
    }

    /// What to write to the terminal to show an encoded picture; nothing if it cannot be decoded.
    pub(crate) fn show(self, file: &[u8]) -> Vec<u8> {
        let Ok(picture) = image::load_from_memory(file) else {
            return Vec::new();
        };
        let side = if self == Self::HalfBlocks {
            CELLS
        } else {
            PIXELS
        };
        let small = if picture.width().max(picture.height()) > side {
            picture.thumbnail(side, side)
        } else {
            picture
        };
        match self {
            Self::Kitty => kitty(&small),
            Self::Iterm => iterm(&small),
            Self::Sixel => sixel(&small.to_rgba8()),
            Self::HalfBlocks => half_blocks(&small.to_rgba8()),
        }
        .into_bytes()
    }
}

fn png_base64(picture: &DynamicImage) -> String {
    let mut png = Cursor::new(Vec::new());
    // Memory cannot fail to be written.
    let _ = picture.write_to(&mut png, ImageFormat::Png);
    STANDARD.encode(png.into_inner())
}

/// Base64 in pieces of 4096, all but the last marked as continued.
fn kitty(picture: &DynamicImage) -> String {
    let data = png_base64(picture);
    let pieces: Vec<&[u8]> = data.as_bytes().chunks(4096).collect();
    let mut text = String::new();
    for (n, piece) in pieces.iter().enumerate() {
        let control = if n == 0 { "a=T,f=100," } else { "" };
        let more = u8::from(n + 1 < pieces.len());
        let _ = write!(
            text,
            "\x1b_G{control}m={more};{}\x1b\\",
            String::from_utf8_lossy(piece)
        );
    }
    text + "\n"
}

fn iterm(picture: &DynamicImage) -> String {
    let data = png_base64(picture);
    format!("\x1b]1337;File=inline=1;preserveAspectRatio=1:{data}\x07\n")
}

/// Bands of six rows; in each, the pixels of one colour after the other, out of a 6×6×6 cube.
fn sixel(picture: &RgbaImage) -> String {
    let level = |v: u8| (u16::from(v) * 5 + 127) / 255;
    let color = |x: u32, y: u32| {
        let [r, g, b, a] = picture.get_pixel(x, y).0;
        (a >= 128).then(|| level(r) * 36 + level(g) * 6 + level(b))
    };
    let mut text = String::from("\x1bPq");
    for c in 0..216u16 {
        let percent = |level: u16| level * 20;
        let _ = write!(
            text,
            "#{c};2;{};{};{}",
            percent(c / 36),
            percent(c / 6 % 6),
            percent(c % 6)
        );
    }
    for top in (0..picture.height()).step_by(6) {
        let rows = top..picture.height().min(top + 6);
        let mut used: Vec<u16> = rows
            .clone()
            .flat_map(|y| (0..picture.width()).filter_map(move |x| color(x, y)))
            .collect();
        used.sort_unstable();
        used.dedup();
        for c in used {
            let _ = write!(text, "#{c}");
            for x in 0..picture.width() {
                let bits = rows
                    .clone()
                    .filter(|&y| color(x, y) == Some(c))
                    .fold(0, |bits, y| bits | 1 << (y - top));
                text.push(char::from(63u8 + bits));
            }
            text.push('$');
        }
        text.push('-');
    }
    text + "\x1b\\\n"
}

/// The upper half of a cell in the foreground colour, the lower half in the background colour.
fn half_blocks(picture: &RgbaImage) -> String {
    let color = |x: u32, y: u32| {
        let pixel = picture.get_pixel_checked(x, y)?.0;
        let over_black = |v: u8| u16::from(v) * u16::from(pixel[3]) / 255;
        Some([
            over_black(pixel[0]),
            over_black(pixel[1]),
            over_black(pixel[2]),
        ])
    };
    let mut text = String::new();
    for y in (0..picture.height()).step_by(2) {
        for x in 0..picture.width() {
            let [r, g, b] = color(x, y).unwrap_or_default();
            let _ = write!(text, "\x1b[38;2;{r};{g};{b}m");
            match color(x, y + 1) {
                Some([r, g, b]) => {
                    let _ = write!(text, "\x1b[48;2;{r};{g};{b}m▀");
                }
                None => text.push_str("\x1b[49m▀"),
            }
        }
        text.push_str("\x1b[0m\n");
    }
    text
}
