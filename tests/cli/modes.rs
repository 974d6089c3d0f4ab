//! `--mode` and `--file-type`: what goes together, and errors that list what does.

use crate::npy::{grey, npy};
use crate::wbimg::{Folder, OUT};

#[test]
fn a_mode_that_a_file_type_cannot_hold_is_refused_with_those_that_it_can() {
    for (mode, file_type, modes) in [
        ("CMYK", "png", "1, L, LA, P, RGB, RGBA, I;16"),
        ("RGBX", "png", "1, L, LA, P, RGB, RGBA, I;16"),
        ("RGBA", "jpg", "1, L, RGB, CMYK, YCbCr, RGBX"),
        ("P", "jpeg", "1, L, RGB, CMYK, YCbCr, RGBX"),
        ("LA", "bmp", "1, L, P, RGB, RGBA"),
    ] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        folder
            .convert(&format!("x.npy --mode {mode} --file-type {file_type}"))
            .stderr([format!(
                "wbimg: error: mode {mode} cannot be written as {file_type}, which takes {modes}"
            )])
            .exit(2)
            .check();
    }
}

#[test]
fn an_unknown_mode_or_file_type_is_refused_with_those_that_there_are() {
    for (args, words) in [
        (
            "--mode HSV",
            "1, L, LA, P, RGB, RGBA, I;16, CMYK, YCbCr, RGBX",
        ),
        ("--mode rgb", "'rgb'"),
        ("--file-type gif", "png, jpg, jpeg, bmp"),
        ("--file-type PNG", "png, jpg, jpeg, bmp"),
        ("--quality 0", "expected a number from 1 to 100"),
        ("--quality 101", "expected a number from 1 to 100"),
    ] {
        let folder = Folder::new().file("x.npy", grey(2, 3));
        folder
            .convert(&format!("x.npy {args}"))
            .one_error(words)
            .exit(2)
            .check();
    }
}

#[test]
fn every_mode_of_png_decodes_as_itself() {
    for (mode, samples) in [
        ("1", vec![0, 255]),
        ("L", vec![29, 150]),
        ("LA", vec![29, 255, 150, 255]),
        ("RGB", vec![0, 0, 255, 0, 255, 0]),
        ("RGBA", vec![0, 0, 255, 255, 0, 255, 0, 255]),
        ("P", vec![0, 0, 255, 0, 255, 0]),
        ("I;16", vec![0, 29, 0, 150]),
    ] {
        let folder = Folder::new().file("x.npy", npy(&[1, 2, 3], &[0u8, 0, 255, 0, 255, 0]));
        folder
            .convert(&format!("x.npy --mode {mode}"))
            .converts(&["x_0_….png"])
            .check();
        let row = &folder.rows()[0];
        let picture = folder.picture(row);
        assert_eq!((picture.mode, &picture.samples), (mode, &samples), "{mode}");
        assert_eq!(row["array"]["mode"], mode);
    }
}

#[test]
fn the_file_type_is_extension_format_and_content() {
    for (file_type, magic) in [
        ("png", &b"\x89PNG"[..]),
        ("jpg", b"\xff\xd8\xff"),
        ("jpeg", b"\xff\xd8\xff"),
        ("bmp", b"BM"),
    ] {
        let folder = Folder::new().file("x.npy", grey(8, 8));
        let image = format!("x_0_….{file_type}");
        folder
            .convert(&format!("x.npy --file-type {file_type}"))
            .converts(&[&image])
            .check();
        let media = &folder.rows()[0]["media"];
        assert_eq!(media["format"], file_type);
        let path = format!("{OUT}/{}", media["path"].as_str().unwrap());
        let bytes = folder.read(path);
        assert!(bytes.starts_with(magic));
        let image = image::load_from_memory(&bytes).unwrap();
        assert_eq!((image.width(), image.height()), (8, 8));
    }
}

#[test]
fn quality_decides_the_size_of_a_jpeg() {
    let size = |quality: u8| {
        let folder = Folder::new().fixture("arrays/camera-float64.npy");
        folder
            .convert(&format!(
                "camera-float64.npy --file-type jpg --quality {quality}"
            ))
            .converts(&["camera-float64_0_….jpg"])
            .check();
        folder.rows()[0]["media"]["size"].as_u64().unwrap()
    };
    assert!(size(20) < size(75) && size(75) < size(95));
}

#[test]
fn png_effort_changes_bytes_but_no_pixel() {
    let pictures = ["fast", "balanced", "small"].map(|effort| {
        let folder = Folder::new().fixture("arrays/chelsea.npy");
        folder
            .convert(&format!("chelsea.npy --compress {effort}"))
            .converts(&["chelsea_0_….png"])
            .check();
        let row = folder.rows().remove(0);
        (row["media"]["size"].as_u64().unwrap(), folder.picture(&row))
    });
    let [(fast, a), (balanced, b), (small, c)] = pictures;
    assert!(a == b && b == c);
    assert!(fast >= balanced && balanced >= small);
}
