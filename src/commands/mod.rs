//! One file per subcommand: what was typed becomes calls of the library, and what the library says becomes lines
//! and an exit status.

pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod gallery;
mod hint;
pub(crate) mod inspect;
pub(crate) mod interrupt;
pub(crate) mod man;
mod preview;
mod request;
mod unused;
pub(crate) mod verify;
pub(crate) mod wandb_run;
mod words;

pub(crate) use words::one_line;

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything was done.
    Success,
    /// Something failed on the way; the rest was done.
    Failure,
    /// A signal ended it early; what was finished is kept.
    Interrupted(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::SUCCESS,
            Outcome::Failure => Self::from(1),
            Outcome::Interrupted(signal) => Self::from(128 + signal),
        }
    }
}
