//! `.safetensors` files that lie.

use crate::run::{convert_bytes, refused};

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [
        &(header.len() as u64).to_le_bytes(),
        header.as_bytes(),
        data,
    ]
    .concat()
}

fn tensor(dtype: &str, shape: &str, begin: u64, end: u64) -> String {
    format!(r#"{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#)
}

#[test]
fn the_files_of_these_tests_are_read_when_they_do_not_lie() {
    let header = format!(
        r#"{{"__metadata__":{{"format":"pt"}},"a.b":{},"n":{}}}   "#,
        tensor("U8", "[2,2]", 0, 4),
        tensor("F32", "[]", 4, 8)
    );
    let run = convert_bytes("x.safetensors", &file(&header, &[0; 8]), &[]);
    assert_eq!(
        (run.code, run.frames()),
        (Some(0), vec!["\"a.b\"".to_owned()])
    );
}

#[test]
fn headers_that_lie_are_refused() {
    let refuse =
        |header: &str, data: &[u8], says| refused("x.safetensors", &file(header, data), says);
    let one = |tensor: String| format!(r#"{{"a":{tensor}}}"#);
    refuse(
        &one(tensor("U8", "[2,2]", 0, 5)),
        &[0; 5],
        "is not 4 bytes long",
    );
    refuse(
        &one(tensor("U8", "[2,2]", 0, 4)),
        &[0; 3],
        "need 4 bytes, and 3 are there",
    );
    refuse(
        &one(tensor("U8", "[2,2]", 0, 4)),
        &[0; 5],
        "need 4 bytes, and 5 are there",
    );
    refuse(&one(tensor("U8", "[2,2]", 4, 0)), &[0; 4], "begins at 4");
    refuse(&one(tensor("U8", "[2,2]", 1, 5)), &[0; 5], "begins at 1");
    refuse(
        &one(tensor("U8", "[2,2]", u64::MAX - 3, u64::MAX)),
        &[0; 4],
        "begins at",
    );
    refuse(
        &one(tensor("F64", "[9223372036854775807,3]", 0, 4)),
        &[0; 4],
        "larger than any memory",
    );
    refuse(
        &one(tensor("U8", "[0,4294967296,4294967296,4294967296]", 0, 0)),
        &[],
        "larger than any memory",
    );
    refuse(
        &one(tensor("U8", "[-2,2]", 0, 4)),
        &[0; 4],
        "header is damaged",
    );
    refuse(
        &one(tensor("U8", "[1e30]", 0, 4)),
        &[0; 4],
        "header is damaged",
    );
    let axes = format!("[{}1]", "1,".repeat(64));
    refuse(
        &one(tensor("U8", &axes, 0, 1)),
        &[0; 1],
        "more than 64 axes",
    );
    let overlap = format!(
        r#"{{"a":{},"b":{}}}"#,
        tensor("U8", "[2,2]", 0, 4),
        tensor("U8", "[2,2]", 2, 6)
    );
    refuse(
        &overlap,
        &[0; 6],
        "tensor \"b\" begins at 2, but the one before it ends at 4",
    );
    let twice = format!(
        r#"{{"a":{},"a":{}}}"#,
        tensor("U8", "[2,2]", 0, 4),
        tensor("U8", "[2,2]", 4, 8)
    );
    refuse(&twice, &[0; 8], "\"a\" comes twice");
    refuse(
        r#"{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}"#,
        &[0; 1],
        "duplicate field",
    );
    refuse(r#"{"a":1}"#, &[], "header is damaged");
    refuse(r#"{"a":"#, &[], "header is damaged");
    refuse("{} {}", &[], "header is damaged");
    refuse("{}", &[], "no array is in it");
    refuse(
        &format!(r#"{{"__metadata__":{}}}"#, "[".repeat(100_000)),
        &[],
        "header is damaged",
    );
    refuse(
        &one(tensor("F8_E4M3", "[2,2]", 0, 4)),
        &[0; 4],
        "it holds elements of type \"F8_E4M3\"",
    );
}

#[test]
fn the_length_of_a_header_is_not_believed() {
    let mut long = file("{}", &[]);
    for claimed in [3u64, 1 << 20, 0xffff_ffff] {
        long[..8].copy_from_slice(&claimed.to_le_bytes());
        refused("x.safetensors", &long, "header claims");
    }
    refused(
        "x.safetensors",
        &[9, 0, 0, 0, 0, 0, 0, 0, b'{'],
        "header claims 9 bytes of a file of 9",
    );
}
