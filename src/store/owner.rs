//! Whose a journal or a temporary file is: host, process and a number of its own, as part of the file's name.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A name that no other open directory of any process has: `HOST-PID-UNIQUE`. The last part is there because
/// process ids are used again.
pub(crate) fn new_owner() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let unique = since_epoch
        .as_nanos()
        .wrapping_add(u128::from(COUNT.fetch_add(1, Ordering::Relaxed)));
    format!("{}-{}-{unique:x}", host_name(), std::process::id())
}

/// Whether an owner is, or was, a process of this host. Whether it lives is for a lock to tell.
pub(crate) fn is_of_this_host(owner: &str) -> bool {
    let rest = owner
        .strip_prefix(host_name())
        .and_then(|rest| rest.strip_prefix('-'));
    // Host names may have dashes, too: `a-1` is not `a`.
    rest.and_then(|rest| rest.split_once('-'))
        .is_some_and(|(pid, unique)| {
            let is_pid = !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
            is_pid && !unique.is_empty() && unique.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

/// The name that the system says the machine has.
fn system_name() -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        let names = rustix::system::uname();
        names.nodename().to_str().ok().map(str::to_owned)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// This machine's name as far as it is known, in characters that any file system takes.
fn host_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = system_name()
            .or_else(|| std::env::var("HOSTNAME").ok())
            .or_else(|| std::env::var("COMPUTERNAME").ok())
            .unwrap_or_default();
        let safe = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-');
        let safe: String = safe.take(63).collect();
        if safe.is_empty() {
            "localhost".to_owned()
        } else {
            safe
        }
    })
}

/// What changes when the machine starts anew; `None` where that cannot be told.
pub(super) fn boot_id() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_processes_of_this_host_are_told_as_such() {
        let host = host_name();
        assert!(is_of_this_host(&new_owner()));
        assert!(is_of_this_host(&format!("{host}-17-a0")));
        for other in ["1-17-a0", "-1-17-a0", "-17", "-x-a0", "-17-a0-1", "-17-"] {
            assert!(!is_of_this_host(&format!("{host}{other}")), "{other}");
        }
        assert!(!is_of_this_host("other-host-of-another-17-a0"));
    }
}
