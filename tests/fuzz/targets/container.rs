//! `.npz`, `.pt` (zip and legacy) and `.safetensors`: what is found in them, and what is made of it.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use wbimg::picture::{Canvas, Opened, Workbench};
use wbimg::read::Source;
use wbimg_fuzz::{Choices, within};

fuzz_target!(init: wbimg_fuzz::tell_panics_apart(), |data: &[u8]| -> Corpus {
    let Some((choices, bytes)) = Choices::split(data) else {
        return Corpus::Reject;
    };
    let settings = choices.settings();
    within(Choices::BYTES as usize, || {
        let source = Source::memory(bytes.to_vec());
        let Ok(opened) = Opened::read(source, None, &settings) else {
            return Corpus::Keep;
        };
        if opened.is_image_file() {
            return Corpus::Reject;
        }
        let bench = &mut Workbench::default();
        for n in 0..opened.count().min(4) {
            let _ = opened.plan(n, &settings);
        }
        let last = opened.count() - 1;
        let _ = opened.frame(last);
        let _ = opened.picture(last, &settings, Canvas::Unwanted, bench);
        Corpus::Keep
    })
});
