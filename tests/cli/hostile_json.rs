//! JSON that is no annotation: one line each, and the other inputs go on.

use serde_json::json;

use crate::layers::picture;
use crate::npy::grey;

/// Longer than any sidecar is.
pub(crate) fn seventeen_mebibytes() -> Vec<u8> {
    let mut json = br#"{"caption":""#.to_vec();
    json.resize(17 << 20, b'x');
    json.extend(b"\"}");
    json
}

/// Things that no sidecar is, and what is said of them.
fn hostile() -> Vec<(Vec<u8>, &'static str)> {
    let deep = |open: &str, close: &str| {
        let n = 100_000;
        format!(r#"{{"boxes":{}1{}}}"#, open.repeat(n), close.repeat(n)).into_bytes()
    };
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (deep("[", "]"), "is not JSON: recursion limit exceeded"),
        (
            deep(r#"{"a":"#, "}"),
            "is not JSON: recursion limit exceeded",
        ),
        (
            seventeen_mebibytes(),
            "bytes long; at most 16777216 are read",
        ),
        (
            text(r#"{"caption":"a","caption":"b"}"#),
            "the name \"caption\" stands twice",
        ),
        (
            text(r#"{"boxes":{"p":{"box_data":[],"box_data":[]}}}"#),
            "the name \"box_data\" stands twice",
        ),
        (text(r#"{"grouping":NaN}"#), "is not JSON: "),
        (text(r#"{"grouping":Infinity}"#), "is not JSON: "),
        (
            text(r#"{"grouping":1e999}"#),
            "is not JSON: number out of range",
        ),
        (text(r#"{"caption":"\ud800"}"#), "is not JSON: "),
        (text("{'caption':'a'}"), "is not JSON: "),
        (text("{\"caption\":\"a\"} // mine"), "is not JSON: "),
        (text("{\"caption\":\"a\u{1}\"}"), "is not JSON: "),
        (b"\xff\xfe{\0}\0".to_vec(), "is not JSON: "),
        (text(""), "is not JSON: EOF"),
        (
            text("[]"),
            "sidecar: is a list, but must be an object with any of caption, grouping, ",
        ),
        (
            text(r#"{"captoin":"a"}"#),
            "captoin: is not known; a sidecar has any of caption, grouping, ",
        ),
        (
            text(r#"{"caption":5}"#),
            "caption: is 5, but must be a string",
        ),
        (
            text(r#"{"caption":["a"]}"#),
            "caption: is [\"a\"], but must be a string",
        ),
        (
            text(r#"{"grouping":"1"}"#),
            "grouping: is \"1\", but must be an integer",
        ),
        (
            text(r#"{"grouping":1.5}"#),
            "grouping: is 1.5, but must be an integer",
        ),
        (
            text(r#"{"grouping":9223372036854775808}"#),
            "grouping: is 9223372036854775808, but must be an integer",
        ),
        (
            text(r#"{"mode":"rgb"}"#),
            "mode: is \"rgb\", but must be one of 1, L, ",
        ),
        (
            text(r#"{"file_type":"gif"}"#),
            "file_type: is \"gif\", but must be one of png, jpg, jpeg, bmp",
        ),
        (
            text(r#"{"file_type":"PNG"}"#),
            "file_type: is \"PNG\", but must be one of png, jpg, jpeg, bmp",
        ),
        (
            text(r#"{"normalize":0}"#),
            "normalize: is 0, but must be true or false",
        ),
        (
            text(r#"{"classes":5}"#),
            "classes: is an integer, but must be ",
        ),
        (
            text(r#"{"boxes":5}"#),
            "boxes: is an integer, but must be an object of layers by name",
        ),
        (
            text(r#"{"masks":5}"#),
            "masks: is an integer, but must be an object of layers by name",
        ),
    ]
}

#[test]
fn a_hostile_sidecar_fails_its_input_in_one_line_and_the_others_go_on() {
    for (json, words) in hostile() {
        let folder = picture()
            .file("x.wbimg.json", json)
            .file("y.npy", grey(2, 3));
        let outcome = folder
            .convert("x.npy y.npy")
            .converts(&["y_0_….png"])
            .one_error(words)
            .exit(1)
            .check();
        let line = &outcome.stderr;
        assert!(
            line.starts_with("wbimg: error: x.npy: x.wbimg.json: "),
            "{line}"
        );
        assert!(line.len() < 600, "{line}");
    }
}

#[test]
fn a_hostile_sidecar_of_the_flag_is_an_error_of_usage() {
    for (json, words) in hostile() {
        let folder = picture().file("s.json", json);
        let call = folder.convert("x.npy --sidecar s.json");
        call.one_error(words).exit(2).check();
    }
}

#[test]
fn a_long_value_is_not_repeated_whole() {
    let long = json!({"grouping": "x".repeat(100_000)}).to_string();
    let folder = picture().file("x.wbimg.json", long);
    let outcome = folder
        .convert("x.npy")
        .one_error("grouping: is ")
        .any_writes()
        .exit(1)
        .check();
    assert!(outcome.stderr.len() < 600, "{} bytes", outcome.stderr.len());
}

#[test]
fn names_from_the_file_cannot_break_or_colour_the_line() {
    for layers in [
        json!({"a\n\u{1b}[31mb\u{2028}": {}}),
        json!({"p": {"box_data": [], "class_labels": {"\r\u{9b}2J": "x"}}}),
        json!({"p": {"box_data": [{"position": {"\u{7}\n": 1}}]}}),
    ] {
        let folder = picture().file("b.json", layers.to_string());
        let outcome = folder
            .convert("x.npy --boxes b.json")
            .one_error("--boxes b.json: ")
            .exit(2)
            .check();
        let line = outcome.stderr.trim_end_matches('\n');
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}

#[test]
fn a_flags_file_that_cannot_be_used_is_named() {
    for (name, words) in [
        ("none.json", "cannot be read: No such file or directory"),
        ("folder", "cannot be read: it is not a regular file"),
        ("x.npy", "is not JSON: expected value at line 1 column 1"),
    ] {
        for flag in ["--boxes", "--masks", "--classes", "--sidecar"] {
            let folder = picture().file("folder/y.npy", grey(2, 3));
            folder
                .convert(&format!("x.npy {flag} {name}"))
                .stderr([format!("wbimg: error: {flag} {name}: {words}")])
                .exit(2)
                .check();
        }
    }
}
