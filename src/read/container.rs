//! What containers have in common: arrays with names, of which some are no pictures.

use std::collections::HashSet;

use super::Member;

/// The arrays of a container that gives them names.
#[derive(Debug, Default)]
pub struct Container {
    /// Arrays of numbers, in the container's order. Each has a name of its own.
    pub arrays: Vec<Member>,
    /// What else is in it, in the same order.
    pub others: Vec<Other>,
}

/// Something in a container that is no array of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// What it holds, in words.
    pub held: String,
}

/// Why a container's names are not names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Two arrays would be written under one name.
    #[error("two of its arrays are named {name:?}")]
    Duplicate {
        /// Their name.
        name: String,
    },
}

impl Container {
    /// Refuses two arrays with one name.
    pub(super) fn with_unique_names(self) -> Result<Self, NameError> {
        let mut seen = HashSet::new();
        let names = self.arrays.iter().filter_map(|array| array.name.as_ref());
        for name in names {
            if !seen.insert(name) {
                return Err(NameError::Duplicate { name: name.clone() });
            }
        }
        Ok(self)
    }
}
