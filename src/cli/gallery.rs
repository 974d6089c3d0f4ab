//! The command line of `wbimg gallery`.

use std::path::PathBuf;

use clap::Args;

use super::values::{ColorArg, ProgressArg};
use crate::report::{Reporter, Verbosity};

const EXAMPLES: &str = "\
Examples:
  wbimg gallery out                   out/index.html, beside the pictures
  wbimg gallery out --embed           one file that can be sent around
  xdg-open \"$(wbimg gallery out)\"     make it, and look at it";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GalleryArgs {
    /// Output directory of `wbimg convert`.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// Put the pictures into the page, which then needs no other file.
    #[arg(long)]
    pub(crate) embed: bool,

    /// Title of the page. Default: the directory's name.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// Worker threads. Default: all cores.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,

    /// Print errors only.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say what is on the page.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// A progress bar; auto: on a terminal.
    #[arg(long, value_enum, default_value_t = ProgressArg::Auto)]
    pub(crate) progress: ProgressArg,

    /// Color in messages.
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

impl GalleryArgs {
    pub(crate) fn reporter(&self) -> Reporter {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        Reporter::new(verbosity, self.color)
    }
}
