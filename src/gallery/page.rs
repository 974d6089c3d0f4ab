//! The page as text: its parts, which are files of their own in `assets/gallery`, and the data, put together so
//! that nothing in the data can be anything but data.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What tells a page of ours from somebody else's.
pub const MARK: &str = "<meta name=\"generator\" content=\"wbimg ";

const STYLE: &str = include_str!("../../assets/gallery/gallery.css");
const BODY: &str = include_str!("../../assets/gallery/body.html");

/// One scope, in the order in which each part needs those before it.
const SCRIPTS: [&str; 11] = [
    include_str!("../../assets/gallery/dom.js"),
    include_str!("../../assets/gallery/model.js"),
    include_str!("../../assets/gallery/files.js"),
    include_str!("../../assets/gallery/paint.js"),
    include_str!("../../assets/gallery/draw.js"),
    include_str!("../../assets/gallery/labels.js"),
    include_str!("../../assets/gallery/panel.js"),
    include_str!("../../assets/gallery/grid.js"),
    include_str!("../../assets/gallery/stage.js"),
    include_str!("../../assets/gallery/viewer.js"),
    include_str!("../../assets/gallery/app.js"),
];

/// Where the page finds what is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sources {
    /// Beside it.
    Beside,
    /// Nowhere: it is whole.
    Inside,
}

/// JSON or base64 inside a script element: no markup, and no end of a line that only JavaScript knows.
pub(super) fn in_script(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
}

/// Writes the page up to where embedded files go.
pub(super) fn head(
    out: &mut impl Write,
    title: &str,
    json: &str,
    sources: Sources,
) -> io::Result<()> {
    let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", SCRIPTS.concat());
    let policy = policy(&script, sources);
    let version = env!("CARGO_PKG_VERSION");
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{MARK}{version}\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n{BODY}\n\
         <script type=\"application/json\" id=\"data\">",
        escaped(title)
    )?;
    out.write_all(in_script(json).as_bytes())?;
    write!(out, "</script>\n<script>{script}</script>\n")
}

/// Writes a file into the page: base64, which the page turns into a picture when it is looked at.
pub(super) fn embed(out: &mut impl Write, name: &str, kind: &str, bytes: &[u8]) -> io::Result<()> {
    let text = STANDARD.encode(bytes);
    writeln!(
        out,
        "<script type=\"text/plain\" id=\"file-{name}\" data-kind=\"{kind}\">{text}</script>"
    )
}

/// Writes the JSON of a layer into the page.
pub(super) fn embed_layer(out: &mut impl Write, name: &str, json: &str) -> io::Result<()> {
    let json = in_script(json);
    writeln!(
        out,
        "<script type=\"application/json\" id=\"layer-{name}\">{json}</script>"
    )
}

/// Writes the end of the page.
pub(super) fn tail(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"</body>\n</html>\n")
}

/// What the page may load: its own script and style, known by their hashes, and what lies beside it.
fn policy(script: &str, sources: Sources) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let (script, style) = (hash(script), hash(STYLE));
    let (scripts, images) = match sources {
        Sources::Beside => ("'self' file: ", "'self' file: "),
        Sources::Inside => ("", ""),
    };
    format!(
        "default-src 'none'; script-src {scripts}{script}; style-src {style}; img-src {images}data: blob:; \
         base-uri 'none'; form-action 'none'"
    )
}

/// Text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element_or_a_line() {
        let hostile = "{\"c\":\"</script><!--<script>&\u{2028}\u{2029}\"}";
        let text = in_script(hostile);
        assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed["c"], "</script><!--<script>&\u{2028}\u{2029}");
    }

    #[test]
    fn no_part_of_the_page_ends_the_element_that_it_is_in() {
        for part in SCRIPTS.iter().chain([&STYLE]) {
            let part = part.to_ascii_lowercase();
            assert!(
                !part.contains("</script") && !part.contains("</style") && !part.contains("<!--")
            );
        }
    }

    #[test]
    fn a_title_is_text() {
        let mut page = Vec::new();
        head(&mut page, "</title><b>&amp;", "{}", Sources::Inside).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("<title>&lt;/title&gt;&lt;b&gt;&amp;amp;</title>"));
        assert!(page.contains(MARK) && page.find(MARK) < Some(4000));
        assert!(!page.contains("file:"));
    }
}
