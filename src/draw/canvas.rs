//! A picture that can be painted on: clipping and compositing, nothing about
//! what is painted. All arithmetic is in integers.

use super::DrawError;
use super::color::{Color, blend, by_255};
use super::geometry::{Rect, index};

/// What a pixel of the picture consists of, one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and straight (not premultiplied) alpha.
    Rgba,
}

impl Channels {
    /// Bytes per pixel.
    pub fn count(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// A borrowed picture whose buffer is known to have the size that it says.
#[derive(Debug)]
pub struct Canvas<'a> {
    pixels: &'a mut [u8],
    width: i32,
    height: i32,
    channels: Channels,
}

/// A colour and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    pub(super) color: Color,
    /// 0 leaves the picture as it is, 255 replaces it.
    pub(super) alpha: u8,
}

impl Paint {
    pub(super) fn opaque(color: Color) -> Self {
        Self { color, alpha: 255 }
    }

    pub(super) fn new(color: Color, alpha: u8) -> Self {
        Self { color, alpha }
    }

    /// The part of it that a pixel gets of which `coverage` / 255 is covered.
    pub(super) fn covering(self, coverage: u8) -> Self {
        Self {
            color: self.color,
            alpha: by_255(u32::from(self.alpha) * u32::from(coverage)),
        }
    }
}

/// Bytes that are painted at a time: a whole number of pixels of either kind.
const BLOCK: usize = 48;

/// The sides of a picture; leaves room for boxes to reach past its edges.
const MAX_SIDE: u32 = 1 << 28;

impl<'a> Canvas<'a> {
    /// # Errors
    /// [`DrawError::PictureSize`] unless there are exactly `width * height`
    /// pixels, [`DrawError::TooLarge`] for a side over 2^28.
    pub fn new(
        pixels: &'a mut [u8],
        width: u32,
        height: u32,
        channels: Channels,
    ) -> Result<Self, DrawError> {
        let side = |side: u32| {
            i32::try_from(side)
                .ok()
                .filter(|_| side <= MAX_SIDE)
                .ok_or(DrawError::TooLarge { side })
        };
        let (w, h) = (side(width)?, side(height)?);
        let expected = index(w)
            .checked_mul(index(h))
            .and_then(|count| count.checked_mul(channels.count()));
        if expected != Some(pixels.len()) {
            return Err(DrawError::PictureSize {
                width,
                height,
                channels: channels.count(),
                found: pixels.len(),
            });
        }
        Ok(Self {
            pixels,
            width: w,
            height: h,
            channels,
        })
    }

    /// All of the picture.
    pub(super) fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// Fills the part of `rect` that is inside the picture.
    pub(super) fn fill(&mut self, rect: Rect, paint: Paint) {
        let rect = rect.intersect(self.bounds());
        if rect.is_empty() || paint.alpha == 0 {
            return;
        }
        let brush = Brush::new(paint, self.channels);
        for y in rect.y0..rect.y1 {
            self.span(rect.x0, rect.x1, y, &brush);
        }
    }

    /// Paints one pixel, if it is inside the picture.
    pub(super) fn dot(&mut self, x: i32, y: i32, paint: Paint) {
        if x < 0 || y < 0 || x >= self.width || y >= self.height || paint.alpha == 0 {
            return;
        }
        let range = self.range(x, x + 1, y);
        if let Some(pixel) = self.pixels.get_mut(range) {
            over(pixel, paint);
        }
    }

    /// A brush for [`Self::span`].
    pub(super) fn brush(&self, paint: Paint) -> Brush {
        Brush::new(paint, self.channels)
    }

    /// Paints pixels `x0..x1` of row `y`, which the caller has clipped.
    pub(super) fn span(&mut self, x0: i32, x1: i32, y: i32, brush: &Brush) {
        let range = self.range(x0, x1, y);
        let size = self.channels.count();
        let Some(row) = self.pixels.get_mut(range) else {
            return;
        };
        let opaque_below = match self.channels {
            Channels::Rgb => true,
            Channels::Rgba => row.chunks_exact(4).all(|pixel| pixel[3] == 255),
        };
        if opaque_below {
            brush.over_opaque(row);
        } else {
            for pixel in row.chunks_exact_mut(size) {
                over(pixel, brush.paint);
            }
        }
    }

    fn range(&self, x0: i32, x1: i32, y: i32) -> std::ops::Range<usize> {
        let row = index(y) * index(self.width);
        let size = self.channels.count();
        (row + index(x0)) * size..(row + index(x1)) * size
    }
}

/// A paint, multiplied out for a block of bytes.
pub(super) struct Brush {
    paint: Paint,
    /// What is left of the picture, 0..=255.
    keep: u16,
    /// What is added to each byte of a block, plus one half of 255.
    add: [u16; BLOCK],
}

impl Brush {
    fn new(paint: Paint, channels: Channels) -> Self {
        let Color { r, g, b } = paint.color;
        // An opaque pixel stays opaque: 255 over 255.
        let one = [r, g, b, 255];
        let size = channels.count();
        let alpha = u16::from(paint.alpha);
        let mut add = [0; BLOCK];
        for (i, sum) in add.iter_mut().enumerate() {
            *sum = u16::from(one[i % size]) * alpha + 128;
        }
        Self {
            paint,
            keep: 255 - alpha,
            add,
        }
    }

    pub(super) fn paint(&self) -> Paint {
        self.paint
    }

    fn over_opaque(&self, row: &mut [u8]) {
        let (blocks, rest) = row.as_chunks_mut::<BLOCK>();
        for block in blocks {
            for (byte, add) in block.iter_mut().zip(&self.add) {
                *byte = self.byte(*byte, *add);
            }
        }
        for (byte, add) in rest.iter_mut().zip(&self.add) {
            *byte = self.byte(*byte, *add);
        }
    }

    /// `(byte * keep + add - 128) / 255`, rounded to nearest: with `t` the sum
    /// and 128, that is `(t + t / 256) / 256` for all sums that occur.
    #[inline]
    fn byte(&self, byte: u8, add: u16) -> u8 {
        let t = u16::from(byte) * self.keep + add;
        let [high, _] = (t + (t >> 8)).to_be_bytes();
        high
    }
}

/// Source over destination, straight alpha.
fn over(pixel: &mut [u8], paint: Paint) {
    let Paint { color, alpha } = paint;
    match pixel {
        [r, g, b] | [r, g, b, 255] => {
            *r = blend(*r, color.r, alpha);
            *g = blend(*g, color.g, alpha);
            *b = blend(*b, color.b, alpha);
        }
        [r, g, b, a] => {
            let above = u32::from(alpha) * 255;
            let below = u32::from(*a) * (255 - u32::from(alpha));
            let sum = above + below;
            if sum == 0 {
                return;
            }
            let mix = |under: u8, over: u8| {
                let parts = u32::from(over) * above + u32::from(under) * below;
                let [.., byte] = ((parts + sum / 2) / sum).to_be_bytes();
                byte
            };
            *r = mix(*r, color.r);
            *g = mix(*g, color.g);
            *b = mix(*b, color.b);
            *a = by_255(sum);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAL: Color = Color::hex(0x229487);

    #[test]
    fn the_buffer_must_have_the_size_that_was_said() {
        let mut pixels = [0; 12];
        assert!(Canvas::new(&mut pixels, 2, 2, Channels::Rgb).is_ok());
        for (width, height, channels) in [
            (2, 2, Channels::Rgba),
            (3, 2, Channels::Rgb),
            (u32::MAX, u32::MAX, Channels::Rgb),
            (1 << 28, 1 << 28, Channels::Rgba),
        ] {
            assert!(Canvas::new(&mut pixels, width, height, channels).is_err());
        }
    }

    #[test]
    fn blocks_blend_exactly_as_single_pixels_do() {
        for channels in [Channels::Rgb, Channels::Rgba] {
            for alpha in [1, 90, 153, 254, 255] {
                let size = channels.count();
                let mut row: Vec<u8> = (0..=255).cycle().take(61 * size).collect();
                if channels == Channels::Rgba {
                    row.iter_mut().skip(3).step_by(4).for_each(|a| *a = 255);
                }
                let mut expected = row.clone();
                let paint = Paint::new(TEAL, alpha);
                expected
                    .chunks_exact_mut(size)
                    .for_each(|pixel| over(pixel, paint));
                let mut canvas = Canvas::new(&mut row, 61, 1, channels).unwrap();
                canvas.fill(Rect::new(-9, -9, 99, 99), paint);
                assert_eq!(row, expected);
            }
        }
    }

    #[test]
    fn paint_shows_on_transparent_pixels() {
        let mut pixel = [9, 9, 9, 0];
        let mut canvas = Canvas::new(&mut pixel, 1, 1, Channels::Rgba).unwrap();
        canvas.dot(0, 0, Paint::new(TEAL, 153));
        assert_eq!(pixel, [0x22, 0x94, 0x87, 153]);
    }

    #[test]
    fn half_over_half_is_three_quarters() {
        let mut pixel = [0, 0, 255, 128];
        let mut canvas = Canvas::new(&mut pixel, 1, 1, Channels::Rgba).unwrap();
        canvas.dot(0, 0, Paint::new(Color::hex(0xFF0000), 128));
        assert_eq!(pixel, [170, 0, 85, 192]);
    }

    #[test]
    fn nothing_outside_a_rectangle_is_touched() {
        let mut pixels = [7; 5 * 5 * 3];
        let mut canvas = Canvas::new(&mut pixels, 5, 5, Channels::Rgb).unwrap();
        canvas.fill(Rect::new(1, 2, 3, 4), Paint::opaque(TEAL));
        for (i, pixel) in pixels.chunks_exact(3).enumerate() {
            let inside = (1..3).contains(&(i % 5)) && (2..4).contains(&(i / 5));
            assert_eq!(pixel != [7; 3], inside, "pixel {i}");
        }
    }
}
