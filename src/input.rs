//! What is to be converted: names as typed become a list of inputs with keys. Directories are walked here, but
//! no input is opened.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::annotate::files_of_sidecar;
use crate::history::RESERVED_KEYS;
use crate::store::is_output_directory;
use crate::template::Template;
use crate::wandb_run::is_run;

/// Where an input's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// Storage elsewhere, which is refused when its turn comes.
    Url,
}

/// One input of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where its bytes come from.
    pub place: Place,
    /// Its name, cleaned: what messages and rows call it.
    pub source: String,
    /// Its place in the call's whole list.
    pub index: u64,
    /// The key it is logged under, if it is one picture.
    pub key: String,
}

impl Input {
    /// The path of a file; `stdin` for what has no path.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::File(path) => path,
            Place::Stdin | Place::Url => Path::new("stdin"),
        }
    }

    /// The extension of the name as written; `None` for what has no name.
    #[must_use]
    pub fn extension(&self) -> Option<String> {
        match &self.place {
            Place::File(path) => Some(path.extension().map(escape).unwrap_or_default()),
            Place::Stdin | Place::Url => None,
        }
    }
}

/// The extensions that a directory is searched for.
pub const EXTENSIONS: [&str; 13] = [
    "npy",
    "npz",
    "pt",
    "pth",
    "safetensors",
    "png",
    "jpg",
    "jpeg",
    "bmp",
    "gif",
    "webp",
    "tif",
    "tiff",
];

/// The placeholders of `--key`.
pub const KEY_PLACEHOLDERS: &[&str] = &["stem", "name", "parent", "ext"];

/// Why a list of names is not a list of inputs.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Two inputs would be logged under one key that nobody asked for.
    #[error("{first} and {second} would both be logged as {key:?}")]
    SameKey {
        /// The first of them.
        first: String,
        /// The second of them.
        second: String,
        /// Their key.
        key: String,
    },
    /// The only input is an output directory, whose pictures are results.
    #[error("{directory}: is an output directory, whose pictures are results, not inputs")]
    OutputDirectory {
        /// The directory.
        directory: String,
    },
}

/// Something about the list that its owner may not have meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputNote {
    /// A name that was given twice and counts once.
    Repeated {
        /// The name.
        source: String,
    },
    /// An output directory, whose pictures are results and no inputs.
    OutputDirectory {
        /// The directory.
        source: String,
    },
    /// A directory without a file that could be an input.
    EmptyDirectory {
        /// The directory.
        source: String,
    },
}

/// A directory that could not be walked.
#[derive(Debug)]
pub struct WalkFailure {
    /// The directory.
    pub source: String,
    /// What the system said.
    pub error: io::Error,
}

/// The inputs of a call.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order of the call.
    pub list: Vec<Input>,
    /// What is worth saying.
    pub notes: Vec<InputNote>,
    /// Directories that could not be read.
    pub failures: Vec<WalkFailure>,
}

/// How keys are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRule {
    /// The file's stem; below a directory, its relative path without extension.
    Stem,
    /// As asked for.
    Template(Template),
}

/// What a search of directories passes over.
#[derive(Clone, Debug, Default)]
pub struct PassedOver {
    /// The output directory.
    pub out: Option<PathBuf>,
    /// Mask files that annotations of the call name, links resolved.
    pub masks: HashSet<PathBuf>,
    /// Whether sidecars are looked at for more of them.
    pub sidecars: SidecarMasks,
}

/// Whether mask files that a sidecar names are passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SidecarMasks {
    /// They are: they belong to another input.
    #[default]
    PassedOver,
    /// Sidecars do not count.
    Taken,
}

/// Makes the list of inputs out of names as typed.
///
/// # Errors
/// [`InputError`] if two inputs have one key that was not asked for.
pub fn collect(names: &[PathBuf], keys: &KeyRule, over: &PassedOver) -> Result<Inputs, InputError> {
    let mut inputs = Inputs::default();
    let mut seen = HashSet::new();
    let out = over.out.as_ref().and_then(|out| fs::canonicalize(out).ok());
    for name in names {
        if name.as_os_str() == "-" {
            let (source, stem) = ("-".to_owned(), "stdin".to_owned());
            add(&mut inputs, &mut seen, Place::Stdin, source, stem, keys);
        } else if is_url(name) {
            let source = escape(name.as_os_str());
            add(&mut inputs, &mut seen, Place::Url, source, stem(name), keys);
        } else if !name.is_dir() {
            let (source, stem) = (clean(name), stem(name));
            let place = Place::File(name.clone());
            add(&mut inputs, &mut seen, place, source, stem, keys);
        } else if is_output(name, out.as_deref()) {
            inputs.notes.push(InputNote::OutputDirectory {
                source: clean(name),
            });
        } else {
            let mut found = Found::default();
            walk(name, out.as_deref(), &mut found);
            let masks = found.masks(over);
            inputs.failures.append(&mut found.failures);
            let is_mask = |file: &PathBuf| {
                !masks.is_empty() && fs::canonicalize(file).is_ok_and(|path| masks.contains(&path))
            };
            found.files.retain(|file| !is_mask(file));
            if found.files.is_empty() {
                inputs.notes.push(InputNote::EmptyDirectory {
                    source: clean(name),
                });
            }
            for file in found.files {
                let relative = file.strip_prefix(name).unwrap_or(&file).with_extension("");
                let (source, stem) = (clean(&file), clean(&relative));
                add(
                    &mut inputs,
                    &mut seen,
                    Place::File(file),
                    source,
                    stem,
                    keys,
                );
            }
        }
    }
    if let ([_], [InputNote::OutputDirectory { source }]) = (names, &inputs.notes[..]) {
        return Err(InputError::OutputDirectory {
            directory: source.clone(),
        });
    }
    match keys {
        KeyRule::Stem => refuse_equal_keys(&inputs.list)?,
        KeyRule::Template(_) => {}
    }
    Ok(inputs)
}

fn add(
    inputs: &mut Inputs,
    seen: &mut HashSet<String>,
    place: Place,
    source: String,
    stem: String,
    keys: &KeyRule,
) {
    if !seen.insert(source.clone()) {
        inputs.notes.push(InputNote::Repeated { source });
        return;
    }
    let key = match keys {
        KeyRule::Stem => stem,
        KeyRule::Template(template) => fill_key(template, &place, &source),
    };
    inputs.list.push(Input {
        place,
        source,
        index: inputs.list.len() as u64,
        key,
    });
}

/// `{parent}/{stem}` of a file without a folder is its stem, not `/stem`.
fn fill_key(template: &Template, place: &Place, source: &str) -> String {
    let path = match place {
        Place::File(path) => path.as_path(),
        Place::Stdin => Path::new("stdin"),
        Place::Url => Path::new(source),
    };
    let filled = template.fill(|name| match name {
        "stem" => stem(path),
        "name" => path.file_name().map(escape).unwrap_or_default(),
        "ext" => path.extension().map(escape).unwrap_or_default(),
        _ => parent_name(path),
    });
    match (template.is_literal(), filled.strip_prefix('/')) {
        (false, Some(rest)) if !path.is_absolute() => rest.to_owned(),
        _ => filled,
    }
}

/// The name of the folder that a path is in; empty for a bare name.
fn parent_name(path: &Path) -> String {
    let parent = path.parent().unwrap_or(Path::new(""));
    parent.file_name().map(escape).unwrap_or_default()
}

/// The file name without its extension.
#[must_use]
pub fn stem(path: &Path) -> String {
    path.file_stem().map(escape).unwrap_or_default()
}

fn refuse_equal_keys(inputs: &[Input]) -> Result<(), InputError> {
    let mut by_key: HashMap<&str, &Input> = HashMap::new();
    for input in inputs {
        if let Some(first) = by_key.insert(&input.key, input) {
            return Err(InputError::SameKey {
                first: first.source.clone(),
                second: input.source.clone(),
                key: input.key.clone(),
            });
        }
    }
    Ok(())
}

/// Whether a name is one of W&B's references to external storage.
fn is_url(name: &Path) -> bool {
    let schemes = ["gs://", "s3://", "http://", "https://"];
    schemes.iter().any(|scheme| {
        name.as_os_str()
            .as_encoded_bytes()
            .starts_with(scheme.as_bytes())
    })
}

/// Whether W&B keeps the key for itself, or there is none.
#[must_use]
pub fn is_refused_key(key: &str) -> bool {
    key.is_empty() || RESERVED_KEYS.contains(&key)
}

/// What a search of a directory found.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    /// JSON files, which may be sidecars of those.
    json: HashSet<PathBuf>,
    failures: Vec<WalkFailure>,
}

impl Found {
    /// The mask files that belong to other inputs.
    fn masks(&self, over: &PassedOver) -> HashSet<PathBuf> {
        let mut masks = over.masks.clone();
        if over.sidecars == SidecarMasks::PassedOver && !self.json.is_empty() {
            let beside =
                |file: &PathBuf| ["wbimg.json", "json"].map(|ext| file.with_extension(ext));
            let sidecars = self.files.iter().flat_map(beside);
            let sidecars: HashSet<PathBuf> = sidecars
                .filter(|sidecar| self.json.contains(sidecar))
                .collect();
            masks.extend(
                sidecars
                    .iter()
                    .flat_map(|sidecar| files_of_sidecar(sidecar)),
            );
        }
        masks
    }
}

/// Collects the files below a directory that have a known extension, bytewise by path component. Hidden files,
/// links to folders, the output directory, any other output directory and runs made of one are passed over.
fn walk(folder: &Path, out: Option<&Path>, found: &mut Found) {
    let failed = |error| WalkFailure {
        source: clean(folder),
        error,
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return found.failures.push(failed(error)),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !is_output(&path, out) {
            walk(&path, out, found);
        } else if !is_folder
            && path
                .extension()
                .is_some_and(|extension| extension == "json")
        {
            found.json.insert(path);
        } else if !is_folder && has_known_extension(&path) && !path.is_dir() {
            found.files.push(path);
        }
    }
}

fn is_output(folder: &Path, out: Option<&Path>) -> bool {
    let is_out = out.is_some_and(|out| fs::canonicalize(folder).is_ok_and(|path| path == out));
    is_out || is_output_directory(folder) || is_run(folder)
}

fn has_known_extension(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(OsStr::to_str)
        .map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// A path without `.`, doubled slashes and what `..` takes back, without looking at the file system.
#[must_use]
pub fn clean(path: &Path) -> String {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match (component, cleaned.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                cleaned.pop();
            }
            (component, _) => cleaned.push(component),
        }
    }
    if cleaned.as_os_str().is_empty() {
        cleaned.push(".");
    }
    escape(cleaned.as_os_str())
}

/// A name as text: bytes that are not UTF-8 become `\xNN`.
#[must_use]
pub fn escape(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02x}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_without_looking_at_files() {
        for (name, expected) in [
            ("./x.npy", "x.npy"),
            ("a//b/./c", "a/b/c"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("/../a", "/a"),
            ("a/..", "."),
        ] {
            assert_eq!(clean(Path::new(name)), expected);
        }
    }
}
