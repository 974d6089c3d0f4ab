//! What goes to which stream, in which words, and the exit status.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::npy::{grey, npy};
use crate::picture::Picture;
use crate::wbimg::{Folder, OUT, fixture, program};

/// A folder with an input that warns and one that fails.
fn trouble() -> Folder {
    Folder::new()
        .file("fine.npy", npy(&[1, 3], &[0u8, 100, 255]))
        .file("nan.npy", npy(&[1, 3], &[0f32, f32::NAN, 1.0]))
        .file("bad.npy", "nonsense")
}

const NAN: &str = "nan.npy: 1 value is NaN, written as 0 [nan]";
const BAD: &str = "bad.npy: neither an array nor an image: it begins with 'nonsense': expected .npy, .npz, .pt, .safetensors, \
                   or a png, jpeg, bmp, gif, webp or tiff file";

#[test]
fn results_go_to_stdout_in_input_order_and_everything_else_to_stderr() {
    let folder = trouble();
    folder
        .convert("fine.npy bad.npy nan.npy -j 4")
        .converts(&["fine_0_….png", "nan_0_….png"])
        .stderr([
            format!("wbimg: error: {BAD}"),
            format!("wbimg: warning: {NAN}"),
        ])
        .exit(1)
        .check();
}

#[test]
fn json_is_a_manifest_row_per_image() {
    let folder = Folder::new()
        .file("a.npy", grey(2, 3))
        .file("b.npy", grey(3, 2))
        .fixture("images/rgb.png");
    let outcome = folder
        .convert("a.npy b.npy rgb.png --json")
        .stdout_is_the_manifest()
        .any_writes()
        .check();
    assert_eq!(outcome.rows(), folder.rows());
}

#[test]
fn json_of_what_was_there_already_is_the_same() {
    let folder = Folder::new().file("a.npy", grey(2, 3));
    for _ in 0..2 {
        folder
            .convert("a.npy --json")
            .stdout_is_the_manifest()
            .any_writes()
            .check();
    }
}

#[test]
fn one_image_may_go_to_stdout_and_nothing_else_is_written() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    let outcome = folder.convert("x.npy -o -").any_stdout().check();
    let picture = Picture::decode_png(&outcome.stdout);
    assert_eq!(
        (picture.mode, picture.samples),
        ("L", vec![0, 1, 2, 3, 4, 5])
    );

    let outcome = folder
        .convert("- -o -")
        .stdin(fixture("images/rgb.jpg"))
        .any_stdout()
        .check();
    assert!(outcome.stdout == fixture("images/rgb.jpg"));
}

#[test]
fn more_than_one_image_does_not_fit_stdout() {
    let folder = Folder::new()
        .file("a.npy", grey(2, 3))
        .file("b.npy", grey(2, 3))
        .fixture("arrays/batch-nhwc.npy");
    for args in [
        "a.npy b.npy -o -",
        "batch-nhwc.npy -o -",
        "a.npy -o - --json",
    ] {
        folder.convert(args).one_error("-o -").exit(2).check();
    }
    folder
        .convert("missing.npy -o -")
        .one_error("missing.npy")
        .exit(1)
        .check();
}

#[test]
fn a_closed_stdout_is_no_failure_and_loses_nothing() {
    let folder = Folder::new();
    let names: Vec<String> = (0..200).map(|n| format!("{n:03}.npy")).collect();
    for name in &names {
        folder.write(name, grey(1, 3));
    }
    let mut child = program()
        .args(["convert", "--json"])
        .args(&names)
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(stderr, "");
    assert_eq!(folder.rows().len(), 200);
}

#[test]
fn closed_streams_do_not_panic() {
    let folder = trouble();
    folder
        .convert("nan.npy bad.npy")
        .through_shell("exec \"$@\" >&- 2>&-")
        .exit(1)
        .any_writes()
        .check();
    assert_eq!(folder.rows().len(), 1);
}

#[test]
fn a_full_stdout_loses_no_conversion() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy")
        .through_shell("exec \"$@\" >/dev/full")
        .one_error("standard output cannot be written: No space left on device")
        .exit(1)
        .any_writes()
        .check();
    assert_eq!(folder.rows().len(), 1);
    folder
        .convert("x.npy -o -")
        .through_shell("exec \"$@\" >/dev/full")
        .one_error("standard output cannot be written: No space left on device")
        .exit(1)
        .check();
}

#[test]
fn quiet_leaves_errors_only() {
    let folder = trouble();
    folder
        .convert("nan.npy nan.npy bad.npy -q")
        .converts(&["nan_0_….png"])
        .stderr([format!("wbimg: error: {BAD}")])
        .exit(1)
        .check();
    assert_eq!(
        folder.rows()[0]["warnings"][0]["code"],
        "nan",
        "the row keeps it"
    );
}

#[test]
fn strict_counts_warnings_that_quiet_hides_but_never_notes() {
    let folder = trouble();
    folder
        .convert("nan.npy -q --strict")
        .converts(&["nan_0_….png"])
        .exit(1)
        .check();
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy x.npy --strict")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: note: x.npy: named more than once, taken once"])
        .check();
}

#[test]
fn verbose_says_what_was_decided() {
    let folder = Folder::new().fixture("arrays/chelsea.npy");
    folder
        .convert("chelsea.npy -v")
        .converts(&["chelsea_0_….png"])
        .stderr([
            "wbimg: note: chelsea.npy: float32 [192, 256, 3] read as hwc, unit to RGB, png image",
        ])
        .check();
}

#[test]
fn color_is_only_there_where_it_was_asked_for() {
    for (args, env, colored) in [
        ("", "", false),
        ("--color auto", "", false),
        ("--color never", "", false),
        ("--color always", "", true),
        ("--color auto", "1", false),
    ] {
        let outcome = trouble()
            .convert(&format!("nan.npy bad.npy {args}"))
            .env("NO_COLOR", env)
            .any_stdout()
            .any_stderr()
            .any_writes()
            .exit(1)
            .check();
        assert_eq!(outcome.stderr.contains('\x1b'), colored, "{args:?}");
    }
}

#[test]
fn an_error_of_usage_is_one_line_without_usage_text() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    for (args, words) in [
        ("convert x.npy --nonsense", "--nonsense"),
        ("convert x.npy --step -1", "-1"),
        ("convert x.npy --step one", "one"),
        ("convert x.npy -j 0", "0"),
        (
            "convert x.npy --shard 3/2",
            "expected I/N with 1 <= I <= N, such as 1/4",
        ),
        (
            "convert x.npy --max-memory lots",
            "expected bytes, or a number with K, M or G, such as 512M",
        ),
        ("convert x.npy -q -v", "cannot be used with"),
        (
            "convert x.npy --layout cwh",
            "auto, hw, hwc, chw, nhw, nhwc, nchw",
        ),
        ("nonsense", "nonsense"),
        ("", "no command was named: see wbimg --help"),
    ] {
        let outcome = folder
            .wbimg()
            .args(args.split_whitespace())
            .one_error(words)
            .exit(2)
            .check();
        assert!(!outcome.stderr.contains("Usage"));
    }
}

#[test]
fn help_and_version_go_to_stdout() {
    for (args, words) in [
        (&["--help"][..], "convert"),
        (&["convert", "--help"], "--range"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ] {
        let outcome = Folder::new().wbimg().args(args).any_stdout().check();
        let text = String::from_utf8(outcome.stdout).unwrap();
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn control_characters_of_names_do_not_reach_the_screen() {
    let name = "a\x1b[2J\nwbimg: error: b.npy";
    let folder = Folder::new().file(name, "nonsense");
    let outcome = folder
        .wbimg()
        .arg("convert")
        .arg(name)
        .one_error("a\\u{1b}[2J\\u{a}wbimg: error: b.npy: neither")
        .exit(1)
        .any_writes()
        .check();
    assert!(!outcome.stderr.contains('\x1b'));
}

#[test]
fn rows_escape_control_characters_as_json_does() {
    let name = "a\x1b\n\"b\".npy";
    let folder = Folder::new().file(name, grey(2, 3));
    folder
        .wbimg()
        .arg("convert")
        .arg(name)
        .args(["--key", "k", "--json"])
        .stdout_is_the_manifest()
        .any_writes()
        .check();
    let text = folder.text(format!("{OUT}/manifest.jsonl"));
    assert_eq!(text.lines().count(), 1);
    assert_eq!(folder.rows()[0]["source"], name);
}

#[test]
fn a_signal_ends_the_run_with_its_number_and_keeps_what_was_finished() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        // Standard input stays open: the second input never comes.
        let mut child = program()
            .args(["convert", "x.npy", "-", "-j", "2"])
            .current_dir(folder.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let images = folder.path(format!("{OUT}/media/images"));
        wait_until(|| images.exists());
        let sent = Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let ended = wait_until(|| child.try_wait().unwrap().is_some());
        if !ended {
            child.kill().unwrap();
        }
        let found = child.wait().unwrap().code();
        assert_eq!(found, Some(status), "ended by itself: {ended}");
        assert_eq!(folder.rows().len(), 1);
    }
}

#[test]
fn a_signal_before_anything_is_written_ends_the_call_with_its_number() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let folder = Folder::new();
        // The list of inputs never ends.
        let mut child = program()
            .args(["convert", "--files0-from", "-"])
            .current_dir(folder.path(""))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // It may not have come to the point yet where it knows better.
        std::thread::sleep(Duration::from_millis(300));
        let pid = child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &pid])
            .status();
        assert!(sent.unwrap().success());
        assert!(wait_until(|| child.try_wait().unwrap().is_some()));
        assert_eq!(child.wait().unwrap().code(), Some(status));
        assert!(!folder.path(OUT).exists());
    }
}

/// Looks again and again for ten seconds at most; whether it came true.
fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
