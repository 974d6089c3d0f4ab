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
//! passed over: nothing is lost with them but time.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::SystemTime;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::lines::Lines;
use super::lock::{Lock, Seal};
use super::references::references;
use super::splice::MAX_ROWS;
use super::stamp::Stamp;
use super::{Store, StoreError, names};
use crate::encode::sha256_hex;
use crate::media::{FrameName, Row, json_line};
use crate::note::NoteRecord;
use crate::warning::Warning;

/// What is remembered of the inputs of a call.
#[derive(Debug)]
pub struct Cache<'a> {
    store: &'a Store,
    started: SystemTime,
    fingerprint: String,
    step: u64,
    entries: HashMap<String, Entry>,
    rows: HashMap<Identity, Row>,
    files: Mutex<HashMap<String, Option<File>>>,
}

type Identity = (String, FrameName, String, u64);

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
    pub(super) rows: HashMap<Identity, Row>,
}

impl Finished {
    /// What is remembered of a picture: its row without what the other inputs of a call have to do with it.
    #[must_use]
    pub fn new(store: &Store, row: &Row, notes: &[NoteRecord]) -> Self {
        Self {
            modified: modified(store.root(), row).unwrap_or_default(),
            frame: row.frame.clone(),
            key: row.key.clone(),
            row: fingerprint_of(&json_line(row)),
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
        let entries = match inputs.len() {
            0..=MAX_ROWS => find_few(store.root(), inputs, step),
            _ => find_many(store.root(), inputs),
        };
        let mut cache = Self {
            store,
            started,
            fingerprint,
            step,
            entries,
            rows: HashMap::new(),
            files: Mutex::default(),
        };
        cache
            .entries
            .retain(|_, entry| entry.step == step && entry.fingerprint == cache.fingerprint);
        if !cache.entries.is_empty() {
            cache.rows = cache.load_rows().unwrap_or_default();
        }
        cache
    }

    /// The rows of the entries, as the manifest has them.
    fn load_rows(&self) -> Result<HashMap<Identity, Row>, StoreError> {
        let root = self.store.root();
        let lock = Lock::take(root)?;
        let seal = lock.seal(root);
        let pictures = || {
            self.entries
                .values()
                .flat_map(|entry| &entry.pictures)
                .map(|picture| picture.key.as_str())
        };
        let rows = if seal.is_some() && pictures().nth(MAX_ROWS).is_none() {
            let path = root.join(names::MANIFEST);
            let mut keys: Vec<&str> = pictures().collect();
            keys.sort_unstable();
            keys.dedup();
            let lines = Lines::open(&path).map_err(StoreError::io("read", &path))?;
            let groups = keys.into_iter().map(|key| lines.group(self.step, key));
            let rows = groups.map(|group| group.map(|group| group.rows));
            let rows: Result<Vec<Vec<Row>>, _> = rows.collect();
            rows.map_err(StoreError::io("read", &path))?.concat()
        } else {
            self.store.rows()?
        };
        drop(lock);
        let rows: HashMap<Identity, Row> =
            rows.into_iter().map(|row| (identity(&row), row)).collect();
        let known = Known {
            seal,
            rows: rows.clone(),
        };
        self.store.remember(known);
        Ok(rows)
    }

    /// The rows and notes of an input that is unchanged, and whose files are all there.
    #[must_use]
    pub fn unchanged(
        &self,
        name: Name<'_>,
        look: impl FnOnce(Vec<&String>) -> Option<Evidence>,
    ) -> Option<Vec<(Row, Vec<NoteRecord>)>> {
        let entry = self.entries.get(name.source)?;
        let masks = entry.evidence.masks.iter().map(|(name, _)| name).collect();
        if (entry.key.as_str(), entry.index) != (name.key, name.index)
            || look(masks)? != entry.evidence
        {
            return None;
        }
        entry
            .pictures
            .iter()
            .map(|picture| {
                let identity = (
                    name.source.to_owned(),
                    picture.frame.clone(),
                    picture.key.clone(),
                    self.step,
                );
                let mut row = self.rows.get(&identity)?.clone();
                // The only warning that is about the other inputs of a call.
                row.warnings
                    .retain(|warning| warning.code != Warning::SIZE_MISMATCH);
                let is_whole = fingerprint_of(&json_line(&row)) == picture.row
                    && modified(self.store.root(), &row)? == picture.modified;
                is_whole.then(|| (row, picture.notes.clone()))
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
        let line = json_line(&entry) + "\n";
        let mut files = self.files.lock().unwrap_or_else(|e| e.into_inner());
        let file = files
            .entry(file_name(name.source))
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

pub(super) fn identity(row: &Row) -> Identity {
    let (source, frame, key, step) = row.identity();
    (source.to_owned(), frame.clone(), key.to_owned(), step)
}

/// `None` for a link, which is not followed, and for whatever else is in the way.
fn open_for_append(path: &Path) -> Option<File> {
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

/// The cache file that an input's entries are in.
fn file_name(source: &str) -> String {
    format!("{}{}", names::CACHE, &fingerprint_of(source)[..1])
}

fn read(root: &Path, name: &str) -> Vec<u8> {
    let path = root.join(name);
    match is_regular(&path) {
        true => fs::read(path).unwrap_or_default(),
        false => Vec::new(),
    }
}

/// The last entry of each input, found by how its line begins.
fn find_few(root: &Path, inputs: &[Name<'_>], step: u64) -> HashMap<String, Entry> {
    let mut texts: HashMap<String, Vec<u8>> = HashMap::new();
    let mut entries = HashMap::new();
    for name in inputs {
        let text = texts
            .entry(file_name(name.source))
            .or_insert_with_key(|name| read(root, name));
        if let Some(entry) = find_one(text, name, step) {
            entries.insert(entry.source.clone(), entry);
        }
    }
    entries
}

fn find_one(text: &[u8], name: &Name<'_>, step: u64) -> Option<Entry> {
    let (source, key) = (json_line(&name.source), json_line(&name.key));
    let head = format!("{{\"source\":{source},\"key\":{key},\"step\":{step},");
    let line = &text[memmem::rfind(text, head.as_bytes())?..];
    let line = &line[..memchr::memchr(b'\n', line)?];
    serde_json::from_slice(line).ok()
}

/// The last entry of each input, found by reading all.
fn find_many(root: &Path, inputs: &[Name<'_>]) -> HashMap<String, Entry> {
    let wanted: HashSet<&str> = inputs.iter().map(|name| name.source).collect();
    let mut entries = HashMap::new();
    for digit in "0123456789abcdef".chars() {
        let text = read(root, &format!("{}{digit}", names::CACHE));
        let lines = text.split(|&b| b == b'\n');
        let found = lines.filter_map(|line| serde_json::from_slice::<Entry>(line).ok());
        let found = found.filter(|entry| wanted.contains(entry.source.as_str()));
        entries.extend(found.map(|entry| (entry.source.clone(), entry)));
    }
    entries
}
