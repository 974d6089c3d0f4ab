//! The command line as typed. Nothing here reads a file; what the words mean is decided in `commands`.

mod deferred;
mod gallery;
mod values;
mod verify;
mod wandb_run;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::report::{Reporter, Verbosity};
use wbimg::draw::{ClassPick, LineWidth, MaskAlpha};
use wbimg::encode::jpeg::Quality;
use wbimg::input::KEY_PLACEHOLDERS;
use wbimg::mode::{FileType, Mode};
use wbimg::picture::FrameSlice;
use wbimg::render::Colormap;
use wbimg::template::Template;
use wbimg::warning::Warning;

pub(crate) use deferred::Deferred;
pub(crate) use gallery::GalleryArgs;
pub(crate) use values::{ColorArg, OverlayArg, ProgressArg, RangeArg, parse_caption};
use values::{
    Compress, LayoutArg, Shard, colormap_parser, file_type_parser, layout_parser, mode_parser,
    parse_frames, parse_line_width, parse_mask_alpha, parse_min_score, parse_quality, parse_range,
    parse_shard, parse_size,
};
pub(crate) use verify::VerifyArgs;
pub(crate) use wandb_run::WandbRunArgs;

/// Turns arrays and image files into pictures and the media JSON of Weights & Biases.
///
/// What `wandb.Image(...)` does inside Python, at the shell: the documented picture, the JSON around it, and
/// the reason why it looks as it does.
#[derive(Debug, Parser)]
#[command(name = "wbimg", version, propagate_version = true, max_term_width = 80)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// The streams as this command wants them.
    pub(crate) fn reporter(&self) -> Reporter {
        match &self.command {
            Command::Convert(args) => args.terminal.reporter(),
            Command::Gallery(args) => args.reporter(),
            Command::Verify(args) => args.reporter(),
            Command::WandbRun(args) => args.reporter(),
            Command::Inspect(_) | Command::Man | Command::Completions { .. } => {
                Reporter::new(Verbosity::Normal, ColorArg::Auto)
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Turn arrays and image files into encoded images and W&B media JSON.
    Convert(Deferred<ConvertArgs>),
    /// Say what convert would do with each input, and why; write nothing.
    Inspect(Deferred<InspectArgs>),
    /// Make a page out of an output directory, to look at its pictures.
    ///
    /// DIR/index.html works from the disk, offline: a grid with search, groups
    /// and steps, boxes and masks drawn live, comparison. Its path is printed.
    /// Exit status: 0 it is there; 1 it cannot be written; 2 DIR is no output
    /// directory.
    Gallery(Deferred<GalleryArgs>),
    /// Print the manual page.
    ///
    /// To read it: `wbimg man | man -l -`.
    Man,
    /// Re-hash and decode everything that an output directory refers to.
    ///
    /// A line on standard error per difference. Exit status: 0 all as recorded;
    /// 1 something differs; 2 it is no output directory.
    Verify(Deferred<VerifyArgs>),
    /// Write a W&B offline run from an output directory, for `wandb sync`.
    WandbRun(Deferred<WandbRunArgs>),
    /// Print a completion script for a shell.
    ///
    /// For bash: `wbimg completions bash > /etc/bash_completion.d/wbimg`.
    Completions {
        /// The shell to complete in.
        shell: Shell,
    },
}

fn verbosity(quiet: bool) -> Verbosity {
    match quiet {
        true => Verbosity::Quiet,
        false => Verbosity::Normal,
    }
}

const CONVERT_EXAMPLES: &str = "\
Examples:
  wbimg convert x.npy                     wbimg-out/media/images/x_0_….png
  wbimg convert x.npy --caption           with its stem as the caption
  wbimg convert *.npy --key val --step 7  one list of images at step 7
  wbimg convert x.npy --range=-1:1        -1 is black, 1 is white
  wbimg convert - -o - <x.npy >x.png      standard input to standard output

Exit status: 0 all converted; 1 some input failed, or a warning under --strict;
2 nothing was done: the command line or the output directory is unusable.";

#[derive(Debug, Args)]
#[command(after_help = CONVERT_EXAMPLES)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Output directory, made if missing; `-` writes the one image to stdout.
    #[arg(short, long, value_name = "DIR", default_value = "wbimg-out")]
    pub(crate) out: PathBuf,

    /// Take every N-th input, starting at I (from 1): N processes share a list.
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub(crate) shard: Option<Shard>,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    #[command(flatten)]
    pub(crate) annotations: AnnotationArgs,
    #[command(flatten)]
    pub(crate) drawing: DrawingArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) terminal: TerminalArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Arrays (.npy, .npz, .pt, .safetensors), image files (png, jpeg, bmp, gif,
    /// webp, tiff), directories of them, or `-` for standard input. Content
    /// decides, not the name.
    #[arg(value_name = "INPUT", required_unless_present = "files0_from")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Read NUL-separated input names from FILE; `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "inputs")]
    pub(crate) files0_from: Option<PathBuf>,
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  wbimg inspect x.npy                what convert would do with it, and why
  wbimg inspect x.npy --preview      with a small picture in the terminal
  wbimg inspect *.npy --json | jq -r 'select(.warnings != []) | .source'";

#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Print a JSON object per picture.
    #[arg(long, conflicts_with = "preview")]
    pub(crate) json: bool,

    /// Show a small picture, in colored half-blocks where the terminal shows
    /// nothing better.
    #[arg(long)]
    pub(crate) preview: bool,

    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    #[command(flatten)]
    pub(crate) annotations: AnnotationArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Labels")]
pub(crate) struct LabelArgs {
    /// W&B key that all inputs are logged under. {stem}, {name}, {parent} and
    /// {ext} make one per input. Default: the input's stem.
    #[arg(long, value_parser = |text: &str| Template::new(text, KEY_PLACEHOLDERS))]
    pub(crate) key: Option<Template>,

    /// W&B step.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(..=i64::MAX.unsigned_abs()))]
    pub(crate) step: u64,

    /// Caption; without TEXT, the input's stem. {stem}, {name}, {index}, {step}
    /// and {key} are filled in; {{ and }} are literal braces.
    #[arg(long, value_name = "TEXT", num_args = 0..=1, default_missing_value = "{stem}", allow_hyphen_values = false)]
    pub(crate) caption: Option<String>,

    /// Grouping number.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) grouping: Option<i64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct PictureArgs {
    /// Pillow mode of the written image: 1, L, LA, P, RGB, RGBA, I;16, CMYK,
    /// YCbCr or RGBX. Default: guessed from the channels.
    #[arg(long, value_parser = mode_parser(), hide_possible_values = true)]
    pub(crate) mode: Option<Mode>,

    /// Encoding for arrays [default: png]. Image files keep their bytes.
    #[arg(long, value_name = "png|jpg|jpeg|bmp", value_parser = file_type_parser(), hide_possible_values = true)]
    pub(crate) file_type: Option<FileType>,

    /// Decode image files, and encode them again under --mode and --file-type.
    #[arg(long)]
    pub(crate) reencode: bool,

    /// Do not rescale: clip values to 0..255 and truncate.
    #[arg(long, conflicts_with = "range")]
    pub(crate) no_normalize: bool,

    /// Rescale LO to 0 and HI to 255, clip and truncate. `batch`: choose
    /// among the usual three branches once for all frames of an input.
    #[arg(long, value_name = "LO:HI|batch", value_parser = parse_range, allow_hyphen_values = true)]
    pub(crate) range: Option<RangeArg>,

    /// Axis order: auto, hw, hwc, chw, nhw, nhwc or nchw.
    #[arg(long, value_parser = layout_parser(), default_value = "auto", hide_possible_values = true)]
    pub(crate) layout: LayoutArg,

    /// Take these frames of a batch only: N, A:B or A:B:S, as Python slices.
    #[arg(long, value_name = "A:B:S", value_parser = parse_frames, allow_hyphen_values = true)]
    pub(crate) frames: Option<FrameSlice>,

    /// Take the named arrays of a container that match only, such as 'x.*'.
    #[arg(long, value_name = "GLOB")]
    pub(crate) select: Option<String>,

    /// Color arrays of one channel: viridis, magma, inferno, turbo or gray.
    #[arg(long, value_name = "NAME", value_parser = colormap_parser(), hide_possible_values = true)]
    pub(crate) colormap: Option<Colormap>,

    /// The channels are blue, green, red, as OpenCV has them.
    #[arg(long)]
    pub(crate) bgr: bool,

    /// JPEG quality, 1 to 100 [default: 75].
    #[arg(long, value_name = "N", value_parser = parse_quality)]
    pub(crate) quality: Option<Quality>,

    /// PNG effort: the picture is the same, size and time differ
    /// [default: balanced].
    #[arg(long, value_enum)]
    pub(crate) compress: Option<Compress>,

    /// Refuse pictures of more pixels.
    #[arg(long, value_name = "N", default_value_t = 178_956_970)]
    pub(crate) max_pixels: u64,

    /// Refuse pictures that need more memory: bytes, or with K, M, G.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "1G")]
    pub(crate) max_memory: u64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Boxes, masks and classes")]
pub(crate) struct AnnotationArgs {
    /// JSON for the `boxes` argument of wandb.Image, for every input.
    #[arg(long, value_name = "FILE")]
    pub(crate) boxes: Option<PathBuf>,

    /// JSON for the `masks` argument of wandb.Image, for every input.
    #[arg(long, value_name = "FILE")]
    pub(crate) masks: Option<PathBuf>,

    /// JSON with class names: [{"id":0,"name":"cat"}], {"0":"cat"} or ["cat"].
    #[arg(long, value_name = "FILE")]
    pub(crate) classes: Option<PathBuf>,

    /// Labels as COCO (instances.json; then also a list of detections) or YOLO
    /// (a folder of STEM.txt) write them. Content decides.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) labels: Vec<PathBuf>,

    /// One JSON file with any of caption, grouping, classes, boxes, masks, mode,
    /// file_type, normalize. Default: STEM.wbimg.json or STEM.json beside the
    /// input, if it is one.
    #[arg(long, value_name = "FILE", conflicts_with = "no_sidecar")]
    pub(crate) sidecar: Option<PathBuf>,

    /// Do not look for sidecars.
    #[arg(long)]
    pub(crate) no_sidecar: bool,

    /// Also read mask files below DIR that a JSON file names.
    #[arg(long, value_name = "DIR")]
    pub(crate) media_root: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Drawing of boxes and masks")]
pub(crate) struct DrawingArgs {
    /// Draw boxes and masks into a second picture, where there are any.
    #[arg(long, value_enum, default_value_t = OverlayArg::Auto)]
    pub(crate) overlay: OverlayArg,

    /// Leave out boxes whose score NAME is below X; may be given several times.
    #[arg(long, value_name = "NAME=X", value_parser = parse_min_score)]
    pub(crate) min_score: Vec<(String, f64)>,

    /// Draw this class only, by id or name; may be given several times.
    #[arg(long, value_name = "CLASS")]
    pub(crate) only_class: Vec<ClassPick>,

    /// Do not draw this class; may be given several times.
    #[arg(long, value_name = "CLASS")]
    pub(crate) hide_class: Vec<ClassPick>,

    /// How opaque masks are, 0 to 1 [default: 0.6].
    #[arg(long, value_name = "X", value_parser = parse_mask_alpha)]
    pub(crate) mask_alpha: Option<MaskAlpha>,

    /// Width of box lines in pixels [default: scaled with the picture].
    #[arg(long, value_name = "PIXELS", value_parser = parse_line_width)]
    pub(crate) line_width: Option<LineWidth>,

    /// Colors of classes: wandb, okabe-ito, or a file of #rrggbb colors.
    #[arg(long, value_name = "wandb|okabe-ito|FILE", default_value = "wandb")]
    pub(crate) palette: PathBuf,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunArgs {
    /// Worker threads. Default: all cores.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,

    /// Exit with 1 if there was any warning.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Be silent about warnings of this code; may be given several times.
    #[arg(long, value_name = "CODE", value_parser = PossibleValuesParser::new(Warning::CODES), hide_possible_values = true)]
    pub(crate) allow: Vec<String>,

    /// Have everything on the disk before it is recorded, so that not even a
    /// power failure leaves a row without its files.
    #[arg(long)]
    pub(crate) sync: bool,

    /// Stop at the first failure instead of going on with the others.
    #[arg(long)]
    pub(crate) fail_fast: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TerminalArgs {
    /// Print a manifest row per image instead of its path.
    #[arg(long)]
    pub(crate) json: bool,

    /// Print errors only.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say what was decided for each image.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// A progress bar; auto: on a terminal.
    #[arg(long, value_enum, default_value_t = ProgressArg::Auto)]
    pub(crate) progress: ProgressArg,

    /// Color in messages.
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

impl TerminalArgs {
    fn reporter(&self) -> Reporter {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        Reporter::new(verbosity, self.color)
    }
}

/// What is wrong with a command line, in one line.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let message = text.split("\n\nUsage:").next().unwrap_or(text);
    let message = message
        .split("\n\nFor more information")
        .next()
        .unwrap_or(message);
    let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts: Vec<String> = message.split("\n\n").map(words).collect();
    let swallowed = std::env::args_os()
        .skip_while(|arg| arg != "--caption")
        .nth(1);
    match (error.kind(), swallowed) {
        (ErrorKind::MissingRequiredArgument, Some(text))
            if std::path::Path::new(&text).exists() =>
        {
            let text = text.to_string_lossy();
            format!(
                "no input: --caption took {text:?} as its text: write '{text} --caption' or '--caption -- {text}'"
            )
        }
        (ErrorKind::MissingRequiredArgument, _) if message.contains("<INPUT>") => {
            "no input was named: wbimg convert INPUT..., and see wbimg convert --help".to_owned()
        }
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand, _) => {
            "no command was named: see wbimg --help".to_owned()
        }
        _ => parts.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
