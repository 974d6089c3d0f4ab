//! A few rows into a directory of many: only the rows of the same key and step are read, and what is around them
//! is kept byte by byte. What comes out is what [`crate::history`] makes of all rows; wherever that is not certain
//! the answer is `None`, and the caller takes the long way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::Path;

use memchr::memmem;
use serde::Deserialize;
use serde_json::Value;

use super::StoreError;
use super::lines::{Group, Lines};
use super::names;
use super::stale::{Keys, Stale};
use super::write::Piece;
use crate::history::{self, Labels, MAX_IMAGES};
use crate::media::{Row, json_line};
use crate::read::Source;

/// More rows than this are merged the long way.
pub(super) const MAX_ROWS: usize = 64;

/// What becomes of the three files; `None` for those that stay as they are.
#[derive(Debug)]
pub(super) struct Splice {
    manifest: Option<Edits>,
    history: Option<Edits>,
    config: Option<String>,
}

/// What is put in the place of what, in order.
type Edits = Vec<(Range<u64>, String)>;

/// The rows of one key and step, before and after.
struct Change {
    group: Group,
    rows: Vec<Row>,
}

/// Finds out what changes with `new` rows and without stale ones. The directory is sealed, and no list of it goes on
/// under a second key.
pub(super) fn splice(root: &Path, new: Vec<Row>, stale: &Stale<'_>) -> io::Result<Option<Splice>> {
    let lines = Lines::open(&root.join(names::MANIFEST))?;
    let mut groups: BTreeMap<(u64, String), Vec<Row>> = BTreeMap::new();
    for row in new {
        groups
            .entry((row.step, row.key.clone()))
            .or_default()
            .push(row);
    }
    for key in keys_of(&lines, stale)? {
        groups.entry((stale.step(), key)).or_default();
    }
    let mut changes = Vec::new();
    for ((step, key), new) in groups {
        let group = lines.group(step, &key)?;
        let mut old = group.rows.clone();
        old.retain(|row| !stale.has(row.identity()));
        let rows = merge(old, new);
        let is_gone = rows.is_empty() && !group.rows.is_empty();
        if rows.len() > MAX_IMAGES || is_gone {
            return Ok(None);
        }
        if rows != group.rows {
            changes.push(Change { group, rows });
        }
    }
    if changes.is_empty() {
        return Ok(Some(Splice {
            manifest: None,
            history: None,
            config: None,
        }));
    }
    let manifest = changes.iter().map(|change| {
        let text = change.rows.iter().map(|row| json_line(row) + "\n");
        (change.group.range.clone(), text.collect())
    });
    let manifest = manifest.collect();
    let text = Text::open(&root.join(names::HISTORY))?;
    let Some(history) = edit_history(&text, &changes) else {
        return Ok(None);
    };
    let config = edit_config(root, &lines, &changes)?;
    Ok(Some(Splice {
        manifest: Some(manifest),
        history: Some(history),
        config,
    }))
}

/// The keys under which rows may be stale.
pub(super) fn keys_of(lines: &Lines, stale: &Stale<'_>) -> io::Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for input in stale.inputs() {
        keys.insert(input.key.to_owned());
        if input.keys == Keys::Below {
            let first = format!("{}/", input.key);
            keys.extend(lines.keys_while(stale.step(), &first, |key| key.starts_with(&first))?);
        }
    }
    Ok(keys)
}

/// Rows in order, the new ones in the place of old ones of the same identity.
fn merge(mut rows: Vec<Row>, new: Vec<Row>) -> Vec<Row> {
    // Of two new rows with one identity the later one stays.
    let mut by_identity = BTreeMap::new();
    for row in new {
        let (source, frame, key, step) = row.identity();
        let identity = (source.to_owned(), frame.clone(), key.to_owned(), step);
        by_identity.insert(identity, row);
    }
    rows.retain(|row| {
        let (source, frame, key, step) = row.identity();
        !by_identity.contains_key(&(source.to_owned(), frame.clone(), key.to_owned(), step))
    });
    rows.extend(by_identity.into_values());
    rows.sort_by(Row::order);
    rows
}

impl Splice {
    /// Whether everything stays as it is.
    pub(super) fn is_empty(&self) -> bool {
        self.manifest.is_none()
    }

    /// Writes the files that change, in order.
    pub(super) fn write(
        &self,
        root: &Path,
        put: impl Fn(&Path, &[Piece<'_>]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for (name, edits) in [
            (names::MANIFEST, &self.manifest),
            (names::HISTORY, &self.history),
        ] {
            if let Some(edits) = edits {
                let path = root.join(name);
                let error = |e| StoreError::io("read", &path)(e);
                let file = File::open(&path).map_err(error)?;
                let len = file.metadata().map_err(error)?.len();
                put(
                    &path,
                    &pieces(edits, len, |range| Piece::Copy(&file, range)),
                )?;
            }
        }
        if let Some(config) = &self.config {
            put(&root.join(names::CONFIG), &[Piece::Text(config.as_bytes())])?;
        }
        Ok(())
    }
}

/// A file of `len` bytes with `edits` in it.
fn pieces<'a>(edits: &'a Edits, len: u64, old: impl Fn(Range<u64>) -> Piece<'a>) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for (range, text) in edits {
        pieces.push(old(at..range.start));
        pieces.push(Piece::Text(text.as_bytes()));
        at = range.end;
    }
    pieces.push(old(at..len));
    pieces
}

fn edit_history(text: &Text, changes: &[Change]) -> Option<Edits> {
    let mut edits = Edits::new();
    for step in changes.chunk_by(|a, b| a.rows[0].step == b.rows[0].step) {
        let number = step[0].rows[0].step;
        match find_line(text, number) {
            Some(line) => {
                for change in step {
                    edits.push(edit_line(text, line.clone(), change)?);
                }
            }
            None => {
                let at = match &step[0].group.previous {
                    Some(previous) => find_line(text, previous.step)?.end,
                    None => 0,
                };
                let rows: Vec<Row> = step.iter().flat_map(|c| c.rows.clone()).collect();
                edits.push((at..at, history::history(&rows)));
            }
        }
    }
    // Several new steps may come to one place; they are in order already.
    edits.sort_by_key(|(range, _)| range.start);
    Some(edits)
}

/// The history, searched a part at a time: memory for all of it costs more than reading it again.
struct Text {
    source: Source,
}

impl Text {
    fn open(path: &Path) -> io::Result<Self> {
        let source = Source::file(File::open(path)?)?;
        Ok(Self { source })
    }

    /// Where `pattern` is first, in a part of the text.
    fn find(&self, range: &Range<u64>, pattern: &[u8]) -> Option<Range<u64>> {
        let mut buffer = vec![0; (1 << 16).max(2 * pattern.len())];
        let finder = memmem::Finder::new(pattern);
        // What is kept of the part before, in which the pattern may begin.
        let (mut at, mut kept) = (range.start, 0);
        while at < range.end {
            let most = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let end = kept + most.min(buffer.len() - kept);
            self.source.read_exact_at(at, &mut buffer[kept..end]).ok()?;
            if let Some(found) = finder.find(&buffer[..end]) {
                let start = at - kept as u64 + found as u64;
                return Some(start..start + pattern.len() as u64);
            }
            at += (end - kept) as u64;
            let keep = end.min(pattern.len() - 1);
            buffer.copy_within(end - keep..end, 0);
            kept = keep;
        }
        None
    }
}

/// The line of a step, with its end. A line end is never inside a string.
fn find_line(text: &Text, step: u64) -> Option<Range<u64>> {
    let pattern = format!("\n{{\"_step\":{step},");
    let pattern = pattern.as_bytes();
    let head = 0..text.source.len().min(pattern.len() as u64 - 1);
    let start = match text.find(&head, &pattern[1..]) {
        Some(_) => 0,
        None => text.find(&(0..text.source.len()), pattern)?.start + 1,
    };
    let end = text.find(&(start..text.source.len()), b"\n")?.end;
    Some(start..end)
}

/// What becomes of one key in its step's line.
fn edit_line(text: &Text, line: Range<u64>, change: &Change) -> Option<(Range<u64>, String)> {
    let new = entry(&change.rows);
    if !change.group.rows.is_empty() {
        return Some((text.find(&line, entry(&change.group.rows).as_bytes())?, new));
    }
    let step = change.rows[0].step;
    let at = match change.group.next.as_ref().filter(|row| row.step == step) {
        // The key after it is one picture, or the first of a list: its value tells it from a layer of that name.
        Some(next) => {
            let list = format!(
                ",{}:{{\"_type\":\"images/separated\",",
                json_line(&next.key)
            );
            let start = |pattern: &str| Some(text.find(&line, pattern.as_bytes())?.start);
            start(&entry(std::slice::from_ref(next))).or_else(|| start(&list))?
        }
        // Before the brace and the line end.
        None => line.end.checked_sub(2)?,
    };
    Some((at..at, new))
}

/// A key and its value, with the comma before it: the step is always first.
fn entry(rows: &[Row]) -> String {
    let value = history::logged_value(rows);
    format!(",{}:{}", json_line(&rows[0].key), json_line(&value))
}

/// The new config, if it changes.
fn edit_config(root: &Path, lines: &Lines, changes: &[Change]) -> io::Result<Option<String>> {
    let labels = |rows: &[Row]| -> Vec<Value> {
        rows.iter()
            .filter_map(|row| row.class_labels.clone())
            .collect()
    };
    let is_changed = |change: &&Change| labels(&change.rows) != labels(&change.group.rows);
    let changed: Vec<&Change> = changes.iter().filter(is_changed).collect();
    if changed.is_empty() {
        return Ok(None);
    }
    let old = fs::read(root.join(names::CONFIG))?;
    // Rows after all others add to what there is; any others may change whose labels are the first and the last.
    let is_added = |change: &&Change| {
        change.rows.starts_with(&change.group.rows) && change.group.range.end == lines.len()
    };
    let config = if changed.iter().all(is_added) {
        let mut config =
            Labels::parse(&old).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        for change in changed {
            let new = &change.rows[change.group.rows.len()..];
            add_rows(&mut config, new);
        }
        config
    } else {
        labels_of_all(&fs::read(root.join(names::MANIFEST))?, changes)?
    };
    let text = config.text();
    Ok((text.as_bytes() != old).then_some(text))
}

fn add_rows(config: &mut Labels, rows: &[Row]) {
    for row in rows {
        config.add(&row.key, row.class_labels.as_ref());
    }
}

/// The labels of the changed manifest.
fn labels_of_all(manifest: &[u8], changes: &[Change]) -> io::Result<Labels> {
    let mut config = Labels::default();
    let mut at = 0;
    let index = |at: u64| usize::try_from(at).unwrap_or(manifest.len());
    for change in changes {
        let range = &change.group.range;
        add_lines(&mut config, &manifest[at..index(range.start)])?;
        add_rows(&mut config, &change.rows);
        at = index(range.end);
    }
    add_lines(&mut config, &manifest[at..])?;
    Ok(config)
}

fn add_lines(config: &mut Labels, lines: &[u8]) -> io::Result<()> {
    let mut lines = lines.split_inclusive(|&b| b == b'\n');
    lines.try_for_each(|line| add_line(config, line))
}

/// Adds the labels of a row, which is only parsed if there are any.
pub(super) fn add_line(config: &mut Labels, line: &[u8]) -> io::Result<()> {
    #[derive(Deserialize)]
    struct Labelled {
        key: String,
        class_labels: Option<Value>,
    }
    // A quote inside a string is escaped, so this is no text that somebody wrote.
    if memmem::find(line, b"\"class_labels\":null").is_none() {
        let row: Labelled = serde_json::from_slice(line)?;
        config.add(&row.key, row.class_labels.as_ref());
    }
    Ok(())
}
