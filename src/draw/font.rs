//! The label font: from characters to glyphs, and from glyphs to bitmaps.

use std::collections::HashMap;
use std::rc::Rc;

use ttf_parser::{Face, GlyphId};

use super::geometry::{byte, floor, nearest32};
use super::raster::{Bitmap, Outline};

/// A subset of Inter SemiBold; `assets/font` has its licence and the script
/// that made it.
const FONT: &[u8] = include_bytes!("../../assets/font/label-font.otf");

/// Positions inside a pixel at which a glyph can begin.
const PLACES: u8 = 4;

/// What stands for one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Glyph(u16),
    /// For a character that the font does not have: an empty box, a broader
    /// one for a character that is as broad as high.
    Missing {
        broad: bool,
    },
}

/// The measures of a shape in shares of the text size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    /// From this pen position to the next.
    pub(super) advance: f32,
    pub(super) left: f32,
    pub(super) right: f32,
    /// Above the base line.
    pub(super) top: f32,
    pub(super) bottom: f32,
}

/// The embedded font with what was already looked up in it.
pub(super) struct Font {
    face: Face<'static>,
    /// Pixels per font unit at a text size of 1 pixel.
    unit: f32,
    bitmaps: HashMap<(Shape, u16, u8), Rc<Bitmap>>,
    measures: HashMap<Shape, Measures>,
}

/// The height of capital letters, in shares of the text size.
pub(super) const CAPITAL: f32 = 0.727;

impl Font {
    /// The embedded one.
    pub(super) fn new() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the bytes are a constant, and a test parses them"
        )]
        let face = Face::parse(FONT, 0).expect("the embedded font is well-formed");
        let unit = 1.0 / f32::from(face.units_per_em());
        Self {
            face,
            unit,
            bitmaps: HashMap::new(),
            measures: HashMap::new(),
        }
    }

    pub(super) fn glyph(&self, character: char) -> Option<Shape> {
        let GlyphId(id) = self.face.glyph_index(character)?;
        Some(Shape::Glyph(id))
    }

    pub(super) fn measures(&mut self, shape: Shape) -> Measures {
        if let Some(known) = self.measures.get(&shape) {
            return *known;
        }
        let measures = match shape {
            Shape::Glyph(id) => self.glyph_measures(GlyphId(id)),
            Shape::Missing { broad } => {
                let advance = if broad { 1.0 } else { 0.62 };
                Measures {
                    advance,
                    left: 0.08,
                    right: advance - 0.08,
                    top: CAPITAL,
                    bottom: 0.0,
                }
            }
        };
        self.measures.insert(shape, measures);
        measures
    }

    fn glyph_measures(&self, id: GlyphId) -> Measures {
        let share = |units: i16| f32::from(units) * self.unit;
        let advance = f32::from(self.face.glyph_hor_advance(id).unwrap_or(0)) * self.unit;
        match self.face.glyph_bounding_box(id) {
            Some(extent) => Measures {
                advance,
                left: share(extent.x_min),
                right: share(extent.x_max),
                top: share(extent.y_max),
                bottom: share(extent.y_min),
            },
            None => Measures {
                advance,
                left: 0.0,
                right: advance,
                top: 0.0,
                bottom: 0.0,
            },
        }
    }

    /// The bitmap of a shape at a text size in pixels, and the whole pixel at
    /// which its pen stands, for a pen at `x`.
    pub(super) fn bitmap(&mut self, shape: Shape, size: u16, x: f32) -> (i32, Rc<Bitmap>) {
        let quarters = nearest32(x * f32::from(PLACES));
        let pixel = quarters.div_euclid(i32::from(PLACES));
        let place = u8::try_from(quarters.rem_euclid(i32::from(PLACES))).unwrap_or(0);
        let key = (shape, size, place);
        if let Some(known) = self.bitmaps.get(&key) {
            return (pixel, Rc::clone(known));
        }
        let bitmap = Rc::new(match shape {
            Shape::Glyph(id) => {
                let shift = f32::from(place) / f32::from(PLACES);
                let mut outline = Outline::new(f32::from(size) * self.unit, shift);
                // No outline means that nothing is to be seen: a space.
                let _ = self.face.outline_glyph(GlyphId(id), &mut outline);
                outline.bitmap()
            }
            Shape::Missing { .. } => empty_box(self.measures(shape), f32::from(size)),
        });
        self.bitmaps.insert(key, Rc::clone(&bitmap));
        (pixel, bitmap)
    }
}

/// A box on the pixel grid, with a line of whole pixels.
fn empty_box(measures: Measures, size: f32) -> Bitmap {
    let left = nearest32(measures.left * size);
    let width = (nearest32(measures.right * size) - left).max(3);
    let height = nearest32(measures.top * size).max(3);
    let line = floor(size / 14.0).max(1);
    let inside = |at: i32, length: i32| at >= line && at < length - line;
    let share = |x, y| {
        if inside(x, width) && inside(y, height) {
            0
        } else {
            byte(0.8)
        }
    };
    Bitmap {
        left,
        top: -height,
        width,
        coverage: (0..height)
            .flat_map(|y| (0..width).map(move |x| share(x, y)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_font_has_the_letters_that_it_promises() {
        let font = Font::new();
        for range in [
            ' '..='~',
            'À'..='ɏ',
            'Α'..='Ρ',
            'Σ'..='ϋ',
            'Ѐ'..='џ',
            'Ḁ'..='ỹ',
        ] {
            for letter in range {
                // The two that Inter itself lacks.
                if !['ŉ', 'Ǆ'].contains(&letter) {
                    assert!(font.glyph(letter).is_some(), "{letter:?}");
                }
            }
        }
        for sign in "…–—“”‘’•€№™→←↑↓×÷≤≥≠≈°±".chars() {
            assert!(font.glyph(sign).is_some(), "{sign:?}");
        }
        assert!(font.glyph('猫').is_none());
    }

    #[test]
    fn a_letter_has_ink_at_every_place_in_a_pixel() {
        let mut font = Font::new();
        let shape = font.glyph('Ж').unwrap();
        let ink = |font: &mut Font, x| -> u32 {
            let (_, bitmap) = font.bitmap(shape, 20, x);
            bitmap.coverage.iter().map(|c| u32::from(*c)).sum()
        };
        let first = ink(&mut font, 0.0);
        assert!(first > 255 * 40);
        for x in [0.25, 0.5, 0.75] {
            assert!(ink(&mut font, x).abs_diff(first) < 255 * 4);
        }
        assert_eq!(font.bitmap(shape, 20, -0.3).0, -1);
        assert_eq!(font.bitmap(shape, 20, 7.9).0, 8);
    }
}
