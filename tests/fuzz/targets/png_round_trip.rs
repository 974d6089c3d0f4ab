//! Whatever is encoded as PNG, an independent decoder gives back: sizes from 1×1 to 3×70 000, all colour types and
//! depths, all efforts.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use wbimg::encode::png::{Color, Effort, Scratch, encode};

/// Bytes of samples, at the most.
const MOST: usize = 300_000;

/// The first nine bytes choose: width, height, colours, effort, and how the others become samples.
const HEAD: usize = 9;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&head, rest)) = data.split_first_chunk::<HEAD>() else {
        return Corpus::Reject;
    };
    let [w0, w1, w2, h0, h1, h2, color, effort, pattern] = head;
    let width = 1 + u32::from_le_bytes([w0, w1, w2 & 1, 0]) % 70_000;
    let height = 1 + u32::from_le_bytes([h0, h1, h2 & 1, 0]) % 70_000;
    let palette: Vec<[u8; 3]> = (0..=255u8)
        .map(|n| [n, n ^ 0x55, n.wrapping_mul(7)])
        .collect();
    let alpha: Vec<u8> = (0..=255u8).rev().collect();
    let colors = 1 + usize::from(w2 >> 1) * 2;
    let (color, bits) = match color % 8 {
        0 => (Color::Gray1, 1),
        1 => (Color::Gray8, 8),
        2 => (Color::Gray16, 16),
        3 => (Color::GrayAlpha8, 16),
        4 => (Color::Rgb8, 24),
        5 => (Color::Rgba8, 32),
        kind => {
            let alphas = if kind == 6 {
                0
            } else {
                usize::from(h2) % (colors + 1)
            };
            let (palette, alpha) = (&palette[..colors], &alpha[..alphas]);
            (Color::Indexed8 { palette, alpha }, 8)
        }
    };
    let row = (width as usize * bits).div_ceil(8);
    if row * height as usize > MOST {
        return Corpus::Reject;
    }
    let samples_of = |pattern: u8| {
        let mut samples = fill(rest, pattern, row, row * height as usize);
        match color {
            // The bits behind the last pixel of a row are nobody's.
            Color::Gray1 if width % 8 != 0 => {
                let mask = 0xff << (8 - width % 8);
                samples
                    .chunks_exact_mut(row)
                    .for_each(|row| row[row.len() - 1] &= mask as u8);
            }
            Color::Indexed8 { palette, .. } => {
                samples
                    .iter_mut()
                    .for_each(|v| *v = (usize::from(*v) % palette.len()) as u8);
            }
            _ => {}
        }
        samples
    };
    let effort = [Effort::Fast, Effort::Balanced, Effort::Small][usize::from(effort) % 3];
    let encoded = |samples: &[u8], scratch: &mut Scratch| {
        let mut file = Vec::new();
        encode(samples, width, height, color, effort, scratch, &mut file)
            .expect("it has the right number of samples");
        file
    };
    let samples = samples_of(pattern);
    let file = encoded(&samples, &mut Scratch::default());
    let mut used = Scratch::default();
    encoded(&samples_of(pattern.wrapping_add(1)), &mut used);
    assert!(
        encoded(&samples, &mut used) == file,
        "another picture shows in the buffers"
    );
    check(&file, &samples, width, height, color);
    Corpus::Keep
});

/// Samples of some kind of regularity.
fn fill(rest: &[u8], pattern: u8, row: usize, length: usize) -> Vec<u8> {
    let at = |i: usize| rest.get(i % rest.len().max(1)).copied().unwrap_or(0);
    let mut state = u32::from(at(0)) * 2 + 1;
    (0..length)
        .map(|i| match pattern % 6 {
            // Again and again, from row to row at other places.
            0 => at(i),
            // Equal rows.
            1 => at(i % row),
            // Runs.
            2 => at(i / (1 + usize::from(pattern / 6))),
            // A gradient with something on it.
            3 => ((i % row) / 3 + i / row) as u8 ^ (at(i / 64) & 3),
            // Noise.
            4 => {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state as u8
            }
            // The bytes once, then nothing.
            _ => rest.get(i).copied().unwrap_or(0),
        })
        .collect()
}

fn check(file: &[u8], samples: &[u8], width: u32, height: u32, color: Color<'_>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().expect("it has a header");
    let info = reader.info();
    assert_eq!((info.width, info.height), (width, height));
    if let Color::Indexed8 { palette, alpha } = color {
        assert_eq!(info.palette.as_deref(), Some(palette.concat().as_slice()));
        assert_eq!(info.trns.as_deref().unwrap_or_default(), alpha);
    }
    let mut found = vec![0; reader.output_buffer_size().expect("it has a size")];
    reader.next_frame(&mut found).expect("it decodes");
    reader.finish().expect("it has an end");
    assert!(found == samples, "other samples came back");
}
