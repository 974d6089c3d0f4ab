//! The test builder: a folder of its own, one call of `wbimg` in it, and the whole outcome held against what was
//! said of it. What is not said must not be there: output, messages, files, a status other than 0.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::difference::{check_output_directories, compare, hide_hashes, one_line};
use crate::picture::Picture;

/// No call in these tests takes longer, unless it hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The output directory that calls have if they do not name one.
pub(crate) const OUT: &str = "wbimg-out";

/// A folder with inputs, gone when dropped.
pub(crate) struct Folder {
    dir: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    /// Writes a file, making the folders that it is in.
    pub(crate) fn file(self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Self {
        self.write(name, bytes);
        self
    }

    /// A copy of a file in `fixtures/`.
    pub(crate) fn fixture(self, name: &str) -> Self {
        let file_name = Path::new(name).file_name().unwrap().to_owned();
        self.file(file_name, fixture(name))
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Every file below the folder and what is in it, links not followed. The files that `wbimg` keeps for
    /// itself are left out, but a temporary one must not be left over.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        list(self.dir.path(), "", &mut files);
        files
    }

    /// `wbimg` in this folder, with no arguments yet.
    pub(crate) fn wbimg(&self) -> Wbimg<'_> {
        Wbimg {
            folder: self,
            args: Vec::new(),
            stdin: Vec::new(),
            env: Vec::new(),
            shell: None,
            timeout: TIMEOUT,
            expected: Expected::default(),
        }
    }

    /// `wbimg convert`, with arguments separated by spaces.
    pub(crate) fn convert(&self, args: &str) -> Wbimg<'_> {
        self.wbimg().arg("convert").args(args.split_whitespace())
    }

    /// The manifest of the usual output directory.
    pub(crate) fn rows(&self) -> Vec<Value> {
        json_lines(&self.text(format!("{OUT}/manifest.jsonl")))
    }

    /// The history of the usual output directory.
    pub(crate) fn history(&self) -> Vec<Value> {
        json_lines(&self.text(format!("{OUT}/history.jsonl")))
    }

    /// The class labels of the usual output directory.
    pub(crate) fn config(&self) -> Value {
        serde_json::from_str(&self.text(format!("{OUT}/config.json"))).unwrap()
    }

    /// A file that a row of the usual output directory refers to.
    pub(crate) fn file_of(&self, reference: &Value) -> Vec<u8> {
        self.read(Path::new(OUT).join(reference["path"].as_str().unwrap()))
    }

    /// The decoded picture of a row in the usual output directory.
    pub(crate) fn picture(&self, row: &Value) -> Picture {
        let path = row["media"]["path"].as_str().unwrap();
        Picture::decode_png(&self.read(Path::new(OUT).join(path)))
    }
}

/// The bytes of a file in `fixtures/`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn list(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(Result::unwrap) {
        // Names as `wbimg` shows them.
        let name = ::wbimg::input::escape(&entry.file_name());
        let kind = entry.file_type().unwrap();
        let path = format!("{prefix}{name}");
        assert!(!name.starts_with(".wbimg-tmp"), "left over: {path}");
        if kind.is_dir() {
            list(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file() && !name.starts_with(".wbimg-") {
            files.insert(path, fs::read(entry.path()).unwrap_or_default());
        }
    }
}

/// One call and what is expected of it.
#[must_use]
pub(crate) struct Wbimg<'a> {
    folder: &'a Folder,
    args: Vec<OsString>,
    stdin: Vec<u8>,
    env: Vec<(String, String)>,
    shell: Option<String>,
    timeout: Duration,
    expected: Expected,
}

#[derive(Default)]
struct Expected {
    stdout: Stdout,
    stderr: Stderr,
    exit: i32,
    any_exit: bool,
    writes: Vec<String>,
    any_writes: bool,
}

enum Stdout {
    Text(String),
    /// The rows that the manifest has afterwards.
    Rows,
    /// Looked at by the test itself.
    Any,
}

impl Default for Stdout {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

enum Stderr {
    Exactly(Vec<String>),
    /// One line, an error, with these words in it.
    OneError(String),
    /// One line, a warning, with this code.
    OneWarning(String),
    /// Looked at by the test itself.
    Any,
}

impl Default for Stderr {
    fn default() -> Self {
        Self::Exactly(Vec::new())
    }
}

impl Wbimg<'_> {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(crate) fn args<T: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the call as `"$@"` of a shell script.
    pub(crate) fn through_shell(mut self, script: &str) -> Self {
        self.shell = Some(script.to_owned());
        self
    }

    pub(crate) fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// All of standard output; `…` stands for the 20 digits of a hash.
    pub(crate) fn stdout(mut self, text: impl Into<String>) -> Self {
        self.expected.stdout = Stdout::Text(text.into());
        self
    }

    /// Standard output is the manifest that the call leaves.
    pub(crate) fn stdout_is_the_manifest(mut self) -> Self {
        self.expected.stdout = Stdout::Rows;
        self
    }

    /// The test looks at standard output itself.
    pub(crate) fn any_stdout(mut self) -> Self {
        self.expected.stdout = Stdout::Any;
        self
    }

    /// All lines of standard error.
    pub(crate) fn stderr<T: Into<String>>(mut self, lines: impl IntoIterator<Item = T>) -> Self {
        self.expected.stderr = Stderr::Exactly(lines.into_iter().map(Into::into).collect());
        self
    }

    /// Standard error is one line, an error, in which these words are.
    pub(crate) fn one_error(mut self, words: &str) -> Self {
        self.expected.stderr = Stderr::OneError(words.to_owned());
        self
    }

    /// Standard error is one line, a warning with this code.
    pub(crate) fn one_warning(mut self, code: &str) -> Self {
        self.expected.stderr = Stderr::OneWarning(code.to_owned());
        self
    }

    /// The test looks at standard error itself.
    pub(crate) fn any_stderr(mut self) -> Self {
        self.expected.stderr = Stderr::Any;
        self
    }

    pub(crate) fn exit(mut self, status: i32) -> Self {
        self.expected.exit = status;
        self
    }

    /// Success or failure, but no panic and no signal.
    pub(crate) fn any_exit(mut self) -> Self {
        self.expected.any_exit = true;
        self
    }

    /// The files that are new or other than before, in any order; `…` stands for the 20 digits of a hash.
    pub(crate) fn writes<T: Into<String>>(mut self, files: impl IntoIterator<Item = T>) -> Self {
        self.expected.writes = files.into_iter().map(Into::into).collect();
        self
    }

    /// The test looks at the files itself.
    pub(crate) fn any_writes(mut self) -> Self {
        self.expected.any_writes = true;
        self
    }

    /// These images, in this order, into a new output directory of the usual name, and their paths on
    /// standard output.
    pub(crate) fn converts(mut self, images: &[&str]) -> Self {
        let paths = images
            .iter()
            .map(|image| format!("{OUT}/media/images/{image}"));
        let text = paths.clone().map(|path| path + "\n").collect::<String>();
        self.expected.writes = paths.collect();
        for name in ["manifest.jsonl", "history.jsonl", "config.json"] {
            self.expected.writes.push(format!("{OUT}/{name}"));
        }
        self.stdout(text)
    }

    /// These files beside the images, in the usual output directory.
    pub(crate) fn also(mut self, files: &[&str]) -> Self {
        let files = files.iter().map(|file| format!("{OUT}/{file}"));
        self.expected.writes.extend(files);
        self
    }

    /// These images, into the output directory of an earlier call.
    pub(crate) fn adds(self, images: &[&str]) -> Self {
        let mut call = self.converts(images);
        call.expected.writes.pop(); // No class label has changed.
        call
    }

    fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_wbimg");
        let mut command = match &self.shell {
            None => Command::new(program),
            Some(script) => {
                let mut command = Command::new("sh");
                command.args(["-c", script, "sh", program]);
                command
            }
        };
        for name in OPINIONS {
            command.env_remove(name);
        }
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.dir.path())
            .write_stdin(self.stdin.clone())
            .timeout(self.timeout);
        command
    }

    /// Runs the call, for tests that judge all of it themselves.
    pub(crate) fn output(self) -> std::process::Output {
        self.command().output().unwrap()
    }

    /// Runs the call and holds everything against what was expected.
    ///
    /// Panics with a list of all differences.
    pub(crate) fn check(self) -> Outcome {
        let before = self.folder.tree();
        let output = self.command().output().unwrap();
        let after = self.folder.tree();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut differences = String::new();
        match &self.expected.stdout {
            Stdout::Any => {}
            Stdout::Text(text) => compare("stdout", text, &hide_hashes(&stdout), &mut differences),
            Stdout::Rows => {
                let manifest = self.folder.text(format!("{OUT}/manifest.jsonl"));
                compare("stdout", &manifest, &stdout, &mut differences);
            }
        }
        match &self.expected.stderr {
            Stderr::Any => {}
            Stderr::Exactly(lines) => {
                let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
                compare("stderr", &text, &hide_hashes(&stderr), &mut differences);
            }
            Stderr::OneError(words) => one_line(&stderr, "error", words, &mut differences),
            Stderr::OneWarning(code) => {
                one_line(&stderr, "warning", &format!("[{code}]"), &mut differences);
            }
        }
        if !self.expected.any_exit && output.status.code() != Some(self.expected.exit) {
            differences += &format!(
                "exit status: {} expected, but {}\n",
                self.expected.exit, output.status
            );
        }
        if !matches!(output.status.code(), Some(0..=2 | 130 | 143)) || stderr.contains("panicked") {
            differences += &format!("a crash: {}\n", output.status);
        }
        let changed = after
            .iter()
            .filter(|(name, bytes)| before.get(*name) != Some(*bytes))
            .map(|(name, _)| name.as_str());
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        let found = changed
            .map(hide_hashes)
            .map(|name| name + "\n")
            .chain(gone.map(|name| format!("{name} (is gone)\n")));
        let mut expected: Vec<String> = self
            .expected
            .writes
            .iter()
            .map(|f| format!("{f}\n"))
            .collect();
        let mut found: Vec<String> = found.collect();
        expected.sort();
        found.sort();
        if !self.expected.any_writes {
            compare(
                "files",
                &expected.concat(),
                &found.concat(),
                &mut differences,
            );
        }
        check_output_directories(&after, &mut differences);
        let start = |text: &str| text.chars().take(2000).collect::<String>();
        assert!(
            differences.is_empty(),
            "wbimg {}\n{differences}\nstdout:\n{}\nstderr:\n{}",
            start(&format!("{:?}", self.args)),
            start(&stdout),
            start(&stderr)
        );
        Outcome {
            stdout: output.stdout,
            stderr,
        }
    }
}

/// What a call said, for tests that look closer.
pub(crate) struct Outcome {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output as rows.
    pub(crate) fn rows(&self) -> Vec<Value> {
        json_lines(std::str::from_utf8(&self.stdout).unwrap())
    }
}

/// Variables by which the machine that runs the tests would have a say.
const OPINIONS: [&str; 5] = [
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "NO_COLOR",
    "CLICOLOR_FORCE",
];

/// The program, for tests that do with it what no [`Call`] does.
pub(crate) fn program() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wbimg"));
    for name in OPINIONS {
        command.env_remove(name);
    }
    command
}
