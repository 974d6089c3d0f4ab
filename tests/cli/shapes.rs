//! Which axis is taken for what: the table of `--layout auto`, the flag, and errors that name it.

use serde_json::{Value, json};

use crate::npy::{grey, npy};
use crate::wbimg::{Folder, fixture};

/// Bytes 0, 1, 2, … in this shape.
fn ramp(shape: &[usize]) -> Vec<u8> {
    let values: Vec<u8> = (0u8..=255).cycle().take(shape.iter().product()).collect();
    npy(shape, &values)
}

/// The rows of `x.npy` with these arguments, which give as many pictures and no message.
fn rows(shape: &[usize], args: &str, count: usize) -> Vec<Value> {
    let folder = Folder::new().file("x.npy", ramp(shape));
    folder
        .convert(&format!("x.npy {args}"))
        .converts(&vec!["x_0_….png"; count])
        .check();
    folder.rows()
}

#[test]
fn auto_reads_shapes_by_the_table() {
    for (shape, layout, count, [width, height], mode) in [
        (&[5, 7][..], "hw", 1, [7, 5], "L"),
        (&[5, 7, 1], "hwc", 1, [7, 5], "L"),
        (&[5, 7, 3], "hwc", 1, [7, 5], "RGB"),
        (&[5, 7, 4], "hwc", 1, [7, 5], "RGBA"),
        (&[3, 7, 3], "hwc", 1, [7, 3], "RGB"),
        (&[1, 5, 7], "hw", 1, [7, 5], "L"),
        (&[1, 5, 3], "hwc", 1, [5, 1], "RGB"),
        (&[5, 1, 3], "hwc", 1, [1, 5], "RGB"),
        (&[1, 1], "hw", 1, [1, 1], "L"),
        (&[1, 5, 7, 3], "hwc", 1, [7, 5], "RGB"),
        (&[1, 1, 1, 5, 7], "hw", 1, [7, 5], "L"),
        (&[2, 5, 7, 3], "nhwc", 2, [7, 5], "RGB"),
        (&[3, 5, 7, 1], "nhwc", 3, [7, 5], "L"),
    ] {
        let rows = rows(shape, "", count);
        for row in &rows {
            let (array, media) = (&row["array"], &row["media"]);
            assert_eq!(array["layout"], layout, "{shape:?}");
            assert_eq!(array["mode"], mode, "{shape:?}");
            assert_eq!(array["shape"], json!(shape));
            assert_eq!(
                [&media["width"], &media["height"]],
                [width, height],
                "{shape:?}"
            );
        }
        let frames: Vec<_> = rows.iter().map(|row| row["frame"].clone()).collect();
        match count {
            1 => assert_eq!(frames, [Value::Null]),
            _ => assert_eq!(Value::Array(frames), (0..count).collect::<Value>()),
        }
    }
}

#[test]
fn axes_in_another_order_than_numpys_are_read_with_a_warning() {
    for (shape, layout, count) in [(&[3, 5, 7][..], "chw", 1), (&[2, 4, 5, 7], "nchw", 2)] {
        let folder = Folder::new().file("x.npy", ramp(shape));
        let frame = |n: usize| {
            if count == 1 {
                String::new()
            } else {
                format!("[{n}]")
            }
        };
        let warnings = (0..count).map(|n| {
            format!(
                "wbimg: warning: x.npy{}: shape {shape:?} was read as {layout}, which is not the usual order of this \
                 file; --layout {layout} says so [layout-guessed]",
                frame(n)
            )
        });
        folder
            .convert("x.npy")
            .converts(&vec!["x_0_….png"; count])
            .stderr(warnings)
            .check();
    }
}

#[test]
fn a_layout_that_was_asked_for_is_no_guess() {
    for (shape, layout, count) in [
        (&[3, 5, 7][..], "chw", 1),
        (&[2, 3, 5, 7], "nchw", 2),
        (&[4, 5, 7], "nhw", 4),
        (&[3, 7, 3], "chw", 1),
        (&[1, 5, 7], "nhw", 1),
    ] {
        let rows = rows(shape, &format!("--layout {layout}"), count);
        assert_eq!(rows[0]["array"]["layout"], layout);
    }
}

#[test]
fn a_photograph_with_its_channels_first_is_the_same_picture() {
    let folder = Folder::new()
        .fixture("arrays/coffee-chw.npy")
        .fixture("arrays/coffee-uint8.npy");
    folder
        .convert("coffee-chw.npy --layout chw")
        .converts(&["coffee-chw_0_….png"])
        .check();
    let picture = folder.picture(&folder.rows()[0]);
    assert_eq!(
        (picture.mode, picture.width, picture.height),
        ("RGB", 128, 96)
    );
    let other = fixture("arrays/coffee-uint8.npy");
    let other = &other[other.len() - picture.samples.len()..];
    // One is truncated, the other was rounded.
    let close = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 1;
    assert!(picture.samples.iter().zip(other).all(close));
}

#[test]
fn a_shape_that_is_no_picture_is_an_error_that_offers_layouts() {
    for (shape, offers) in [
        (
            "[5, 6, 7]",
            ": say what the axes are with --layout nhw (5 images of 7×6)",
        ),
        (
            "[5, 7, 2]",
            ": say what the axes are with --layout hwc --mode LA (1 image of 7×5), or --layout nhw (5 images of 2×7)",
        ),
        ("[5, 6, 7, 8]", ""),
    ] {
        let lengths: Vec<usize> = serde_json::from_str(shape).unwrap();
        let folder = Folder::new()
            .file("x.npy", ramp(&lengths))
            .file("y.npy", grey(2, 3));
        folder
            .convert("x.npy y.npy")
            .converts(&["y_0_….png"])
            .stderr([format!(
                "wbimg: error: x.npy: Un-supported shape for image conversion {shape}: no axis has the 1, 3 or 4 \
                 channels of a picture{offers}"
            )])
            .exit(1)
            .check();
    }
}

#[test]
fn offered_layouts_work() {
    let rows = rows(&[5, 7, 2], "--layout hwc --mode LA", 1);
    assert_eq!(rows[0]["array"]["mode"], "LA");
    assert_eq!(self::rows(&[5, 6, 7], "--layout nhw", 5).len(), 5);
}

#[test]
fn two_channels_are_a_picture_only_with_a_mode() {
    let rows = rows(&[5, 7, 2], "--mode LA", 1);
    assert_eq!(rows[0]["array"]["layout"], "hwc");
}

#[test]
fn a_layout_that_does_not_fit_is_an_error_with_shape_and_layout() {
    for (shape, layout, words) in [
        (&[5, 7][..], "hwc", "shape [5, 7] cannot be read as hwc"),
        (
            &[5, 7, 5],
            "hwc",
            "shape [5, 7, 5] read as hwc has 5 channels",
        ),
        (
            &[2, 5, 7, 3],
            "hwc",
            "shape [2, 5, 7, 3] cannot be read as hwc",
        ),
    ] {
        let folder = Folder::new().file("x.npy", ramp(shape));
        folder
            .convert(&format!("x.npy --layout {layout}"))
            .one_error(words)
            .exit(1)
            .any_writes()
            .check();
    }
}

#[test]
fn frames_come_in_order_under_one_key() {
    let folder = Folder::new().fixture("arrays/batch-nhwc.npy");
    folder
        .convert("batch-nhwc.npy -j 4 --json")
        .stdout_is_the_manifest()
        .any_writes()
        .check();
    let bytes = fixture("arrays/batch-nhwc.npy");
    let size = 32 * 48 * 3;
    let frames = &bytes[bytes.len() - 3 * size..];
    let rows = folder.rows();
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(row["frame"], n);
        assert_eq!(folder.picture(row).samples, &frames[n * size..][..size]);
    }
    assert_eq!(folder.history()[0]["batch-nhwc"]["count"], 3);
}
