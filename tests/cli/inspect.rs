//! `wbimg inspect`: what `convert` would do, and why.

use serde_json::{Value, json};

use crate::npy::{grey, npy};
use crate::wbimg::{Folder, json_lines};

/// `wbimg inspect`, with arguments separated by spaces.
fn inspect<'a>(folder: &'a Folder, args: &str) -> crate::wbimg::Wbimg<'a> {
    folder.wbimg().arg("inspect").args(args.split_whitespace())
}

/// The text about an array, without warnings on standard error.
fn text(array: Vec<u8>, args: &str) -> String {
    let folder = Folder::new().file("x.npy", array);
    let outcome = inspect(&folder, &format!("x.npy {args}"))
        .any_stdout()
        .check();
    String::from_utf8(outcome.stdout).unwrap()
}

/// The lines behind a word, joined.
fn field(text: &str, word: &str) -> String {
    let mut lines = text
        .lines()
        .skip_while(|line| line.split_whitespace().next() != Some(word));
    let first = lines.next().unwrap_or_default();
    let more = lines.take_while(|line| line.starts_with("             "));
    let rest = [first]
        .into_iter()
        .chain(more)
        .map(|line| line.get(13..).unwrap_or_default());
    rest.collect::<Vec<_>>().join("\n")
}

/// Every array of `fixtures/`, and what is no array.
fn fixtures() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names = Vec::new();
    for folder in ["arrays", "dtypes", "containers", "images"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if ![".expected", ".md", ".py"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                names.push(format!("{folder}/{name}"));
            }
        }
    }
    names.sort();
    assert!(names.len() > 100, "{}", names.len());
    names
}

#[test]
fn it_agrees_with_convert_on_every_fixture() {
    for name in fixtures() {
        let folder = Folder::new().fixture(&name);
        let file = name.split_once('/').unwrap().1;
        let inspected = inspect(&folder, &format!("{file} --json"))
            .any_stdout()
            .any_stderr()
            .any_exit()
            .check();
        let converted = folder
            .convert(&format!("{file} --json --allow imaginary-dropped"))
            .any_stdout()
            .any_stderr()
            .any_exit()
            .any_writes()
            .check();
        let (ours, theirs) = (inspected.rows(), converted.rows());
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            for field in ["source", "frame", "array", "warnings"] {
                assert_eq!(ours[field], theirs[field], "{name}");
            }
            for field in ["width", "height"] {
                assert_eq!(ours["picture"][field], theirs["media"][field], "{name}");
            }
        }
        let errors = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("wbimg: error"));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(
            errors(&inspected.stderr),
            errors(&converted.stderr),
            "{name}"
        );
        assert_eq!(
            ours.is_empty(),
            !errors(&inspected.stderr).is_empty(),
            "{name}"
        );
    }
}

#[test]
fn an_image_file_has_the_format_and_size_that_convert_records() {
    for name in [
        "rgb.png",
        "rgb.jpg",
        "packed.tiff",
        "moving.gif",
        "turned.jpg",
    ] {
        let folder = Folder::new().fixture(&format!("images/{name}"));
        let outcome = inspect(&folder, &format!("{name} --json"))
            .any_stdout()
            .check();
        folder.convert(name).any_stdout().any_writes().check();
        let (ours, theirs) = (outcome.rows()[0].clone(), folder.rows()[0]["media"].clone());
        for field in ["format", "width", "height"] {
            assert_eq!(ours["picture"][field], theirs[field], "{name}");
        }
        assert_eq!(
            (&ours["array"], &ours["picture"]["mode"]),
            (&Value::Null, &Value::Null)
        );
    }
}

#[test]
fn what_convert_notes_inspect_notes() {
    let notes = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("wbimg: note"));
        lines.map(str::to_owned).collect()
    };
    let folder = Folder::new().fixture("containers/stored.npz");
    let converted = folder
        .convert("stored.npz")
        .any_stdout()
        .any_stderr()
        .any_writes()
        .check();
    let inspected = inspect(&folder, "stored.npz")
        .any_stdout()
        .any_stderr()
        .check();
    assert_eq!(notes(&converted.stderr).len(), 3);
    let said = inspected.stderr + &String::from_utf8(inspected.stdout).unwrap();
    for name in ["labels", "scalar", "text"] {
        assert!(said.contains(&format!("stored.npz:{name}")), "{said}");
    }
}

#[test]
fn a_whole_page_is_as_the_readme_shows_it() {
    let folder = Folder::new().fixture("arrays/chelsea.npy");
    let page = "chelsea.npy\n\
        \x20 array      .npy, float32 [192, 256, 3]\n\
        \x20 axes       hwc: height, width, channel: the last axis has 3 (192 high, 256 wide)\n\
        \x20 values     0.00348123 to 0.874439, mean 0.4476; no NaN, no infinity\n\
        \x20            ▁▁▂▂▂▂▃▃▄▅▅▆▆▇▇█████▇▇▇▅▅▄▃▂▁▁▁▁\n\
        \x20 branch     unit: x * 255: 0 is black, 1 is white\n\
        \x20 because    every value is in [0, 1] (0.00348123 to 0.874439)\n\
        \x20 picture    256×192 RGB, png\n\
        \x20 otherwise  --no-normalize takes the values as 0..255\n\
        \x20            --layout says which axis is which\n";
    inspect(&folder, "chelsea.npy").stdout(page).check();
}

#[test]
fn each_branch_is_told_with_its_reason() {
    let floats = |values: &[f32]| npy(&[1, values.len()], values);
    for (array, args, branch, because) in [
        (
            floats(&[0.0, 0.5, 1.0]),
            "",
            "unit: x * 255: 0 is black, 1 is white",
            "every value is in [0, 1] (0 to 1)",
        ),
        (
            floats(&[-1.0, 0.5]),
            "",
            "signed: 127.5 * (x + 1): -1 is black, 0 mid-grey, 1 white",
            "some values are below 0, and all are in [-1, 1] (-1 to 0.5)",
        ),
        (
            floats(&[0.0, 200.0]),
            "",
            "clip: x cut to 0..255: 0 is black, 255 is white",
            "some values are outside [-1, 1] (0 to 200)",
        ),
        (
            floats(&[0.0, 200.0]),
            "--no-normalize",
            "off: x cut to 0..255: 0 is black, 255 is white",
            "--no-normalize was given",
        ),
        (
            floats(&[0.0, 200.0]),
            "--range=-100:200",
            "range: -100 is black, 200 is white",
            "--range was given",
        ),
    ] {
        let text = text(array, args);
        assert_eq!(field(&text, "branch"), branch);
        assert_eq!(field(&text, "because"), because);
    }
}

#[test]
fn each_surprise_is_told() {
    for (array, word, told) in [
        (
            npy(&[1, 3], &[0u8, 1, 1]),
            "note",
            "every value is 0 or 1, so 1 becomes 255, white",
        ),
        (npy(&[1, 3], &[0f32; 3]), "note", "every value is 0: black"),
        (
            npy(&[1, 4], &[0i64, 3, 7, 20]),
            "note",
            "whole numbers up to 20 of 255 make a nearly black picture; class ids are better passed as a mask \
             (--masks), or shown with --range=0:20 --colormap turbo",
        ),
        (
            npy(&[1, 3], &[0u16, 100, 4000]),
            "note",
            "values above 255 are all white; --range=0:65535 shows all of uint16",
        ),
        (
            npy(&[1, 2], &[f32::NAN; 2]),
            "note",
            "no value is a finite number, so the picture is black",
        ),
        (
            npy(&[3, 2, 5], &[9u8; 30]),
            "axes",
            "chw: channel, height, width: the first axis has 3 (2 high, 5 wide); a guess, since no axis has channels \
             where they usually are",
        ),
        (npy(&[1, 3], &[0u16, 100, 4000]), "cut", "1 of 3 values"),
        (
            npy(&[1, 3], &[0f32, f32::NAN, f32::INFINITY]),
            "values",
            "0 to 0, mean 0.0000; 1 NaN, 1 infinity\n",
        ),
    ] {
        let text = text(array, "");
        let found = field(&text, word);
        assert!(found.contains(told.trim_end()), "{word}: {found}\n{text}");
    }
    let text = text(npy(&[1, 2], &[0f32, 1.5]), "");
    assert!(field(&text, "warning").contains("[near-black]"), "{text}");
}

#[test]
fn healthy_arrays_have_no_note_and_no_warning() {
    for array in [
        npy(&[1, 3], &[0u8, 100, 200]),
        npy(&[1, 3], &[0f32, 0.5, 1.0]),
        npy(&[1, 2], &[true, false]),
    ] {
        let text = text(array, "");
        assert_eq!(
            (field(&text, "note"), field(&text, "warning")),
            Default::default(),
            "{text}"
        );
    }
}

#[test]
fn frames_and_named_arrays_are_told_one_after_the_other() {
    let folder = Folder::new()
        .fixture("arrays/batch-nhwc.npy")
        .fixture("containers/stored.npz");
    let heads = |args: &str| -> Vec<String> {
        let outcome = inspect(&folder, args).any_stdout().any_stderr().check();
        let text = String::from_utf8(outcome.stdout).unwrap();
        let blocks = text.split("\n\n");
        blocks
            .map(|block| block.lines().next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        heads("batch-nhwc.npy --frames 1:"),
        ["batch-nhwc.npy[1]", "batch-nhwc.npy[2]"]
    );
    assert_eq!(
        heads("stored.npz --select *a*h --frames :2"),
        ["stored.npz:batch[0]", "stored.npz:batch[1]"]
    );
    assert_eq!(heads("stored.npz --select a/b"), ["stored.npz:a/b"]);
}

#[test]
fn errors_are_those_of_an_input_and_the_others_go_on() {
    let folder = Folder::new()
        .file("bad.npy", npy(&[5], &[1u8; 5]))
        .file("x.npy", grey(2, 3));
    let outcome = inspect(&folder, "bad.npy none.npy x.npy")
        .any_stdout()
        .any_stderr()
        .exit(1)
        .check();
    assert!(outcome.stdout.starts_with(b"x.npy\n"));
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert!(
        lines.len() == 2 && lines[0].starts_with("wbimg: error: bad.npy: shape [5] "),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("wbimg: error: none.npy: "),
        "{lines:?}"
    );
}

#[test]
fn errors_of_usage_are_those_of_convert() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    inspect(&folder, "")
        .one_error("no input was named")
        .exit(2)
        .check();
    inspect(&folder, "x.npy --json --preview")
        .one_error("cannot be used with")
        .exit(2)
        .check();
    inspect(&folder, "x.npy --mode CMYK")
        .one_error("CMYK")
        .exit(2)
        .check();
    inspect(&folder, "x.npy --boxes none.json")
        .one_error("--boxes none.json: cannot be read")
        .exit(2)
        .check();
}

#[test]
fn a_preview_off_a_terminal_is_in_half_blocks() {
    let folder = Folder::new().file("x.npy", npy(&[3, 2], &[10u8, 20, 30, 40, 50, 60]));
    let outcome = inspect(&folder, "x.npy --preview").any_stdout().check();
    let text = String::from_utf8(outcome.stdout).unwrap();
    let cell = |top: u8, below: Option<u8>| match below {
        Some(b) => format!("\x1b[38;2;{top};{top};{top}m\x1b[48;2;{b};{b};{b}m▀"),
        None => format!("\x1b[38;2;{top};{top};{top}m\x1b[49m▀"),
    };
    let expected = format!(
        "{}{}\x1b[0m\n{}{}\x1b[0m\n",
        cell(10, Some(30)),
        cell(20, Some(40)),
        cell(50, None),
        cell(60, None)
    );
    assert!(text.ends_with(&expected), "{text:?}");
    assert!(text.starts_with("x.npy\n  array "), "{text:?}");
}

#[test]
fn without_a_preview_there_is_no_escape_sequence() {
    assert!(!text(grey(6, 8), "").contains('\x1b'));
}

#[test]
fn a_large_preview_fits_a_terminal() {
    let folder = Folder::new()
        .fixture("images/rgb.jpg")
        .fixture("arrays/chelsea.npy");
    for input in ["rgb.jpg", "chelsea.npy"] {
        let outcome = inspect(&folder, &format!("{input} --preview"))
            .any_stdout()
            .check();
        let text = String::from_utf8(outcome.stdout).unwrap();
        let rows: Vec<usize> = text
            .lines()
            .filter(|line| line.contains('▀'))
            .map(|line| line.matches('▀').count())
            .collect();
        assert_eq!((rows.len(), rows[0]), (24, 64), "{input}");
    }
}

#[test]
fn json_is_a_line_per_picture_with_its_own_names() {
    let folder = Folder::new().file("x.npy", npy(&[1, 2], &[0f32, 1.5]));
    let outcome = inspect(&folder, "x.npy x.npy --json")
        .any_stdout()
        .any_stderr()
        .check();
    let rows = json_lines(std::str::from_utf8(&outcome.stdout).unwrap());
    assert_eq!(rows.len(), 1, "named twice, told once");
    let names: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "source",
            "frame",
            "container",
            "array",
            "values",
            "reasons",
            "picture",
            "layers",
            "warnings",
            "notes",
            "otherwise"
        ]
    );
    assert_eq!(rows[0]["values"]["count"], 2);
    assert_eq!(
        rows[0]["picture"],
        json!({"mode": "L", "format": "png", "width": 2, "height": 1})
    );
}

#[test]
fn layers_and_what_fits_badly_in_them_are_told_as_convert_tells_them() {
    let boxes = r#"{"boxes":{"p":{"box_data":[
        {"position":{"minX":0,"maxX":1.5,"minY":0,"maxY":1},"class_id":1}]}},
        "masks":{"m":{"mask_data":[[0,1,1],[0,0,1]]}}}"#;
    let folder = Folder::new()
        .file("x.npy", grey(2, 3))
        .file("x.json", boxes);
    let outcome = inspect(&folder, "x.npy").any_stdout().check();
    let text = String::from_utf8(outcome.stdout).unwrap();
    assert_eq!(field(&text, "layer"), "p: 1 box\nm: a mask of 2 classes");
    assert!(field(&text, "warning").ends_with("[box-outside]"), "{text}");
    let outcome = inspect(&folder, "x.npy --json").any_stdout().check();
    let told = json_lines(std::str::from_utf8(&outcome.stdout).unwrap());
    folder
        .convert("x.npy")
        .any_stdout()
        .any_stderr()
        .any_writes()
        .check();
    assert_eq!(told[0]["warnings"], folder.rows()[0]["warnings"]);
}
