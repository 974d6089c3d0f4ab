//! The output directory: names, rows, history and config, and what may be found there already.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::difference::sha256;
use crate::npy::{grey, npy};
use crate::wbimg::{Folder, OUT, json_lines, program};

/// Small pictures that differ, `0.npy`, `1.npy`, ….
fn pictures(count: usize) -> Folder {
    let folder = Folder::new();
    for n in 0..count {
        let low = u8::try_from(n % 256).unwrap();
        let high = u8::try_from(n / 256).unwrap();
        folder.write(format!("{n:03}.npy"), npy(&[1, 3], &[low, high, 9]));
    }
    folder
}

#[test]
fn names_carry_key_step_and_the_hash_of_the_bytes() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy --key a/b --step 12")
        .converts(&["a/b_12_….png"])
        .check();
    let media = folder.rows()[0]["media"].clone();
    let path = media["path"].as_str().unwrap();
    let hash = sha256(&folder.read(format!("{OUT}/{path}")));
    assert_eq!(media["sha256"], hash);
    assert_eq!(path, format!("media/images/a/b_12_{}.png", &hash[..20]));
}

#[test]
fn a_row_tells_what_came_in_what_was_decided_and_what_came_out() {
    let folder = Folder::new().file(
        "in/x.npy",
        npy(&[2, 1, 3], &[0f32, 0.5, 0.99, 0.0, 0.5, 0.25]),
    );
    folder
        .convert("./in/x.npy --caption hi --grouping 2 --step 4")
        .converts(&["x_4_….png"])
        .check();
    let row = folder.text(format!("{OUT}/manifest.jsonl"));
    let media = &folder.rows()[0]["media"];
    let (hash, size) = (media["sha256"].as_str().unwrap(), &media["size"]);
    let expected = format!(
        concat!(
            r#"{{"source":"in/x.npy","frame":null,"index":0,"key":"x","step":4,"#,
            r#""media":{{"caption":"hi","_type":"image-file","sha256":"{hash}","size":{size},"#,
            r#""path":"media/images/x_4_{start}.png","format":"png","width":1,"height":2,"grouping":2}},"#,
            r#""array":{{"dtype":"float32","shape":[2,1,3],"layout":"hwc","min":0.0,"max":0.9900000095367432,"#,
            r#""nan":0,"inf":0,"rescale":"unit","mode":"RGB"}},"#,
            r#""class_labels":null,"overlay":null,"warnings":[]}}"#,
            "\n"
        ),
        hash = hash,
        size = size,
        start = &hash[..20],
    );
    assert_eq!(row, expected);
}

#[test]
fn history_has_a_row_per_step_and_config_has_no_labels_yet() {
    let folder = pictures(3);
    folder
        .convert("000.npy --key k --step 9")
        .converts(&["k_9_….png"])
        .check();
    folder
        .convert("001.npy --key k --step 2")
        .adds(&["k_2_….png"])
        .check();
    folder
        .convert("002.npy --key a --step 9")
        .adds(&["a_9_….png"])
        .check();
    let history = folder.history();
    let steps: Vec<_> = history.iter().map(|row| row["_step"].clone()).collect();
    assert_eq!(steps, [2, 9]);
    assert_eq!(history[0]["k"]["_type"], "image-file");
    assert!(history[1]["k"].is_object() && history[1]["a"].is_object());
    assert_eq!(
        folder.text(format!("{OUT}/config.json")),
        "{\"_wandb\":{}}\n"
    );
}

#[test]
fn rows_are_ordered_by_step_key_and_place_whichever_call_was_first() {
    let folder = pictures(4);
    folder
        .convert("003.npy --key b --step 1")
        .converts(&["b_1_….png"])
        .check();
    folder
        .convert("002.npy --key a --step 1")
        .adds(&["a_1_….png"])
        .check();
    folder
        .convert("001.npy 000.npy --key a --step 0")
        .adds(&["a_0_….png", "a_0_….png"])
        .check();
    let sources: Vec<_> = folder
        .rows()
        .iter()
        .map(|row| row["source"].clone())
        .collect();
    assert_eq!(sources, ["001.npy", "000.npy", "002.npy", "003.npy"]);
}

#[test]
fn the_same_command_again_changes_nothing_and_says_the_same() {
    let folder = pictures(3);
    let args = "000.npy 001.npy 002.npy --key k --caption";
    let first = folder.convert(args).converts(&["k_0_….png"; 3]).check();
    let again = folder.convert(args).any_stdout().check();
    assert_eq!(first.stdout, again.stdout);
}

#[test]
fn another_result_for_the_same_picture_replaces_its_row() {
    let folder = pictures(1);
    folder.convert("000.npy").converts(&["000_0_….png"]).check();
    folder
        .convert("000.npy --caption new --mode RGB")
        .adds(&["000_0_….png"])
        .check();
    let rows = folder.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["media"]["caption"], "new");
    assert_eq!(folder.history()[0]["000"]["caption"], "new");
}

#[test]
fn lists_have_captions_with_holes_and_the_first_images_size() {
    let folder = pictures(3);
    folder
        .convert("000.npy --key k")
        .converts(&["k_0_….png"])
        .check();
    folder
        .wbimg()
        .args(["convert", "missing.npy", "001.npy", "002.npy"])
        .args(["--key", "k", "--caption", "c{index}"])
        .adds(&["k_0_….png", "k_0_….png"])
        .one_error("missing.npy")
        .exit(1)
        .check();
    let list = folder.history()[0]["k"].clone();
    assert_eq!(list["captions"], json!([null, "c1", "c2"]));
    let keys: Vec<_> = list.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        [
            "_type",
            "width",
            "height",
            "format",
            "count",
            "filenames",
            "captions"
        ]
    );
    assert_eq!([&list["width"], &list["height"], &list["count"]], [3, 1, 3]);
}

#[test]
fn a_list_goes_on_under_further_keys_after_108_images() {
    let folder = pictures(217);
    let names: Vec<String> = (0..217).map(|n| format!("{n:03}.npy")).collect();
    folder
        .wbimg()
        .args(["convert", "--key", "k"])
        .args(&names)
        .converts(&["k_0_….png"; 217])
        .stderr(["wbimg: note: k: W&B shows 108 images of a list; all 217 are logged, up to k_3"])
        .check();
    let row = &folder.history()[0];
    let keys: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["_step", "k", "k_2", "k_3"]);
    assert_eq!([&row["k"]["count"], &row["k_2"]["count"]], [108, 108]);
    assert_eq!(row["k_3"]["_type"], "image-file", "one image is no list");
    let logged: Vec<Value> = ["k", "k_2"]
        .iter()
        .flat_map(|key| row[key]["filenames"].as_array().unwrap().clone())
        .chain([row["k_3"]["path"].clone()])
        .collect();
    let written: Vec<Value> = folder
        .rows()
        .iter()
        .map(|row| row["media"]["path"].clone())
        .collect();
    assert_eq!(logged, written);
}

#[test]
fn a_list_that_would_go_on_under_a_taken_key_is_refused() {
    let folder = pictures(109);
    folder
        .convert("000.npy --key k_2")
        .converts(&["k_2_0_….png"])
        .check();
    let names: Vec<String> = (0..109).map(|n| format!("{n:03}.npy")).collect();
    let taken = |key: &str| {
        folder
            .wbimg()
            .args(["convert", "--key", key])
            .args(&names[1..])
    };
    taken("k").arg("000.npy").one_error("k_2").exit(2).check();
    // One less is no list that goes on.
    taken("k").any_stdout().any_writes().check();
}

#[test]
fn processes_that_write_into_one_directory_lose_no_row() {
    const PROCESSES: usize = 24;
    // Rows that are there already make merging slow enough for processes to meet.
    let folder = pictures(PROCESSES).file("many.npy", npy(&[3000, 1, 1, 1], &[7u8; 3000]));
    folder
        .convert("many.npy -q")
        .any_stdout()
        .any_writes()
        .check();
    let children: Vec<_> = (1..=PROCESSES)
        .map(|n| {
            program()
                .arg("convert")
                .args((0..PROCESSES).map(|n| format!("{n:03}.npy")))
                .args(["--key", "k", "--shard", &format!("{n}/{PROCESSES}")])
                .current_dir(folder.path(""))
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let rows = folder.rows();
    let of_k = rows.iter().filter(|row| row["key"] == "k");
    let places: Vec<_> = of_k.map(|row| row["index"].clone()).collect();
    assert_eq!(places, (0..PROCESSES).collect::<Vec<_>>());
    assert_eq!(rows.len(), PROCESSES + 3000);
    assert_eq!(folder.history()[0]["k"]["count"], PROCESSES);
    folder.tree();
}

#[test]
fn threads_do_not_change_a_byte() {
    let folder = pictures(20);
    let names: Vec<String> = (0..20).map(|n| format!("{n:03}.npy")).collect();
    let read = |jobs: &str| {
        folder
            .wbimg()
            .args(["convert", "-o", jobs, "-j", jobs])
            .args(&names)
            .any_stdout()
            .any_writes()
            .check();
        folder.text(format!("{jobs}/manifest.jsonl"))
    };
    assert_eq!(read("1"), read("7"));
}

#[test]
fn links_in_the_directory_are_not_followed() {
    for planted in ["media", "media/images", "media/images/k"] {
        let folder = Folder::new()
            .file("x.npy", grey(2, 3))
            .file("elsewhere/keep", "");
        let link = folder.path(format!("{OUT}/{planted}"));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(folder.path("elsewhere"), &link).unwrap();
        folder
            .convert("x.npy --key k/x")
            .one_error("is a symbolic link, which is not followed: remove it")
            .exit(1)
            .any_writes()
            .check();
        assert_eq!(fs::read_dir(folder.path("elsewhere")).unwrap().count(), 1);
    }
}

#[test]
fn links_in_place_of_our_files_are_not_followed() {
    for planted in [
        "manifest.jsonl",
        "history.jsonl",
        "config.json",
        ".wbimg-lock",
    ] {
        let folder = Folder::new().file("x.npy", grey(2, 3)).file("victim", "");
        fs::create_dir(folder.path(OUT)).unwrap();
        symlink(
            folder.path("victim"),
            folder.path(format!("{OUT}/{planted}")),
        )
        .unwrap();
        folder
            .convert("x.npy")
            .any_stdout()
            .any_stderr()
            .any_exit()
            .any_writes()
            .check();
        assert_eq!(folder.text("victim"), "", "{planted}");
    }
}

#[test]
fn a_link_in_place_of_an_image_is_replaced_and_not_written_through() {
    let folder = Folder::new()
        .file("x.npy", grey(2, 3))
        .file("victim", "safe");
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    let path = format!(
        "{OUT}/{}",
        folder.rows()[0]["media"]["path"].as_str().unwrap()
    );
    let bytes = folder.read(&path);
    fs::remove_file(folder.path(&path)).unwrap();
    symlink(folder.path("victim"), folder.path(&path)).unwrap();
    folder.convert("x.npy").any_stdout().any_writes().check();
    assert_eq!(folder.text("victim"), "safe");
    assert!(!folder.path(&path).is_symlink() && folder.read(&path) == bytes);
}

#[test]
fn an_image_that_was_damaged_is_written_again() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    let path = format!(
        "{OUT}/{}",
        folder.rows()[0]["media"]["path"].as_str().unwrap()
    );
    let bytes = folder.read(&path);
    for damage in [&bytes[..bytes.len() / 2], b"", &vec![0; bytes.len()]] {
        folder.write(&path, damage);
        folder
            .convert("x.npy")
            .any_stdout()
            .writes([format!("{OUT}/media/images/x_0_….png")])
            .check();
        assert_eq!(folder.read(&path), bytes);
    }
}

#[test]
fn a_file_in_the_way_of_a_folder_fails_that_input_alone() {
    let folder = pictures(2).file(format!("{OUT}/media/images/a"), "in the way");
    folder
        .convert("000.npy --key a/b")
        .one_error("is in the way: a folder is needed there")
        .exit(1)
        .any_writes()
        .check();
    folder
        .convert("001.npy --key c")
        .any_stdout()
        .any_writes()
        .check();
    assert_eq!(folder.text(format!("{OUT}/media/images/a")), "in the way");
}

#[test]
fn an_output_directory_that_is_a_file_is_unusable_from_the_start() {
    let folder = Folder::new().file("x.npy", grey(2, 3)).file("out", "mine");
    let outcome = folder
        .convert("x.npy -o out")
        .one_error("out")
        .exit(2)
        .check();
    assert!(!outcome.stderr.contains("os error"), "{}", outcome.stderr);
    folder
        .convert("x.npy -o out/below")
        .one_error("out/below")
        .exit(2)
        .check();
}

#[test]
fn files_of_others_are_never_replaced() {
    for name in ["config.json", "history.jsonl"] {
        let folder = Folder::new()
            .file("x.npy", grey(2, 3))
            .file(name, "{\"mine\": 1}\n");
        folder
            .convert("x.npy -o .")
            .one_error("is not an output directory's, and would be replaced")
            .exit(2)
            .check();
    }
}

#[test]
fn an_output_directory_that_is_the_only_input_is_an_error_of_usage() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy -o .")
        .any_stdout()
        .any_writes()
        .check();
    folder
        .convert(". -o elsewhere")
        .one_error(".: is an output directory")
        .exit(2)
        .check();
}

#[test]
fn a_damaged_manifest_is_told_and_left_as_it_is() {
    let folder = Folder::new()
        .file("x.npy", grey(2, 3))
        .file(format!("{OUT}/manifest.jsonl"), "{\"not\": \"ours\"}\n");
    folder
        .convert("x.npy")
        .one_error("manifest.jsonl is damaged at line 1")
        .exit(2)
        .check();
}

#[test]
fn new_files_have_the_mode_that_the_umask_leaves() {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder
        .convert("x.npy")
        .through_shell("umask 027; exec \"$@\"")
        .converts(&["x_0_….png"])
        .check();
    let image = folder.rows()[0]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    for name in [
        image.as_str(),
        "manifest.jsonl",
        "history.jsonl",
        "config.json",
    ] {
        let metadata = fs::metadata(folder.path(format!("{OUT}/{name}"))).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o640, "{name}");
    }
}

#[test]
fn what_was_refused_leaves_no_row_and_no_file() {
    let folder = Folder::new().file("x.npy", npy(&[5, 6, 7], &[0u8; 210]));
    folder
        .convert("x.npy")
        .one_error("Un-supported shape")
        .exit(1)
        .any_writes()
        .check();
    let rows = folder.path(format!("{OUT}/manifest.jsonl"));
    assert!(!rows.exists() || json_lines(&fs::read_to_string(rows).unwrap()).is_empty());
    let images = folder
        .tree()
        .into_keys()
        .filter(|name| name.contains("media/"));
    assert_eq!(images.count(), 0);
}
