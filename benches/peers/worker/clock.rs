//! CPU time of this thread, which counts only what the thread itself did, however busy the machine is.

#[cfg(unix)]
fn now() -> f64 {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Where there is no such clock, the one on the wall; the peers are not measured there.
#[cfg(not(unix))]
fn now() -> f64 {
    use std::time::{SystemTime, UNIX_EPOCH};

    let time = SystemTime::now().duration_since(UNIX_EPOCH);
    time.map_or(0.0, |time| time.as_secs_f64())
}

/// Calls until `seconds` of CPU time are spent, at least once; the mean time of a call.
pub(crate) fn per_call(seconds: f64, mut call: impl FnMut()) -> f64 {
    let start = now();
    // To ask what time it is takes some, so that is done ever more seldom.
    let (mut calls, mut more) = (0.0, 1);
    loop {
        for _ in 0..more {
            call();
        }
        calls += f64::from(more);
        let spent = now() - start;
        if spent >= seconds {
            return spent / calls;
        }
        more *= 2;
    }
}
