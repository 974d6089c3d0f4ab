//! Options that have no effect on an input are named in a note.

use crate::npy::grey;
use crate::wbimg::Folder;

/// The notes of a call, without what they begin with.
fn notes(args: &str) -> Vec<String> {
    let folder = Folder::new()
        .file("x.npy", grey(4, 5))
        .fixture("arrays/batch-nhwc.npy")
        .fixture("containers/stored.npz")
        .fixture("images/rgb.png");
    let outcome = folder.convert(args).any_stdout().any_stderr().any_writes();
    let stderr = outcome.check().stderr;
    let notes = stderr.lines().filter(|line| line.contains("no effect"));
    notes
        .map(|line| line.trim_start_matches("wbimg: note: ").to_owned())
        .collect()
}

#[test]
fn options_without_effect_are_named() {
    for (args, expected) in [
        (
            "x.npy --frames 0:2",
            "x.npy: --frames has no effect: this is one picture, not a batch",
        ),
        (
            "x.npy --select a*",
            "x.npy: --select has no effect: this is no container of named arrays",
        ),
        (
            "x.npy --colormap viridis --mode L",
            "x.npy: --colormap has no effect: mode L keeps no colors",
        ),
        (
            "x.npy --quality 90",
            "x.npy: --quality has no effect: the picture is png, not jpeg",
        ),
        (
            "x.npy --compress small --file-type bmp",
            "x.npy: --compress has no effect: the picture is bmp, not png",
        ),
        (
            "rgb.png --frames 0 --bgr --layout hwc",
            "rgb.png: --layout, --bgr, --frames have no effect: this is an image file, no array",
        ),
        (
            "rgb.png --reencode --range 0:1",
            "rgb.png: --range has no effect: this is an image file, no array",
        ),
        (
            "rgb.png --quality 90",
            "rgb.png: --quality has no effect: image files keep their bytes, unless --reencode is given",
        ),
    ] {
        assert_eq!(notes(args), [expected], "{args}");
    }
}

#[test]
fn options_with_effect_are_not() {
    for args in [
        "batch-nhwc.npy --frames 0:2",
        "stored.npz --select *",
        "x.npy --colormap viridis",
        "x.npy --quality 90 --file-type jpg",
        "x.npy --compress small",
        "rgb.png --reencode --quality 90 --file-type jpg",
        "x.npy --range 0:9 --layout hw",
    ] {
        assert!(notes(args).is_empty(), "{args}: {:?}", notes(args));
    }
}
