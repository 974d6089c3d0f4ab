//! What counts towards `--max-memory` beside the picture itself.

use serde_json::json;

use crate::npy::{grey, npy};
use crate::wbimg::{Folder, fixture};

const BOXES: &str =
    r#"{"p":{"box_data":[{"position":{"minX":0,"maxX":1,"minY":0,"maxY":1},"class_id":0}]}}"#;

#[test]
fn an_overlay_that_takes_too_much_is_left_out_and_the_picture_is_not() {
    let folder = Folder::new()
        .file("x.npy", grey(400, 400))
        .file("boxes.json", BOXES);
    for (limit, drawn) in [("2M", false), ("8M", true)] {
        let stderr = folder
            .convert(&format!("x.npy --boxes boxes.json --max-memory {limit}"))
            .any_stdout()
            .any_stderr()
            .any_writes()
            .check()
            .stderr;
        assert_eq!(folder.rows()[0]["overlay"].is_object(), drawn, "{limit}");
        let note = "wbimg: note: x.npy: boxes and masks were not drawn: that needs 3041600 bytes of memory, and 2097152 \
                    are allowed\n";
        assert_eq!(stderr.contains(note), !drawn, "{stderr}");
    }
}

#[test]
fn the_masks_of_a_sidecar_count_together() {
    let masks: serde_json::Map<_, _> = (0..20)
        .map(|n| (format!("m{n}"), json!({"path": "mask.npy"})))
        .collect();
    let folder = Folder::new()
        .file("x.npy", grey(8, 8))
        .file("mask.npy", grey(200, 200))
        .file("x.wbimg.json", json!({ "masks": masks }).to_string());
    folder
        .convert("x.npy --max-memory 720K")
        .one_error("m18.path: \"mask.npy\" brings the masks of the file to more than the 737280 bytes allowed")
        .exit(1)
        .any_writes()
        .check();
    folder
        .convert("x.npy --max-memory 4M")
        .any_stdout()
        .any_stderr()
        .any_writes()
        .check();
}

/// Tries each command with as much memory as it needs, and with a byte less.
fn assert_needed(folder: &Folder, command: &str, needed: usize) {
    folder
        .convert(&format!("{command} --max-memory {needed}"))
        .any_stdout()
        .any_writes()
        .check();
    let less = needed - 1;
    folder
        .convert(&format!("{command} --max-memory {less}"))
        .one_error(&format!("needs {needed} bytes"))
        .exit(1)
        .any_writes()
        .check();
}

#[test]
fn an_image_file_is_decoded_where_its_pixels_fit_beside_it() {
    for (name, pixels) in [("rgb.png", 64 * 48 * 3), ("still.gif", 64 * 48 * 8)] {
        let bytes = fixture(&format!("images/{name}"));
        let folder = Folder::new().file(name, &bytes);
        assert_needed(&folder, name, bytes.len() + pixels);
    }
}

#[test]
fn an_image_file_is_encoded_again_where_its_pixels_and_the_new_file_fit() {
    let bytes = fixture("images/rgb.png");
    let (pixels, folder) = (64 * 48, Folder::new().file("rgb.png", &bytes));
    assert_needed(&folder, "rgb.png --reencode", (3 + 3) * pixels + 4 * 48);
    assert_needed(
        &folder,
        "rgb.png --reencode --mode RGBA",
        (3 + 4 + 4) * pixels + 4 * 48,
    );
}

#[test]
fn what_a_mode_makes_of_a_picture_counts_and_so_does_a_file_that_is_no_smaller() {
    let folder = Folder::new()
        .file("x.npy", grey(400, 400))
        .file("row.npy", grey(1, 3 << 20));
    let pixels = 400 * 400;
    // Elements, samples, pixels of the mode, the file.
    assert_needed(&folder, "x.npy --mode L", 3 * pixels + 4 * 400);
    assert_needed(&folder, "x.npy --mode RGBA", 10 * pixels + 4 * 400);
    // A picture of its own colours.
    let rgba = npy(&[40, 40, 4], &[7u8; 40 * 40 * 4]);
    let folder = folder.file("rgba.npy", rgba);
    assert_needed(
        &folder,
        "rgba.npy --mode P",
        (4 + 4 + 1 + 44 + 1) * 40 * 40 + 4 * 40,
    );
    // A row that is longer than the bands of the encoder.
    assert_needed(&folder, "row.npy", (3 * 3 + 7 * 2) * (1 << 20) + 4);
}
