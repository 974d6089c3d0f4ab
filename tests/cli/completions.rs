//! The committed completion scripts are those that the command line of today gives.
//!
//! `WBIMG_BLESS=1 cargo test completions` writes them again, and fails once, so that nobody blesses by accident.

use std::fs;
use std::path::Path;

use crate::wbimg::Folder;

const SCRIPTS: [(&str, &str); 5] = [
    ("bash", "wbimg.bash"),
    ("zsh", "_wbimg"),
    ("fish", "wbimg.fish"),
    ("powershell", "_wbimg.ps1"),
    ("elvish", "wbimg.elv"),
];

#[test]
fn committed_completions_are_up_to_date() {
    let folder = Folder::new();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let bless = std::env::var_os("WBIMG_BLESS").is_some();
    let mut stale = Vec::new();
    for (shell, file) in SCRIPTS {
        let script = folder
            .wbimg()
            .args(["completions", shell])
            .any_stdout()
            .check()
            .stdout;
        let path = committed.join(file);
        if fs::read(&path).ok().as_ref() != Some(&script) {
            stale.push(file);
            if bless {
                fs::create_dir_all(&committed).unwrap();
                fs::write(&path, script).unwrap();
            }
        }
    }
    let advice = if bless {
        "have been written again: look at them"
    } else {
        "are stale: WBIMG_BLESS=1 cargo test completions"
    };
    assert!(stale.is_empty(), "{stale:?} {advice}");
}

#[test]
fn an_unknown_shell_is_refused_with_those_that_there_are() {
    Folder::new()
        .wbimg()
        .args(["completions", "tcsh"])
        .one_error("bash, elvish, fish, powershell, zsh")
        .exit(2)
        .check();
}
