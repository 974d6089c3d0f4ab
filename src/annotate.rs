//! From files to annotations: the JSON that flags name, the sidecar beside an input, and the mask files that
//! JSON names. What a JSON names is only read where its owner could have put it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::annotations::{
    AnnotationError, Annotations, BoxLayer, JsonError, Labels, MAX_JSON, MaskContent, MaskLayer,
    Sidecar, SidecarKind, parse_boxes, parse_classes, parse_json, parse_masks, recognise,
};
use crate::input::{Place, clean, escape};
use crate::note::Note;
use crate::read::{SizeLimits, Source, mask_file};

/// The annotations that flags bring, for every input of a call; what is here beats the sidecar.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--boxes`.
    pub boxes: Option<Vec<BoxLayer>>,
    /// `--masks`.
    pub masks: Option<Vec<MaskLayer>>,
    /// `--classes`.
    pub classes: Option<Labels>,
}

/// Which JSON goes with an input.
#[derive(Clone, Debug, Default)]
pub enum SidecarRule {
    /// `STEM.wbimg.json`, else `STEM.json` if it is ours.
    #[default]
    Beside,
    /// The same for every input.
    Given(Box<Sidecar>),
    /// None.
    Never,
}

/// Why annotations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// The file cannot be read.
    #[error("{file}: cannot be read")]
    Io {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no JSON.
    #[error("{file}: {source}")]
    Json {
        /// The file.
        file: String,
        /// What is wrong.
        source: JsonError,
    },
    /// The JSON is no annotation.
    #[error("{file}: {source}")]
    Annotation {
        /// The file.
        file: String,
        /// What is wrong, and where.
        source: AnnotationError,
    },
}

/// Where mask files may lie beside the folder of the JSON that names them and the working directory.
#[derive(Clone, Debug, Default)]
pub struct MediaRoots {
    extra: Option<PathBuf>,
}

impl MediaRoots {
    /// Allows one more folder.
    #[must_use]
    pub fn new(extra: Option<PathBuf>) -> Self {
        Self { extra }
    }

    /// Whether `path`, links resolved, lies below a folder that is allowed to the JSON in `folder`.
    fn allow(&self, path: &Path, folder: &Path) -> bool {
        let working = std::env::current_dir().ok();
        let roots = [Some(folder), working.as_deref(), self.extra.as_deref()];
        let resolved = roots
            .into_iter()
            .flatten()
            .filter_map(|root| fs::canonicalize(root).ok());
        resolved.into_iter().any(|root| path.starts_with(root))
    }
}

/// Reads annotation files.
#[derive(Clone, Debug)]
pub struct Annotator {
    /// Where mask files may lie.
    pub roots: MediaRoots,
    /// How large a mask may be.
    pub limits: SizeLimits,
}

/// What an input's own JSON says.
#[derive(Debug, Default)]
pub struct Found {
    /// What it says; nothing, where there is none.
    pub sidecar: Sidecar,
    /// A file that was left alone.
    pub note: Option<Note>,
}

impl Annotator {
    /// Reads the file of `--boxes`.
    ///
    /// # Errors
    /// [`AnnotateError`] if it is not layers of boxes.
    pub fn boxes(&self, file: &Path) -> Result<Vec<BoxLayer>, AnnotateError> {
        let value = read_json(file)?;
        parse_boxes(&value).map_err(wrong(file))
    }

    /// Reads the file of `--masks`.
    ///
    /// # Errors
    /// [`AnnotateError`] if it is not layers of masks.
    pub fn masks(&self, file: &Path) -> Result<Vec<MaskLayer>, AnnotateError> {
        let value = read_json(file)?;
        parse_masks(&value, &mut self.masks_beside(file)).map_err(wrong(file))
    }

    /// Reads the file of `--classes`.
    ///
    /// # Errors
    /// [`AnnotateError`] if it is not a list of classes.
    pub fn classes(&self, file: &Path) -> Result<Labels, AnnotateError> {
        let value = read_json(file)?;
        parse_classes(&value).map_err(wrong(file))
    }

    /// Reads the file of `--sidecar`.
    ///
    /// # Errors
    /// [`AnnotateError`] if it is no sidecar.
    pub fn sidecar(&self, file: &Path) -> Result<Sidecar, AnnotateError> {
        let value = read_json(file)?;
        self.parse_sidecar(file, &value)
    }

    /// Finds the JSON that belongs to an input.
    ///
    /// # Errors
    /// [`AnnotateError`] if there is one, it is ours, and something is wrong in it.
    pub fn beside(&self, place: &Place) -> Result<Found, AnnotateError> {
        let Place::File(input) = place else {
            return Ok(Found::default());
        };
        let named = input.with_extension("wbimg.json");
        if is_there(&named)? {
            return Ok(Found {
                sidecar: self.sidecar(&named)?,
                note: None,
            });
        }
        let plain = input.with_extension("json");
        if !is_there(&plain)? {
            return Ok(Found::default());
        }
        let left_alone = |reason: String| {
            Ok(Found {
                sidecar: Sidecar::default(),
                note: Some(Note::SidecarLeftAlone {
                    path: clean(&plain),
                    reason,
                }),
            })
        };
        let value = match read_json(&plain) {
            Ok(value) => value,
            Err(AnnotateError::Io { source, .. }) => {
                return left_alone(format!("it cannot be read ({})", source.kind()));
            }
            Err(error) => {
                let text = error.to_string();
                let reason = text
                    .strip_prefix(&format!("{}: ", clean(&plain)))
                    .unwrap_or(&text);
                return left_alone(format!("it {reason}"));
            }
        };
        match recognise(&value) {
            SidecarKind::Ours => Ok(Found {
                sidecar: self.parse_sidecar(&plain, &value)?,
                note: None,
            }),
            SidecarKind::Mixed => {
                left_alone("it has names that a sidecar does not have".to_owned())
            }
            SidecarKind::Foreign => Ok(Found::default()),
        }
    }

    fn parse_sidecar(&self, file: &Path, value: &Value) -> Result<Sidecar, AnnotateError> {
        Sidecar::parse(value, &mut self.masks_beside(file)).map_err(wrong(file))
    }

    /// Reads the mask files that the JSON `file` names, all of which together must be within the limit.
    fn masks_beside(&self, file: &Path) -> impl FnMut(&str) -> Result<MaskContent, String> {
        let mut left = self.limits.bytes;
        move |name| {
            let mask = self.mask_beside(file, name)?;
            left = left.checked_sub(mask.memory()).ok_or_else(|| {
                format!(
                    "brings the masks of the file to more than the {} bytes allowed: lift the limit with --max-memory",
                    self.limits.bytes
                )
            })?;
            Ok(mask)
        }
    }

    /// Reads a mask file that the JSON `file` names.
    fn mask_beside(&self, file: &Path, name: &str) -> Result<MaskContent, String> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let io_error = |e: io::Error| format!("cannot be read: {}", system_words(&e));
        let path = fs::canonicalize(folder.join(name)).map_err(io_error)?;
        if !self.roots.allow(&path, folder) {
            return Err(format!(
                "leads out of {}: allow its folder with --media-root",
                clean(folder)
            ));
        }
        if !path.is_file() {
            return Err("is not a regular file".to_owned());
        }
        let source = fs::File::open(&path)
            .and_then(Source::file)
            .map_err(io_error)?;
        let extension = Path::new(name).extension().map(escape).unwrap_or_default();
        mask_file(&source, &extension, self.limits)
    }
}

impl Given {
    /// The annotations of an input: what flags bring, else what its sidecar says.
    #[must_use]
    pub fn with(&self, sidecar: &Sidecar) -> Annotations {
        let mut annotations = Annotations {
            boxes: self
                .boxes
                .clone()
                .or_else(|| sidecar.boxes.clone())
                .unwrap_or_default(),
            masks: self
                .masks
                .clone()
                .or_else(|| sidecar.masks.clone())
                .unwrap_or_default(),
        };
        if let Some(classes) = self.classes_with(sidecar) {
            annotations.name_classes(classes);
        }
        annotations
    }

    /// The names of class ids for layers that bring none.
    #[must_use]
    pub fn classes_with<'a>(&'a self, sidecar: &'a Sidecar) -> Option<&'a Labels> {
        self.classes.as_ref().or(sidecar.classes.as_ref())
    }
}

/// The files that layers of masks, such as those of `--masks`, name in `file`; none if it cannot be read.
#[must_use]
pub fn files_of_masks(file: &Path) -> Vec<PathBuf> {
    read_json(file).map_or_else(|_| Vec::new(), |masks| resolved(file, &names_in(&masks)))
}

/// The files that a sidecar names as masks; none if it cannot be read, or is not ours.
#[must_use]
pub fn files_of_sidecar(file: &Path) -> Vec<PathBuf> {
    resolved(file, &mask_names_of(file))
}

/// The names of the mask files in a sidecar, relative to its folder.
#[must_use]
pub fn mask_names_of(file: &Path) -> Vec<String> {
    let sidecar = read_json(file)
        .ok()
        .filter(|json| recognise(json) == SidecarKind::Ours);
    let masks = sidecar.as_ref().and_then(|sidecar| sidecar.get("masks"));
    masks.map_or_else(Vec::new, names_in)
}

fn names_in(masks: &Value) -> Vec<String> {
    let layers = masks
        .as_object()
        .into_iter()
        .flat_map(|layers| layers.values());
    layers
        .filter_map(|layer| Some(layer.get("path")?.as_str()?.to_owned()))
        .collect()
}

/// Names in a JSON file, links resolved, as far as they are there.
fn resolved(file: &Path, names: &[String]) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new(""));
    names
        .iter()
        .filter_map(|name| fs::canonicalize(folder.join(name)).ok())
        .collect()
}

/// Whether a regular file has this name. What cannot be told is no reason to go on without it.
fn is_there(file: &Path) -> Result<bool, AnnotateError> {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    match fs::metadata(file) {
        Ok(metadata) => Ok(metadata.is_file()),
        // The sidecar's name may be too long where the input's is not.
        Err(e) if matches!(e.kind(), NotFound | NotADirectory | InvalidFilename) => Ok(false),
        Err(source) => Err(AnnotateError::Io {
            file: clean(file),
            source,
        }),
    }
}

fn read_json(file: &Path) -> Result<Value, AnnotateError> {
    let name = || clean(file);
    let io_error = |source| AnnotateError::Io {
        file: name(),
        source,
    };
    let metadata = fs::metadata(file).map_err(io_error)?;
    if !metadata.is_file() {
        return Err(io_error(io::Error::other("it is not a regular file")));
    }
    let json_error = |source| AnnotateError::Json {
        file: name(),
        source,
    };
    if metadata.len() > MAX_JSON as u64 {
        let bytes = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        return Err(json_error(JsonError::TooLong { bytes }));
    }
    let bytes = fs::read(file).map_err(io_error)?;
    parse_json(&bytes).map_err(json_error)
}

fn wrong(file: &Path) -> impl FnOnce(AnnotationError) -> AnnotateError {
    let file = clean(file);
    move |source| AnnotateError::Annotation { file, source }
}

/// What the system said, without its number.
fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
