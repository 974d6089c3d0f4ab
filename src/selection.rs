//! Which arrays of a container are pictures. The others are passed over, with the reason for a note.

use wildmatch::WildMatch;

use crate::layout::ShapeError;
use crate::picture::FrameSlice;

/// Which named arrays are taken: all, or those whose names match a pattern with `*` and `?`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    pattern: Option<String>,
}

impl Selection {
    /// Takes the names that match `pattern`; all, without one.
    #[must_use]
    pub fn new(pattern: Option<String>) -> Self {
        Self { pattern }
    }

    /// Splits off what is taken of things with names.
    ///
    /// # Errors
    /// [`NoPicture::NoMatch`] if there are things, but none is taken.
    pub(crate) fn take<T>(
        &self,
        things: Vec<T>,
        name: impl Fn(&T) -> &str,
    ) -> Result<Vec<T>, NoPicture> {
        let Some(pattern) = &self.pattern else {
            return Ok(things);
        };
        let (count, matcher) = (things.len(), WildMatch::new(pattern));
        let taken: Vec<T> = things
            .into_iter()
            .filter(|thing| matcher.matches(name(thing)))
            .collect();
        if taken.is_empty() && count > 0 {
            let pattern = pattern.clone();
            return Err(NoPicture::NoMatch { count, pattern });
        }
        Ok(taken)
    }
}

/// An array of a container, or something else in it, that no picture is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: NotPicture,
}

/// Why an array of a container is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPicture {
    /// Its shape: labels and scalars.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The slice of frames.
    #[error("{slice} takes none of its {frames} frames")]
    NoFrame {
        /// The slice.
        slice: FrameSlice,
        /// How many frames there are.
        frames: usize,
    },
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
    /// None of its names matches.
    #[error("none of its {count} arrays has a name that matches {pattern:?}")]
    NoMatch {
        /// How many there are.
        count: usize,
        /// What names should match.
        pattern: String,
    },
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
            Self::Empty | Self::NoMatch { .. } => None,
            Self::One { why, .. } | Self::Several { why, .. } => Some(why),
        }
    }
}
