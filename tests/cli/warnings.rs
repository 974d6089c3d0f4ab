//! What draws a warning, what does not, and what follows from one.

use crate::npy::{grey, npy};
use crate::wbimg::{Folder, fixture};

/// Holds the one warning that `x.npy` draws, on the screen and in the manifest, and that `--allow` silences it.
fn assert_warns(array: &[u8], args: &str, code: &str, message: &str) {
    let extension = if args.contains("jpg") { "jpg" } else { "png" };
    let image = format!("x_0_….{extension}");
    let folder = Folder::new().file("x.npy", array);
    folder
        .convert(&format!("x.npy {args}"))
        .converts(&[&image])
        .stderr([format!("wbimg: warning: x.npy: {message} [{code}]")])
        .check();
    let recorded = folder.rows()[0]["warnings"].clone();
    let record = serde_json::json!({"code": code, "message": message});
    assert!(recorded.as_array().unwrap().contains(&record), "{recorded}");

    let strict = Folder::new().file("x.npy", array);
    strict
        .convert(&format!("x.npy {args} --strict"))
        .converts(&[&image])
        .one_warning(code)
        .exit(1)
        .check();

    let allowed = Folder::new().file("x.npy", array);
    allowed
        .convert(&format!("x.npy {args} --strict --allow {code}"))
        .converts(&[&image])
        .check();
    assert_eq!(allowed.rows()[0]["warnings"], recorded, "the row keeps it");
}

#[test]
fn floats_a_little_above_1_are_nearly_black() {
    assert_warns(
        &npy(&[1, 3], &[0f32, 0.5, 1.5]),
        "--allow flat",
        "near-black",
        "taken as 0..255, values of 0..1.5 make a nearly black picture; --range=0:1.5 would spread them",
    );
}

#[test]
fn one_undershoot_of_a_unit_picture_washes_it_out() {
    assert_warns(
        &npy(&[1, 3], &[-0.01f32, 0.5, 1.0]),
        "",
        "washed-out",
        "the smallest value, -0.01, made this [-1, 1], so 0 became mid-grey; --range=0:1 would keep 0 black",
    );
}

#[test]
fn an_array_that_varies_in_a_picture_that_does_not_is_flat() {
    assert_warns(
        &npy(&[1, 3], &[300u16, 4000, 65535]),
        "--allow clipped",
        "flat",
        "values vary from 300 to 65535, but the picture is one flat tone; --range=300:65535 would show them",
    );
}

#[test]
fn lost_values_are_counted() {
    assert_warns(
        &npy(&[1, 4], &[0u16, 100, 255, 1000]),
        "",
        "clipped",
        "1 of 4 values (25.0 %) were cut off at 0..255; they go from 0 to 1000; --range=0:1000 would keep them",
    );
}

#[test]
fn values_that_are_not_finite_are_counted() {
    assert_warns(
        &npy(&[1, 3], &[0f32, f32::NAN, 1.0]),
        "",
        "nan",
        "1 value is NaN, written as 0",
    );
    assert_warns(
        &npy(&[1, 4], &[0f32, f32::INFINITY, f32::NEG_INFINITY, 200.0]),
        "",
        "inf",
        "2 values are infinite (1 of them positive)",
    );
}

#[test]
fn alpha_that_jpeg_drops_is_told_unless_the_mode_was_asked_for() {
    let array = npy(&[1, 2, 4], &[10u8, 20, 30, 40, 50, 60, 70, 80]);
    assert_warns(
        &array,
        "--file-type jpg",
        "alpha-dropped",
        "JPEG has no transparency, so alpha was dropped; --mode RGB says so, --file-type png keeps it",
    );
    let folder = Folder::new().file("x.npy", array);
    folder
        .convert("x.npy --file-type jpg --mode RGB")
        .converts(&["x_0_….jpg"])
        .check();
}

#[test]
fn imaginary_parts_and_guessed_layouts_are_told() {
    assert_warns(
        &fixture("dtypes/c8.npy"),
        "",
        "imaginary-dropped",
        "complex numbers: only the real part is drawn",
    );
    assert_warns(
        &npy(&[3, 2, 5], &[9u8; 30]),
        "",
        "layout-guessed",
        "shape [3, 2, 5] was read as chw, which is not the usual order of this file; --layout chw says so",
    );
}

#[test]
fn pictures_of_two_sizes_under_one_key_are_told() {
    let folder = Folder::new()
        .file("a.npy", grey(2, 3))
        .file("b.npy", grey(4, 3))
        .file("c.npy", grey(2, 3));
    let image = "k_0_….png";
    folder
        .convert("a.npy b.npy c.npy --key k")
        .stdout(format!("wbimg-out/media/images/{image}\n").repeat(3))
        .any_writes()
        .one_warning("size-mismatch")
        .check();
    let rows = folder.rows();
    assert_eq!(rows[1]["warnings"][0]["code"], "size-mismatch");
    assert_eq!(rows[0]["warnings"], rows[2]["warnings"]);
}

#[test]
fn healthy_arrays_are_silent() {
    for array in [
        npy(&[1, 3], &[0u8, 1, 255]),
        npy(&[1, 3], &[0u8, 1, 1]),
        npy(&[1, 2], &[7u16, 7]),
        npy(&[1, 3], &[0f32, 0.5, 1.0]),
        npy(&[1, 3], &[0f32, 0.0, 0.0]),
        npy(&[1, 3], &[-1f32, 0.0, 0.9]),
        npy(&[1, 3], &[-0.9f32, 0.0, 0.9]),
        npy(&[1, 3], &[0f64, 100.5, 254.9]),
        npy(&[1, 2], &[true, false]),
    ] {
        let folder = Folder::new().file("x.npy", array);
        folder
            .convert("x.npy --strict")
            .converts(&["x_0_….png"])
            .check();
        assert_eq!(folder.rows()[0]["warnings"], serde_json::json!([]));
    }
}

#[test]
fn real_photographs_are_silent() {
    for name in [
        "chelsea",
        "coffee-uint8",
        "astronaut-float16-signed",
        "camera-float64",
    ] {
        let folder = Folder::new().fixture(&format!("arrays/{name}.npy"));
        let image = format!("{name}_0_….png");
        folder
            .convert(&format!("{name}.npy --strict"))
            .converts(&[&image])
            .check();
    }
}

#[test]
fn after_ten_warnings_of_one_code_there_is_a_count() {
    let folder = Folder::new().file("x.npy", npy(&[13, 1, 2, 1], &[0f32, 1.5].repeat(13)));
    let outcome = folder
        .convert("x.npy --allow flat")
        .any_stdout()
        .any_writes()
        .any_stderr()
        .check();
    let lines: Vec<_> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 11, "{lines:#?}");
    assert!(
        lines[..10]
            .iter()
            .all(|line| line.ends_with("[near-black]"))
    );
    assert_eq!(lines[10], "wbimg: warning: 3 more warnings [near-black]");
    let kept = folder
        .rows()
        .iter()
        .filter(|row| row["warnings"].to_string().contains("near-black"))
        .count();
    assert_eq!(kept, 13, "the rows keep all");
}

#[test]
fn an_unknown_code_is_refused_with_those_that_there_are() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy --allow nonsense")
        .one_error("near-black, washed-out, flat, clipped, nan, inf, imaginary-dropped, alpha-dropped, layout-guessed, size-mismatch")
        .exit(2)
        .check();
}
