//! The command line of `wbimg verify`.

use std::path::PathBuf;

use clap::Args;

use super::values::ColorArg;
use super::verbosity;
use crate::report::Reporter;

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Output directory of `wbimg convert`.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// Worker threads. Default: all cores.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,

    /// Print differences only.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Color in messages.
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

impl VerifyArgs {
    pub(crate) fn reporter(&self) -> Reporter {
        Reporter::new(verbosity(self.quiet), self.color)
    }
}
