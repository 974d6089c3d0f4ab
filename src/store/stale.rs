//! Rows of pictures that an input does not have any more: frames of a batch that was longer, arrays that left a
//! container.

use std::collections::{HashMap, HashSet};

use super::row_line::{RowLine, hash_of};
use crate::media::FrameName;

/// An input all of whose pictures a call has made: no others of the same key and step are left of it.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// Its name.
    pub source: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Which keys its pictures have.
    pub keys: Keys,
}

/// Which keys the pictures of an input have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The input's.
    One,
    /// The input's, or one below it for each named array.
    Below,
}

/// Tells rows that are stale once a call is recorded.
#[derive(Debug, Default)]
pub(super) struct Stale<'a> {
    step: u64,
    inputs: HashMap<&'a str, Whole<'a>>,
    /// The pictures that the call has made, by the hash of their identity.
    made: HashSet<u64>,
}

impl<'a> Stale<'a> {
    /// What is stale when `rows`, which have all pictures of `inputs` in them, are recorded.
    pub(super) fn new(inputs: &[Whole<'a>], rows: &[RowLine]) -> Self {
        Self {
            step: rows.first().map_or(0, RowLine::step),
            // Inputs without pictures are no inputs.
            inputs: match rows {
                [] => HashMap::new(),
                _ => inputs.iter().map(|input| (input.source, *input)).collect(),
            },
            made: rows.iter().map(|row| hash_of(row.identity())).collect(),
        }
    }

    pub(super) fn step(&self) -> u64 {
        self.step
    }

    pub(super) fn inputs(&self) -> impl ExactSizeIterator<Item = &Whole<'a>> {
        self.inputs.values()
    }

    /// Whether the row of this identity is.
    pub(super) fn has(&self, identity: (&str, &FrameName, &str, u64)) -> bool {
        let (source, frame, key, step) = identity;
        let is_of = |input: &Whole<'_>| match (frame, input.keys) {
            (FrameName::Named(name, _), Keys::Below) => {
                let below = key.strip_prefix(input.key);
                below.and_then(|rest| rest.strip_prefix('/')) == Some(name)
            }
            _ => key == input.key,
        };
        step == self.step
            && self.inputs.get(source).is_some_and(is_of)
            && !self.made.contains(&hash_of(identity))
    }
}
