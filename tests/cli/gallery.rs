//! `wbimg gallery` from the outside: what it says and writes, what it leaves alone, and what it refuses. How the
//! page looks and works is for a browser to judge: `tests/gallery`.

use std::fs;

use serde_json::Value;

use crate::npy::npy;
use crate::picture::Picture;
use crate::wbimg::{Folder, OUT, Wbimg, fixture};

const PAGE: &str = "wbimg-out/index.html";

fn gallery<'a>(folder: &'a Folder, args: &str) -> Wbimg<'a> {
    folder.wbimg().arg("gallery").args(args.split_whitespace())
}

/// A directory with a picture that is larger than a small one, and one that is not.
fn converted() -> Folder {
    let large = npy(&[300, 500, 3], &vec![90u8; 300 * 500 * 3]);
    let folder = Folder::new()
        .file("large.npy", large)
        .file("small.npy", npy(&[3, 4, 3], &[7u8; 36]));
    folder
        .convert("large.npy small.npy --caption")
        .converts(&["large_0_….png", "small_0_….png"])
        .check();
    folder
}

/// The data in a page.
fn data(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    let (_, rest) = page.split_once(start).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_page_and_small_pictures_are_made_and_the_path_is_printed() {
    let folder = converted();
    gallery(&folder, OUT)
        .stdout(format!("{PAGE}\n"))
        .any_writes()
        .check();
    let [thumb] = &thumbs(&folder)[..] else {
        panic!("one is expected")
    };
    let digits = thumb.strip_suffix(".thumb.jpg").unwrap();
    let large = folder.rows()[0]["media"]["sha256"].clone();
    assert_eq!(digits, &large.as_str().unwrap()[..20]);
    let page = data(&folder.text(PAGE));
    assert_eq!(page["title"], OUT);
    assert_eq!(page["rows"].as_array().unwrap().len(), 2);
    assert_eq!(page["rows"][0]["thumb"], "jpg");
    assert_eq!(page["rows"][1]["thumb"], Value::Null);
    assert_eq!(page["rows"][1]["caption"], "small");
    let why = &page["rows"][1]["why"];
    let text = |n: usize| &page["texts"][usize::try_from(why[n][1].as_u64().unwrap()).unwrap()];
    assert_eq!(why[0][0], "array");
    assert_eq!(text(0), "uint8 [3, 4, 3]");
}

#[test]
fn the_decision_is_told_in_the_words_of_inspect() {
    let folder = Folder::new()
        .file("unit.npy", fixture("arrays/chelsea.npy"))
        .file("signed.npy", fixture("arrays/astronaut-float16-signed.npy"))
        .file("batch.npy", fixture("arrays/batch-nhwc.npy"))
        .file("chw.npy", fixture("arrays/coffee-chw.npy"));
    folder
        .wbimg()
        .args(["convert", "unit.npy", "signed.npy", "batch.npy", "chw.npy"])
        .any_stdout()
        .any_stderr()
        .any_writes()
        .check();
    gallery(&folder, OUT).any_stdout().any_writes().check();
    let page = data(&folder.text(PAGE));
    for row in page["rows"].as_array().unwrap() {
        let told = folder
            .wbimg()
            .args(["inspect", row["src"].as_str().unwrap()])
            .any_stdout()
            .any_stderr()
            .check();
        let told = String::from_utf8(told.stdout).unwrap();
        for why in row["why"].as_array().unwrap() {
            let number = usize::try_from(why[1].as_u64().unwrap()).unwrap();
            let line = page["texts"][number].as_str().unwrap();
            let word = why[0].as_str().unwrap();
            let line = match word {
                "array" => line.to_owned(),
                // The manifest does not keep the mean.
                "values" => line.split(';').next().unwrap().to_owned(),
                _ => format!("{word:<10} {line}"),
            };
            assert!(told.contains(&line), "{line:?} is not in\n{told}");
        }
    }
}

#[test]
fn making_it_again_changes_nothing() {
    let folder = converted();
    gallery(&folder, OUT).any_stdout().any_writes().check();
    let written = || fs::metadata(folder.path(PAGE)).unwrap().modified().unwrap();
    let first = written();
    for args in ["", "-j 1", "-j 7"] {
        gallery(&folder, &format!("{OUT} {args}"))
            .stdout(format!("{PAGE}\n"))
            .check();
    }
    assert_eq!(written(), first);
}

#[test]
fn what_no_picture_needs_any_more_is_removed_and_nothing_else_is() {
    let folder = converted();
    gallery(&folder, OUT).any_stdout().any_writes().check();
    for name in ["notes.txt", "0123456789abcdef.jpg", "x.thumb.jpg"] {
        folder.write(format!("{OUT}/media/thumbs/{name}"), "mine");
    }
    folder.write("large.npy", npy(&[300, 500], &vec![80u8; 300 * 500]));
    folder
        .convert("large.npy --caption")
        .any_stdout()
        .any_writes()
        .check();
    let before: Vec<String> = thumbs(&folder);
    gallery(&folder, OUT).any_stdout().any_writes().check();
    let after = thumbs(&folder);
    let gone: Vec<_> = before.iter().filter(|name| !after.contains(name)).collect();
    let new: Vec<_> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!((gone.len(), new.len()), (1, 1), "{before:?} {after:?}");
    assert_eq!(after.len(), 4);
}

fn thumbs(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path(format!("{OUT}/media/thumbs"))).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn an_embedded_page_has_the_bytes_of_its_pictures() {
    use base64::Engine;
    let folder = converted();
    gallery(&folder, &format!("{OUT} --embed --title A&B"))
        .stdout(format!("{PAGE}\n"))
        .any_writes()
        .check();
    let page = folder.text(PAGE);
    assert!(page.contains("<title>A&amp;B</title>"));
    for row in folder.rows() {
        let bytes = folder.file_of(&row["media"]);
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        assert!(
            page.contains(&format!(">{text}</script>")),
            "{}",
            row["key"]
        );
    }
    let policy = page.split("Content-Security-Policy").nth(1).unwrap();
    let policy = policy.split('>').next().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("'self'"));
}

#[test]
fn verify_and_convert_know_the_page_and_what_is_beside_it() {
    let folder = converted();
    gallery(&folder, OUT).any_stdout().any_writes().check();
    folder
        .wbimg()
        .args(["verify", OUT])
        .stderr(["wbimg: note: wbimg-out: 2 rows and 2 files verified: all as recorded"])
        .check();
    folder
        .wbimg()
        .args(["convert", ".", "-o", "other"])
        .stdout("other/media/images/large_0_….png\nother/media/images/small_0_….png\n")
        .stderr([] as [&str; 0])
        .any_writes()
        .check();
}

#[test]
fn small_pictures_are_small_and_look_like_the_large_ones() {
    let mut samples = Vec::new();
    for y in (0..200).flat_map(|y: u8| [y, y]) {
        for x in (0..225).flat_map(|x: u8| [x; 4]) {
            samples.extend([x, y, 60, 255]);
        }
    }
    let folder = Folder::new().file("x.npy", npy(&[400, 900, 4], &samples));
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    gallery(&folder, OUT).any_stdout().any_writes().check();
    let [thumb] = &thumbs(&folder)[..] else {
        panic!("one is expected")
    };
    assert!(thumb.ends_with(".thumb.png"), "alpha is kept: {thumb}");
    let small = Picture::decode_png(&folder.read(format!("{OUT}/media/thumbs/{thumb}")));
    assert_eq!((small.width, small.height), (320, 142));
    let at = |x: usize, y: usize| &small.samples[(y * 320 + x) * 4..][..4];
    for (x, y) in [(10, 10), (160, 71), (310, 130)] {
        let near = |found: u8, expected: usize| usize::from(found).abs_diff(expected) <= 2;
        let color = at(x, y);
        assert!(near(color[0], x * 900 / 320 / 4), "{x} {y} {color:?}");
        assert!(near(color[1], y * 400 / 142 / 2), "{x} {y} {color:?}");
        assert_eq!(&color[2..], [60, 255]);
    }
}

#[test]
fn an_empty_directory_has_an_empty_page() {
    let folder = Folder::new().file("nothing/notes.txt", "");
    folder
        .wbimg()
        .args(["convert", "nothing"])
        .any_stderr()
        .any_writes()
        .check();
    gallery(&folder, OUT)
        .stdout(format!("{PAGE}\n"))
        .stderr(["wbimg: note: wbimg-out: there is no picture yet"])
        .writes([PAGE])
        .check();
    gallery(&folder, &format!("{OUT} -q"))
        .stdout(format!("{PAGE}\n"))
        .check();
}

#[test]
fn what_is_no_output_directory_is_refused() {
    let folder = Folder::new()
        .file("x.npy", npy(&[2, 2], &[1u8; 4]))
        .file("other/manifest.jsonl", "{}\n")
        .file("plain/x.png", "");
    for dir in ["missing", "-", "x.npy", "other", "plain", ""] {
        folder
            .wbimg()
            .args(["gallery", dir])
            .one_error(if dir.is_empty() { "" } else { dir })
            .exit(2)
            .check();
    }
    gallery(&folder, "").one_error("DIR").exit(2).check();
    gallery(&folder, "plain -j 0")
        .one_error("-j")
        .exit(2)
        .check();
}

#[test]
fn a_page_of_somebody_else_is_left_alone() {
    let folder = converted();
    folder.write(PAGE, "<!doctype html><title>my notes</title>");
    gallery(&folder, OUT)
        .one_error("index.html is not a page of wbimg, and would be replaced: move it away")
        .exit(2)
        .check();
}

#[test]
fn pictures_that_cannot_be_had_are_told_and_do_not_stop_the_page() {
    let folder = converted();
    let rows = folder.rows();
    let path = |n: usize| rows[n]["media"]["path"].as_str().unwrap().to_owned();
    folder.write(format!("{OUT}/{}", path(0)), "no picture");
    fs::remove_file(folder.path(format!("{OUT}/{}", path(1)))).unwrap();
    assert_eq!(
        told(&folder, OUT),
        format!(
            "wbimg: note: wbimg-out: {}: not shown: it is no image file\n\
             wbimg: note: wbimg-out: {}: not shown: is missing\n",
            path(0),
            path(1)
        )
    );
    assert_eq!(data(&folder.text(PAGE))["rows"][1]["bad"], "is missing");
}

/// What is said of a directory that is damaged, of which a page is made all the same.
fn told(folder: &Folder, args: &str) -> String {
    let output = gallery(folder, args).output();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, format!("{PAGE}\n").as_bytes());
    String::from_utf8(output.stderr).unwrap()
}

#[cfg(unix)]
#[test]
fn links_are_never_followed() {
    use std::os::unix::fs::symlink;
    let folder = converted();
    folder.write("elsewhere/secret.png", "secret");
    // Where small pictures go.
    symlink(
        "../../elsewhere",
        folder.path(format!("{OUT}/media/thumbs")),
    )
    .unwrap();
    gallery(&folder, OUT)
        .one_error("media/thumbs is a symbolic link, which is not followed")
        .exit(1)
        .check();
    fs::remove_file(folder.path(format!("{OUT}/media/thumbs"))).unwrap();
    // Where the page goes: the link is replaced, what it leads to stays.
    symlink("../elsewhere/secret.png", folder.path(PAGE)).unwrap();
    // A picture that is a link to something else.
    let path = folder.rows()[1]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let picture = folder.path(format!("{OUT}/{path}"));
    fs::remove_file(&picture).unwrap();
    symlink("../../../elsewhere/secret.png", &picture).unwrap();
    assert_eq!(
        told(&folder, &format!("{OUT} --embed")),
        format!("wbimg: note: wbimg-out: {path}: not shown: is not a regular file\n")
    );
    assert_eq!(folder.text("elsewhere/secret.png"), "secret");
    assert!(!folder.text(PAGE).contains("c2VjcmV0"));
}

#[test]
fn nothing_that_a_manifest_says_leads_out_of_the_directory() {
    let folder = converted();
    folder.write("secret.png", fixture("images/rgb.png"));
    let manifest = folder.text(format!("{OUT}/manifest.jsonl"));
    let path = folder.rows()[1]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let away = manifest.replace(&path, "../secret.png");
    folder.write(format!("{OUT}/manifest.jsonl"), away);
    assert_eq!(
        told(&folder, &format!("{OUT} --embed")),
        "wbimg: note: wbimg-out: ../secret.png: not shown: leads out of the directory\n"
    );
    let page = folder.text(PAGE);
    let embedded = page.matches(" data-kind=\"image/").count();
    assert_eq!(embedded, 2, "the other one, and its small one");
    assert_eq!(data(&page)["rows"][1]["path"], "");
}

#[test]
fn a_full_disk_is_an_error_and_leaves_the_old_page() {
    let folder = converted();
    gallery(&folder, OUT).any_stdout().any_writes().check();
    let before = folder.text(PAGE);
    // A limit on the size of files that the page does not fit into.
    gallery(&folder, &format!("{OUT} --embed --title other"))
        .through_shell("ulimit -f 8; exec \"$@\"")
        .one_error("cannot write")
        .exit(1)
        .check();
    assert_eq!(folder.text(PAGE), before);
}
