//! The header of a `.safetensors` file: eight bytes of length, then JSON that says where each tensor lies.
//!
//! As in the reference implementation, the tensors cover the bytes behind the header without gap or overlap, so
//! nothing can hide in the file; other than there, a name that comes twice is an error.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};

use super::container::{Container, Other};
use super::place::Place;
use super::{Contents, Member, Source};
use crate::array::{ArraySpec, Convention, MemoryOrder, SpecError};
use crate::dtype::{ByteOrder, DType};

/// The longest header that is read: some 100 000 tensors.
const MAX_HEADER: u64 = 16 << 20;

/// More axes than any tensor of a library has; `layout` says which make pictures.
const MAX_AXES: usize = 64;

/// Why a `.safetensors` file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SafetensorsError {
    /// A header longer than is read, or than the file.
    #[error(
        "the safetensors header claims {claimed} bytes of a file of {found}; at most {MAX_HEADER} are read"
    )]
    Header {
        /// Length as claimed.
        claimed: u64,
        /// Length of the file.
        found: u64,
    },
    /// Not the JSON that belongs there.
    #[error("the safetensors header is damaged")]
    Json(#[from] serde_json::Error),
    /// A tensor that is not as long as its shape.
    #[error(
        "tensor {name:?} lies at {begin}..{end}, which is not {expected} bytes long as its shape is"
    )]
    Length {
        /// The tensor.
        name: String,
        /// First byte behind the header.
        begin: u64,
        /// The byte behind its last one.
        end: u64,
        /// Bytes of its shape.
        expected: u64,
    },
    /// A tensor that does not begin where the one before it ends.
    #[error("tensor {name:?} begins at {begin}, but the one before it ends at {end}")]
    Order {
        /// The tensor.
        name: String,
        /// Where it begins.
        begin: u64,
        /// Where the one before it ends.
        end: u64,
    },
    /// A file that ends elsewhere than its last tensor.
    #[error(
        "the safetensors file is truncated or damaged: its tensors need {expected} bytes, and {found} are there"
    )]
    Data {
        /// Bytes of all tensors.
        expected: u64,
        /// Bytes behind the header.
        found: u64,
    },
    /// A shape with too many axes.
    #[error("tensor {name:?} has more than {MAX_AXES} axes")]
    Axes {
        /// The tensor.
        name: String,
    },
    /// A shape beyond any memory.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Reading failed.
    #[error("the safetensors header cannot be read")]
    Io(#[from] std::io::Error),
}

/// Whether a file that begins like this is one: a length of less than 4 GiB, then an object.
pub(super) fn is_safetensors(head: &[u8]) -> bool {
    matches!(head, [_, _, _, _, 0, 0, 0, 0, b'{', ..])
}

/// Reads the header.
pub(super) fn read(source: &Source) -> Result<Contents, SafetensorsError> {
    let mut length = [0; 8];
    source.read_exact_at(0, &mut length)?;
    let (claimed, found) = (u64::from_le_bytes(length), source.len());
    if claimed > MAX_HEADER || claimed > found - 8 {
        return Err(SafetensorsError::Header { claimed, found });
    }
    let data = 8 + claimed;
    let mut text = vec![0; usize::try_from(claimed).unwrap_or_default()];
    source.read_exact_at(8, &mut text)?;
    let mut parser = serde_json::Deserializer::from_slice(&text);
    let Header(tensors) = Header::deserialize(&mut parser)?;
    parser.end()?;
    check_order(&tensors, found - data)?;
    let mut container = Container::default();
    for (name, tensor) in tensors {
        match element_type(&tensor.dtype) {
            None => container.others.push(Other {
                name,
                held: format!("elements of type {:?}", tensor.dtype),
            }),
            Some(dtype) => container.arrays.push(member(name, tensor, dtype, data)?),
        }
    }
    Ok(Contents::Container(container))
}

fn member(
    name: String,
    tensor: Tensor,
    dtype: DType,
    data: u64,
) -> Result<Member, SafetensorsError> {
    if tensor.shape.len() > MAX_AXES {
        return Err(SafetensorsError::Axes { name });
    }
    let [begin, end] = tensor.data_offsets;
    let spec = ArraySpec::contiguous(
        dtype,
        ByteOrder::Little,
        tensor.shape,
        MemoryOrder::C,
        Convention::ChannelsFirst,
    )?;
    let expected = spec.span_bytes() as u64;
    if end - begin != expected {
        return Err(SafetensorsError::Length {
            name,
            begin,
            end,
            expected,
        });
    }
    Ok(Member {
        name: Some(name),
        format: ".safetensors",
        spec,
        place: Place::At(data + begin),
    })
}

/// Sees to it that the tensors are all of the data, each byte once.
fn check_order(tensors: &[(String, Tensor)], found: u64) -> Result<(), SafetensorsError> {
    let mut sorted: Vec<_> = tensors.iter().collect();
    sorted.sort_by_key(|(_, tensor)| tensor.data_offsets);
    let mut expected = 0;
    for (name, tensor) in sorted {
        let [begin, end] = tensor.data_offsets;
        if begin != expected || end < begin {
            return Err(SafetensorsError::Order {
                name: name.clone(),
                begin,
                end: expected,
            });
        }
        expected = end;
    }
    if expected != found {
        return Err(SafetensorsError::Data { expected, found });
    }
    Ok(())
}

/// The types that pictures are made of, by the names of the format.
fn element_type(name: &str) -> Option<DType> {
    Some(match name {
        "BOOL" => DType::Bool,
        "U8" => DType::U8,
        "U16" => DType::U16,
        "U32" => DType::U32,
        "U64" => DType::U64,
        "I8" => DType::I8,
        "I16" => DType::I16,
        "I32" => DType::I32,
        "I64" => DType::I64,
        "F16" => DType::F16,
        "BF16" => DType::Bf16,
        "F32" => DType::F32,
        "F64" => DType::F64,
        "C64" => DType::C64,
        _ => return None,
    })
}

/// A tensor, as the header has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    /// First byte, and the one behind the last, counted from the end of the header.
    data_offsets: [u64; 2],
}

/// The tensors in the order of the header.
struct Header(Vec<(String, Tensor)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an entry for each tensor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut seen = HashSet::new();
        let mut tensors = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("{name:?} comes twice")));
            }
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
            } else {
                let tensor = map.next_value::<Tensor>()?;
                tensors.push((name, tensor));
            }
        }
        Ok(Header(tensors))
    }
}
