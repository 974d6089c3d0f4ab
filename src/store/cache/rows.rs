//! The rows of the manifest that entries refer to.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use super::read_at;
use crate::media::{FrameName, Row, json_line};
use crate::read::Source;
use crate::store::lines::Lines;
use crate::store::row_line::{Head, each_line, hash_of};

/// Rows of the manifest by the hash of their identity.
#[derive(Debug, Default)]
pub(super) enum Rows {
    #[default]
    None,
    Here(HashMap<u64, Row>),
    /// In the manifest as it was, here and so long.
    There(Source, HashMap<u64, (u64, usize)>),
}

impl Rows {
    /// Those of a step under these keys; adds what their lines hash to to `known`.
    pub(super) fn of_keys(
        manifest: &Path,
        step: u64,
        keys: &[String],
        known: &mut HashMap<u64, u64>,
    ) -> io::Result<Self> {
        let lines = Lines::open(manifest)?;
        let groups = keys.iter().map(|key| lines.group(step, key));
        let groups: Vec<_> = groups.collect::<io::Result<_>>()?;
        let rows = groups.into_iter().flat_map(|group| group.rows);
        let rows: HashMap<u64, Row> = rows.map(|row| (hash_of(row.identity()), row)).collect();
        known.extend(rows.iter().map(|(&id, row)| (id, hash_of(json_line(row)))));
        Ok(Self::Here(rows))
    }

    /// All of a step, which are read when they are asked for; adds what their lines hash to to `known`.
    pub(super) fn of_step(
        manifest: &Path,
        step: u64,
        known: &mut HashMap<u64, u64>,
    ) -> io::Result<Self> {
        let file = File::open(manifest)?;
        let places = find_rows(&file, step, known)?;
        Ok(Self::There(Source::file(file)?, places))
    }

    pub(super) fn get(&self, identity: (&str, &FrameName, &str, u64)) -> Option<Row> {
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
