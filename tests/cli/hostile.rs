//! Files made to break programs: each is one error of its own, soon and in little memory, and the good input beside
//! it is converted. Every call here runs with 2 GiB of address space and ten seconds.

use std::time::Duration;

use crate::npy::{claiming, grey, with_header};
use crate::wbimg::{Folder, fixture};

/// More than `--max-memory` and what threads reserve, less than any of the lies below.
const MEMORY: &str = "ulimit -v 2097152; exec \"$@\"";

/// Holds that these bytes are refused with these words, and that the input after them is converted.
fn assert_refused(name: &str, bytes: &[u8], args: &str, words: &str) {
    let folder = Folder::new().file(name, bytes).file("good.npy", grey(2, 3));
    let outcome = folder
        .convert(&format!("{name} good.npy -j 2 {args}"))
        .through_shell(MEMORY)
        .within(Duration::from_secs(10))
        .converts(&["good_0_….png"])
        .one_error(words)
        .exit(1)
        .check();
    assert!(outcome.stderr.len() < 500, "{}", outcome.stderr);
}

#[test]
fn headers_that_nest_are_refused_without_following_them() {
    let start = "{'descr': '<f4', 'fortran_order': False, 'shape': ";
    for header in [
        format!("{start}{}1{}, }}", "[".repeat(20), "]".repeat(20)),
        format!("{start}{}1,{}, }}", "(".repeat(4000), ")".repeat(4000)),
        format!("{{'descr': {}, }}", "[".repeat(9000)),
        format!("{{'descr': '<f4', 'x': {}}}", "{".repeat(5000)),
    ] {
        assert_refused("x.npy", &with_header(&header, &[0; 64]), "", "x.npy: ");
    }
}

#[test]
fn arrays_that_claim_more_than_there_is_are_refused_without_room_for_them() {
    for (shape, words) in [
        (
            "(131072, 131072)",
            "its array needs 68719476736 bytes, but 64 are there",
        ),
        ("(0, 4294967296, 4294967296, 4294967296)", ""),
        (
            "(4294967296, 4294967296, 4294967296)",
            "is larger than any memory",
        ),
        ("(18446744073709551615, 3)", "is larger than any memory"),
        ("(18446744073709551616, 3)", "header is damaged"),
        ("(99999999999999999999999999, 3)", "header is damaged"),
        ("(-1, 3)", "header is damaged"),
        ("(1e9, 3)", "header is damaged"),
        ("(2, 3", "header is damaged"),
        ("(2, 3), 'shape': (1, 1)", "header is damaged"),
        ("(1, 1, 1, 1, 1, 1, 1, 2, 3)", "more than 8 axes"),
    ] {
        assert_refused("x.npy", &claiming("<f4", shape, &[0; 64]), "", words);
    }
}

#[test]
fn the_length_of_a_header_is_not_believed() {
    let long = [
        b"\x93NUMPY\x02\x00",
        &u32::MAX.to_le_bytes()[..],
        b"{'descr'",
    ]
    .concat();
    assert_refused(
        "x.npy",
        &long,
        "",
        "header claims 4294967295 bytes; at most 10000 are read",
    );
    let cut = [b"\x93NUMPY\x01\x00", &200u16.to_le_bytes()[..], b"{'descr'"].concat();
    assert_refused("x.npy", &cut, "", "ends inside its header");
    for length in 6..12 {
        let bytes = &fixture("dtypes/f4.npy")[..length];
        assert_refused("x.npy", bytes, "", "ends inside its header");
    }
    assert_refused(
        "x.npy",
        b"\x93NUMPY\x09\x07aaaaaaaa",
        "",
        "version 9.7 is unknown",
    );
}

#[test]
fn types_beyond_those_of_pictures_are_refused_by_name() {
    for descr in [
        "|O", "<U4", "|V16", "<M8[D]", "<f16", "<x9", "<f4\\x00", "", "<", "é",
    ] {
        assert_refused("x.npy", &claiming(descr, "(2, 3)", &[0; 64]), "", "x.npy: ");
    }
}

#[test]
fn headers_of_noise_are_refused() {
    let mut state = 7u32;
    for _ in 0..40 {
        let mut bytes = fixture("dtypes/f4.npy");
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = 8 + (state >> 16) as usize % 70;
            bytes[at] = state.to_be_bytes()[1];
        }
        let folder = Folder::new()
            .file("x.npy", bytes)
            .file("good.npy", grey(2, 3));
        let outcome = folder
            .convert("x.npy good.npy --key {name} -q")
            .through_shell(MEMORY)
            .within(Duration::from_secs(10))
            .any_stdout()
            .any_stderr()
            .any_exit()
            .any_writes()
            .check();
        let text = String::from_utf8(outcome.stdout).unwrap();
        assert!(text.contains("good.npy_0_"), "{text}{}", outcome.stderr);
    }
}

#[test]
fn pictures_beyond_the_limits_are_refused_with_the_flag_that_lifts_them() {
    assert_refused(
        "x.npy",
        &grey(20, 20),
        "--max-pixels 100",
        "20×20 pixels are more than the 100 allowed for one picture: lift the limit with --max-pixels",
    );
    assert_refused(
        "x.png",
        &fixture("images/rgb.png"),
        "--max-pixels 3000",
        "64×48 pixels are more than the 3000 allowed for one picture: lift the limit with --max-pixels",
    );
    assert_refused("x.npy", &grey(200, 200), "--max-memory 64K", "--max-memory");
}

#[test]
fn images_that_claim_to_be_huge_are_refused_before_they_are_decoded() {
    let mut png = fixture("images/rgb.png");
    png[16..20].copy_from_slice(&100_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&100_000u32.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_refused(
        "x.png",
        &png,
        "",
        "100000×100000 pixels are more than the 178956970 allowed",
    );

    let mut bmp = fixture("images/rgb.bmp");
    bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    assert_refused(
        "x.bmp",
        &bmp,
        "",
        "60000×60000 pixels are more than the 178956970 allowed",
    );

    let mut gif = fixture("images/still.gif");
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert_refused(
        "x.gif",
        &gif,
        "",
        "65535×65535 pixels are more than the 178956970 allowed",
    );
}

#[test]
fn a_jpeg_that_claims_more_than_it_holds_is_truncated() {
    let mut jpeg = fixture("images/rgb.jpg");
    let at = jpeg
        .windows(2)
        .position(|marker| marker == [0xff, 0xc0])
        .unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[0x32, 0xc8, 0x32, 0xc8]);
    assert_refused("x.jpg", &jpeg, "", "x.jpg: not a whole JPEG file");
}

#[test]
fn images_of_no_pixels_are_refused() {
    let mut bmp = fixture("images/rgb.bmp");
    bmp[18..26].copy_from_slice(&[0; 8]);
    assert_refused("x.bmp", &bmp, "", "x.bmp: not a whole BMP file");
    let mut gif = fixture("images/still.gif");
    gif[6..10].copy_from_slice(&[0; 4]);
    assert_refused("x.gif", &gif, "", "x.gif: ");
}

#[test]
fn a_name_that_no_file_can_have_can_be_chosen_otherwise() {
    let name = format!("{}.npy", "a".repeat(250));
    let folder = Folder::new().file(&name, grey(2, 2));
    folder
        .convert(&name)
        .one_error("choose a shorter name with --key")
        .exit(1)
        .any_writes()
        .check();
    folder
        .convert(&format!("{name} --key a"))
        .converts(&["a_0_….png"])
        .any_stderr()
        .any_writes()
        .check();
}

#[test]
fn a_tiff_that_is_whole_but_of_another_kind_is_not_called_damaged() {
    let mut tiff = fixture("images/rgb.tiff");
    // The tag of the photometric interpretation, a short; 8 is CIE L*a*b*.
    let tag = [0x06, 0x01, 3, 0, 1, 0, 0, 0];
    let at = tiff.windows(8).position(|bytes| bytes == tag).unwrap();
    tiff[at + 8] = 8;
    assert_refused(
        "x.tiff",
        &tiff,
        "",
        "x.tiff: a TIFF file of a kind that is not decoded: ",
    );
}

#[test]
fn an_image_file_that_ends_too_early_is_said_to() {
    for (name, kind) in [("rgb.bmp", "BMP"), ("rgb.png", "PNG"), ("rgb.tiff", "TIFF")] {
        let bytes = fixture(&format!("images/{name}"));
        let words = format!("{name}: not a whole {kind} file: it ends too early");
        assert_refused(name, &bytes[..bytes.len() / 2], "", &words);
    }
}

#[test]
fn magic_bytes_alone_are_no_image() {
    for head in [
        &b"\x89PNG\r\n\x1a\n"[..],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0",
        b"BM",
        b"GIF89a",
        b"RIFF\x10\x00\x00\x00WEBP",
        b"II\x2a\x00\x08\x00\x00\x00",
        b"MM\x00\x2a\xff\xff\xff\xff",
    ] {
        assert_refused("x.png", head, "", "x.png: not a whole ");
    }
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A little-endian chunk of a RIFF file.
fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [kind, &length.to_le_bytes()[..], content].concat()
}

#[test]
fn pictures_inside_a_webp_are_as_large_as_it_says() {
    // A lossy key frame that claims 16383×16383, which a decoder makes room for before it looks around.
    let lossy = chunk(b"VP8 ", b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f\0\0\0\0\0\0");
    let canvas = |flags: u8| chunk(b"VP8X", &[flags, 0, 0, 0, 63, 0, 0, 47, 0, 0]);
    let frame = [
        &[0, 0, 0, 0, 0, 0, 63, 0, 0, 47, 0, 0, 9, 0, 0, 0][..],
        &lossy,
    ]
    .concat();
    let wide = [
        &[0, 0, 0, 0, 0, 0, 255, 255, 0, 47, 0, 0, 9, 0, 0, 0][..],
        &lossy,
    ]
    .concat();
    for (chunks, words) in [
        (
            [canvas(0), lossy.clone()].concat(),
            "is not as large as it says",
        ),
        (
            [canvas(2), chunk(b"ANIM", &[0; 6]), chunk(b"ANMF", &frame)].concat(),
            "is not as large as it says",
        ),
        (
            [canvas(2), chunk(b"ANIM", &[0; 6]), chunk(b"ANMF", &wide)].concat(),
            "is larger than its canvas",
        ),
    ] {
        let file = chunk(b"RIFF", &[b"WEBP", &chunks[..]].concat());
        assert_refused("x.webp", &file, "", words);
    }
}

#[test]
fn fields_of_a_tiff_are_inside_it() {
    let field = |tag: u16, kind: u16, count: u32, value: u32| {
        let numbers = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [&numbers[..], &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    // 64 MB of strip offsets, and a text for a number: the one takes a gigabyte, the other makes a decoder talk.
    for lie in [field(273, 4, 1 << 24, 8), field(258, 2, 1 << 29, 8)] {
        let fields = [
            field(256, 4, 1, 8),
            field(257, 4, 1, 8),
            field(262, 3, 1, 1),
            lie,
        ];
        let file = [b"II*\0\x08\0\0\0\x04\0", &fields.concat()[..], &[0; 64]].concat();
        assert_refused("x.tiff", &file, "", "a field of it reaches beyond its end");
    }
}
