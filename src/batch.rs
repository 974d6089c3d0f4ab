//! Many inputs: worker threads convert and place, and the caller hears of it in input order. What one input
//! does, however badly, happens to that input alone.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};

use crate::encode::Encoder;
use crate::history::RESERVED_KEYS;
use crate::input::{Input, Place, is_refused_key, stem};
use crate::media::{ArrayRecord, FrameName, IMAGE_FILE, Media, Row, WarningRecord};
use crate::picture::{Opened, Picture, PictureError, Settings};
use crate::read::{DecodedChange, Source};
use crate::selection::PassedOver;
use crate::store::{FileKind, Store, StoreError};
use crate::template::Template;
use crate::warning::Warning;

/// What every picture of a call is labelled with.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The step that it is logged at.
    pub step: u64,
    /// Its caption, with the placeholders [`CAPTION_PLACEHOLDERS`].
    pub caption: Option<Template>,
    /// Its grouping number.
    pub grouping: Option<i64>,
    /// Whether pictures of one container share the input's key, because it was asked for.
    pub keys: KeySharing,
}

/// Whether named arrays of one container are logged under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySharing {
    /// Each named array has a key of its own below the input's.
    PerArray,
    /// All have the input's key.
    PerInput,
}

/// The placeholders of `--caption`.
pub const CAPTION_PLACEHOLDERS: &[&str] = &["stem", "name", "index", "step", "key"];

/// What happens after the first failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The other inputs are converted.
    #[default]
    GoOn,
    /// Nothing more is begun.
    Stop,
}

/// A call's work.
#[derive(Debug)]
pub struct Batch<'a> {
    /// What is converted, in the order in which the caller hears of it.
    pub inputs: &'a [Input],
    /// How.
    pub settings: Settings,
    /// Under which labels.
    pub labels: Labels,
    /// Where to.
    pub store: &'a Store,
    /// How many threads work; at least one.
    pub jobs: usize,
    /// What happens after a failure.
    pub on_failure: OnFailure,
}

/// A picture that is in the output directory, but not in its manifest yet.
#[derive(Debug)]
pub struct Done {
    /// Its row.
    pub row: Row,
    /// What encoding an image file again changed.
    pub changes: Vec<DecodedChange>,
    /// Whether it is an image file.
    pub is_image_file: bool,
    /// Warnings that depend on the pictures before it may still be added.
    pub warnings: Vec<Warning>,
    /// With an input's first picture: what is in the input and is none.
    pub passed_over: Vec<PassedOver>,
}

/// An input, or one picture of it, that could not be converted.
#[derive(Debug)]
pub struct Failed {
    /// The input's name.
    pub source: String,
    /// Which picture, if not the input as a whole.
    pub frame: FrameName,
    /// Why.
    pub error: Failure,
    /// As in [`Done`].
    pub passed_over: Vec<PassedOver>,
}

/// Why an input could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is no picture, or none that can be written.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The output directory does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// W&B keeps its key for itself.
    #[error("the key {key:?} is not one that can be logged (nor are {})", RESERVED_KEYS.join(", "))]
    Key {
        /// The key.
        key: String,
    },
    /// A bug: this input's error all the same.
    #[error("the conversion failed unexpectedly; this is a bug in wbimg")]
    Panicked,
}

/// Why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system says no.
    #[error("cannot be opened")]
    Io(#[from] io::Error),
    /// Something that may have no end, or that blocks.
    #[error("is {what}, not a regular file")]
    NotRegular {
        /// What it is.
        what: &'static str,
    },
    /// W&B's own words.
    #[error(
        "Image media created by a reference to external storage cannot currently be added to a run"
    )]
    Url,
    /// More on standard input than one picture may take.
    #[error("standard input holds more than the {limit} bytes allowed")]
    LongStdin {
        /// The limit.
        limit: u64,
    },
}

impl Batch<'_> {
    /// Converts everything, calling `hear` on this thread for each picture and failure in input order, until it
    /// breaks.
    pub fn run(&self, mut hear: impl FnMut(Result<Done, Failed>) -> ControlFlow<()>) {
        let queue = Queue::new(self.inputs.len());
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                let (queue, sender) = (&queue, sender.clone());
                scope.spawn(move || self.work(queue, &sender));
            }
            drop(sender);
            let mut in_order = InOrder::default();
            'hearing: for event in receiver {
                for result in in_order.take(event) {
                    let failed = result.is_err();
                    let flow = hear(result);
                    if flow.is_break() || (failed && self.on_failure == OnFailure::Stop) {
                        break 'hearing;
                    }
                }
            }
            queue.stop();
        });
    }

    /// What a worker thread does until there is nothing left.
    fn work(&self, queue: &Queue, events: &mpsc::Sender<Event>) {
        let mut encoder = Encoder::default();
        while let Some(task) = queue.next() {
            let (input, n) = match &task {
                Task::Open(input) => (*input, 0),
                Task::Picture(opened, n) => (opened.input, *n),
            };
            let worked = catch_unwind(AssertUnwindSafe(|| {
                self.perform(task, queue, events, &mut encoder)
            }));
            let result = worked.unwrap_or_else(|_| {
                encoder = Encoder::default();
                Err(self.failed(input, FrameName::Only, Failure::Panicked))
            });
            queue.finish();
            // A caller that has heard enough is no error.
            let _ = events.send(Event::Result { input, n, result });
        }
    }

    /// Opens an input and makes its first picture, or makes a further one.
    fn perform(
        &self,
        task: Task,
        queue: &Queue,
        events: &mpsc::Sender<Event>,
        encoder: &mut Encoder,
    ) -> Result<Done, Failed> {
        let (opened, n) = match task {
            Task::Picture(opened, n) => (opened, n),
            Task::Open(input) => {
                let opened = self
                    .open(&self.inputs[input])
                    .map_err(|e| self.failed(input, FrameName::Only, e))?;
                let count = opened.count();
                let opened = Arc::new(OpenedInput { input, opened });
                let _ = events.send(Event::Count { input, count });
                queue.add_rest(&opened, count);
                (opened, 0)
            }
        };
        let input = &self.inputs[opened.input];
        let passed_over = match n {
            0 => opened.opened.passed_over().to_vec(),
            _ => Vec::new(),
        };
        match self.convert(input, &opened.opened, n, encoder) {
            Ok(done) => Ok(Done {
                passed_over,
                ..done
            }),
            Err(error) => Err(Failed {
                passed_over,
                ..self.failed(opened.input, opened.opened.frame(n), error)
            }),
        }
    }

    fn failed(&self, input: usize, frame: FrameName, error: Failure) -> Failed {
        Failed {
            source: self.inputs[input].source.clone(),
            frame,
            error,
            passed_over: Vec::new(),
        }
    }

    fn open(&self, input: &Input) -> Result<Opened, Failure> {
        if is_refused_key(&input.key) {
            return Err(Failure::Key {
                key: input.key.clone(),
            });
        }
        let source = open_source(&input.place, self.settings.limits.bytes)?;
        Ok(Opened::read(
            source,
            extension(&input.place).as_deref(),
            &self.settings,
        )?)
    }

    /// Makes one picture and places it.
    fn convert(
        &self,
        input: &Input,
        opened: &Opened,
        n: usize,
        encoder: &mut Encoder,
    ) -> Result<Done, Failure> {
        let picture = opened.picture(n, &self.settings, encoder)?;
        let key = match (&picture.frame, self.labels.keys) {
            (FrameName::Named(name, _), KeySharing::PerArray) => format!("{}/{name}", input.key),
            _ => input.key.clone(),
        };
        let path = self
            .store
            .place(FileKind::Image, &key, self.labels.step, &picture.encoded)?;
        Ok(Done {
            is_image_file: opened.is_image_file(),
            warnings: picture.warnings.clone(),
            changes: picture.changes.clone(),
            passed_over: Vec::new(),
            row: self.row(input, key, path, &picture),
        })
    }

    fn row(&self, input: &Input, key: String, path: String, picture: &Picture) -> Row {
        let Picture { encoded, plan, .. } = picture;
        let caption = self
            .labels
            .caption
            .as_ref()
            .map(|caption| self.fill_caption(caption, input, &key));
        Row {
            source: input.source.clone(),
            frame: picture.frame.clone(),
            index: input.index,
            key,
            step: self.labels.step,
            media: Media {
                caption,
                kind: IMAGE_FILE.to_owned(),
                sha256: encoded.sha256().to_owned(),
                size: encoded.bytes().len() as u64,
                path,
                format: encoded.format().to_owned(),
                width: encoded.width(),
                height: encoded.height(),
                grouping: self.labels.grouping.filter(|&grouping| grouping != 0),
                boxes: None,
                masks: None,
            },
            array: plan.as_ref().map(ArrayRecord::from),
            class_labels: None,
            overlay: None,
            warnings: picture.warnings.iter().map(WarningRecord::from).collect(),
        }
    }

    fn fill_caption(&self, caption: &Template, input: &Input, key: &str) -> String {
        let path = match &input.place {
            Place::File(path) => path.as_path(),
            Place::Stdin | Place::Url => Path::new("stdin"),
        };
        caption.fill(|name| match name {
            "stem" => stem(path),
            "name" => path
                .file_name()
                .map(crate::input::escape)
                .unwrap_or_default(),
            "index" => input.index.to_string(),
            "step" => self.labels.step.to_string(),
            _ => key.to_owned(),
        })
    }
}

/// The extension of an input's name as written; `None` for standard input, which has no name.
#[must_use]
pub fn extension(place: &Place) -> Option<String> {
    match place {
        Place::File(path) => Some(
            path.extension()
                .map(crate::input::escape)
                .unwrap_or_default(),
        ),
        Place::Stdin | Place::Url => None,
    }
}

/// Opens what an input's bytes come from. Nothing is opened that could block for ever or have no end.
///
/// # Errors
/// [`OpenError`] if it is not there, or not a regular file.
pub fn open_source(place: &Place, limit: u64) -> Result<Source, OpenError> {
    match place {
        Place::Url => Err(OpenError::Url),
        Place::File(path) => {
            let kind = fs::metadata(path)?.file_type();
            if !kind.is_file() {
                return Err(OpenError::NotRegular {
                    what: describe(kind),
                });
            }
            Ok(Source::file(File::open(path)?)?)
        }
        Place::Stdin => {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .take(limit.saturating_add(1))
                .read_to_end(&mut bytes)?;
            if bytes.len() as u64 > limit {
                return Err(OpenError::LongStdin { limit });
            }
            Ok(Source::memory(bytes))
        }
    }
}

#[cfg(unix)]
fn describe(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn describe(kind: fs::FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else {
        "a device"
    }
}

/// An input that workers share until its last picture is made.
#[derive(Debug)]
struct OpenedInput {
    input: usize,
    opened: Opened,
}

/// A piece of work.
#[derive(Debug)]
enum Task {
    /// Open an input and make its first picture.
    Open(usize),
    /// Make a further picture of an open one.
    Picture(Arc<OpenedInput>, usize),
}

/// The work that is left. Further pictures of open inputs come first, so that no more inputs are open than
/// there are workers.
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    stopped: AtomicBool,
}

struct QueueState {
    next_input: usize,
    inputs: usize,
    rest: VecDeque<(Arc<OpenedInput>, std::ops::Range<usize>)>,
    /// Tasks being worked on, which may still add pictures.
    active: usize,
}

impl Queue {
    fn new(inputs: usize) -> Self {
        Self {
            state: Mutex::new(QueueState {
                next_input: 0,
                inputs,
                rest: VecDeque::new(),
                active: 0,
            }),
            changed: Condvar::new(),
            stopped: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The next task, waiting while others may still add some.
    fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(task) = state.take() {
                state.active += 1;
                return Some(task);
            }
            if state.active == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(|e| e.into_inner());
        }
    }

    fn add_rest(&self, opened: &Arc<OpenedInput>, count: usize) {
        if count > 1 {
            self.lock().rest.push_back((Arc::clone(opened), 1..count));
            self.changed.notify_all();
        }
    }

    fn finish(&self) {
        self.lock().active -= 1;
        self.changed.notify_all();
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // A worker between its look at the flag and its wait must not miss this.
        drop(self.lock());
        self.changed.notify_all();
    }
}

impl QueueState {
    fn take(&mut self) -> Option<Task> {
        while let Some((opened, range)) = self.rest.front_mut() {
            if let Some(n) = range.next() {
                return Some(Task::Picture(Arc::clone(opened), n));
            }
            self.rest.pop_front();
        }
        let input = self.next_input;
        (input < self.inputs).then(|| {
            self.next_input += 1;
            Task::Open(input)
        })
    }
}

/// What workers tell.
enum Event {
    /// How many pictures an input has; one, where nothing is said.
    Count { input: usize, count: usize },
    /// What became of one.
    Result {
        input: usize,
        n: usize,
        result: Result<Done, Failed>,
    },
}

/// Puts results back into input order.
#[derive(Default)]
struct InOrder {
    counts: BTreeMap<usize, usize>,
    results: BTreeMap<(usize, usize), Result<Done, Failed>>,
    input: usize,
    n: usize,
}

impl InOrder {
    /// Takes an event in, and gives out what is next in order and known.
    fn take(&mut self, event: Event) -> Vec<Result<Done, Failed>> {
        match event {
            Event::Count { input, count } => {
                self.counts.insert(input, count);
            }
            Event::Result { input, n, result } => {
                self.results.insert((input, n), result);
            }
        }
        let mut ready = Vec::new();
        while let Some(result) = self.results.remove(&(self.input, self.n)) {
            ready.push(result);
            self.n += 1;
            if self.n >= self.counts.get(&self.input).copied().unwrap_or(1) {
                self.counts.remove(&self.input);
                self.input += 1;
                self.n = 0;
            }
        }
        ready
    }
}
