//! `wbimg completions`: a script for a shell, from the same source as the help.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Outcome;
use crate::cli::Cli;
use crate::report::Reporter;

pub(crate) fn run(shell: Shell, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wbimg", &mut script);
    match reporter.bytes(&script) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(Outcome::Success),
    }
}
