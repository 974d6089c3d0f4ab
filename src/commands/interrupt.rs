//! SIGINT and SIGTERM, turned into a number to look at between pictures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

/// A file that grows over the limit on its size is then an error of that file, not the end of the program.
#[cfg(unix)]
pub(crate) fn survive_file_size_limit() {
    let unused = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unused);
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub(crate) fn survive_file_size_limit() {}

/// Remembers the signal that asked the program to end. Until somebody looks at that, it ends the program, with the
/// status that tells which it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    signal: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
}

impl Interrupt {
    /// Takes over both signals. Where that is not possible, they end the program as they always did.
    pub(crate) fn install() -> Self {
        let interrupt = Self::default();
        interrupt.ends.store(true, Ordering::SeqCst);
        for signal in [SIGINT, SIGTERM] {
            let ends = Arc::clone(&interrupt.ends);
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, ends);
            if let Ok(number) = usize::try_from(signal) {
                let _ = signal_hook::flag::register_usize(
                    signal,
                    Arc::clone(&interrupt.signal),
                    number,
                );
            }
        }
        interrupt
    }

    /// From here on, somebody looks at the signal, between pictures or files.
    pub(crate) fn hold(&self) {
        self.ends.store(false, Ordering::SeqCst);
    }

    /// The signal that came, if one did.
    pub(crate) fn signal(&self) -> Option<u8> {
        let signal = u8::try_from(self.signal.load(Ordering::Relaxed)).ok();
        signal.filter(|&signal| signal != 0)
    }
}
