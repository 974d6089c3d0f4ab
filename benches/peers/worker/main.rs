//! `wbimg`'s side of the comparison with its peers: a process that takes requests on standard input, one JSON object a
//! line, and answers each with a line of what it cost, in CPU time of its one thread. `worker.py` is the other side;
//! the driver asks them in turn, so that both meet the same noise.

mod clock;
mod desk;
mod kernels;
mod pictures;

use std::io::{BufRead, Write};

use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let mut desk = desk::Desk::default();
    let mut answers = std::io::stdout().lock();
    for request in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&request?)?;
        let answer = desk.answer(&request)?;
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}
