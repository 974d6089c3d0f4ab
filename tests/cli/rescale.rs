//! From numbers to bytes: the three branches, `--no-normalize`, `--range`, and a batch as one.

use serde_json::Value;

use crate::npy::npy;
use crate::wbimg::{Folder, fixture};

/// Samples and row of a one-row picture with these values; warnings are looked at elsewhere.
fn convert(values: &[f32], args: &str) -> (Vec<u8>, Value) {
    let folder = Folder::new().file("x.npy", npy(&[1, values.len()], values));
    folder
        .convert(&format!("x.npy {args}"))
        .converts(&["x_0_….png"])
        .any_stderr()
        .check();
    let row = folder.rows().remove(0);
    (folder.picture(&row).samples, row)
}

#[test]
fn the_three_branches_truncate_and_never_round() {
    for (values, name, expected) in [
        (&[0.0, 0.5, 0.999, 1.0][..], "unit", &[0, 127, 254, 255][..]),
        (
            &[-1.0, -0.5, 0.0, 0.999, 1.0],
            "signed",
            &[0, 63, 127, 254, 255],
        ),
        (
            &[-3.0, 0.9, 12.9, 255.0, 300.0],
            "clip",
            &[0, 0, 12, 255, 255],
        ),
        (&[-0.0, 1.0], "unit", &[0, 255]),
    ] {
        let (samples, row) = convert(values, "");
        assert_eq!(row["array"]["rescale"], name);
        assert_eq!(samples, expected, "{values:?}");
    }
}

/// As many values as are shared among threads.
const MANY: usize = 1_200_000;

#[test]
fn the_value_that_decides_may_be_the_last_of_many() {
    for (last, name, first_byte, last_byte) in [
        (1.0, "unit", 127, 255),
        (-0.5, "signed", 191, 63),
        (2.5, "clip", 0, 2),
        (f32::NAN, "unit", 127, 0),
    ] {
        let mut values = vec![0.5; MANY];
        values[MANY - 1] = last;
        for threads in ["-j 1", "-j 3"] {
            let (samples, row) = convert(&values, threads);
            assert_eq!(row["array"]["rescale"], name);
            let (last_found, others) = samples.split_last().unwrap();
            assert!(others.iter().all(|&byte| byte == first_byte), "{last}");
            assert_eq!((others.len(), *last_found), (MANY - 1, last_byte), "{last}");
        }
    }
}

#[test]
fn clipped_values_are_counted_wherever_they_are() {
    let mut values = vec![100.0; MANY];
    for place in [0, MANY / 2, MANY - 2, MANY - 1] {
        values[place] = 300.0;
    }
    for threads in ["-j 1", "-j 3"] {
        let (_, row) = convert(&values, threads);
        let message = row["warnings"][0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("4 of {MANY}")), "{message}");
    }
}

#[test]
fn not_normalised_values_are_clipped_and_do_not_wrap_around() {
    let (samples, row) = convert(&[-1.0, 0.0, 1.9, 255.0, 256.0, 1e9], "--no-normalize");
    assert_eq!(row["array"]["rescale"], "off");
    assert_eq!(samples, [0, 0, 1, 255, 255, 255]);
}

#[test]
fn a_range_maps_its_ends_to_black_and_white_however_it_is_written() {
    for args in ["--range=-1:1", "--range -1:1", "--range -1.0:1e0"] {
        let (samples, row) = convert(&[-2.0, -1.0, 0.0, 1.0, 2.0], args);
        assert_eq!(row["array"]["rescale"], "range");
        assert_eq!(samples, [0, 0, 127, 255, 255], "{args}");
    }
    assert_eq!(
        convert(&[0.0, 2000.0, 4000.0], "--range 0:4000").0,
        [0, 127, 255]
    );
    assert_eq!(
        convert(&[0.0, 1.0], "--range 1:0").0,
        [255, 0],
        "a negative"
    );
}

#[test]
fn a_range_that_is_none_is_refused() {
    for (range, words) in [
        ("1:1", "1:1 is not a range of two different finite numbers"),
        (
            "0:inf",
            "0:inf is not a range of two different finite numbers",
        ),
        ("nan:1", "is not a range of two different finite numbers"),
        (
            "5",
            "expected two numbers as LO:HI, such as 0:1 or -1:1, or 'batch'",
        ),
        ("a:b", "expected two numbers as LO:HI"),
        ("1:2:3", "expected two numbers as LO:HI"),
    ] {
        let folder = Folder::new().file("x.npy", npy(&[1, 2], &[0f32, 1.0]));
        folder
            .convert(&format!("x.npy --range {range}"))
            .one_error(words)
            .exit(2)
            .check();
    }
    let folder = Folder::new();
    folder
        .convert("x.npy --range 0:1 --no-normalize")
        .one_error("cannot be used with")
        .exit(2)
        .check();
}

#[test]
fn frames_choose_their_branch_alone_unless_the_batch_does() {
    let values = [0f32, 1.0, 0.0, 200.0];
    for (args, names, samples) in [
        ("", ["unit", "clip"], [[0, 255], [0, 200]]),
        ("--range batch", ["clip", "clip"], [[0, 1], [0, 200]]),
    ] {
        let folder = Folder::new().file("x.npy", npy(&[2, 1, 2, 1], &values));
        folder
            .convert(&format!("x.npy {args}"))
            .converts(&["x_0_….png"; 2])
            .any_stderr()
            .check();
        for (n, row) in folder.rows().iter().enumerate() {
            assert_eq!(row["array"]["rescale"], names[n], "{args}");
            assert_eq!(folder.picture(row).samples, samples[n], "{args}");
        }
    }
}

#[test]
fn not_a_number_is_black_and_does_not_choose_the_branch() {
    let (samples, row) = convert(&[f32::NAN, 0.5, 1.0], "");
    assert_eq!(row["array"]["rescale"], "unit");
    assert_eq!(samples, [0, 127, 255]);
    assert_eq!(row["array"]["nan"], 1);
    assert_eq!(row["array"]["min"], 0.5);
}

#[test]
fn infinities_count_as_values_but_not_as_minimum_or_maximum() {
    let (samples, row) = convert(&[f32::NEG_INFINITY, 0.5, 100.0, f32::INFINITY], "");
    assert_eq!(samples, [0, 0, 100, 255]);
    let array = &row["array"];
    assert_eq!([&array["inf"], &array["nan"]], [2, 0]);
    assert_eq!([&array["min"], &array["max"]], [0.5, 100.0]);
}

#[test]
fn an_array_without_finite_values_has_neither_minimum_nor_maximum() {
    let (samples, row) = convert(&[f32::NAN, f32::NAN], "");
    assert_eq!(samples, [0, 0]);
    assert!(row["array"]["min"].is_null() && row["array"]["max"].is_null());
}

#[test]
fn a_photograph_becomes_the_bytes_that_numpy_computes() {
    let folder = Folder::new().fixture("arrays/chelsea.npy");
    folder
        .convert("chelsea.npy")
        .converts(&["chelsea_0_….png"])
        .check();
    let bytes = fixture("arrays/chelsea.npy");
    let floats = &bytes[bytes.len() - 192 * 256 * 3 * 4..];
    let expected: Vec<u8> = floats
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]) * 255.0)
        .map(|value| format!("{}", value.trunc()).parse().unwrap())
        .collect();
    let picture = folder.picture(&folder.rows()[0]);
    assert_eq!((picture.width, picture.height), (256, 192));
    assert!(picture.samples == expected);
}
