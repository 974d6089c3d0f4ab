//! Rows in and out of the manifest: what it has, and how new rows are merged into it, with the history and the
//! config that follow from them. Where files go is not decided here.
//!
//! However many rows there are, they are lines until they are looked at, a few at a time.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::journal::{self, Journal, Left};
use super::lines::Lines;
use super::lock::{Lock, Seal};
use super::row_line::{Head, RowLine, each_line, hash_of};
use super::stale::{Stale, Whole};
use super::standing::open_if_there;
use super::write::{Flush, Piece};
use super::{Store, StoreError, Survives, Unheard, lock_of, names, splice, sync};
use crate::history::{self, HistoryLines, Labels, MAX_IMAGES, logged, logged_value};
use crate::media::{Row, json_line};

impl Store {
    /// The sources of the images at `step` under each of `keys`, and under the keys that their lists go on under,
    /// or that go on under them.
    ///
    /// # Errors
    /// [`StoreError`] if the manifest cannot be read or understood.
    pub fn sources_by_key(
        &self,
        step: u64,
        keys: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut add = |row: Row| sources.entry(row.key).or_default().push(row.source);
        let path = self.root.join(names::MANIFEST);
        let is_sealed = Lock::take(&self.root)?.seal(&self.root).is_some();
        if keys.len() > splice::MAX_ROWS || !is_sealed {
            self.each_row(|row| {
                if row.step == step {
                    add(row);
                }
            })?;
            return Ok(sources);
        }
        let error = |e| StoreError::io("read", &path)(e);
        let lines = Lines::open(&path).map_err(error)?;
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        for &key in keys {
            wanted.insert(key.to_owned());
            wanted.extend(history::part_of(key).map(|(stem, _)| stem.to_owned()));
            // `KEY_2` to `KEY_9…`, and whatever else is between.
            let first = format!("{key}_");
            let is_near = |other: &str| other.strip_prefix(&first).is_some_and(|rest| *rest < *":");
            let near = lines.keys_while(step, &first, is_near).map_err(error)?;
            wanted.extend(near);
        }
        for key in wanted {
            let rows = lines.group(step, &key).map_err(error)?.rows;
            rows.into_iter().for_each(&mut add);
        }
        Ok(sources)
    }

    /// The rows of the manifest, in order; none if there is no manifest.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read or understood.
    pub fn rows(&self) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.each_row(|row| rows.push(row))?;
        Ok(rows)
    }

    /// Hands the rows of the manifest, in order, to `take`; none if there is no manifest.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read or understood.
    pub(super) fn each_row(&self, mut take: impl FnMut(Row)) -> Result<(), StoreError> {
        let path = self.root.join(names::MANIFEST);
        let Some(file) = open_if_there(&path)? else {
            return Ok(());
        };
        let mut wrong = None;
        let read = each_line(&file, |line, _, text| {
            match text.trim_ascii_end() {
                b"" => {}
                text => take(serde_json::from_slice(text).map_err(|source| {
                    wrong = Some((line, source));
                    io::ErrorKind::InvalidData
                })?),
            }
            Ok::<_, io::Error>(())
        });
        match (read, wrong) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some((line, source))) => Err(StoreError::Manifest { path, line, source }),
            (Err(error), None) => Err(StoreError::io("read", &path)(error)),
        }
    }

    /// Merges rows into the manifest and brings history and config up to it. A row replaces the one with the
    /// same identity; of the inputs in `whole`, others go. The journal, whose rows these are, is gone afterwards.
    ///
    /// # Errors
    /// [`StoreError`] if that cannot be written; what was there before is then still there, whole, and so is the
    /// journal, for the next process to take up.
    pub fn record(
        &self,
        mut new: Vec<RowLine>,
        whole: &[Whole<'_>],
        unheard: Unheard,
    ) -> Result<(), StoreError> {
        let stale = Stale::new(whole, &new);
        let mut own = lock_of(&self.journal);
        if let (Unheard::Record, Some(journal)) = (unheard, own.as_mut()) {
            let heard: HashSet<_> = new.iter().map(RowLine::identity).collect();
            let mut rows = journal.rows().map_err(StoreError::io("read", &self.root))?;
            rows.retain(|row| !heard.contains(&row.identity()));
            new.extend(rows);
        }
        if self.survives == Survives::Machine {
            sync::flush_all(&self.root).map_err(StoreError::io("flush", &self.root))?;
        }
        let lock = Lock::take(&self.root)?;
        let known = lock_of(&self.known);
        if known.seal.is_some() && known.seal == lock.seal(&self.root) {
            new.retain(|row| {
                known.rows.get(&hash_of(row.identity())) != Some(&hash_of(row.text()))
            });
        }
        drop(known);
        let left = journal::left_behind(&self.root, self.writer.owner(), &lock)?;
        self.merge(&lock, &mut own, left, new, &stale)?;
        if let Some(journal) = own.take() {
            journal.remove();
        }
        Ok(())
    }

    /// Merges what dead processes have left, then new rows; removes the former.
    pub(super) fn merge(
        &self,
        lock: &Lock,
        own: &mut Option<Journal>,
        mut left: Vec<Left>,
        new: Vec<RowLine>,
        stale: &Stale<'_>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for journal in &mut left {
            rows.append(&mut journal.rows);
        }
        rows.extend(new);
        let seal = lock.seal(&self.root);
        if !rows.is_empty() || seal.is_none() || self.has_stale(stale)? {
            if own.is_none() {
                *own = Some(Journal::create(&self.root, self.writer.owner(), lock)?);
            }
            self.merge_rows(lock, seal, rows, stale)?;
        }
        Left::remove(left, &self.root);
        Ok(())
    }

    /// Whether the manifest, which is sealed, has a row that is stale.
    fn has_stale(&self, stale: &Stale<'_>) -> Result<bool, StoreError> {
        let path = self.root.join(names::MANIFEST);
        if stale.inputs().len() <= splice::MAX_ROWS {
            let lines = Lines::open(&path);
            let found = lines.and_then(|lines| {
                let keys = splice::keys_of(&lines, stale)?;
                let mut groups = keys.iter().map(|key| lines.group(stale.step(), key));
                groups.try_fold(false, |found, group| {
                    Ok(found || group?.rows.iter().any(|row| stale.has(row.identity())))
                })
            });
            return found.map_err(StoreError::io("read", &path));
        }
        let mut found = false;
        let looked = File::open(&path).and_then(|file| {
            each_line(&file, |_, _, line| {
                let head: Head<'_> = serde_json::from_slice(line.trim_ascii_end())?;
                found |= stale.has(head.identity());
                Ok(())
            })
        });
        looked.map_err(StoreError::io("read", &path))?;
        Ok(found)
    }

    fn merge_rows(
        &self,
        lock: &Lock,
        seal: Option<Seal>,
        rows: Vec<RowLine>,
        stale: &Stale<'_>,
    ) -> Result<(), StoreError> {
        let lock_error = StoreError::io("write", &self.root);
        let splice = match seal {
            Some(seal)
                if !seal.long_lists && rows.len().max(stale.inputs().len()) <= splice::MAX_ROWS =>
            {
                let rows: io::Result<Vec<Row>> = rows.iter().map(RowLine::row).collect();
                // What cannot be read this way is read, or complained about, the other way.
                rows.and_then(|rows| splice::splice(&self.root, rows, stale))
                    .ok()
                    .flatten()
            }
            _ => None,
        };
        if let Some(splice) = splice {
            if splice.is_empty() {
                return Ok(());
            }
            lock.unseal().map_err(lock_error)?;
            splice.write(&self.root, |path, pieces| self.replace(path, pieces))?;
            self.flush_names()?;
            lock.set_seal(&self.root, false);
            return Ok(());
        }
        let mut all = Vec::new();
        self.each_row(|row| {
            if !stale.has(row.identity()) {
                all.push(RowLine::from(&row));
            }
        })?;
        let rows = merge(all, rows);
        lock.unseal().map_err(lock_error)?;
        self.put(names::MANIFEST, |out| {
            let mut lines = rows.iter();
            lines.try_for_each(|row| writeln!(out, "{}", row.text()))
        })?;
        self.put(names::HISTORY, |out| write_history(&rows, out))?;
        self.put(names::CONFIG, |out| write_config(&rows, out))?;
        self.flush_names()?;
        let mut lists = rows.chunk_by(|a, b| (a.step(), a.key()) == (b.step(), b.key()));
        lock.set_seal(&self.root, lists.any(|list| list.len() > MAX_IMAGES));
        Ok(())
    }

    /// Writes one of the three files, unless it is there already with the same bytes.
    fn put(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let path = self.root.join(name);
        self.writer.publish_written(&path, write, self.flush())
    }

    fn replace(&self, path: &Path, pieces: &[Piece<'_>]) -> Result<(), StoreError> {
        self.writer.replace(path, pieces, self.flush())
    }

    fn flush(&self) -> Flush {
        match self.survives {
            Survives::Machine => Flush::Now,
            Survives::Process => Flush::Later,
        }
    }

    /// After a rename, the name has to reach the disk, too.
    fn flush_names(&self) -> Result<(), StoreError> {
        match self.survives {
            Survives::Machine => {
                sync::flush_folder(&self.root).map_err(StoreError::io("flush", &self.root))
            }
            Survives::Process => Ok(()),
        }
    }
}

/// Rows in order, the new ones in the place of old ones of the same identity.
fn merge(mut rows: Vec<RowLine>, mut new: Vec<RowLine>) -> Vec<RowLine> {
    // Of two new rows with one identity the later one stays.
    let last: HashMap<_, usize> = (0..)
        .zip(&new)
        .map(|(n, row)| (row.identity(), n))
        .collect();
    rows.retain(|row| !last.contains_key(&row.identity()));
    let stays: Vec<bool> = (0..)
        .zip(&new)
        .map(|(n, row)| last.get(&row.identity()) == Some(&n))
        .collect();
    let mut stays = stays.into_iter();
    new.retain(|_| stays.next().unwrap_or(true));
    rows.append(&mut new);
    rows.sort_unstable_by(RowLine::order);
    rows
}

fn write_history(rows: &[RowLine], out: &mut dyn Write) -> io::Result<()> {
    let mut lines = HistoryLines::default();
    for logged in logged(rows.iter().map(|row| (row.step(), row.key()))) {
        let value = match &rows[logged.rows.clone()] {
            // A single picture is logged as what its row has.
            [row] => Cow::Borrowed(row.media()?),
            rows => {
                let rows: io::Result<Vec<Row>> = rows.iter().map(RowLine::row).collect();
                Cow::Owned(json_line(&logged_value(&rows?)))
            }
        };
        out.write_all(lines.entry(&logged, &value).as_bytes())?;
    }
    out.write_all(lines.end().as_bytes())
}

fn write_config(rows: &[RowLine], out: &mut dyn Write) -> io::Result<()> {
    let mut labels = Labels::default();
    for row in rows {
        splice::add_line(&mut labels, row.text().as_bytes())?;
    }
    out.write_all(labels.text().as_bytes())
}

/// The rows of a manifest, which is at `path`.
pub(super) fn parse_rows(path: &Path, text: &[u8]) -> Result<Vec<Row>, StoreError> {
    let lines = (1..)
        .zip(text.split(|&b| b == b'\n'))
        .filter(|(_, line)| !line.is_empty());
    lines
        .map(|(line, row)| {
            serde_json::from_slice(row).map_err(|source| StoreError::Manifest {
                path: path.to_owned(),
                line,
                source,
            })
        })
        .collect()
}
