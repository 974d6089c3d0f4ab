//! What is encoded must come back, as the `png` crate reads it; the crate checks the chunks'
//! checksums and zlib's.

use std::num::NonZero;

use ::wbimg::encode::png::{Color, Effort, PngError, Scratch, encode, encode_parallel};

const EFFORTS: [Effort; 3] = [Effort::Fast, Effort::Balanced, Effort::Small];

/// Numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn side(&mut self) -> u32 {
        1 + u32::from(self.byte())
    }

    fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

fn colors() -> [Color<'static>; 7] {
    const PALETTE: &[[u8; 3]] = &[[7, 8, 9]; 256];
    [
        Color::Gray1,
        Color::Gray8,
        Color::Gray16,
        Color::GrayAlpha8,
        Color::Rgb8,
        Color::Rgba8,
        Color::Indexed8 {
            palette: PALETTE,
            alpha: &[0, 128],
        },
    ]
}

fn row_bytes(width: u32, color: Color<'_>) -> usize {
    let width = width as usize;
    match color {
        Color::Gray1 => width.div_ceil(8),
        Color::Gray8 | Color::Indexed8 { .. } => width,
        Color::Gray16 | Color::GrayAlpha8 => 2 * width,
        Color::Rgb8 => 3 * width,
        Color::Rgba8 => 4 * width,
    }
}

/// Kinds of content that lead the encoder down different paths.
const KINDS: u64 = 8;

fn samples(kind: u64, row: usize, height: u32, numbers: &mut Numbers) -> Vec<u8> {
    let length = row * height as usize;
    let mut samples: Vec<u8> = match kind {
        0 => (0..length).map(|_| numbers.byte()).collect(),
        1 => vec![numbers.byte(); length],
        2 => (0..length)
            .map(|i| (i % row / 3 + i / row).to_le_bytes()[0])
            .collect(),
        // Few values in short runs.
        3 => {
            let mut bytes = Vec::new();
            while bytes.len() < length {
                let run = numbers.index(300);
                let byte = [0, 255, 7, 8][numbers.index(4)];
                bytes.resize(bytes.len() + run, byte);
            }
            bytes
        }
        // Noise of little amplitude on a slope, as a photograph is.
        4 => (0..length)
            .map(|i| ((i / 5) as u64 + numbers.below(9)).to_le_bytes()[0])
            .collect(),
        // Fibonacci-like frequencies, for the longest codes.
        5 => (0..length)
            .map(|_| numbers.next().trailing_zeros().min(40).to_le_bytes()[0].wrapping_mul(37))
            .collect(),
        // Noise that repeats after exactly the window, one byte less and more.
        6 => {
            let mut bytes: Vec<u8> = Vec::new();
            for i in 0..length {
                let far = 32_767 + i / 40_000 % 3;
                bytes.push(if i < far {
                    numbers.byte()
                } else {
                    bytes[i - far]
                });
            }
            bytes
        }
        // Pieces copied from before.
        _ => {
            let mut bytes: Vec<u8> = (0..16).map(|_| numbers.byte()).collect();
            while bytes.len() < length {
                let from = numbers.index(bytes.len());
                for i in 0..3 + numbers.index(400) {
                    bytes.push(bytes[from + i]);
                }
                bytes.push(numbers.byte());
            }
            bytes
        }
    };
    samples.resize(length, 0);
    samples
}

/// Tiles of noise, each with an amplitude of its own, as a collage of photographs has; some are the tile before again.
fn collage(width: usize, height: usize, numbers: &mut Numbers) -> Vec<u8> {
    const TILE: usize = 50;
    let mut samples = vec![0; 3 * width * height];
    let row = 3 * width;
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let amplitude = 3 + numbers.below(40);
            let is_copy = left > 0 && numbers.below(8) == 0;
            for y in top..height.min(top + TILE) {
                for x in 3 * left..row.min(3 * (left + TILE)) {
                    let noise = numbers.below(amplitude) * numbers.below(amplitude) / 8;
                    let at = y * row + x;
                    samples[at] = match is_copy {
                        true => samples[at - 3 * TILE],
                        false => noise.to_le_bytes()[0],
                    };
                }
            }
        }
    }
    samples
}

fn decoded(png: &[u8]) -> (png::OutputInfo, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.ignore_checksums(false);
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut samples).unwrap();
    reader.finish().unwrap();
    samples.truncate(info.buffer_size());
    (info, samples)
}

#[track_caller]
fn check(
    samples: &[u8],
    width: u32,
    height: u32,
    color: Color<'_>,
    effort: Effort,
    scratch: &mut Scratch,
) -> usize {
    let mut out = b"before".to_vec();
    encode(samples, width, height, color, effort, scratch, &mut out).unwrap();
    let png = out.strip_prefix(b"before").unwrap();
    let (info, found) = decoded(png);
    assert_eq!((info.width, info.height), (width, height));
    assert!(found == samples, "{width} x {height} {color:?} {effort:?}");

    let mut parallel = Vec::new();
    let threads = NonZero::new(3).unwrap();
    let mut heard = Vec::new();
    encode_parallel(
        samples,
        width,
        height,
        color,
        effort,
        threads,
        &mut parallel,
        |part| heard.extend_from_slice(part),
    )
    .unwrap();
    assert!(heard == parallel, "parts of {width} x {height} {color:?}");
    assert!(
        parallel == png,
        "threads change {width} x {height} {color:?} {effort:?}"
    );
    png.len()
}

#[test]
fn pictures_of_all_layouts_and_contents_come_back() {
    let numbers = &mut Numbers(1);
    let scratch = &mut Scratch::default();
    for color in colors() {
        for kind in 0..KINDS {
            for effort in EFFORTS {
                for (width, height) in [
                    (1, 1),
                    (2, 3),
                    (7, 5),
                    (8, 8),
                    (9, 1),
                    (1, 33),
                    (64, 64),
                    (131, 97),
                ] {
                    let samples = samples(kind, row_bytes(width, color), height, numbers);
                    check(&samples, width, height, color, effort, scratch);
                }
            }
        }
    }
}

#[test]
fn long_rows_and_many_rows_come_back() {
    let numbers = &mut Numbers(2);
    let scratch = &mut Scratch::default();
    for kind in 0..KINDS {
        for (width, height) in [(3, 70_000), (70_000, 3), (40_001, 2)] {
            let effort = EFFORTS[numbers.index(3)];
            for color in [Color::Gray1, Color::Gray8, Color::Rgb8] {
                let samples = samples(kind, row_bytes(width, color), height, numbers);
                check(&samples, width, height, color, effort, scratch);
            }
        }
    }
}

#[test]
fn pictures_of_several_bands_come_back() {
    let numbers = &mut Numbers(3);
    let scratch = &mut Scratch::default();
    for kind in 0..KINDS {
        for (width, height, color) in [(1000, 1100, Color::Rgb8), (1 << 21, 2, Color::Gray8)] {
            let samples = samples(kind, row_bytes(width, color), height, numbers);
            check(&samples, width, height, color, Effort::Balanced, scratch);
        }
    }
}

/// Sums of 255 overflow 16 bits soonest, and the checksums of bands are added up.
#[test]
fn checksums_wrap_as_they_should() {
    let scratch = &mut Scratch::default();
    for effort in EFFORTS {
        check(
            &vec![255; 1200 * 1200],
            1200,
            1200,
            Color::Gray8,
            effort,
            scratch,
        );
    }
}

#[test]
fn incompressible_pictures_hardly_grow() {
    let numbers = &mut Numbers(4);
    let samples = samples(0, 3 * 300, 300, numbers);
    for effort in EFFORTS {
        let size = check(
            &samples,
            300,
            300,
            Color::Rgb8,
            effort,
            &mut Scratch::default(),
        );
        assert!(size < samples.len() + samples.len() / 256, "{size}");
    }
}

#[test]
fn flat_pictures_become_small() {
    for (effort, most) in [
        (Effort::Fast, 6000),
        (Effort::Balanced, 2000),
        (Effort::Small, 2000),
    ] {
        let samples = [20, 120, 220].repeat(512 * 512);
        let size = check(
            &samples,
            512,
            512,
            Color::Rgb8,
            effort,
            &mut Scratch::default(),
        );
        assert!(size < most, "{effort:?} {size}");
    }
}

fn length(samples: &[u8], side: u32, color: Color<'_>, effort: Effort) -> usize {
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    encode(samples, side, side, color, effort, &mut scratch, &mut out).unwrap();
    out.len()
}

#[test]
fn patterns_that_come_again_become_small() {
    let mut numbers = Numbers(5);
    let tile: Vec<u8> = (0..64).map(|_| numbers.byte()).collect();
    let chess = |x: usize, y: usize| if (x + y).is_multiple_of(2) { 90 } else { 140 };
    let tiles = |x: usize, y: usize| tile[y % 8 * 8 + x % 8];
    let patterns: [&dyn Fn(usize, usize) -> u8; 2] = [&chess, &tiles];
    for (number, pattern) in patterns.into_iter().enumerate() {
        let samples: Vec<u8> = (0..512 * 512).map(|i| pattern(i % 512, i / 512)).collect();
        // Pillow takes 1624 and 1590 bytes.
        let length = length(&samples, 512, Color::Gray8, Effort::Balanced);
        assert!(length < 4500, "pattern {number}: {length} bytes");
    }
}

#[test]
fn small_is_no_larger_than_balanced() {
    let mut numbers = Numbers(6);
    let noise: Vec<[u8; 3]> = (0..100 * 100)
        .map(|_| [(); 3].map(|()| numbers.byte()))
        .collect();
    // Each pixel four times as wide and as high.
    let samples: Vec<u8> = (0..400 * 400)
        .flat_map(|i| noise[i / 400 / 4 * 100 + i % 400 / 4])
        .collect();
    let [small, balanced] =
        [Effort::Small, Effort::Balanced].map(|effort| length(&samples, 400, Color::Rgb8, effort));
    assert!(small <= balanced, "{small} and {balanced} bytes");
}

#[test]
fn what_scratch_was_used_for_before_does_not_matter() {
    let numbers = &mut Numbers(5);
    let used = &mut Scratch::default();
    for _ in 0..60 {
        let (width, height) = (numbers.side(), numbers.side());
        let color = colors()[numbers.index(7)];
        let effort = EFFORTS[numbers.index(3)];
        let samples = samples(
            numbers.below(KINDS),
            row_bytes(width, color),
            height,
            numbers,
        );
        let [mut with_used, mut with_new] = [vec![], vec![]];
        encode(&samples, width, height, color, effort, used, &mut with_used).unwrap();
        encode(
            &samples,
            width,
            height,
            color,
            effort,
            &mut Scratch::default(),
            &mut with_new,
        )
        .unwrap();
        assert!(
            with_used == with_new,
            "{width} x {height} {color:?} {effort:?}"
        );
    }
}

#[test]
fn what_collages_were_compressed_before_and_on_how_many_threads_does_not_matter() {
    let numbers = &mut Numbers(11);
    let used = &mut Scratch::default();
    let (width, height) = (800, 900);
    for _ in 0..6 {
        let samples = collage(width as usize, height as usize, numbers);
        let (color, effort) = (Color::Rgb8, Effort::Balanced);
        check(&samples, width, height, color, effort, used);
        let [mut with_used, mut with_new] = [vec![], vec![]];
        encode(&samples, width, height, color, effort, used, &mut with_used).unwrap();
        let new = &mut Scratch::default();
        encode(&samples, width, height, color, effort, new, &mut with_new).unwrap();
        assert!(with_used == with_new);
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    fn refused(samples: &[u8], width: u32, height: u32, color: Color<'_>) -> PngError {
        let mut out = vec![1];
        let scratch = &mut Scratch::default();
        let result = encode(
            samples,
            width,
            height,
            color,
            Effort::Balanced,
            scratch,
            &mut out,
        );
        assert_eq!(out, [1]);
        result.unwrap_err()
    }
    assert_eq!(
        refused(&[], 0, 3, Color::Gray8),
        PngError::Dimensions {
            width: 0,
            height: 3
        }
    );
    assert_eq!(
        refused(&[], 1, 1 << 31, Color::Gray8),
        PngError::Dimensions {
            width: 1,
            height: 1 << 31
        }
    );
    assert_eq!(
        refused(&[0; 11], 2, 2, Color::Rgb8),
        PngError::Samples {
            found: 11,
            expected: 12
        }
    );
    assert_eq!(
        refused(&[0; 3], 9, 2, Color::Gray1),
        PngError::Samples {
            found: 3,
            expected: 4
        }
    );
    let most = i32::MAX.unsigned_abs();
    assert!(matches!(
        refused(&[], most, most, Color::Rgba8),
        PngError::Samples { found: 0, .. }
    ));
    for (palette, alpha) in [(0, 0), (257, 0), (1, 2)] {
        let palette = vec![[0; 3]; palette];
        let alpha = vec![0; alpha];
        let color = Color::Indexed8 {
            palette: &palette,
            alpha: &alpha,
        };
        assert!(matches!(
            refused(&[0], 1, 1, color),
            PngError::Palette { .. }
        ));
    }
}

#[test]
fn palettes_come_back() {
    let palette: Vec<[u8; 3]> = (0..200).map(|i| [i, 255 - i, 3]).collect();
    let color = Color::Indexed8 {
        palette: &palette,
        alpha: &[9, 8, 7],
    };
    let samples: Vec<u8> = (0..40 * 40)
        .map(|i| u8::try_from(i / 11 % 200).unwrap())
        .collect();
    let mut out = Vec::new();
    encode(
        &samples,
        40,
        40,
        color,
        Effort::Balanced,
        &mut Scratch::default(),
        &mut out,
    )
    .unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(&out))
        .read_info()
        .unwrap();
    assert_eq!(
        reader.info().palette.as_deref(),
        Some(palette.as_flattened())
    );
    assert_eq!(reader.info().trns.as_deref(), Some(&[9, 8, 7][..]));
}
