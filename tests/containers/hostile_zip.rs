//! Zip files that lie.

use std::time::{Duration, Instant};

use crate::run::{convert_bytes, npy, refused};
use crate::zips::{Entry, deflated, stored, zip, zip_with_directory};

fn picture() -> Vec<u8> {
    npy("(2, 2)", &[1, 2, 3, 4])
}

#[test]
fn the_zips_of_these_tests_are_read_when_they_do_not_lie() {
    let file = zip(&[stored("a.npy", &picture()), deflated("b.npy", &picture())]);
    let run = convert_bytes("x.npz", &file, &[]);
    assert_eq!(
        (run.code, &run.frames()[..]),
        (Some(0), &["\"a\"".to_owned(), "\"b\"".into()][..])
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn names_lead_nowhere() {
    for name in [
        "../../x.npy",
        "/etc/x.npy",
        "..\\x.npy",
        "a/../../../x.npy",
        ".npy",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/x.npz");
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(&file, zip(&[stored(name, &picture())])).unwrap();
        let out = folder.path().join("deep/out");
        let output = assert_cmd::Command::cargo_bin("wbimg")
            .unwrap()
            .args(["convert", "-o"])
            .args([&out, &file])
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {output:?}");
        let names = |path: &std::path::Path| {
            let mut names: Vec<_> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names(folder.path()), ["deep"]);
        assert_eq!(names(&folder.path().join("deep")), ["out", "x.npz"]);
    }
}

#[test]
fn sizes_that_lie_are_refused() {
    let data = picture();
    let honest = deflated("a.npy", &data);
    for size in [data.len() as u64 + 1, data.len() as u64 - 1] {
        let entry = Entry {
            size,
            ..honest.clone()
        };
        refused("x.npz", &zip(&[entry]), "\"a");
    }
    let huge = Entry {
        size: 4_000_000_000,
        ..honest.clone()
    };
    refused(
        "x.npz",
        &zip(&[huge]),
        "claims to hold more than its bytes can be inflated to",
    );
    let stored_lie = Entry {
        sizes: Some((500, 4)),
        ..stored("a.npy", &data)
    };
    refused("x.npz", &zip(&[stored_lie]), "its two sizes differ");
    let outside = Entry {
        sizes: Some((5000, 5000)),
        ..stored("a.npy", &data)
    };
    refused("x.npz", &zip(&[outside]), "an entry lies outside the file");
}

#[test]
fn damaged_bytes_are_seen() {
    let mut entry = stored("a.npy", &picture());
    *entry.bytes.last_mut().unwrap() ^= 1;
    refused(
        "x.npz",
        &zip(&[entry]),
        "its checksum (CRC-32) does not match",
    );
    let mut entry = deflated("a.npy", &picture());
    entry.crc ^= 1;
    refused(
        "x.npz",
        &zip(&[entry]),
        "its checksum (CRC-32) does not match",
    );
    let mut entry = deflated("a.npy", &picture());
    entry.bytes.fill(0xff);
    refused("x.npz", &zip(&[entry]), "a.npy");
}

#[test]
fn one_damaged_array_does_not_take_the_others_with_it() {
    let mut bad = stored("a.npy", &picture());
    bad.crc ^= 1;
    let file = zip(&[
        bad,
        stored("b.npy", &picture()),
        stored("n.npy", &npy("(3,)", &[1, 2, 3])),
    ]);
    let run = convert_bytes("x.npz", &file, &[]);
    assert_eq!(
        (run.code, run.frames()),
        (Some(1), vec!["\"b\"".to_owned()])
    );
    assert!(run.stderr.contains("x.npz:a: entry"), "{}", run.stderr);
    assert!(
        run.stderr.contains("x.npz:n: passed over"),
        "{}",
        run.stderr
    );
}

#[test]
fn entries_share_no_byte_and_no_name() {
    let twin = Entry {
        at: Some(0),
        ..stored("b.npy", &picture())
    };
    refused(
        "x.npz",
        &zip(&[stored("a.npy", &picture()), twin]),
        "overlaps another",
    );
    let inside = Entry {
        at: Some(20),
        ..stored("b.npy", &picture())
    };
    refused(
        "x.npz",
        &zip(&[stored("a.npy", &picture()), inside]),
        "overlaps another",
    );
    let same = stored("a.npy", &picture());
    refused(
        "x.npz",
        &zip(&[same.clone(), same.clone()]),
        "two entries named \"a.npy\"",
    );
    let renamed = Entry {
        local_name: Some(b"c.npy".to_vec()),
        ..same
    };
    refused("x.npz", &zip(&[renamed]), "its own header has another name");
}

#[test]
fn encrypted_and_foreign_entries_are_refused() {
    let encrypted = Entry {
        flags: 1,
        ..stored("a.npy", &picture())
    };
    refused("x.npz", &zip(&[encrypted]), "is encrypted");
    for method in [9, 12, 14, 93] {
        let entry = Entry {
            method,
            ..stored("a.npy", &picture())
        };
        refused("x.npz", &zip(&[entry]), "stored and deflated are read");
    }
}

#[test]
fn directories_that_lie_are_refused() {
    let (file, start) = zip_with_directory(&[stored("a.npy", &picture())]);
    refused("x.npz", &file[..start], "its directory is missing");
    refused("x.npz", &file[..file.len() - 1], "its directory is missing");
    let end = file.len() - 22;
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[end + at..end + at + bytes.len()].copy_from_slice(bytes);
        file
    };
    refused("x.npz", &with(16, &[0xff; 4]), "its directory");
    refused("x.npz", &with(12, &[0xff; 4]), "its directory is not where");
    refused(
        "x.npz",
        &with(8, &[9, 0, 9, 0]),
        "fewer entries than it claims",
    );
    refused("x.npz", &with(4, &[1, 0]), "one volume of several");
    let mut cut = file.clone();
    cut[start + 28] = 0xff;
    refused("x.npz", &cut, "fewer entries than it claims");
}

#[test]
fn zip64_is_read_and_its_lies_are_refused() {
    let data = picture();
    let len = data.len() as u64;
    let field = |size: u64, compressed: u64| {
        let numbers = [size.to_le_bytes(), compressed.to_le_bytes()].concat();
        [&[1, 0, 16, 0][..], &numbers].concat()
    };
    let wide = |size, compressed| Entry {
        extra: field(size, compressed),
        sizes: Some((u32::MAX, u32::MAX)),
        ..stored("a.npy", &data)
    };
    let run = convert_bytes("x.npz", &zip(&[wide(len, len)]), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    refused(
        "x.npz",
        &zip(&[wide(u64::MAX, u64::MAX)]),
        "lies outside the file",
    );
    refused(
        "x.npz",
        &zip(&[wide(u64::MAX, len)]),
        "its two sizes differ",
    );
    let short = Entry {
        extra: vec![1, 0, 4, 0, 1, 2, 3, 4],
        ..wide(len, len)
    };
    refused("x.npz", &zip(&[short]), "a zip64 field is cut short");
    // A zip64 end record with numbers of its own.
    let (file, start) = zip_with_directory(&[stored("a.npy", &data)]);
    let end = file.len() - 22;
    let with_end64 = |entries: u64, len: u64, start: u64| {
        let mut end64 = b"PK\x06\x06".to_vec();
        end64.extend(44u64.to_le_bytes());
        end64.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [entries, entries, len, start] {
            end64.extend(number.to_le_bytes());
        }
        let locator = [
            b"PK\x06\x07\0\0\0\0",
            &(end as u64).to_le_bytes()[..],
            &[1, 0, 0, 0],
        ]
        .concat();
        [&file[..end], &end64, &locator, &file[end..]].concat()
    };
    let len = (end - start) as u64;
    let run = convert_bytes("x.npz", &with_end64(1, len, start as u64), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    refused(
        "x.npz",
        &with_end64(1, u64::MAX, 0),
        "its directory is not where",
    );
    refused(
        "x.npz",
        &with_end64(u64::MAX, len, start as u64),
        "claims 18446744073709551615 entries",
    );
    refused(
        "x.npz",
        &with_end64(1, len, u64::MAX),
        "its directory is not where",
    );
    refused("x.npz", &with_end64(2, len, start as u64), "fewer entries");
}

#[test]
fn a_bomb_is_inflated_once_within_the_limit_and_not_beyond_it() {
    let data = npy("(20000, 10000)", &vec![0; 200_000_000]);
    let file = zip(&[deflated("a.npy", &data), stored("b.npy", &picture())]);
    assert!(file.len() < 400_000);
    let start = Instant::now();
    let run = convert_bytes("x.npz", &file, &["--max-memory", "100000000"]);
    assert_eq!(
        (run.code, run.frames()),
        (Some(1), vec!["\"b\"".to_owned()])
    );
    assert!(run.stderr.contains("x.npz:a: "), "{}", run.stderr);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    // A thousand small pictures out of one deflated array: inflating it for each would take minutes.
    let data = npy("(1000, 100, 100)", &vec![7; 10_000_000]);
    let start = Instant::now();
    let file = zip(&[deflated("a.npy", &data)]);
    let run = convert_bytes("x.npz", &file, &["--layout", "nhw"]);
    assert_eq!((run.code, run.rows.len()), (Some(0), 1000));
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn as_many_members_as_a_zip_can_have_are_gone_through() {
    let label = npy("(3,)", &[1, 2, 3]);
    let mut entries: Vec<Entry> = (0..65_534)
        .map(|n| stored(&format!("{n}.npy"), &label))
        .collect();
    entries.push(deflated("picture.npy", &picture()));
    let start = Instant::now();
    let run = convert_bytes("x.npz", &zip(&entries), &[]);
    assert_eq!((run.code, run.rows.len()), (Some(0), 1));
    assert!(run.stderr.lines().count() < 20, "{}", run.stderr.len());
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn containers_without_a_picture_say_why() {
    refused("x.npz", &zip(&[]), "no array is in it");
    let one = zip(&[stored("n.npy", &npy("(3,)", &[1, 2, 3]))]);
    refused(
        "x.npz",
        &one,
        "the only array in it, \"n\", is no picture: shape [3]",
    );
    let readable = zip(&[stored("n.npy", &npy("(2, 2, 7)", &[0; 28]))]);
    refused("x.npz", &readable, "--layout nhw");
    refused(
        "x.npz",
        &zip(&[stored("a.txt", b"")]),
        "a zip file with neither .npy arrays nor",
    );
    let foreign = zip(&[stored("a.npy", b"something else")]);
    refused(
        "x.npz",
        &foreign,
        "its array \"a\" cannot be read: it does not begin as a .npy file does",
    );
    let short = zip(&[stored("a.npy", &npy("(2, 2)", &[1, 2, 3]))]);
    refused(
        "x.npz",
        &short,
        "is truncated: its array needs 4 bytes, but 3 are there",
    );
}
