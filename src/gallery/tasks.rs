//! The files that a page shows, each looked at once, on several threads.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::data::short;
use super::layer::{self, Layer, Summary};
use super::{INLINE_LAYERS, LIMITS, Pictures, Progress, shown, thumb};
use crate::budget::Budget;
use crate::encode::Encoder;
use crate::media::Row;
use crate::read::ImageKind;
use crate::store::{Extra, FileKind, Reference, Store, StoreError, references};
use crate::threads::Threads;

/// A file that the page shows.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) reference: Reference,
    /// Width and height of a picture.
    size: (u32, u32),
    /// What a browser may have to be given instead of a picture's file: known of files that wbimg itself encoded.
    origin: Origin,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Array,
    File,
}

/// Where the page will have a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Inside,
    Beside,
}

/// What of a picture is not as usual.
#[derive(Debug, Default)]
pub(super) struct PictureFile {
    /// The extension of its small picture.
    pub(super) thumb: Option<&'static str>,
    /// The extension of what stands in for it.
    pub(super) full: Option<&'static str>,
    /// Why it cannot be shown, or only by a browser that knows better.
    pub(super) bad: Option<String>,
    /// Whether that is about its small picture only.
    is_shown: bool,
}

/// What became of the files.
#[derive(Default)]
pub(super) struct Findings {
    pictures: HashMap<String, PictureFile>,
    summaries: HashMap<String, Summary>,
    /// By the number of the task: the JSON of layers that go into the page.
    pub(super) inline: Vec<Option<String>>,
    /// By the number of the task: why a layer is not drawn.
    faults: Vec<Option<String>>,
    layers: HashSet<String>,
}

/// One file's part of [`Findings`].
enum Finding {
    Picture(PictureFile),
    Layer {
        summary: Summary,
        inline: Option<String>,
        fault: Option<String>,
    },
}

/// How much of a file the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    All,
    Fault,
}

/// Every file once, in the order in which rows name them.
pub(super) fn of_rows(rows: &[Row], pictures: Pictures) -> Vec<Task> {
    let mut seen = HashSet::new();
    let mut tasks = Vec::new();
    let mut inline = 0;
    for row in rows {
        for reference in references(row).unwrap_or_default() {
            let mut is_new = || seen.insert((reference.kind, reference.sha256.clone()));
            if reference.kind == FileKind::Overlay || !is_hash(&reference.sha256) || !is_new() {
                continue;
            }
            // By what the rows say, so that it does not depend on what is there already.
            let place = match (reference.kind, pictures) {
                (FileKind::Image, _) => Place::Beside,
                (_, Pictures::Embedded) => Place::Inside,
                (_, Pictures::Referred) if inline + reference.size <= INLINE_LAYERS => {
                    inline += reference.size;
                    Place::Inside
                }
                (_, Pictures::Referred) => Place::Beside,
            };
            tasks.push(Task {
                reference,
                size: (row.media.width, row.media.height),
                origin: match row.array {
                    Some(_) => Origin::Array,
                    None => Origin::File,
                },
                place,
            });
        }
    }
    tasks
}

/// Whether a manifest's hash is one: files are named by it.
fn is_hash(sha256: &str) -> bool {
    sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Looks at all files.
pub(super) fn run(
    store: &Store,
    tasks: &[Task],
    threads: Threads,
    tell: &mut dyn FnMut(Progress),
) -> Result<Findings, StoreError> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let budget = Budget::new(LIMITS.bytes);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let work = |sender: mpsc::Sender<_>| {
            let mut encoder = Encoder::default();
            while !stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = tasks.get(number) else { break };
                let finding = task.look(store, &budget, &mut encoder);
                if finding.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
                if sender.send((number, finding)).is_err() {
                    break;
                }
            }
        };
        let start = |_| {
            let sender = sender.clone();
            let thread = thread::Builder::new();
            thread.spawn_scoped(scope, move || work(sender))
        };
        let others = (0..threads.for_tasks(tasks.len()).get()).map(start);
        // Where the system has no more threads, all is there to be heard afterwards.
        match others.filter(Result::is_ok).count() {
            0 => work(sender),
            _ => drop(sender),
        }
        let mut findings = Findings::new(tasks.len());
        let mut progress = Progress {
            done: 0,
            failed: 0,
            total: tasks.len(),
        };
        for (number, finding) in receiver {
            let flow = findings.take(number, &tasks[number], finding);
            progress.done += 1;
            progress.failed += usize::from(matches!(flow, Ok(Shows::Fault)));
            tell(progress);
            flow?;
        }
        Ok(findings)
    })
}

impl Task {
    fn look(
        &self,
        store: &Store,
        budget: &Budget,
        encoder: &mut Encoder,
    ) -> Result<Finding, StoreError> {
        match self.reference.kind {
            FileKind::Image | FileKind::Overlay => {
                let picture = self.picture(store, budget, encoder)?;
                Ok(Finding::Picture(picture))
            }
            FileKind::Boxes | FileKind::Mask => self.layer(store, budget),
        }
    }

    /// Makes what a browser needs beside a picture's file.
    fn picture(
        &self,
        store: &Store,
        budget: &Budget,
        encoder: &mut Encoder,
    ) -> Result<PictureFile, StoreError> {
        let name = short(&self.reference.sha256);
        let mut found = PictureFile::default();
        let there = |role: &str, extension: &str| {
            store.has_extra(Extra::Thumb, &format!("{name}.{role}.{extension}"))
        };
        let is_thumb_wanted = thumb::is_wanted(self.size.0, self.size.1);
        found.thumb = ["jpg", "png"].into_iter().find(|e| there("thumb", e));
        found.full = ["jpg", "png"].into_iter().find(|e| there("full", e));
        let is_thumb_missing = is_thumb_wanted && found.thumb.is_none();
        let root = store.root();
        // A small picture is made after what stands in for the picture: where it is, all was looked at before.
        if !is_thumb_missing && (self.origin == Origin::Array || is_thumb_wanted) {
            if let Err(error) = self.reference.locate(root) {
                found.bad = Some(error.to_string());
            }
            return Ok(found);
        }
        let (width, height) = self.size;
        let pixels = u64::from(width) * u64::from(height);
        // The file, its samples, and a copy of them in 8 bits.
        let _claim = budget.claim(
            self.reference
                .size
                .saturating_add(pixels.saturating_mul(10)),
        );
        let bytes = match self.reference.read(root, LIMITS.bytes) {
            Ok(bytes) => bytes,
            Err(error) => {
                found.bad = Some(error.to_string());
                return Ok(found);
            }
        };
        if self.origin == Origin::File && found.full.is_none() {
            match shown::rendition(&bytes, LIMITS) {
                Ok(None) => {}
                Ok(Some(rendition)) => {
                    let file = format!("{name}.full.{}", rendition.extension);
                    store.publish_extra(Extra::Thumb, &file, &rendition.bytes)?;
                    found.full = Some(rendition.extension);
                }
                Err(reason) => {
                    found.bad = Some(reason);
                    return Ok(found);
                }
            }
        }
        if is_thumb_missing {
            let small = shown::pixels(&bytes, LIMITS)
                .and_then(|raster| thumb::thumb(&raster, encoder).map_err(|e| e.to_string()));
            match small {
                Ok(small) => {
                    let extension = match small.format() {
                        "png" => "png",
                        _ => "jpg",
                    };
                    let file = format!("{name}.thumb.{extension}");
                    store.publish_extra(Extra::Thumb, &file, small.bytes())?;
                    found.thumb = Some(extension);
                }
                // The browser may know better; if not, it shows that it does not.
                Err(reason) => {
                    found.bad = Some(reason);
                    found.is_shown = ImageKind::of(&bytes).is_some();
                }
            }
        }
        Ok(found)
    }

    /// Turns a layer into what the page loads, and puts it beside the page if it does not go into it.
    fn layer(&self, store: &Store, budget: &Budget) -> Result<Finding, StoreError> {
        let name = format!("{}.js", short(&self.reference.sha256));
        let is_mask = self.reference.kind == FileKind::Mask;
        let is_beside = self.place == Place::Beside;
        if is_mask && is_beside && store.has_extra(Extra::Layer, &name) {
            return Ok(Finding::Layer {
                summary: Summary::default(),
                inline: None,
                fault: None,
            });
        }
        let claimed = match is_mask {
            true => u64::from(self.size.0) * u64::from(self.size.1) * 4,
            false => self.reference.size.saturating_mul(8),
        };
        let _claim = budget.claim(claimed);
        let read = self.reference.read(store.root(), LIMITS.bytes);
        let layer = read
            .map_err(|e| e.to_string())
            .and_then(|bytes| match is_mask {
                true => layer::mask(bytes, LIMITS),
                false => layer::boxes(&bytes),
            });
        let (Layer { json, summary }, fault) = match layer {
            Ok(layer) => (layer, None),
            Err(reason) => (layer::unreadable(&reason), Some(reason)),
        };
        if is_beside && fault.is_none() {
            let script = layer::script(&short(&self.reference.sha256), &json);
            store.publish_extra(Extra::Layer, &name, script.as_bytes())?;
        }
        Ok(Finding::Layer {
            summary,
            // That something is wrong is for this page only.
            inline: (!is_beside || fault.is_some()).then_some(json),
            fault,
        })
    }
}

impl Findings {
    fn new(tasks: usize) -> Self {
        Self {
            inline: vec![None; tasks],
            faults: vec![None; tasks],
            ..Self::default()
        }
    }

    fn take(
        &mut self,
        number: usize,
        task: &Task,
        finding: Result<Finding, StoreError>,
    ) -> Result<Shows, StoreError> {
        let sha256 = task.reference.sha256.clone();
        let failed = match finding? {
            Finding::Picture(picture) => {
                let failed = picture.bad.is_some();
                self.pictures.insert(sha256, picture);
                failed
            }
            Finding::Layer {
                summary,
                inline,
                fault,
            } => {
                let failed = fault.is_some();
                if inline.is_none() {
                    self.layers.insert(short(&sha256));
                }
                self.summaries.insert(sha256, summary);
                self.inline[number] = inline;
                self.faults[number] = fault;
                failed
            }
        };
        Ok(match failed {
            true => Shows::Fault,
            false => Shows::All,
        })
    }

    pub(super) fn picture(&self, sha256: &str) -> Option<&PictureFile> {
        self.pictures.get(sha256)
    }

    pub(super) fn summary(&self, sha256: &str) -> Option<&Summary> {
        self.summaries.get(sha256)
    }

    /// The files beside the media that the page shows.
    pub(super) fn extras(&self, kind: Extra) -> HashSet<String> {
        match kind {
            Extra::Layer => self
                .layers
                .iter()
                .map(|name| format!("{name}.js"))
                .collect(),
            Extra::Thumb => {
                let files = |(sha256, picture): (&String, &PictureFile)| {
                    let file = |role: &str, extension: Option<&str>| {
                        Some(format!("{}.{role}.{}", short(sha256), extension?))
                    };
                    [file("thumb", picture.thumb), file("full", picture.full)]
                };
                self.pictures.iter().flat_map(files).flatten().collect()
            }
        }
    }

    /// What could not be shown, in words, in the order of paths.
    pub(super) fn unshown(&self, tasks: &[Task]) -> Vec<(String, String)> {
        let unshown: BTreeSet<(String, String)> = tasks
            .iter()
            .zip(&self.faults)
            .filter_map(|(task, fault)| {
                let picture = self.pictures.get(&task.reference.sha256);
                let picture = picture.filter(|_| task.reference.kind == FileKind::Image);
                let bad = picture.and_then(|picture| {
                    let reason = picture.bad.as_ref()?;
                    Some(match picture.is_shown {
                        true => format!("no small picture of it: {reason}"),
                        false => format!("not shown: {reason}"),
                    })
                });
                let fault = fault.as_ref().map(|reason| format!("not drawn: {reason}"));
                Some((task.reference.path.clone(), bad.or(fault)?))
            })
            .collect();
        unshown.into_iter().collect()
    }
}
