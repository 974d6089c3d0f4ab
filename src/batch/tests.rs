use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::annotate::{Annotator, Given, MediaRoots, SidecarRule};
use crate::encode::EncodeOptions;
use crate::input::{KeyRule, PassedOver, collect};
use crate::job::{KeySharing, Labels};
use crate::picture::{FrameSlice, ImageFiles, Settings};
use crate::plan::Wish;
use crate::read::SizeLimits;
use crate::selection::Selection;

fn job() -> Job {
    let limits = SizeLimits {
        pixels: 1 << 20,
        bytes: 1 << 30,
    };
    Job {
        settings: Settings {
            wish: Wish::default(),
            encode: EncodeOptions::default(),
            image_files: ImageFiles::default(),
            frames: FrameSlice::default(),
            selection: Selection::default(),
            limits,
        },
        labels: Labels {
            step: 0,
            caption: None,
            grouping: None,
            keys: KeySharing::PerArray,
        },
        given: Given::default(),
        label_files: None,
        sidecars: SidecarRule::default(),
        annotator: Annotator {
            roots: MediaRoots::default(),
            limits,
        },
        overlay: None,
    }
}

/// A folder of arrays of bytes, each of so many pictures of 8 × 8, but for zeros, which are no arrays.
fn inputs(folder: &Path, pictures: &[usize]) -> Vec<Input> {
    let write = |(n, &count): (usize, &usize)| {
        let shape = format!("({count}, 8, 8, 3)");
        let dict = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}");
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        bytes.extend(format!("{dict:<117}\n").bytes());
        bytes.resize(bytes.len() + count * 8 * 8 * 3, 7);
        bytes.truncate(if count == 0 { 3 } else { bytes.len() });
        let path = folder.join(format!("{n}.npy"));
        fs::write(&path, bytes).unwrap();
        path
    };
    let paths: Vec<PathBuf> = pictures.iter().enumerate().map(write).collect();
    let found = collect(&paths, &KeyRule::Stem, &PassedOver::default());
    found.unwrap().list
}

/// How many threads worked, and what was heard: `true` for a picture.
fn run(
    pictures: &[usize],
    threads: usize,
    on_failure: OnFailure,
    hired: usize,
) -> (usize, Vec<bool>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("out")).unwrap();
    let batch = Batch {
        inputs: &inputs(folder.path(), pictures),
        job: job(),
        store: &store,
        threads: Threads::new(Some(threads)),
        on_failure,
    };
    let work = batch.prepare();
    work.hired.store(hired, Ordering::Relaxed);
    let mut heard = Vec::new();
    batch.run_prepared(&work, |news| {
        if let News::Result(result) = news {
            heard.push(result.is_ok());
        }
        ControlFlow::Continue(())
    });
    (work.hired.into_inner(), heard)
}

#[test]
fn there_are_as_many_workers_as_there_is_work_for_and_no_more_than_asked_for() {
    for (pictures, threads, expected) in [
        (&[1][..], 3, 1),
        (&[40], 3, 3),
        (&[2], 3, 2),
        (&[40], 1, 1),
        (&[1, 1], 3, 2),
        (&[1, 40], 3, 3),
        (&[1, 1, 1, 1], 3, 3),
    ] {
        let (hired, heard) = run(pictures, threads, OnFailure::GoOn, 0);
        assert_eq!(hired, expected, "{pictures:?} on {threads}");
        assert_eq!(heard, vec![true; pictures.iter().sum()]);
    }
}

#[test]
fn a_small_array_that_is_the_only_input_is_converted_without_another_thread() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("out")).unwrap();
    let is_small = |inputs: &[Input]| {
        let (job, threads, on_failure) = (job(), Threads::ONE, OnFailure::GoOn);
        let store = &store;
        Batch {
            inputs,
            job,
            store,
            threads,
            on_failure,
        }
        .is_small()
    };
    let arrays = inputs(folder.path(), &[1, 1]);
    assert!(is_small(&arrays[..1]));
    assert!(!is_small(&arrays));
    // An interrupt is not to wait for a large one, or for what may come to be large.
    let named = |name: &str, place: fn(PathBuf) -> Place, len: u64| {
        let path = folder.path().join(name);
        fs::File::create(&path).unwrap().set_len(len).unwrap();
        let place = place(path);
        Input {
            place,
            ..arrays[0].clone()
        }
    };
    assert!(is_small(&[named("small.npy", Place::File, SMALL)]));
    assert!(!is_small(&[named("large.npy", Place::File, SMALL + 1)]));
    assert!(!is_small(&[named("small.npz", Place::File, 100)]));
    assert!(!is_small(&[named("x.npy", |_| Place::Stdin, 100)]));
    let missing = Place::File(folder.path().join("none.npy"));
    assert!(!is_small(&[Input {
        place: missing,
        ..arrays[0].clone()
    }]));
}

#[test]
fn without_any_worker_the_calling_thread_does_all_and_stops_where_it_is_to() {
    // As if the only one that is allowed could not be started.
    let alone = |pictures: &[usize], on_failure| run(pictures, 1, on_failure, 1).1;
    assert_eq!(alone(&[1, 3, 1], OnFailure::GoOn), [true; 5]);
    let (gone_on, stopped) = ([true, false, true], [true, false]);
    assert_eq!(alone(&[1, 0, 1], OnFailure::GoOn), gone_on);
    assert_eq!(alone(&[1, 0, 1], OnFailure::Stop), stopped);
    // More than may be ahead of what is heard.
    let many = vec![0; 5000];
    assert_eq!(alone(&many, OnFailure::GoOn), vec![false; 5000]);
}
