//! `wbimg verify`: an output directory against its own manifest.

use anyhow::{Context, bail};

use wbimg::store::is_ours;
use wbimg::threads::Threads;
use wbimg::verify::{VerifyNote, verify};

use super::Outcome;
use crate::cli::VerifyArgs;
use crate::report::Reporter;

/// Runs the command: a line per difference, and what was looked at in a note.
pub(crate) fn run(args: &VerifyArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let name = args.dir.display().to_string();
    let metadata = std::fs::metadata(&args.dir).with_context(|| name.clone())?;
    if !metadata.is_dir() {
        bail!("{name}: is no directory: name the one that wbimg convert wrote");
    }
    if !is_ours(&args.dir) {
        bail!(
            "{name}: is no output directory: its manifest.jsonl is missing or not of wbimg; name the one that wbimg \
             convert wrote"
        );
    }
    let threads = Threads::new(args.jobs.map(usize::from));
    let report = verify(&args.dir, threads).with_context(|| name.clone())?;
    for difference in &report.differences {
        reporter.error(Some(&name), &difference.to_string());
    }
    for note in &report.notes {
        let kind = match note {
            VerifyNote::Unreferred { .. } => "unreferred",
            VerifyNote::NotDecoded { .. } => "not-decoded",
            VerifyNote::Journal { .. } => "journal",
        };
        reporter.note(kind, format!("{name}: {note}"));
    }
    let (rows, files) = (report.rows, report.files);
    let found = match report.differences.len() {
        0 => "all as recorded".to_owned(),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    };
    reporter.note(
        "verified",
        format!("{name}: {rows} rows and {files} files verified: {found}"),
    );
    Ok(match report.differences.is_empty() {
        true => Outcome::Success,
        false => Outcome::Failure,
    })
}
