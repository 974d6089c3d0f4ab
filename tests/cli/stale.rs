//! Pictures that an input does not have any more.

use serde_json::Value;

use crate::npy::npy;
use crate::wbimg::{Folder, OUT};

fn batch(frames: usize) -> Vec<u8> {
    let values: Vec<u8> = (0u8..=255).cycle().take(frames * 12).collect();
    npy(&[frames, 2, 2, 3], &values)
}

/// What is left after a call, by key and frame.
fn rows_after(folder: &Folder, args: &str) -> Vec<(String, Value)> {
    let call = folder.convert(args).any_stdout().any_stderr().any_writes();
    call.check();
    let rows = folder.rows();
    rows.iter()
        .map(|row| {
            (
                row["key"].as_str().unwrap().to_owned(),
                row["frame"].clone(),
            )
        })
        .collect()
}

fn frames(folder: &Folder, args: &str) -> Vec<Value> {
    let rows = rows_after(folder, args);
    rows.into_iter().map(|(_, frame)| frame).collect()
}

#[test]
fn frames_that_are_gone_have_no_rows() {
    let folder = Folder::new()
        .file("x.npy", batch(4))
        .file("y.npy", batch(2));
    assert_eq!(rows_after(&folder, "x.npy y.npy").len(), 6);
    folder.write("x.npy", batch(2));
    assert_eq!(rows_after(&folder, "x.npy").len(), 4);
    assert_eq!(folder.history()[0]["x"]["count"], 2);
    // One picture instead of a batch.
    folder.write("x.npy", npy(&[2, 2, 3], &[7u8; 12]));
    let rows = rows_after(&folder, "x.npy");
    assert_eq!(rows[0], ("x".to_owned(), Value::Null));
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_part_of_an_input_leaves_the_rest_alone() {
    let folder = Folder::new().file("x.npy", batch(4));
    assert_eq!(frames(&folder, "x.npy"), [0, 1, 2, 3]);
    assert_eq!(
        frames(&folder, "x.npy --frames 1:2 --caption a"),
        [0, 1, 2, 3]
    );
    assert_eq!(folder.rows()[1]["media"]["caption"], "a");
    for other in ["--key other", "--step 7"] {
        let count = frames(&folder, "x.npy").len();
        let more = frames(&folder, &format!("x.npy {other}")).len();
        assert_eq!(more, count + 4, "{other}");
    }
}

#[test]
fn a_call_that_makes_nothing_sees_what_is_gone() {
    let folder = Folder::new().file("x.npy", batch(4));
    assert_eq!(frames(&folder, "x.npy"), [0, 1, 2, 3]);
    folder.write("x.npy", batch(2));
    std::thread::sleep(std::time::Duration::from_millis(60));
    // All frames there are, but not as many as there were: the others may be wanted.
    assert_eq!(frames(&folder, "x.npy --frames :"), [0, 1, 2, 3]);
    assert_eq!(frames(&folder, "x.npy"), [0, 1]);
}

#[test]
fn an_input_that_fails_keeps_its_rows() {
    let folder = Folder::new().file("x.npy", batch(4));
    assert_eq!(frames(&folder, "x.npy"), [0, 1, 2, 3]);
    folder.write("x.npy", "nonsense");
    folder
        .convert("x.npy")
        .one_error("neither an array nor an image")
        .exit(1)
        .any_writes()
        .check();
    assert_eq!(folder.rows().len(), 4);
}

#[test]
fn arrays_that_left_a_container_have_no_rows() {
    let tensors = |names: &[&str]| {
        let entries: Vec<String> = (0..)
            .zip(names)
            .map(|(n, name)| {
                let (start, end) = (n * 12, n * 12 + 12);
                format!(
                    r#""{name}":{{"dtype":"U8","shape":[3,2,2],"data_offsets":[{start},{end}]}}"#
                )
            })
            .collect();
        let header = format!("{{{}}}", entries.join(","));
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], header.as_bytes(), &vec![9; names.len() * 12]].concat()
    };
    for key in ["", "--key k"] {
        let folder = Folder::new()
            .file("x.safetensors", tensors(&["a", "b", "c"]))
            .file("x/b.npy", batch(1));
        assert_eq!(
            rows_after(&folder, &format!("x.safetensors {key}")).len(),
            3
        );
        rows_after(&folder, "x/b.npy --key x/b");
        folder.write("x.safetensors", tensors(&["a", "c"]));
        let select = format!("x.safetensors {key} --select a");
        assert_eq!(rows_after(&folder, &select).len(), 4);
        let rows = rows_after(&folder, &format!("x.safetensors {key}"));
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert!(
            !folder
                .text(format!("{OUT}/manifest.jsonl"))
                .contains(r#""frame":"b""#)
        );
    }
}
