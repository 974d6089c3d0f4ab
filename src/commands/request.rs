//! From what was typed to what it means: arguments become the library's types, and the files that flags name are
//! read. An error is one of usage.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use wbimg::annotate::{
    Annotator, Given, MediaRoots, SidecarRule, files_of_masks, files_of_sidecar,
};
use wbimg::draw::{Color, Palette, Style};
use wbimg::encode::EncodeOptions;
use wbimg::encode::png::Effort;
use wbimg::input::{
    self, Input, InputError, InputNote, Inputs, KeyRule, PassedOver, SidecarMasks, is_refused_key,
};
use wbimg::job::{Job, KeySharing, Labels};
use wbimg::label_files::LabelFiles;
use wbimg::mode::{FileType, Target};
use wbimg::picture::{ImageFiles, Settings};
use wbimg::plan::{ChannelOrder, Scaling, Wish};
use wbimg::read::SizeLimits;
use wbimg::selection::Selection;
use wbimg::threads::Threads;

use super::words::chain;
use crate::cli::{
    AnnotationArgs, ConvertArgs, DrawingArgs, InputArgs, LabelArgs, OverlayArg, PictureArgs,
    RangeArg, parse_caption,
};
use crate::report::Reporter;

/// How every input is converted.
pub(crate) fn job(
    picture: &PictureArgs,
    annotations: &AnnotationArgs,
    labels: Labels,
    overlay: Option<Style>,
) -> anyhow::Result<Job> {
    let settings = settings(picture)?;
    let annotator = Annotator {
        roots: MediaRoots::new(annotations.media_root.clone()),
        limits: settings.limits,
    };
    Ok(Job {
        labels,
        given: given(annotations, &annotator)?,
        label_files: LabelFiles::read(&annotations.labels)
            .map_err(|error| anyhow!("--labels {}", chain(&error)))?,
        sidecars: sidecars(annotations, &annotator)?,
        overlay,
        annotator,
        settings,
    })
}

/// How boxes and masks are drawn, if they are.
pub(crate) fn overlay(args: &DrawingArgs) -> anyhow::Result<Option<Style>> {
    Ok(match args.overlay {
        OverlayArg::Auto => Some(style(args)?),
        OverlayArg::Never => None,
    })
}

fn settings(args: &PictureArgs) -> anyhow::Result<Settings> {
    let wish = Wish {
        layout: args.layout.0,
        mode: args.mode,
        file_type: args.file_type,
        scaling: match args.range {
            _ if args.no_normalize => Scaling::Off,
            None => Scaling::PerFrame,
            Some(RangeArg::Batch) => Scaling::PerArray,
            Some(RangeArg::Given(range)) => Scaling::Range(range),
        },
        colormap: args.colormap,
        channel_order: match args.bgr {
            true => ChannelOrder::Bgr,
            false => ChannelOrder::Rgb,
        },
    };
    if let Some(mode) = args.mode {
        // A sidecar may choose another file type, but not where one was typed or none is there.
        Target::new(mode, args.file_type.unwrap_or(FileType::Png))?;
    }
    Ok(Settings {
        wish,
        encode: EncodeOptions {
            quality: args.quality.unwrap_or_default(),
            effort: args.compress.map(Effort::from).unwrap_or_default(),
        },
        image_files: if args.reencode {
            ImageFiles::Reencode
        } else {
            ImageFiles::Keep
        },
        frames: args.frames.unwrap_or_default(),
        selection: Selection::new(args.select.clone()),
        limits: SizeLimits {
            pixels: args.max_pixels,
            bytes: args.max_memory,
        },
    })
}

/// What every picture is labelled with.
pub(crate) fn labels(args: &LabelArgs, reporter: &mut Reporter) -> anyhow::Result<Labels> {
    if let Some(key) = args.key.as_ref().filter(|key| key.is_literal()) {
        let key = key.fill(|_| String::new());
        if is_refused_key(&key) {
            bail!("--key {key:?} cannot be logged: W&B keeps it for itself, or it is empty");
        }
    }
    let caption = args.caption.as_deref();
    if let Some(text) = caption.filter(|text| Path::new(text).is_file()) {
        reporter.note(
            "caption",
            format!("--caption {text:?} is also the name of a file; it is the caption here"),
        );
    }
    Ok(Labels {
        step: args.step,
        caption: caption
            .map(parse_caption)
            .transpose()
            .context("--caption")?,
        grouping: args.grouping,
        keys: match args.key {
            Some(_) => KeySharing::PerInput,
            None => KeySharing::PerArray,
        },
    })
}

/// The annotations that flags name.
fn given(args: &AnnotationArgs, annotator: &Annotator) -> anyhow::Result<Given> {
    Ok(Given {
        boxes: read(args.boxes.as_deref(), "--boxes", |file| {
            annotator.boxes(file)
        })?,
        masks: read(args.masks.as_deref(), "--masks", |file| {
            annotator.masks(file)
        })?,
        classes: read(args.classes.as_deref(), "--classes", |file| {
            annotator.classes(file)
        })?,
    })
}

fn sidecars(args: &AnnotationArgs, annotator: &Annotator) -> anyhow::Result<SidecarRule> {
    let given = read(args.sidecar.as_deref(), "--sidecar", |file| {
        annotator.sidecar(file)
    })?;
    Ok(match given {
        Some(sidecar) => SidecarRule::Given(Box::new(sidecar)),
        None if args.no_sidecar => SidecarRule::Never,
        None => SidecarRule::Beside,
    })
}

/// Reads the file of a flag, if the flag was given.
fn read<T, E: std::error::Error + 'static>(
    file: Option<&Path>,
    flag: &str,
    read: impl FnOnce(&Path) -> Result<T, E>,
) -> anyhow::Result<Option<T>> {
    let value = file.map(read).transpose();
    value.map_err(|error| anyhow!("{flag} {}", chain(&error)))
}

fn style(args: &DrawingArgs) -> anyhow::Result<Style> {
    Ok(Style {
        mask_alpha: args.mask_alpha.unwrap_or_default(),
        line_width: args.line_width,
        palette: palette(&args.palette)?,
        min_scores: args.min_score.clone(),
        only: args.only_class.clone(),
        hide: args.hide_class.clone(),
        ..Style::default()
    })
}

/// A palette by name, or a file with a colour a line (or separated by spaces or commas).
fn palette(name: &Path) -> anyhow::Result<Palette> {
    match name.to_str() {
        Some("wandb") => return Ok(Palette::wandb()),
        Some("okabe-ito") => return Ok(Palette::okabe_ito()),
        _ => {}
    }
    let context = || format!("--palette {}", name.display());
    let text = fs::read_to_string(name).with_context(context)?;
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    let colors = words
        .filter(|word| !word.is_empty())
        .map(str::parse::<Color>);
    let colors = colors.collect::<Result<_, _>>().with_context(context)?;
    Palette::custom(colors).with_context(context)
}

/// The inputs of the whole call.
pub(crate) fn inputs(
    args: &InputArgs,
    keys: &KeyRule,
    over: &PassedOver,
    reporter: &mut Reporter,
) -> anyhow::Result<Inputs> {
    let names = match &args.files0_from {
        Some(list) => names_from(list)?,
        None => args.inputs.clone(),
    };
    let inputs = input::collect(&names, keys, over).map_err(|error| match error {
        InputError::SameKey { .. } => {
            anyhow!("{error}: name a shared key with --key KEY, or --key '{{parent}}/{{stem}}'")
        }
        InputError::OutputDirectory { .. } => {
            anyhow!("{error}: name the files, or write to another directory with -o")
        }
    })?;
    for note in &inputs.notes {
        let (kind, text) = match note {
            InputNote::Repeated { source } => (
                "repeated",
                format!("{source}: named more than once, taken once"),
            ),
            InputNote::OutputDirectory { source } => (
                "output",
                format!("{source}: passed over: it is an output directory"),
            ),
            InputNote::EmptyDirectory { source } => (
                "empty",
                format!("{source}: no file in it has a known extension"),
            ),
        };
        reporter.note(kind, text);
    }
    if names.is_empty() {
        reporter.note("empty", "the list of inputs is empty");
    }
    Ok(inputs)
}

/// How keys are made.
pub(crate) fn key_rule(args: &LabelArgs) -> KeyRule {
    match &args.key {
        Some(template) => KeyRule::Template(template.clone()),
        None => KeyRule::Stem,
    }
}

/// What a search of directories passes over.
pub(crate) fn passed_over(out: Option<&Path>, annotations: &AnnotationArgs) -> PassedOver {
    let masks = annotations.masks.as_deref().map(files_of_masks);
    let sidecar = annotations.sidecar.as_deref().map(files_of_sidecar);
    PassedOver {
        out: out.map(Path::to_owned),
        masks: [masks, sidecar].into_iter().flatten().flatten().collect(),
        sidecars: match annotations.no_sidecar || annotations.sidecar.is_some() {
            true => SidecarMasks::Taken,
            false => SidecarMasks::PassedOver,
        },
    }
}

/// NUL-separated names.
fn names_from(list: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("--files0-from {}", list.display());
    let mut bytes = Vec::new();
    if list.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .with_context(context)?;
    } else {
        bytes = fs::read(list).with_context(context)?;
    }
    let names = bytes.split(|&b| b == 0).filter(|name| !name.is_empty());
    names
        .map(|name| os_name(name).with_context(context))
        .collect()
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems' names can be wrong"
)]
fn os_name(name: &[u8]) -> anyhow::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Ok(PathBuf::from(OsStr::from_bytes(name)))
}

#[cfg(not(unix))]
fn os_name(name: &[u8]) -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(OsStr::new(std::str::from_utf8(name)?)))
}

/// The inputs that this process converts.
pub(crate) fn share(args: &ConvertArgs, inputs: Vec<Input>, reporter: &mut Reporter) -> Vec<Input> {
    let Some(shard) = args.shard else {
        return inputs;
    };
    let mine = |input: &Input| input.index % shard.count == shard.place;
    let share: Vec<Input> = inputs.into_iter().filter(mine).collect();
    if share.is_empty() {
        let (place, count) = (shard.place + 1, shard.count);
        reporter.note(
            "empty",
            format!("share {place}/{count} of the inputs is empty"),
        );
    }
    share
}

/// How many threads work.
pub(crate) fn threads(args: &ConvertArgs) -> Threads {
    Threads::new(args.run.jobs.map(usize::from))
}
