//! The picture with its boxes and masks drawn in: when there is one, what is recorded of it, and the colours at
//! pixels that nothing else covers.

use serde_json::{Value, json};

use crate::layers::{BOXES, MASK, OVERLAY, boxes, inside, mask, picture};
use crate::npy::npy;
use crate::picture::Picture;
use crate::wbimg::{Folder, OUT, fixture};

/// W&B's colours of the classes 0 to 3.
const WANDB: [[u8; 3]; 4] = [
    [0x53, 0x87, 0xDD],
    [0xDA, 0x4C, 0x4C],
    [0x47, 0x9A, 0x5F],
    [0x7D, 0x54, 0xB2],
];

const SIDE: usize = 240;
const GREY: u8 = 90;

/// A flat grey picture, large enough for lines and fills that are themselves.
fn flat(channels: usize) -> Folder {
    let mut samples = vec![GREY; SIDE * SIDE * channels];
    if channels == 4 {
        samples.chunks_mut(4).for_each(|pixel| pixel[3] = 255);
    }
    Folder::new().file("x.npy", npy(&[SIDE, SIDE, channels], &samples))
}

/// A box from (40, 60) to (200, 180).
fn square(class_id: i64, score: f64) -> Value {
    let position = json!({"minX": 40, "maxX": 200, "minY": 60, "maxY": 180});
    json!({"position": position, "domain": "pixel", "class_id": class_id, "scores": {"score": score}})
}

/// Stripes of the ids 0, 1, 2 and 3, each 60 wide.
fn stripes() -> Value {
    let row: Vec<usize> = (0..SIDE).map(|x| x / 60).collect();
    json!({"m": {"mask_data": vec![row; SIDE], "class_labels": {"1": "cat", "2": "dog", "3": "cow"}}})
}

/// The drawing of `x.npy` with a layer of one kind.
fn drawn(folder: &Folder, flag: &str, layers: &Value, args: &str) -> Picture {
    folder.write("layers.json", layers.to_string());
    let file = if flag == "--boxes" { BOXES } else { MASK };
    folder
        .convert(&format!("x.npy {flag} layers.json {args}"))
        .converts(&["x_0_….png"])
        .also(&[file, OVERLAY])
        .check();
    Picture::decode_png(&folder.file_of(&folder.rows()[0]["overlay"]))
}

/// The colour of a pixel, without its alpha.
fn at(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
    let channels = if picture.mode == "RGBA" { 4 } else { 3 };
    let start = (y * picture.width as usize + x) * channels;
    picture.samples[start..start + 3].try_into().unwrap()
}

/// `share` of a colour over the grey.
fn over_grey(color: [u8; 3], share: f64) -> [u8; 3] {
    color.map(|c| {
        let exact = f64::from(GREY) * (1.0 - share) + f64::from(c) * share;
        format!("{exact:.0}").parse().unwrap()
    })
}

#[test]
fn there_is_a_drawing_where_there_is_a_layer_even_an_empty_one() {
    for (flag, layers, file) in [
        ("--boxes", boxes(&[inside(0)]), BOXES),
        ("--boxes", boxes(&[]), BOXES),
        ("--masks", mask(&[&[0; 8]; 6]), MASK),
    ] {
        let folder = picture().file("layers.json", layers.to_string());
        folder
            .convert(&format!("x.npy {flag} layers.json"))
            .converts(&["x_0_….png"])
            .also(&[file, OVERLAY])
            .check();
        // The builder holds hash and size of every file that a row names against the file.
        let overlay = folder.rows()[0]["overlay"].clone();
        let names: Vec<&String> = overlay.as_object().unwrap().keys().collect();
        assert_eq!(names, ["path", "sha256", "size"]);
        let picture = Picture::decode_png(&folder.file_of(&overlay));
        assert_eq!((picture.width, picture.height), (8, 6));
    }
}

#[test]
fn there_is_no_drawing_without_a_layer_or_when_none_was_wanted() {
    for (json, args) in [("{}", "--boxes b.json"), ("[\"a\"]", "--classes b.json")] {
        let folder = picture().file("b.json", json);
        folder
            .convert(&format!("x.npy {args}"))
            .converts(&["x_0_….png"])
            .check();
        assert_eq!(folder.rows()[0]["overlay"], Value::Null);
    }
    let folder = picture().file("b.json", boxes(&[inside(0)]).to_string());
    folder
        .convert("x.npy --boxes b.json --overlay never")
        .converts(&["x_0_….png"])
        .also(&[BOXES])
        .check();
    assert_eq!(folder.rows()[0]["overlay"], Value::Null);
}

#[test]
fn a_boxs_line_has_the_colour_of_its_class() {
    for channels in [1, 3, 4] {
        for id in [0usize, 1, 2, 3, 17] {
            let class_id = i64::try_from(id).unwrap();
            let layers = boxes(&[square(class_id, 1.0)]);
            let picture = drawn(&flat(channels), "--boxes", &layers, "");
            let mode = if channels == 4 { "RGBA" } else { "RGB" };
            assert_eq!(picture.mode, mode);
            let color = WANDB[id % 16];
            for (x, y) in [(40, 120), (199, 120), (120, 60), (120, 179)] {
                assert_eq!(at(&picture, x, y), color, "class {id} at {x}, {y}");
            }
            for (x, y) in [(120, 120), (10, 120), (230, 230)] {
                assert_eq!(at(&picture, x, y), [GREY; 3], "class {id} at {x}, {y}");
            }
        }
    }
}

#[test]
fn the_two_forms_and_domains_of_one_box_are_drawn_alike() {
    let fractions = json!({"minX": 1.0 / 6.0, "maxX": 5.0 / 6.0, "minY": 0.25, "maxY": 0.75});
    let middle = json!({"middle": [120, 120], "width": 160, "height": 120});
    let scores = json!({"score": 1.0});
    let pictures = [
        square(1, 1.0),
        json!({"position": fractions, "class_id": 1, "scores": scores}),
        json!({"position": fractions, "class_id": 1, "domain": null, "scores": scores}),
        json!({"position": middle, "class_id": 1, "domain": "pixel", "scores": scores}),
        json!({"position": {"middle": [0.5, 0.5], "width": 2.0 / 3.0, "height": 0.5}, "class_id": 1, "scores": scores}),
    ]
    .map(|item| drawn(&flat(1), "--boxes", &boxes(&[item]), ""));
    assert_eq!(at(&pictures[0], 40, 120), WANDB[1]);
    for picture in &pictures[1..] {
        assert!(*picture == pictures[0]);
    }
}

#[test]
fn a_mask_is_blended_at_three_fifths_and_ids_without_a_label_are_transparent() {
    for channels in [1, 3, 4] {
        let picture = drawn(&flat(channels), "--masks", &stripes(), "");
        assert_eq!(at(&picture, 30, 120), [GREY; 3], "0 has no label");
        for id in [1, 2, 3] {
            let found = at(&picture, id * 60 + 30, 120);
            assert_eq!(found, over_grey(WANDB[id], 0.6), "class {id}");
        }
    }
}

#[test]
fn the_opacity_of_masks_can_be_chosen() {
    for (alpha, share) in [("0", 0.0), ("0.2", 0.2), ("1", 1.0)] {
        let args = format!("--mask-alpha {alpha}");
        let picture = drawn(&flat(1), "--masks", &stripes(), &args);
        assert_eq!(at(&picture, 90, 120), over_grey(WANDB[1], share));
    }
}

#[test]
fn palettes_change_the_colours() {
    let okabe_ito = [0x56, 0xB4, 0xE9];
    for (palette, color) in [
        ("wandb", WANDB[1]),
        ("okabe-ito", okabe_ito),
        ("mine.txt", [0x01, 0x02, 0xFE]),
    ] {
        let folder = flat(1).file("mine.txt", "#ffffff\n#0102fe, #f00\n");
        let args = format!("--palette {palette}");
        let picture = drawn(&folder, "--boxes", &boxes(&[square(1, 1.0)]), &args);
        assert_eq!(at(&picture, 40, 120), color, "{palette}");
    }
}

#[test]
fn a_palette_that_is_none_is_an_error_of_usage() {
    for (file, words) in [
        ("", "a palette needs at least one colour"),
        ("red", "\"red\" is not a colour"),
    ] {
        let folder = picture().file("mine.txt", file);
        folder
            .convert("x.npy --palette mine.txt")
            .one_error(&format!("--palette mine.txt: {words}"))
            .exit(2)
            .check();
    }
    picture()
        .convert("x.npy --palette none.txt")
        .one_error("--palette none.txt: No such file or directory")
        .exit(2)
        .check();
}

/// The files of a directory that are not the drawing's.
fn metadata(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let tree = folder.tree().into_iter();
    let rest = tree.filter(|(name, _)| {
        name.starts_with(OUT) && !name.contains("overlay") && !name.ends_with("manifest.jsonl")
    });
    rest.collect()
}

#[test]
fn drawing_choices_change_the_drawing_and_nothing_else() {
    let layers = json!({"p": {
        "box_data": [square(1, 0.9), square(2, 0.2)],
        "class_labels": {"1": "cat", "2": "dog"},
    }});
    let (plain, chosen) = (flat(1), flat(1));
    let all = drawn(&plain, "--boxes", &layers, "");
    assert_eq!(metadata(&plain).len(), 4);
    for (args, color) in [
        ("--hide-class 2", WANDB[1]),
        ("--hide-class cat", WANDB[2]),
        ("--only-class 2", WANDB[2]),
        ("--only-class cat", WANDB[1]),
        ("--min-score score=0.5", WANDB[1]),
        ("--hide-class 1 --hide-class 2", [GREY; 3]),
        ("--min-score score=0.95", [GREY; 3]),
    ] {
        std::fs::remove_dir_all(chosen.path(OUT)).unwrap_or_default();
        let picture = drawn(&chosen, "--boxes", &layers, args);
        assert_eq!(at(&picture, 40, 120), color, "{args}");
        assert!(picture != all, "{args}");
        assert!(metadata(&chosen) == metadata(&plain), "{args}");
        let (mut ours, mut theirs) = (chosen.rows(), plain.rows());
        (ours[0]["overlay"], theirs[0]["overlay"]) = (Value::Null, Value::Null);
        assert_eq!(ours, theirs, "{args}");
    }
}

#[test]
fn a_hidden_class_of_a_mask_is_transparent() {
    let picture = drawn(&flat(1), "--masks", &stripes(), "--hide-class dog");
    assert_eq!(at(&picture, 150, 120), [GREY; 3]);
    assert_eq!(at(&picture, 90, 120), over_grey(WANDB[1], 0.6));
    let picture = drawn(&flat(1), "--masks", &stripes(), "--only-class 2");
    assert_eq!(at(&picture, 150, 120), over_grey(WANDB[2], 0.6));
    assert_eq!(at(&picture, 90, 120), [GREY; 3]);
}

#[test]
fn the_line_width_can_be_chosen() {
    let layers = boxes(&[square(1, 1.0)]);
    let picture = drawn(&flat(1), "--boxes", &layers, "--line-width 6");
    let line = (30..60)
        .filter(|&x| at(&picture, x, 120) == WANDB[1])
        .count();
    assert_eq!(line, 6);
}

#[test]
fn choices_out_of_range_are_refused() {
    for args in [
        "--mask-alpha 1.5",
        "--mask-alpha nan",
        "--line-width 0",
        "--min-score score",
        "--min-score =1",
        "--min-score a=nan",
        "--overlay always",
    ] {
        let folder = picture();
        let call = folder.convert(&format!("x.npy {args}"));
        call.one_error(args.split(' ').next().unwrap())
            .exit(2)
            .check();
    }
}

#[test]
fn every_mode_of_an_array_is_drawn_on() {
    for (mode, file_type) in [
        ("1", "png"),
        ("L", "png"),
        ("LA", "png"),
        ("P", "png"),
        ("RGB", "png"),
        ("RGBA", "png"),
        ("I;16", "png"),
        ("CMYK", "jpg"),
        ("YCbCr", "jpg"),
        ("L", "bmp"),
    ] {
        let folder = flat(3).file("b.json", boxes(&[square(1, 1.0)]).to_string());
        folder
            .convert(&format!(
                "x.npy --boxes b.json --mode {mode} --file-type {file_type}"
            ))
            .converts(&[&format!("x_0_….{file_type}")])
            .also(&[BOXES, OVERLAY])
            .check();
        let picture = Picture::decode_png(&folder.file_of(&folder.rows()[0]["overlay"]));
        assert_eq!(at(&picture, 40, 120), WANDB[1], "{mode}");
        let inside = at(&picture, 120, 120);
        match mode {
            "1" => assert!(inside == [0; 3] || inside == [255; 3], "{inside:?}"),
            "P" => assert!(inside.iter().all(|v| v % 51 == 0), "{inside:?}"),
            _ => assert_eq!(inside, [GREY; 3], "{mode}"),
        }
    }
}

#[test]
fn every_image_file_is_drawn_on_and_keeps_its_bytes() {
    for name in [
        "rgb.png",
        "grey.png",
        "rgba.png",
        "palette.png",
        "bilevel.png",
        "grey-16bit.png",
        "rgb.jpg",
        "grey.jpg",
        "progressive.jpg",
        "cmyk.jpg",
        "turned.jpg",
        "rgb.bmp",
        "palette.bmp",
        "still.gif",
        "moving.gif",
        "lossless.webp",
        "lossy.webp",
        "moving.webp",
        "rgb.tiff",
        "packed.tiff",
    ] {
        let (stem, extension) = name.split_once('.').unwrap();
        let folder = Folder::new()
            .fixture(&format!("images/{name}"))
            .file("b.json", boxes(&[inside(1)]).to_string());
        folder
            .convert(&format!("{name} --boxes b.json"))
            .converts(&[&format!("{stem}_0_….{extension}")])
            .also(&[
                &format!("media/metadata/boxes2D/{stem}_0_….boxes2D.json"),
                &format!("overlays/{stem}_0_….overlay.png"),
            ])
            .check();
        let row = folder.rows()[0].clone();
        assert!(folder.file_of(&row["media"]) == fixture(&format!("images/{name}")));
        let picture = Picture::decode_png(&folder.file_of(&row["overlay"]));
        assert_eq!((picture.width, picture.height), (64, 48), "{name}");
        assert_eq!(at(&picture, 16, 24), WANDB[1], "{name}");
    }
}

#[test]
fn sixteen_bits_and_animations_are_drawn_on_as_they_look() {
    let drawing = |name: &str| {
        let folder = Folder::new()
            .file("x", fixture(&format!("images/{name}")))
            .file("b.json", boxes(&[inside(1)]).to_string());
        folder
            .convert("x --boxes b.json")
            .any_stdout()
            .any_writes()
            .check();
        Picture::decode_png(&folder.file_of(&folder.rows()[0]["overlay"]))
    };
    assert!(drawing("grey-16bit.png") == drawing("grey.png"));
    assert!(
        drawing("moving.gif") == drawing("still.gif"),
        "the first frame"
    );
    assert!(drawing("packed.tiff") == drawing("rgb.png"));
}

#[test]
fn a_picture_that_cannot_be_decoded_reliably_passes_and_a_note_says_why_nothing_is_drawn() {
    let folder = Folder::new()
        .fixture("images/separate-scans.jpg")
        .file("b.json", boxes(&[inside(1)]).to_string());
    folder
        .convert("separate-scans.jpg --boxes b.json --strict")
        .converts(&["separate-scans_0_….jpg"])
        .also(&["media/metadata/boxes2D/separate-scans_0_….boxes2D.json"])
        .stderr([
            "wbimg: note: separate-scans.jpg: boxes and masks were not drawn: a JPEG with its color components in \
             separate scans, whose pixels are not decoded reliably",
        ])
        .check();
    let row = folder.rows()[0].clone();
    assert_eq!(row["overlay"], Value::Null);
    assert!(row["media"]["boxes"]["p"].is_object());
}
