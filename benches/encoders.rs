//! From pixels to files: the encoders on one picture of each kind, in bytes of pixels a second.
//!
//! `cargo bench --bench encoders`; a part of a name as argument picks some. `benches/peers/run` has more pictures and
//! the sizes of the files.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are made of floats in the range of bytes"
)]

use std::fmt;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wbimg::encode::png::{self, Color, Effort, Scratch};
use wbimg::encode::{EncodeOptions, Encoder};
use wbimg::mode::{FileType, Mode};
use wbimg::render::{Palette, Pixels};

fn main() {
    divan::main();
}

/// Kinds of pictures that ask different things of an encoder.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Photo,
    HeatMap,
    Mask,
    Digit,
    Noise,
}

const KINDS: [Kind; 5] = [
    Kind::Photo,
    Kind::HeatMap,
    Kind::Mask,
    Kind::Digit,
    Kind::Noise,
];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Photo => "photo 256×192 RGB",
            Self::HeatMap => "heat map 256×256 RGB",
            Self::Mask => "mask 256×256 grey",
            Self::Digit => "digit 28×28 grey",
            Self::Noise => "noise 256×256 RGB",
        })
    }
}

impl Kind {
    fn pixels(self) -> Pixels {
        let (mode, width, height, samples) = match self {
            Self::Photo => (Mode::Rgb, 256, 192, photo()),
            Self::HeatMap => (Mode::Rgb, 256, 256, each(256, heat)),
            Self::Mask => (Mode::L, 256, 256, each(256, |x, y| [ring(x, y, 256.0)])),
            Self::Digit => (Mode::L, 28, 28, each(28, |x, y| [stroke(x, y)])),
            Self::Noise => (Mode::Rgb, 256, 256, each(256, noise)),
        };
        Pixels {
            mode,
            width,
            height,
            samples,
            palette: Palette::default(),
        }
    }
}

/// The samples of a square picture.
fn each<const N: usize>(side: usize, pixel: impl Fn(f64, f64) -> [u8; N]) -> Vec<u8> {
    let places = (0..side * side).map(|i| ((i % side) as f64, (i / side) as f64));
    places.flat_map(|(x, y)| pixel(x, y)).collect()
}

/// The cat among the fixtures, float32 in [0, 1] after NumPy's header of 128 bytes.
fn photo() -> Vec<u8> {
    let file = include_bytes!("../fixtures/arrays/chelsea.npy");
    let floats = file[128..].as_chunks().0.iter().copied();
    floats
        .map(|x| (f32::from_le_bytes(x) * 255.0) as u8)
        .collect()
}

/// Hills in a ramp of colours.
fn heat(x: f64, y: f64) -> [u8; 3] {
    let hill = |cx: f64, cy: f64, r: f64| (-((x - cx).powi(2) + (y - cy).powi(2)) / (r * r)).exp();
    let height = (hill(80.0, 90.0, 50.0) + hill(180.0, 150.0, 70.0)).min(1.0);
    [height * 255.0, (1.0 - height) * 128.0, 60.0 + height * 90.0].map(|v| v as u8)
}

/// Ids of nested regions.
fn ring(x: f64, y: f64, side: f64) -> u8 {
    let (dx, dy) = (x - side / 2.0, y - side / 2.0 + 9.0 * (x / 17.0).sin());
    ((dx * dx + dy * dy).sqrt() / 24.0) as u8
}

/// A soft circle on black, like a nought.
fn stroke(x: f64, y: f64) -> u8 {
    let radius = ((x - 13.5).powi(2) + ((y - 13.5) / 1.3).powi(2)).sqrt();
    ((2.5 - (radius - 7.0).abs()).clamp(0.0, 1.0) * 255.0) as u8
}

fn noise(x: f64, y: f64) -> [u8; 3] {
    let seed = (y as u32 * 256 + x as u32).wrapping_mul(2_654_435_761);
    [seed >> 8, seed >> 16, seed >> 24].map(|v| (v & 0xff) as u8)
}

#[divan::bench(args = KINDS)]
fn png_fast(bencher: Bencher<'_, '_>, kind: Kind) {
    png(bencher, kind, Effort::Fast);
}

#[divan::bench(args = KINDS)]
fn png_balanced(bencher: Bencher<'_, '_>, kind: Kind) {
    png(bencher, kind, Effort::Balanced);
}

#[divan::bench(args = KINDS)]
fn png_small(bencher: Bencher<'_, '_>, kind: Kind) {
    png(bencher, kind, Effort::Small);
}

fn png(bencher: Bencher<'_, '_>, kind: Kind, effort: Effort) {
    let pixels = kind.pixels();
    let color = match pixels.mode {
        Mode::L => Color::Gray8,
        _ => Color::Rgb8,
    };
    let (width, height) = (pixels.width as u32, pixels.height as u32);
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    bencher
        .counter(BytesCount::new(pixels.samples.len()))
        .bench_local(|| {
            out.clear();
            let samples = black_box(&pixels.samples[..]);
            png::encode(
                samples,
                width,
                height,
                color,
                effort,
                &mut scratch,
                &mut out,
            )
            .expect("a sound picture");
            out.len()
        });
}

#[divan::bench(args = KINDS)]
fn jpeg(bencher: Bencher<'_, '_>, kind: Kind) {
    hashed(bencher, kind, FileType::Jpg);
}

#[divan::bench(args = KINDS)]
fn bmp(bencher: Bencher<'_, '_>, kind: Kind) {
    hashed(bencher, kind, FileType::Bmp);
}

/// Through the encoder of files, with SHA-256.
fn hashed(bencher: Bencher<'_, '_>, kind: Kind, file_type: FileType) {
    let pixels = kind.pixels();
    let mut encoder = Encoder::default();
    bencher
        .counter(BytesCount::new(pixels.samples.len()))
        .bench_local(|| {
            encoder
                .encode(black_box(&pixels), file_type, EncodeOptions::default())
                .expect("a sound picture")
        });
}
