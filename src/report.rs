//! What the program says: results on standard output, one line per note, warning or error on standard error.
//! A stream that is closed is no reason to stop.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::cli::{ColorArg, ProgressArg};
use crate::github::{Job, Severity};
use crate::progress::Progress;
use crate::tally::Tally;

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors.
    Quiet,
    /// Errors, warnings and notes.
    Normal,
    /// And what was decided for each image.
    Verbose,
}

/// After as many lines of one kind, only their number is told.
const MAX_LINES: u64 = 10;

/// Writes to the two streams.
#[derive(Debug)]
pub(crate) struct Reporter {
    verbosity: Verbosity,
    color: bool,
    escape_stdout: bool,
    stdout_open: bool,
    stdout_failed: bool,
    github: Option<Job>,
    lines_by_kind: BTreeMap<String, u64>,
    progress: Progress,
    /// What is said last.
    last: Option<String>,
}

/// What did not reach standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Lost {
    Nothing,
    /// Results that somebody waits for.
    Results,
}

#[derive(Clone, Copy)]
enum Level {
    Note,
    Warning,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    fn style(self) -> Style {
        let color = match self {
            Self::Note => AnsiColor::Cyan,
            Self::Warning => AnsiColor::Yellow,
            Self::Error => AnsiColor::Red,
        };
        color.on_default().bold()
    }
}

impl Reporter {
    pub(crate) fn new(verbosity: Verbosity, color: ColorArg) -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            verbosity,
            color: match color {
                ColorArg::Always => true,
                ColorArg::Never => false,
                ColorArg::Auto => io::stderr().is_terminal() && !is_set("NO_COLOR"),
            },
            escape_stdout: io::stdout().is_terminal(),
            stdout_open: true,
            stdout_failed: false,
            github: Job::from_env(),
            lines_by_kind: BTreeMap::new(),
            progress: Progress::hidden(),
            last: None,
        }
    }

    /// Counts `total` inputs from here on, on a bar where one is wanted.
    pub(crate) fn start_progress(&mut self, wanted: ProgressArg, total: usize) {
        let is_seen = match wanted {
            ProgressArg::Always => true,
            ProgressArg::Never => false,
            ProgressArg::Auto => self.verbosity > Verbosity::Quiet && io::stderr().is_terminal(),
        };
        if is_seen {
            self.progress = Progress::shown(total as u64);
        }
    }

    /// `done` inputs are through, and `failed` failures are among them.
    pub(crate) fn progress(&self, done: u64, failed: u64) {
        self.progress.tell(done, failed);
    }

    /// A line of results. Control characters, which could end the line or drive the terminal, are escaped.
    pub(crate) fn result(&mut self, line: &str) {
        self.write_line(&visible(line));
    }

    /// A line of JSON, which has escaped what could end it.
    pub(crate) fn json(&mut self, line: &str) {
        let line = match self.escape_stdout {
            true => visible(line),
            false => line.to_owned(),
        };
        self.write_line(&line);
    }

    fn write_line(&mut self, line: &str) {
        if !self.stdout_open {
            return;
        }
        if let Err(error) = self.progress.aside(|| writeln!(io::stdout(), "{line}")) {
            self.close_stdout(&error);
        }
    }

    /// Nothing more is written. A reader that has heard enough is no failure; a full disk is.
    fn close_stdout(&mut self, error: &io::Error) {
        self.stdout_open = false;
        if error.kind() != io::ErrorKind::BrokenPipe {
            self.stdout_failed = true;
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            self.error(None, &format!("standard output cannot be written: {text}"));
        }
    }

    /// The bytes that are the result.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Something worth knowing. `kind` is what many notes of one sort have in common.
    pub(crate) fn note(&mut self, kind: &str, message: impl Display) {
        if self.verbosity >= Verbosity::Normal && self.may_say(&format!("note:{kind}")) {
            self.say(Level::Note, &message.to_string());
        }
    }

    /// What was decided, for those who asked.
    pub(crate) fn detail(&mut self, message: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            self.say(Level::Note, &message.to_string());
        }
    }

    /// Something about a picture, `subject`, of `file` that its owner probably did not mean.
    pub(crate) fn warning(&mut self, file: &str, subject: &str, message: &str, code: &str) {
        if self.verbosity >= Verbosity::Normal && self.may_say(code) {
            self.say(Level::Warning, &format!("{subject}: {message} [{code}]"));
            self.annotate(
                Severity::Warning,
                Some(file),
                &format!("{message} [{code}]"),
            );
        }
    }

    /// A failure. `subject` is the input or directory that it is about.
    pub(crate) fn error(&mut self, subject: Option<&str>, message: &str) {
        match subject {
            Some(subject) => self.error_in(subject, subject, message),
            None => {
                self.say(Level::Error, message);
                self.annotate(Severity::Error, None, message);
            }
        }
    }

    /// A failure of a picture, `subject`, of `file`.
    pub(crate) fn error_in(&mut self, file: &str, subject: &str, message: &str) {
        self.say(Level::Error, &format!("{subject}: {message}"));
        self.annotate(Severity::Error, Some(file), message);
    }

    /// Has GitHub show what was said beside the file.
    fn annotate(&mut self, severity: Severity, file: Option<&str>, message: &str) {
        let github = self.github.as_mut();
        if let Some(line) = github.and_then(|job| job.annotation(severity, file, message)) {
            self.write_stderr(&line);
        }
    }

    /// Tells what the run has come to where nobody watches a bar, and in GitHub's summary of the job.
    pub(crate) fn sum_up(&mut self, directory: &str, tally: &Tally) {
        if let Some(job) = &self.github {
            job.summarize(directory, tally);
        }
        let is_ci = std::env::var("CI").is_ok_and(|ci| !["", "0", "false"].contains(&&*ci));
        let is_told = self.verbosity > Verbosity::Quiet && is_ci && !io::stderr().is_terminal();
        if is_told {
            self.last = Some(format!("{directory}: {tally}"));
        }
    }

    /// Takes the bar away, and tells the numbers of what was not said. Whether results were lost is what it gives
    /// back.
    pub(crate) fn finish(&mut self) -> Lost {
        self.progress.finish();
        for (kind, count) in std::mem::take(&mut self.lines_by_kind) {
            let hidden = count.saturating_sub(MAX_LINES);
            match (hidden, kind.strip_prefix("note:")) {
                (0, _) => {}
                (_, Some(_)) => self.say(Level::Note, &format!("{hidden} more notes like these")),
                (_, None) => self.say(Level::Warning, &format!("{hidden} more warnings [{kind}]")),
            }
        }
        if let Some(last) = self.last.take() {
            self.say(Level::Note, &last);
        }
        if self.stdout_open
            && let Err(error) = io::stdout().flush()
        {
            self.close_stdout(&error);
        }
        match self.stdout_failed {
            true => Lost::Results,
            false => Lost::Nothing,
        }
    }

    fn may_say(&mut self, kind: &str) -> bool {
        let lines = self.lines_by_kind.entry(kind.to_owned()).or_default();
        *lines += 1;
        *lines <= MAX_LINES
    }

    fn say(&self, level: Level, message: &str) {
        let (name, message) = (level.name(), visible(message));
        let style = if self.color {
            level.style()
        } else {
            Style::new()
        };
        self.write_stderr(&format!("wbimg: {style}{name}:{style:#} {message}"));
    }

    fn write_stderr(&self, line: &str) {
        // Nobody is left to tell that standard error is closed.
        let _ = self.progress.aside(|| writeln!(io::stderr(), "{line}"));
    }
}

/// Text without control characters, which could end the line or drive the terminal.
pub(crate) fn visible(text: &str) -> String {
    let is_control = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_control) {
        return text.to_owned();
    }
    text.chars()
        .fold(String::with_capacity(text.len()), |mut shown, c| {
            if is_control(c) {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            } else {
                shown.push(c);
            }
            shown
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(visible("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(visible("plain ünïcode"), "plain ünïcode");
    }
}
