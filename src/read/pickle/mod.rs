//! A machine for the pickles that torch writes. It runs nothing: a pickle becomes a table of values, in which
//! the globals of a short list are marks and everything else is refused by name.
//!
//! Values refer to each other by number, so no nesting, however deep, is a recursion here or when the table is
//! dropped, and a value that is named often is kept once. The number of instructions bounds table, stack and
//! memo; texts are slices of the pickle.

mod machine;
mod objects;

use super::globals::{Elements, Global};
use machine::{Flow, Machine};

/// More instructions than the pickle of 50 000 tensors has.
const MAX_OPS: usize = 2_000_000;

/// More axes than torch allows.
const MAX_AXES: usize = 64;

/// Why a pickle cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickleError {
    /// It ends before it stops.
    #[error("its pickle is truncated")]
    Truncated,
    /// It names something outside the list; it would be called if Python opened the file.
    #[error("its pickle refers to {name}, which is no part of tensors; no pickled code is run")]
    Global {
        /// Module and name.
        name: String,
    },
    /// An instruction that no pickle of tensors needs.
    #[error("its pickle has the instruction {code:#04x} at byte {at}, which torch does not write")]
    Instruction {
        /// The instruction.
        code: u8,
        /// Where it is.
        at: usize,
    },
    /// Instructions that make no sense.
    #[error("its pickle is damaged at byte {at}: expected {expected}")]
    Damaged {
        /// Where it is.
        at: usize,
        /// What should have been there.
        expected: &'static str,
    },
    /// More instructions than are followed.
    #[error("its pickle has more than {MAX_OPS} instructions")]
    TooLong,
}

/// The number of a value.
pub(in crate::read) type Id = u32;

/// A value.
#[derive(Debug)]
pub(in crate::read) enum Node<'a> {
    Int(i64),
    /// An integer beyond 64 bits, as its little-endian bytes.
    Big(&'a [u8]),
    Text(&'a str),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Global(Global),
    Storage(Box<Storage<'a>>),
    Tensor(Box<Tensor>),
    /// A tensor that no picture can be made of, in words.
    NoPicture(&'static str),
    True,
    False,
    None,
    /// Something that does not matter here.
    Other,
}

/// A piece of data outside the pickle.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) struct Storage<'a> {
    pub(in crate::read) elements: Elements,
    pub(in crate::read) key: &'a str,
    /// How many elements it claims.
    pub(in crate::read) count: u64,
}

/// A view of a storage, as claimed.
#[derive(Debug)]
pub(in crate::read) struct Tensor {
    pub(in crate::read) elements: Elements,
    pub(in crate::read) storage: Id,
    pub(in crate::read) offset: usize,
    pub(in crate::read) shape: Vec<usize>,
    pub(in crate::read) strides: Vec<usize>,
    /// Whether its numbers are to be negated or conjugated when they are read.
    pub(in crate::read) is_lazy: bool,
}

/// What a pickle holds.
#[derive(Debug)]
pub(in crate::read) struct Pickle<'a> {
    pub(in crate::read) nodes: Vec<Node<'a>>,
    pub(in crate::read) root: Id,
    /// Its length in bytes.
    pub(in crate::read) len: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle at the start of `bytes`.
    pub(in crate::read) fn read(bytes: &'a [u8]) -> Result<Self, PickleError> {
        let mut machine = Machine::new(bytes);
        for _ in 0..MAX_OPS {
            if machine.step()? == Flow::Stop {
                let root = machine.pop()?;
                return Ok(Self {
                    nodes: machine.nodes,
                    root,
                    len: machine.at,
                });
            }
        }
        Err(PickleError::TooLong)
    }

    pub(in crate::read) fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id as usize]
    }
}
