//! Files that torch, safetensors and NumPy wrote become the same pictures as the `.npy` files that NumPy wrote
//! of what those libraries read in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::run::{convert, fixture};

/// The arrays of a `.expected` file, by name, as `.npy` files.
fn expected(name: &str) -> BTreeMap<String, Vec<u8>> {
    let bytes = std::fs::read(fixture(name)).unwrap();
    let mut rest = &bytes[..];
    let line = |rest: &mut &[u8]| {
        let end = rest.iter().position(|&b| b == b'\n').unwrap();
        let text = std::str::from_utf8(&rest[..end]).unwrap().to_owned();
        *rest = &rest[end + 1..];
        text
    };
    let mut arrays = BTreeMap::new();
    while !rest.is_empty() {
        let name = line(&mut rest);
        let len: usize = line(&mut rest).parse().unwrap();
        let (npy, after) = rest.split_at(len);
        arrays.insert(name, npy.to_vec());
        rest = after;
    }
    arrays
}

/// The array and the number that a row's frame names.
fn place(row: &Value) -> (String, Option<u64>) {
    match &row["frame"] {
        Value::Null => (String::new(), None),
        Value::Number(n) => (String::new(), n.as_u64()),
        frame => {
            let text = frame.as_str().unwrap();
            match text
                .strip_suffix(']')
                .and_then(|text| text.rsplit_once('['))
            {
                Some((name, n)) => (name.to_owned(), n.parse().ok()),
                None => (text.to_owned(), None),
            }
        }
    }
}

/// Converts a fixture and compares its pictures. Gives the names that were passed over.
#[track_caller]
fn compare(file: &str, expectation: &str) -> BTreeSet<String> {
    let arrays = expected(expectation);
    let run = convert(&fixture(file), &["--range", "batch"]);
    assert_eq!(run.code, Some(0), "{file}: {}", run.stderr);
    let mut rows: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for row in &run.rows {
        rows.entry(place(row).0).or_default().push(row);
    }
    let folder = tempfile::tempdir().unwrap();
    let npy = folder.path().join("x.npy");
    for (name, rows) in &rows {
        let array = &arrays
            .get(name)
            .unwrap_or_else(|| panic!("{file}: {name} is unexpected"));
        std::fs::write(&npy, array).unwrap();
        let layout = rows[0]["array"]["layout"].as_str().unwrap();
        let wanted = convert(&npy, &["--range", "batch", "--layout", layout]);
        assert_eq!(rows.len(), wanted.rows.len(), "{file}: {name}");
        for (found, wanted) in rows.iter().zip(&wanted.rows) {
            assert_eq!(place(found).1, place(wanted).1, "{file}: {name}");
            assert_eq!(
                found["media"]["sha256"], wanted["media"]["sha256"],
                "{file}: {name}"
            );
            for fact in ["shape", "min", "max", "nan", "inf", "rescale", "mode"] {
                assert_eq!(
                    found["array"][fact], wanted["array"][fact],
                    "{file}: {name} {fact}"
                );
            }
            let (found, wanted) = (&found["array"]["dtype"], &wanted["array"]["dtype"]);
            assert!(found == wanted || (found == "bfloat16" && wanted == "float32"));
        }
    }
    let passed_over: BTreeSet<String> = arrays
        .into_keys()
        .filter(|name| !rows.contains_key(name))
        .collect();
    for name in &passed_over {
        let note = format!("{name}: passed over: ");
        assert!(run.stderr.contains(&note), "{file}: {name}: {}", run.stderr);
    }
    passed_over
}

#[track_caller]
fn same(name: &str) -> Vec<String> {
    let stem = Path::new(name).with_extension("expected");
    compare(name, stem.to_str().unwrap()).into_iter().collect()
}

#[test]
fn tensors_of_both_torch_versions_are_read_bare_nested_strided_and_in_every_protocol() {
    for version in ["", "old_"] {
        for name in [
            "bare",
            "batch",
            "bf16",
            "f16",
            "parameter",
            "views",
            "legacy_bare",
        ] {
            assert_eq!(same(&format!("{version}{name}.pt")), [] as [String; 0]);
        }
        assert_eq!(
            same(&format!("{version}state_dict.pt")),
            ["0.bias", "1.bias"]
        );
        for protocol in 2..=5 {
            for form in ["nested", "legacy"] {
                let name = format!("{version}{form}_p{protocol}.pt");
                assert_eq!(same(&name), ["label", "labels"]);
            }
        }
    }
}

#[test]
fn every_element_type_is_read() {
    for name in [
        "dtypes.pt",
        "dtypes_v3.pt",
        "attributed.pt",
        "torchvision.pt",
        "no_crc.pt",
    ] {
        assert_eq!(same(name), [] as [String; 0]);
    }
    assert_eq!(same("tensors.safetensors"), ["labels", "scalar"]);
}

#[test]
fn npz_is_read_stored_deflated_and_streamed() {
    for name in ["stored.npz", "deflated.npz"] {
        let passed_over = compare(name, "arrays.expected");
        assert_eq!(
            passed_over.into_iter().collect::<Vec<_>>(),
            ["labels", "scalar"]
        );
    }
    assert_eq!(same("streamed.npz"), [] as [String; 0]);
}

#[test]
fn a_bare_tensor_has_no_name_and_a_named_one_always_has() {
    let frames = |name| convert(&fixture(name), &[]).frames();
    assert_eq!(frames("bare.pt"), ["null"]);
    assert_eq!(frames("batch.pt"), ["0", "1", "2", "3"]);
    assert_eq!(frames("no_crc.pt"), ["\"a\""]);
    let nested = ["7", "list.0", "list.1.0", "x.mask", "x.y"].map(|name| format!("{name:?}"));
    let mut found = frames("nested_p2.pt");
    found.sort();
    assert_eq!(found, nested);
}

#[test]
fn tensors_that_are_no_pictures_are_passed_over_with_the_reason() {
    let run = convert(&fixture("others.pt"), &[]);
    assert_eq!(
        (run.code, run.frames()),
        (Some(0), vec!["\"good\"".to_owned()])
    );
    for note in [
        "others.pt:float8: passed over: it holds elements of type float8_e4m3fn",
        "others.pt:sparse: passed over: it holds a sparse tensor",
        "others.pt:quantized: passed over: it holds a quantized tensor",
        "others.pt:negative: passed over: it holds a negated or conjugated view",
        "others.pt:meta: passed over: it holds a tensor without data",
        "others.pt:empty: passed over: shape [0, 4, 5] has an axis of length 0",
    ] {
        assert!(run.stderr.contains(note), "{note}\n{}", run.stderr);
    }
    let run = convert(&fixture("objects.npz"), &[]);
    assert_eq!(
        (run.code, run.frames()),
        (Some(0), vec!["\"good\"".to_owned()])
    );
    assert!(
        run.stderr
            .contains("objects.npz:objects: passed over: it holds Python objects")
    );
}

#[test]
fn modules_and_other_pickles_are_refused_by_name() {
    for (name, says) in [
        (
            "module.pt",
            "its pickle refers to torch.nn.modules.linear.Linear, which is no part of tensors",
        ),
        (
            "numpy_inside.pt",
            "its pickle refers to numpy._core.multiarray._reconstruct",
        ),
        (
            "plain.pickle.pt",
            "a pickle, which could run code when it is opened, is not read: save the array with",
        ),
    ] {
        let run = convert(&fixture(name), &[]);
        assert_eq!((run.code, run.rows.len()), (Some(1), 0));
        assert_eq!(run.stderr.lines().count(), 1);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn one_key_per_named_array_unless_a_key_was_given() {
    let keys = |options: &[&str]| {
        let run = convert(&fixture("stored.npz"), options);
        let keys = run
            .rows
            .iter()
            .map(|row| row["key"].as_str().unwrap().to_owned());
        keys.collect::<BTreeSet<String>>()
    };
    let each = [
        "stored/a/b",
        "stored/batch",
        "stored/big_endian",
        "stored/fortran",
        "stored/hwc",
    ];
    assert_eq!(keys(&[]), BTreeSet::from(each.map(str::to_owned)));
    assert_eq!(keys(&["--key", "k"]), BTreeSet::from(["k".to_owned()]));
}

#[test]
fn what_is_wanted_on_standard_output_may_be_the_only_picture_of_a_container() {
    let output = assert_cmd::Command::cargo_bin("wbimg")
        .unwrap()
        .args(["convert", "-o", "-", "-"])
        .pipe_stdin(fixture("no_crc.pt"))
        .unwrap()
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(output.stdout.starts_with(b"\x89PNG"));
}
