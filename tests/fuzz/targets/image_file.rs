//! Image files: what passes the check has a size, and what decodes has the same.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use wbimg::read::{Decoded, ImageFile, ImageKind, Upright};
use wbimg_fuzz::{Choices, within};

fuzz_target!(init: wbimg_fuzz::tell_panics_apart(), |bytes: &[u8]| -> Corpus {
    let Some(kind) = ImageKind::of(bytes) else {
        return Corpus::Reject;
    };
    let limits = Choices::limits();
    // Twice the pixels, to turn them, and what decoders need for themselves.
    within(3 * Choices::BYTES as usize, || {
        let checked = ImageFile::check(bytes, kind, limits);
        let decoded = Decoded::read(bytes, kind, limits, Upright::AsStored);
        let _ = Decoded::read(bytes, kind, limits, Upright::Turned);
        if let (Ok(file), Ok(decoded)) = (&checked, &decoded) {
            let size = (file.width as usize, file.height as usize);
            assert_eq!(size, (decoded.raster.width(), decoded.raster.height()));
            assert!(size.0 > 0 && size.1 > 0);
        }
    });
    Corpus::Keep
});
