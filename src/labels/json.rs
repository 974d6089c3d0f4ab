//! Lists that are read entry by entry, and values with a name for where they stand.
//!
//! Entries pass through as raw text: one bad entry does not take the file with it, an entry is understood only
//! when its image is asked for, and no list is held whole.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{LabelsError, excerpt};

/// What an entry of a list is given to: its place and its text. The first error ends the reading.
pub(super) struct Each<F> {
    /// The entry's consumer.
    pub(super) take: F,
}

impl<'de, F: FnMut(u32, &'de RawValue) -> Result<(), LabelsError>> DeserializeSeed<'de>
    for Each<F>
{
    type Value = Result<(), LabelsError>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(u32, &'de RawValue) -> Result<(), LabelsError>> Visitor<'de> for Each<F> {
    type Value = Result<(), LabelsError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut outcome = Ok(());
        let mut index = 0;
        while let Some(entry) = entries.next_element::<&RawValue>()? {
            if outcome.is_ok() {
                outcome = (self.take)(index, entry);
            }
            index = index.saturating_add(1);
        }
        Ok(outcome)
    }
}

/// Reads the list `text`, which stands at `path`.
pub(super) fn each<'a>(
    path: &str,
    text: &'a str,
    take: impl FnMut(u32, &'a RawValue) -> Result<(), LabelsError>,
) -> Result<(), LabelsError> {
    if !text.starts_with('[') {
        return Err(wrong(path.to_owned(), text, "a list"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = Each { take }
        .deserialize(&mut reader)
        .map_err(|error| not_json(&error))?;
    reader.end().map_err(|error| not_json(&error))?;
    outcome
}

/// Reads the object `text`, which stands at `path`, into a struct whose fields are all optional raw values.
pub(super) fn object<'a, T: Deserialize<'a>>(
    path: impl FnOnce() -> String,
    text: &'a str,
    accepted: &'static str,
) -> Result<T, LabelsError> {
    if !text.starts_with('{') {
        return Err(wrong(path(), text, accepted));
    }
    // Raw values are whole JSON already: what is left to go wrong is a key that comes twice.
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        LabelsError::Key {
            path: path(),
            message: message
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    })
}

/// Reads one value, or says what stands at `path` instead of what is `accepted`.
pub(super) fn value<'a, T: Deserialize<'a>>(
    path: impl FnOnce() -> String,
    raw: &'a RawValue,
    accepted: &'static str,
) -> Result<T, LabelsError> {
    serde_json::from_str(raw.get()).map_err(|_| wrong(path(), raw.get(), accepted))
}

/// A whole number, also one written as `3.0`.
pub(super) fn integer(
    path: impl FnOnce() -> String,
    raw: &RawValue,
    accepted: &'static str,
) -> Result<i64, LabelsError> {
    whole(raw.get()).ok_or_else(|| wrong(path(), raw.get(), accepted))
}

/// The value of a whole number's text, also one written as `3.0`.
pub(super) fn whole(text: &str) -> Option<i64> {
    /// Floating-point numbers hold every whole number up to here.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    text.parse().ok().or_else(|| {
        let float: f64 = text.parse().ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough")]
        (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
    })
}

/// The error for a value of the wrong kind.
pub(super) fn wrong(path: String, text: &str, accepted: &'static str) -> LabelsError {
    LabelsError::Value {
        path,
        found: excerpt(text),
        accepted,
    }
}

/// The error for text that is not JSON.
pub(super) fn not_json(error: &serde_json::Error) -> LabelsError {
    LabelsError::Json {
        message: error.to_string(),
    }
}
