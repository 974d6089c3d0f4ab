//! `wbimg wandb-run`: what it prints, where the run goes, what becomes of an earlier one, and what is refused. What is
//! inside the run is for W&B's own programs to judge, in `tests/wandb_run`.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::time::{Duration, UNIX_EPOCH};

use crate::npy::grey;
use crate::wbimg::{Folder, OUT, Wbimg};

/// One picture under `x`, at step 0, written a billion seconds after 1970.
fn one_picture() -> Folder {
    let folder = Folder::new().file("x.npy", grey(2, 3));
    folder.convert("x.npy").converts(&["x_0_….png"]).check();
    set_back(&folder);
    folder
}

fn set_back(folder: &Folder) {
    for row in folder.rows() {
        let path = row["media"]["path"].as_str().unwrap();
        let file = File::options()
            .write(true)
            .open(folder.path(OUT).join(path));
        let moment = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.unwrap().set_modified(moment).unwrap();
    }
}

fn wandb_run<'a>(folder: &'a Folder, args: &str) -> Wbimg<'a> {
    folder
        .wbimg()
        .args(["wandb-run", OUT])
        .args(args.split_whitespace())
}

/// A call that fails with one line, although the output directory is not what it should be.
fn fails(folder: &Folder, status: i32, words: &str) {
    let output = wandb_run(folder, "").output();
    let said = String::from_utf8(output.stderr).unwrap();
    let is_one_line = said.starts_with("wbimg: error: ") && said.lines().count() == 1;
    assert!(is_one_line && said.contains(words), "{words:?} in {said:?}");
    assert_eq!(
        (output.status.code(), output.stdout),
        (Some(status), Vec::new())
    );
}

/// The folders of all runs in `wandb`.
fn runs(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path("wandb")).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains("run-2")).collect();
    names.sort();
    names
}

/// A run with the default id, and that id.
fn default_id(folder: &Folder) -> String {
    let outcome = wandb_run(folder, "-q").any_stdout().any_writes().check();
    let line = String::from_utf8(outcome.stdout).unwrap();
    line.trim_end().rsplit_once('-').unwrap().1.to_owned()
}

const RUN: &str = "wandb/offline-run-20010909_014640-i";

#[test]
fn standard_output_is_the_path_of_the_run() {
    let folder = one_picture();
    wandb_run(
        &folder,
        "--run-id i --project p --entity e --name n --tag a --tag b --notes n",
    )
    .stdout(format!("{RUN}\n"))
    .writes([
        format!("{RUN}/run-i.wandb"),
        format!("{RUN}/files/media/images/x_0_….png"),
    ])
    .check();
}

#[test]
fn another_directory_of_runs_is_made_where_it_is_missing() {
    let folder = one_picture();
    let run = RUN.replacen("wandb", "a/b", 1);
    wandb_run(&folder, "--run-id i --dir a/b")
        .stdout(format!("{run}\n"))
        .writes([
            format!("{run}/run-i.wandb"),
            format!("{run}/files/media/images/x_0_….png"),
        ])
        .check();
}

#[test]
fn a_second_call_changes_nothing() {
    let folder = one_picture();
    wandb_run(&folder, "--run-id i")
        .any_stdout()
        .any_writes()
        .check();
    let inode = || fs::metadata(folder.path(RUN)).unwrap().ino();
    let before = inode();
    wandb_run(&folder, "--run-id i")
        .stdout(format!("{RUN}\n"))
        .stderr(["wbimg: note: wbimg-out: run i was there already"])
        .check();
    // What wandb sync leaves beside a run that it has uploaded.
    folder.write(format!("{RUN}/run-i.wandb.synced"), "");
    wandb_run(&folder, "--run-id i")
        .stdout(format!("{RUN}\n"))
        .stderr(["wbimg: note: wbimg-out: run i was there already, and uploaded: wandb sync --include-synced does that again"])
        .check();
    wandb_run(&folder, "--run-id i -q")
        .stdout(format!("{RUN}\n"))
        .check();
    assert_eq!(inode(), before);
}

#[test]
fn a_run_with_other_contents_is_replaced_with_all_that_is_beside_it() {
    let folder = one_picture();
    wandb_run(&folder, "--run-id i")
        .any_stdout()
        .any_writes()
        .check();
    folder.write(format!("{RUN}/run-i.wandb.synced"), "");
    wandb_run(&folder, "--run-id i --name other")
        .stdout(format!("{RUN}\n"))
        .stderr(["wbimg: note: wbimg-out: an earlier run i with other contents was replaced"])
        .writes([
            format!("{RUN}/run-i.wandb"),
            format!("{RUN}/run-i.wandb.synced (is gone)"),
        ])
        .check();
    // Under another time, too: there are never two.
    let path = folder.rows()[0]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = File::options()
        .write(true)
        .open(folder.path(OUT).join(path));
    let moment = UNIX_EPOCH + Duration::from_secs(1_100_000_000);
    file.unwrap().set_modified(moment).unwrap();
    wandb_run(&folder, "--run-id i -q")
        .stdout("wandb/offline-run-20041109_113320-i\n")
        .any_writes()
        .check();
    assert_eq!(runs(&folder), ["offline-run-20041109_113320-i"]);
}

#[test]
fn a_run_that_lacks_a_file_is_written_again() {
    let folder = one_picture();
    wandb_run(&folder, "--run-id i")
        .any_stdout()
        .any_writes()
        .check();
    let name = folder.rows()[0]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    fs::remove_file(folder.path(RUN).join("files").join(name)).unwrap();
    wandb_run(&folder, "--run-id i -q")
        .stdout(format!("{RUN}\n"))
        .writes([format!("{RUN}/files/media/images/x_0_….png")])
        .check();
}

#[test]
fn other_ids_are_other_runs_even_where_one_ends_like_the_other() {
    let folder = one_picture();
    for id in ["i", "a-i", "20010909_014640-i"] {
        wandb_run(&folder, "--run-id")
            .arg(id)
            .any_stdout()
            .any_writes()
            .check();
    }
    assert_eq!(runs(&folder).len(), 3);
}

#[test]
fn the_default_id_stays_when_the_directory_grows_or_moves() {
    let folder = one_picture();
    let id = default_id(&folder);
    assert_eq!(default_id(&folder), id);
    folder
        .convert("x.npy --step 1")
        .any_stdout()
        .any_writes()
        .check();
    assert_eq!(default_id(&folder), id);
    fs::rename(folder.path(OUT), folder.path("moved")).unwrap();
    fs::rename(folder.path("moved"), folder.path(OUT)).unwrap();
    assert_eq!(default_id(&folder), id);
    assert_eq!(runs(&folder).len(), 1);
    let other = one_picture();
    assert_ne!(default_id(&other), id);
}

#[test]
fn the_same_directory_made_again_has_the_same_id() {
    let folder = one_picture();
    let id = default_id(&folder);
    fs::remove_dir_all(folder.path(OUT)).unwrap();
    folder.convert("x.npy").any_stdout().any_writes().check();
    assert_eq!(default_id(&folder), id);
}

#[test]
fn overlays_and_other_files_stay_where_they_are() {
    let folder = Folder::new().file("x.npy", grey(20, 30)).file(
        "x.wbimg.json",
        r#"{"boxes":{"p":{"box_data":[{"position":{"minX":0.1,"maxX":0.5,"minY":0.2,"maxY":0.6},"class_id":1}],"class_labels":{"1":"cat"}}}}"#,
    );
    folder.convert("x.npy").any_stdout().any_writes().check();
    set_back(&folder);
    folder.write(format!("{OUT}/index.html"), "a gallery");
    let outcome = wandb_run(&folder, "--run-id i")
        .any_stdout()
        .any_writes()
        .check();
    let run = String::from_utf8(outcome.stdout).unwrap();
    let prefix = format!("{}/", run.trim_end());
    let tree = folder.tree();
    let names: Vec<_> = tree
        .keys()
        .filter_map(|name| name.strip_prefix(prefix.as_str()))
        .map(|name| name.split("_0_").next().unwrap())
        .collect();
    let expected = [
        "files/media/images/x",
        "files/media/metadata/boxes2D/x",
        "run-i.wandb",
    ];
    assert_eq!(names, expected);
}

#[test]
fn an_empty_directory_is_a_run_without_history() {
    let folder = Folder::new();
    fs::create_dir(folder.path("nothing")).unwrap();
    folder.convert("nothing").any_stderr().any_writes().check();
    wandb_run(&folder, "--run-id i")
        .any_stdout()
        .any_writes()
        .stderr(["wbimg: note: wbimg-out: has no images, and so has the run"])
        .check();
    assert_eq!(runs(&folder).len(), 1);
}

#[test]
fn what_wandb_would_refuse_is_refused_in_one_line() {
    let folder = one_picture();
    let long = "x".repeat(129);
    for (option, value, words) in [
        (
            "--run-id",
            "a/b",
            "'a/b' for '--run-id <ID>': it has '/' in it",
        ),
        ("--run-id", "..\\b", "it has '\\\\' in it"),
        ("--run-id", "", "it is empty"),
        ("--run-id", " a", "white space"),
        (
            "--run-id",
            long.as_str(),
            "it has 129 characters, but W&B takes at most 128",
        ),
        ("--project", "a:b", "it has ':' in it"),
        ("--entity", "a/b", "it has '/' in it"),
        ("--name", "a\nb", "control character"),
        (
            "--tag",
            &long[..65],
            "it has 65 characters, but W&B takes at most 64",
        ),
    ] {
        wandb_run(&folder, option)
            .arg(value)
            .one_error(words)
            .exit(2)
            .check();
    }
}

#[test]
fn what_is_no_output_directory_is_refused() {
    let folder = one_picture()
        .file("other/manifest.jsonl", "{\"not\": \"ours\"}\n")
        .file("damaged/.wbimg-lock", "")
        .file("damaged/manifest.jsonl", "{\n");
    fs::create_dir(folder.path("empty")).unwrap();
    symlink(
        folder.path(OUT).join("manifest.jsonl"),
        folder.path("empty/manifest.jsonl"),
    )
    .unwrap();
    for (name, words) in [
        ("missing", "missing: No such file or directory"),
        ("x.npy", "x.npy: is no directory"),
        (".", "is no output directory: its manifest.jsonl is missing"),
        ("other", "is no output directory"),
        ("damaged", "damaged/manifest.jsonl is damaged at line 1"),
        (
            "empty",
            "empty/manifest.jsonl is a symbolic link, which is not followed",
        ),
    ] {
        let call = folder.wbimg().args(["wandb-run", name]);
        call.one_error(words).exit(2).check();
    }
    assert!(!folder.path("wandb").exists());
}

#[test]
fn a_directory_of_runs_that_is_a_file_is_refused() {
    let folder = one_picture();
    wandb_run(&folder, "--dir x.npy")
        .one_error("cannot make the directory x.npy")
        .exit(2)
        .check();
}

#[test]
fn files_that_are_gone_are_one_error_and_no_run() {
    let folder = one_picture();
    folder
        .convert("x.npy --step 1")
        .any_stdout()
        .any_writes()
        .check();
    let paths = folder.rows().into_iter().map(|row| {
        let path = row["media"]["path"].as_str().unwrap().to_owned();
        folder.path(OUT).join(path)
    });
    let paths: Vec<_> = paths.collect();
    fs::write(&paths[0], "other").unwrap();
    fails(&folder, 1, "has 5 bytes, but its row says");
    fs::remove_file(&paths[1]).unwrap();
    fails(
        &folder,
        1,
        "(and 1 more like it): wbimg verify wbimg-out tells all",
    );
    fs::remove_file(&paths[0]).unwrap();
    fails(&folder, 1, ".png is missing (and 1 more like it)");
    assert!(!folder.path("wandb").exists());
}

#[test]
fn links_planted_in_the_directory_are_not_followed() {
    let folder = one_picture().file("secret", "secret");
    let path = folder.rows()[0]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let image = folder.path(OUT).join(path);
    fs::rename(&image, folder.path("image")).unwrap();
    symlink(folder.path("image"), &image).unwrap();
    fails(&folder, 1, "is not a regular file");
    fs::rename(folder.path("image"), &image).unwrap();
    fs::rename(folder.path(OUT).join("media"), folder.path("media")).unwrap();
    symlink(folder.path("media"), folder.path(OUT).join("media")).unwrap();
    fails(&folder, 1, "leads out of the directory");
    assert!(!folder.path("wandb").exists());
}

#[test]
fn a_row_cannot_lead_out_of_the_directory() {
    let folder = one_picture().file("secret", "12345");
    let row = &folder.rows()[0];
    let (path, size) = (
        row["media"]["path"].as_str().unwrap(),
        &row["media"]["size"],
    );
    let manifest = folder.text(format!("{OUT}/manifest.jsonl"));
    for other in ["../secret", "/etc/passwd", "media/../../secret"] {
        let planted = manifest
            .replace(path, other)
            .replace(&format!("\"size\":{size}"), "\"size\":5");
        fs::write(folder.path(OUT).join("manifest.jsonl"), planted).unwrap();
        fails(&folder, 1, "leads out of the directory");
    }
    assert!(!folder.path("wandb").exists());
}

#[test]
fn a_run_of_another_program_is_not_replaced() {
    let folder = one_picture();
    // The header that wandb 0.28.2 begins a file with.
    let mut theirs = b":W&B\xe1\xbe\x00".to_vec();
    theirs
        .extend_from_slice(b"\x00\x00\x00\x00\x0d\x00\x01\x08\x01\xaa\x01\x08\x0a\x06\x0a\x040.28");
    let other = "wandb/offline-run-20200101_000000-i";
    folder.write(format!("{other}/run-i.wandb"), &theirs);
    let refused = format!("choose another --run-id or --dir: {other} has the same run id");
    wandb_run(&folder, "--run-id i")
        .one_error(&refused)
        .exit(2)
        .check();
    // Nor what a link leads to, nor what has no header.
    fs::remove_file(folder.path(format!("{other}/run-i.wandb"))).unwrap();
    wandb_run(&folder, "--run-id i")
        .one_error(&refused)
        .exit(2)
        .check();
    fs::remove_dir(folder.path(other)).unwrap();
    wandb_run(&folder, "--run-id i --dir real")
        .any_stdout()
        .any_writes()
        .check();
    let real = RUN.replacen("wandb", "real", 1);
    symlink(folder.path(real), folder.path(other)).unwrap();
    wandb_run(&folder, "--run-id i")
        .one_error(&refused)
        .exit(2)
        .check();
}

#[test]
fn what_processes_of_other_hosts_have_begun_is_left_alone() {
    let folder = one_picture();
    let theirs = "wandb/.wbimg-tmp-another.host-1-a0";
    fs::create_dir_all(folder.path(theirs)).unwrap();
    assert!(wandb_run(&folder, "").output().status.success());
    assert!(folder.path(theirs).is_dir());
}

#[test]
fn a_directory_that_cannot_be_written_has_a_run_and_a_note() {
    let folder = one_picture();
    // Something that is no file, and cannot be removed like one, stands where the id is kept.
    fs::create_dir(folder.path(OUT).join(".wbimg-run-id")).unwrap();
    let outcome = wandb_run(&folder, "")
        .any_stdout()
        .any_stderr()
        .any_writes()
        .check();
    assert!(
        outcome
            .stderr
            .contains("so that the id is not kept: give --run-id")
    );
    let id = default_id(&folder);
    assert_eq!(default_id(&folder), id);
}

#[test]
fn files_are_copied_where_they_cannot_be_linked() {
    let folder = one_picture();
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    let runs = elsewhere.path().display().to_string();
    let outcome = wandb_run(&folder, "--run-id i --dir")
        .arg(&runs)
        .any_stdout()
        .any_writes()
        .check();
    let run = String::from_utf8(outcome.stdout).unwrap();
    let path = folder.rows()[0]["media"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let copy = fs::read(format!("{}/files/{path}", run.trim_end())).unwrap();
    assert_eq!(copy, folder.read(format!("{OUT}/{path}")));
}

#[test]
fn a_run_is_no_input() {
    let folder = one_picture();
    wandb_run(&folder, "").any_stdout().any_writes().check();
    folder.write("wandb/offline-run-20200101_000000-theirs/y.npy", grey(1, 2));
    folder
        .convert(". -o other")
        .stdout(
            "other/media/images/wandb/offline-run-20200101_000000-theirs/y_0_….png\nother/media/images/x_0_….png\n",
        )
        .any_writes()
        .check();
}

#[test]
fn many_calls_at_a_time_write_whole_runs() {
    let folder = one_picture();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let call = wandb_run(&folder, &format!("--run-id {} --name {n}", n % 3));
            scope.spawn(|| assert!(call.output().status.success()));
        }
    });
    assert_eq!(runs(&folder).len(), 3);
    let left = fs::read_dir(folder.path("wandb")).unwrap().count();
    assert_eq!(left, 4, "three runs and a lock");
}

#[test]
fn a_full_disk_is_one_error_and_no_run() {
    let folder = one_picture();
    wandb_run(&folder, "--run-id i --notes")
        .arg("n".repeat(100_000))
        .through_shell("ulimit -f 8; exec \"$@\"")
        .one_error(&format!(
            "wbimg-out: cannot write {RUN}/run-i.wandb: File too large"
        ))
        .exit(1)
        .check();
    assert_eq!(runs(&folder), Vec::<String>::new());
}
