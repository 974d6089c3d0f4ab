//! `wbimg`: arrays and image files in, encoded pictures and W&B media JSON out.
//!
//! - `cli`: the command line as typed
//! - `commands`: one file per subcommand, on top of the library
//! - `progress`: the bar on a terminal
//! - `tally`, `github`: what a run has come to, and what GitHub Actions shows of it
//! - `report`: the two streams and what is said on them

mod cli;
mod commands;
mod github;
mod progress;
mod report;
mod tally;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, ColorArg, Command};
use commands::interrupt::Interrupt;
use report::{Lost, Reporter, Verbosity};

fn main() -> ExitCode {
    let interrupt = Interrupt::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    commands::interrupt::survive_file_size_limit();
    let mut reporter = cli.reporter();
    let outcome = match &cli.command {
        Command::Convert(args) => commands::convert::run(args, &interrupt, &mut reporter),
        Command::Inspect(args) => commands::inspect::run(args, &mut reporter),
        Command::Gallery(args) => commands::gallery::run(args, &mut reporter),
        Command::Man => commands::man::run(&mut reporter),
        Command::Verify(args) => commands::verify::run(args, &mut reporter),
        Command::WandbRun(args) => commands::wandb_run::run(args, &interrupt, &mut reporter),
        Command::Completions { shell } => commands::completions::run(*shell, &mut reporter),
    };
    let status = outcome.map_or_else(
        |error| {
            reporter.error(None, &commands::one_line(&error));
            ExitCode::from(2)
        },
        ExitCode::from,
    );
    match reporter.finish() {
        Lost::Results if status == ExitCode::SUCCESS => ExitCode::FAILURE,
        _ => status,
    }
}

/// Prints help where it was asked for, else one line on what is wrong with the command line.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        // A closed pipe is no failure.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    Reporter::new(Verbosity::Normal, ColorArg::Auto).error(None, &cli::one_line(error));
    ExitCode::from(2)
}
