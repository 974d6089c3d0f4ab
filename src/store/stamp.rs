//! What metadata tell of a file's content: if they are the same, so is the content, unless it was changed while
//! the clock of the file system stood still.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Length, time of modification, time of change (nanoseconds since 1970) and inode, the last two 0 where there
/// are none. The device is left out: it is not the same after a reboot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(u64, i64, i64, u64);

impl Stamp {
    /// Takes it from a file's metadata.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self(
            metadata.len(),
            nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            metadata.ino(),
        )
    }

    /// Takes it from a file's metadata.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, since_epoch);
        Self(metadata.len(), modified, 0, 0)
    }

    /// Whether the file could have been changed after `moment` without its times showing it: git calls that
    /// racily clean. Clocks of file systems tick every 10 ms or faster; those that keep whole seconds (all
    /// nanoseconds are 0), every 2 s.
    #[must_use]
    pub fn is_racy(&self, moment: SystemTime) -> bool {
        let moment = since_epoch(moment);
        [self.1, self.2].into_iter().any(|time| {
            let tick = if time % 1_000_000_000 == 0 {
                Duration::from_secs(2)
            } else {
                Duration::from_millis(20)
            };
            let tick = i64::try_from(tick.as_nanos()).unwrap_or(i64::MAX);
            time.saturating_add(tick) >= moment
        })
    }
}

/// When a file was last modified, in nanoseconds since 1970.
pub(super) type Modified = i64;

/// When the file with these metadata was last modified.
pub(super) fn modified(metadata: &Metadata) -> Modified {
    metadata.modified().map_or(0, since_epoch)
}

/// Nanoseconds since 1970.
pub(super) fn since_epoch(time: SystemTime) -> i64 {
    let nanoseconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    i64::try_from(nanoseconds).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_as_new_as_the_run_is_not_trusted() {
        let moment = UNIX_EPOCH + Duration::from_millis(10_500);
        for (modified, changed, racy) in [
            (10_400_000_000, 10_400_000_000, false),
            (10_490_000_000, 10_400_000_000, true),
            (10_400_000_000, 10_490_000_000, true),
            (9_000_000_000, 10_400_000_000, true),
            (8_000_000_000, 10_400_000_000, false),
        ] {
            assert_eq!(Stamp(1, modified, changed, 1).is_racy(moment), racy);
        }
    }
}
