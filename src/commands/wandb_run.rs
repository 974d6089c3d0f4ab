//! `wbimg wandb-run`: an output directory becomes an offline run, and its path a line on standard output.

use anyhow::{Context, bail};

use wbimg::store::is_ours;
use wbimg::wandb_run::{Description, Happened, Kept, RunError, Tag, TooLong, Written, write};

use super::Outcome;
use super::interrupt::Interrupt;
use super::words::chain;
use crate::cli::WandbRunArgs;
use crate::report::Reporter;

/// Runs the command. An error is one of usage: nothing was written.
pub(crate) fn run(
    args: &WandbRunArgs,
    interrupt: &Interrupt,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let name = args.out.display().to_string();
    let metadata = std::fs::metadata(&args.out).with_context(|| name.clone())?;
    if !metadata.is_dir() {
        bail!("{name}: is no directory: name the one that wbimg convert wrote");
    }
    let manifest = args.out.join("manifest.jsonl");
    if manifest.symlink_metadata().is_err() || !is_ours(&args.out) {
        bail!(
            "{name}: is no output directory: its manifest.jsonl is missing or not of wbimg; name the one that wbimg \
             convert wrote"
        );
    }
    // What has been begun by then is removed before the end.
    interrupt.hold();
    let written = write(
        &args.out,
        &args.dir,
        args.run_id.clone(),
        &description(args),
        &|| interrupt.signal().is_some(),
    );
    match written {
        Ok(written) => {
            tell(&name, &written, reporter);
            reporter.result(&written.path.to_string_lossy());
            Ok(Outcome::Success)
        }
        Err(RunError::Interrupted) => Ok(Outcome::Interrupted(interrupt.signal().unwrap_or(0))),
        Err(error @ (RunError::Media { .. } | RunError::Io { .. })) => {
            let hint = match error {
                RunError::Media { .. } => {
                    format!(": wbimg verify {name} tells all; convert its source again")
                }
                _ => String::new(),
            };
            reporter.error(Some(&name), &(chain(&error) + &hint));
            Ok(Outcome::Failure)
        }
        Err(error @ RunError::Foreign { .. }) => {
            Err(error).context("choose another --run-id or --dir")
        }
        Err(error @ RunError::Store(_)) => Err(error.into()),
    }
}

fn description(args: &WandbRunArgs) -> Description {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in &args.tag {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    Description {
        project: args.project.clone(),
        entity: args.entity.clone(),
        name: args.name.clone(),
        notes: args.notes.clone(),
        tags,
    }
}

fn tell(name: &str, written: &Written, reporter: &mut Reporter) {
    let Written { id, steps, .. } = written;
    if *steps == 0 {
        reporter.note(
            "empty",
            format!("{name}: has no images, and so has the run"),
        );
    }
    for journal in &written.journals {
        let text = format!(
            "{name}: {journal}: rows of a call that is at work or was killed are not in the run; the next convert \
             takes the latter up"
        );
        reporter.note("journal", text);
    }
    for TooLong { step, found, most } in &written.too_long {
        let what = match step {
            Some(step) => format!("the row of step {step}"),
            None => "the summary".to_owned(),
        };
        let text = format!(
            "{name}: {what} has {found} bytes, and wandb sync leaves out what has more than {most}: log fewer keys in \
             one step, or lists under one --key"
        );
        reporter.note("too-long", text);
    }
    if written.kept == Kept::No {
        let text = format!(
            "{name}: cannot be written, so that the id is not kept: give --run-id {id} once it has grown or moved"
        );
        reporter.note("id", text);
    }
    match written.happened {
        Happened::Made => {}
        Happened::Replaced => {
            let text = format!("{name}: an earlier run {id} with other contents was replaced");
            reporter.note("replaced", text);
        }
        Happened::Nothing { is_uploaded } => {
            let uploaded = match is_uploaded {
                true => ", and uploaded: wandb sync --include-synced does that again",
                false => "",
            };
            let text = format!("{name}: run {id} was there already{uploaded}");
            reporter.note("unchanged", text);
        }
    }
}
