//! `wbimg wandb-run` as typed.

use std::path::PathBuf;

use clap::Args;

use wbimg::wandb_run::{DisplayName, Entity, Project, RunId, Tag};

use super::{ColorArg, verbosity};
use crate::report::Reporter;

const EXAMPLES: &str = "\
Examples:
  wbimg wandb-run out --project p      wandb/offline-run-20261125_225508-…
  wandb sync \"$(wbimg wandb-run out --project p)\"
  wbimg wandb-run out --run-id ID      into the run that has this id

The run's id is kept in DIR, so that a second upload goes to the same run.
Exit status: 0 the run is there; 1 a file of DIR is missing, or writing
failed; 2 the command line or DIR is unusable. Nothing half-written is left.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WandbRunArgs {
    /// Output directory of `wbimg convert`.
    #[arg(value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// W&B project that the run goes to. Default: what `wandb sync` is told.
    #[arg(short, long)]
    pub(crate) project: Option<Project>,

    /// User or team that the project belongs to. Default: who uploads it.
    #[arg(short, long)]
    pub(crate) entity: Option<Entity>,

    /// What the run is called in tables and charts.
    #[arg(long)]
    pub(crate) name: Option<DisplayName>,

    /// Id of the run. Default: one that stays the same for DIR.
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,

    /// Tag of the run; may be given several times.
    #[arg(long)]
    pub(crate) tag: Vec<Tag>,

    /// Text beside the run.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,

    /// Directory of runs, made if missing.
    #[arg(long, value_name = "DIR", default_value = "wandb")]
    pub(crate) dir: PathBuf,

    /// Print errors and the path only.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Color in messages.
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

impl WandbRunArgs {
    pub(super) fn reporter(&self) -> Reporter {
        Reporter::new(verbosity(self.quiet), self.color)
    }
}
