//! Runs the program on one file and keeps what it said.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) rows: Vec<Value>,
    pub(crate) stderr: String,
}

impl Run {
    /// Frame names of the rows, as JSON text.
    pub(crate) fn frames(&self) -> Vec<String> {
        let frames = self.rows.iter().map(|row| row["frame"].to_string());
        frames.collect()
    }
}

/// A fixture of this folder's script.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/containers")
        .join(name)
}

/// Converts a file into a directory that is forgotten.
pub(crate) fn convert(file: &Path, options: &[&str]) -> Run {
    let out = tempfile::tempdir().unwrap();
    let output = assert_cmd::Command::cargo_bin("wbimg")
        .unwrap()
        .env_remove("GITHUB_ACTIONS")
        .env_remove("CI")
        .args(["convert", "--json", "-j", "2", "-o"])
        .arg(out.path())
        .args(options)
        .arg(file)
        .timeout(Duration::from_secs(60))
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    Run {
        code: output.status.code(),
        rows: stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Converts bytes under a name.
pub(crate) fn convert_bytes(name: &str, bytes: &[u8], options: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    convert(&file, options)
}

/// Sees to it that bytes are refused soon, with one line that says so and nothing else.
#[track_caller]
pub(crate) fn refused(name: &str, bytes: &[u8], says: &str) {
    let start = Instant::now();
    let run = convert_bytes(name, bytes, &[]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.rows, [] as [Value; 0]);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains(says), "{}", run.stderr);
    assert!(!run.stderr.contains("bug"), "{}", run.stderr);
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A `.npy` file of bytes.
pub(crate) fn npy(shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}
