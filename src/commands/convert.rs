//! `wbimg convert`: inputs become files in the output directory, rows in its manifest and lines on standard
//! output; or one input becomes bytes on standard output.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use wbimg::batch::{self, Batch, Done, Failed, Failure, KeySharing, Labels, OnFailure};
use wbimg::encode::{EncodeOptions, Encoder};
use wbimg::history::MAX_IMAGES;
use wbimg::input::{self, Input, InputNote, Inputs, KeyRule, is_refused_key};
use wbimg::media::{FrameName, Row, WarningRecord};
use wbimg::mode::{FileType, Target};
use wbimg::picture::{ImageFiles, Opened, Settings};
use wbimg::plan::{Scaling, Wish};
use wbimg::read::{DecodedChange, SizeLimits};
use wbimg::selection::PassedOver;
use wbimg::store::Store;
use wbimg::warning::Warning;

use super::Outcome;
use super::hint::{hint, hint_for_array};
use super::interrupt::Interrupt;
use crate::cli::{ConvertArgs, PictureArgs, RangeArg, parse_caption};
use crate::report::Reporter;

/// Runs the command. An error is one of usage: nothing was written.
pub(crate) fn run(args: &ConvertArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let settings = settings(&args.picture)?;
    let labels = labels(args, reporter)?;
    let inputs = gather(args, reporter)?;
    if args.out.as_os_str() == "-" {
        return to_stdout(args, &inputs.list, &settings, reporter);
    }
    let walk_failed = !inputs.failures.is_empty();
    for failure in &inputs.failures {
        reporter.error(
            Some(&failure.source),
            &format!("cannot be searched: {}", system(&failure.error)),
        );
    }
    let directory = input::escape(args.out.as_os_str());
    let store = Store::open(&args.out).with_context(|| directory.clone())?;
    refuse_taken_keys(&inputs.list, &store, &settings, args.labels.step)?;
    let share = share(args, inputs.list, reporter);
    let batch = Batch {
        inputs: &share,
        settings,
        labels,
        store: &store,
        jobs: jobs(args),
        on_failure: if args.run.fail_fast {
            OnFailure::Stop
        } else {
            OnFailure::GoOn
        },
    };
    let mut session = Session::new(args, reporter);
    let interrupt = Interrupt::install();
    batch.run(|result| {
        session.hear(result);
        match interrupt.signal() {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    });
    let Session {
        rows,
        failed,
        warned,
        ..
    } = session;
    note_long_lists(&rows, reporter);
    let recorded = store.record(rows);
    if let Err(error) = &recorded {
        reporter.error(Some(&directory), &chain(error));
    }
    Ok(match interrupt.signal() {
        Some(signal) => Outcome::Interrupted(signal),
        None if failed || walk_failed || recorded.is_err() || (args.run.strict && warned) => {
            Outcome::Failure
        }
        None => Outcome::Success,
    })
}

/// What a run has come to so far.
struct Session<'a> {
    args: &'a ConvertArgs,
    reporter: &'a mut Reporter,
    rows: Vec<Row>,
    first_sizes: HashMap<String, (u32, u32)>,
    failed: bool,
    warned: bool,
}

impl<'a> Session<'a> {
    fn new(args: &'a ConvertArgs, reporter: &'a mut Reporter) -> Self {
        Self {
            args,
            reporter,
            rows: Vec::new(),
            first_sizes: HashMap::new(),
            failed: false,
            warned: false,
        }
    }

    fn hear(&mut self, result: Result<Done, Failed>) {
        match &result {
            Ok(done) => note_passed_over(&done.row.source, &done.passed_over, self.reporter),
            Err(failed) => note_passed_over(&failed.source, &failed.passed_over, self.reporter),
        }
        match result {
            Ok(done) => self.take(done),
            Err(failed) => {
                self.failed = true;
                let subject = subject(&failed.source, &failed.frame);
                let hint = hint(&failed.error)
                    .map(|hint| format!(": {hint}"))
                    .unwrap_or_default();
                self.reporter
                    .error(Some(&subject), &(chain(&failed.error) + &hint));
            }
        }
    }

    fn take(&mut self, done: Done) {
        let Done {
            mut row,
            changes,
            is_image_file,
            mut warnings,
            passed_over: _,
        } = done;
        let size = (row.media.width, row.media.height);
        let first = *self.first_sizes.entry(row.key.clone()).or_insert(size);
        if first != size {
            let warning = Warning::SizeMismatch { size, first };
            row.warnings.push(WarningRecord::from(&warning));
            warnings.push(warning);
        }
        let subject = subject(&row.source, &row.frame);
        for warning in &warnings {
            if !self
                .args
                .run
                .allow
                .iter()
                .any(|code| code == warning.code())
            {
                self.warned = true;
                self.reporter
                    .warning(&subject, &warning.to_string(), warning.code());
            }
        }
        if is_image_file && !self.args.picture.reencode {
            note_ignored_options(&subject, &self.args.picture, self.reporter);
        }
        for change in changes {
            let (kind, text) = describe_change(change);
            self.reporter.note(kind, format!("{subject}: {text}"));
        }
        if let Some(array) = &row.array {
            self.reporter.detail(format!(
                "{subject}: {} {:?} read as {}, {} to {}, {} image",
                array.dtype, array.shape, array.layout, array.rescale, array.mode, row.media.format
            ));
        }
        if self.args.terminal.json {
            self.reporter
                .result(&serde_json::to_string(&row).unwrap_or_default());
        } else {
            let path = self.args.out.join(&row.media.path);
            self.reporter.result(&path.to_string_lossy());
        }
        self.rows.push(row);
    }
}

fn settings(args: &PictureArgs) -> anyhow::Result<Settings> {
    let file_type = args.file_type.unwrap_or(FileType::Png);
    if let Some(mode) = args.mode {
        Target::new(mode, file_type)?;
    }
    Ok(Settings {
        wish: Wish {
            layout: args.layout.0,
            mode: args.mode,
            file_type,
            scaling: match args.range {
                _ if args.no_normalize => Scaling::Off,
                None => Scaling::PerFrame,
                Some(RangeArg::Batch) => Scaling::PerInput,
                Some(RangeArg::Given(range)) => Scaling::Range(range),
            },
        },
        encode: EncodeOptions {
            quality: args.quality,
            effort: args.compress.into(),
        },
        image_files: if args.reencode {
            ImageFiles::Reencode
        } else {
            ImageFiles::Keep
        },
        limits: SizeLimits {
            pixels: args.max_pixels,
            bytes: args.max_memory,
        },
    })
}

fn labels(args: &ConvertArgs, reporter: &mut Reporter) -> anyhow::Result<Labels> {
    let labels = &args.labels;
    if let Some(key) = labels.key.as_ref().filter(|key| key.is_literal()) {
        let key = key.fill(|_| String::new());
        if is_refused_key(&key) {
            bail!("--key {key:?} cannot be logged: W&B keeps it for itself, or it is empty");
        }
    }
    let caption = labels.caption.as_deref();
    if let Some(text) = caption.filter(|text| Path::new(text).is_file()) {
        reporter.note(
            "caption",
            format!("--caption {text:?} is also the name of a file; it is the caption here"),
        );
    }
    Ok(Labels {
        step: labels.step,
        caption: caption
            .map(parse_caption)
            .transpose()
            .context("--caption")?,
        grouping: labels.grouping,
        keys: match labels.key {
            Some(_) => KeySharing::PerInput,
            None => KeySharing::PerArray,
        },
    })
}

/// The inputs of the whole call.
fn gather(args: &ConvertArgs, reporter: &mut Reporter) -> anyhow::Result<Inputs> {
    let names = match &args.files0_from {
        Some(list) => names_from(list)?,
        None => args.inputs.clone(),
    };
    let rule = match &args.labels.key {
        Some(template) => KeyRule::Template(template.clone()),
        None => KeyRule::Stem,
    };
    let inputs = input::collect(&names, &rule, &args.out).map_err(|e| {
        anyhow::anyhow!("{e}: name a shared key with --key KEY, or --key '{{parent}}/{{stem}}'")
    })?;
    for note in &inputs.notes {
        match note {
            InputNote::Repeated { source } => {
                reporter.note(
                    "repeated",
                    format!("{source}: named more than once, converted once"),
                );
            }
            InputNote::EmptyDirectory { source } => {
                reporter.note(
                    "empty",
                    format!("{source}: no file in it has a known extension"),
                );
            }
        }
    }
    if names.is_empty() {
        reporter.note("empty", "the list of inputs is empty");
    }
    Ok(inputs)
}

/// NUL-separated names.
fn names_from(list: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = list.display();
    let mut bytes = Vec::new();
    if list.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .context("--files0-from -")?;
    } else {
        bytes = std::fs::read(list).with_context(|| format!("--files0-from {shown}"))?;
    }
    let names = bytes.split(|&b| b == 0).filter(|name| !name.is_empty());
    names
        .map(|name| os_name(name).with_context(|| format!("--files0-from {shown}")))
        .collect()
}

#[cfg(unix)]
fn os_name(name: &[u8]) -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(
        <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(name),
    ))
}

#[cfg(not(unix))]
fn os_name(name: &[u8]) -> anyhow::Result<PathBuf> {
    let name = std::str::from_utf8(name)?;
    Ok(PathBuf::from(OsStr::new(name)))
}

/// The inputs that this process converts.
fn share(args: &ConvertArgs, inputs: Vec<Input>, reporter: &mut Reporter) -> Vec<Input> {
    let Some(shard) = args.shard else {
        return inputs;
    };
    let share: Vec<Input> = inputs
        .into_iter()
        .filter(|input| input.index % shard.count == shard.place)
        .collect();
    if share.is_empty() {
        reporter.note(
            "empty",
            format!(
                "share {}/{} of the inputs is empty",
                shard.place + 1,
                shard.count
            ),
        );
    }
    share
}

fn jobs(args: &ConvertArgs) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    args.run.jobs.map_or_else(cores, usize::from)
}

/// `-o -`: the one picture, and nothing else.
fn to_stdout(
    args: &ConvertArgs,
    inputs: &[Input],
    settings: &Settings,
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
    let fail = |reporter: &mut Reporter, error: Failure| {
        let hint = hint(&error)
            .map(|hint| format!(": {hint}"))
            .unwrap_or_default();
        reporter.error(Some(&input.source), &(chain(&error) + &hint));
        Ok(Outcome::Failure)
    };
    let opened = match open(input, settings) {
        Ok(opened) => opened,
        Err(error) => return fail(reporter, error),
    };
    if opened.count() > 1 {
        bail!(
            "{}: -o - takes one image, but this holds {}: choose a directory with -o",
            input.source,
            opened.count()
        );
    }
    note_passed_over(&input.source, opened.passed_over(), reporter);
    let picture = match opened.picture(0, settings, &mut Encoder::default()) {
        Ok(picture) => picture,
        Err(error) => return fail(reporter, error.into()),
    };
    let mut warned = false;
    for warning in &picture.warnings {
        if !args.run.allow.iter().any(|code| code == warning.code()) {
            warned = true;
            reporter.warning(&input.source, &warning.to_string(), warning.code());
        }
    }
    if opened.is_image_file() && !args.picture.reencode {
        note_ignored_options(&input.source, &args.picture, reporter);
    }
    Ok(match reporter.bytes(picture.encoded.bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            reporter.error(
                None,
                &format!("standard output cannot be written: {}", system(&error)),
            );
            Outcome::Failure
        }
        _ if args.run.strict && warned => Outcome::Failure,
        _ => Outcome::Success,
    })
}

fn open(input: &Input, settings: &Settings) -> Result<Opened, Failure> {
    let source = batch::open_source(&input.place, settings.limits.bytes)?;
    Ok(Opened::read(
        source,
        batch::extension(&input.place).as_deref(),
        settings,
    )?)
}

/// Refuses, before anything is written, a list so long that it goes on under a key that is taken.
fn refuse_taken_keys(
    inputs: &[Input],
    store: &Store,
    settings: &Settings,
    step: u64,
) -> anyhow::Result<()> {
    let rows = store.rows()?;
    let earlier = rows.iter().filter(|row| row.step == step);
    let mut images: HashMap<&str, Vec<Option<&Input>>> = HashMap::new();
    for row in earlier {
        if !inputs.iter().any(|input| input.source == row.source) {
            images.entry(&row.key).or_default().push(None);
        }
    }
    for input in inputs {
        images.entry(&input.key).or_default().push(Some(input));
    }
    for key in images.keys() {
        let Some((stem, part)) = key.rsplit_once('_') else {
            continue;
        };
        let Some(part) = part
            .parse()
            .ok()
            .filter(|&part: &usize| part >= 2 && !key.contains("_0"))
        else {
            continue;
        };
        let Some(list) = images.get(stem) else {
            continue;
        };
        // An input that cannot be opened has no image; the batch will say why.
        let count = |input: &Input| open(input, settings).map_or(0, |opened| opened.count());
        let total: usize = list.iter().map(|image| image.map_or(1, count)).sum();
        if total > MAX_IMAGES * (part - 1) {
            bail!(
                "{stem:?} has {total} images, which go on as {key:?} after {MAX_IMAGES}, but that key is taken: \
                 choose another with --key"
            );
        }
    }
    Ok(())
}

fn note_long_lists(rows: &[Row], reporter: &mut Reporter) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        *counts.entry(&row.key).or_default() += 1;
    }
    let mut long: Vec<_> = counts
        .into_iter()
        .filter(|&(_, count)| count > MAX_IMAGES)
        .collect();
    long.sort_unstable();
    for (key, count) in long {
        let last = count.div_ceil(MAX_IMAGES);
        reporter.note(
            "long-list",
            format!("{key}: W&B shows {MAX_IMAGES} images of a list; all {count} are logged, up to {key}_{last}"),
        );
    }
}

/// Says which options an image file passed over.
fn note_ignored_options(subject: &str, args: &PictureArgs, reporter: &mut Reporter) {
    let given = [
        ("--file-type", args.file_type.is_some()),
        ("--mode", args.mode.is_some()),
        ("--no-normalize", args.no_normalize),
        ("--range", args.range.is_some()),
    ];
    let names: Vec<&str> = given
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect();
    if !names.is_empty() {
        let names = names.join(", ");
        reporter.note(
            "kept",
            format!("{subject}: image files keep their bytes, so {names} had no effect; --reencode decodes them first"),
        );
    }
}

/// Says what is in a container and is no picture.
fn note_passed_over(source: &str, passed_over: &[PassedOver], reporter: &mut Reporter) {
    for PassedOver { name, why } in passed_over {
        let hint = hint_for_array(why).map_or_else(String::new, |hint| format!(": {hint}"));
        reporter.note(
            "passed-over",
            format!("{source}:{name}: passed over: {why}{hint}"),
        );
    }
}

fn describe_change(change: DecodedChange) -> (&'static str, &'static str) {
    match change {
        DecodedChange::ReducedTo8Bits => {
            ("8bit", "16-bit samples were reduced to their upper 8 bits")
        }
        DecodedChange::Turned => ("turned", "turned upright, as its EXIF orientation says"),
        DecodedChange::FirstFrame => (
            "animation",
            "only the first frame of the animation was taken",
        ),
    }
}

/// The input, and which picture of it.
fn subject(source: &str, frame: &FrameName) -> String {
    match frame {
        FrameName::Only => source.to_owned(),
        FrameName::Number(n) => format!("{source}[{n}]"),
        FrameName::Named(..) => format!("{source}:{frame}"),
    }
}

/// An error and its causes on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
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
fn system(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
