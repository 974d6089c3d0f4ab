//! Mask layers: rows of ids, arrays of ids, image files; what is written of them, and what is refused.

use serde_json::{Value, json};

use crate::layers::{MASK, OVERLAY, halves, mask, picture};
use crate::npy::{claiming, npy, with_header};
use crate::picture::Picture;
use crate::wbimg::{Folder, fixture};

/// A grey or indexed PNG, 8 wide and 6 high, by someone else's encoder.
fn png(color: png::ColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 8, 6);
    encoder.set_color(color);
    if color == png::ColorType::Indexed {
        encoder.set_palette(vec![255, 255, 255, 200, 0, 0, 0, 200, 0]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    bytes
}

/// The mask that `convert x.npy` writes with these masks, and the row.
fn convert(folder: &Folder, masks: &Value) -> (Vec<u8>, Value) {
    folder.write("m.json", masks.to_string());
    folder
        .convert("x.npy --masks m.json")
        .converts(&["x_0_….png"])
        .also(&[MASK, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    (folder.file_of(&row["media"]["masks"]["m"]), row)
}

/// Holds that `x.npy` with these masks is refused, before anything is written.
fn assert_refused(folder: &Folder, masks: &Value, message: &str) {
    folder.write("m.json", masks.to_string());
    folder
        .convert("x.npy --masks m.json")
        .stderr([format!("wbimg: error: --masks m.json: {message}")])
        .exit(2)
        .check();
}

fn grey_picture(width: u32, height: u32, samples: Vec<u8>) -> Picture {
    Picture {
        mode: "L",
        width,
        height,
        samples,
    }
}

#[test]
fn rows_become_a_grey_png_of_the_same_numbers() {
    let rows: Vec<Vec<u8>> = (0..6)
        .map(|y| (0..8).map(|x| y * 49 + x).collect())
        .collect();
    let folder = picture();
    let (bytes, row) = convert(&folder, &json!({"m": {"mask_data": rows}}));
    assert_eq!(
        Picture::decode_png(&bytes),
        grey_picture(8, 6, rows.concat())
    );
    let labels = row["class_labels"]["masks"]["m"].as_object().unwrap();
    assert_eq!((labels.len(), &labels["252"]), (48, &json!("class_252")));
}

#[test]
fn arrays_of_any_integers_become_a_grey_png_of_the_same_numbers() {
    let ids = halves(200);
    let expected = grey_picture(8, 6, ids.clone());
    let wide = |shift: i64| {
        ids.iter()
            .map(|&id| i64::from(id) + shift)
            .collect::<Vec<_>>()
    };
    let column_major: Vec<u8> = (0..48).map(|n| ids[n % 6 * 8 + n / 6]).collect();
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (6, 8), }\n";
    for array in [
        npy(&[6, 8], &ids),
        npy(&[6, 8], &wide(0)),
        npy(
            &[6, 8],
            &ids.iter().map(|&id| u16::from(id)).collect::<Vec<_>>(),
        ),
        with_header(header, &column_major),
        claiming(
            ">i2",
            "(6, 8)",
            &ids.iter().flat_map(|&id| [0, id]).collect::<Vec<_>>(),
        ),
    ] {
        let folder = picture().file("ids.npy", array);
        let labels = json!({"0": "none", "200": "cat"});
        let layer = json!({"m": {"path": "ids.npy", "class_labels": labels}});
        let (bytes, row) = convert(&folder, &layer);
        assert_eq!(Picture::decode_png(&bytes), expected);
        assert_eq!(
            row["class_labels"]["masks"]["m"], labels,
            "labels of a path are kept"
        );
        assert_eq!(row["warnings"], json!([]));
    }
}

#[test]
fn truth_values_are_the_ids_0_and_1() {
    let ids = halves(1);
    let truth: Vec<bool> = ids.iter().map(|&id| id == 1).collect();
    let folder = picture().file("ids.npy", npy(&[6, 8], &truth));
    let (bytes, row) = convert(&folder, &json!({"m": {"path": "ids.npy"}}));
    assert_eq!(Picture::decode_png(&bytes), grey_picture(8, 6, ids));
    assert_eq!(
        row["class_labels"]["masks"]["m"],
        json!({"0": "class_0", "1": "class_1"})
    );
}

#[test]
fn an_image_file_keeps_its_bytes_and_its_labels() {
    for color in [png::ColorType::Grayscale, png::ColorType::Indexed] {
        let file = png(color, &halves(2));
        let folder = picture().file("folder/ids.png", &file);
        let (bytes, row) = convert(
            &folder,
            &json!({"m": {"path": "folder/ids.png", "class_labels": {"2": "cat"}}}),
        );
        assert!(bytes == file);
        assert_eq!(row["class_labels"]["masks"]["m"], json!({"2": "cat"}));
        let config = folder.config()["_wandb"]["mask/class_labels"].clone();
        assert_eq!(
            config,
            json!({"x_wandb_delimeter_m": {
                "type": "mask/class_labels", "key": "x_wandb_delimeter_m", "value": {"2": "cat"},
            }})
        );
    }
}

#[test]
fn indices_of_a_palette_are_ids_at_every_bit_depth() {
    for depth in [png::BitDepth::Two, png::BitDepth::Four] {
        let bits = depth as usize;
        let packed: Vec<u8> = halves(2)
            .chunks(8 / bits)
            .map(|ids| ids.iter().fold(0, |byte, id| byte << bits | id))
            .collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 8, 6);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(depth);
        encoder.set_palette(vec![7; 9]);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&packed).unwrap();
        writer.finish().unwrap();
        let folder = picture().file("ids.png", file);
        let (_, row) = convert(&folder, &json!({"m": {"path": "ids.png"}}));
        assert_eq!(
            row["class_labels"]["masks"]["m"],
            json!({"0": "class_0", "2": "class_2"})
        );
    }
}

#[test]
fn a_mask_of_colours_is_kept_and_a_note_says_that_it_is_not_drawn() {
    let folder = picture()
        .fixture("images/rgb.png")
        .file("m.json", r#"{"m":{"path":"rgb.png"}}"#);
    folder
        .convert("x.npy --masks m.json --allow mask-size")
        .converts(&["x_0_….png"])
        .also(&[MASK, OVERLAY])
        .stderr([
            "wbimg: note: x.npy: mask m is not drawn: its file has no single channel of class ids",
        ])
        .check();
    let row = folder.rows()[0].clone();
    assert!(folder.file_of(&row["media"]["masks"]["m"]) == fixture("images/rgb.png"));
    assert_eq!(row["class_labels"]["masks"]["m"], json!({}));
}

#[test]
fn a_mask_of_another_size_is_told() {
    let message = "mask m is 2×1, but the picture is 8×6";
    for (args, exit, is_told) in [
        ("", 0, true),
        ("--strict", 1, true),
        ("--strict --allow mask-size", 0, false),
    ] {
        let folder = picture().file("m.json", mask(&[&[0, 1]]).to_string());
        let told = is_told.then(|| format!("wbimg: warning: x.npy: {message} [mask-size]"));
        folder
            .convert(&format!("x.npy --masks m.json {args}"))
            .converts(&["x_0_….png"])
            .also(&[MASK, OVERLAY])
            .stderr(told)
            .exit(exit)
            .check();
        let row = folder.rows()[0].clone();
        let written = folder.file_of(&row["media"]["masks"]["m"]);
        assert_eq!(
            Picture::decode_png(&written),
            grey_picture(2, 1, vec![0, 1])
        );
        assert_eq!(
            row["warnings"],
            json!([{"code": "mask-size", "message": message}])
        );
    }
}

#[test]
fn ids_without_a_label_are_told_but_not_the_background() {
    let rows = vec![vec![0, 0, 0, 0, 0, 1, 5, 9]; 6];
    let layer = json!({"m": {"mask_data": rows, "class_labels": {"1": "a"}}});
    let folder = picture().file("m.json", layer.to_string());
    folder
        .convert("x.npy --masks m.json")
        .converts(&["x_0_….png"])
        .also(&[MASK, OVERLAY])
        .stderr(["wbimg: warning: x.npy: m: no label for class 5, 9 [unlabelled-id]"])
        .check();
}

#[test]
fn what_are_no_rows_of_ids_is_refused_with_the_value_and_its_place() {
    let accepted = "a list of rows, each a list of class ids from 0 to 255";
    let ids = "class ids are integers from 0 to 255";
    for (data, problem) in [
        ("[[0,1],[0,256]]", format!("[1][1]: is 256, but {ids}")),
        ("[[-1]]", format!("[0][0]: is -1, but {ids}")),
        ("[[0,0.5]]", format!("[0][1]: is 0.5, but {ids}")),
        ("[[0],[1.0]]", format!("[1][0]: is 1.0, but {ids}")),
        ("[[0],[\"1\"]]", format!("[1][0]: is \"1\", but {ids}")),
        ("[[0],[null]]", format!("[1][0]: is null, but {ids}")),
        ("[[true]]", format!("[0][0]: is true, but {ids}")),
        (
            "[[0,1],[0]]",
            "[1]: has 1 ids, but the rows above have 2".to_owned(),
        ),
        ("[]", format!(": has no pixel, but must be {accepted}")),
        ("[[],[]]", format!(": has no pixel, but must be {accepted}")),
        ("5", format!(": is an integer, but must be {accepted}")),
        (
            "[0,1]",
            "[0]: is an integer, but must be a list of class ids from 0 to 255".to_owned(),
        ),
    ] {
        let layer: Value =
            serde_json::from_str(&format!(r#"{{"m":{{"mask_data":{data}}}}}"#)).unwrap();
        assert_refused(&picture(), &layer, &format!("m.mask_data{problem}"));
    }
}

#[test]
fn a_layer_that_is_no_mask_is_refused() {
    for (masks, message) in [
        (
            json!([]),
            "masks: is a list, but must be an object of layers by name",
        ),
        (
            json!({"m": [[0]]}),
            "m: is a list, but must be an object, the layer",
        ),
        (
            json!({"m": {}}),
            "m: has neither mask_data, rows of class ids, nor path, an image or .npy file",
        ),
        (
            json!({"m": {"path": 5}}),
            "m.path: is an integer, but must be a string, the mask's file",
        ),
        (
            json!({"m": {"mask_data": [[0]], "class_labels": {"a": "b"}}}),
            "m.class_labels.a: names no class id, which must be a number",
        ),
    ] {
        assert_refused(&picture(), &masks, message);
    }
}

#[test]
fn a_mask_file_that_is_no_mask_is_refused() {
    let npz = fixture("containers/stored.npz");
    let cut = &fixture("images/grey.png")[..200];
    for (bytes, words) in [
        (
            npy(&[1, 1], &[0.5f32]),
            "holds float32, but class ids are integers from 0 to 255",
        ),
        (
            npy(&[1, 1], &[1f64]),
            "holds float64, but class ids are integers from 0 to 255",
        ),
        (
            npy(&[2, 3], &[0u16, 0, 0, 0, 300, 0]),
            "has 300 at [1][1], but class ids are integers from 0 to 255",
        ),
        (
            npy(&[1, 2], &[0i8, -3]),
            "has -3 at [0][1], but class ids are integers from 0 to 255",
        ),
        (
            npy(&[2, 1, 3], &[0u8; 6]),
            "has shape [2, 1, 3], but a mask is (height, width)",
        ),
        (
            npz,
            "is a container of named arrays; a mask is one array, as .npy",
        ),
        (b"hello".to_vec(), "is no mask: "),
        (Vec::new(), "is no mask: "),
        (cut.to_vec(), "is no mask: not a whole PNG file: "),
    ] {
        let folder = picture()
            .file("ids", bytes)
            .file("m.json", r#"{"m":{"path":"ids"}}"#);
        folder
            .convert("x.npy --masks m.json")
            .one_error(&format!("--masks m.json: m.path: \"ids\" {words}"))
            .exit(2)
            .check();
    }
}

#[test]
fn complex_ids_are_refused() {
    for name in ["c8", "c16"] {
        let folder = picture()
            .file("ids.npy", fixture(&format!("dtypes/{name}.npy")))
            .file("m.json", r#"{"m":{"path":"ids.npy"}}"#);
        folder
            .convert("x.npy --masks m.json")
            .one_error("but class ids are integers from 0 to 255")
            .exit(2)
            .check();
    }
}

#[test]
fn a_bad_id_of_a_fortran_array_is_named_with_its_place() {
    // 20 (6 y + x), column by column.
    let values: Vec<u8> = (0..24i32)
        .flat_map(|n| (20 * (6 * (n % 4) + n / 4)).to_le_bytes())
        .collect();
    let header = "{'descr': '<i4', 'fortran_order': True, 'shape': (4, 6), }\n";
    let folder = picture()
        .file("ids.npy", with_header(header, &values))
        .file("m.json", r#"{"m":{"path":"ids.npy"}}"#);
    let outcome = folder
        .convert("x.npy --masks m.json")
        .one_error("m.path: \"ids.npy\" has ")
        .exit(2)
        .check();
    let is_right = (0..24).any(|n| {
        let (value, y, x) = (20 * n, n / 6, n % 6);
        value > 255
            && outcome
                .stderr
                .contains(&format!("has {value} at [{y}][{x}]"))
    });
    assert!(is_right, "{}", outcome.stderr);
}

#[test]
fn a_mask_of_a_sidecar_is_no_input_of_a_search() {
    let folder = Folder::new()
        .file("d/x.npy", npy(&[6, 8], &halves(9)))
        .file("d/masks/ids.npy", npy(&[6, 8], &halves(1)))
        .file("d/ids.png", png(png::ColorType::Grayscale, &halves(1)))
        .file(
            "d/x.json",
            r#"{"masks":{"a":{"path":"masks/ids.npy"},"b":{"path":"./masks/../ids.png"}}}"#,
        );
    let masks = "media/images/mask/x_0_….mask.png";
    folder
        .convert("d")
        .converts(&["x_0_….png"])
        .also(&[masks, masks, "overlays/x_0_….overlay.png"])
        .check();

    folder
        .convert("d --no-sidecar -o all")
        .stdout("all/media/images/ids_0_….png\nall/media/images/masks/ids_0_….png\nall/media/images/x_0_….png\n")
        .any_writes()
        .check();
    folder
        .convert("d/x.npy d/ids.png -o named")
        .stdout("named/media/images/x_0_….png\nnamed/media/images/ids_0_….png\n")
        .any_writes()
        .check();
}

#[test]
fn a_mask_that_a_flags_file_names_is_no_input_of_a_search() {
    for (flag, json) in [
        ("--masks", r#"{"m":{"path":"d/ids.npy"}}"#),
        ("--sidecar", r#"{"masks":{"m":{"path":"d/ids.npy"}}}"#),
    ] {
        let folder = Folder::new()
            .file("d/x.npy", npy(&[6, 8], &halves(9)))
            .file("d/ids.npy", npy(&[6, 8], &halves(1)))
            .file("m.json", json);
        folder
            .convert(&format!("d {flag} m.json"))
            .converts(&["x_0_….png"])
            .also(&[MASK, OVERLAY])
            .check();
    }
}
