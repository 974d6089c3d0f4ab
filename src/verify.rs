//! Whether an output directory is what its manifest says: every file that is referred to is hashed and decoded,
//! and what follows from the manifest is made again and compared. Nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use crate::annotations::parse_json;
use crate::encode::sha256_hex;
use crate::history;
use crate::media::{Row, json_line};
use crate::read::{ImageError, ImageFile, ImageKind, SizeLimits};
use crate::store::{
    FileKind, Reference, Snapshot, StoreError, read_snapshot, references, unreferred_files,
};
use crate::threads::{Threads, at_once};

/// What decoding one picture may take; larger ones are hashed only.
const LIMITS: SizeLimits = SizeLimits {
    pixels: 178_956_970,
    bytes: 1 << 30,
};

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many rows there are.
    pub rows: usize,
    /// How many files they refer to.
    pub files: usize,
    /// What is not as it should be, in order.
    pub differences: Vec<Difference>,
    /// What is worth knowing.
    pub notes: Vec<VerifyNote>,
}

/// A file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The file, relative to the directory.
    pub path: String,
    /// The line of it, from 1, where lines matter.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum What {
    #[error("is missing")]
    Missing,
    #[error("is not a regular file")]
    NotRegular,
    #[error("cannot be read: {reason}")]
    Unreadable { reason: String },
    #[error("leads out of the directory")]
    Outside,
    #[error("has {found} bytes, but its row says {expected}")]
    Size { found: u64, expected: u64 },
    #[error("has the SHA-256 {found}, but its row says {expected}")]
    Hash { found: String, expected: String },
    #[error("does not carry the first digits of its SHA-256, {expected}, in its name")]
    Name { expected: String },
    #[error("is {found}, but its row says {expected}")]
    Dimensions { found: String, expected: String },
    #[error("is {reason}")]
    Damaged { reason: String },
    #[error("is no row: {reason}")]
    Row { reason: String },
    #[error("has a row whose references are damaged")]
    Reference,
    #[error("is not in order, or is a second row of the same picture")]
    Order,
    #[error("is not written as wbimg writes it")]
    Form,
    #[error("differs from what the manifest gives")]
    Derived,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}: line {line} {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

/// Something that is no difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerifyNote {
    /// Nothing refers to a file.
    Unreferred {
        /// The file.
        path: String,
    },
    /// A file is too large to be decoded here.
    NotDecoded {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A process has not recorded its rows, because it is at work, or dead.
    Journal {
        /// Its journal.
        path: String,
    },
}

impl fmt::Display for VerifyNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreferred { path } => write!(f, "{path}: nothing refers to it"),
            Self::NotDecoded { path, reason } => {
                write!(f, "{path}: hashed, but not decoded: {reason}")
            }
            Self::Journal { path } => write!(
                f,
                "{path}: rows of a run that is at work or was killed; the next convert takes the latter up"
            ),
        }
    }
}

/// Compares a directory with its manifest.
///
/// # Errors
/// [`StoreError`] if manifest, history or config cannot be read.
pub fn verify(root: &Path, threads: Threads) -> Result<Report, StoreError> {
    let snapshot = read_snapshot(root)?;
    let mut report = Report::default();
    let rows = parse_rows(&snapshot, &mut report.differences);
    report.rows = rows.len();
    // Rows that are damaged already say enough about what follows from them, and where nothing was recorded yet,
    // nothing follows.
    if report.differences.is_empty() && !snapshot.is_empty() {
        compare(
            "history.jsonl",
            &snapshot.history,
            &history::history(&rows),
            &mut report,
        );
        compare(
            "config.json",
            &snapshot.config,
            &history::config(&rows),
            &mut report,
        );
    }
    let checks = checks(&rows, &mut report.differences);
    report.files = checks.len();
    let next = AtomicUsize::new(0);
    let found = Mutex::new((Vec::new(), Vec::new()));
    let work = || {
        while let Some(check) = checks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = check.run(root);
            let mut found = found.lock().unwrap_or_else(|e| e.into_inner());
            match outcome {
                Ok(None) => {}
                Ok(Some(note)) => found.1.push(note),
                Err(what) => found.0.push(difference(&check.reference.path, what)),
            }
        }
    };
    at_once(threads.for_tasks(checks.len()), work, work);
    let (differences, notes) = found.into_inner().unwrap_or_else(|e| e.into_inner());
    report.differences.extend(differences);
    report.notes.extend(notes);
    let known: HashSet<&str> = checks
        .iter()
        .map(|check| check.reference.path.as_str())
        .collect();
    let journals = snapshot.journals.into_iter();
    report
        .notes
        .extend(journals.map(|path| VerifyNote::Journal { path }));
    let unreferred = unreferred_files(root, &known).into_iter();
    report
        .notes
        .extend(unreferred.map(|path| VerifyNote::Unreferred { path }));
    report.differences.sort();
    report.notes.sort();
    Ok(report)
}

fn difference(path: &str, what: What) -> Difference {
    Difference {
        path: path.to_owned(),
        line: None,
        what,
    }
}

/// The rows of the manifest that are rows.
fn parse_rows(snapshot: &Snapshot, differences: &mut Vec<Difference>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut seen = BTreeSet::new();
    let lines = snapshot.manifest.split_inclusive(|&b| b == b'\n');
    for (number, line) in (1..).zip(lines) {
        let mut differs = |what| {
            differences.push(Difference {
                path: "manifest.jsonl".to_owned(),
                line: Some(number),
                what,
            });
        };
        match serde_json::from_slice::<Row>(line) {
            Err(error) => {
                let reason = error.to_string();
                differs(What::Row { reason });
            }
            Ok(row) => {
                if line != (json_line(&row) + "\n").as_bytes() {
                    differs(What::Form);
                }
                let (source, frame, key, step) = row.identity();
                let is_new = seen.insert((source.to_owned(), frame.clone(), key.to_owned(), step));
                if !is_new || rows.last().is_some_and(|last| last.order(&row).is_gt()) {
                    differs(What::Order);
                }
                rows.push(row);
            }
        }
    }
    rows
}

/// Names the first line in which a file is not what it should be.
fn compare(path: &str, found: &[u8], expected: &str, report: &mut Report) {
    if found == expected.as_bytes() {
        return;
    }
    let lines = |text| <[u8]>::split(text, |&b: &u8| b == b'\n');
    let same = lines(found)
        .zip(lines(expected.as_bytes()))
        .take_while(|(a, b)| a == b);
    report.differences.push(Difference {
        path: path.to_owned(),
        line: Some(same.count() + 1),
        what: What::Derived,
    });
}

/// A file to be looked at.
struct Check {
    reference: Reference,
    /// Width and height, for the picture of a row.
    size: Option<(u32, u32)>,
}

/// Every file that the rows refer to, once for all that is said of it.
fn checks(rows: &[Row], differences: &mut Vec<Difference>) -> Vec<Check> {
    let mut checks = BTreeMap::new();
    for (line, row) in (1..).zip(rows) {
        let Some(references) = references(row) else {
            differences.push(Difference {
                path: "manifest.jsonl".to_owned(),
                line: Some(line),
                what: What::Reference,
            });
            continue;
        };
        for reference in references {
            let size = match reference.kind {
                FileKind::Image => Some((row.media.width, row.media.height)),
                _ => None,
            };
            let Reference {
                path,
                sha256,
                size: len,
                ..
            } = &reference;
            let id = (path.clone(), sha256.clone(), *len, size);
            checks.entry(id).or_insert(Check { reference, size });
        }
    }
    checks.into_values().collect()
}

impl Check {
    fn run(&self, root: &Path) -> Result<Option<VerifyNote>, What> {
        let Reference {
            kind,
            path,
            sha256,
            size,
        } = &self.reference;
        let relative = Path::new(path);
        let is_normal = |component| matches!(component, Component::Normal(_));
        if !relative.components().all(is_normal) {
            return Err(What::Outside);
        }
        check_name(relative, sha256)?;
        check_folders(root, relative)?;
        let place = root.join(relative);
        let metadata = fs::symlink_metadata(&place).map_err(|e| unreadable(&e))?;
        if !metadata.is_file() {
            return Err(What::NotRegular);
        }
        if metadata.len() != *size {
            return Err(What::Size {
                found: metadata.len(),
                expected: *size,
            });
        }
        let not_decoded = |reason: String| {
            Some(VerifyNote::NotDecoded {
                path: path.clone(),
                reason,
            })
        };
        if *size > LIMITS.bytes {
            let found = hash_file(&place).map_err(|e| unreadable(&e))?;
            check_hash(found, sha256)?;
            return Ok(not_decoded(format!("it has {size} bytes")));
        }
        let bytes = fs::read(&place).map_err(|e| unreadable(&e))?;
        check_hash(sha256_hex(&bytes), sha256)?;
        if *kind == FileKind::Boxes {
            let damaged = |reason| What::Damaged { reason };
            return match parse_json(&bytes) {
                Ok(_) => Ok(None),
                Err(error) => Err(damaged(format!("no JSON of boxes: {error}"))),
            };
        }
        match self.check_image(&bytes) {
            Ok(()) => Ok(None),
            Err(Fault::Image(
                error @ (ImageError::TooManyPixels { .. } | ImageError::TooManyBytes { .. }),
            )) => Ok(not_decoded(error.to_string())),
            Err(Fault::Image(error)) => Err(What::Damaged {
                reason: error.to_string(),
            }),
            Err(Fault::What(what)) => Err(what),
        }
    }

    fn check_image(&self, bytes: &[u8]) -> Result<(), Fault> {
        let kind = ImageKind::of(bytes).ok_or_else(|| {
            Fault::What(What::Damaged {
                reason: "no image file".to_owned(),
            })
        })?;
        let image = ImageFile::check(bytes, kind, LIMITS).map_err(Fault::Image)?;
        match self.size {
            Some(size) if size != (image.width, image.height) => {
                let words = |(width, height)| format!("{width}×{height}");
                Err(Fault::What(What::Dimensions {
                    found: words((image.width, image.height)),
                    expected: words(size),
                }))
            }
            _ => Ok(()),
        }
    }
}

enum Fault {
    Image(ImageError),
    What(What),
}

/// `KEY_STEP_SHA20.…`.
fn check_name(path: &Path, sha256: &str) -> Result<(), What> {
    let expected: String = sha256.chars().take(20).collect();
    let name = path.file_name().and_then(|name| name.to_str());
    let end = name.and_then(|name| name.rsplit('_').next());
    let rest = end.and_then(|end| end.strip_prefix(expected.as_str()));
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
        Ok(())
    } else {
        Err(What::Name { expected })
    }
}

/// Links inside the directory could lead out of it.
fn check_folders(root: &Path, relative: &Path) -> Result<(), What> {
    let mut folder = root.to_owned();
    for component in relative.parent().unwrap_or(Path::new("")).components() {
        folder.push(component);
        let metadata = fs::symlink_metadata(&folder).map_err(|e| unreadable(&e))?;
        if metadata.is_symlink() {
            return Err(What::Outside);
        }
    }
    Ok(())
}

fn check_hash(found: String, expected: &str) -> Result<(), What> {
    if found == expected {
        return Ok(());
    }
    Err(What::Hash {
        found,
        expected: expected.to_owned(),
    })
}

fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let digits = hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    Ok(digits)
}

fn unreadable(error: &io::Error) -> What {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => What::Missing,
        _ => What::Unreadable {
            reason: error.to_string(),
        },
    }
}
