//! Whole drawings against pictures in `tests/golden`, pixel for pixel.
//!
//! `GOLDEN=write cargo test golden` writes them anew, and fails, so that
//! nobody takes that run for a passed one. Look at them before committing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use ::wbimg::draw::{
    BoxMark, Canvas, Channels, ClassPick, Content, Layer, LineWidth, MaskAlpha, MaskMark, Scene,
    Style, draw,
};

/// A picture with bright, dark and coloured places.
fn backdrop(width: u32, height: u32, channels: Channels) -> Vec<u8> {
    let byte = |value: u32| u8::try_from(value.min(255)).unwrap_or(255);
    (0..width * height)
        .flat_map(|i| {
            let (x, y) = (i % width * 255 / width, i / width * 255 / height);
            let check = if (x / 32 + y / 32) % 2 == 0 { 0 } else { 24 };
            let alpha = if x + y < 200 { 0 } else { 255 };
            let pixel = [byte(x + check), byte((x + y) / 2), byte(280 - y), alpha];
            pixel.into_iter().take(channels.count())
        })
        .collect()
}

fn labels(names: &[&str]) -> BTreeMap<i64, String> {
    (0..)
        .zip(names.iter().map(|name| (*name).to_owned()))
        .collect()
}

fn mark(at: [i32; 4], class_id: i64, score: Option<f64>) -> BoxMark {
    let [x0, y0, x1, y1] = at.map(f64::from);
    BoxMark {
        x0,
        y0,
        x1,
        y1,
        class_id: Some(class_id),
        caption: None,
        scores: score
            .map(|score| ("conf".to_owned(), score))
            .into_iter()
            .collect(),
    }
}

fn captioned(at: [i32; 4], class_id: i64, caption: &str) -> BoxMark {
    BoxMark {
        caption: Some(caption.to_owned()),
        ..mark(at, class_id, Some(0.5))
    }
}

fn layer(name: &str, content: Content) -> Layer {
    Layer {
        name: name.to_owned(),
        content,
        labels: labels(&["sky", "cat", "dog", "tree"]),
    }
}

/// A disc of class 1 with a hole of class 2, and a corner of class 9, which has
/// no name.
fn disc(width: i32, height: i32, middle: i32) -> MaskMark {
    let id = |x: i32, y: i32| {
        let square = (x - middle).pow(2) + (y - height / 2).pow(2);
        match square {
            _ if x + y < 30 => 9,
            ..200 => 2,
            200..3600 => 1,
            _ => 200,
        }
    };
    let ids = (0..width * height)
        .map(|i| id(i % width, i / width))
        .collect();
    MaskMark::new(width.unsigned_abs(), height.unsigned_abs(), ids).unwrap()
}

fn check(
    name: &str,
    (width, height): (u32, u32),
    channels: Channels,
    scene: &Scene,
    style: &Style,
) {
    let mut pixels = backdrop(width, height, channels);
    let mut canvas = Canvas::new(&mut pixels, width, height, channels).unwrap();
    draw(&mut canvas, scene, style);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let golden = root.join(format!("{name}.png"));
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        write(&golden, width, height, channels, &pixels);
        panic!("{} is written anew", golden.display());
    }
    let expected = read(&golden);
    if expected != pixels {
        let found = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        write(&found, width, height, channels, &pixels);
        let differ = expected.iter().zip(&pixels).filter(|(a, b)| a != b).count();
        panic!(
            "{differ} of {} bytes differ: compare {} with {}",
            pixels.len(),
            found.display(),
            golden.display()
        );
    }
}

fn write(path: &Path, width: u32, height: u32, channels: Channels, pixels: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), width, height);
    encoder.set_color(match channels {
        Channels::Rgb => png::ColorType::Rgb,
        Channels::Rgba => png::ColorType::Rgba,
    });
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
}

fn read(path: &Path) -> Vec<u8> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

#[test]
fn tiny_pictures_get_thin_lines_and_no_labels() {
    let marks = vec![
        mark([2, 3, 14, 20], 1, Some(0.9)),
        mark([16, 0, 28, 12], 2, None),
    ];
    let scene = Scene {
        layers: vec![
            layer("m", Content::Mask(disc(28, 28, 14))),
            layer("p", Content::Boxes(marks)),
        ],
    };
    check("tiny", (28, 28), Channels::Rgb, &scene, &Style::default());
}

#[test]
fn three_layers_of_boxes_can_be_told_apart() {
    let moved = |by: i32, score| {
        Content::Boxes(vec![
            mark([30 + by, 60 + by, 150 + by, 200 + by], 1, score),
            mark([180 - by, 90 + by, 300 - by, 210], 2, score),
        ])
    };
    let scene = Scene {
        layers: vec![
            layer("predictions", moved(0, Some(0.87))),
            layer("ground_truth", moved(8, None)),
            layer("tracker", moved(-9, Some(0.3))),
        ],
    };
    check(
        "layers",
        (400, 300),
        Channels::Rgb,
        &scene,
        &Style::default(),
    );
}

#[test]
fn captions_in_many_scripts_at_every_edge() {
    let scene = Scene {
        layers: vec![layer(
            "p",
            Content::Boxes(vec![
                captioned([0, 0, 90, 60], 1, "naïve Łódź Ệ"),
                captioned([310, 0, 400, 60], 2, "Йошкар-Ола"),
                captioned([0, 240, 90, 300], 3, "Ελληνικά ΐ"),
                captioned([310, 240, 400, 300], 4, "猫 и עברית"),
                captioned([-50, 110, 60, 160], 5, "e\u{301}И\u{306} \u{202e}x\ny\u{1}"),
                captioned(
                    [120, 100, 300, 220],
                    6,
                    "a caption that is much too long for its box",
                ),
                captioned([340, 120, 460, 180], 7, "猫"),
            ]),
        )],
    };
    check(
        "captions",
        (400, 300),
        Channels::Rgb,
        &scene,
        &Style::default(),
    );
}

#[test]
fn masks_on_a_picture_with_transparent_parts() {
    let scene = Scene {
        layers: vec![
            layer("predictions", Content::Mask(disc(320, 240, 150))),
            layer("ground_truth", Content::Mask(disc(320, 240, 175))),
            layer(
                "boxes",
                Content::Boxes(vec![mark([85, 55, 215, 185], 1, Some(0.97))]),
            ),
        ],
    };
    check(
        "masks",
        (320, 240),
        Channels::Rgba,
        &scene,
        &Style::default(),
    );
}

#[test]
fn a_crowd_with_choices_of_style() {
    let marks = (0..120)
        .map(|i| {
            let (x, y) = (i * 37 % 380 - 20, i * 53 % 280 - 10);
            let score = f64::from(i * 29 % 100) / 100.0;
            mark(
                [x, y, x + 30 + i % 40, y + 25 + i % 50],
                i64::from(i % 4),
                Some(score),
            )
        })
        .collect();
    let style = Style {
        palette: "okabe-ito".parse().unwrap(),
        line_width: LineWidth::new(3.0),
        mask_alpha: MaskAlpha::new(0.3).unwrap(),
        min_scores: vec![("conf".to_owned(), 0.4)],
        hide: vec![ClassPick::Name("sky".to_owned())],
        ..Style::default()
    };
    let scene = Scene {
        layers: vec![
            layer("m", Content::Mask(disc(400, 300, 200))),
            layer("p", Content::Boxes(marks)),
        ],
    };
    check("crowd", (400, 300), Channels::Rgb, &scene, &style);
}
