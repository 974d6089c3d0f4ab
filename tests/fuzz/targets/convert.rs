//! All of `convert` on bytes: choices, a sidecar and an input go in; what comes out must be a directory that
//! `verify` finds nothing in, and that the same call changes nothing in.
//!
//! Choices, the length of the sidecar (two bytes, little-endian), the sidecar, the input.
#![no_main]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use libfuzzer_sys::{Corpus, fuzz_target};
use wbimg::annotate::{Annotator, Given, MediaRoots, SidecarRule};
use wbimg::batch::{Batch, News, OnFailure};
use wbimg::draw::Style;
use wbimg::input::{KeyRule, PassedOver, collect};
use wbimg::job::{Failure, Job, KeySharing, Labels};
use wbimg::media::Row;
use wbimg::store::{RowLine, Store, Unheard};
use wbimg::threads::Threads;
use wbimg::verify::verify;
use wbimg_fuzz::{Choices, within};

fuzz_target!(init: wbimg_fuzz::tell_panics_apart(), |data: &[u8]| -> Corpus {
    let Some((choices, rest)) = Choices::split(data) else {
        return Corpus::Reject;
    };
    let Some((length, rest)) = rest.split_first_chunk() else {
        return Corpus::Reject;
    };
    let Some((sidecar, input)) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length))) else {
        return Corpus::Reject;
    };
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let path = folder.path().join("x.npy");
    fs::write(&path, input).expect("the input is written");
    if !sidecar.is_empty() {
        fs::write(folder.path().join("x.wbimg.json"), sidecar).expect("the sidecar is written");
    }
    let out = folder.path().join("out");
    let rows = within(4 * Choices::BYTES as usize, || run(&path, &out, choices));
    let report = verify(&out, Threads::ONE).expect("the directory is readable");
    assert!(report.differences.is_empty(), "{:?}", report.differences);
    assert_eq!(report.rows, rows.len());
    let before = manifest(&out);
    assert!(run(&path, &out, choices) == rows);
    assert!(manifest(&out) == before, "the same again changed the manifest");
    Corpus::Keep
});

fn run(path: &Path, out: &Path, choices: Choices) -> Vec<Row> {
    let settings = choices.settings();
    let annotator = Annotator {
        roots: MediaRoots::default(),
        limits: settings.limits,
    };
    let job = Job {
        labels: Labels {
            step: 1,
            caption: None,
            grouping: None,
            keys: KeySharing::PerArray,
        },
        given: Given::default(),
        label_files: None,
        sidecars: SidecarRule::Beside,
        overlay: Some(Style::default()),
        annotator,
        settings,
    };
    let inputs = collect(
        &[PathBuf::from(path)],
        &KeyRule::Stem,
        &PassedOver::default(),
    )
    .expect("one input is a list");
    let store = Store::open(out).expect("the directory can be used");
    let batch = Batch {
        inputs: &inputs.list,
        job,
        store: &store,
        threads: Threads::ONE,
        on_failure: OnFailure::GoOn,
    };
    let mut rows = Vec::new();
    batch.run(|news| {
        if let News::Result(result) = news {
            match *result {
                Ok(done) => rows.push(done.row),
                Err(failed) => assert!(
                    !matches!(*failed.error, Failure::Panicked),
                    "a panic outside of decoders"
                ),
            }
        }
        // A batch of thousands of frames is no more telling than one of a few.
        match rows.len() {
            0..40 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    });
    store
        .record(rows.iter().map(RowLine::from).collect(), &[], Unheard::Drop)
        .expect("the rows are recorded");
    rows
}

fn manifest(out: &Path) -> Vec<u8> {
    fs::read(out.join("manifest.jsonl")).expect("there is a manifest")
}
