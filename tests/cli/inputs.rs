//! Which inputs there are, in which order, and what is said of those that cannot be read.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::npy::grey;
use crate::wbimg::{Folder, OUT, fixture};

#[test]
fn the_content_decides_what_an_input_is_and_not_its_name() {
    let folder = Folder::new()
        .file("array.png", grey(2, 3))
        .file("picture.npy", fixture("images/rgb.png"))
        .file("bare", grey(2, 3));
    folder
        .convert("array.png picture.npy bare")
        .converts(&["array_0_….png", "picture_0_….npy", "bare_0_….png"])
        .check();
    let rows = folder.rows();
    let of = |key: &str| rows.iter().find(|row| row["key"] == key).unwrap();
    assert_eq!(of("array")["array"]["dtype"], "uint8");
    assert!(of("picture")["array"].is_null());
}

#[test]
fn a_directory_is_walked_in_bytewise_order_of_path_components() {
    let mut folder = Folder::new();
    for name in [
        "a.npy",
        "a/x.npy",
        "a-b/x.npy",
        "B.NPY",
        "é.npy",
        "a/b/c.npy",
    ] {
        folder = folder.file(format!("in/{name}"), grey(2, 3));
    }
    let order = ["B", "a/b/c", "a/x", "a-b/x", "a", "é"];
    let images = order.map(|key| format!("{key}_0_….png"));
    folder
        .convert("in")
        .converts(&images.each_ref().map(String::as_str))
        .check();
    let row = &folder.rows()[0];
    assert_eq!(
        (&row["source"], &row["index"]),
        (&"in/B.NPY".into(), &0.into())
    );
}

#[test]
fn only_known_extensions_are_taken_from_a_directory() {
    let folder = Folder::new()
        .file("in/x.npy", grey(2, 3))
        .file("in/notes.txt", "not an input")
        .file("in/x.json", "[]")
        .file("in/bare", grey(2, 3));
    folder
        .convert("in")
        .converts(&["x_0_….png"])
        .any_stderr()
        .check();
}

#[test]
fn hidden_files_and_output_directories_are_passed_over() {
    let folder = Folder::new()
        .file("x.npy", grey(2, 3))
        .file(".hidden.npy", grey(2, 3))
        .file(".git/y.npy", grey(2, 3))
        .file("z.npy", grey(3, 3));
    folder
        .convert("z.npy -o other")
        .stdout("other/media/images/z_0_….png\n")
        .writes([
            "other/media/images/z_0_….png",
            "other/manifest.jsonl",
            "other/history.jsonl",
            "other/config.json",
        ])
        .check();
    folder
        .convert(".")
        .converts(&["x_0_….png", "z_0_….png"])
        .check();
    folder
        .convert(".")
        .stdout(format!(
            "{OUT}/media/images/x_0_….png\n{OUT}/media/images/z_0_….png\n"
        ))
        .check();
}

#[test]
fn an_output_directory_is_no_input_even_if_it_is_named() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    folder
        .convert(&format!("x.npy {OUT}"))
        .stdout(format!("{OUT}/media/images/x_0_….png\n"))
        .any_stderr()
        .check();
}

#[test]
fn a_manifest_of_somebody_else_does_not_hide_a_directory() {
    let folder = Folder::new()
        .file(
            "data/train/manifest.jsonl",
            "{\"image\":\"x.npy\",\"label\":3}\n",
        )
        .file("data/train/x.npy", grey(2, 3));
    folder
        .convert("data")
        .converts(&["train/x_0_….png"])
        .check();
}

#[test]
fn a_file_named_twice_counts_once_and_a_note_says_so() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy ./x.npy sub/../x.npy")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: note: x.npy: named more than once, taken once"; 2])
        .check();
    assert_eq!(folder.rows().len(), 1);
}

#[test]
fn an_empty_directory_is_no_failure_and_a_note_says_so() {
    let folder = Folder::new().file("in/notes.txt", "");
    folder
        .convert("in")
        .stderr(["wbimg: note: in: no file in it has a known extension"])
        .any_writes()
        .check();
}

#[test]
fn names_come_from_a_list_that_nul_bytes_separate() {
    let folder = Folder::new()
        .file("a b.npy", grey(2, 3))
        .file("line\nend.npy", grey(2, 3))
        .file("list", "a b.npy\0line\nend.npy\0");
    // A line end in a name does not end the line.
    let escaped = format!("{OUT}/media/images/line\\u{{a}}end_0_….png");
    folder
        .convert("--files0-from list")
        .converts(&["a b_0_….png", "line\nend_0_….png"])
        .stdout(format!("{OUT}/media/images/a b_0_….png\n{escaped}\n"))
        .check();
    folder
        .convert("--files0-from - -o again")
        .stdin("a b.npy\0")
        .stdout("again/media/images/a b_0_….png\n")
        .any_writes()
        .check();
}

#[test]
fn a_list_of_names_that_is_empty_is_no_failure_and_one_that_is_missing_is() {
    let folder = Folder::new().file("list", "");
    folder
        .convert("--files0-from list")
        .stderr(["wbimg: note: the list of inputs is empty"])
        .any_writes()
        .check();
    let folder = Folder::new();
    folder
        .convert("--files0-from missing")
        .stderr(["wbimg: error: --files0-from missing: No such file or directory"])
        .exit(2)
        .check();
}

#[test]
fn shards_share_one_list_and_keep_its_places() {
    let folder = Folder::new()
        .file("a.npy", grey(2, 3))
        .file("b.npy", grey(2, 3))
        .file("c.npy", grey(2, 3));
    folder
        .convert("a.npy b.npy c.npy --shard 1/2")
        .converts(&["a_0_….png", "c_0_….png"])
        .check();
    folder
        .convert("a.npy b.npy c.npy --shard 2/2")
        .adds(&["b_0_….png"])
        .check();
    let places: Vec<_> = folder
        .rows()
        .iter()
        .map(|row| row["index"].clone())
        .collect();
    assert_eq!(places, [0, 1, 2]);
}

#[test]
fn an_empty_share_is_no_failure_and_a_note_says_so() {
    let folder = Folder::new().file("a.npy", grey(2, 3));
    folder
        .convert("a.npy --shard 2/2")
        .stderr(["wbimg: note: share 2/2 of the inputs is empty"])
        .any_writes()
        .check();
}

#[test]
fn keys_are_compared_over_the_whole_list_and_not_one_share_of_it() {
    let folder = Folder::new()
        .file("a/x.npy", grey(2, 3))
        .file("b/x.npy", grey(2, 3));
    folder
        .convert("a/x.npy b/x.npy --shard 1/2")
        .one_error("a/x.npy and b/x.npy")
        .exit(2)
        .check();
}

#[test]
fn standard_input_is_an_input_with_the_key_stdin() {
    let folder = Folder::new();
    folder
        .convert("-")
        .stdin(grey(2, 3))
        .converts(&["stdin_0_….png"])
        .check();
    assert_eq!(folder.rows()[0]["source"], "-");
    folder
        .convert("- --key photo")
        .stdin(fixture("images/rgb.jpg"))
        .adds(&["photo_0_….jpg"])
        .check();
}

#[test]
fn a_url_is_refused_as_wandb_refuses_it_and_the_others_go_on() {
    for scheme in ["s3", "gs", "http", "https"] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        folder
            .convert(&format!("{scheme}://bucket/u.png x.npy"))
            .converts(&["x_0_….png"])
            .stderr([format!(
                "wbimg: error: {scheme}://bucket/u.png: Image media created by a reference to external storage cannot \
                 currently be added to a run: download it first"
            )])
            .exit(1)
            .check();
    }
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting_for_it() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    let made = Command::new("mkfifo").arg(folder.path("pipe")).status();
    assert!(made.unwrap().success());
    symlink("/dev/zero", folder.path("zero.npy")).unwrap();
    folder
        .convert("pipe zero.npy x.npy")
        .converts(&["x_0_….png"])
        .stderr([
            "wbimg: error: pipe: is a named pipe, not a regular file: pass it on standard input, as '-'",
            "wbimg: error: zero.npy: is a device, not a regular file",
        ])
        .exit(1)
        .check();
}

#[test]
fn a_missing_input_fails_alone() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("missing.npy x.npy")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: error: missing.npy: cannot be opened: No such file or directory"])
        .exit(1)
        .check();
}

#[test]
fn with_fail_fast_nothing_is_begun_after_a_failure() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("missing.npy x.npy --fail-fast -j 1")
        .one_error("missing.npy: cannot be opened")
        .exit(1)
        .any_writes()
        .check();
}

#[test]
fn an_unreadable_input_fails_alone() {
    let folder = Folder::new()
        .file("secret.npy", grey(2, 3))
        .file("x.npy", grey(2, 3));
    fs::set_permissions(folder.path("secret.npy"), PermissionsExt::from_mode(0o000)).unwrap();
    if fs::read(folder.path("secret.npy")).is_ok() {
        return; // The superuser reads everything.
    }
    folder
        .convert("secret.npy x.npy")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: error: secret.npy: cannot be opened: Permission denied"])
        .exit(1)
        .check();
}

#[test]
fn names_that_are_not_utf_8_are_escaped() {
    let name = OsStr::from_bytes(b"\xff\xfex.npy");
    let folder = Folder::new().file(name, grey(2, 3));
    folder
        .wbimg()
        .arg("convert")
        .arg(name)
        .converts(&["\\xff\\xfex_0_….png"])
        .check();
    assert_eq!(folder.rows()[0]["source"], "\\xff\\xfex.npy");
}

#[test]
fn no_input_at_all_is_an_error_of_usage() {
    let folder = Folder::new();
    folder
        .convert("")
        .stderr([
            "wbimg: error: no input was named: wbimg convert INPUT..., and see wbimg convert --help",
        ])
        .exit(2)
        .check();
}
