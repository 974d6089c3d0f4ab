//! The stream that `torch.save` wrote before version 1.6, and still does when asked: pickles of a magic number,
//! a version, facts about the system, the object and the keys of its storages, then the storages.

use std::collections::HashMap;
use std::io;

use super::super::globals::Elements;
use super::super::pickle::{Node, Pickle, PickleError, Storage};
use super::{Located, MAX_PICKLE, TorchError, damaged, tensors};
use crate::dtype::ByteOrder;
use crate::read::{Contents, ReadError, Source};

/// The magic number, little-endian, as a pickle has it.
const MAGIC: &[u8] = b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// The version of the format; there has been no other.
const VERSION: i64 = 1001;

/// How much of the file is read at first; the pickles of a few tensors fit.
const FIRST_WINDOW: u64 = 64 << 10;

/// Whether a file begins with the pickle of the magic number.
pub(in crate::read) fn is_legacy(source: &Source) -> io::Result<bool> {
    let mut head = [0; 32];
    let head = source.read_head(&mut head)?;
    // Behind the protocol, perhaps a frame, and a long integer's instruction and length.
    let is_magic = |at: usize| head.get(at..).is_some_and(|rest| rest.starts_with(MAGIC));
    Ok(head.starts_with(b"\x80") && (is_magic(4) || is_magic(13)))
}

/// Reads the tensors of a stream.
pub(in crate::read) fn read_legacy(source: &Source) -> Result<Contents, ReadError> {
    let mut window = FIRST_WINDOW;
    loop {
        let len = window.min(source.len());
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        source.read_exact_at(0, &mut bytes)?;
        match read_window(source, &bytes) {
            Err(ReadError::Torch(TorchError::Pickle(PickleError::Truncated)))
                if len < source.len() && window < MAX_PICKLE =>
            {
                window = (window * 4).min(MAX_PICKLE);
            }
            result => return result,
        }
    }
}

/// Reads a stream whose pickles lie in `bytes`, the start of `source`.
fn read_window(source: &Source, bytes: &[u8]) -> Result<Contents, ReadError> {
    let mut rest = bytes;
    let mut next = || -> Result<Pickle<'_>, TorchError> {
        let pickle = Pickle::read(rest)?;
        rest = &rest[pickle.len..];
        Ok(pickle)
    };
    let (magic, version, _system) = (next()?, next()?, next()?);
    if !matches!(magic.node(magic.root), Node::Big(MAGIC)) {
        return Err(damaged("its magic number is another").into());
    }
    if !matches!(version.node(version.root), Node::Int(VERSION)) {
        return Err(damaged("its version is not 1001").into());
    }
    let (object, keys) = (next()?, next()?);
    let data = (bytes.len() - rest.len()) as u64;
    let located = locate_all(source, &object, &keys, data)?;
    let locate = |storage: &Storage<'_>| {
        let located = located.get(storage.key).copied();
        Ok(located.ok_or_else(|| TorchError::Missing {
            key: storage.key.to_owned(),
        })?)
    };
    // Storages are little-endian on every machine.
    tensors::collect(&object, source.len(), ByteOrder::Little, locate)
}

/// Finds the storages, which follow each other: the number of elements, then the elements.
fn locate_all<'a>(
    source: &Source,
    object: &Pickle<'a>,
    keys: &Pickle<'a>,
    mut at: u64,
) -> Result<HashMap<&'a str, Located>, ReadError> {
    let mut claimed: HashMap<&str, (Elements, u64)> = HashMap::new();
    for node in &object.nodes {
        if let Node::Storage(storage) = node {
            let claim = (storage.elements, storage.count);
            if claimed
                .insert(storage.key, claim)
                .is_some_and(|other| other != claim)
            {
                return Err(damaged("one storage is claimed to be two").into());
            }
        }
    }
    let Node::List(keys_in_order) = keys.node(keys.root) else {
        return Err(damaged("it has no list of storages").into());
    };
    let mut located = HashMap::new();
    for &key in keys_in_order {
        let &Node::Text(key) = keys.node(key) else {
            return Err(damaged("the key of a storage is no text").into());
        };
        let &(elements, count) = claimed
            .get(key)
            .ok_or(damaged("it lists a storage that nothing is in"))?;
        let (begin, expected) = (at + 8, count.saturating_mul(elements.size() as u64));
        let found = source.len().saturating_sub(begin);
        if source.len() < begin || expected > found {
            let key = key.to_owned();
            return Err(TorchError::Short {
                key,
                expected,
                found,
            }
            .into());
        }
        let mut written = [0; 8];
        source.read_exact_at(at, &mut written)?;
        if u64::from_le_bytes(written) != count {
            return Err(damaged("a storage is not as long as the tensors in it say").into());
        }
        let place = Located {
            offset: begin,
            len: expected,
        };
        if located.insert(key, place).is_some() {
            return Err(damaged("it lists a storage twice").into());
        }
        at = begin + expected;
    }
    Ok(located)
}
