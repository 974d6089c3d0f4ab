//! The tensors that a pickle's values are, with names, each checked against its storage.

use std::collections::HashMap;

use super::super::container::{Container, Other};
use super::super::globals::Elements;
use super::super::pickle::{Id, Node, Pickle, Storage, Tensor};
use super::super::place::Place;
use super::{Contents, Located, ReadError, TorchError};
use crate::array::{ArraySpec, Convention};
use crate::dtype::ByteOrder;
use crate::read::Member;

/// The deepest nesting of dicts, lists and tuples.
const MAX_DEPTH: usize = 64;

/// How many values are looked at; one that is named often is looked at as often.
const MAX_VISITS: usize = 1_000_000;

/// How many tensors are read.
const MAX_TENSORS: usize = 65_535;

/// The longest name of a tensor: what file systems take is shorter.
const MAX_NAME: usize = 1024;

/// How often one axis may repeat its elements (a stride of 0).
const MAX_REPEATS: usize = 65_536;

/// What all tensors of a file may unfold to, beside so many times the file: a stride of 0, or a name more for
/// one storage, costs nothing to write.
const MAX_UNFOLDED: u64 = 1 << 30;
const MAX_SHARED: u64 = 16;

/// Finds the tensors of a pickle. `locate` finds the bytes of a storage.
pub(super) fn collect<'a>(
    pickle: &Pickle<'a>,
    found: u64,
    order: ByteOrder,
    locate: impl FnMut(&Storage<'a>) -> Result<Located, ReadError>,
) -> Result<Contents, ReadError> {
    let mut walk = Walk {
        pickle,
        order,
        locate,
        found,
        located: HashMap::new(),
        container: Container::default(),
        visits: 0,
        unfolded: 0,
    };
    match pickle.node(pickle.root) {
        Node::Tensor(tensor) => match walk.member(tensor, None)? {
            Ok(member) => Ok(Contents::Array(member)),
            Err(held) => Err(TorchError::Held { held }.into()),
        },
        Node::NoPicture(held) => Err(TorchError::Held {
            held: (*held).to_owned(),
        }
        .into()),
        _ => {
            walk.visit(pickle.root, &mut String::new(), 0)?;
            if walk.container.arrays.is_empty() && walk.container.others.is_empty() {
                return Err(TorchError::NoTensor.into());
            }
            Ok(Contents::Container(walk.container.with_unique_names()?))
        }
    }
}

struct Walk<'p, 'a, F> {
    pickle: &'p Pickle<'a>,
    order: ByteOrder,
    locate: F,
    /// Bytes of the file.
    found: u64,
    located: HashMap<&'a str, Located>,
    container: Container,
    visits: usize,
    /// Bytes of the tensors so far.
    unfolded: u64,
}

impl<'a, F: FnMut(&Storage<'a>) -> Result<Located, ReadError>> Walk<'_, 'a, F> {
    /// Looks at a value and those in it. `name` is the value's own, and is left as it was.
    fn visit(&mut self, id: Id, name: &mut String, depth: usize) -> Result<(), ReadError> {
        self.visits += 1;
        let count = self.container.arrays.len() + self.container.others.len();
        if self.visits > MAX_VISITS || count > MAX_TENSORS {
            return Err(TorchError::TooMany {
                limit: if count > MAX_TENSORS {
                    MAX_TENSORS
                } else {
                    MAX_VISITS
                },
            }
            .into());
        }
        if depth > MAX_DEPTH || name.len() > MAX_NAME {
            return Err(TorchError::Nested { limit: MAX_DEPTH }.into());
        }
        match self.pickle.node(id) {
            Node::Tensor(tensor) => match self.member(tensor, Some(name.clone()))? {
                Ok(member) => self.container.arrays.push(member),
                Err(held) => self.other(name, held),
            },
            Node::NoPicture(held) => self.other(name, (*held).to_owned()),
            Node::Tuple(items) | Node::List(items) => {
                for (n, &item) in items.iter().enumerate() {
                    self.visit_in(item, &n.to_string(), name, depth)?;
                }
            }
            Node::Dict(pairs) => {
                for (n, &(key, value)) in pairs.iter().enumerate() {
                    match self.pickle.node(key) {
                        Node::Text(key) => self.visit_in(value, key, name, depth)?,
                        Node::Int(key) => self.visit_in(value, &key.to_string(), name, depth)?,
                        // Keys without a short name count as the elements of lists do.
                        _ => self.visit_in(value, &n.to_string(), name, depth)?,
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_in(
        &mut self,
        id: Id,
        part: &str,
        name: &mut String,
        depth: usize,
    ) -> Result<(), ReadError> {
        let len = name.len();
        if depth > 0 {
            name.push('.');
        }
        name.push_str(part);
        let result = self.visit(id, name, depth + 1);
        name.truncate(len);
        result
    }

    fn other(&mut self, name: &str, held: String) {
        self.container.others.push(Other {
            name: name.to_owned(),
            held,
        });
    }

    /// The array that a tensor is, or what it holds instead of numbers.
    fn member(
        &mut self,
        tensor: &Tensor,
        name: Option<String>,
    ) -> Result<Result<Member, String>, ReadError> {
        let dtype = match tensor.elements {
            Elements::Known(dtype) => dtype,
            Elements::Untyped => return Ok(Err("bytes without a type".to_owned())),
            Elements::Other(held, _) => return Ok(Err(format!("elements of type {held}"))),
        };
        if tensor.is_lazy {
            return Ok(Err(
                "a negated or conjugated view; .resolve_neg().resolve_conj() makes numbers of it"
                    .to_owned(),
            ));
        }
        let Node::Storage(storage) = self.pickle.node(tensor.storage) else {
            return Err(super::damaged("a tensor has no storage").into());
        };
        let spec = ArraySpec::strided(
            dtype,
            self.order,
            tensor.shape.clone(),
            tensor.strides.clone(),
            Convention::ChannelsFirst,
        )
        .map_err(TorchError::from)?;
        self.budget(&spec)?;
        let located = self.storage(storage)?;
        let outside = || TorchError::Bounds {
            name: name.clone().unwrap_or_default(),
            count: storage.count,
        };
        let offset = tensor
            .offset
            .checked_mul(dtype.size())
            .ok_or_else(outside)? as u64;
        let end = offset.checked_add(spec.span_bytes() as u64);
        let claimed = storage.count.checked_mul(storage.elements.size() as u64);
        if end.is_none_or(|end| end > claimed.unwrap_or(0).min(located.len)) {
            return Err(outside().into());
        }
        Ok(Ok(Member {
            name,
            format: ".pt",
            spec,
            place: Place::At(located.offset + offset),
        }))
    }

    /// Where a storage is, and that all of it is there.
    fn storage(&mut self, storage: &Storage<'a>) -> Result<Located, ReadError> {
        let located = match self.located.get(storage.key) {
            Some(&located) => located,
            None => {
                let located = (self.locate)(storage)?;
                self.located.insert(storage.key, located);
                located
            }
        };
        let expected = storage.count.saturating_mul(storage.elements.size() as u64);
        if expected > located.len {
            return Err(TorchError::Short {
                key: storage.key.to_owned(),
                expected,
                found: located.len,
            }
            .into());
        }
        Ok(located)
    }

    /// Counts what the pictures of an array come to: views cost nothing to write, pictures do.
    fn budget(&mut self, spec: &ArraySpec) -> Result<(), TorchError> {
        let axes = spec.shape().iter().zip(spec.strides());
        if axes
            .clone()
            .any(|(&n, &stride)| stride == 0 && n > MAX_REPEATS)
        {
            return Err(TorchError::Repeats {
                shape: spec.shape().to_vec(),
                limit: MAX_REPEATS,
            });
        }
        // The constructor has seen that these products fit.
        let bytes = spec.shape().iter().product::<usize>() * spec.dtype().size();
        self.unfolded = self.unfolded.saturating_add(bytes as u64);
        let limit = MAX_UNFOLDED.saturating_add(self.found.saturating_mul(MAX_SHARED));
        if self.unfolded > limit {
            return Err(TorchError::Unfolds {
                found: self.found,
                unfolded: self.unfolded,
                limit,
            });
        }
        Ok(())
    }
}
