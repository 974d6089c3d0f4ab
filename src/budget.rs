//! Memory as a budget of bytes that threads share: who wants more than is left waits until others are done.

use std::sync::{Condvar, Mutex, MutexGuard};

/// The bytes that all threads together may use.
#[derive(Debug)]
pub struct Budget {
    total: u64,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    waiting: usize,
}

/// Bytes that are in use until this is dropped.
#[derive(Debug)]
pub struct Claim<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// A budget of `total` bytes.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self {
            total,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// All bytes that there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Waits until `bytes` are left. More than there ever are is granted to one thread alone: whether that is too
    /// much is decided elsewhere. A thread must not claim twice.
    #[must_use]
    pub fn claim(&self, bytes: u64) -> Claim<'_> {
        let mut state = self.lock();
        while state.used > 0 && state.used.saturating_add(bytes) > self.total {
            state.waiting += 1;
            state = self.freed.wait(state).unwrap_or_else(|e| e.into_inner());
            state.waiting -= 1;
        }
        state.used = state.used.saturating_add(bytes);
        Claim {
            budget: self,
            bytes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.lock();
        state.used = state.used.saturating_sub(self.bytes);
        if state.waiting > 0 {
            self.budget.freed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn threads_never_use_more_than_there_is_unless_alone() {
        let budget = Budget::new(100);
        let (used, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (budget, used, most) = (&budget, &used, &most);
                scope.spawn(move || {
                    for n in 0..200 {
                        let bytes = 20 + (n * 7 + thread * 13) % 60;
                        let _claim = budget.claim(bytes);
                        let now = used.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        used.fetch_sub(bytes, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 100);
        drop(budget.claim(1000));
    }
}
