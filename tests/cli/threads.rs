//! How many threads there are changes nothing but the time.

use std::collections::BTreeMap;

use crate::npy::{grey, npy};
use crate::wbimg::Folder;

/// A stack for each thread that no address space has room for, so that the system refuses every one.
const ENDLESS_STACK: &str = "140737488355328";

/// Calls do in `alone`, where no thread can be begun, what they do in `usual`.
fn assert_same_without_threads(folder: &Folder, commands: &[&str]) {
    let (usual, alone) = ("usual", "alone");
    for command in commands {
        let call = |out: &str| {
            let args = command.replace("OUT", out);
            let call = folder.wbimg().args(args.split_whitespace());
            call.any_stdout().any_stderr().any_writes()
        };
        let told = call(usual).check();
        let told_alone = call(alone).env("RUST_MIN_STACK", ENDLESS_STACK).check();
        for (told, told_alone) in [
            (
                &*String::from_utf8_lossy(&told.stdout),
                &*String::from_utf8_lossy(&told_alone.stdout),
            ),
            (&*told.stderr, &*told_alone.stderr),
        ] {
            assert_eq!(told.replace(usual, alone), told_alone, "{command}");
        }
        let [usual, alone] = [usual, alone].map(|out| {
            let prefix = format!("{out}/");
            let inside = folder.tree().into_iter().filter_map(|(name, bytes)| {
                let name = name.strip_prefix(&prefix)?.to_owned();
                Some((name, bytes))
            });
            inside.collect::<BTreeMap<_, _>>()
        });
        assert!(!usual.is_empty());
        assert!(usual == alone, "{command}");
    }
}

#[test]
fn inputs_are_converted_and_looked_at_where_the_system_has_no_more_threads() {
    let folder = Folder::new()
        .file("a.npy", grey(4, 4))
        .file("b.npy", grey(300, 300));
    let commands = [
        "convert a.npy b.npy -o OUT -j 3",
        "verify OUT -j 3",
        "gallery OUT -j 3 --title same",
    ];
    assert_same_without_threads(&folder, &commands);
}

#[test]
fn a_large_picture_is_converted_where_the_system_has_no_more_threads() {
    // As many values, and as many bytes of a picture, as are shared among threads.
    let values: Vec<f32> = (0..1009u16).map(|i| f32::from(i) / 1009.0).collect();
    let values: Vec<f32> = values.into_iter().cycle().take(3_000_000).collect();
    let folder = Folder::new().file("large.npy", npy(&[1000, 1000, 3], &values));
    let commands = ["convert large.npy -o OUT -j 3"];
    assert_same_without_threads(&folder, &commands);
}
