//! What decides what becomes of an input: the files that it is made of, and the fingerprint of everything else.

use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::path::Path;
use std::sync::Mutex;

use crate::annotate::{SidecarRule, mask_names_of};
use crate::input::{Input, Place};
use crate::job::Job;
use crate::open::Seen;
use crate::read::{ImageKind, Source, image_claim};
use crate::store::{Evidence, Finished, Name, Stamp, fingerprint_of};

/// How often this has to change for what older versions left to be forgotten, beside the program's version.
const FORMAT: u32 = 1;

/// A fingerprint of how inputs are converted: every option and annotation of the call, the program's version, its
/// executable (versions in the making have one number) and the working directory, which names and the rule for
/// mask files depend on.
pub(super) fn fingerprint(job: &Job) -> String {
    let mut text = format!("{FORMAT} {} ", env!("CARGO_PKG_VERSION"));
    let executable = std::env::current_exe().and_then(fs::metadata);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{:?} {:?} {job:?}",
        executable.as_ref().map(Stamp::of).ok(),
        std::env::current_dir().ok()
    );
    fingerprint_of(&text)
}

/// What an input is called in the cache.
pub(super) fn name(input: &Input) -> Name<'_> {
    Name {
        source: &input.source,
        key: &input.key,
        index: input.index,
    }
}

/// The files of an input as they are, its masks being of these names; `None` for what is no regular file, or where it
/// cannot be told whether there is a sidecar.
pub(super) fn look<'a>(
    input: &Input,
    job: &Job,
    masks: impl IntoIterator<Item = &'a String>,
) -> Option<Evidence> {
    let Place::File(path) = &input.place else {
        return None;
    };
    // Which label files an input depends on is only known when they are read.
    if job.label_files.is_some() {
        return None;
    }
    let sidecars = match job.sidecars {
        SidecarRule::Beside => {
            let [named, plain] = sidecar_names(path);
            [stamp_if_there(&named)?, stamp_if_there(&plain)?]
        }
        SidecarRule::Given(_) | SidecarRule::Never => [None, None],
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let masks = masks
        .into_iter()
        .map(|name| (name.clone(), stamp(&folder.join(name))));
    Some(Evidence {
        input: regular_stamp(path)?,
        sidecars,
        masks: masks.collect(),
    })
}

/// The same for an input that is about to be read; the masks are those that its sidecar names now. Should that
/// change before they are read, they are newer than the call, and so are not trusted.
pub(super) fn look_for_first(input: &Input, job: &Job) -> Option<Evidence> {
    let mut evidence = look(input, job, [])?;
    let Place::File(path) = &input.place else {
        return None;
    };
    let Some(which) = evidence.sidecars.iter().position(Option::is_some) else {
        return Some(evidence);
    };
    let names = mask_names_of(&sidecar_names(path)[which]);
    evidence.masks = look(input, job, &names)?.masks;
    Some(evidence)
}

/// What is known of an input with this evidence before it is opened.
pub(super) fn seen(evidence: Option<&Evidence>) -> Seen {
    match evidence {
        Some(_) => Seen::RegularFile,
        None => Seen::Nothing,
    }
}

/// The rule for the sidecar of an input with this evidence: what was not there a moment ago is not looked for
/// again.
pub(super) fn sidecars_to_read<'a>(job: &'a Job, evidence: Option<&Evidence>) -> &'a SidecarRule {
    let is_without = evidence.is_some_and(|evidence| evidence.sidecars == [None, None]);
    match job.sidecars {
        SidecarRule::Beside if is_without => &SidecarRule::Never,
        _ => &job.sidecars,
    }
}

/// Bytes that the masks of an input take when they are decoded, by what they claim.
pub(super) fn mask_memory(input: &Input, evidence: &Evidence) -> u64 {
    let folder = input.path().parent().unwrap_or(Path::new(""));
    let names = evidence.masks.iter().filter(|(_, stamp)| stamp.is_some());
    let claims = names.map(|(name, _)| claimed_memory(&folder.join(name)));
    claims.fold(0, u64::saturating_add)
}

/// Bytes that the pixels of a file take, by what its header claims; the length of what is no image file.
fn claimed_memory(path: &Path) -> u64 {
    // Whoever reads it looks at what it is first, and says what is wrong with it.
    if !path.is_file() {
        return 0;
    }
    let Ok(source) = File::open(path).and_then(Source::file) else {
        return 0;
    };
    let mut head = [0; 16];
    let kind = source.read_head(&mut head).ok().and_then(ImageKind::of);
    let claim = kind.and_then(|kind| image_claim(&source, kind));
    claim.map_or(source.len(), |claim| claim.bytes)
}

fn sidecar_names(path: &Path) -> [std::path::PathBuf; 2] {
    [
        path.with_extension("wbimg.json"),
        path.with_extension("json"),
    ]
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().as_ref().map(Stamp::of)
}

/// The same of a regular file.
fn regular_stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok().filter(Metadata::is_file);
    metadata.as_ref().map(Stamp::of)
}

/// The stamp of a file that need not be there; `None` if that cannot be told.
fn stamp_if_there(path: &Path) -> Option<Option<Stamp>> {
    use std::io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    match fs::metadata(path) {
        Ok(metadata) => Some(Some(Stamp::of(&metadata))),
        Err(e) if matches!(e.kind(), NotFound | NotADirectory | InvalidFilename) => Some(None),
        Err(_) => None,
    }
}

/// The pictures of an input that are finished so far.
pub(super) struct Progress {
    evidence: Evidence,
    finished: Mutex<Vec<Option<Finished>>>,
}

impl Progress {
    pub(super) fn new(evidence: Evidence, count: usize) -> Self {
        Self {
            evidence,
            finished: Mutex::new(vec![None; count]),
        }
    }

    /// Adds picture `n`; the whole input, if it was the last one.
    pub(super) fn add(&self, n: usize, picture: Finished) -> Option<(&Evidence, Vec<Finished>)> {
        let mut finished = self.finished.lock().unwrap_or_else(|e| e.into_inner());
        *finished.get_mut(n)? = Some(picture);
        finished.iter().all(Option::is_some).then(|| {
            let pictures = std::mem::take(&mut *finished).into_iter().flatten();
            (&self.evidence, pictures.collect())
        })
    }
}
