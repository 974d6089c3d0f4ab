//! `wbimg man`: the manual page, from the same source as the help.

use clap::CommandFactory;
use clap_mangen::Man;

use super::Outcome;
use crate::cli::Cli;
use crate::report::Reporter;

pub(crate) fn run(reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    // One page for all, so that a search in it finds everything.
    for subcommand in command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        let man = Man::new(subcommand.clone());
        let name = format!("wbimg {}", subcommand.get_name()).to_uppercase();
        page.extend(format!(".SH \"{name}\"\n").bytes());
        let mut sections = Vec::new();
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        let sections = String::from_utf8_lossy(&sections).replace("\n.SH ", "\n.SS ");
        page.extend(
            sections
                .strip_prefix(".SH ")
                .map_or_else(|| sections.clone(), |rest| format!(".SS {rest}"))
                .bytes(),
        );
    }
    match reporter.bytes(&page) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(Outcome::Success),
    }
}
