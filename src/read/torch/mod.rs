//! `.pt` and `.pth`: what `torch.save` writes, as a zip file since torch 1.6 and as a stream of pickles before.
//!
//! The pickle inside only says which tensors there are, see [`super::pickle`]; here their bytes are found.

mod legacy;
mod tensors;

use std::collections::HashMap;

use super::pickle::{Pickle, PickleError, Storage};
use super::zip::{Archive, Checksum, Entry, Packing};
use super::{Contents, ReadError, Source};
use crate::array::SpecError;
use crate::dtype::ByteOrder;

pub(super) use legacy::{is_legacy, read_legacy};

/// The longest pickle that is read: as long as the directory of a zip file or the header of safetensors may be.
const MAX_PICKLE: u64 = 16 << 20;

/// Why a file of torch's cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// The pickle is not one of tensors.
    #[error(transparent)]
    Pickle(#[from] PickleError),
    /// Parts that belong to every such file and are not as torch writes them.
    #[error("the torch file is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// A storage that is not there.
    #[error("the torch file is damaged: its storage {key:?} is missing")]
    Missing {
        /// The storage.
        key: String,
    },
    /// A storage that is shorter than claimed.
    #[error(
        "the torch file is truncated: its storage {key:?} needs {expected} bytes, but {found} are there"
    )]
    Short {
        /// The storage.
        key: String,
        /// Bytes as claimed.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// A storage that cannot be read in place.
    #[error("the torch file's storage {key:?} is compressed, which torch.save never does")]
    Compressed {
        /// The storage.
        key: String,
    },
    /// A tensor that does not lie in its storage.
    #[error("tensor {name:?} reaches outside its storage of {count} elements")]
    Bounds {
        /// The tensor.
        name: String,
        /// Elements of the storage.
        count: u64,
    },
    /// A shape that no tensor has.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// An axis that repeats one element more often than anyone needs.
    #[error("shape {shape:?} repeats its elements more than {limit} times along one axis")]
    Repeats {
        /// The shape.
        shape: Vec<usize>,
        /// The limit.
        limit: usize,
    },
    /// Views that unfold a small file to far more pictures than it has bytes.
    #[error(
        "the tensors' views repeat their {found} bytes to {unfolded}; at most {limit} are made of them"
    )]
    Unfolds {
        /// Bytes of the file.
        found: u64,
        /// Bytes of all tensors.
        unfolded: u64,
        /// The limit.
        limit: u64,
    },
    /// Containers in containers, too deep or too often.
    #[error("the tensors are nested more than {limit} deep, or in circles")]
    Nested {
        /// The limit.
        limit: usize,
    },
    /// More tensors than are read.
    #[error("the file holds more than {limit} tensors and other values")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Not one tensor.
    #[error("no tensor is in the torch file")]
    NoTensor,
    /// One tensor, but not of numbers that are there.
    #[error("the torch file holds {held}, which is no picture")]
    Held {
        /// What it holds.
        held: String,
    },
}

/// Where a storage's bytes are.
#[derive(Clone, Copy, Debug)]
struct Located {
    offset: u64,
    len: u64,
}

/// Whether a zip file is torch's.
pub(super) fn is_torch(archive: &Archive) -> bool {
    archive.entries.iter().any(is_pickle)
}

fn is_pickle(entry: &Entry) -> bool {
    entry.raw_name().ends_with(b"/data.pkl")
}

/// Reads the tensors of a zip file.
pub(super) fn read_zip(source: &Source, archive: &Archive) -> Result<Contents, ReadError> {
    let mut pickles = archive.entries.iter().filter(|entry| is_pickle(entry));
    let (Some(pickle), None) = (pickles.next(), pickles.next()) else {
        return Err(damaged("it has more than one data.pkl").into());
    };
    let entries: HashMap<&[u8], &Entry> = archive
        .entries
        .iter()
        .map(|entry| (entry.raw_name(), entry))
        .collect();
    let name = pickle.raw_name();
    let folder = name.strip_suffix(b"data.pkl").unwrap_or(name);
    let order = match entries.get(&[folder, b"byteorder"].concat()[..]) {
        None => ByteOrder::Little,
        Some(entry) => match &entry.read_whole(source, 16, Checksum::Ignored)?[..] {
            b"little" => ByteOrder::Little,
            b"big" => ByteOrder::Big,
            _ => return Err(damaged("its byte order is neither little nor big").into()),
        },
    };
    let bytes = pickle.read_whole(source, MAX_PICKLE, Checksum::Ignored)?;
    let pickle = Pickle::read(&bytes).map_err(TorchError::from)?;
    let locate = |storage: &Storage<'_>| {
        let path = [folder, b"data/", storage.key.as_bytes()].concat();
        let entry = entries.get(&path[..]).ok_or_else(|| TorchError::Missing {
            key: storage.key.to_owned(),
        })?;
        locate(source, entry, storage.key)
    };
    tensors::collect(&pickle, source.len(), order, locate)
}

fn locate(source: &Source, entry: &Entry, key: &str) -> Result<Located, ReadError> {
    match entry.packing()? {
        Packing::Stored => Ok(Located {
            offset: entry.data(source)?,
            len: entry.size,
        }),
        Packing::Deflated => Err(TorchError::Compressed {
            key: key.to_owned(),
        }
        .into()),
    }
}

fn damaged(what: &'static str) -> TorchError {
    TorchError::Damaged { what }
}
