//! Where a JSON file may read masks from: below its own folder, below the working directory, below `--media-root`,
//! with links resolved. Everything else is refused in a line, and nothing of it is published.

use std::os::unix::fs::symlink;
use std::time::Duration;

use serde_json::json;

use crate::layers::{MASK, OVERLAY, halves, picture};
use crate::npy::{grey, npy};
use crate::wbimg::Folder;

/// A folder elsewhere, with a mask in it.
fn elsewhere() -> Folder {
    Folder::new().file("secret.npy", npy(&[6, 8], &halves(77)))
}

/// `x.npy`, whose sidecar names this mask, and a healthy `y.npy`.
fn naming(path: &str) -> Folder {
    picture().file("y.npy", grey(2, 3)).file(
        "x.json",
        json!({"masks": {"m": {"path": path}}}).to_string(),
    )
}

/// Holds that only `x.npy` fails, in one line with these words, and that nothing is written for it.
fn assert_refused(folder: &Folder, words: &str) {
    folder
        .convert("x.npy y.npy")
        .converts(&["y_0_….png"])
        .one_error(words)
        .exit(1)
        .check();
}

#[test]
fn an_absolute_path_elsewhere_is_refused_unless_it_is_below_the_media_root() {
    let other = elsewhere();
    let path = other.path("secret.npy");
    let folder = naming(path.to_str().unwrap());
    assert_refused(&folder, "x.npy: x.json: m.path: ");
    folder
        .convert("x.npy y.npy")
        .any_stdout()
        .any_writes()
        .one_error("leads out of .: allow its folder with --media-root")
        .exit(1)
        .check();

    let folder = naming(path.to_str().unwrap());
    folder
        .convert("x.npy y.npy --media-root")
        .arg(other.path("."))
        .converts(&["x_0_….png", "y_0_….png"])
        .also(&[MASK, OVERLAY])
        .check();
}

#[test]
fn a_path_that_climbs_out_is_refused() {
    let other = elsewhere();
    let name = other.path("");
    let name = name.file_name().unwrap().to_str().unwrap();
    // Both are temporary folders, in one parent.
    let folder = naming(&format!("../{name}/secret.npy"));
    assert!(folder.path(format!("../{name}/secret.npy")).is_file());
    assert_refused(&folder, "--media-root");
}

#[test]
fn a_link_that_leads_out_is_refused_whether_it_is_the_file_or_a_folder() {
    let other = elsewhere();
    let folder = naming("link.npy");
    symlink(other.path("secret.npy"), folder.path("link.npy")).unwrap();
    assert_refused(&folder, "--media-root");

    let folder = naming("folder/secret.npy");
    symlink(other.path("."), folder.path("folder")).unwrap();
    assert_refused(&folder, "--media-root");
}

#[test]
fn a_link_that_stays_inside_is_followed() {
    let folder = naming("link.npy").file("deep/ids.npy", npy(&[6, 8], &halves(1)));
    symlink("deep/ids.npy", folder.path("link.npy")).unwrap();
    folder
        .convert("x.npy y.npy")
        .converts(&["x_0_….png", "y_0_….png"])
        .also(&[MASK, OVERLAY])
        .check();
}

#[test]
fn what_lies_beside_the_json_or_below_the_working_directory_is_taken() {
    let ids = npy(&[6, 8], &halves(1));
    // The JSON is elsewhere, and so is its mask.
    let other = Folder::new()
        .file("m.json", r#"{"m":{"path":"ids.npy"}}"#)
        .file("ids.npy", &ids);
    let folder = picture();
    folder
        .convert("x.npy --masks")
        .arg(other.path("m.json"))
        .converts(&["x_0_….png"])
        .also(&[MASK, OVERLAY])
        .check();

    let folder = Folder::new()
        .file("in/x.npy", grey(6, 8))
        .file("in/x.json", r#"{"masks":{"m":{"path":"../ids.npy"}}}"#)
        .file("ids.npy", &ids);
    folder
        .convert("in/x.npy")
        .converts(&["x_0_….png"])
        .also(&[MASK, OVERLAY])
        .check();
}

#[test]
fn a_folder_whose_name_begins_like_an_allowed_one_is_not_allowed() {
    let other = Folder::new()
        .file("in/x.npy", grey(6, 8))
        .file("in/m.json", r#"{"m":{"path":"../in-secret/ids.npy"}}"#)
        .file("in-secret/ids.npy", npy(&[6, 8], &halves(77)));
    let folder = picture();
    folder
        .convert("x.npy --masks")
        .arg(other.path("in/m.json"))
        .one_error("--media-root")
        .exit(2)
        .check();
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = naming("pipe.npy");
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path("pipe.npy"))
        .status();
    assert!(made.unwrap().success());
    folder
        .convert("x.npy y.npy")
        .converts(&["y_0_….png"])
        .one_error("x.json: m.path: \"pipe.npy\" is not a regular file")
        .exit(1)
        .within(Duration::from_secs(10))
        .check();

    let folder = naming("/dev/zero");
    folder
        .convert("x.npy y.npy --media-root /dev")
        .converts(&["y_0_….png"])
        .one_error("x.json: m.path: \"/dev/zero\" is not a regular file")
        .exit(1)
        .within(Duration::from_secs(10))
        .check();
}

#[test]
fn names_that_are_no_files_are_refused_in_one_line() {
    for path in [
        "",
        ".",
        "none.npy",
        "a\u{0}b",
        "x.npy/y",
        "line\nbreak\u{1b}[31m",
        &"n".repeat(5000),
    ] {
        let folder = naming(path);
        assert_refused(&folder, "x.npy: x.json: m.path: ");
    }
}

#[test]
fn what_is_said_of_a_file_elsewhere_is_the_same_whatever_is_in_it() {
    let words = |contents: &[u8]| {
        let other = Folder::new().file("f", contents);
        let folder = naming(other.path("f").to_str().unwrap());
        let outcome = folder
            .convert("x.npy y.npy")
            .any_stdout()
            .any_writes()
            .any_stderr()
            .exit(1)
            .check();
        outcome
            .stderr
            .replace(other.path("f").to_str().unwrap(), "F")
    };
    assert_eq!(words(b"not a mask"), words(&npy(&[6, 8], &halves(1))));
}
