//! What counts towards `--max-memory` beside the picture itself.

use serde_json::json;

use crate::npy::grey;
use crate::wbimg::Folder;

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
        let note = "wbimg: note: x.npy: boxes and masks were not drawn: that needs 3360000 bytes of memory, and 2097152 \
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
