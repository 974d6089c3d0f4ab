//! How many threads share some work.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

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

/// Does `here` on this thread and `there` on others at the same time, on `count` in all or as many as the system gives;
/// returns what each gave back, this one's first. Each is to take from the same work until nothing is left, so that it is
/// done however many there are.
///
/// # Panics
/// If one of them does, with its words.
pub(crate) fn at_once<T: Send>(
    count: NonZero<usize>,
    here: impl FnOnce() -> T,
    there: impl Fn() -> T + Sync,
) -> Vec<T> {
    thread::scope(|scope| {
        let start = |_| {
            let thread = thread::Builder::new();
            thread.spawn_scoped(scope, &there).ok()
        };
        let others: Vec<_> = (1..count.get()).map_while(start).collect();
        let mut all = vec![here()];
        for other in others {
            all.push(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        all
    })
}

/// How many cores the process may use.
fn cores() -> NonZero<usize> {
    static CORES: OnceLock<NonZero<usize>> = OnceLock::new();
    *CORES.get_or_init(|| {
        let cores = thread::available_parallelism();
        cores.unwrap_or(NonZero::<usize>::MIN)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::panic::catch_unwind;
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn there_are_no_more_threads_than_tasks_and_at_least_one() {
        let count = |threads: Threads, tasks| threads.for_tasks(tasks).get();
        for (asked, tasks, expected) in [(8, 0, 1), (8, 1, 1), (8, 3, 3), (2, 3, 2), (0, 3, 1)] {
            assert_eq!(count(Threads::new(Some(asked)), tasks), expected);
        }
        let per_core = Threads::new(None);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(count(per_core, usize::MAX), cores);
        assert_eq!(count(per_core, 1), 1);
        assert_eq!(count(Threads::ONE, 5), 1);
    }

    #[test]
    fn work_is_shared_and_what_this_thread_gives_back_comes_first() {
        let here = thread::current().id();
        for count in [1, 2, 5] {
            let count = NonZero::new(count).unwrap();
            let barrier = Barrier::new(count.get());
            let work = || {
                barrier.wait();
                thread::current().id()
            };
            let threads = at_once(count, work, work);
            assert_eq!((threads.len(), threads[0]), (count.get(), here));
            assert_eq!(threads.iter().collect::<HashSet<_>>().len(), count.get());
        }
    }

    #[test]
    fn a_panic_on_another_thread_is_this_ones() {
        let count = NonZero::new(2).unwrap();
        let panic = catch_unwind(|| at_once(count, || (), || panic!("its words")));
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"its words"));
    }
}
