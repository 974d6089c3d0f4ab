//! How many threads share some work.

use std::num::NonZero;
use std::sync::OnceLock;

/// How many, at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads {
    /// `None` for one per core.
    exactly: Option<NonZero<usize>>,
}

impl Threads {
    /// One.
    pub const ONE: Self = Self {
        exactly: Some(NonZero::<usize>::MIN),
    };

    /// So many, at least one; `None` for one for each core that the process may use.
    #[must_use]
    pub fn new(count: Option<usize>) -> Self {
        let at_least_one = |count| NonZero::new(count).unwrap_or(NonZero::<usize>::MIN);
        Self {
            exactly: count.map(at_least_one),
        }
    }

    /// How many for so many tasks: no more than these, and at least one. The system is only asked for its cores where there
    /// is something to share, because a hundredth of the time of a small picture goes by before it has told.
    #[must_use]
    pub fn for_tasks(self, tasks: usize) -> NonZero<usize> {
        match NonZero::new(tasks) {
            None | Some(NonZero::<usize>::MIN) => NonZero::<usize>::MIN,
            Some(tasks) => tasks.min(self.exactly.unwrap_or_else(cores)),
        }
    }
}

/// How many cores the process may use.
fn cores() -> NonZero<usize> {
    static CORES: OnceLock<NonZero<usize>> = OnceLock::new();
    *CORES.get_or_init(|| {
        let cores = std::thread::available_parallelism();
        cores.unwrap_or(NonZero::<usize>::MIN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_threads_than_tasks_and_at_least_one() {
        let count = |threads: Threads, tasks| threads.for_tasks(tasks).get();
        for (asked, tasks, expected) in [(8, 0, 1), (8, 1, 1), (8, 3, 3), (2, 3, 2), (0, 3, 1)] {
            assert_eq!(count(Threads::new(Some(asked)), tasks), expected);
        }
        let per_core = Threads::new(None);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(count(per_core, usize::MAX), cores);
        assert_eq!(count(per_core, 1), 1);
        assert_eq!(count(Threads::ONE, 5), 1);
    }
}
