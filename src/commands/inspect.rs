//! `wbimg inspect`: what `convert` would do with each input, and why, as text for people or JSON for machines.

use std::fmt::Write;

use wbimg::input::{Input, KeyRule};
use wbimg::inspect::{self, Inspection, LayerRecord};
use wbimg::job::{Failure, Job, KeySharing, Labels};
use wbimg::media::json_line;
use wbimg::note::NoteRecord;
use wbimg::picture::Workbench;
use wbimg::template::Template;

use super::preview::Screen;
use super::words::{failure, subject, tell_notes};
use super::{Outcome, request};
use crate::cli::InspectArgs;
use crate::report::Reporter;

/// Runs the command. An error is one of usage.
pub(crate) fn run(args: &InspectArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let labels = Labels {
        step: 0,
        caption: None,
        grouping: None,
        keys: KeySharing::PerArray,
    };
    let job = request::job(&args.picture, &args.annotations, labels, None)?;
    let over = request::passed_over(None, &args.annotations);
    // Keys play no part here, so none can be taken twice.
    let keys = KeyRule::Template(Template::new("inspected", &[])?);
    let inputs = request::inputs(&args.input, &keys, &over, reporter)?;
    let mut output = Output {
        json: args.json,
        screen: Screen::detect(args.preview),
        is_first: true,
        reporter,
    };
    let mut failed = !inputs.failures.is_empty();
    for input in &inputs.list {
        if let Err(error) = output.inspect(input, &job) {
            failed = true;
            output.reporter.error(Some(&input.source), &failure(&error));
        }
    }
    Ok(if failed {
        Outcome::Failure
    } else {
        Outcome::Success
    })
}

/// Where and how inspections are told.
struct Output<'a> {
    json: bool,
    screen: Option<Screen>,
    is_first: bool,
    reporter: &'a mut Reporter,
}

impl Output<'_> {
    /// Tells of each picture of an input.
    fn inspect(&mut self, input: &Input, job: &Job) -> Result<(), Failure> {
        let open = job.open(input)?;
        let notes: Vec<_> = open.notes().iter().map(NoteRecord::from).collect();
        tell_notes(&input.source, &notes, self.reporter);
        for n in 0..open.count() {
            let study = job.plan(&open, n)?;
            let mut inspection = Inspection::new(&input.source, &study);
            let (width, height) = (inspection.picture.width, inspection.picture.height);
            inspection.annotate(&*open.annotations(width, height)?);
            self.tell(&inspection);
            if let Some(screen) = self.screen.filter(|_| !self.json) {
                let picture = job.picture(&open, n, &mut Workbench::default())?;
                // A closed stream is no reason to stop.
                let _ = self.reporter.bytes(&screen.show(picture.encoded.bytes()));
            }
        }
        Ok(())
    }

    fn tell(&mut self, inspection: &Inspection) {
        if self.json {
            return self.reporter.json(&json_line(inspection));
        }
        if !std::mem::take(&mut self.is_first) {
            self.reporter.result("");
        }
        for line in text(inspection).lines() {
            self.reporter.result(line);
        }
    }
}

/// A block of lines about one picture.
fn text(inspection: &Inspection) -> String {
    let mut lines = Lines {
        text: subject(&inspection.source, &inspection.frame) + "\n",
        last: "",
    };
    if inspection.array.is_none() {
        lines.add("file", inspection.container.unwrap_or_default().to_owned());
    }
    if let (Some(array), Some(values)) = (&inspection.array, &inspection.values) {
        let container = inspection.container.unwrap_or_default();
        lines.add(
            "array",
            format!("{container}, {} {:?}", array.dtype, array.shape),
        );
        if let Some(reasons) = &inspection.reasons {
            lines.add("axes", format!("{}: {}", array.layout, reasons.layout));
            lines.add("values", inspect::values(array, values.mean));
            lines.add("", histogram(&values.histogram));
            lines.add("branch", format!("{}: {}", array.rescale, reasons.formula));
            lines.add("because", reasons.rescale.clone());
        }
        if values.clipped > 0 {
            lines.add(
                "cut off",
                format!("{} of {} values", values.clipped, values.count),
            );
        }
    }
    let picture = &inspection.picture;
    let mode = picture
        .mode
        .as_deref()
        .map(|mode| format!(" {mode}"))
        .unwrap_or_default();
    let colored = inspection
        .array
        .as_ref()
        .and_then(|array| array.colormap.as_deref());
    let colored = colored
        .map(|name| format!(", colored by {name}"))
        .unwrap_or_default();
    lines.add(
        "picture",
        format!(
            "{}×{}{mode}, {}{colored}",
            picture.width, picture.height, picture.format
        ),
    );
    for LayerRecord { kind, name, count } in &inspection.layers {
        let what = match (*kind, *count) {
            ("boxes", 1) => "1 box".to_owned(),
            ("boxes", count) => format!("{count} boxes"),
            (_, 1) => "a mask of 1 class".to_owned(),
            (_, count) => format!("a mask of {count} classes"),
        };
        lines.add("layer", format!("{name}: {what}"));
    }
    for warning in &inspection.warnings {
        lines.add("warning", format!("{} [{}]", warning.message, warning.code));
    }
    for note in &inspection.notes {
        lines.add("note", note.clone());
    }
    for way in &inspection.otherwise {
        lines.add("otherwise", way.clone());
    }
    lines.text
}

/// Lines with a word in front; a word that stands in the line above already is left out.
struct Lines {
    text: String,
    last: &'static str,
}

impl Lines {
    fn add(&mut self, word: &'static str, line: String) {
        let shown = if word == self.last { "" } else { word };
        self.last = word;
        let _ = writeln!(self.text, "  {shown:<10} {line}");
    }
}

/// A line of eighths of blocks, as high as the bins are full.
fn histogram(bins: &[u64]) -> String {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = bins.iter().copied().max().unwrap_or(0).max(1);
    // A bin with anything in it is seen.
    let height = |&count: &u64| {
        usize::try_from((count * 8).div_ceil(most))
            .unwrap_or(8)
            .min(8)
    };
    bins.iter().map(|count| BLOCKS[height(count)]).collect()
}
