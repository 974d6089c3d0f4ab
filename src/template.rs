//! Text with placeholders: `{stem}` is filled in, `{{` and `}}` are literal braces. What a name stands for is
//! the caller's business.

/// A text whose placeholders are known to be among the allowed ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(&'static str),
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder that nothing is known for.
    #[error(
        "unknown placeholder {{{name}}}: known are {}; write {{{{ and }}}} for literal braces",
        list(known)
    )]
    Unknown {
        /// The name between the braces.
        name: String,
        /// The names that can be filled in.
        known: &'static [&'static str],
    },
    /// A brace without its partner.
    #[error("a single '{brace}' in {text:?}: write {{{{ and }}}} for literal braces")]
    Brace {
        /// The brace.
        brace: char,
        /// The whole text.
        text: String,
    },
}

impl Template {
    /// Takes a text with placeholders out of `known`.
    ///
    /// # Errors
    /// [`TemplateError`] for an unknown placeholder or a brace without partner.
    pub fn new(text: &str, known: &'static [&'static str]) -> Result<Self, TemplateError> {
        let single = |brace| TemplateError::Brace {
            brace,
            text: text.to_owned(),
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            pieces.push(Piece::Text(rest[..at].to_owned()));
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix(brace) {
                pieces.push(Piece::Text(brace.to_owned()));
                rest = after;
            } else if brace == "{" {
                let (name, after) = after.split_once('}').ok_or_else(|| single('{'))?;
                let found =
                    known
                        .iter()
                        .find(|&&k| k == name)
                        .ok_or_else(|| TemplateError::Unknown {
                            name: name.to_owned(),
                            known,
                        })?;
                pieces.push(Piece::Name(found));
                rest = after;
            } else {
                return Err(single('}'));
            }
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// Whether there is nothing to fill in.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.pieces
            .iter()
            .all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// The text with every name replaced by what `value` gives for it. What is filled in is not looked at again.
    #[must_use]
    pub fn fill(&self, mut value: impl FnMut(&'static str) -> String) -> String {
        self.pieces
            .iter()
            .fold(String::new(), |text, piece| match piece {
                Piece::Text(piece) => text + piece,
                Piece::Name(name) => text + &value(name),
            })
    }
}

fn list(known: &[&str]) -> String {
    known
        .iter()
        .map(|name| format!("{{{name}}}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, TemplateError> {
        Ok(Template::new(text, &["stem", "step"])?.fill(|name| format!("<{name}>")))
    }

    #[test]
    fn placeholders_are_filled_and_double_braces_are_literal() {
        assert_eq!(fill("{stem} at {step}").as_deref(), Ok("<stem> at <step>"));
        assert_eq!(
            fill("{{stem}} {{{stem}}}").as_deref(),
            Ok("{stem} {<stem>}")
        );
        assert_eq!(fill("").as_deref(), Ok(""));
    }

    #[test]
    fn unknown_names_and_single_braces_are_refused() {
        assert!(
            matches!(fill("{name}"), Err(TemplateError::Unknown { name, .. }) if name == "name")
        );
        for text in ["{", "}", "a{stem", "{}}"] {
            assert!(fill(text).is_err(), "{text}");
        }
    }
}
