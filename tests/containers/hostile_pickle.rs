//! Pickles that would run code, lie about their tensors, or never end.

use std::time::{Duration, Instant};

use crate::pickles::{dict, global, int, ints, legacy, pickle, pt, storage, tensor, text, tuple};
use crate::run::{convert_bytes, refused};
use crate::zips::{deflated, stored, zip};

#[track_caller]
fn refuse_zip(body: &[u8], says: &str) {
    refused("x.pt", &pt(body, &[0; 12]), says);
}

#[track_caller]
fn refuse(body: &[u8], says: &str) {
    refuse_zip(body, says);
    let count = 12u64.to_le_bytes();
    refused(
        "x.pt",
        &legacy(body, &["0"], &[&count[..], &[0; 12]].concat()),
        says,
    );
}

#[test]
fn the_pickles_of_these_tests_are_read_when_they_do_not_lie() {
    let good = tensor(12, 0, &[3, 2, 2], &[4, 2, 1]);
    let data = [12u64.to_le_bytes().to_vec(), vec![5; 12]].concat();
    for file in [pt(&good, &[5; 12]), legacy(&good, &["0"], &data)] {
        let run = convert_bytes("x.pt", &file, &[]);
        assert_eq!((run.code, run.frames()), (Some(0), vec!["null".to_owned()]));
    }
}

#[test]
fn no_global_outside_the_list_is_let_in() {
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("builtins", "getattr"),
        ("torch", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("torch.hub", "load"),
        ("torch", "os.Storage"),
        ("torch.evil", "FloatStorage"),
        ("collections", "namedtuple"),
    ] {
        let call = [
            global(module, name),
            tuple(&[text("touch /tmp/pwned")]),
            b"R".to_vec(),
        ]
        .concat();
        refuse(
            &call,
            &format!("its pickle refers to {module}.{name}, which is no part of tensors"),
        );
        let by_stack = [text(module), text(name), b"\x93".to_vec()].concat();
        refuse(&by_stack, &format!("its pickle refers to {module}.{name}"));
        let beside = dict(&[("a", tensor(12, 0, &[3, 2, 2], &[4, 2, 1])), ("b", call)]);
        refuse(&beside, &format!("its pickle refers to {module}.{name}"));
    }
    let long = global(&"x".repeat(100_000), "y");
    refuse(&long, "expected the name of a global");
    let control = global("os\x1b[2J", "x");
    refuse(&control, "os\\u{1b}[2J.x");
}

#[test]
fn instructions_that_torch_does_not_write_are_refused() {
    // INST, OBJ, PERSID, EXT1, INT, NEXT_BUFFER, an undefined one.
    for code in [b'i', b'o', b'P', 0x82, b'I', 0x97, 0xff] {
        refuse(
            &[code, 0, 0],
            &format!("has the instruction {code:#04x} at byte 2"),
        );
    }
    refuse(b"\x80\x00", "expected pickle protocol 2 to 5");
    for body in [
        &b"0"[..],
        b"t",
        b"R",
        b"}R",
        b"u",
        b"h\x07",
        b"a",
        b"]NNs",
        b"((Nta",
        b"b",
        b"Nb",
        b"Q",
        b"NQ",
        b"\x93",
        b"\x87",
    ] {
        refuse(body, "its pickle is damaged");
    }
    for body in [
        &b"X\xff\xff\xff\xff"[..],
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\xff",
        b"B\xff\xff\xff\x7f",
    ] {
        refused("x.pt", &pt(body, &[]), "its pickle is truncated");
    }
}

#[test]
fn tensors_lie_inside_their_storage() {
    for (count, offset, shape, strides) in [
        (12, 1, &[3, 2, 2][..], &[4, 2, 1][..]),
        (12, 0, &[3, 2, 2], &[5, 2, 1]),
        (12, 12, &[1, 1], &[1, 1]),
        (12, i64::MAX, &[1, 1], &[1, 1]),
        (12, 0, &[2, 2], &[1 << 40, 1]),
    ] {
        refuse(
            &tensor(count, offset, shape, strides),
            "reaches outside its storage of 12 elements",
        );
    }
    refuse(&tensor(12, -1, &[2, 2], &[2, 1]), "expected a size from 0");
    refuse(&tensor(12, 4, &[2, 2], &[-2, 1]), "expected a size from 0");
    refuse(&tensor(12, 0, &[2, 2], &[1]), "there are 1 strides");
    refuse(
        &tensor(12, 0, &[2, 2], &[i64::MAX, i64::MAX]),
        "larger than any memory",
    );
    refuse(
        &tensor(12, 0, &[i64::MAX, i64::MAX], &[0, 0]),
        "larger than any memory",
    );
    refuse(&tensor(12, 0, &[1; 65], &[1; 65]), "at most 64 sizes");
    refuse(&tensor(12, 0, &[0, 4], &[4, 1]), "has an axis of length 0");
}

#[test]
fn storages_are_there_and_as_long_as_claimed() {
    let one = |storage: Vec<u8>| {
        let arguments = [storage, int(0), ints(&[2, 2]), ints(&[2, 1])];
        [
            global("torch._utils", "_rebuild_tensor"),
            tuple(&arguments),
            b"R".to_vec(),
        ]
        .concat()
    };
    let long = one(storage("ByteStorage", "0", 13));
    refused(
        "x.pt",
        &pt(&long, &[0; 12]),
        "its storage \"0\" needs 13 bytes, but 12 are there",
    );
    let longer = one(storage("DoubleStorage", "0", i64::MAX));
    refused("x.pt", &pt(&longer, &[0; 12]), "but 12 are there");
    for key in ["1", "../version", "/etc/passwd", "../../../../etc/passwd"] {
        refused(
            "x.pt",
            &pt(&one(storage("ByteStorage", key, 12)), &[0; 12]),
            "is missing",
        );
    }
    let good = one(storage("ByteStorage", "0", 12));
    let packed = [
        stored("a/data.pkl", &pickle(&good)),
        deflated("a/data/0", &[0; 12]),
    ];
    refused(
        "x.pt",
        &zip(&packed),
        "is compressed, which torch.save never does",
    );
    let two = [
        stored("a/data.pkl", &pickle(&good)),
        stored("b/data.pkl", &pickle(&good)),
    ];
    refused("x.pt", &zip(&two), "more than one data.pkl");
    let data = |count: u64, len: usize| [&count.to_le_bytes()[..], &vec![0; len]].concat();
    refused(
        "x.pt",
        &legacy(&good, &["0"], &data(12, 11)),
        "needs 12 bytes, but 11 are there",
    );
    refused(
        "x.pt",
        &legacy(&good, &["0"], &data(11, 12)),
        "is not as long as the tensors in it say",
    );
    refused(
        "x.pt",
        &legacy(&good, &["0"], &[]),
        "needs 12 bytes, but 0 are there",
    );
    refused(
        "x.pt",
        &legacy(&good, &[], &data(12, 12)),
        "its storage \"0\" is missing",
    );
    refused(
        "x.pt",
        &legacy(&good, &["1"], &data(12, 12)),
        "lists a storage that nothing is in",
    );
    refused(
        "x.pt",
        &legacy(&good, &["0", "0"], &data(12, 50)),
        "is not as long",
    );
    let both = dict(&[("a", good), ("b", one(storage("IntStorage", "0", 12)))]);
    refused(
        "x.pt",
        &legacy(&both, &["0"], &data(12, 48)),
        "one storage is claimed to be two",
    );
}

#[test]
fn repetition_costs_what_it_makes() {
    refuse(
        &tensor(12, 0, &[100_000, 1, 100, 100], &[0, 0, 0, 0]),
        "repeats its elements more than 65536 times",
    );
    refuse(
        &tensor(12, 0, &[60_000, 3, 100, 100], &[0, 0, 0, 0]),
        "to 1800000000",
    );
    let pictures = tensor(12, 0, &[3, 50_000, 50_000], &[0, 0, 0]);
    refuse(&pictures, "repeat their");
    // A thousand names for one picture: more than the file, and still no more than asked for.
    let expanded = tensor(12, 0, &[3, 2, 2], &[0, 0, 1]);
    let run = convert_bytes("x.pt", &pt(&expanded, &[5; 12]), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn depth_circles_and_doublings_end() {
    let start = Instant::now();
    let deep = [vec![b']'; 500_000], vec![b'a'; 499_999]].concat();
    refuse_zip(&deep, "nested more than 64 deep");
    let tuples = [b")".to_vec(), vec![0x85; 500_000]].concat();
    refuse_zip(&tuples, "nested more than 64 deep");
    refuse_zip(b"]q\x00h\x00a", "nested more than 64 deep");
    // Each list holds the one before it ten times.
    let mut doubling = b"]q\x00".to_vec();
    for level in 1..60u8 {
        doubling.extend([b']', b'q', level, b'(']);
        doubling.extend([b'h', level - 1].repeat(10));
        doubling.push(b'e');
    }
    refuse_zip(&doubling, "more than");
    refuse_zip(&vec![b'N'; 3_000_000], "has more than 2000000 instructions");
    refuse_zip(&vec![b'('; 1_000_000], "expected a value");
    // A long tuple as the arguments of many calls.
    let mut calls = [b"(".to_vec(), vec![b'N'; 500_000], b"tq\x00".to_vec()].concat();
    calls.extend(global("builtins", "set"));
    calls.extend(b"q\x01");
    calls.extend(b"h\x01h\x00R0".repeat(200_000));
    refuse_zip(&calls, "no tensor is in the torch file");
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn names_are_told_apart() {
    let picture = || tensor(12, 0, &[2, 2], &[2, 1]);
    let clash = dict(&[("x.y", picture()), ("x", dict(&[("y", picture())]))]);
    refuse(&clash, "two of its arrays are named \"x.y\"");
    refuse(
        &dict(&[("a", picture()), ("a", picture())]),
        "two of its arrays are named \"a\"",
    );
    let long = "n".repeat(2000);
    refuse(&dict(&[(&long, picture())]), "nested");
    let out = dict(&[("../../x", picture()), ("/y", picture())]);
    let run = convert_bytes("x.pt", &pt(&out, &[5; 12]), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for row in &run.rows {
        let path = row["media"]["path"].as_str().unwrap();
        assert!(path.starts_with("media/images/x/"), "{path}");
        assert!(!path.split('/').any(|part| part == ".."), "{path}");
    }
}

#[test]
fn every_file_that_is_cut_short_is_one_error() {
    let whole = std::fs::read(crate::run::fixture("views.pt")).unwrap();
    let streamed = std::fs::read(crate::run::fixture("legacy_p4.pt")).unwrap();
    let tensors = std::fs::read(crate::run::fixture("tensors.safetensors")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut files = 0;
    for (kind, bytes) in [("zip", whole), ("stream", streamed), ("st", tensors)] {
        for len in (1..bytes.len()).step_by(97) {
            std::fs::write(folder.path().join(format!("{kind}{len}.pt")), &bytes[..len]).unwrap();
            files += 1;
        }
    }
    let run = crate::run::convert(folder.path(), &[]);
    assert_eq!((run.code, run.rows.len()), (Some(1), 0), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), files, "{}", run.stderr);
    assert!(!run.stderr.contains("bug"), "{}", run.stderr);
}

#[test]
fn a_byte_changed_anywhere_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["nested_p2.pt", "legacy_p4.pt", "dtypes_v3.pt"] {
        let bytes = std::fs::read(crate::run::fixture(name)).unwrap();
        for at in (0..bytes.len()).step_by(7) {
            let mut bytes = bytes.clone();
            bytes[at] ^= [0xff, 0x01, 0x80, 0x20][at % 4];
            std::fs::write(folder.path().join(format!("{at}-{name}")), bytes).unwrap();
        }
    }
    let run = crate::run::convert(folder.path(), &["-q"]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    assert!(!run.stderr.contains("bug"), "{}", run.stderr);
}
