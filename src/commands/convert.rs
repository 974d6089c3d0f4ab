//! `wbimg convert`: inputs become files in the output directory, rows in its manifest and lines on standard
//! output; or one input becomes bytes on standard output.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use anyhow::{Context, bail};

use wbimg::batch::{Batch, Failed, News, OnFailure};
use wbimg::history::{self, MAX_IMAGES};
use wbimg::input::{self, Input};
use wbimg::job::{Done, Failure, Job};
use wbimg::label_files::LabelFiles;
use wbimg::media::{WarningRecord, json_line};
use wbimg::note::NoteRecord;
use wbimg::picture::{Picture, Workbench};
use wbimg::store::{Keys, RowLine, Store, Survives, Unheard, Whole};
use wbimg::warning::Warning;

use super::Outcome;
use super::interrupt::Interrupt;
use super::request;
use super::unused::{self, Made};
use super::words::{chain, failure, subject, system, tell_notes};
use crate::cli::ConvertArgs;
use crate::report::Reporter;
use crate::tally::Tally;

/// Runs the command. An error is one of usage: nothing was written.
pub(crate) fn run(
    args: &ConvertArgs,
    interrupt: &Interrupt,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let labels = request::labels(&args.labels, reporter)?;
    let overlay = request::overlay(&args.drawing)?;
    let job = request::job(&args.picture, &args.annotations, labels, overlay)?;
    let strays = job.label_files.as_ref().map_or(0, LabelFiles::strays);
    if strays > 0 {
        let text = format!("--labels: {strays} objects belong to no image of their file");
        reporter.note("labels", text);
    }
    let over = request::passed_over(Some(&args.out), &args.annotations);
    let keys = request::key_rule(&args.labels);
    let inputs = request::inputs(&args.input, &keys, &over, reporter)?;
    if args.out.as_os_str() == "-" {
        return to_stdout(args, &inputs.list, &job, reporter);
    }
    let directory = input::escape(args.out.as_os_str());
    let store = Store::open(&args.out).with_context(|| directory.clone())?;
    let store = store.surviving(match args.run.sync {
        true => Survives::Machine,
        false => Survives::Process,
    });
    refuse_taken_keys(&inputs.list, &store, &job)?;
    let share = request::share(args, inputs.list, reporter);
    let mut session = Session::new(args, reporter);
    for failure in &inputs.failures {
        let message = format!("cannot be searched: {}", system(&failure.error));
        session.fail(&failure.source, &failure.source, &message);
    }
    let batch = Batch {
        inputs: &share,
        job,
        store: &store,
        threads: request::threads(args),
        on_failure: match args.run.fail_fast {
            true => OnFailure::Stop,
            false => OnFailure::GoOn,
        },
    };
    session
        .reporter
        .start_progress(args.terminal.progress, batch.inputs.len());
    interrupt.hold();
    batch.run(|news| {
        match news {
            News::Result(result) => session.hear(*result),
            News::Whole(input) => session.whole.extend(whole(args, input)),
            News::Nothing => {}
            News::Stuck => {
                session.close(&store, &directory, Unheard::Record);
                let _ = session.reporter.finish();
                std::process::exit(
                    interrupt
                        .signal()
                        .map_or(1, |signal| 128 + i32::from(signal)),
                );
            }
        }
        match interrupt.signal() {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    });
    let unheard = match interrupt.signal() {
        Some(_) => Unheard::Record,
        None => Unheard::Drop,
    };
    session.close(&store, &directory, unheard);
    Ok(match interrupt.signal() {
        Some(signal) => Outcome::Interrupted(signal),
        None if session.failed || (args.run.strict && session.warned) => Outcome::Failure,
        None => Outcome::Success,
    })
}

/// What a run has come to so far.
struct Session<'a> {
    args: &'a ConvertArgs,
    reporter: &'a mut Reporter,
    rows: Vec<RowLine>,
    /// Inputs all of whose pictures are among them.
    whole: Vec<Whole<'a>>,
    first_sizes: HashMap<String, (u32, u32)>,
    /// The last input that was heard of.
    heard: Option<String>,
    tally: Tally,
    failed: bool,
    warned: bool,
}

impl<'a> Session<'a> {
    fn new(args: &'a ConvertArgs, reporter: &'a mut Reporter) -> Self {
        Self {
            args,
            reporter,
            rows: Vec::new(),
            whole: Vec::new(),
            first_sizes: HashMap::new(),
            heard: None,
            tally: Tally::begin(),
            failed: false,
            warned: false,
        }
    }

    fn hear(&mut self, result: Result<Done, Failed>) {
        let source = match &result {
            Ok(done) => &done.row.source,
            Err(failed) => &failed.source,
        };
        if self.heard.as_ref() != Some(source) {
            self.tally.inputs += 1;
            self.heard = Some(source.clone());
        }
        match result {
            Ok(done) => self.take(done),
            Err(failed) => {
                tell_notes(&failed.source, &failed.notes, self.reporter);
                let subject = subject(&failed.source, &failed.frame);
                self.fail(&failed.source, &subject, &failure(&failed.error));
            }
        }
        let Tally {
            inputs, failures, ..
        } = self.tally;
        self.reporter.progress(inputs, failures);
    }

    fn take(&mut self, done: Done) {
        let Done {
            mut row,
            mut line,
            notes,
            ..
        } = done;
        let size = (row.media.width, row.media.height);
        let first = *self.first_sizes.entry(row.key.clone()).or_insert(size);
        if first != size {
            let warning = Warning::SizeMismatch { size, first };
            row.warnings.push(WarningRecord::from(&warning));
            line = json_line(&row);
        }
        let subject = subject(&row.source, &row.frame);
        let told = warn(
            self.args,
            &row.source,
            &subject,
            &row.warnings,
            self.reporter,
        );
        self.warned |= !told.is_empty();
        self.tally.add(row.media.size, &told);
        unused::note(
            &subject,
            &self.args.picture,
            &Made::from(&row),
            self.reporter,
        );
        tell_notes(&row.source, &notes, self.reporter);
        if let Some(array) = &row.array {
            self.reporter.detail(format_args!(
                "{subject}: {} {:?} read as {}, {} to {}, {} image",
                array.dtype, array.shape, array.layout, array.rescale, array.mode, row.media.format
            ));
        }
        let line = RowLine::new(&row, line);
        if self.args.terminal.json {
            self.reporter.json(line.text());
        } else {
            let path = self.args.out.join(&row.media.path);
            self.reporter.result(&path.to_string_lossy());
        }
        self.rows.push(line);
    }

    /// Merges what was converted into the directory's manifest, and tells what that was.
    fn close(&mut self, store: &Store, directory: &str, unheard: Unheard) {
        self.record(store, directory, unheard);
        self.reporter.sum_up(directory, &self.tally);
    }

    fn record(&mut self, store: &Store, directory: &str, unheard: Unheard) {
        let rows = std::mem::take(&mut self.rows);
        note_long_lists(&rows, self.reporter);
        if let Err(error) = store.record(rows, &self.whole, unheard) {
            self.fail(directory, directory, &chain(&error));
        }
    }

    /// Tells and counts a failure of a picture, `subject`, of `file`.
    fn fail(&mut self, file: &str, subject: &str, message: &str) {
        self.failed = true;
        self.reporter.error_in(file, subject, message);
        self.tally.fail(subject, message);
    }
}

/// An input of which no other pictures are to be left, unless it was asked for a part of it.
fn whole<'a>(args: &ConvertArgs, input: &'a Input) -> Option<Whole<'a>> {
    let is_whole = args.picture.frames.is_none() && args.picture.select.is_none();
    is_whole.then_some(Whole {
        source: &input.source,
        key: &input.key,
        keys: match args.labels.key {
            Some(_) => Keys::One,
            None => Keys::Below,
        },
    })
}

/// `-o -`: the one picture, and nothing else.
fn to_stdout(
    args: &ConvertArgs,
    inputs: &[Input],
    job: &Job,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    if args.terminal.json {
        bail!("-o - writes the image to stdout, where --json would go: give one of them");
    }
    let [input] = inputs else {
        bail!(
            "-o - takes exactly one image, but {} inputs were named: choose a directory with -o",
            inputs.len()
        );
    };
    let mut bench = Workbench::default();
    bench.encoder.share_among(request::threads(args));
    let made = job.open(input).and_then(|open| {
        let count = open.count();
        let picture = match count {
            1 => Some(job.picture(&open, 0, &mut bench)?),
            _ => None,
        };
        Ok(picture.ok_or(count))
    });
    let picture: Picture = match made {
        Ok(Ok(picture)) => picture,
        Ok(Err(count)) => bail!(
            "{}: -o - takes one image, but this holds {count}: choose a directory with -o",
            input.source
        ),
        Err(error) => return Ok(fail(&input.source, &error, reporter)),
    };
    let warnings: Vec<_> = picture.warnings.iter().map(WarningRecord::from).collect();
    let told = warn(args, &input.source, &input.source, &warnings, reporter);
    let made = Made::from(&picture);
    unused::note(&input.source, &args.picture, &made, reporter);
    let notes: Vec<_> = picture.notes.iter().map(NoteRecord::from).collect();
    tell_notes(&input.source, &notes, reporter);
    Ok(match reporter.bytes(picture.encoded.bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let message = format!("standard output cannot be written: {}", system(&error));
            reporter.error(None, &message);
            Outcome::Failure
        }
        _ if args.run.strict && !told.is_empty() => Outcome::Failure,
        _ => Outcome::Success,
    })
}

fn fail(source: &str, error: &Failure, reporter: &mut Reporter) -> Outcome {
    reporter.error(Some(source), &failure(error));
    Outcome::Failure
}

/// Tells the warnings that are not allowed, and gives back their codes.
fn warn<'a>(
    args: &ConvertArgs,
    file: &str,
    subject: &str,
    warnings: &'a [WarningRecord],
    reporter: &mut Reporter,
) -> Vec<&'a str> {
    let is_allowed = |warning: &&WarningRecord| args.run.allow.contains(&warning.code);
    let told = warnings.iter().filter(|warning| !is_allowed(warning));
    told.map(|WarningRecord { code, message }| {
        reporter.warning(file, subject, message, code);
        code.as_str()
    })
    .collect()
}

/// Refuses, before anything is written, a list so long that it goes on under a key that is taken.
fn refuse_taken_keys(inputs: &[Input], store: &Store, job: &Job) -> anyhow::Result<()> {
    let keys: BTreeSet<&str> = inputs.iter().map(|input| input.key.as_str()).collect();
    let recorded = store.sources_by_key(job.labels.step, &keys)?;
    let named: HashSet<(&str, &str)> = inputs
        .iter()
        .map(|input| (input.source.as_str(), input.key.as_str()))
        .collect();
    let mut images: HashMap<&str, Vec<Option<&Input>>> = HashMap::new();
    for (key, rows) in &recorded {
        let is_replaced = |source: &&String| named.contains(&(source.as_str(), key.as_str()));
        let kept = rows.iter().filter(|source| !is_replaced(source));
        let kept: Vec<Option<&Input>> = kept.map(|_| None).collect();
        if !kept.is_empty() {
            images.insert(key, kept);
        }
    }
    for input in inputs {
        images.entry(&input.key).or_default().push(Some(input));
    }
    // An input that cannot be opened has no image; the batch will say why.
    let count = |input: &Input| job.open(input).map_or(0, |open| open.count());
    for key in images.keys() {
        let Some((list, part)) = history::part_of(key)
            .and_then(|(stem, part)| Some((images.get_key_value(stem)?, part)))
        else {
            continue;
        };
        let (stem, list) = list;
        let total: usize = list.iter().map(|image| image.map_or(1, count)).sum();
        if total > MAX_IMAGES * part {
            bail!(
                "{stem:?} has {total} images, which go on as {key:?} after {MAX_IMAGES}, but that key is \
                 taken: choose another with --key"
            );
        }
    }
    Ok(())
}

fn note_long_lists(rows: &[RowLine], reporter: &mut Reporter) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        *counts.entry(row.key()).or_default() += 1;
    }
    let long = counts.into_iter().filter(|&(_, count)| count > MAX_IMAGES);
    let mut long: Vec<_> = long.collect();
    long.sort_unstable();
    for (key, count) in long {
        let last = history::part_key(key, (count - 1) / MAX_IMAGES);
        reporter.note(
            "long-list",
            format!("{key}: W&B shows {MAX_IMAGES} images of a list; all {count} are logged, up to {last}"),
        );
    }
}
