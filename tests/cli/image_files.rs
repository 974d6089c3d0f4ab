//! Image files: passed through byte for byte, whatever they are, unless they are damaged or are to be encoded again.

use image::GenericImageView;

use crate::npy::grey;
use crate::wbimg::{Folder, OUT, fixture};

/// Every fixture in `images/`, all of them 64×48 as stored.
const FILES: [&str; 21] = [
    "bilevel.png",
    "cmyk.jpg",
    "grey-16bit.png",
    "grey.jpg",
    "grey.png",
    "lossless.webp",
    "lossy.webp",
    "moving.gif",
    "moving.webp",
    "packed.tiff",
    "palette.bmp",
    "palette.png",
    "progressive.jpg",
    "rgb.bmp",
    "rgb.jpg",
    "rgb.png",
    "rgb.tiff",
    "rgba.png",
    "separate-scans.jpg",
    "still.gif",
    "turned.jpg",
];

/// A folder with this fixture as `x` and its extension.
fn one(name: &str) -> (Folder, String) {
    let (_, extension) = name.rsplit_once('.').unwrap();
    let file = format!("x.{extension}");
    let folder = Folder::new().file(&file, fixture(&format!("images/{name}")));
    (folder, file)
}

#[test]
fn image_files_keep_every_byte_and_their_stored_size() {
    for name in FILES {
        let (folder, file) = one(name);
        let image = file.replace('.', "_0_….");
        folder.convert(&file).converts(&[&image]).check();
        let row = &folder.rows()[0];
        let media = &row["media"];
        let path = format!("{OUT}/{}", media["path"].as_str().unwrap());
        assert!(folder.read(path) == folder.read(&file), "{name}");
        assert_eq!([&media["width"], &media["height"]], [64, 48], "{name}");
        assert_eq!(media["format"], file[2..], "{name}");
        assert!(row["array"].is_null());
    }
}

#[test]
fn the_extension_is_kept_as_written_even_where_there_is_none() {
    let bytes = fixture("images/rgb.png");
    for (file, image, format) in [
        ("x.PNG", "x_0_….PNG", "PNG"),
        ("x", "x_0_…", ""),
        ("x.dat", "x_0_….dat", "dat"),
        ("x.y.Png", "x.y_0_….Png", "Png"),
    ] {
        let folder = Folder::new().file(file, &bytes);
        folder.convert(file).converts(&[image]).check();
        assert_eq!(folder.rows()[0]["media"]["format"], format);
    }
}

#[test]
fn a_truncated_file_fails_alone() {
    for name in FILES {
        let (folder, file) = one(name);
        let folder = folder.file("y.npy", grey(2, 3));
        let bytes = folder.read(&file);
        for kept in [bytes.len() - bytes.len() / 4, bytes.len() / 2, 20] {
            folder.write(&file, &bytes[..kept]);
            let out = format!("out-{kept}");
            folder
                .convert(&format!("{file} y.npy -o {out}"))
                .stdout(format!("{out}/media/images/y_0_….png\n"))
                .one_error(&format!("{file}: not a whole "))
                .exit(1)
                .any_writes()
                .check();
        }
    }
}

#[test]
fn a_file_without_its_last_bytes_is_truncated_where_pillow_says_so() {
    for name in [
        "rgb.jpg",
        "cmyk.jpg",
        "progressive.jpg",
        "rgb.bmp",
        "rgb.tiff",
    ] {
        let (folder, file) = one(name);
        let bytes = folder.read(&file);
        // More than any padding at the end of these files.
        folder.write(&file, &bytes[..bytes.len() - 40]);
        folder
            .convert(&file)
            .one_error("not a whole ")
            .exit(1)
            .any_writes()
            .check();
    }
}

#[test]
fn options_for_arrays_leave_image_files_alone_and_a_note_says_so() {
    let (folder, _) = one("rgb.png");
    folder
        .convert("x.png --mode L --file-type jpg --no-normalize")
        .converts(&["x_0_….png"])
        .stderr([
            "wbimg: note: x.png: --file-type, --mode, --no-normalize have no effect: image files keep their bytes, unless \
             --reencode is given",
        ])
        .check();
    assert_eq!(
        folder.rows()[0]["media"]["size"],
        fixture("images/rgb.png").len()
    );
}

#[test]
fn reencoding_keeps_the_pixels_that_another_decoder_sees() {
    for (name, mode) in [
        ("bilevel.png", "L"),
        ("grey.png", "L"),
        ("grey.jpg", "L"),
        ("rgb.png", "RGB"),
        ("rgb.bmp", "RGB"),
        ("palette.bmp", "RGB"),
        ("palette.png", "RGB"),
        ("rgb.tiff", "RGB"),
        ("packed.tiff", "RGB"),
        ("rgba.png", "RGBA"),
        ("lossless.webp", "RGBA"),
    ] {
        let (folder, file) = one(name);
        folder
            .convert(&format!("{file} --reencode"))
            .converts(&["x_0_….png"])
            .check();
        let picture = folder.picture(&folder.rows()[0]);
        let original = image::load_from_memory(&folder.read(&file)).unwrap();
        assert_eq!(picture.mode, mode, "{name}");
        let samples = match mode {
            "L" => original.to_luma8().into_raw(),
            "RGB" => original.to_rgb8().into_raw(),
            _ => original.to_rgba8().into_raw(),
        };
        assert!(picture.samples == samples, "{name}");
    }
}

#[test]
fn reencoding_takes_mode_and_file_type() {
    let (folder, _) = one("rgb.png");
    folder
        .convert("x.png --reencode --mode L --file-type bmp")
        .converts(&["x_0_….bmp"])
        .check();
    let path = format!(
        "{OUT}/{}",
        folder.rows()[0]["media"]["path"].as_str().unwrap()
    );
    let image = image::load_from_memory(&folder.read(path)).unwrap();
    assert_eq!(image.dimensions(), (64, 48));
}

#[test]
fn reencoding_turns_a_photograph_upright_because_its_exif_is_lost() {
    let (folder, _) = one("turned.jpg");
    folder
        .convert("x.jpg --reencode")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: note: x.jpg: turned upright, as its EXIF orientation says"])
        .check();
    let picture = folder.picture(&folder.rows()[0]);
    assert_eq!((picture.width, picture.height), (48, 64));
}

#[test]
fn sixteen_bits_become_their_upper_eight_and_a_note_says_so() {
    let (folder, _) = one("grey-16bit.png");
    folder
        .convert("x.png --reencode")
        .converts(&["x_0_….png"])
        .stderr(["wbimg: note: x.png: 16-bit samples were reduced to their upper 8 bits"])
        .check();
    let picture = folder.picture(&folder.rows()[0]);
    let original = image::load_from_memory(&fixture("images/grey.png")).unwrap();
    assert!(picture.samples == original.to_luma8().into_raw());
}

#[test]
fn only_the_first_frame_of_an_animation_is_encoded_again_and_a_note_says_so() {
    for name in ["moving.gif", "moving.webp"] {
        let (folder, file) = one(name);
        folder
            .convert(&format!("{file} --reencode"))
            .converts(&["x_0_….png"])
            .stderr([format!(
                "wbimg: note: {file}: only the first frame of the animation was taken"
            )])
            .check();
    }
}

#[test]
fn a_jpeg_whose_pixels_are_not_known_for_sure_is_not_encoded_again() {
    let (folder, _) = one("separate-scans.jpg");
    folder
        .convert("x.jpg --reencode")
        .stderr([
            "wbimg: error: x.jpg: a JPEG with its color components in separate scans, whose pixels are not decoded \
             reliably: leave out --reencode to keep its bytes, or convert it to PNG first",
        ])
        .exit(1)
        .any_writes()
        .check();
}

#[test]
fn a_decoded_cmyk_photograph_is_not_a_negative() {
    let (folder, _) = one("cmyk.jpg");
    folder
        .convert("x.jpg --reencode")
        .converts(&["x_0_….png"])
        .check();
    let picture = folder.picture(&folder.rows()[0]);
    let original = image::load_from_memory(&fixture("images/rgb.png")).unwrap();
    let original = original.to_rgb8().into_raw();
    let total: u64 = picture
        .samples
        .iter()
        .zip(&original)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    assert!(total / (original.len() as u64) < 12, "{total}");
}

#[test]
fn what_is_neither_array_nor_image_is_named_where_it_is_known() {
    for (head, words) in [
        (&b"%PDF-1.7"[..], "PDF is not read"),
        (b"\x89HDF\r\n\x1a\n", "HDF5 is not read"),
        (
            b"\x80\x04\x95",
            "a pickle, which could run code when it is opened, is not read",
        ),
        (
            b"hello world",
            "neither an array nor an image: it begins with 'hello wo'",
        ),
        (
            b"\x00\x01",
            "neither an array nor an image: it begins with bytes 00 01",
        ),
        (b"", "the file is empty"),
    ] {
        let folder = Folder::new().file("x.npy", head);
        folder
            .convert("x.npy")
            .one_error(words)
            .exit(1)
            .any_writes()
            .check();
    }
}
