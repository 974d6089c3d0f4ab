//! The `names:` of a YOLO `data.yaml`, and nothing else of YAML.
//!
//! Read: a list or a map from ids, in block or in flow style, of plain, 'quoted' or "quoted" names, with
//! comments. What else YAML has (anchors, tags, block scalars, nesting) is an error with its line, never a
//! guess.

use super::error::{LabelsError, excerpt};

const NAMES: &str = "a list or a map of class names";
const ENTRY: &str = "`- name` or `id: name`, indented alike";
const NAME: &str = "a class name, plain or quoted on one line";
const ID: &str = "a class id from 0 to 4294967295";
const FLOW: &str = "`,` or the closing bracket of the names";

/// Line, id and name of every class.
type Names = Vec<(usize, u32, String)>;

/// Reads the names.
pub(super) fn names(text: &str) -> Result<Names, LabelsError> {
    let mut found = None;
    for (line, at, row) in lines(text) {
        let Some(value) = value_of_names(row) else {
            continue;
        };
        if found.is_some() {
            return Err(wrong(line, row, "the only `names:`"));
        }
        found = Some((line, at + row.len() - value.len(), at + row.len()));
    }
    let Some((line, start, end)) = found else {
        return Err(LabelsError::NoNames);
    };
    let value = without_comment(&text[start..end]).trim_start();
    if value.is_empty() {
        block(text, line)
    } else if value.starts_with(['[', '{']) {
        let start = start + text[start..end].find(['[', '{']).unwrap_or_default();
        flow(&text[start..], line)
    } else {
        Err(wrong(line, value, NAMES))
    }
}

/// Line number from 1, byte, and text of every line.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut at = 0;
    (1..)
        .zip(text.split_inclusive('\n'))
        .map(move |(line, row)| {
            let start = at;
            at += row.len();
            (line, start, row.trim_end_matches(['\n', '\r']))
        })
}

/// What follows a top-level `names:`.
pub(super) fn value_of_names(row: &str) -> Option<&str> {
    let rest = ["names", "'names'", "\"names\""]
        .iter()
        .find_map(|key| row.strip_prefix(key))?
        .trim_start()
        .strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(rest)
}

/// Names on lines of their own behind line `names_line`.
fn block(text: &str, names_line: usize) -> Result<Names, LabelsError> {
    let mut names = Names::new();
    let mut style = None;
    for (line, _, row) in lines(text).skip(names_line) {
        let entry = row.trim_start_matches(' ');
        let indent = row.len() - entry.len();
        if without_comment(entry).is_empty() {
            continue;
        }
        let item = entry
            .strip_prefix('-')
            .filter(|rest| rest.is_empty() || rest.starts_with(' '));
        if indent == 0 && item.is_none() {
            break;
        }
        // One indentation and one kind for all of them: anything else is nested, or not ours to read.
        if *style.get_or_insert((indent, item.is_some())) != (indent, item.is_some()) {
            return Err(wrong(line, entry, ENTRY));
        }
        let (id, value) = match item {
            Some(rest) => (next_id(&names, line)?, rest),
            None => {
                let (key, rest) = entry
                    .split_once(':')
                    .ok_or_else(|| wrong(line, entry, ENTRY))?;
                if !rest.starts_with([' ', '\t']) {
                    return Err(wrong(line, entry, ENTRY));
                }
                (id(key, line)?, rest)
            }
        };
        let (name, rest) = scalar(value.trim_start(), line, Style::Block)?;
        if !without_comment(rest).is_empty() {
            return Err(wrong(line, entry, NAME));
        }
        names.push((line, id, name));
    }
    if names.is_empty() {
        Err(LabelsError::NoNames)
    } else {
        Ok(names)
    }
}

/// Names between brackets, which may go over several lines.
fn flow(text: &str, line: usize) -> Result<Names, LabelsError> {
    let (map, close) = if text.starts_with('{') {
        (true, '}')
    } else {
        (false, ']')
    };
    let mut names = Names::new();
    let mut cursor = Cursor {
        rest: &text[1..],
        line,
    };
    loop {
        cursor.skip();
        if let Some(rest) = cursor.rest.strip_prefix(close) {
            let behind = rest.lines().next().unwrap_or_default();
            return if without_comment(behind).is_empty() {
                Ok(names)
            } else {
                Err(wrong(cursor.line, behind, "the end of the names"))
            };
        }
        let id = if map {
            let (key, rest) = scalar(cursor.rest, cursor.line, Style::Key)?;
            let rest = rest.trim_start_matches([' ', '\t']).strip_prefix(':');
            cursor.rest = rest.ok_or_else(|| wrong(cursor.line, &key, "`id: name`"))?;
            cursor.skip();
            id(&key, cursor.line)?
        } else {
            next_id(&names, cursor.line)?
        };
        let (name, rest) = scalar(cursor.rest, cursor.line, Style::Flow)?;
        names.push((cursor.line, id, name));
        cursor.rest = rest;
        cursor.skip();
        if let Some(rest) = cursor.rest.strip_prefix(',') {
            cursor.rest = rest;
        } else if !cursor.rest.starts_with(close) {
            let found = cursor.rest.lines().next().unwrap_or("the end of the file");
            return Err(wrong(cursor.line, found, FLOW));
        }
    }
}

/// What is left of a flow collection, and the line of its beginning.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl Cursor<'_> {
    /// Passes over white space, line ends and comments.
    fn skip(&mut self) {
        let mut comment = false;
        let mut end = self.rest.len();
        let mut spaced = true;
        for (at, c) in self.rest.char_indices() {
            match c {
                '\n' => {
                    self.line += 1;
                    (comment, spaced) = (false, true);
                }
                _ if comment => {}
                ' ' | '\t' | '\r' => spaced = true,
                '#' if spaced => comment = true,
                _ => {
                    end = at;
                    break;
                }
            }
        }
        self.rest = &self.rest[end..];
    }
}

/// Where a plain name ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// At the end of the line.
    Block,
    /// At a comma or bracket too.
    Flow,
    /// At a colon too.
    Key,
}

/// One plain or quoted name at the beginning of `text`, and what follows it.
fn scalar(text: &str, line: usize, style: Style) -> Result<(String, &str), LabelsError> {
    let row = text.lines().next().unwrap_or_default();
    let damaged = || wrong(line, row, NAME);
    if let Some(quoted) = row.strip_prefix('\'') {
        let mut name = String::new();
        let mut rest = quoted;
        loop {
            let (part, behind) = rest.split_once('\'').ok_or_else(damaged)?;
            name.push_str(part);
            let Some(again) = behind.strip_prefix('\'') else {
                return Ok((name, &text[row.len() - behind.len()..]));
            };
            name.push('\'');
            rest = again;
        }
    }
    if row.starts_with('"') {
        // JSON's escapes are those of YAML that names have.
        let mut values = serde_json::Deserializer::from_str(row).into_iter::<String>();
        let name = values.next().and_then(Result::ok).ok_or_else(damaged)?;
        return Ok((name, &text[values.byte_offset()..]));
    }
    if row.starts_with([
        '&', '*', '!', '|', '>', '%', '@', '`', '[', ']', '{', '}', ',', '#',
    ]) || ["- ", "? ", ": "].iter().any(|mark| row.starts_with(mark))
    {
        return Err(damaged());
    }
    let mut end = match style {
        Style::Block => row.len(),
        Style::Flow => row.find([',', '[', ']', '{', '}']).unwrap_or(row.len()),
        Style::Key => row
            .find([',', '[', ']', '{', '}', ':'])
            .unwrap_or(row.len()),
    };
    end = end.min(without_comment(row).len());
    let name = row[..end].trim_end();
    // `a: b` is a nested map, not a name.
    if name.is_empty() || name.contains(": ") || name.ends_with(':') {
        return Err(damaged());
    }
    Ok((name.to_owned(), &text[end..]))
}

/// The text before a comment, without white space at its end.
fn without_comment(row: &str) -> &str {
    let mark = row
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| at == 0 || row[..at].ends_with([' ', '\t']));
    row[..mark.unwrap_or(row.len())].trim_end()
}

fn id(key: &str, line: usize) -> Result<u32, LabelsError> {
    let key = key.trim();
    let bare = key.trim_matches(['\'', '"']);
    bare.parse().map_err(|_| wrong(line, key, ID))
}

fn next_id(names: &Names, line: usize) -> Result<u32, LabelsError> {
    u32::try_from(names.len()).map_err(|_| wrong(line, "the list", NAMES))
}

fn wrong(line: usize, found: &str, accepted: &'static str) -> LabelsError {
    LabelsError::Line {
        line,
        found: format!("{:?}", excerpt(found.trim())),
        accepted,
    }
}

#[cfg(test)]
mod tests;
