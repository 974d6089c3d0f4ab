//! Many inputs: worker threads convert and place, and the caller hears of it in input order. What one input
//! does, however badly, happens to that input alone.

mod order;
mod queue;
#[cfg(test)]
mod tests;
mod unchanged;

use std::fs;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::Scope;
use std::time::{Duration, SystemTime};

use crate::budget::Budget;
use crate::input::{Input, Place};
use crate::job::{Done, Failure, Job, OpenInput};
use crate::media::FrameName;
use crate::note::NoteRecord;
use crate::picture::Workbench;
use crate::store::{Cache, Finished, Store};
use crate::threads::Threads;
use order::{Event, InOrder, Next};
use queue::{Queue, Task};
use unchanged::Progress;

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
    /// How each of them is.
    pub job: Job,
    /// Where to.
    pub store: &'a Store,
    /// How many threads work at the most.
    pub threads: Threads,
    /// What happens after a failure.
    pub on_failure: OnFailure,
}

/// What the caller of a batch hears.
#[derive(Debug)]
pub enum News<'a> {
    /// A picture is done, or has failed; the next one in input order.
    Result(Box<Result<Done, Failed>>),
    /// It was the last of an input, and none of them has failed.
    Whole(&'a Input),
    /// Nothing has happened for a moment.
    Nothing,
    /// It was to end, but a thread waits for an input that does not come, such as standard input.
    Stuck,
}

/// How long the caller hears nothing, at the most.
const PATIENCE: Duration = Duration::from_millis(50);

/// How often workers are told how much the caller has heard, in inputs.
const STRIDE: usize = 64;

/// How long results gather, once the caller has heard of the first.
const PAUSE: Duration = Duration::from_millis(4);

/// Bytes of an array up to which it is small: one that takes far less time than [`GRACE`].
const SMALL: u64 = 16 << 20;

/// How long what is in flight may take to finish when the batch is to end early.
const GRACE: Duration = Duration::from_secs(1);

/// An input, or one picture of it, that could not be converted.
#[derive(Debug)]
pub struct Failed {
    /// The input's name.
    pub source: String,
    /// Which picture, if not the input as a whole.
    pub frame: FrameName,
    /// Why.
    pub error: Box<Failure>,
    /// What is worth saying of the input as a whole, with its first picture.
    pub notes: Vec<NoteRecord>,
}

/// An input that workers share until its last picture is made.
struct Shared {
    input: usize,
    open: OpenInput,
    /// What is remembered of it when it is finished; `None` if it is no file.
    progress: Option<Progress>,
}

/// What workers share.
struct Work<'a> {
    queue: Queue,
    budget: Budget,
    cache: Cache<'a>,
    /// How many work, or did.
    hired: AtomicUsize,
}

impl<'a> Batch<'a> {
    /// Converts everything, calling `hear` on this thread for each picture and failure in input order, and now
    /// and then in between, until it breaks. What is in the directory already, of inputs that are unchanged, is not
    /// made again.
    pub fn run(&self, hear: impl FnMut(News<'a>) -> ControlFlow<()>) {
        self.run_prepared(&self.prepare(), hear);
    }

    fn run_prepared(&self, work: &Work<'_>, mut hear: impl FnMut(News<'a>) -> ControlFlow<()>) {
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            let is_small = self.is_small();
            if is_small {
                work.hired.fetch_max(1, Ordering::Relaxed);
            }
            // This thread works when it has nothing to hear, if another one is not worth it, or there is none to be had.
            let is_alone = is_small || !self.hire(self.inputs.len(), scope, work, &sender);
            let mut alone = is_alone.then(|| (sender, Workbench::default()));
            let work_alone = || {
                let is_at_it = alone
                    .as_mut()
                    .is_some_and(|(sender, bench)| self.work_once(scope, work, sender, bench));
                if !is_at_it {
                    // Nobody sends any more.
                    alone = None;
                }
                is_at_it
            };
            self.hear_all(work, &receiver, work_alone, &mut hear);
            if !work.queue.stop(GRACE) {
                // The threads cannot be left behind; whether the process can is the caller's to say.
                let _ = hear(News::Stuck);
            }
        });
    }

    /// Whether the only input is an array that is converted before anybody would have wanted to hear anything: to begin a thread,
    /// to wait for it and to end it takes a twelfth of the time of a small picture.
    fn is_small(&self) -> bool {
        let [only] = self.inputs else {
            return false;
        };
        let Place::File(path) = &only.place else {
            return false;
        };
        // What is compressed may come to any size.
        let is_array = path.extension().is_some_and(|extension| extension == "npy");
        is_array && fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= SMALL)
    }

    fn hear_all(
        &self,
        work: &Work<'_>,
        receiver: &mpsc::Receiver<Event>,
        mut work_alone: impl FnMut() -> bool,
        hear: &mut impl FnMut(News<'a>) -> ControlFlow<()>,
    ) {
        let (mut in_order, mut told) = (InOrder::default(), 0);
        let mut has_heard = false;
        loop {
            // Whoever waits for each event is woken for each, which costs as much as writing a small file.
            let event = match receiver.try_recv() {
                Err(mpsc::TryRecvError::Empty) => {
                    if work_alone() {
                        continue;
                    }
                    if has_heard {
                        work.queue.wait(PAUSE);
                    }
                    receiver.recv_timeout(PATIENCE)
                }
                event => event.map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            };
            let event = match event {
                Ok(event) => event,
                Err(mpsc::RecvTimeoutError::Timeout) => match hear(News::Nothing) {
                    ControlFlow::Continue(()) => continue,
                    ControlFlow::Break(()) => return,
                },
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            };
            for next in in_order.take(event) {
                has_heard = true;
                let failed = matches!(&next, Next::Result(result) if result.is_err());
                let flow = hear(match next {
                    Next::Result(result) => News::Result(result),
                    Next::Whole(input) => News::Whole(&self.inputs[input]),
                });
                if flow.is_break() || (failed && self.on_failure == OnFailure::Stop) {
                    return;
                }
            }
            if in_order.heard() >= told + STRIDE {
                told = in_order.heard();
                work.queue.hear(told);
            }
        }
    }

    /// Starts workers for so many more tasks, unless there are enough: one that finds nothing to do takes as long as a small
    /// picture. Returns whether any began; those that there are do the work where the system has no more threads.
    fn hire<'scope>(
        &'scope self,
        tasks: usize,
        scope: &'scope Scope<'scope, '_>,
        work: &'scope Work<'_>,
        events: &mpsc::Sender<Event>,
    ) -> bool {
        let all = |hired: usize| {
            let tasks = hired.saturating_add(tasks);
            hired.max(self.threads.for_tasks(tasks).get())
        };
        let hired = &work.hired;
        let before = hired.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(all(n)));
        let before = before.unwrap_or(0);
        let start = |_| {
            let events = events.clone();
            let thread = std::thread::Builder::new();
            thread.spawn_scoped(scope, move || self.work(scope, work, &events))
        };
        let began = (before..all(before)).map(start).filter(Result::is_ok);
        began.count() > 0
    }

    fn prepare(&self) -> Work<'_> {
        let names: Vec<_> = self.inputs.iter().map(unchanged::name).collect();
        Work {
            queue: Queue::new(self.inputs.len()),
            budget: Budget::new(self.job.settings.limits.bytes),
            cache: Cache::load(
                self.store,
                SystemTime::now(),
                unchanged::fingerprint(&self.job),
                self.job.labels.step,
                &names,
            ),
            hired: AtomicUsize::new(0),
        }
    }

    /// What a worker thread does until there is nothing left.
    fn work<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        work: &'scope Work<'_>,
        events: &mpsc::Sender<Event>,
    ) {
        let mut bench = Workbench::default();
        while self.work_once(scope, work, events, &mut bench) {}
    }

    /// Does the next piece of work; `false` if there is nothing left.
    fn work_once<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        work: &'scope Work<'_>,
        events: &mpsc::Sender<Event>,
        bench: &mut Workbench,
    ) -> bool {
        let Some(task) = work.queue.next() else {
            return false;
        };
        let (input, n) = match &task {
            Task::Open(input) => (*input, 0),
            Task::Picture(shared, n) => (shared.input, *n),
        };
        let hire = |tasks| _ = self.hire(tasks, scope, work, events);
        let perform = || self.perform(task, work, &hire, events, bench);
        let result = catch_unwind(AssertUnwindSafe(perform))
            .unwrap_or_else(|_| Err(self.failed(input, FrameName::Only, Failure::Panicked)));
        work.queue.finish();
        // A caller that has heard enough is no error.
        let result = Box::new(result);
        let _ = events.send(Event::Result { input, n, result });
        true
    }

    /// Opens an input, hires workers for all pictures but the first, and makes that, or makes a further one.
    fn perform(
        &self,
        task: Task,
        work: &Work<'_>,
        hire: &impl Fn(usize),
        events: &mpsc::Sender<Event>,
        bench: &mut Workbench,
    ) -> Result<Done, Failed> {
        let (shared, n, alone) = match task {
            Task::Picture(shared, n) => (shared, n, None),
            Task::Open(input) => {
                if let Some(done) = self.unchanged(input, &work.cache, events) {
                    return Ok(done);
                }
                let evidence = unchanged::look_for_first(&self.inputs[input], &self.job);
                // How much the masks take is only known when they are there; large ones are read by one thread
                // at a time.
                let is_large = evidence.as_ref().is_some_and(|evidence| {
                    unchanged::mask_memory(&self.inputs[input], evidence) > work.budget.total() / 16
                });
                let alone = is_large.then(|| work.budget.claim(u64::MAX));
                let sidecars = unchanged::sidecars_to_read(&self.job, evidence.as_ref());
                let seen = unchanged::seen(evidence.as_ref());
                let open = self
                    .job
                    .open_by(&self.inputs[input], seen, sidecars)
                    .map_err(|e| self.failed(input, FrameName::Only, e))?;
                let count = open.count();
                let shared = Arc::new(Shared {
                    input,
                    open,
                    progress: evidence.map(|evidence| Progress::new(evidence, count)),
                });
                let _ = events.send(Event::Count { input, count });
                work.queue.add_rest(&shared, count);
                hire(count.saturating_sub(1));
                (shared, 0, alone)
            }
        };
        let input = &self.inputs[shared.input];
        let notes: Vec<NoteRecord> = match n {
            0 => shared.open.notes().iter().map(NoteRecord::from).collect(),
            _ => Vec::new(),
        };
        let _claim = alone.unwrap_or_else(|| {
            let memory = self.job.memory(&shared.open, n);
            work.budget.claim(memory)
        });
        // Threads that have no picture of their own help with the only one.
        let is_only = self.inputs.len() == 1 && shared.open.count() == 1;
        let threads = if is_only { self.threads } else { Threads::ONE };
        bench.encoder.share_among(threads);
        let mut convert = || {
            let done = self
                .job
                .convert(input, &shared.open, n, self.store, bench)?;
            self.store.finish(&done.line)?;
            Ok(done)
        };
        let mut done = match convert() {
            Ok(done) => done,
            Err(error) => {
                return Err(Failed {
                    notes,
                    ..self.failed(shared.input, shared.open.frame(n), error)
                });
            }
        };
        done.notes.splice(..0, notes);
        // A sidecar that could not be read now may be readable the next time.
        let is_lasting = done.notes.iter().all(|note| note.kind != "sidecar");
        if is_lasting
            && let Some(progress) = &shared.progress
            && let Some((evidence, pictures)) = progress.add(
                n,
                Finished::new(&done.row, &done.line, &done.placed, &done.notes),
            )
        {
            let name = unchanged::name(input);
            work.cache.remember(name, evidence, pictures);
        }
        Ok(done)
    }

    /// The first picture of an input that is unchanged; tells of its others.
    fn unchanged(&self, n: usize, cache: &Cache<'_>, events: &mpsc::Sender<Event>) -> Option<Done> {
        let input = &self.inputs[n];
        let pictures = cache.unchanged(unchanged::name(input), |masks| {
            unchanged::look(input, &self.job, masks)
        })?;
        let count = pictures.len();
        let mut done = pictures.into_iter().map(|picture| Done {
            row: picture.row,
            line: picture.line,
            notes: picture.notes,
            placed: Vec::new(),
        });
        let first = done.next()?;
        let _ = events.send(Event::Count { input: n, count });
        for (picture, done) in (1..).zip(done) {
            let _ = events.send(Event::Result {
                input: n,
                n: picture,
                result: Box::new(Ok(done)),
            });
        }
        Some(first)
    }

    fn failed(&self, input: usize, frame: FrameName, error: Failure) -> Failed {
        Failed {
            source: self.inputs[input].source.clone(),
            frame,
            error: Box::new(error),
            notes: Vec::new(),
        }
    }
}
