//! Element types and header versions, in the bytes that NumPy writes.

use crate::npy::grey;
use crate::wbimg::{Folder, fixture};

/// The samples that `fixtures/dtypes/NAME.npy` becomes, and the type that its row tells.
fn convert(name: &str) -> (Vec<u8>, String) {
    let folder = Folder::new().fixture(&format!("dtypes/{name}.npy"));
    let image = format!("{name}_0_….png");
    let call = folder.convert(&format!("{name}.npy")).converts(&[&image]);
    if name.starts_with('c') {
        let words = "complex numbers: only the real part is drawn [imaginary-dropped]";
        call.stderr([format!("wbimg: warning: {name}.npy: {words}")])
            .check();
    } else {
        call.check();
    }
    let row = &folder.rows()[0];
    let dtype = row["array"]["dtype"].as_str().unwrap().to_owned();
    (folder.picture(row).samples, dtype)
}

#[test]
fn integers_are_taken_as_bytes() {
    let ramp = [0, 50, 100, 150, 200, 250];
    for (name, dtype) in [
        ("u1", "uint8"),
        ("u2", "uint16"),
        ("u4", "uint32"),
        ("u8", "uint64"),
        ("i2", "int16"),
        ("i4", "int32"),
        ("i8", "int64"),
        ("u2-big-endian", "uint16"),
        ("i4-big-endian", "int32"),
    ] {
        assert_eq!(convert(name), (ramp.to_vec(), dtype.to_owned()), "{name}");
    }
    assert_eq!(convert("i1").0, [0, 20, 40, 60, 80, 100]);
}

#[test]
fn booleans_are_black_and_white() {
    assert_eq!(
        convert("b1"),
        (vec![0, 255, 0, 255, 0, 255], "bool".to_owned())
    );
}

#[test]
fn floats_and_real_parts_are_scaled() {
    for (name, dtype) in [
        ("f2", "float16"),
        ("f4", "float32"),
        ("f8", "float64"),
        ("c8", "complex64"),
        ("c16", "complex128"),
        ("f2-big-endian", "float16"),
        ("f4-big-endian", "float32"),
        ("f8-big-endian", "float64"),
        ("c16-big-endian", "complex128"),
    ] {
        let (samples, found) = convert(name);
        assert_eq!(found, dtype);
        // 0.6 of a double is below 3/5: 152 after truncation, as NumPy has it.
        assert!(
            samples == [0, 51, 102, 153, 204, 255] || samples == [0, 51, 102, 152, 204, 255],
            "{name}: {samples:?}"
        );
    }
}

#[test]
fn fortran_order_and_all_header_versions_are_read() {
    let (plain, _) = convert("f4");
    for name in ["f4-fortran", "f4-version-1", "f4-version-2", "f4-version-3"] {
        assert_eq!(convert(name).0, plain, "{name}");
    }
}

#[test]
fn what_is_no_picture_has_one_error_that_says_what_it_is() {
    for (name, words) in [
        (
            "scalar",
            "shape [] is not a picture, which has at least 2 axes: (height, width)",
        ),
        (
            "vector",
            "shape [6] is not a picture, which has at least 2 axes: (height, width)",
        ),
        (
            "empty",
            "shape [0, 3] has an axis of length 0, so there is no pixel",
        ),
        (
            "object",
            "Python objects (dtype object), which only pickle could read",
        ),
        ("record", "records (a structured dtype)"),
        ("text", "text (dtype str)"),
        ("bytes", "byte strings (dtype bytes)"),
        ("dates", "dates (dtype datetime64)"),
        ("longdouble", "extended floats (dtype longdouble)"),
    ] {
        let folder = Folder::new()
            .fixture(&format!("dtypes/{name}.npy"))
            .file("x.npy", grey(2, 3));
        let outcome = folder
            .convert(&format!("{name}.npy x.npy"))
            .converts(&["x_0_….png"])
            .one_error(words)
            .exit(1)
            .check();
        let start = format!("wbimg: error: {name}.npy: ");
        assert!(outcome.stderr.starts_with(&start), "{}", outcome.stderr);
    }
}

#[test]
fn a_truncated_array_is_an_error_with_both_lengths_and_surplus_bytes_are_ignored() {
    let bytes = fixture("dtypes/f4.npy");
    let longer = [bytes.as_slice(), b"surplus"].concat();
    let folder = Folder::new()
        .file("short.npy", &bytes[..bytes.len() - 1])
        .file("long.npy", longer);
    folder
        .convert("short.npy long.npy")
        .converts(&["long_0_….png"])
        .stderr([
            "wbimg: error: short.npy: the .npy file is truncated: its array needs 24 bytes, but 23 are there",
        ])
        .exit(1)
        .check();
}
