//! When a run was, as far as its files tell: the same files give the same times, whenever they are asked. Numbers in,
//! numbers and names out.

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// A moment, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) u64);

impl Moment {
    /// Seconds since 1970, and nanoseconds.
    pub(super) fn parts(self) -> (i64, i32) {
        let nanos = i32::try_from(self.0 % SECOND).unwrap_or_default();
        (i64::try_from(self.0 / SECOND).unwrap_or(i64::MAX), nanos)
    }

    /// Seconds since 1970, as W&B's `_timestamp` has them.
    pub(super) fn seconds(self) -> f64 {
        seconds(self.0)
    }

    /// Seconds since an earlier moment, as W&B's `_runtime` has them.
    pub(super) fn seconds_since(self, earlier: Self) -> f64 {
        seconds(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds since an earlier moment.
    pub(super) fn whole_seconds_since(self, earlier: Self) -> i32 {
        i32::try_from(self.0.saturating_sub(earlier.0) / SECOND).unwrap_or(i32::MAX)
    }

    /// `YYYYMMDD_HHMMSS`, in UTC.
    pub(super) fn stamp(self) -> String {
        let seconds = self.0 / SECOND;
        let (year, month, day) = date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{year:04}{month:02}{day:02}_{hour:02}{minute:02}{second:02}")
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds are exact for 280 years, which is what W&B's own clock gives"
)]
fn seconds(nanoseconds: u64) -> f64 {
    (nanoseconds / 1000) as f64 / 1e6
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let (mut year, mut rest) = (1970, days);
    loop {
        let len = if is_leap(year) { 366 } else { 365 };
        if rest < len {
            break;
        }
        rest -= len;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for len in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if rest < len {
            break;
        }
        rest -= len;
        month += 1;
    }
    (year, month, rest + 1)
}

/// A moment per step that never goes back, from when the files of each step were written.
pub(super) fn never_back(written: impl Iterator<Item = u64>) -> Vec<Moment> {
    let latest = written.scan(0, |latest, time| {
        *latest = time.max(*latest);
        Some(Moment(*latest))
    });
    latest.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_the_name_that_date_gives_them() {
        // date -u -d @SECONDS +%Y%m%d_%H%M%S
        for (seconds, stamp) in [
            (0, "19700101_000000"),
            (951_782_399, "20000228_235959"),
            (951_782_400, "20000229_000000"),
            (1_709_164_800, "20240229_000000"),
            (1_735_689_599, "20241231_235959"),
            (1_795_647_308, "20261125_225508"),
            (4_107_542_400, "21000301_000000"),
        ] {
            assert_eq!(Moment(seconds * SECOND).stamp(), stamp);
        }
    }

    #[test]
    fn time_never_goes_back() {
        let moments = never_back([5, 3, 9, 0].into_iter());
        assert_eq!(moments, [5, 5, 9, 9].map(Moment));
    }
}
