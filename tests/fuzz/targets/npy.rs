//! The `.npy` reader, and what is made of what it reads: the first bytes choose the settings.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use wbimg::picture::{Canvas, Opened, Workbench};
use wbimg::read::Source;
use wbimg_fuzz::{Choices, within};

fuzz_target!(init: wbimg_fuzz::tell_panics_apart(), |data: &[u8]| -> Corpus {
    let Some((choices, bytes)) = Choices::split(data) else {
        return Corpus::Reject;
    };
    if !bytes.starts_with(b"\x93NUMPY") {
        return Corpus::Reject;
    }
    let settings = choices.settings();
    within(Choices::BYTES as usize, || {
        let Ok(opened) = Opened::read(Source::memory(bytes.to_vec()), None, &settings) else {
            return;
        };
        let bench = &mut Workbench::default();
        for n in 0..opened.count().min(4) {
            let _ = opened.picture(n, &settings, Canvas::Wanted, bench);
        }
    });
    Corpus::Keep
});
