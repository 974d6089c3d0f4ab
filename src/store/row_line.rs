//! A row as its line in the manifest: what a call keeps of every picture until all are recorded, at a fraction of what
//! the row itself takes.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::media::{FrameName, Row, json_line};

/// A row, written out, and what rows are ordered and told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowLine {
    step: u64,
    index: u64,
    key: Box<str>,
    source: Box<str>,
    frame: FrameName,
    /// Without its line end.
    text: Box<str>,
}

impl From<&Row> for RowLine {
    fn from(row: &Row) -> Self {
        Self::new(row, json_line(row))
    }
}

impl RowLine {
    /// Takes a row, and its line without the end.
    #[must_use]
    pub fn new(row: &Row, line: String) -> Self {
        Self {
            step: row.step,
            index: row.index,
            key: row.key.as_str().into(),
            source: row.source.as_str().into(),
            frame: row.frame.clone(),
            text: line.into(),
        }
    }

    /// The line, without its end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The key that the picture is logged under.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn step(&self) -> u64 {
        self.step
    }

    /// Its `media`, as it is in the line.
    pub(super) fn media(&self) -> io::Result<&str> {
        #[derive(Deserialize)]
        struct Part<'a> {
            #[serde(borrow)]
            media: &'a RawValue,
        }
        let Part { media } = serde_json::from_str(&self.text)?;
        Ok(media.get())
    }

    /// The row again.
    pub(super) fn row(&self) -> io::Result<Row> {
        Ok(serde_json::from_str(&self.text)?)
    }

    /// As [`Row::order`].
    pub(super) fn order(&self, other: &Self) -> Ordering {
        (self.step, &self.key, self.index, &self.source, &self.frame).cmp(&(
            other.step,
            &other.key,
            other.index,
            &other.source,
            &other.frame,
        ))
    }

    /// As [`Row::identity`].
    pub(super) fn identity(&self) -> (&str, &FrameName, &str, u64) {
        (&self.source, &self.frame, &self.key, self.step)
    }
}

/// What tells a row from others, read without the rest of its line.
#[derive(Debug, Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    frame: FrameName,
    #[serde(borrow)]
    key: Cow<'a, str>,
    step: u64,
}

impl Head<'_> {
    /// As [`Row::identity`].
    pub(super) fn identity(&self) -> (&str, &FrameName, &str, u64) {
        (&self.source, &self.frame, &self.key, self.step)
    }
}

/// A number for something, the same in every thread.
pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Reads the lines of a file one at a time, and hands each to `take` with its number (from 1) and where it begins.
pub(super) fn each_line<E: From<io::Error>>(
    file: &File,
    mut take: impl FnMut(usize, u64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut line, mut at) = (Vec::new(), 0);
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        take(number, at, &line)?;
        at += line.len() as u64;
    }
    Ok(())
}
