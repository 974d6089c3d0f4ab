//! What the fuzz targets have in common: which panics are findings, how much memory is one, and settings from
//! bytes.

mod choices;
mod memory;

pub use choices::Choices;
pub use memory::within;

/// A panic of a decoder, caught where the program catches it, is no finding; one that gets out of that is, because
/// libFuzzer aborts on it. Panics of our own code are findings wherever they are caught.
///
/// To be called when libFuzzer has set its hook, which aborts on all of them.
pub fn tell_panics_apart() {
    std::panic::set_hook(Box::new(|info| {
        let file = info.location().map_or("", std::panic::Location::file);
        let is_ours = !file.contains("/registry/src/") && !file.starts_with("/rustc/");
        if is_ours {
            eprintln!("{info}");
            std::process::abort();
        }
    }));
}
