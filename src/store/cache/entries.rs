//! The files of the cache, and where in them the entry of an input is.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use memchr::memmem;
use serde::Deserialize;

use super::{MAX_ROWS, Name, fingerprint_of, read_at};
use crate::media::json_line;
use crate::read::Source;
use crate::store::names;
use crate::store::row_line::each_line;

/// The lines of the entries of a call's inputs.
#[derive(Debug)]
pub(super) struct Entries {
    /// By the hash of the input's name.
    lines: HashMap<u64, Text>,
    /// What entries of a long call are read from, by the digit of their file.
    sources: Vec<Option<Source>>,
}

/// The line of an entry.
#[derive(Debug)]
enum Text {
    Here(Vec<u8>),
    /// In the file of this digit, here and so long.
    There(usize, u64, usize),
}

impl Entries {
    /// Finds the last entry of each input.
    pub(super) fn find(root: &Path, inputs: &[Name<'_>], step: u64) -> Self {
        match inputs.len() {
            0..=MAX_ROWS => Self {
                lines: find_few(root, inputs, step),
                sources: Vec::new(),
            },
            _ => find_many(root, inputs),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line of an input's entry.
    pub(super) fn line(&self, source: &str) -> Option<Cow<'_, [u8]>> {
        // Without entries, no name need be hashed.
        if self.is_empty() {
            return None;
        }
        match self.lines.get(&name_hash(source))? {
            Text::Here(line) => Some(Cow::Borrowed(line)),
            Text::There(digit, at, len) => {
                let source = self.sources.get(*digit)?.as_ref()?;
                read_at(source, *at, *len).map(Cow::Owned)
            }
        }
    }
}

/// The name of the file that an input's entries are in.
pub(super) fn file_of(source: &str) -> String {
    file_name(digit_of(name_hash(source)))
}

/// `None` for a link, which is not followed, and for whatever else is in the way.
pub(super) fn open_for_append(path: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    options.append(true);
    match options.clone().create_new(true).open(path) {
        Ok(file) => return Some(file),
        Err(_) if !is_regular(path) => return None,
        Err(_) => {}
    }
    options.open(path).ok()
}

fn is_regular(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// An input's name as a number; its first hexadecimal digit is that of the cache file that its entries are in.
fn name_hash(source: &str) -> u64 {
    u64::from_str_radix(&fingerprint_of(source), 16).unwrap_or(0)
}

fn digit_of(name: u64) -> usize {
    usize::try_from(name >> 60).unwrap_or(0)
}

fn file_name(digit: usize) -> String {
    format!("{}{digit:x}", names::CACHE)
}

fn open(root: &Path, digit: usize) -> Option<File> {
    let path = root.join(file_name(digit));
    is_regular(&path).then(|| File::open(path).ok())?
}

/// The last entry of each input, found by how its line begins.
fn find_few(root: &Path, inputs: &[Name<'_>], step: u64) -> HashMap<u64, Text> {
    let read = |digit| {
        let source = Source::file(open(root, digit)?).ok()?;
        source.read_whole(u64::MAX).ok()
    };
    let mut texts: HashMap<usize, Vec<u8>> = HashMap::new();
    let mut entries = HashMap::new();
    for name in inputs {
        let hash = name_hash(name.source);
        let text = texts
            .entry(digit_of(hash))
            .or_insert_with_key(|&digit| read(digit).unwrap_or_default());
        if let Some(line) = find_one(text, name, step) {
            entries.insert(hash, Text::Here(line.to_vec()));
        }
    }
    entries
}

fn find_one<'a>(text: &'a [u8], name: &Name<'_>, step: u64) -> Option<&'a [u8]> {
    let (source, key) = (json_line(&name.source), json_line(&name.key));
    let head = format!("{{\"source\":{source},\"key\":{key},\"step\":{step},");
    let line = &text[memmem::rfind(text, head.as_bytes())?..];
    Some(&line[..memchr::memchr(b'\n', line)?])
}

/// Where the last entry of each input is, found by looking at all, and what to read them from.
fn find_many(root: &Path, inputs: &[Name<'_>]) -> Entries {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        source: Cow<'a, str>,
    }
    let wanted: HashSet<u64> = inputs.iter().map(|name| name_hash(name.source)).collect();
    let mut lines = HashMap::new();
    let sources = (0..16).map(|digit| {
        let file = open(root, digit)?;
        // What cannot be read is as good as nothing.
        let _ = each_line(&file, |_, at, line| {
            if let Ok(Named { source }) = serde_json::from_slice(line) {
                let hash = name_hash(&source);
                if wanted.contains(&hash) {
                    lines.insert(hash, Text::There(digit, at, line.len()));
                }
            }
            Ok::<_, io::Error>(())
        });
        Source::file(file).ok()
    });
    let sources = sources.collect();
    Entries { lines, sources }
}
