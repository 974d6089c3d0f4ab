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

/// Puts results back into input order.
#[derive(Default)]
pub(super) struct InOrder {
    counts: BTreeMap<usize, usize>,
    results: BTreeMap<(usize, usize), Box<Result<Done, Failed>>>,
    input: usize,
    n: usize,
}

impl InOrder {
    /// How many inputs are through.
    pub(super) fn heard(&self) -> usize {
        self.input
    }

    /// Takes an event in, and gives out what is next in order and known.
    pub(super) fn take(&mut self, event: Event) -> Vec<Result<Done, Failed>> {
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
            ready.push(*result);
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
