//! Colour: packed rows of samples to tiles of one component each, chroma at half resolution.

use multiversion::{multiversion, target::match_target};

use super::Color;
use super::dct::{BLOCKS, Tile};
use super::frame::Frame;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};

/// Samples across a tile.
pub(super) const WIDTH: usize = 8 * BLOCKS;

/// Pixels that are converted together.
pub(super) const SPAN: usize = 64;

/// One component of a row of pixels.
type Row = [i16; SPAN];

/// Two rows of pixels in components.
#[derive(Debug, PartialEq)]
pub(super) struct Square {
    pub(super) luma: [[i16; SPAN]; 2],
    pub(super) cb: [i16; SPAN / 2],
    pub(super) cr: [i16; SPAN / 2],
}

/// Fills the tiles of the stripe whose top left pixel is `(x, y)`.
///
/// Grey and CMYK: one tile for each component. The others: Y's top left, top right, bottom left
/// and bottom right tiles, then Cb and Cr, which cover as much as those four.
/// Pixels beyond the picture repeat its last column and row, as far as a block begun goes.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
pub(super) fn fill_tiles(frame: &Frame, x: usize, y: usize, tiles: &mut [Tile; 6]) {
    match frame.color {
        Color::Luma => fill_whole::<1>(frame, x, y, tiles, 0x00),
        Color::Cmyk => fill_whole::<4>(frame, x, y, tiles, 0xff),
        Color::Rgb => match_target! {
            "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni+bmi1+bmi2+lzcnt+popcnt" => {
                fill_halved::<3>(frame, x, y, tiles, |rows| avx512::square_of_rgb(rows))
            },
            "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt" => {
                fill_halved::<3>(frame, x, y, tiles, |rows| avx2::square_of_rgb(rows))
            },
            _ => fill_halved::<3>(frame, x, y, tiles, square_of_rgb),
        },
        Color::Rgbx => match_target! {
            "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni+bmi1+bmi2+lzcnt+popcnt" => {
                fill_halved::<4>(frame, x, y, tiles, |rows| avx512::square_of_rgb(rows))
            },
            "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt" => {
                fill_halved::<4>(frame, x, y, tiles, |rows| avx2::square_of_rgb(rows))
            },
            _ => fill_halved::<4>(frame, x, y, tiles, square_of_rgb),
        },
        Color::Ycbcr => fill_halved(frame, x, y, tiles, square_of_ycbcr),
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
    let mut edge = [[0; CHANNELS]; SPAN];
    for row in 0..8 {
        let pixels = frame.row(y + row);
        for (span, x) in (x..frame.width.into())
            .step_by(SPAN)
            .take(WIDTH / SPAN)
            .enumerate()
        {
            let parted = part::<CHANNELS>(window(pixels, x, &mut edge));
            for (tile, samples) in tiles.iter_mut().zip(parted) {
                let tile: &mut Row = &mut tile[row].as_chunks_mut().0[span];
                for (out, sample) in tile.iter_mut().zip(samples) {
                    *out = sample ^ i16::from(flip);
                }
            }
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
    convert: impl Fn([&[[u8; CHANNELS]; SPAN]; 2]) -> Square,
) {
    let [left, right, below_left, below_right, cb, cr] = tiles;
    let mut edges = [[[0; CHANNELS]; SPAN]; 2];
    for pair in 0..8 {
        let rows = [0, 1].map(|row| frame.row(y + 2 * pair + row));
        let [left, right] = match pair {
            0..4 => [&mut *left, &mut *right],
            _ => [&mut *below_left, &mut *below_right],
        };
        for (span, x) in (x..frame.width.into())
            .step_by(SPAN)
            .take(2 * WIDTH / SPAN)
            .enumerate()
        {
            let [above_edge, below_edge] = &mut edges;
            let square = convert([
                window(rows[0], x, above_edge),
                window(rows[1], x, below_edge),
            ]);
            let luma = if span < WIDTH / SPAN {
                &mut *left
            } else {
                &mut *right
            };
            for (row, samples) in square.luma.into_iter().enumerate() {
                luma[2 * pair % 8 + row].as_chunks_mut().0[span % (WIDTH / SPAN)] = samples;
            }
            for (samples, tile) in [(square.cb, &mut *cb), (square.cr, &mut *cr)] {
                // libjpeg halves first and repeats the last row after, so a row below the
                // picture is not always what halving repeated rows would give.
                let half = if y + 2 * pair < frame.height.into() {
                    samples
                } else {
                    tile[pair - 1].as_chunks().0[span]
                };
                tile[pair].as_chunks_mut().0[span] = half;
            }
        }
    }
}

/// [`SPAN`] pixels of a row, from column `x` on; the last one is repeated, in
/// `edge`, where the row is too short.
#[inline(always)]
fn window<'a, const CHANNELS: usize>(
    row: &'a [u8],
    x: usize,
    edge: &'a mut [[u8; CHANNELS]; SPAN],
) -> &'a [[u8; CHANNELS]; SPAN] {
    let pixels = &row.as_chunks().0[x..];
    match pixels.first_chunk() {
        Some(window) => window,
        None => {
            edge[..pixels.len()].copy_from_slice(pixels);
            let unit = pixels.len().next_multiple_of(16);
            edge[pixels.len()..unit].fill(pixels[pixels.len() - 1]);
            edge
        }
    }
}

/// The channels one by one. A loop of its own, as compilers know how to shuffle bytes alone.
#[inline(always)]
fn part<const CHANNELS: usize>(pixels: &[[u8; CHANNELS]; SPAN]) -> [Row; CHANNELS] {
    let mut parted = [[0; SPAN]; CHANNELS];
    for i in 0..SPAN {
        for channel in 0..CHANNELS {
            parted[channel][i] = i16::from(pixels[i][channel]);
        }
    }
    parted
}

/// Two rows of pixels that begin with red, green and blue.
#[inline(always)]
fn square_of_rgb<const CHANNELS: usize>(rows: [&[[u8; CHANNELS]; SPAN]; 2]) -> Square {
    let [above, below] = rows;
    square(ycbcr(part(above)), ycbcr(part(below)))
}

/// Two rows of pixels that are what is written.
#[inline(always)]
fn square_of_ycbcr([above, below]: [&[[u8; 3]; SPAN]; 2]) -> Square {
    square(part(above), part(below))
}

/// Halves Cb and Cr.
#[inline(always)]
fn square(above: [Row; 3], below: [Row; 3]) -> Square {
    Square {
        luma: [above[0], below[0]],
        cb: halve(&above[1], &below[1]),
        cr: halve(&above[2], &below[2]),
    }
}

/// JFIF's conversion in libjpeg's fixed point: weights times 2^16, Y rounded, Cb and Cr rounded
/// with exact halves going down. Weights of Y add up to 2^16, those of Cb and Cr to 0.
///
/// Every weight fits 16 bits with a sign (that of green in Y does when halved), so that a vector
/// multiplies them in one instruction.
#[inline(always)]
fn ycbcr<const CHANNELS: usize>(channels: [Row; CHANNELS]) -> [Row; 3] {
    const HALF: i32 = 1 << 15;
    const MIDDLE: i32 = (128 << 16) + HALF - 1;
    let weigh = |weights: [i32; 3], offset: i32| {
        let mut weighed = [0; SPAN];
        for i in 0..SPAN {
            let [r, g, b] = [0, 1, 2].map(|channel: usize| i32::from(channels[channel][i]));
            let sum = weights[0] * r + weights[1] * g + weights[2] * b;
            weighed[i] = ((sum + offset) >> 16) as i16;
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
fn halve(above: &Row, below: &Row) -> [i16; SPAN / 2] {
    let mut half = [0; SPAN / 2];
    for i in 0..SPAN / 2 {
        let sum = above[2 * i] + above[2 * i + 1] + below[2 * i] + below[2 * i + 1];
        half[i] = (sum + if i % 2 == 0 { 1 } else { 2 }) >> 2;
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_mean_go_down_and_up_by_turns() {
        let mut above: Row = [0; SPAN];
        above[..8].copy_from_slice(&[1, 1, 1, 1, 3, 0, 3, 0]);
        assert_eq!(halve(&above, &[0; SPAN])[..5], [0, 1, 1, 1, 0]);
    }

    #[test]
    fn short_rows_end_in_their_last_pixel_repeated() {
        let row: Vec<u8> = (0..9).collect();
        let mut edge = [[0; 3]; SPAN];
        let window = window(&row, 1, &mut edge);
        assert_eq!(window[..3], [[3, 4, 5], [6, 7, 8], [6, 7, 8]]);
        assert_eq!(window[15], [6, 7, 8]);
    }

    /// Two rows of every byte, mixed.
    fn pixels<const CHANNELS: usize>(seed: usize) -> [[[u8; CHANNELS]; SPAN]; 2] {
        [0, 1].map(|row| {
            std::array::from_fn(|i| {
                std::array::from_fn(|channel| {
                    let n = (i * 2 + row) * CHANNELS + channel + seed * 512;
                    (n * n / 7 + n * 5 % 253).to_le_bytes()[0]
                })
            })
        })
    }

    #[cfg(target_arch = "x86_64")]
    #[multiversion(targets("x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni"))]
    fn square_512<const CHANNELS: usize>(rows: [&[[u8; CHANNELS]; SPAN]; 2]) -> Square {
        match_target! {
            "x86_64+avx512f+avx512bw+avx512vbmi+avx512vnni" => avx512::square_of_rgb(rows),
            _ => square_of_rgb(rows),
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[multiversion(targets("x86_64+avx2"))]
    fn square_256<const CHANNELS: usize>(rows: [&[[u8; CHANNELS]; SPAN]; 2]) -> Square {
        match_target! {
            "x86_64+avx2" => avx2::square_of_rgb(rows),
            _ => square_of_rgb(rows),
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn vectors_convert_as_plain_rust_does() {
        fn check<const CHANNELS: usize>() {
            for seed in 0..500 {
                let [above, below] = pixels::<CHANNELS>(seed);
                let rows = [&above, &below];
                let expected = square_of_rgb(rows);
                assert_eq!(square_512(rows), expected);
                assert_eq!(square_256(rows), expected);
            }
        }
        check::<3>();
        check::<4>();
    }

    #[test]
    fn greys_have_no_colour() {
        for grey in 0..=255 {
            let row = [grey; SPAN];
            assert_eq!(ycbcr([row; 3]).map(|row| row[0]), [grey, 128, 128]);
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
            let channels = rgb.map(|value| [value; SPAN]);
            assert_eq!(ycbcr(channels).map(|row| row[0]), expected, "{rgb:?}");
        }
    }
}
