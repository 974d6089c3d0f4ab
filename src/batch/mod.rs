//! Many inputs: worker threads convert and place, and the caller hears of it in input order. What one input
//! does, however badly, happens to that input alone.

mod order;
mod queue;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};

use crate::encode::Encoder;
use crate::input::Input;
use crate::job::{Done, Failure, Job, OpenInput};
use crate::media::FrameName;
use crate::note::Note;
use crate::store::Store;
use order::{Event, InOrder};
use queue::{Queue, Task};

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
    /// How many threads work; at least one.
    pub threads: usize,
    /// What happens after a failure.
    pub on_failure: OnFailure,
}

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
    pub notes: Vec<Note>,
}

/// An input that workers share until its last picture is made.
struct Shared {
    input: usize,
    open: OpenInput,
}

impl Batch<'_> {
    /// Converts everything, calling `hear` on this thread for each picture and failure in input order, until it
    /// breaks.
    pub fn run(&self, mut hear: impl FnMut(Result<Done, Failed>) -> ControlFlow<()>) {
        let queue = Queue::new(self.inputs.len());
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
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
                Task::Picture(shared, n) => (shared.input, *n),
            };
            let perform = || self.perform(task, queue, events, &mut encoder);
            let result = catch_unwind(AssertUnwindSafe(perform))
                .unwrap_or_else(|_| Err(self.failed(input, FrameName::Only, Failure::Panicked)));
            queue.finish();
            // A caller that has heard enough is no error.
            let result = Box::new(result);
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
        let (shared, n) = match task {
            Task::Picture(shared, n) => (shared, n),
            Task::Open(input) => {
                let open = self
                    .job
                    .open(&self.inputs[input])
                    .map_err(|e| self.failed(input, FrameName::Only, e))?;
                let count = open.count();
                let shared = Arc::new(Shared { input, open });
                let _ = events.send(Event::Count { input, count });
                queue.add_rest(&shared, count);
                (shared, 0)
            }
        };
        let input = &self.inputs[shared.input];
        let notes = match n {
            0 => shared.open.notes().to_vec(),
            _ => Vec::new(),
        };
        match self
            .job
            .convert(input, &shared.open, n, self.store, encoder)
        {
            Ok(mut done) => {
                done.notes.splice(..0, notes);
                Ok(done)
            }
            Err(error) => Err(Failed {
                notes,
                ..self.failed(shared.input, shared.open.frame(n), error)
            }),
        }
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
