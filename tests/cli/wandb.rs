//! What `run.log` of wandb 0.28.2 recorded (`fixtures/wandb`), against what `wbimg` writes for the same inputs. Hashes
//! and sizes of PNG files are the encoder's; everything else is the same, the order of keys included.

use serde_json::Value;

use crate::picture::Picture;
use crate::wbimg::{Folder, OUT, fixture};

/// The value that wandb recorded under a key.
fn recorded(key: &str) -> Value {
    let history: Value = serde_json::from_slice(&fixture("wandb/history.json")).unwrap();
    history[key].clone()
}

/// What `wbimg` records for a fixture under a key with these arguments.
fn convert(input: &str, key: &str, args: &[&str]) -> (Folder, Value) {
    let folder = Folder::new().fixture(input);
    let name = input.rsplit('/').next().unwrap();
    folder
        .wbimg()
        .args(["convert", name, "--key", key])
        .args(args)
        .any_stdout()
        .any_writes()
        .check();
    let value = folder.history()[0][key].clone();
    (folder, value)
}

/// A value's text, with hashes and sizes of PNG files replaced.
fn shape(value: &Value) -> String {
    let mut value = value.clone();
    if value["format"] == "png" {
        for (name, blank) in [("sha256", "…".into()), ("size", 0.into())] {
            if let Some(field) = value.get_mut(name) {
                *field = blank;
            }
        }
    }
    let text = value.to_string();
    let mut pieces = text.split("_0_");
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |text, piece| {
        let rest = if piece.contains(".png") {
            &piece[20..]
        } else {
            piece
        };
        text + "_0_" + rest
    })
}

fn assert_same_picture(folder: &Folder, ours: &Value, theirs: &Value) {
    let (ours, theirs) = (ours.as_str().unwrap(), theirs.as_str().unwrap());
    let ours = folder.read(format!("{OUT}/{ours}"));
    let theirs = fixture(&format!("wandb/{theirs}"));
    if ours != theirs {
        assert!(Picture::decode_png(&ours) == Picture::decode_png(&theirs));
    }
}

#[test]
fn media_json_and_pictures_are_those_that_wandb_logged() {
    for (input, key, args) in [
        ("arrays/chelsea.npy", "plain", &[][..]),
        (
            "arrays/coffee-uint8.npy",
            "captioned",
            &["--caption", "--grouping", "3"],
        ),
        (
            "arrays/astronaut-float16-signed.npy",
            "signed",
            &["--file-type", "jpg"],
        ),
        (
            "arrays/camera-float64.npy",
            "folder/grey",
            &["--caption", ""],
        ),
        ("images/cmyk.jpg", "file", &["--caption"]),
    ] {
        let (folder, ours) = convert(input, key, args);
        let theirs = recorded(key);
        assert_eq!(shape(&ours), shape(&theirs));
        assert_same_picture(&folder, &ours["path"], &theirs["path"]);
        assert_eq!(ours, folder.rows()[0]["media"]);
    }
}

#[test]
fn lists_are_those_that_wandb_logged() {
    let folder = Folder::new();
    let names: Vec<String> = (0..3).map(|n| format!("frame {n}.npy")).collect();
    let batch = fixture("arrays/batch-nhwc.npy");
    let size = 32 * 48 * 3;
    let frames = &batch[batch.len() - 3 * size..];
    for (name, frame) in names.iter().zip(frames.chunks(size)) {
        folder.write(name, crate::npy::npy(&[32, 48, 3], frame));
    }
    folder
        .wbimg()
        .args(["convert", "--key", "list"])
        .args(&names)
        .arg("--caption")
        .any_stdout()
        .any_writes()
        .check();
    let (ours, theirs) = (folder.history()[0]["list"].clone(), recorded("list"));
    assert_eq!(shape(&ours), shape(&theirs));
    for n in 0..3 {
        assert_same_picture(&folder, &ours["filenames"][n], &theirs["filenames"][n]);
    }
}
