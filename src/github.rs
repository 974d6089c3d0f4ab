//! What GitHub Actions shows: annotations beside files, and a table in the job's summary. None of it is worth
//! failing for.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use wbimg::input::clean;

use crate::report::visible;
use crate::tally::Tally;

/// GitHub shows as many annotations of a level for a step, and drops the others.
const MAX_ANNOTATIONS: u64 = 10;

/// GitHub drops a step's summary that is above 1 MiB; many short calls may share a step.
const MAX_SUMMARY: u64 = 512 << 10;

/// Failures that the summary names.
const MAX_FAILURES: usize = 20;

/// Characters of a cell.
const MAX_CELL: usize = 300;

/// A job of GitHub Actions.
#[derive(Debug)]
pub(crate) struct Job {
    /// Where the repository is, which files are relative to.
    workspace: Option<PathBuf>,
    summary: Option<PathBuf>,
    annotations: [u64; 2],
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Warning,
    Error,
}

impl Job {
    /// The job that this process is part of, if it is.
    pub(crate) fn from_env() -> Option<Self> {
        let path = |name| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        std::env::var("GITHUB_ACTIONS")
            .is_ok_and(|value| value == "true")
            .then(|| Self {
                workspace: path("GITHUB_WORKSPACE"),
                summary: path("GITHUB_STEP_SUMMARY"),
                annotations: [0; 2],
            })
    }

    /// A line that is shown beside the file; `None` when there were enough of them.
    pub(crate) fn annotation(
        &mut self,
        severity: Severity,
        file: Option<&str>,
        message: &str,
    ) -> Option<String> {
        let count = &mut self.annotations[severity as usize];
        *count += 1;
        if *count > MAX_ANNOTATIONS {
            return None;
        }
        let command = match severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let message = escape(&visible(message));
        Some(match file {
            Some(file) => {
                let file = escape(&visible(&self.in_repository(file)));
                let file = file.replace(':', "%3A").replace(',', "%2C");
                format!("::{command} file={file}::{message}")
            }
            None => format!("::{command}::{message}"),
        })
    }

    /// A file's name as GitHub knows it; steps may run in any folder.
    fn in_repository(&self, file: &str) -> String {
        let found = self.workspace.as_deref().and_then(|workspace| {
            let path = clean(&std::env::current_dir().ok()?.join(file));
            let path = Path::new(&path).strip_prefix(workspace).ok()?;
            Some(path.to_str()?.to_owned())
        });
        found.unwrap_or_else(|| file.to_owned())
    }

    /// Adds a table to the job's summary, unless there is none, or it is full.
    pub(crate) fn summarize(&self, directory: &str, tally: &Tally) {
        if let Some(path) = &self.summary {
            // Nobody is left to tell.
            let _ = append(path, &summary(directory, tally));
        }
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    match fs::metadata(path) {
        // A pipe would wait for a reader.
        Ok(found) if !found.is_file() || found.len() > MAX_SUMMARY => return Ok(()),
        _ => {}
    }
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn summary(directory: &str, tally: &Tally) -> String {
    let mut text = format!(
        "### wbimg convert → {}\n\n\
         | images | inputs | failures | warnings | bytes | seconds |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | {} | {} | {} | {} | {} | {:.1} |\n\n",
        cell(directory),
        tally.images,
        tally.inputs,
        tally.failures,
        tally.warnings.values().sum::<u64>(),
        tally.bytes,
        tally.seconds()
    );
    // Writing to a string cannot fail.
    if !tally.warnings.is_empty() {
        text.push_str("| warning | images |\n| --- | ---: |\n");
        for (code, count) in &tally.warnings {
            let _ = writeln!(text, "| {} | {count} |", cell(code));
        }
        text.push('\n');
    }
    if tally.failures > 0 {
        text.push_str("| failed | why |\n| --- | --- |\n");
        for (subject, message) in tally.first_failures.iter().take(MAX_FAILURES) {
            let _ = writeln!(text, "| {} | {} |", cell(subject), cell(message));
        }
        let more = tally.failures - tally.first_failures.len().min(MAX_FAILURES) as u64;
        if more > 0 {
            let _ = writeln!(text, "| … | {more} more |");
        }
        text.push('\n');
    }
    text
}

/// Text as it is in a cell of a Markdown table: whatever could be markup becomes a character reference.
fn cell(text: &str) -> String {
    let text = visible(text);
    let mut cell = String::with_capacity(text.len());
    for c in text.chars().take(MAX_CELL) {
        match c {
            '.' | ',' | '-' | '/' | '(' | ')' | '\'' | '=' | '%' | '+' => cell.push(c),
            c if c.is_ascii_punctuation() => {
                let _ = write!(cell, "&#{};", u32::from(c));
            }
            c => cell.push(c),
        }
    }
    if text.chars().nth(MAX_CELL).is_some() {
        cell.push('…');
    }
    cell
}

/// Percent signs and line ends as workflow commands want them.
fn escape(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
