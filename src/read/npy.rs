//! The header of a `.npy` file, versions 1 to 3, read strictly and without recursion.
//!
//! The format is NumPy's: magic, version, header length, then a Python dict literal with exactly the keys
//! `descr`, `fortran_order` and `shape`. Crates that parse it as a general Python literal take time
//! exponential in its nesting; this reader knows only the flat form that NumPy writes.

use std::io::Read;

use super::Source;
use crate::array::{ArraySpec, Convention, MemoryOrder, SpecError};
use crate::dtype::{ByteOrder, DType};

/// The first bytes of every `.npy` file.
pub(super) const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// The longest header that NumPy reads from files that it does not trust.
const MAX_HEADER: usize = 10_000;

/// More axes than any batch of pictures has, even with leading axes of length 1.
const MAX_AXES: usize = 8;

/// Why a `.npy` file is not an array of numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NpyError {
    /// Another file under an array's name.
    #[error("it does not begin as a .npy file does")]
    Magic,
    /// The file ends inside the header.
    #[error("the .npy file ends inside its header")]
    TruncatedHeader,
    /// A version that NumPy has not defined.
    #[error(".npy version {major}.{minor} is unknown; 1.0, 2.0 and 3.0 are read")]
    Version {
        /// The major number.
        major: u8,
        /// The minor number.
        minor: u8,
    },
    /// A header longer than NumPy accepts.
    #[error("the .npy header claims {claimed} bytes; at most {MAX_HEADER} are read")]
    LongHeader {
        /// The length that the file claims.
        claimed: usize,
    },
    /// Not the dict literal that NumPy writes.
    #[error("the .npy header is damaged at byte {at}: expected {expected}")]
    Syntax {
        /// Byte of the header text.
        at: usize,
        /// What should have stood there.
        expected: &'static str,
    },
    /// Elements that are no numbers, or numbers that no picture is made of.
    #[error(
        "the array holds {held}; pictures are made of bool, int, uint, float16/32/64 or complex64/128"
    )]
    DType {
        /// What the array holds.
        held: String,
    },
    /// More axes than are read.
    #[error("the array has more than {MAX_AXES} axes")]
    TooManyAxes,
    /// The shape is beyond any memory.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The file ends before the array does.
    #[error("the .npy file is truncated: its array needs {expected} bytes, but {found} are there")]
    TruncatedData {
        /// Bytes of the array.
        expected: u64,
        /// Bytes behind the header.
        found: u64,
    },
    /// The file could not be read.
    #[error("the .npy header cannot be read: {kind}")]
    Io {
        /// What the system said.
        kind: std::io::ErrorKind,
    },
}

/// Reads the header of a file: what the array is, and where in the file it begins. Bytes behind the array are
/// ignored, as NumPy ignores them.
pub(super) fn read_header(source: &Source) -> Result<(ArraySpec, u64), NpyError> {
    let (spec, data) = read_header_from(source.section(0, source.len()), source.len())?;
    Ok((spec, data as u64))
}

/// Reads the header from the start of `len` bytes: what the array is, and how long the header was.
pub(super) fn read_header_from(
    mut reader: impl Read,
    len: u64,
) -> Result<(ArraySpec, usize), NpyError> {
    let mut fixed = [0; 8];
    reader.read_exact(&mut fixed).map_err(io_error)?;
    let [magic @ .., major, minor] = fixed;
    if magic != MAGIC {
        return Err(NpyError::Magic);
    }
    let mut length = [0; 4];
    let width = match (major, minor) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        _ => return Err(NpyError::Version { major, minor }),
    };
    reader.read_exact(&mut length[..width]).map_err(io_error)?;
    let claimed = u32::from_le_bytes(length) as usize;
    if claimed > MAX_HEADER {
        return Err(NpyError::LongHeader { claimed });
    }
    let mut text = vec![0; claimed];
    reader.read_exact(&mut text).map_err(io_error)?;
    let data = fixed.len() + width + claimed;
    let Header {
        descr,
        fortran_order,
        shape,
    } = Parser { text: &text, at: 0 }.header()?;
    let (dtype, order) = parse_descr(&descr)?;
    let memory = if fortran_order {
        MemoryOrder::Fortran
    } else {
        MemoryOrder::C
    };
    let spec = ArraySpec::contiguous(dtype, order, shape, memory, Convention::ChannelsLast)?;
    let (expected, found) = (
        spec.span_bytes() as u64,
        len.checked_sub(data as u64)
            .ok_or(NpyError::TruncatedHeader)?,
    );
    if found < expected {
        return Err(NpyError::TruncatedData { expected, found });
    }
    Ok((spec, data))
}

fn io_error(error: std::io::Error) -> NpyError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => NpyError::TruncatedHeader,
        kind => NpyError::Io { kind },
    }
}

/// The three entries of a header, as written.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

/// A reader of the one literal form that headers have.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn header(mut self) -> Result<Header, NpyError> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.expect(b'{', "'{'")?;
        while !self.take(b'}') {
            let key = self.string()?;
            self.expect(b':', "':'")?;
            let again = match key.as_str() {
                "descr" => descr.replace(self.descr()?).is_some(),
                "fortran_order" => fortran_order.replace(self.boolean()?).is_some(),
                "shape" => shape.replace(self.tuple()?).is_some(),
                _ => return self.error("one of the keys descr, fortran_order, shape"),
            };
            if again {
                return self.error("each key once");
            }
            if !self.take(b',') {
                self.expect(b'}', "',' or '}'")?;
                break;
            }
        }
        self.skip_space();
        if self.at < self.text.len() {
            return self.error("nothing after the dict");
        }
        match (descr, fortran_order, shape) {
            (Some(descr), Some(fortran_order), Some(shape)) => Ok(Header {
                descr,
                fortran_order,
                shape,
            }),
            _ => self.error("all of the keys descr, fortran_order, shape"),
        }
    }

    /// A type string; a list of fields is a structured type, whose fields nobody needs to see.
    fn descr(&mut self) -> Result<String, NpyError> {
        if self.peek() == Some(b'[') {
            return Err(NpyError::DType {
                held: "records (a structured dtype)".to_owned(),
            });
        }
        self.string()
    }

    fn string(&mut self) -> Result<String, NpyError> {
        let Some(quote @ (b'\'' | b'"')) = self.peek() else {
            return self.error("a quoted string");
        };
        let rest = &self.text[self.at + 1..];
        let Some(len) = rest.iter().position(|&b| b == quote) else {
            return self.error("a closing quote");
        };
        let string = String::from_utf8_lossy(&rest[..len]).into_owned();
        self.at += len + 2;
        Ok(string)
    }

    fn boolean(&mut self) -> Result<bool, NpyError> {
        self.skip_space();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.error("True or False")
    }

    fn tuple(&mut self) -> Result<Vec<usize>, NpyError> {
        let mut lengths = Vec::new();
        self.expect(b'(', "'('")?;
        while !self.take(b')') {
            if lengths.len() == MAX_AXES {
                return Err(NpyError::TooManyAxes);
            }
            lengths.push(self.length()?);
            if !self.take(b',') {
                self.expect(b')', "',' or ')'")?;
                break;
            }
        }
        Ok(lengths)
    }

    fn length(&mut self) -> Result<usize, NpyError> {
        self.skip_space();
        let digits = self.text[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let text = String::from_utf8_lossy(&self.text[self.at..self.at + digits]);
        let Ok(length) = text.parse() else {
            return self.error("the length of an axis");
        };
        self.at += digits;
        // Python 2 wrote long integers.
        self.take(b'L');
        Ok(length)
    }

    fn skip_space(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), NpyError> {
        if self.take(byte) {
            Ok(())
        } else {
            self.error(name)
        }
    }

    fn error<T>(&self, expected: &'static str) -> Result<T, NpyError> {
        Err(NpyError::Syntax {
            at: self.at,
            expected,
        })
    }
}

/// A NumPy type string such as `<f4`: byte order, kind, bytes.
fn parse_descr(descr: &str) -> Result<(DType, ByteOrder), NpyError> {
    let (order, name) = match descr.as_bytes().first() {
        Some(b'<') => (ByteOrder::Little, &descr[1..]),
        Some(b'>') => (ByteOrder::Big, &descr[1..]),
        Some(b'|' | b'=') => (ByteOrder::NATIVE, &descr[1..]),
        _ => (ByteOrder::NATIVE, descr),
    };
    let dtype = match name {
        "b1" | "?" => DType::Bool,
        "u1" => DType::U8,
        "u2" => DType::U16,
        "u4" => DType::U32,
        "u8" => DType::U64,
        "i1" => DType::I8,
        "i2" => DType::I16,
        "i4" => DType::I32,
        "i8" => DType::I64,
        "f2" => DType::F16,
        "f4" => DType::F32,
        "f8" => DType::F64,
        "c8" => DType::C64,
        "c16" => DType::C128,
        _ => {
            return Err(NpyError::DType {
                held: describe(name),
            });
        }
    };
    Ok((dtype, order))
}

/// What an unreadable element type holds, in words.
fn describe(name: &str) -> String {
    match name.as_bytes().first() {
        Some(b'O') => "Python objects (dtype object), which only pickle could read".to_owned(),
        Some(b'U') => "text (dtype str)".to_owned(),
        Some(b'S' | b'a') => "byte strings (dtype bytes)".to_owned(),
        Some(b'V') => "raw bytes (dtype void)".to_owned(),
        Some(b'M') => "dates (dtype datetime64)".to_owned(),
        Some(b'm') => "time spans (dtype timedelta64)".to_owned(),
        Some(b'f') if name == "f16" || name == "f12" => {
            "extended floats (dtype longdouble)".to_owned()
        }
        Some(b'c') if name == "c32" || name == "c24" => {
            "extended complex numbers (dtype clongdouble)".to_owned()
        }
        _ => format!("elements of dtype {name:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Header, NpyError> {
        Parser {
            text: text.as_bytes(),
            at: 0,
        }
        .header()
    }

    #[test]
    fn what_numpy_writes_is_read() {
        for (text, shape) in [
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n",
                vec![3, 4],
            ),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
                vec![],
            ),
            (
                "{\"shape\": (5L,), 'fortran_order': False, 'descr': '<f4'}",
                vec![5],
            ),
        ] {
            let header = parse(text);
            assert_eq!(header.map(|h| h.shape), Ok(shape), "{text}");
        }
    }

    #[test]
    fn nested_repeated_and_unknown_entries_are_refused() {
        let nested = format!("{{'descr': {}", "[".repeat(6000));
        assert!(matches!(parse(&nested), Err(NpyError::DType { .. })));
        let tuple = "{'descr': '<f4', 'fortran_order': False, 'shape': ((((1,),),),)}";
        assert!(matches!(parse(tuple), Err(NpyError::Syntax { .. })));
        let twice = "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}";
        assert!(matches!(parse(twice), Err(NpyError::Syntax { .. })));
        let more = "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}";
        assert!(matches!(parse(more), Err(NpyError::Syntax { .. })));
        let axes = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}";
        assert_eq!(parse(axes), Err(NpyError::TooManyAxes));
    }
}
