//! CPU time of this thread, which counts only what the thread itself did, however busy the machine is.

use rustix::time::{ClockId, clock_gettime};

fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Calls until `seconds` of CPU time are spent, at least once; the mean time of a call.
pub(crate) fn per_call(seconds: f64, mut call: impl FnMut()) -> f64 {
    let start = now();
    let mut calls = 0.0;
    loop {
        call();
        calls += 1.0;
        let spent = now() - start;
        if spent >= seconds {
            return spent / calls;
        }
    }
}
