//! Results of many threads, put back into input order.

use std::collections::BTreeMap;

use super::Failed;
use crate::job::Done;

/// What workers tell.
pub(super) enum Event {
    /// How many pictures an input has; one, where nothing is said.
    Count { input: usize, count: usize },
    /// What became of one.
    Result {
        input: usize,
        n: usize,
        result: Box<Result<Done, Failed>>,
    },
}

/// What comes out in order.
pub(super) enum Next {
    Result(Box<Result<Done, Failed>>),
    /// All pictures of this input are made.
    Whole(usize),
}

/// Puts results back into input order.
#[derive(Default)]
pub(super) struct InOrder {
    counts: BTreeMap<usize, usize>,
    results: BTreeMap<(usize, usize), Box<Result<Done, Failed>>>,
    input: usize,
    n: usize,
    /// Of the input's pictures so far.
    failures: usize,
}

impl InOrder {
    /// How many inputs are through.
    pub(super) fn heard(&self) -> usize {
        self.input
    }

    /// Takes an event in, and gives out what is next in order and known.
    pub(super) fn take(&mut self, event: Event) -> Vec<Next> {
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
            self.failures += usize::from(result.is_err());
            ready.push(Next::Result(result));
            self.n += 1;
            if self.n >= self.counts.get(&self.input).copied().unwrap_or(1) {
                if self.failures == 0 {
                    ready.push(Next::Whole(self.input));
                }
                self.counts.remove(&self.input);
                self.input += 1;
                (self.n, self.failures) = (0, 0);
            }
        }
        ready
    }
}
