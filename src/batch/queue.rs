//! The work that is left, shared by worker threads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::Shared;

/// A piece of work.
pub(super) enum Task {
    /// Open an input and make its first picture.
    Open(usize),
    /// Make a further picture of an open one.
    Picture(Arc<Shared>, usize),
}

/// How far work may get ahead of what the caller has heard of, in inputs: results that come out of order, or faster
/// than they are written, wait in memory.
const MOST_AHEAD: usize = 4096;

/// The work that is left. Further pictures of open inputs come first, so that no more inputs are open than
/// there are workers.
pub(super) struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    stopped: AtomicBool,
}

struct QueueState {
    next_input: usize,
    inputs: usize,
    /// How many of them the caller has heard of, or a few less.
    heard: usize,
    rest: VecDeque<(Arc<Shared>, std::ops::Range<usize>)>,
    /// Tasks being worked on, which may still add pictures.
    active: usize,
    /// Threads to wake when something changes; waking nobody would cost a system call per picture.
    waiting: usize,
}

impl Queue {
    pub(super) fn new(inputs: usize) -> Self {
        Self {
            state: Mutex::new(QueueState {
                next_input: 0,
                inputs,
                heard: 0,
                rest: VecDeque::new(),
                active: 0,
                waiting: 0,
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
    pub(super) fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(task) = state.take() {
                state.active += 1;
                return Some(task);
            }
            if state.is_over() {
                return None;
            }
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(|e| e.into_inner());
            state.waiting -= 1;
        }
    }

    pub(super) fn add_rest(&self, shared: &Arc<Shared>, count: usize) {
        if count > 1 {
            let mut state = self.lock();
            state.rest.push_back((Arc::clone(shared), 1..count));
            self.wake(&state);
        }
    }

    /// A task is done.
    pub(super) fn finish(&self) {
        let mut state = self.lock();
        state.active -= 1;
        let is_stopped = self.stopped.load(Ordering::Relaxed);
        if state.is_over() || (is_stopped && state.active == 0) {
            self.wake(&state);
        }
    }

    /// Waits until everything is done, or so long.
    pub(super) fn wait(&self, longest: Duration) {
        let mut state = self.lock();
        state.waiting += 1;
        let waited = self
            .changed
            .wait_timeout_while(state, longest, |state| !state.is_over());
        let (mut state, _) = waited.unwrap_or_else(|e| e.into_inner());
        state.waiting -= 1;
    }

    /// The caller has heard of the first `count` inputs.
    pub(super) fn hear(&self, count: usize) {
        let mut state = self.lock();
        state.heard = count;
        self.wake(&state);
    }

    /// Gives out no more tasks, and waits for those that are being worked on; `false` if they take longer than
    /// `grace`.
    pub(super) fn stop(&self, grace: Duration) -> bool {
        self.stopped.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        self.wake(&state);
        state.waiting += 1;
        let waited = self
            .changed
            .wait_timeout_while(state, grace, |state| state.active > 0);
        let (mut state, _) = waited.unwrap_or_else(|e| e.into_inner());
        state.waiting -= 1;
        state.active == 0
    }

    fn wake(&self, state: &QueueState) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }
}

impl QueueState {
    /// Whether nothing is left, and nobody works on what may add some.
    fn is_over(&self) -> bool {
        self.active == 0 && self.next_input == self.inputs && self.rest.is_empty()
    }

    fn take(&mut self) -> Option<Task> {
        while let Some((opened, range)) = self.rest.front_mut() {
            let next = range.next().map(|n| Task::Picture(Arc::clone(opened), n));
            if range.start == range.end {
                self.rest.pop_front();
            }
            if next.is_some() {
                return next;
            }
        }
        let input = self.next_input;
        (input < self.inputs.min(self.heard + MOST_AHEAD)).then(|| {
            self.next_input += 1;
            Task::Open(input)
        })
    }
}
