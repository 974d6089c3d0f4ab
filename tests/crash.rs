//! Kills at random moments, with several writers at once: what the same commands make of it afterwards is what
//! they make undisturbed.
//!
//! Takes some 20 s; `WBIMG_CRASH_SECONDS` says otherwise.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wbimg::encode::sha256_hex;

/// Xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn wbimg(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wbimg"));
    command.current_dir(folder).args(args).env_remove("CI");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = wbimg(folder, args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.output().unwrap()
}

fn succeed(folder: &Path, args: &[&str]) -> Output {
    let output = run(folder, args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {stderr}");
    output
}

fn write_npy(path: &Path, seed: usize, height: usize, width: usize) {
    let header =
        format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({height}, {width}, 3), }}");
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    let mut random = Random(seed as u64 * 7919 + 1);
    bytes.extend((0..height * width * 3).map(|_| random.below(256).to_le_bytes()[0]));
    fs::write(path, bytes).unwrap();
}

/// Inputs of all sorts: sizes that differ under one key, boxes with labels, masks.
fn inputs(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for shelf in ["in0", "in1", "in2"] {
        let shelf = folder.path().join(shelf);
        fs::create_dir(&shelf).unwrap();
        for i in 0..count {
            write_npy(&shelf.join(format!("x{i}.npy")), i, 6 + i % 2, 8);
            if i % 5 == 0 {
                let sidecar = r#"{"boxes":{"p":{"box_data":[{"position":{"minX":0,"maxX":1,"minY":0,"maxY":1},
                    "class_id":0}],"class_labels":{"0":"c"}}},"masks":{"m":{"mask_data":[[0,1],[1,0]]}}}"#;
                let mut file = fs::File::create(shelf.join(format!("x{i}.wbimg.json"))).unwrap();
                file.write_all(sidecar.as_bytes()).unwrap();
            }
        }
    }
    folder
}

/// Every file of the directory but locks and caches.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != ".wbimg-lock" && !name.starts_with(".wbimg-cache-") {
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

fn assert_same(found: &Path, expected: &Path, what: &str) {
    let (found, expected) = (tree(found), tree(expected));
    let names = |tree: &BTreeMap<String, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "{what}");
    for (name, bytes) in &found {
        assert!(
            *bytes == expected[name],
            "{what}: {name}:\n{}\n{}",
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(&expected[name])
        );
    }
}

/// Commands that write into one directory at once.
const COMMANDS: [&[&str]; 3] = [
    &["convert", "in0", "--key", "k", "--step", "3", "-j", "2"],
    &["convert", "in1", "--key", "{parent}/{stem}", "-j", "3"],
    &["convert", "in2", "--key", "k", "--caption", "--step", "3"],
];

fn into<'a>(command: &[&'a str], out: &'a str) -> Vec<&'a str> {
    [command, &["-o", out]].concat()
}

/// Holds that what a kill has left is whole: files are what their names say, and rows have their files.
fn assert_whole(folder: &Path, out: &str, what: &str) {
    let root = folder.join(out);
    if !root.exists() {
        return;
    }
    for (name, bytes) in tree(&root) {
        let file = name.rsplit('/').next().unwrap();
        if file.starts_with(".wbimg-") || !name.contains('/') {
            continue;
        }
        let hash = file.split('.').next().unwrap().rsplit('_').next().unwrap();
        assert!(sha256_hex(&bytes).starts_with(hash), "{what}: {name}");
    }
    let verified = run(folder, &["verify", out]);
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    // What follows from the manifest is written after it; the journal tells that it is to be.
    let lagging = [
        "history.jsonl: line ",
        "config.json: line ",
        "is no output directory",
    ];
    for error in told.lines().filter(|line| line.contains(": error: ")) {
        let is_lagging = lagging.iter().any(|words| error.contains(words));
        assert!(is_lagging, "{what}: {told}");
    }
}

fn budget() -> Duration {
    let seconds = std::env::var("WBIMG_CRASH_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|s| s.parse().ok()).unwrap_or(12))
}

#[test]
fn after_kills_the_same_commands_give_what_they_give_undisturbed() {
    let folder = inputs(60);
    let folder = folder.path();
    let start = Instant::now();
    for command in COMMANDS {
        succeed(folder, &into(command, "whole"));
    }
    let whole_run = u64::try_from(start.elapsed().as_micros()).unwrap() / 3;
    let mut random = Random(u64::from(std::process::id()) + 1);
    let mut round = 0;
    while start.elapsed() < budget() {
        round += 1;
        let out = format!("out{round}");
        for _ in 0..=random.below(4) {
            let spawn = |command| wbimg(folder, &into(command, &out)).spawn().unwrap();
            let mut children: Vec<Child> = COMMANDS.into_iter().map(spawn).collect();
            while !children.is_empty() {
                let pause = random.below(1 + whole_run * 3 / 2);
                std::thread::sleep(Duration::from_micros(pause));
                let mut child = children.swap_remove(0);
                child.kill().unwrap();
                child.wait().unwrap();
            }
            assert_whole(folder, &out, &format!("round {round}"));
        }
        for command in COMMANDS {
            succeed(folder, &into(command, &out));
        }
        assert_same(
            &folder.join(&out),
            &folder.join("whole"),
            &format!("round {round}"),
        );
        let verified = succeed(folder, &["verify", &out]);
        let notes = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert_eq!(notes.lines().count(), 1, "{notes}");
        fs::remove_dir_all(folder.join(&out)).unwrap();
    }
    assert!(round > 1, "no time for any round");
}

#[test]
fn no_row_is_lost_among_many_writers() {
    let folder = inputs(30);
    let folder = folder.path();
    let names: Vec<String> = (0..30).map(|i| format!("in0/x{i}.npy")).collect();
    for name in &names {
        succeed(folder, &["convert", name, "-o", "one-by-one"]);
    }
    let spawn = |name: &String| {
        wbimg(folder, &["convert", name, "-o", "at-once"])
            .spawn()
            .unwrap()
    };
    let children: Vec<Child> = names.iter().map(spawn).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_same(
        &folder.join("at-once"),
        &folder.join("one-by-one"),
        "at once",
    );
}

/// All that is remembered of inputs.
fn cache(root: &Path) -> String {
    let read = |digit| fs::read_to_string(root.join(format!(".wbimg-cache-{digit}")));
    "0123456789abcdef"
        .chars()
        .filter_map(|digit| read(digit).ok())
        .collect()
}

#[test]
fn a_second_run_says_the_same_and_changes_nothing() {
    let folder = inputs(20);
    let folder = folder.path();
    // Older than any run that follows.
    std::thread::sleep(Duration::from_millis(50));
    for command in COMMANDS {
        let first = succeed(folder, &into(command, "out"));
        let before = tree(&folder.join("out"));
        let before_cache = cache(&folder.join("out"));
        assert!(before_cache.lines().count() >= 20);
        let second = succeed(folder, &into(command, "out"));
        assert_eq!(first, second);
        assert!(tree(&folder.join("out")) == before);
        // What is converted again is remembered again.
        assert!(cache(&folder.join("out")) == before_cache);
    }
}

#[test]
fn a_changed_input_sidecar_or_output_is_converted_again() {
    let folder = inputs(6);
    let folder = folder.path();
    std::thread::sleep(Duration::from_millis(50));
    let command = into(COMMANDS[1], "out");
    succeed(folder, &command);
    let whole = tree(&folder.join("out"));
    let picture = whole.keys().find(|name| name.ends_with(".png")).unwrap();
    fs::remove_file(folder.join("out").join(picture)).unwrap();
    succeed(folder, &command);
    assert!(tree(&folder.join("out")) == whole);
    write_npy(&folder.join("in1/x1.npy"), 77, 7, 8);
    fs::write(folder.join("in1/x2.json"), r#"{"caption":"new"}"#).unwrap();
    succeed(folder, &command);
    let manifest = fs::read_to_string(folder.join("out/manifest.jsonl")).unwrap();
    succeed(folder, &into(COMMANDS[1], "anew"));
    let anew = fs::read_to_string(folder.join("anew/manifest.jsonl")).unwrap();
    assert_eq!(manifest, anew);
    assert!(manifest.contains("\"caption\":\"new\""));
}

#[test]
fn an_interrupt_keeps_what_is_finished() {
    let folder = inputs(400);
    let folder = folder.path();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let out = format!("out{signal}");
        let mut child = wbimg(folder, &into(COMMANDS[0], &out)).spawn().unwrap();
        while !folder.join(&out).join("media/images").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let pid = child.id().to_string();
        Command::new("kill").args([signal, &pid]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let root = folder.join(&out);
        let pictures = fs::read_dir(root.join("media/images")).unwrap();
        let pictures = pictures.filter(|entry| entry.as_ref().unwrap().path().is_file());
        let manifest = fs::read_to_string(root.join("manifest.jsonl")).unwrap();
        assert!(manifest.lines().count() > 0 && pictures.count() > 0);
        let verified = succeed(folder, &["verify", &out]);
        let notes = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(notes.contains("all as recorded"), "{notes}");
        // What was in flight is finished and recorded.
        assert_eq!(notes.lines().count(), 1, "{notes}");
        assert!(!tree(&root).keys().any(|name| name.starts_with(".wbimg-")));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_only_array_is_converted_without_a_second_thread() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["x.npy", "y.npy"] {
        write_npy(&folder.join(name), 1, 2000, 2000);
    }
    for (inputs, threads) in [(&["x.npy"][..], 1), (&["x.npy", "y.npy"], 2)] {
        let args = [&["convert", "-j", "1", "-o", "out"], inputs].concat();
        let mut child = wbimg(folder, &args).spawn().unwrap();
        let tasks = format!("/proc/{}/task", child.id());
        let mut most = 0;
        let status = loop {
            most = fs::read_dir(&tasks).map_or(most, |tasks| most.max(tasks.count()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
        };
        assert!(status.success());
        assert_eq!(most, threads, "{inputs:?}");
    }
}

#[test]
fn a_file_size_limit_is_an_error_and_nothing_is_lost() {
    let folder = inputs(5);
    let folder = folder.path();
    write_npy(&folder.join("big.npy"), 5, 200, 200);
    succeed(folder, &["convert", "in0/x1.npy", "-o", "out"]);
    let limited = Command::new("bash")
        .env_remove("CI")
        .current_dir(folder)
        .arg("-c")
        .arg("ulimit -f 20; exec \"$0\" convert big.npy in0/x2.npy -o out")
        .arg(env!("CARGO_BIN_EXE_wbimg"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&limited.stderr).into_owned();
    assert_eq!(limited.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(
        stderr.contains("big.npy") && stderr.contains("too large"),
        "{stderr}"
    );
    let manifest = fs::read_to_string(folder.join("out/manifest.jsonl")).unwrap();
    assert_eq!(manifest.lines().count(), 2);
    succeed(folder, &["verify", "out"]);
}

#[test]
fn what_is_in_the_way_is_named() {
    let folder = inputs(1);
    let folder = folder.path();
    for name in ["manifest.jsonl", "history.jsonl", "config.json"] {
        let out = format!("out-{name}");
        fs::create_dir_all(folder.join(&out).join(name)).unwrap();
        let output = run(folder, &["convert", "in0/x0.npy", "-o", &out]);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.lines().count() == 1 && stderr.contains("is in the way"),
            "{stderr}"
        );
    }
}

#[test]
fn verify_names_every_difference() {
    let folder = inputs(3);
    let folder = folder.path();
    succeed(folder, &into(COMMANDS[1], "out"));
    let root = folder.join("out");
    let named = |end: &str| {
        let name = tree(&root).into_keys().find(|name| name.ends_with(end));
        root.join(name.unwrap())
    };
    fs::remove_file(named(".overlay.png")).unwrap();
    fs::write(named(".boxes2D.json"), "{}").unwrap();
    let mut mask = fs::read(named(".mask.png")).unwrap();
    mask[40] ^= 1;
    fs::write(named(".mask.png"), mask).unwrap();
    fs::write(root.join("config.json"), "{}\n").unwrap();
    fs::write(root.join("index.html"), "").unwrap();
    fs::write(root.join("mine.txt"), "").unwrap();
    let output = run(folder, &["verify", "out"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr).unwrap();
    for words in [
        ".overlay.png: is missing",
        ".boxes2D.json: has 2 bytes, but its row says",
        ".mask.png: has the SHA-256 ",
        "config.json: line 1 differs",
        "note: out: mine.txt: nothing refers to it",
    ] {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
    assert_eq!(stderr.matches("wbimg: error: ").count(), 4, "{stderr}");
    assert_eq!(run(folder, &["verify", "in0"]).status.code(), Some(2));
    assert_eq!(run(folder, &["verify", "nowhere"]).status.code(), Some(2));
}
