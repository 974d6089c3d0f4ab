//! What continuous integration gets to see: a last line, GitHub's annotations and its summary of the job.

use crate::npy::npy;
use crate::wbimg::Folder;

/// A folder with an input that warns and one that fails.
fn trouble() -> Folder {
    Folder::new()
        .file("nan.npy", npy(&[1, 3], &[0f32, f32::NAN, 1.0]))
        .file(BAD, "nonsense")
}

/// A name that is markup.
const BAD: &str = "b|`a`<b>.npy";

const NAN: &str = "nan.npy: 1 value is NaN, written as 0 [nan]";

#[test]
fn github_actions_get_lines_that_they_show_beside_the_file() {
    let folder = trouble().file("50%,a:b.npy", "nonsense");
    let outcome = folder
        .wbimg()
        .args(["convert", "nan.npy", "50%,a:b.npy"])
        .env("GITHUB_ACTIONS", "true")
        .any_stdout()
        .any_stderr()
        .any_writes()
        .exit(1)
        .check();
    let commands: Vec<_> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("::"))
        .collect();
    assert_eq!(commands.len(), 2, "{}", outcome.stderr);
    assert_eq!(
        commands[0],
        "::warning file=nan.npy::1 value is NaN, written as 0 [nan]"
    );
    assert!(
        commands[1].starts_with("::error file=50%25%2Ca%3Ab.npy::neither an array nor an image")
    );
    assert!(outcome.stderr.contains(&format!("wbimg: warning: {NAN}\n")));
}

#[test]
fn github_actions_get_names_relative_to_the_repository_and_no_more_than_they_show() {
    let names: Vec<String> = (10..40).map(|n| format!("x{n}.npy")).collect();
    let folder = Folder::new();
    for name in &names {
        folder.write(format!("repository/data/{name}"), "nonsense");
    }
    let frames = npy(&[2, 1, 2], &[0f32, f32::NAN, f32::NAN, 1.0]);
    folder.write("repository/data/frames.npy", frames);
    let outcome = folder
        .wbimg()
        .args(["convert", "--layout", "nhw", "frames.npy"])
        .args(&names)
        .args(["-o", "../../out"])
        .through_shell("cd repository/data; exec \"$@\"")
        .env("GITHUB_ACTIONS", "true")
        .env(
            "GITHUB_WORKSPACE",
            folder.path("repository").to_str().unwrap(),
        )
        .env(
            "GITHUB_STEP_SUMMARY",
            folder.path("nowhere/x").to_str().unwrap(),
        )
        .output();
    assert_eq!(outcome.status.code(), Some(1));
    let stderr = String::from_utf8(outcome.stderr).unwrap();
    let lines = |start: &str| {
        stderr
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    assert_eq!(lines("::warning file=data/frames.npy::"), 2, "{stderr}");
    assert_eq!(lines("::error file=data/x"), 10, "{stderr}");
    assert_eq!(lines("wbimg: error: x"), 30, "{stderr}");
}

/// A call that goes well once and badly twice, on GitHub.
fn on_github(folder: &Folder, name: &str) -> String {
    let outcome = folder
        .wbimg()
        .args(["convert", "nan.npy", BAD, "nothing.npy"])
        .env("GITHUB_ACTIONS", "true")
        .env("CI", "true")
        .env("GITHUB_STEP_SUMMARY", folder.path(name).to_str().unwrap())
        .output();
    assert_eq!(outcome.status.code(), Some(1));
    String::from_utf8(outcome.stderr).unwrap()
}

#[test]
fn github_jobs_get_a_table_and_nothing_in_it_is_markup() {
    let folder = trouble().file("summary.md", "before\n");
    on_github(&folder, "summary.md");
    let text = folder.text("summary.md");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["before", "### wbimg convert → wbimg-out"]);
    let row: Vec<&str> = lines[5].split(" | ").collect();
    assert_eq!(row[..4], ["| 1", "3", "2", "1"], "{text}");
    let size = folder.rows()[0]["media"]["size"].to_string();
    assert_eq!(row[4], size);
    assert!(text.contains("\n| nan | 1 |\n"), "{text}");
    assert!(
        text.contains("\n| b&#124;&#96;a&#96;&#60;b&#62;.npy | neither an array"),
        "{text}"
    );
    assert!(text.contains("\n| nothing.npy | "), "{text}");
    for line in lines.iter().filter(|line| line.starts_with('|')) {
        assert!([3, 7].contains(&line.matches('|').count()), "{line}");
    }
}

#[test]
fn a_summary_that_cannot_be_written_or_is_full_is_left_alone() {
    let folder = trouble();
    let full = "x".repeat(600 << 10);
    folder.write("full.md", &full);
    folder.write("folder/x", "");
    for name in ["full.md", "folder", "nowhere/summary.md"] {
        let stderr = on_github(&folder, name);
        assert!(!stderr.contains("summary"), "{stderr}");
    }
    assert_eq!(folder.text("full.md"), full);
}

#[test]
fn continuous_integration_gets_a_last_line_with_the_numbers() {
    let folder = trouble();
    let last = |args: &str, ci: &str| {
        let call = folder.convert(args).args(["nan.npy", BAD]);
        let stderr = String::from_utf8(call.env("CI", ci).output().stderr).unwrap();
        stderr.lines().last().unwrap().to_owned()
    };
    let told = last("", "true");
    let size = folder.rows()[0]["media"]["size"].clone();
    let start = format!("wbimg: note: wbimg-out: 1 image of 2 inputs, {size} bytes, in ");
    assert!(told.starts_with(&start), "{told}");
    assert!(told.ends_with(" s; 1 failure, 1 warning"), "{told}");
    assert!(last("-v", "1").starts_with(&start));
    for (args, ci) in [("-q", "true"), ("", ""), ("", "false"), ("", "0")] {
        assert!(last(args, ci).starts_with("wbimg: error: "), "{args} {ci}");
    }
}
