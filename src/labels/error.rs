//! Why a label file, or one image's part of it, cannot be used.

use super::rle::RleError;

/// What is wrong, where, and what would be accepted.
///
/// From the `parse` functions: the file as a whole is unusable. From `for_image` and `mask`: this image's
/// labels are; those of others are not touched by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelsError {
    /// Not JSON, or a list that comes twice.
    #[error("the JSON cannot be read: {message}")]
    Json {
        /// What the JSON reader said, with line and column.
        message: String,
    },
    /// A value of the wrong kind.
    #[error("{path} is {found}, not {accepted}")]
    Value {
        /// Where: `annotations[12].bbox`.
        path: String,
        /// What stands there, shortened.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// A value that has to be there is not.
    #[error("{path} is missing; it should be {accepted}")]
    Missing {
        /// Where it should be.
        path: String,
        /// What it should be.
        accepted: &'static str,
    },
    /// An object with one key twice.
    #[error("{path} is ambiguous: {message}")]
    Key {
        /// The object.
        path: String,
        /// Which key.
        message: String,
    },
    /// Two entries with one id.
    #[error("{second} has the id {id} of {first}; ids must be unique")]
    DuplicateId {
        /// The first entry.
        first: String,
        /// The second entry.
        second: String,
        /// Their id.
        id: String,
    },
    /// Two images with the same file name.
    #[error(
        "images[{first}] and images[{second}] are both named {name:?}; file names must be unique"
    )]
    DuplicateName {
        /// The file name.
        name: String,
        /// Place of the first.
        first: u32,
        /// Place of the second.
        second: u32,
    },
    /// Only the base name was found, and more than once.
    #[error(
        "{name:?} could be {first:?} or {second:?} of the label file; a path that ends in one of them tells"
    )]
    AmbiguousName {
        /// The name that was looked up.
        name: String,
        /// One file name with this base name.
        first: String,
        /// Another one.
        second: String,
    },
    /// A list of detections without the file that says which images they belong to.
    #[error(
        "a list of detections names no files; it is read beside an instances file, which has `images`"
    )]
    DetectionsAlone,
    /// Run lengths that are no mask.
    #[error("{path}: {source}")]
    Rle {
        /// The run lengths.
        path: String,
        /// What is wrong with them.
        source: RleError,
    },
    /// Run lengths for a picture of another size.
    #[error(
        "{path} is a mask of {}×{}, but the picture is {}×{}; both must have one size",
        mask.0, mask.1, picture.0, picture.1
    )]
    RleSize {
        /// The object.
        path: String,
        /// Width and height that the file gives.
        mask: (u32, u32),
        /// Width and height of the picture.
        picture: (u32, u32),
    },
    /// A mask larger than any picture that is read.
    #[error(
        "a mask of {width}×{height} has more than {} pixels",
        super::MAX_PIXELS
    )]
    TooLarge {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// More than one image's labels can reasonably hold.
    #[error("{path}: {counted} beyond {limit} for one image")]
    TooMany {
        /// The object at which the limit is passed.
        path: String,
        /// What is counted.
        counted: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// Text that is not UTF-8.
    #[error("line {line} is not UTF-8 text")]
    Encoding {
        /// From 1.
        line: usize,
    },
    /// A line of a YOLO file, a `data.yaml` or a list of names.
    #[error("line {line}: {found} is not {accepted}")]
    Line {
        /// From 1.
        line: usize,
        /// What stands there, shortened.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// A class id with two names.
    #[error("line {line}: class {id} has a name already; ids must be unique")]
    DuplicateClass {
        /// From 1.
        line: usize,
        /// The id.
        id: u32,
    },
    /// A YAML file without class names.
    #[error(
        "`names:` is missing; it should be a list or a map of class names at the beginning of a line"
    )]
    NoNames,
}

/// At most 40 characters of `text`, none of which moves a terminal's cursor.
pub(super) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = text
        .chars()
        .take(SHOWN)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}
