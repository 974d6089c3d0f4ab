//! The manifest as sorted lines on the disk: a place in it is found by bisection, reading a few lines only.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use crate::media::Row;
use crate::read::Source;

/// A manifest that is known to be ours and sorted.
pub(super) struct Lines {
    source: Source,
}

/// What rows are ordered by first.
#[derive(Debug, Deserialize)]
struct Head {
    key: String,
    step: u64,
}

/// A line and where it is.
pub(super) struct Line {
    range: Range<u64>,
    text: Vec<u8>,
}

/// The rows of one key at one step, and what is around them.
#[derive(Debug)]
pub(super) struct Group {
    /// Where they are; empty, but in the right place, where there are none.
    pub(super) range: Range<u64>,
    /// In order.
    pub(super) rows: Vec<Row>,
    /// The row before them.
    pub(super) previous: Option<Row>,
    /// The row after them.
    pub(super) next: Option<Row>,
}

impl Lines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            source: Source::file(File::open(path)?)?,
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.source.len()
    }

    /// The rows of `key` at `step`.
    pub(super) fn group(&self, step: u64, key: &str) -> io::Result<Group> {
        let start = self.lower_bound(|head| (head.step, head.key.as_str()) < (step, key))?;
        let mut group = Group {
            range: start..start,
            rows: Vec::new(),
            previous: None,
            next: None,
        };
        while let Some(line) = self.line_at(group.range.end)? {
            let row: Row = line.parse()?;
            if (row.step, row.key.as_str()) != (step, key) {
                group.next = Some(row);
                break;
            }
            group.range.end = line.range.end;
            group.rows.push(row);
        }
        if start > 0 {
            let before = self.line_start(start - 1)?;
            group.previous = self.line_at(before)?.map(|line| line.parse()).transpose()?;
        }
        Ok(group)
    }

    /// The keys of a step from `first` on for which `wanted` holds, up to the first for which it does not.
    pub(super) fn keys_while(
        &self,
        step: u64,
        first: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> io::Result<Vec<String>> {
        let mut keys: Vec<String> = Vec::new();
        let mut at = self.lower_bound(|head| (head.step, head.key.as_str()) < (step, first))?;
        while let Some(line) = self.line_at(at)? {
            let head: Head = line.parse()?;
            if head.step != step || !wanted(&head.key) {
                break;
            }
            let key = head.key;
            at = self.lower_bound(|head| (head.step, &head.key) <= (step, &key))?;
            keys.push(key);
        }
        Ok(keys)
    }

    /// Where the first line starts that does not come before.
    fn lower_bound(&self, is_before: impl Fn(&Head) -> bool) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = self.line_start(low + (high - low) / 2)?.max(low);
            let Some(line) = self.line_at(middle)? else {
                break;
            };
            if is_before(&line.parse()?) {
                low = line.range.end;
            } else {
                high = line.range.start;
            }
        }
        Ok(low)
    }

    /// Where the line starts that the byte at `at` is in; its line end is part of it.
    fn line_start(&self, at: u64) -> io::Result<u64> {
        let mut end = at;
        let mut buffer = [0; 512];
        while end > 0 {
            let start = end.saturating_sub(buffer.len() as u64);
            let length = usize::try_from(end - start).unwrap_or(buffer.len());
            let part = &mut buffer[..length];
            self.source.read_exact_at(start, part)?;
            if let Some(found) = memchr::memrchr(b'\n', part) {
                return Ok(start + found as u64 + 1);
            }
            end = start;
        }
        Ok(0)
    }

    /// The line that starts at `start`; `None` at the end.
    fn line_at(&self, start: u64) -> io::Result<Option<Line>> {
        let left = self.len().saturating_sub(start);
        if left == 0 {
            return Ok(None);
        }
        let mut text = Vec::new();
        loop {
            let known = text.len();
            let more = (known as u64).max(1024).min(left - known as u64);
            if more == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            text.resize(known + usize::try_from(more).unwrap_or(1024), 0);
            self.source
                .read_exact_at(start + known as u64, &mut text[known..])?;
            if let Some(found) = memchr::memchr(b'\n', &text[known..]) {
                text.truncate(known + found + 1);
                let range = start..start + text.len() as u64;
                return Ok(Some(Line { range, text }));
            }
        }
    }
}

impl Line {
    fn parse<'a, T: Deserialize<'a>>(&'a self) -> io::Result<T> {
        serde_json::from_slice(&self.text).map_err(io::Error::from)
    }
}
