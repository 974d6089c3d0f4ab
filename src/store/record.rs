//! Rows in and out of the manifest: what it has, and how new rows are merged into it, with the history and the
//! config that follow from them. Where files go is not decided here.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use super::cache::identity;
use super::journal::{self, Journal, Left};
use super::lines::Lines;
use super::lock::{Lock, Seal};
use super::write::{self, Flush, Piece};
use super::{Store, StoreError, Survives, Unheard, lock_of, names, splice, sync};
use crate::history::{self, MAX_IMAGES};
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
        let mut add = |rows: Vec<Row>| {
            for row in rows {
                sources.entry(row.key).or_default().push(row.source);
            }
        };
        let path = self.root.join(names::MANIFEST);
        let is_sealed = Lock::take(&self.root)?.seal(&self.root).is_some();
        if keys.len() > splice::MAX_ROWS || !is_sealed {
            let mut rows = self.rows()?;
            rows.retain(|row| row.step == step);
            add(rows);
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
            add(lines.group(step, &key).map_err(error)?.rows);
        }
        Ok(sources)
    }

    /// The rows of the manifest, in order; none if there is no manifest.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read or understood.
    pub fn rows(&self) -> Result<Vec<Row>, StoreError> {
        let path = self.root.join(names::MANIFEST);
        let Some(text) = write::read_if_there(&path)? else {
            return Ok(Vec::new());
        };
        parse_rows(&path, &text)
    }

    /// Merges rows into the manifest and brings history and config up to it. A row replaces the one with the
    /// same identity. The journal, whose rows these are, is gone afterwards.
    ///
    /// # Errors
    /// [`StoreError`] if that cannot be written; what was there before is then still there, whole, and so is the
    /// journal, for the next process to take up.
    pub fn record(&self, mut new: Vec<Row>, unheard: Unheard) -> Result<(), StoreError> {
        let mut own = lock_of(&self.journal);
        if let (Unheard::Record, Some(journal)) = (unheard, own.as_mut()) {
            let heard: HashSet<_> = new.iter().map(identity).collect();
            let rows = journal.rows().map_err(StoreError::io("read", &self.root))?;
            new.extend(
                rows.into_iter()
                    .filter(|row| !heard.contains(&identity(row))),
            );
        }
        if self.survives == Survives::Machine {
            sync::flush_all(&self.root).map_err(StoreError::io("flush", &self.root))?;
        }
        let lock = Lock::take(&self.root)?;
        let known = lock_of(&self.known);
        if known.seal.is_some() && known.seal == lock.seal(&self.root) {
            new.retain(|row| known.rows.get(&identity(row)) != Some(row));
        }
        drop(known);
        let left = journal::left_behind(&self.root, self.writer.owner(), &lock)?;
        self.merge(&lock, &mut own, left, new)?;
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
        new: Vec<Row>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for journal in &mut left {
            rows.append(&mut journal.rows);
        }
        rows.extend(new);
        let seal = lock.seal(&self.root);
        if !rows.is_empty() || seal.is_none() {
            if own.is_none() {
                *own = Some(Journal::create(&self.root, self.writer.owner(), lock)?);
            }
            self.merge_rows(lock, seal, rows)?;
        }
        Left::remove(left, &self.root);
        Ok(())
    }

    fn merge_rows(
        &self,
        lock: &Lock,
        seal: Option<Seal>,
        rows: Vec<Row>,
    ) -> Result<(), StoreError> {
        let lock_error = StoreError::io("write", &self.root);
        let splice = match seal {
            Some(seal) if !seal.long_lists && rows.len() <= splice::MAX_ROWS => {
                // What cannot be read this way is read, or complained about, the other way.
                splice::splice(&self.root, rows.clone()).ok().flatten()
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
        let rows = splice::merge(self.rows()?, rows);
        let manifest: String = rows.iter().map(|row| json_line(row) + "\n").collect();
        lock.unseal().map_err(lock_error)?;
        for (name, text) in [
            (names::MANIFEST, manifest),
            (names::HISTORY, history::history(&rows)),
            (names::CONFIG, history::config(&rows)),
        ] {
            let path = self.root.join(name);
            self.writer
                .publish_once(&path, text.as_bytes(), self.flush())?;
        }
        self.flush_names()?;
        let mut lists = rows.chunk_by(|a, b| (a.step, &a.key) == (b.step, &b.key));
        lock.set_seal(&self.root, lists.any(|list| list.len() > MAX_IMAGES));
        Ok(())
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
