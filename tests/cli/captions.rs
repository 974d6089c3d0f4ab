//! Captions and grouping numbers.

use serde_json::Value;

use crate::npy::{grey, npy};
use crate::wbimg::Folder;

/// The media of the one row that these arguments make of `x.npy`.
fn media(args: &[&str]) -> Value {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .wbimg()
        .args(["convert", "x.npy"])
        .args(args)
        .converts(&["x_0_….png"])
        .check();
    folder.rows()[0]["media"].clone()
}

#[test]
fn there_is_no_caption_unless_one_was_asked_for() {
    assert_eq!(media(&[]).get("caption"), None);
    assert_eq!(media(&["--caption", ""])["caption"], "");
    assert_eq!(media(&["--caption", "two words"])["caption"], "two words");
    assert_eq!(media(&["--caption=-1"])["caption"], "-1");
}

#[test]
fn a_caption_without_text_is_the_stem() {
    assert_eq!(media(&["--caption"])["caption"], "x");
}

#[test]
fn placeholders_are_filled_in_and_double_braces_are_literal() {
    let text = "{stem} {name} {index} {step} {key} {{stem}}";
    assert_eq!(
        media(&["--caption", text])["caption"],
        "x x.npy 0 0 x {stem}"
    );
}

#[test]
fn the_index_is_the_inputs_place_in_the_call() {
    let folder = Folder::new()
        .file("a.npy", grey(2, 3))
        .file("b.npy", npy(&[2, 2, 3, 1], &[1u8; 12]));
    folder
        .convert("a.npy b.npy --key k --step 3 --caption {key}/{index}@{step}")
        .any_stdout()
        .any_writes()
        .check();
    let captions = folder.history()[0]["k"]["captions"].clone();
    assert_eq!(captions, serde_json::json!(["k/0@3", "k/1@3", "k/1@3"]));
}

#[test]
fn an_unknown_placeholder_is_refused_before_anything_is_written() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy --caption {stemm}")
        .stderr([
            "wbimg: error: --caption: unknown placeholder {stemm}: known are {stem}, {name}, {index}, {step}, {key}; \
             write {{ and }} for literal braces",
        ])
        .exit(2)
        .check();
}

#[test]
fn where_the_caption_swallowed_the_only_input_the_error_says_how_to_write_it() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("--caption x.npy")
        .stderr([
            "wbimg: error: no input: --caption took \"x.npy\" as its text: write 'x.npy --caption' or '--caption -- \
             x.npy'",
        ])
        .exit(2)
        .check();
    for advised in ["x.npy --caption", "--caption -- x.npy"] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        folder.convert(advised).converts(&["x_0_….png"]).check();
        assert_eq!(folder.rows()[0]["media"]["caption"], "x");
    }
}

#[test]
fn a_caption_that_names_a_file_gets_a_note() {
    let folder = Folder::new()
        .file("x.npy", grey(2, 3))
        .file("y.npy", grey(2, 3));
    folder
        .convert("--caption y.npy x.npy")
        .converts(&["x_0_….png"])
        .stderr([
            "wbimg: note: --caption \"y.npy\" is also the name of a file; it is the caption here",
        ])
        .check();
    assert_eq!(folder.rows()[0]["media"]["caption"], "y.npy");
}

#[test]
fn a_grouping_number_is_kept_and_zero_left_out() {
    assert_eq!(media(&["--grouping", "3"])["grouping"], 3);
    assert_eq!(media(&["--grouping", "-3"])["grouping"], -3);
    assert_eq!(media(&["--grouping", "0"]).get("grouping"), None);
}
