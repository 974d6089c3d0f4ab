//! `--frames`, `--select`, `--colormap` and `--bgr`; and that the help and the manual fit a terminal.

use serde_json::{Value, json};

use crate::npy::npy;
use crate::picture::Picture;
use crate::wbimg::{Folder, fixture};

/// The rows of `x.npy`, whatever it is, with these arguments.
fn rows(file: &str, args: &str) -> (Folder, Vec<Value>) {
    let folder = Folder::new().fixture(file);
    let name = file.rsplit('/').next().unwrap();
    folder
        .convert(&format!("{name} {args}"))
        .any_stdout()
        .any_stderr()
        .any_writes()
        .check();
    let rows = folder.rows();
    (folder, rows)
}

#[test]
fn frames_are_taken_as_python_slices_and_keep_their_numbers() {
    for (slice, expected) in [
        ("1", json!([1])),
        ("-1", json!([2])),
        ("1:", json!([1, 2])),
        (":2", json!([0, 1])),
        ("::2", json!([0, 2])),
        ("-2:-1", json!([1])),
        ("0:99", json!([0, 1, 2])),
    ] {
        let (_, rows) = rows("arrays/batch-nhwc.npy", &format!("--frames {slice}"));
        let frames: Vec<Value> = rows.iter().map(|row| row["frame"].clone()).collect();
        assert_eq!(json!(frames), expected, "{slice}");
    }
}

#[test]
fn a_slice_that_takes_nothing_or_is_none_is_refused() {
    let folder = Folder::new().fixture("arrays/batch-nhwc.npy");
    folder
        .convert("batch-nhwc.npy --frames 5:")
        .one_error("5: takes none of its 3 frames")
        .any_writes()
        .exit(1)
        .check();
    for slice in ["x", "1:2:0", "::-1", "1:2:3:4"] {
        let folder = Folder::new().fixture("arrays/batch-nhwc.npy");
        let call = folder.convert(&format!("batch-nhwc.npy --frames={slice}"));
        call.one_error("--frames").exit(2).check();
    }
}

#[test]
fn named_arrays_are_selected_by_pattern() {
    for (pattern, expected) in [
        ("hwc", json!(["hwc"])),
        ("*r*n*", json!(["fortran"])),
        ("a/?", json!(["a/b"])),
        (
            "batch",
            json!(["batch[0]", "batch[1]", "batch[2]", "batch[3]"]),
        ),
    ] {
        let (_, rows) = rows("containers/stored.npz", &format!("--select {pattern}"));
        let mut frames: Vec<String> = rows
            .iter()
            .map(|row| row["frame"].as_str().unwrap().to_owned())
            .collect();
        frames.sort();
        assert_eq!(json!(frames), expected, "{pattern}");
    }
    let folder = Folder::new().fixture("containers/stored.npz");
    folder
        .convert("stored.npz --select none")
        .one_error("stored.npz: ")
        .any_writes()
        .exit(1)
        .check();
}

#[test]
fn colormaps_are_those_of_matplotlib() {
    for name in ["viridis", "magma", "inferno", "turbo", "gray"] {
        let (folder, rows) = rows("colormaps/ramp.npy", &format!("--colormap {name}"));
        assert_eq!(rows[0]["array"]["colormap"], name);
        let picture = folder.picture(&rows[0]);
        let colors = fixture(&format!("colormaps/{name}.npy"));
        assert_eq!(picture.mode, "RGB", "{name}");
        assert!(
            picture.samples == colors[colors.len() - 3 * 256..],
            "{name}"
        );
    }
}

#[test]
fn a_colormap_colours_after_the_rescaling() {
    let folder = Folder::new().file("x.npy", npy(&[1, 3], &[0f32, 6.0, 12.0]));
    folder
        .convert("x.npy --range 0:12 --colormap viridis")
        .converts(&["x_0_….png"])
        .check();
    let picture = folder.picture(&folder.rows()[0]);
    let table = fixture("colormaps/viridis.npy");
    let table = &table[table.len() - 3 * 256..];
    let color = |n: usize| &table[3 * n..3 * n + 3];
    assert_eq!(picture.samples, [color(0), color(127), color(255)].concat());
}

#[test]
fn a_colormap_for_colours_changes_nothing_but_a_note() {
    let folder = Folder::new().file("x.npy", npy(&[1, 1, 3], &[10u8, 20, 30]));
    folder
        .convert("x.npy --colormap turbo --strict")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: note: x.npy: --colormap is for arrays of one channel; this one has 3"])
        .check();
    let row = folder.rows()[0].clone();
    assert_eq!(row["array"].get("colormap"), None);
    assert_eq!(folder.picture(&row).samples, [10, 20, 30]);
}

#[test]
fn an_unknown_colormap_is_refused_with_those_that_there_are() {
    let folder = Folder::new().file("x.npy", npy(&[1, 2], &[0u8, 9]));
    folder
        .convert("x.npy --colormap jet")
        .one_error("viridis, magma, inferno, turbo, gray")
        .exit(2)
        .check();
}

#[test]
fn bgr_turns_the_channels_round_and_is_recorded() {
    for (channels, expected) in [(3, vec![30, 20, 10]), (4, vec![30, 20, 10, 40])] {
        let values = [10u8, 20, 30, 40];
        let folder = Folder::new().file("x.npy", npy(&[1, 1, channels], &values[..channels]));
        folder
            .convert("x.npy --bgr")
            .converts(&["x_0_….png"])
            .check();
        let row = folder.rows()[0].clone();
        assert_eq!(row["array"]["channels"], "bgr");
        assert_eq!(folder.picture(&row).samples, expected);
        let plain = folder
            .convert("x.npy -o plain")
            .any_stdout()
            .any_writes()
            .check();
        assert!(!plain.stdout.is_empty());
        let manifest = folder.text("plain/manifest.jsonl");
        assert!(!manifest.contains("bgr"), "{manifest}");
    }
}

#[test]
fn overlays_are_drawn_on_the_picture_that_choices_made() {
    let folder = Folder::new()
        .file("x.npy", npy(&[6, 8, 3], &[10u8, 20, 30].repeat(48)))
        .file("b.json", r#"{"p":{"box_data":[]}}"#);
    folder
        .convert("x.npy --bgr --boxes b.json")
        .any_stdout()
        .any_writes()
        .check();
    let overlay = folder.file_of(&folder.rows()[0]["overlay"]);
    assert_eq!(Picture::decode_png(&overlay).samples[..3], [30, 20, 10]);
}

#[test]
fn help_fits_eighty_columns() {
    for args in [
        "--help",
        "-h",
        "convert --help",
        "convert -h",
        "inspect --help",
        "man --help",
        "completions --help",
    ] {
        let folder = Folder::new();
        let outcome = folder
            .wbimg()
            .args(args.split(' '))
            .env("COLUMNS", "200")
            .any_stdout()
            .check();
        let text = String::from_utf8(outcome.stdout).unwrap();
        assert!(text.lines().count() > 3, "{args}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{args}: {line}");
        }
    }
}

#[test]
fn the_manual_has_every_option_and_no_line_that_is_too_long_for_the_terminal() {
    let folder = Folder::new();
    let manual = folder.wbimg().arg("man").any_stdout().check();
    let manual = String::from_utf8(manual.stdout).unwrap().replace('\\', "");
    assert!(manual.contains(".TH wbimg 1"), "{manual:.200}");
    for command in ["convert", "inspect"] {
        let help = folder
            .wbimg()
            .args([command, "--help"])
            .any_stdout()
            .check();
        let help = String::from_utf8(help.stdout).unwrap();
        let lines = help.lines().map(str::trim_start);
        let options = lines
            .filter(|line| line.starts_with('-'))
            .flat_map(str::split_whitespace)
            .filter(|word| word.starts_with("--"))
            .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()));
        assert!(options.clone().count() > 20, "{command}");
        for option in options {
            assert!(manual.contains(option), "{option}");
        }
    }
    // Filled text is broken by the reader of the page; lines that are kept as they are must be short.
    let mut kept = false;
    for line in manual.lines() {
        match line.trim() {
            ".nf" | ".EX" => kept = true,
            ".fi" | ".EE" => kept = false,
            text if kept => assert!(text.chars().count() <= 73, "{text}"),
            _ => {}
        }
    }
}
