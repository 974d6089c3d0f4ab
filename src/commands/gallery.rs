//! `wbimg gallery`: a page out of an output directory.

use anyhow::{Context, bail};

use wbimg::gallery::{MARK, Made, Pictures, Request, make};
use wbimg::input::escape;
use wbimg::store::{PAGE, Store, is_ours};
use wbimg::threads::Threads;

use super::Outcome;
use super::words::chain;
use crate::cli::GalleryArgs;
use crate::report::Reporter;

/// A page of more bytes than this is slow to open, and worth a word.
const LARGE: u64 = 200 << 20;

/// Runs the command. An error is one of usage: nothing was written.
pub(crate) fn run(args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let name = escape(args.dir.as_os_str());
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
    let store = Store::open(&args.dir).with_context(|| name.clone())?;
    store.check_page(MARK).with_context(|| name.clone())?;
    let request = Request {
        title: args.title.clone().unwrap_or_else(|| title(args)),
        pictures: match args.embed {
            true => Pictures::Embedded,
            false => Pictures::Referred,
        },
        threads: Threads::new(args.jobs.map(usize::from)),
    };
    let mut is_started = false;
    let made = make(&store, &request, &mut |progress| {
        if !std::mem::replace(&mut is_started, true) {
            reporter.start_progress(args.progress, progress.total);
        }
        reporter.progress(progress.done as u64, progress.failed as u64);
    });
    let Made { pictures, unshown } = match made {
        Ok(made) => made,
        Err(error) => {
            reporter.error(Some(&name), &chain(&error));
            return Ok(Outcome::Failure);
        }
    };
    for (path, words) in &unshown {
        reporter.note("unshown", format!("{name}: {path}: {words}"));
    }
    let page = args.dir.join(PAGE);
    let size = std::fs::metadata(&page).map_or(0, |metadata| metadata.len());
    if size > LARGE {
        let text = format!(
            "{name}: the page has {} MB; without --embed it refers to its pictures",
            size >> 20
        );
        reporter.note("large", text);
    }
    match pictures {
        0 => reporter.note("empty", format!("{name}: there is no picture yet")),
        count => reporter.detail(format!("{name}: a page of {count} pictures, {size} bytes")),
    }
    reporter.result(&page.to_string_lossy());
    Ok(Outcome::Success)
}

/// The name of the directory, also where it was given as `.` or `..`.
fn title(args: &GalleryArgs) -> String {
    let resolved = std::fs::canonicalize(&args.dir);
    let path = resolved.as_deref().unwrap_or(&args.dir);
    match path.file_name() {
        Some(name) => escape(name),
        None => "wbimg".to_owned(),
    }
}
