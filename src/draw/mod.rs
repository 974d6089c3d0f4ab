//! Boxes, masks, their labels and a legend, drawn onto a picture.
//!
//! Pixels and values in, pixels out: nothing here reads a file, prints, or
//! depends on the machine. The same picture, scene and style give the same
//! bytes everywhere.

mod canvas;
mod color;
mod edges;
mod entries;
mod font;
mod geometry;
mod grid;
mod ids;
mod label;
mod legend;
mod look;
mod mask;
mod place;
mod raster;
mod scene;
mod select;
mod shape;
mod stroke;
mod style;
mod tag;
mod text;
mod words;

pub use canvas::{Canvas, Channels};
pub use color::{Color, Palette, PaletteError};
pub use scene::{BoxMark, Content, Layer, MaskMark, Scene};
pub use style::{ClassPick, Legend, LineWidth, MaskAlpha, Style};

use geometry::index;
use look::Look;
use words::Words;

/// What does not fit together: buffers and the sizes that they were said to
/// have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The buffer of a picture.
    #[error("a picture of {width}x{height} with {channels} channels does not have {found} bytes")]
    PictureSize {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// Bytes per pixel.
        channels: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// The ids of a mask.
    #[error("a mask of {width}x{height} does not have {found} class ids")]
    MaskSize {
        /// In mask pixels.
        width: u32,
        /// In mask pixels.
        height: u32,
        /// Ids that there are.
        found: usize,
    },
    /// A side that leaves no room for arithmetic.
    #[error("a side of {side} pixels is too long to draw on: at most 268435456")]
    TooLarge {
        /// In pixels.
        side: u32,
    },
}

/// Draws a scene onto a picture: masks, then boxes, then the legend, then
/// labels.
///
/// Labels are left out on pictures too small for them (the shorter side below
/// 144 pixels), and where they would hide each other or cover the picture; the
/// legend says how many.
pub fn draw(canvas: &mut Canvas, scene: &Scene, style: &Style) {
    let picture = canvas.bounds();
    if picture.is_empty() {
        return;
    }
    let look = Look::new(picture, style);
    let masks = select::masks(scene, style, index(picture.x1), index(picture.y1));
    for shown in &masks {
        let mask_look = look.mask(style, shown.rank);
        mask::paint(canvas, &shown.ids, &shown.classes, &mask_look);
    }
    let boxes = select::boxes(scene, style, picture, look.line);
    for shown in &boxes {
        let stroke = look.stroke(shown.color, shown.rank);
        shape::outline(canvas, shown.outer, &stroke);
    }
    if let Some(text) = look.text {
        let entries = match style.legend {
            Legend::WhereItFits => entries::entries(scene, &masks, &boxes),
            Legend::Never => Vec::new(),
        };
        let words = Words::plan(&boxes, &masks, entries, &look, text, picture);
        words.draw(canvas, &boxes, &look);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::entries::entries;
    use super::geometry::Rect;
    use super::*;

    const SIDE: u32 = 240;

    fn boxes(name: &str, marks: Vec<BoxMark>) -> Layer {
        Layer {
            name: name.to_owned(),
            content: Content::Boxes(marks),
            labels: BTreeMap::from([(0, "cat".to_owned()), (1, "dog".to_owned())]),
        }
    }

    fn mark([x0, y0, x1, y1]: [f64; 4], class_id: i64, score: f64) -> BoxMark {
        BoxMark {
            x0,
            y0,
            x1,
            y1,
            class_id: Some(class_id),
            caption: None,
            scores: vec![("conf".to_owned(), score)],
        }
    }

    fn pets() -> Scene {
        let marks = vec![
            mark([20.0, 40.0, 120.0, 140.0], 0, 0.9),
            mark([130.0, 90.0, 220.0, 200.0], 1, 0.4),
        ];
        Scene {
            layers: vec![boxes("predictions", marks)],
        }
    }

    fn only_first() -> Scene {
        let mut scene = pets();
        if let Content::Boxes(marks) = &mut scene.layers[0].content {
            marks.truncate(1);
        }
        scene
    }

    fn drawn(scene: &Scene, style: &Style) -> Vec<u8> {
        let mut pixels = vec![90; (SIDE * SIDE * 3) as usize];
        let mut canvas = Canvas::new(&mut pixels, SIDE, SIDE, Channels::Rgb).unwrap();
        draw(&mut canvas, scene, style);
        pixels
    }

    #[test]
    fn an_empty_scene_changes_nothing() {
        let empty = drawn(&Scene::default(), &Style::default());
        assert!(empty.iter().all(|byte| *byte == 90));
    }

    #[test]
    fn what_a_style_leaves_out_is_as_if_it_were_not_there() {
        let expected = drawn(&only_first(), &Style::default());
        assert!(expected != drawn(&pets(), &Style::default()));
        let dog = || vec![ClassPick::Name("dog".to_owned())];
        for style in [
            Style {
                hide: dog(),
                ..Style::default()
            },
            Style {
                only: vec![ClassPick::Id(0)],
                ..Style::default()
            },
            Style {
                min_scores: vec![("conf".to_owned(), 0.5)],
                ..Style::default()
            },
        ] {
            assert!(drawn(&pets(), &style) == expected, "{style:?}");
        }
    }

    #[test]
    fn a_hidden_class_of_a_mask_is_transparent() {
        let mut layer = boxes("m", Vec::new());
        let ids = (0..SIDE * SIDE).map(|i| u8::from(i % SIDE > 99)).collect();
        layer.content = Content::Mask(MaskMark::new(SIDE, SIDE, ids).unwrap());
        let scene = Scene {
            layers: vec![layer],
        };
        let style = Style {
            hide: vec![ClassPick::Id(1)],
            legend: Legend::Never,
            ..Style::default()
        };
        for (i, pixel) in (0..).zip(drawn(&scene, &style).as_chunks::<3>().0) {
            assert_eq!(*pixel != [90; 3], i % SIDE <= 99, "pixel {i}");
        }
    }

    #[test]
    fn any_numbers_and_any_size_can_be_drawn() {
        let wild = [
            0.0,
            -1e308,
            1e308,
            0.5,
            17.3,
            239.9,
            240.0,
            -0.0,
            1e-300,
            1e9,
            f64::NAN,
        ];
        let mut marks = Vec::new();
        for (i, x0) in wild.into_iter().enumerate() {
            for (j, y1) in wild.into_iter().enumerate() {
                let (x1, y0) = (wild[(i * 7 + j) % 11], wild[(j * 5 + 3) % 11]);
                marks.push(mark([x0, y0, x1, y1], i64::MAX - 3 * i as i64, x0));
            }
        }
        let scene = Scene {
            layers: ["a", "b"].map(|name| boxes(name, marks.clone())).into(),
        };
        let sizes = [(1, 1), (1, 300), (300, 1), (28, 28), (150, 400), (0, 9)];
        for (width, height) in sizes {
            for channels in [Channels::Rgb, Channels::Rgba] {
                for line in [None, LineWidth::new(100.0)] {
                    let style = Style {
                        line_width: line,
                        ..Style::default()
                    };
                    let size = (width * height) as usize * channels.count();
                    let mut pixels = vec![0; size];
                    let mut canvas = Canvas::new(&mut pixels, width, height, channels).unwrap();
                    draw(&mut canvas, &scene, &style);
                    assert!(size == 0 || pixels.iter().any(|byte| *byte != 0));
                }
            }
        }
    }

    #[test]
    fn a_transparent_picture_shows_what_an_opaque_one_shows() {
        let mut pixels = vec![0; (SIDE * SIDE * 4) as usize];
        let mut canvas = Canvas::new(&mut pixels, SIDE, SIDE, Channels::Rgba).unwrap();
        draw(&mut canvas, &pets(), &Style::default());
        let line = pixels.as_chunks::<4>().0[(100 * SIDE + 20) as usize];
        assert_eq!(line, [0x53, 0x87, 0xDD, 255]);
        assert_eq!(
            pixels.as_chunks::<4>().0[(100 * SIDE + 60) as usize],
            [0; 4]
        );
    }

    #[test]
    fn the_legend_tells_layers_and_classes_and_can_be_left_out() {
        let mut scene = pets();
        scene.layers.push(boxes("ground_truth", Vec::new()));
        let look = Look::new(Rect::new(0, 0, 240, 240), &Style::default());
        let shown = select::boxes(
            &scene,
            &Style::default(),
            Rect::new(0, 0, 240, 240),
            look.line,
        );
        let rows: Vec<String> = entries(&scene, &[], &shown)
            .into_iter()
            .map(|entry| entry.text)
            .collect();
        assert_eq!(rows, ["predictions", "ground_truth", "cat", "dog"]);
        let never = Style {
            legend: Legend::Never,
            ..Style::default()
        };
        assert!(drawn(&scene, &never) != drawn(&scene, &Style::default()));
    }

    #[test]
    fn labels_that_find_no_room_are_counted() {
        let marks = vec![mark([100.0, 100.0, 140.0, 140.0], 0, 0.5); 80];
        let scene = Scene {
            layers: vec![boxes("p", marks)],
        };
        let picture = Rect::new(0, 0, 240, 240);
        let style = Style::default();
        let look = Look::new(picture, &style);
        let shown = select::boxes(&scene, &style, picture, look.line);
        let rows = entries(&scene, &[], &shown);
        let text = look.text.unwrap();
        let words = Words::plan(&shown, &[], rows, &look, text, picture);
        let placed: Vec<Rect> = words.tags.iter().flatten().map(|tag| tag.1).collect();
        assert!((3..40).contains(&placed.len()), "{}", placed.len());
        for rect in placed {
            assert!(picture.contains(rect) && rect.height() == text.height);
        }
        assert!(words.panel.is_some());
    }
}
