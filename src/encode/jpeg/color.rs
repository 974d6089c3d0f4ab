//! Colour: packed rows of samples to tiles of one component each, chroma at half resolution.

use multiversion::multiversion;

use super::Color;
use super::dct::{LANES, Tile};
use super::frame::Frame;

/// Samples across a tile.
pub(super) const WIDTH: usize = 8 * LANES;

/// One row of samples of a component, as wide as a tile.
type Row = [u8; WIDTH];

/// Fills the tiles of the stripe whose top left pixel is `(x, y)`.
///
/// Grey and CMYK: one tile for each component. The others: Y's top left, top right, bottom left
/// and bottom right tiles, then Cb and Cr, which cover as much as those four.
/// Pixels beyond the picture repeat its last column and row.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn fill_tiles(frame: &Frame, x: usize, y: usize, tiles: &mut [Tile; 6]) {
    match frame.color {
        Color::Luma => fill_whole::<1>(frame, x, y, tiles, 0x00),
        Color::Cmyk => fill_whole::<4>(frame, x, y, tiles, 0xff),
        Color::Rgb => fill_halved(frame, x, y, tiles, |[r, g, b]| ycbcr(r, g, b)),
        Color::Rgbx => fill_halved(frame, x, y, tiles, |[r, g, b, _]| ycbcr(r, g, b)),
        Color::Ycbcr => fill_halved(frame, x, y, tiles, |channels: [Row; 3]| channels),
    }
}

/// Every channel at full resolution, in a tile of its own, the bits of `flip` inverted.
#[inline(always)]
fn fill_whole<const CHANNELS: usize>(
    frame: &Frame,
    x: usize,
    y: usize,
    tiles: &mut [Tile; 6],
    flip: u8,
) {
    let mut edge = [[0; CHANNELS]; WIDTH];
    for row in 0..8 {
        let pixels = window(frame.row(y + row), x, &mut edge);
        for (tile, samples) in tiles.iter_mut().zip(part::<CHANNELS>(pixels)) {
            tile[row] = samples.map(|sample| sample ^ flip);
        }
    }
}

/// Y at full resolution, Cb and Cr at half of it both ways.
#[inline(always)]
fn fill_halved<const CHANNELS: usize>(
    frame: &Frame,
    x: usize,
    y: usize,
    tiles: &mut [Tile; 6],
    convert: impl Fn([Row; CHANNELS]) -> [Row; 3],
) {
    let [left, right, below_left, below_right, cb, cr] = tiles;
    let mut edge = [[0; CHANNELS]; WIDTH];
    for (side, luma) in [[left, below_left], [right, below_right]]
        .into_iter()
        .enumerate()
    {
        let x = x + side * WIDTH;
        if x >= frame.width.into() {
            break;
        }
        for pair in 0..8 {
            let [above, below] = [0, 1].map(|row| {
                let pixels = window(frame.row(y + 2 * pair + row), x, &mut edge);
                let [y, cb, cr] = convert(part(pixels));
                luma[pair / 4][2 * pair % 8 + row] = y;
                [cb, cr]
            });
            for (component, tile) in [&mut *cb, &mut *cr].into_iter().enumerate() {
                // libjpeg halves first and repeats the last row after, so a row below the
                // picture is not always what halving repeated rows would give.
                let half = if y + 2 * pair < frame.height.into() {
                    halve(&above[component], &below[component])
                } else {
                    tile[pair - 1].as_chunks().0[side]
                };
                tile[pair].as_chunks_mut().0[side] = half;
            }
        }
    }
}

/// As many pixels of a row as a tile is wide, from column `x` on; the last one is repeated, in
/// `edge`, where the row is too short.
#[inline(always)]
fn window<'a, const CHANNELS: usize>(
    row: &'a [u8],
    x: usize,
    edge: &'a mut [[u8; CHANNELS]; WIDTH],
) -> &'a [[u8; CHANNELS]; WIDTH] {
    let pixels = &row.as_chunks().0[x..];
    match pixels.first_chunk() {
        Some(window) => window,
        None => {
            edge.fill(pixels[pixels.len() - 1]);
            edge[..pixels.len()].copy_from_slice(pixels);
            edge
        }
    }
}

/// The channels one by one. A loop of its own, as compilers know how to shuffle bytes alone.
#[inline(always)]
fn part<const CHANNELS: usize>(pixels: &[[u8; CHANNELS]; WIDTH]) -> [Row; CHANNELS] {
    let mut parted = [[0; WIDTH]; CHANNELS];
    for i in 0..WIDTH {
        for channel in 0..CHANNELS {
            parted[channel][i] = pixels[i][channel];
        }
    }
    parted
}

/// JFIF's conversion in libjpeg's fixed point: weights times 2^16, Y rounded, Cb and Cr rounded
/// with exact halves going down.
///
/// Every weight fits 16 bits with a sign (that of green in Y does when halved), so that a vector
/// multiplies them in one instruction.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "weights of Y add up to 2^16, those of Cb and Cr to 0 about a middle of 128"
)]
fn ycbcr(r: Row, g: Row, b: Row) -> [Row; 3] {
    const HALF: i32 = 1 << 15;
    const MIDDLE: i32 = (128 << 16) + HALF - 1;
    let weigh = |weights: [i32; 3], offset: i32| {
        let mut weighed = [0; WIDTH];
        for i in 0..WIDTH {
            let [r, g, b] = [i32::from(r[i]), i32::from(g[i]), i32::from(b[i])];
            let sum = weights[0] * r + weights[1] * g + weights[2] * b;
            weighed[i] = ((sum + offset) >> 16) as u8;
        }
        weighed
    };
    [
        weigh([19_595, 38_470, 7_471], HALF),
        weigh([-11_059, -21_709, 32_768], MIDDLE),
        weigh([32_768, -27_439, -5_329], MIDDLE),
    ]
}

/// Means of four, rounded down and up by turns along the row where a half is left.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a mean of bytes is no more than a byte"
)]
fn halve(above: &Row, below: &Row) -> [u8; WIDTH / 2] {
    let mut half = [0; WIDTH / 2];
    for i in 0..WIDTH / 2 {
        let sum = [
            above[2 * i],
            above[2 * i + 1],
            below[2 * i],
            below[2 * i + 1],
        ]
        .into_iter()
        .map(u16::from)
        .sum::<u16>();
        half[i] = ((sum + 1 + (i % 2) as u16) >> 2) as u8;
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_mean_go_down_and_up_by_turns() {
        let mut above = [0; WIDTH];
        above[..8].copy_from_slice(&[1, 1, 1, 1, 3, 0, 3, 0]);
        assert_eq!(halve(&above, &[0; WIDTH])[..5], [0, 1, 1, 1, 0]);
    }

    #[test]
    fn short_rows_end_in_their_last_pixel_repeated() {
        let row: Vec<u8> = (0..9).collect();
        let mut edge = [[0; 3]; WIDTH];
        let window = window(&row, 1, &mut edge);
        assert_eq!(window[..3], [[3, 4, 5], [6, 7, 8], [6, 7, 8]]);
        assert_eq!(window[WIDTH - 1], [6, 7, 8]);
    }

    #[test]
    fn greys_have_no_colour() {
        for grey in 0..=255 {
            let row = [grey; WIDTH];
            assert_eq!(ycbcr(row, row, row).map(|row| row[0]), [grey, 128, 128]);
        }
    }

    #[test]
    fn weights_are_exact_to_the_last_of_their_sixteen_bits() {
        // Colours so near a step that any weight more or less by one would show.
        let colors = [
            ([255, 255, 198], [249, 99, 133]),
            ([40, 239, 239], [179, 162, 28]),
            ([115, 35, 201], [78, 198, 155]),
            ([188, 177, 54], [166, 65, 144]),
            ([237, 195, 98], [196, 72, 157]),
            ([198, 25, 216], [99, 194, 199]),
        ];
        for (rgb, expected) in colors {
            let [r, g, b] = rgb.map(|value| [value; WIDTH]);
            assert_eq!(ycbcr(r, g, b).map(|row| row[0]), expected, "{rgb:?}");
        }
    }
}
