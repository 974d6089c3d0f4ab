//! How errors and pictures are named on one line.

use wbimg::job::Failure;
use wbimg::media::FrameName;
use wbimg::note::NoteRecord;

use super::hint::hint;
use crate::report::Reporter;

/// The input, and which picture of it.
pub(crate) fn subject(source: &str, frame: &FrameName) -> String {
    match frame {
        FrameName::Only => source.to_owned(),
        FrameName::Number(n) => format!("{source}[{n}]"),
        FrameName::Named(..) => format!("{source}:{frame}"),
    }
}

/// Tells what is worth saying of an input.
pub(crate) fn tell_notes(source: &str, notes: &[NoteRecord], reporter: &mut Reporter) {
    for NoteRecord { kind, array, text } in notes {
        let subject = match array {
            Some(array) => format!("{source}:{array}"),
            None => source.to_owned(),
        };
        reporter.note(kind, format!("{subject}: {text}"));
    }
}

/// What went wrong with an input, and what would work.
pub(crate) fn failure(error: &Failure) -> String {
    let hint = hint(error).map(|hint| format!(": {hint}"));
    chain(error) + &hint.unwrap_or_default()
}

/// An error of usage, with what it is about in front.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    chain(error.as_ref())
}

/// An error and its causes.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = match error.downcast_ref::<std::io::Error>() {
            Some(error) => system(error),
            None => error.to_string(),
        };
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}

/// What the system said, without the number that only programmers know.
pub(crate) fn system(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
