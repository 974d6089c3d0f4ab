//! Which arrays of a container are pictures. The others are passed over, with the reason for a note.

use crate::layout::ShapeError;

/// An array of a container, or something else in it, that no picture is made of.
#[derive(Clone, Debug)]
pub struct PassedOver {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: NotPicture,
}

/// Why an array of a container is no picture.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotPicture {
    /// Its shape: labels and scalars.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// What it holds.
    #[error("it holds {held}")]
    Held {
        /// What, in words.
        held: String,
    },
}

/// A container without a picture.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoPicture {
    /// It is empty.
    #[error("no array is in it")]
    Empty,
    /// The only thing in it is no picture.
    #[error("the only array in it, {name:?}, is no picture")]
    One {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        why: NotPicture,
    },
    /// Nothing in it is a picture.
    #[error("none of its {count} arrays is a picture, the first, {name:?}, for one")]
    Several {
        /// How many there are.
        count: usize,
        /// The name of the first.
        name: String,
        /// Why that one is not.
        #[source]
        why: NotPicture,
    },
}

impl NoPicture {
    /// Says why nothing is left of a container.
    #[must_use]
    pub fn of(passed_over: Vec<PassedOver>) -> Self {
        let count = passed_over.len();
        match passed_over.into_iter().next() {
            None => Self::Empty,
            Some(PassedOver { name, why }) if count == 1 => Self::One { name, why },
            Some(PassedOver { name, why }) => Self::Several { count, name, why },
        }
    }

    /// Why the first array is no picture.
    #[must_use]
    pub fn why(&self) -> Option<&NotPicture> {
        match self {
            Self::Empty => None,
            Self::One { why, .. } | Self::Several { why, .. } => Some(why),
        }
    }
}
