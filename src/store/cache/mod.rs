//! What inputs looked like when they were converted, so that those that are unchanged need not be again.
//!
//! An input is unchanged while all of these are the same: its name, key and place in the list; length, times of
//! modification and change, and inode, of the input, of the two files that could be its sidecar and of the masks
//! that its sidecar names (or that they are not there); and the fingerprint of everything that decides what is
//! made of it. Files whose times are not older than the run that read them are not remembered: they could have
//! changed afterwards without showing it. Times of network file systems are their servers': clocks that differ
//! by more than a tick defeat that, and nothing else does.
//!
//! The rows themselves are in the manifest and only there; an entry knows what they hash to, and counts only
//! while they do, and while all files that they refer to are there in the right length.
//!
//! Entries are spread over 16 files by the hash of the input's name, so that a short call reads a part of them.
//! A line per input is appended, with one write, when its rows are journalled. Lines that are no entry are
//! passed over: nothing is lost with them but time. A long call only notes where entries and rows are, and reads
//! each when its input's turn comes.

mod entries;
mod rows;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::lock::{Lock, Seal};
use super::references::references;
use super::splice::MAX_ROWS;
use super::stamp::Stamp;
use super::{Placed, Store, StoreError, names};
use crate::encode::sha256_hex;
use crate::media::{FrameName, Row, json_line};
use crate::note::NoteRecord;
use crate::read::Source;
use crate::warning::Warning;
use entries::{Entries, file_of, open_for_append};
use rows::Rows;

/// What is remembered of the inputs of a call.
#[derive(Debug)]
pub struct Cache<'a> {
    store: &'a Store,
    started: SystemTime,
    fingerprint: String,
    step: u64,
    entries: Entries,
    rows: Rows,
    files: Mutex<HashMap<String, Option<File>>>,
}

/// The files that an input is made of, as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The input itself.
    pub input: Stamp,
    /// What could be its sidecar.
    pub sidecars: [Option<Stamp>; 2],
    /// The masks that its sidecar names, by these names.
    pub masks: Vec<(String, Option<Stamp>)>,
}

/// A finished picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// Which of the input.
    frame: FrameName,
    key: String,
    /// What its row hashes to.
    row: String,
    /// When its files were last modified, in the order of its references.
    modified: Vec<i64>,
    notes: Vec<NoteRecord>,
}

/// A picture that need not be made again.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Its row.
    pub row: Row,
    /// The row as a line of JSON, without its end.
    pub line: String,
    /// What is worth saying, beside the row's warnings.
    pub notes: Vec<NoteRecord>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    source: String,
    key: String,
    step: u64,
    index: u64,
    fingerprint: String,
    evidence: Evidence,
    pictures: Vec<Finished>,
}

/// What an input is called in a call.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// Its name.
    pub source: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its place in the list.
    pub index: u64,
}

/// The rows that were in the manifest when a call began, to tell at its end which of its own are new.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) seal: Option<Seal>,
    /// What their lines hash to, by the hash of their identity.
    pub(super) rows: HashMap<u64, u64>,
}

impl Finished {
    /// What is remembered of a picture: its row, without what the other inputs of a call have to do with it, as a
    /// line of JSON without its end, and when its files were placed.
    #[must_use]
    pub fn new(row: &Row, line: &str, placed: &[Placed], notes: &[NoteRecord]) -> Self {
        let modified = |path: &str| {
            let mut files = placed.iter();
            files
                .find(|file| file.path == path)
                .map(|file| file.modified)
        };
        let references = references(row).unwrap_or_default();
        let times = references.iter().map(|file| modified(&file.path));
        Self {
            // Files of unknown times are none that could be recognised.
            modified: times.collect::<Option<_>>().unwrap_or_default(),
            frame: row.frame.clone(),
            key: row.key.clone(),
            row: fingerprint_of(line),
            notes: notes.to_vec(),
        }
    }
}

impl<'a> Cache<'a> {
    /// Looks up the inputs of a call that began at `started`. What cannot be read is as good as nothing.
    #[must_use]
    pub fn load(
        store: &'a Store,
        started: SystemTime,
        fingerprint: String,
        step: u64,
        inputs: &[Name<'_>],
    ) -> Self {
        let mut cache = Self {
            store,
            started,
            fingerprint,
            step,
            entries: Entries::find(store.root(), inputs, step),
            rows: Rows::None,
            files: Mutex::default(),
        };
        if !cache.entries.is_empty() {
            cache.rows = cache.load_rows(inputs).unwrap_or_default();
        }
        cache
    }

    /// The rows of the entries, as the manifest has them.
    fn load_rows(&self, inputs: &[Name<'_>]) -> Result<Rows, StoreError> {
        let root = self.store.root();
        let lock = Lock::take(root)?;
        let seal = lock.seal(root);
        let path = root.join(names::MANIFEST);
        let keys = match &seal {
            Some(_) if inputs.len() <= MAX_ROWS => self.keys_of_few(inputs),
            _ => None,
        };
        let mut known = HashMap::new();
        let rows = match keys {
            Some(keys) => Rows::of_keys(&path, self.step, &keys, &mut known),
            None => Rows::of_step(&path, self.step, &mut known),
        };
        let rows = rows.map_err(StoreError::io("read", &path))?;
        drop(lock);
        self.store.remember(Known { seal, rows: known });
        Ok(rows)
    }

    /// The keys of the entries of a short call, unless they are many.
    fn keys_of_few(&self, inputs: &[Name<'_>]) -> Option<Vec<String>> {
        let mut keys = Vec::new();
        for entry in inputs.iter().filter_map(|name| self.entry(name.source)) {
            keys.extend(entry.pictures.into_iter().map(|picture| picture.key));
            if keys.len() > MAX_ROWS {
                return None;
            }
        }
        keys.sort_unstable();
        keys.dedup();
        Some(keys)
    }

    /// What is remembered of an input.
    fn entry(&self, source: &str) -> Option<Entry> {
        let entry: Entry = serde_json::from_slice(&self.entries.line(source)?).ok()?;
        let is_of_this_call = entry.step == self.step && entry.fingerprint == self.fingerprint;
        (entry.source == source && is_of_this_call).then_some(entry)
    }

    /// The pictures of an input that is unchanged, and whose files are all there.
    #[must_use]
    pub fn unchanged(
        &self,
        name: Name<'_>,
        look: impl FnOnce(Vec<&String>) -> Option<Evidence>,
    ) -> Option<Vec<Remembered>> {
        let entry = self.entry(name.source)?;
        let masks = entry.evidence.masks.iter().map(|(name, _)| name).collect();
        if (entry.key.as_str(), entry.index) != (name.key, name.index)
            || look(masks)? != entry.evidence
        {
            return None;
        }
        entry
            .pictures
            .into_iter()
            .map(|picture| {
                let identity = (name.source, &picture.frame, picture.key.as_str(), self.step);
                let mut row = self.rows.get(identity)?;
                // The only warning that is about the other inputs of a call.
                row.warnings
                    .retain(|warning| warning.code != Warning::SIZE_MISMATCH);
                let line = json_line(&row);
                let is_whole = fingerprint_of(&line) == picture.row
                    && modified(self.store.root(), &row)? == picture.modified;
                let notes = picture.notes;
                is_whole.then_some(Remembered { row, line, notes })
            })
            .collect()
    }

    /// Remembers an input whose pictures are all journalled, unless it is too new for that.
    pub fn remember(&self, name: Name<'_>, evidence: &Evidence, pictures: Vec<Finished>) {
        let masks = evidence.masks.iter().filter_map(|(_, stamp)| *stamp);
        let sidecars = evidence.sidecars.into_iter().flatten();
        let mut stamps = masks.chain(sidecars).chain([evidence.input]);
        if stamps.any(|stamp| stamp.is_racy(self.started)) {
            return;
        }
        let entry = Entry {
            source: name.source.to_owned(),
            key: name.key.to_owned(),
            step: self.step,
            index: name.index,
            fingerprint: self.fingerprint.clone(),
            evidence: evidence.clone(),
            pictures,
        };
        let mut line = json_line(&entry);
        line.push('\n');
        let mut files = self.files.lock().unwrap_or_else(|e| e.into_inner());
        let file = files
            .entry(file_of(name.source))
            .or_insert_with_key(|name| open_for_append(&self.store.root().join(name)));
        // Not to remember something is no failure.
        let _ = file.as_mut().map(|file| file.write_all(line.as_bytes()));
    }
}

/// The first 16 hex digits of a text's SHA-256.
#[must_use]
pub fn fingerprint_of(text: &str) -> String {
    let mut digits = sha256_hex(text.as_bytes());
    digits.truncate(16);
    digits
}

/// When the files of a row were last modified; `None` unless all of them are there, with the right lengths.
fn modified(root: &Path, row: &Row) -> Option<Vec<i64>> {
    let references = references(row)?;
    references
        .iter()
        .map(|reference| reference.modified(root))
        .collect()
}

fn read_at(source: &Source, at: u64, len: usize) -> Option<Vec<u8>> {
    let mut line = vec![0; len];
    source.read_exact_at(at, &mut line).ok()?;
    Some(line)
}
