//! A slice of a batch's frames, as Python writes them.

use std::fmt;
use std::str::FromStr;

/// `START:STOP:STEP` over frame numbers; negative numbers count from the end. All frames by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameSlice {
    start: Option<i64>,
    stop: Option<i64>,
    /// At least 1.
    step: Option<usize>,
}

/// Why a text is no slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a frame number N, or a slice A:B or A:B:S with a step of at least 1")]
pub struct SliceError;

impl FrameSlice {
    /// The frames that are taken out of `count`, in order.
    pub fn of(self, count: usize) -> impl Iterator<Item = usize> {
        let end = i64::try_from(count).unwrap_or(i64::MAX);
        let from_start = |n: i64| if n < 0 { n.saturating_add(end) } else { n };
        let bound = |n: Option<i64>, default: i64| {
            usize::try_from(n.map_or(default, from_start).clamp(0, end)).unwrap_or(count)
        };
        (bound(self.start, 0)..bound(self.stop, end)).step_by(self.step.unwrap_or(1))
    }
}

impl FromStr for FrameSlice {
    type Err = SliceError;

    /// A single number takes one frame.
    fn from_str(text: &str) -> Result<Self, SliceError> {
        let number = |part: &str| match part {
            "" => Ok(None),
            part => part.parse().map(Some).map_err(|_| SliceError),
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (start, stop, step) = match parts[..] {
            [one] => {
                let n: i64 = one.parse().map_err(|_| SliceError)?;
                // Frame -1 ends where the list does.
                return Ok(Self {
                    start: Some(n),
                    stop: (n != -1).then(|| n.saturating_add(1)),
                    step: None,
                });
            }
            [start, stop] => (start, stop, ""),
            [start, stop, step] => (start, stop, step),
            _ => return Err(SliceError),
        };
        let step = match number(step)? {
            None => None,
            Some(step) => {
                let step = usize::try_from(step).ok().filter(|&step| step > 0);
                Some(step.ok_or(SliceError)?)
            }
        };
        Ok(Self {
            start: number(start)?,
            stop: number(stop)?,
            step,
        })
    }
}

impl fmt::Display for FrameSlice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        write!(f, "{}:{}", text(self.start), text(self.stop))?;
        match self.step {
            Some(step) => write!(f, ":{step}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_take_what_python_takes() {
        for (text, expected) in [
            ("1:4", vec![1, 2, 3]),
            ("-2:", vec![8, 9]),
            ("::4", vec![0, 4, 8]),
            ("3", vec![3]),
            ("-1", vec![9]),
            ("5:2", vec![]),
            ("8:100", vec![8, 9]),
        ] {
            let slice: FrameSlice = text.parse().unwrap();
            assert_eq!(slice.of(10).collect::<Vec<_>>(), expected, "{text}");
        }
        for text in ["", "a", "1:2:0", "1:2:-1", "1:2:3:4"] {
            assert!(text.parse::<FrameSlice>().is_err(), "{text}");
        }
    }
}
