//! The JSON beside an input: whose it is, what it may say, what beats it, and what happens when it is wrong.

use serde_json::{Value, json};

use crate::hostile_json::seventeen_mebibytes;
use crate::layers::{BOXES, MASK, OVERLAY, boxes, inside, mask, picture};
use crate::npy::{grey, npy};
use crate::picture::Picture;
use crate::wbimg::Folder;

/// The media of `x.npy` with this sidecar.
fn media(sidecar: &Value, args: &str, files: &[&str]) -> Value {
    let folder = picture().file("x.json", sidecar.to_string());
    folder
        .convert(&format!("x.npy {args}"))
        .converts(&["x_0_….png"])
        .also(files)
        .check();
    folder.rows()[0]["media"].clone()
}

#[test]
fn each_key_takes_effect() {
    assert_eq!(media(&json!({"caption": "a"}), "", &[])["caption"], "a");
    assert_eq!(media(&json!({"caption": ""}), "", &[])["caption"], "");
    assert_eq!(media(&json!({"grouping": -2}), "", &[])["grouping"], -2);
    let layers =
        json!({"boxes": boxes(&[inside(1)]), "masks": mask(&[&[1; 8]; 6]), "classes": ["a", "b"]});
    let folder = picture().file("x.json", layers.to_string());
    folder
        .convert("x.npy")
        .converts(&["x_0_….png"])
        .also(&[BOXES, MASK, OVERLAY])
        .check();
    let named = json!({"0": "a", "1": "b"});
    assert_eq!(
        folder.rows()[0]["class_labels"],
        json!({"boxes": {"p": named}, "masks": {"m": named}})
    );
}

#[test]
fn mode_file_type_and_normalize_take_effect() {
    let folder = Folder::new()
        .file("x.npy", npy(&[1, 2], &[0f32, 1.0]))
        .file(
            "x.json",
            r#"{"mode":"RGBA","file_type":"bmp","normalize":false}"#,
        );
    folder
        .convert("x.npy --allow near-black --allow flat")
        .converts(&["x_0_….bmp"])
        .check();
    let row = folder.rows()[0].clone();
    assert_eq!(row["media"]["format"], "bmp");
    assert_eq!(
        (&row["array"]["mode"], &row["array"]["rescale"]),
        (&json!("RGBA"), &json!("off"))
    );
}

#[test]
fn null_is_as_good_as_absent() {
    let nothing = json!({
        "caption": null, "grouping": null, "classes": null, "boxes": null, "masks": null, "mode": null,
        "file_type": null, "normalize": null,
    });
    let media = media(&nothing, "", &[]);
    let names: Vec<&String> = media.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "_type", "sha256", "size", "path", "format", "width", "height"
        ]
    );
}

#[test]
fn flags_beat_the_sidecar() {
    let sidecar = json!({
        "caption": "sidecar", "grouping": 3, "mode": "RGB", "file_type": "bmp", "normalize": false,
        "boxes": {"theirs": {"box_data": [inside(1)]}}, "classes": ["theirs", "theirs"],
    });
    let folder = Folder::new()
        .file("x.npy", npy(&[6, 8], &[0.5f32; 48]))
        .file("x.json", sidecar.to_string())
        .file("b.json", boxes(&[inside(1)]).to_string())
        .file("c.json", r#"["ours","ours"]"#);
    folder
        .convert("x.npy --caption flag --grouping 0 --mode L --file-type png --range 0:1 --boxes b.json --classes c.json")
        .converts(&["x_0_….png"])
        .also(&[BOXES, OVERLAY])
        .check();
    let row = folder.rows()[0].clone();
    assert_eq!(row["media"]["caption"], "flag");
    assert_eq!(row["media"].get("grouping"), None);
    assert_eq!(row["array"]["mode"], "L");
    assert_eq!(row["array"]["rescale"], "range");
    assert_eq!(
        row["class_labels"],
        json!({"boxes": {"p": {"0": "ours", "1": "ours"}}})
    );
}

#[test]
fn the_own_name_comes_before_the_stems() {
    let folder = picture()
        .file("x.wbimg.json", r#"{"caption":"own"}"#)
        .file("x.json", r#"{"caption":"stem"}"#);
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    assert_eq!(folder.rows()[0]["media"]["caption"], "own");
}

#[test]
fn a_sidecar_lies_beside_its_input_and_stdin_has_none() {
    let folder = Folder::new()
        .file("in/x.npy", grey(2, 3))
        .file("in/x.wbimg.json", r#"{"caption":"in"}"#)
        .file("stdin.json", r#"{"caption":"stdin"}"#)
        .file("x.json", r#"{"caption":"out"}"#);
    folder
        .convert("in/x.npy -")
        .stdin(grey(2, 4))
        .converts(&["x_0_….png", "stdin_0_….png"])
        .check();
    let rows = folder.rows();
    assert_eq!(rows[0]["media"].get("caption"), None, "stdin");
    assert_eq!(rows[1]["media"]["caption"], "in");
}

#[test]
fn captions_are_literal() {
    let caption = "{stem} {{key}} %s \u{2028}\n\"猫\"";
    let folder = picture().file("x.json", json!({"caption": caption}).to_string());
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    assert_eq!(folder.rows().len(), 1, "one line");
    assert_eq!(folder.rows()[0]["media"]["caption"], caption);
    assert_eq!(folder.history()[0]["x"]["caption"], caption);
}

#[test]
fn json_of_another_tool_is_left_alone_silently() {
    for json in [
        r#"{"width":3,"license":"CC0"}"#,
        "[]",
        r#"[{"caption":"x"}]"#,
        "5",
        "null",
        r#""caption""#,
    ] {
        let folder = picture().file("x.json", json);
        folder
            .convert("x.npy --strict")
            .converts(&["x_0_….png"])
            .check();
        assert_eq!(folder.rows()[0]["media"].get("caption"), None, "{json}");
    }
}

/// Holds that `x.json` is left alone with one note, and gives back its words.
fn note_on(json: &[u8]) -> String {
    let folder = picture().file("x.json", json);
    let outcome = folder
        .convert("x.npy --strict")
        .converts(&["x_0_….png"])
        .any_stderr()
        .check();
    let prefix = "wbimg: note: x.npy: x.json is left alone: it ";
    assert!(outcome.stderr.starts_with(prefix), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    assert_eq!(folder.rows()[0]["media"].get("caption"), None);
    outcome.stderr[prefix.len()..].to_owned()
}

#[test]
fn json_that_is_mixed_or_broken_is_left_alone_with_a_note() {
    for (json, words) in [
        (
            r#"{"caption":"x","width":3}"#,
            "has names that a sidecar does not have",
        ),
        ("{\"caption\":\"x\"", "is not JSON: "),
        ("", "is not JSON: "),
        ("{\"caption\":\"x\",}", "is not JSON: "),
        ("\u{0}", "is not JSON: "),
    ] {
        let note = note_on(json.as_bytes());
        assert!(note.starts_with(words), "{note}");
    }
    note_on(b"{\"caption\":\"\xff\"}");
}

#[test]
fn the_advice_of_a_note_on_a_file_left_alone_works() {
    for json in [r#"{"caption":"x","width":3}"#, "{"] {
        let note = note_on(json.as_bytes());
        if note.contains("--sidecar x.json would take it") {
            let folder = picture().file("x.json", json);
            folder
                .convert("x.npy --sidecar x.json")
                .converts(&["x_0_….png"])
                .check();
        }
    }
}

#[test]
fn json_of_another_that_is_too_long_is_left_alone_with_a_note() {
    let note = note_on(&seventeen_mebibytes());
    assert!(
        note.starts_with("has ") || note.starts_with("is "),
        "it {note}"
    );
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let folder = picture().file("x.json", "\u{feff}{\"caption\":\"a\"}");
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    assert_eq!(folder.rows()[0]["media"]["caption"], "a");
}

#[test]
fn one_sidecar_for_all_beats_those_beside_the_inputs() {
    let folder = picture()
        .file("y.npy", grey(2, 3))
        .file("x.json", r#"{"caption":"x","grouping":4}"#)
        .file("all", r#"{"caption":"all"}"#);
    folder
        .convert("x.npy y.npy --sidecar all")
        .converts(&["x_0_….png", "y_0_….png"])
        .check();
    for row in folder.rows() {
        assert_eq!(row["media"]["caption"], "all");
        assert_eq!(row["media"].get("grouping"), None);
    }
}

#[test]
fn no_sidecar_is_looked_for_when_none_is_wanted() {
    let folder = picture().file("x.wbimg.json", "broken");
    folder
        .convert("x.npy --no-sidecar")
        .converts(&["x_0_….png"])
        .check();
    picture()
        .convert("x.npy --no-sidecar --sidecar x")
        .one_error("cannot be used with")
        .exit(2)
        .check();
}

#[test]
fn a_mode_that_the_file_type_does_not_take_fails_its_input_only() {
    let folder = picture()
        .file("x.json", r#"{"mode":"RGBA","file_type":"jpg"}"#)
        .file("y.npy", grey(2, 3));
    folder
        .convert("x.npy y.npy")
        .converts(&["y_0_….png"])
        .one_error("x.npy: ")
        .exit(1)
        .check();
}

#[test]
fn lists_have_holes_where_an_image_has_no_caption_boxes_or_masks() {
    let folder = Folder::new()
        .file("a.npy", grey(6, 8))
        .file("b.npy", npy(&[6, 8], &[7u8; 48]))
        .file("c.npy", npy(&[6, 8], &[9u8; 48]))
        .file(
            "b.json",
            json!({"caption": "b", "boxes": boxes(&[inside(1)])}).to_string(),
        )
        .file("c.json", json!({"masks": mask(&[&[0; 8]; 6])}).to_string());
    let rows = folder
        .convert("a.npy b.npy c.npy --key k --json")
        .stdout_is_the_manifest()
        .any_writes()
        .check()
        .rows();
    let history = folder.history();
    let list = &history[0]["k"];
    assert_eq!(list["captions"], json!([null, "b", null]), "D7");
    assert_eq!(
        list["all_boxes"],
        json!([null, rows[1]["media"]["boxes"], null])
    );
    assert_eq!(
        list["all_masks"],
        json!([null, null, rows[2]["media"]["masks"]])
    );
    let written = folder.file_of(&rows[2]["media"]["masks"]["m"]);
    assert_eq!(Picture::decode_png(&written).samples, [0; 48]);
}

#[test]
fn lists_in_which_no_image_has_any_have_none() {
    let folder = picture().file("y.npy", grey(6, 8));
    folder
        .convert("x.npy y.npy --key k")
        .any_stdout()
        .any_writes()
        .check();
    let history = folder.history();
    let list = history[0]["k"].as_object().unwrap();
    for name in ["captions", "all_boxes", "all_masks"] {
        assert_eq!(list.get(name), None);
    }
}
