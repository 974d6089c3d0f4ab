//! Under which key an image is logged, and where that puts its file.

use crate::npy::grey;
use crate::wbimg::{Folder, OUT};

fn two_folders() -> Folder {
    Folder::new()
        .file("a/x.npy", grey(2, 3))
        .file("b/x.npy", grey(3, 2))
}

#[test]
fn two_inputs_with_one_stem_are_refused_before_anything_is_written() {
    two_folders()
        .convert("a/x.npy b/x.npy")
        .stderr([
            "wbimg: error: a/x.npy and b/x.npy would both be logged as \"x\": name a shared key with --key KEY, or \
             --key '{parent}/{stem}'",
        ])
        .exit(2)
        .check();
}

#[test]
fn the_key_may_be_made_of_an_inputs_name() {
    let folder = two_folders();
    folder
        .convert("a/x.npy b/x.npy --key {parent}/{stem}")
        .converts(&["a/x_0_….png", "b/x_0_….png"])
        .check();
    for (template, key) in [
        ("{name}", "x.npy"),
        ("{ext}-{stem}", "npy-x"),
        ("val/{parent}", "val/a"),
        ("{{{stem}}}", "{x}"),
    ] {
        let folder = two_folders();
        folder
            .wbimg()
            .args(["convert", "a/x.npy", "--key", template])
            .converts(&[&format!("{key}_0_….png")])
            .check();
        assert_eq!(folder.rows()[0]["key"], key);
    }
}

#[test]
fn a_template_of_parents_is_the_stem_alone_where_there_is_no_parent() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy --key {parent}/{stem}")
        .converts(&["x_0_….png"])
        .check();
}

#[test]
fn inputs_with_one_key_become_one_list() {
    let folder = Folder::new()
        .file("b.npy", grey(2, 3))
        .file("a.npy", grey(3, 3));
    folder
        .convert("b.npy a.npy --key val --step 7")
        .converts(&["val_7_….png", "val_7_….png"])
        .stderr([
            "wbimg: warning: a.npy: is 3×3, but the first image under its key is 3×2; W&B shows lists in one size \
             [size-mismatch]",
        ])
        .check();
    let history = folder.history();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["_step"], 7);
    assert_eq!(history[0]["val"]["_type"], "images/separated");
    assert_eq!(history[0]["val"]["height"], 2, "b was named first");
}

#[test]
fn keys_never_lead_out_of_the_directory() {
    for (key, path) in [
        ("../../x", "__/__/x_0_….png"),
        ("/etc/x", "etc/x_0_….png"),
        ("a/./b", "a/_/b_0_….png"),
        ("a//b", "a/b_0_….png"),
        ("x: *?", "x: *?_0_….png"),
    ] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        folder
            .wbimg()
            .args(["convert", "x.npy", "--key", key])
            .converts(&[path])
            .check();
        assert_eq!(folder.rows()[0]["key"], key);
        assert!(folder.history()[0][key].is_object());
    }
}

#[test]
fn keys_that_wandb_keeps_for_itself_are_refused() {
    for key in ["_step", "_timestamp", "_runtime", "_wandb", ""] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        folder
            .wbimg()
            .args(["convert", "x.npy", "--key", key])
            .stderr([format!(
                "wbimg: error: --key {key:?} cannot be logged: W&B keeps it for itself, or it is empty"
            )])
            .exit(2)
            .check();
    }
}

#[test]
fn an_input_whose_stem_is_such_a_key_fails_alone() {
    let folder = Folder::new()
        .file("_step.npy", grey(2, 3))
        .file("x.npy", grey(2, 3));
    folder
        .convert("_step.npy x.npy")
        .converts(&["x_0_….png"])
        .one_error("_step.npy: the key \"_step\"")
        .exit(1)
        .check();
}

#[test]
fn an_unknown_placeholder_is_refused_with_those_that_are_known() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy --key {steam}")
        .one_error("unknown placeholder {steam}: known are {stem}, {name}, {parent}, {ext}")
        .exit(2)
        .check();
}

#[test]
fn a_long_key_is_this_inputs_error_and_no_crash() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert(&format!("x.npy --key {}", "k".repeat(300)))
        .one_error("name")
        .exit(1)
        .any_writes()
        .check();
    assert!(!folder.path(format!("{OUT}/manifest.jsonl")).exists() || folder.rows().is_empty());
}
