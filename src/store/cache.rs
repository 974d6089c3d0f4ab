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

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::SystemTime;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::lines::Lines;
use super::lock::{Lock, Seal};
use super::references::references;
use super::row_line::{Head, each_line, hash_of};
use super::splice::MAX_ROWS;
use super::stamp::Stamp;
use super::{Placed, Store, StoreError, names};
use crate::encode::sha256_hex;
use crate::media::{FrameName, Row, json_line};
use crate::note::NoteRecord;
use crate::read::Source;
use crate::warning::Warning;

/// What is remembered of the inputs of a call.
#[derive(Debug)]
pub struct Cache<'a> {
    store: &'a Store,
    started: SystemTime,
    fingerprint: String,
    step: u64,
    /// By the hash of the input's name.
    entries: HashMap<u64, Text>,
    /// What entries of a long call are read from, by the digit of their file.
    sources: Vec<Option<Source>>,
    rows: Rows,
    files: Mutex<HashMap<String, Option<File>>>,
}

/// The line of an entry.
#[derive(Debug)]
enum Text {
    Here(Vec<u8>),
    /// In the file of this digit, here and so long.
    There(usize, u64, usize),
}

/// Rows of the manifest by the hash of their identity.
#[derive(Debug, Default)]
enum Rows {
    #[default]
    None,
    Here(HashMap<u64, Row>),
    /// In the manifest as it was, here and so long.
    There(Source, HashMap<u64, (u64, usize)>),
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
        let (entries, sources) = match inputs.len() {
            0..=MAX_ROWS => (find_few(store.root(), inputs, step), Vec::new()),
            _ => find_many(store.root(), inputs),
        };
        let mut cache = Self {
            store,
            started,
            fingerprint,
            step,
            entries,
            sources,
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
            Some(keys) => {
                let lines = Lines::open(&path).map_err(StoreError::io("read", &path))?;
                let groups = keys.iter().map(|key| lines.group(self.step, key));
                let groups: io::Result<Vec<_>> = groups.collect();
                let groups = groups.map_err(StoreError::io("read", &path))?;
                let rows = groups.into_iter().flat_map(|group| group.rows);
                let rows = rows.map(|row| (hash_of(row.identity()), row)).collect();
                let rows: HashMap<u64, Row> = rows;
                known.extend(rows.iter().map(|(&id, row)| (id, hash_of(json_line(row)))));
                Rows::Here(rows)
            }
            None => {
                let file = File::open(&path).map_err(StoreError::io("read", &path))?;
                let places = find_rows(&file, self.step, &mut known);
                let places = places.map_err(StoreError::io("read", &path))?;
                let source = Source::file(file).map_err(StoreError::io("read", &path))?;
                Rows::There(source, places)
            }
        };
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
        if self.entries.is_empty() {
            return None;
        }
        let read;
        let line = match self.entries.get(&name_hash(source))? {
            Text::Here(line) => line,
            Text::There(digit, at, len) => {
                read = read_at(self.sources.get(*digit)?.as_ref()?, *at, *len)?;
                &read
            }
        };
        let entry: Entry = serde_json::from_slice(line).ok()?;
        let is_of_this_call = entry.step == self.step && entry.fingerprint == self.fingerprint;
        (entry.source == source && is_of_this_call).then_some(entry)
    }

    /// The rows of an input that is unchanged, and whose files are all there, each with its line of JSON without the end
    /// and its notes.
    #[must_use]
    pub fn unchanged(
        &self,
        name: Name<'_>,
        look: impl FnOnce(Vec<&String>) -> Option<Evidence>,
    ) -> Option<Vec<(Row, String, Vec<NoteRecord>)>> {
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
                is_whole.then_some((row, line, picture.notes))
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
            .entry(file_name(digit_of(name_hash(name.source))))
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

impl Rows {
    fn get(&self, identity: (&str, &FrameName, &str, u64)) -> Option<Row> {
        let id = hash_of(identity);
        let row = match self {
            Self::None => return None,
            Self::Here(rows) => rows.get(&id)?.clone(),
            Self::There(source, places) => {
                let &(at, len) = places.get(&id)?;
                serde_json::from_slice(&read_at(source, at, len)?).ok()?
            }
        };
        (row.identity() == identity).then_some(row)
    }
}

/// Where the rows of a step are in a manifest; adds what their lines hash to to `known`.
fn find_rows(
    manifest: &File,
    step: u64,
    known: &mut HashMap<u64, u64>,
) -> io::Result<HashMap<u64, (u64, usize)>> {
    let mut places = HashMap::new();
    each_line(manifest, |_, at, line| {
        let line = line.trim_ascii_end();
        let head: Head<'_> = serde_json::from_slice(line)?;
        if head.identity().3 == step {
            let id = hash_of(head.identity());
            places.insert(id, (at, line.len()));
            // As a text hashes.
            known.insert(id, hash_of(std::str::from_utf8(line).unwrap_or_default()));
        }
        Ok::<_, io::Error>(())
    })?;
    Ok(places)
}

fn read_at(source: &Source, at: u64, len: usize) -> Option<Vec<u8>> {
    let mut line = vec![0; len];
    source.read_exact_at(at, &mut line).ok()?;
    Some(line)
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
fn find_many(root: &Path, inputs: &[Name<'_>]) -> (HashMap<u64, Text>, Vec<Option<Source>>) {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        source: Cow<'a, str>,
    }
    let wanted: HashSet<u64> = inputs.iter().map(|name| name_hash(name.source)).collect();
    let mut entries = HashMap::new();
    let sources = (0..16).map(|digit| {
        let file = open(root, digit)?;
        // What cannot be read is as good as nothing.
        let _ = each_line(&file, |_, at, line| {
            if let Ok(Named { source }) = serde_json::from_slice(line) {
                let hash = name_hash(&source);
                if wanted.contains(&hash) {
                    entries.insert(hash, Text::There(digit, at, line.len()));
                }
            }
            Ok::<_, io::Error>(())
        });
        Source::file(file).ok()
    });
    let sources = sources.collect();
    (entries, sources)
}
