//! What files of the output directory are called.

use super::FileKind;

/// The rows: the one source of truth of a directory.
pub(super) const MANIFEST: &str = "manifest.jsonl";
/// What `run.log` would have recorded, made from the rows.
pub(super) const HISTORY: &str = "history.jsonl";
/// The class labels, made from the rows.
pub(super) const CONFIG: &str = "config.json";
/// What all files begin with that only the program itself reads.
pub(super) const HIDDEN: &str = ".wbimg-";
/// What journals begin with; their owner follows.
pub(super) const JOURNAL: &str = ".wbimg-journal-";
/// What files that are not finished begin with; their owner and a number follow.
pub(super) const TEMPORARY: &str = ".wbimg-tmp-";
/// What the files begin with that tell what inputs looked like when they were converted; a hexadecimal digit
/// follows.
pub(super) const CACHE: &str = ".wbimg-cache-";

/// The relative path of a file: folder, key, step and the first 20 hex digits of its hash.
pub(super) fn file_name(
    kind: FileKind,
    key: &str,
    step: u64,
    sha256: &str,
    format: &str,
) -> String {
    let key = safe_key(key);
    let hash = &sha256[..20];
    let dot = if format.is_empty() { "" } else { "." };
    match kind {
        FileKind::Image => format!("media/images/{key}_{step}_{hash}{dot}{format}"),
        FileKind::Boxes => format!("media/metadata/boxes2D/{key}_{step}_{hash}.boxes2D.json"),
        FileKind::Mask => format!("media/images/mask/{key}_{step}_{hash}.mask{dot}{format}"),
        FileKind::Overlay => format!("overlays/{key}_{step}_{hash}.overlay.png"),
    }
}

/// A key as part of a path, as W&B writes it: no leading slash, no component that leads elsewhere, and no empty
/// one but the last.
#[must_use]
pub fn safe_key(key: &str) -> String {
    let mut components: Vec<&str> = key.split('/').collect();
    let last = components.pop().unwrap_or_default();
    components.retain(|component| !component.is_empty());
    components.push(last);
    for component in &mut components {
        *component = match *component {
            "." => "_",
            ".." => "__",
            other => other,
        };
    }
    components.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_lead_out_of_the_directory() {
        for (key, expected) in [
            ("a/b", "a/b"),
            ("/etc/passwd", "etc/passwd"),
            ("//a//b", "a/b"),
            ("../../x", "__/__/x"),
            ("a/./..", "a/_/__"),
            ("...", "..."),
            ("a/", "a/"),
            ("/", ""),
        ] {
            assert_eq!(safe_key(key), expected);
        }
    }
}
