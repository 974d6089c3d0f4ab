//! What a run has come to, in numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

/// Failures that are kept by name.
const MAX_FAILURES: usize = 20;

/// Counts of a run.
#[derive(Debug)]
pub(crate) struct Tally {
    started: Instant,
    /// Pictures that are in the directory.
    pub(crate) images: u64,
    /// Inputs that have been heard of.
    pub(crate) inputs: u64,
    /// The bytes of the pictures' files.
    pub(crate) bytes: u64,
    /// What could not be converted.
    pub(crate) failures: u64,
    /// The first of them: what, and why.
    pub(crate) first_failures: Vec<(String, String)>,
    /// Pictures with a warning, by its code.
    pub(crate) warnings: BTreeMap<String, u64>,
}

impl Tally {
    /// Nothing, from now on.
    pub(crate) fn begin() -> Self {
        Self {
            started: Instant::now(),
            images: 0,
            inputs: 0,
            bytes: 0,
            failures: 0,
            first_failures: Vec::new(),
            warnings: BTreeMap::new(),
        }
    }

    /// Counts a failure.
    pub(crate) fn fail(&mut self, subject: &str, message: &str) {
        self.failures += 1;
        if self.first_failures.len() < MAX_FAILURES {
            let failure = (subject.to_owned(), message.to_owned());
            self.first_failures.push(failure);
        }
    }

    /// Counts a picture.
    pub(crate) fn add(&mut self, bytes: u64, warnings: &[&str]) {
        self.images += 1;
        self.bytes += bytes;
        for &code in warnings {
            *self.warnings.entry(code.to_owned()).or_default() += 1;
        }
    }

    /// How long it has taken so far.
    pub(crate) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |count: u64, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        write!(
            f,
            "{} of {}, {}, in {:.1} s; {}, {}",
            many(self.images, "image"),
            many(self.inputs, "input"),
            many(self.bytes, "byte"),
            self.seconds(),
            many(self.failures, "failure"),
            many(self.warnings.values().sum(), "warning"),
        )
    }
}
