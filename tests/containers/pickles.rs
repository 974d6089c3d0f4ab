//! Pickles, instruction by instruction, and the files of torch's around them.

use crate::zips::{stored, zip};

/// A text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let len = u32::try_from(text.len()).unwrap().to_le_bytes();
    [b"X", &len[..], text.as_bytes()].concat()
}

/// An integer.
pub(crate) fn int(number: i64) -> Vec<u8> {
    [b"\x8a\x08", &number.to_le_bytes()[..]].concat()
}

pub(crate) fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(", &items.concat()[..], b"t"].concat()
}

pub(crate) fn ints(numbers: &[i64]) -> Vec<u8> {
    tuple(&numbers.iter().map(|&n| int(n)).collect::<Vec<_>>())
}

pub(crate) fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}

pub(crate) fn storage(class: &str, key: &str, count: i64) -> Vec<u8> {
    let parts = [
        text("storage"),
        global("torch", class),
        text(key),
        text("cpu"),
        int(count),
    ];
    [tuple(&parts), b"Q".to_vec()].concat()
}

/// A view of a byte storage "0" of `count` elements.
pub(crate) fn tensor(count: i64, offset: i64, shape: &[i64], strides: &[i64]) -> Vec<u8> {
    let arguments = [
        storage("ByteStorage", "0", count),
        int(offset),
        ints(shape),
        ints(strides),
        b"\x89".to_vec(),
        b"}".to_vec(),
    ];
    [
        global("torch._utils", "_rebuild_tensor_v2"),
        tuple(&arguments),
        b"R".to_vec(),
    ]
    .concat()
}

pub(crate) fn dict(items: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let items: Vec<u8> = items
        .iter()
        .flat_map(|(key, value)| [text(key), value.clone()].concat())
        .collect();
    [b"}(", &items[..], b"u"].concat()
}

/// A whole pickle.
pub(crate) fn pickle(body: &[u8]) -> Vec<u8> {
    [b"\x80\x02", body, b"."].concat()
}

/// A zip file of torch's, with one storage "0".
pub(crate) fn pt(body: &[u8], data: &[u8]) -> Vec<u8> {
    zip(&[
        stored("archive/data.pkl", &pickle(body)),
        stored("archive/data/0", data),
        stored("archive/version", b"3\n"),
    ])
}

/// A stream of torch's, with storages one after another.
pub(crate) fn legacy(body: &[u8], keys: &[&str], data: &[u8]) -> Vec<u8> {
    let keys: Vec<u8> = keys.iter().flat_map(|key| text(key)).collect();
    [
        &pickle(b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")[..],
        &pickle(&int(1001)),
        &pickle(b"}"),
        &pickle(body),
        &pickle(&[b"](", &keys[..], b"e"].concat()),
        data,
    ]
    .concat()
}
