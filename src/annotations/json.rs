//! Strict JSON: what `serde_json` lets pass and W&B would not, or would lose, is refused. Text in, values out.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The longest JSON file that is read, in bytes.
pub const MAX_JSON: usize = 16 << 20;

/// Why bytes are not strict JSON.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Longer than any annotation file.
    #[error("is {bytes} bytes long; at most {MAX_JSON} are read")]
    TooLong {
        /// Bytes that there are.
        bytes: usize,
    },
    /// An integer that would lose digits.
    #[error("has an integer of more than 64 bits at byte {at}, which cannot be kept exactly")]
    LongInteger {
        /// Where it begins.
        at: usize,
    },
    /// Not JSON: RFC 8259 knows no NaN, comments or trailing commas, and here no name stands twice.
    #[error("is not JSON: {0}")]
    Syntax(serde_json::Error),
}

/// Parses a whole file. A byte order mark in front is passed over; a name that stands twice in one object is
/// refused, because only one of its values could be kept.
///
/// # Errors
/// [`JsonError`] if that is not possible.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    if bytes.len() > MAX_JSON {
        return Err(JsonError::TooLong { bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Strict(value) = serde_json::from_slice(bytes).map_err(JsonError::Syntax)?;
    match long_integer(bytes) {
        Some(at) => Err(JsonError::LongInteger { at }),
        None => Ok(value),
    }
}

/// Where valid JSON has an integer outside the range of `i64` and `u64`, which would become a float.
fn long_integer(json: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < json.len() {
        match json[at] {
            b'"' => {
                at += 1;
                while json[at] != b'"' {
                    at += if json[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let rest = &json[at..];
                let is_number =
                    |b: &u8| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                let len = rest.iter().take_while(|b| is_number(b)).count();
                let text = std::str::from_utf8(&rest[..len]).unwrap_or_default();
                let is_integer = !text.contains(['.', 'e', 'E']);
                if is_integer && text.parse::<i64>().is_err() && text.parse::<u64>().is_err() {
                    return Some(at);
                }
                at += len;
            }
            _ => at += 1,
        }
    }
    None
}

/// A value without repeated names.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(n.into())
    }

    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(n.into())
    }

    fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<Value, E> {
        let number = Number::from_f64(x).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(value)) = elements.next_element()? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "the name {name:?} stands twice"
                )));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// What a value is, for error messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(n) if n.is_f64() => "a number with a fraction",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value in an error message: what is long is cut.
pub(super) fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strict_json_forbids_is_refused() {
        for text in [
            "",
            "{\"a\":1,\"a\":2}",
            "[{\"x\":{\"b\":1,\"b\":1}}]",
            "NaN",
            "[1,]",
            "1e999",
            "{} {}",
            &"[".repeat(1000),
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:.20}");
        }
    }

    #[test]
    fn order_and_numbers_are_kept() {
        let text = r#"{"z":1,"a":[0.1,18446744073709551615,-5,1e-7],"m":null}"#;
        let value = parse(format!("\u{feff}{text}").as_bytes()).unwrap();
        assert_eq!(value.to_string(), text);
    }
}
