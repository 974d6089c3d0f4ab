//! The bar on a terminal: how many inputs are through, how fast, what is left, and how many failures there were.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar, or none.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn hidden() -> Self {
        Self { bar: None }
    }

    /// A bar on standard error, redrawn a few times a second.
    pub(crate) fn shown(total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
        let template = "{wide_bar} {pos}/{len} {per_sec}, {eta} left{msg}";
        // The template is known to be right; the default bar would do, too.
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar: Some(bar) }
    }

    pub(crate) fn tell(&self, done: u64, failed: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            if failed > 0 {
                bar.set_message(format!(", {failed} failed"));
            }
        }
    }

    /// Runs something that writes lines, with the bar out of the way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
