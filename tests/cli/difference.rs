//! How what was found differs from what was expected, in lines to read.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Adds a difference unless there is one line of this level with these words.
pub(crate) fn one_line(stderr: &str, level: &str, words: &str, differences: &mut String) {
    let is_level = stderr.starts_with(&format!("wbimg: {level}: "));
    if stderr.lines().count() != 1 || !is_level || !stderr.contains(words) {
        *differences += &format!("stderr: one {level} with {words:?} was expected\n");
    }
}

/// Adds a difference between two texts: the lines that only one of them has, and those that both have for
/// orientation, as long as there are few.
pub(crate) fn compare(what: &str, expected: &str, found: &str, differences: &mut String) {
    const MOST: usize = 40;
    if expected == found {
        return;
    }
    let mut lines = Vec::new();
    let mut rest: Vec<&str> = found.lines().collect();
    for line in expected.lines() {
        let mark = match rest.iter().position(|other| *other == line) {
            Some(at) => {
                rest.remove(at);
                ' '
            }
            None => '-',
        };
        lines.push(format!("{mark} {line}\n"));
    }
    lines.extend(rest.iter().map(|line| format!("+ {line}\n")));
    *differences += &format!("{what} differs (- expected, + found):\n");
    *differences += &lines[..lines.len().min(MOST)].concat();
    if lines.len() > MOST {
        *differences += &format!("… and {} lines more\n", lines.len() - MOST);
    }
}

/// What holds for every output directory at any time: names carry the hash of what is in them, and no row
/// refers to a file that is missing or other.
pub(crate) fn check_output_directories(tree: &BTreeMap<String, Vec<u8>>, differences: &mut String) {
    for (name, manifest) in tree {
        let Some(root) = name.strip_suffix("manifest.jsonl") else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(manifest) else {
            continue;
        };
        for line in text.lines() {
            let Ok(row) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let media = &row["media"];
            if !media["path"].is_string() {
                continue; // Somebody else's manifest.
            }
            let layers = ["boxes", "masks"].map(|kind| media[kind].as_object());
            let layers = layers
                .into_iter()
                .flatten()
                .flat_map(|layers| layers.values());
            let overlay = Some(&row["overlay"]).filter(|overlay| !overlay.is_null());
            for file in [media].into_iter().chain(layers).chain(overlay) {
                let path = format!("{root}{}", file["path"].as_str().unwrap_or_default());
                let hash = file["sha256"].as_str().unwrap_or_default();
                let whole = hash.len() == 64
                    && tree.get(&path).is_some_and(|bytes| {
                        sha256(bytes) == hash
                            && file["size"] == bytes.len()
                            && path.contains(&format!("_{}", &hash[..20]))
                    });
                if !whole {
                    *differences += &format!("{name}: {path} is not as its row says\n");
                }
            }
        }
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Replaces the hash at the end of names by `…`: encoders decide it, not these tests.
pub(crate) fn hide_hashes(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        let (head, tail) = rest.split_at(at + 1);
        shown += head;
        let digits = tail
            .bytes()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            .count();
        if digits == 20 {
            shown.push('…');
            rest = &tail[20..];
        } else {
            rest = tail;
        }
    }
    shown + rest
}
