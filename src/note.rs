//! What is worth saying of a picture without being a warning: notes never change the exit status, and are not
//! kept in rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::labels::Notice;
use crate::layout::{ShapeError, readings_as_flags};
use crate::read::DecodedChange;
use crate::selection::{NotPicture, PassedOver};

/// Something worth knowing about one picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Encoding an image file again changed it.
    Changed(DecodedChange),
    /// A JSON file beside the input that is probably another tool's.
    SidecarLeftAlone {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// There are layers, but no picture to draw them on.
    NotDrawn {
        /// Why.
        reason: String,
    },
    /// A colormap for an array that has colours already.
    ColormapUnused {
        /// Its channels.
        channels: usize,
    },
    /// An array of a container that is no picture.
    PassedOver(PassedOver),
    /// Labels that could not be carried over.
    Labels(Notice),
    /// Nothing for this input among the label files.
    Unlabelled,
    /// A mask whose class ids are not known, so that it is not drawn.
    MaskWithoutIds {
        /// The layer's name.
        layer: String,
    },
}

/// A note in words, as it is told, also of a picture that was made by an earlier call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRecord {
    /// What many notes of one sort have in common.
    pub kind: String,
    /// The array of the input that it is about, if not the input or the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array: Option<String>,
    /// What is worth saying.
    pub text: String,
}

impl From<&Note> for NoteRecord {
    fn from(note: &Note) -> Self {
        Self {
            kind: note.kind().to_owned(),
            array: match note {
                Note::PassedOver(passed_over) => Some(passed_over.name.clone()),
                _ => None,
            },
            text: note.to_string(),
        }
    }
}

impl Note {
    /// What many notes of one sort have in common.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Changed(DecodedChange::ReducedTo8Bits) => "reduced",
            Self::Changed(DecodedChange::Turned) => "turned",
            Self::Changed(DecodedChange::FirstFrame) => "first-frame",
            Self::SidecarLeftAlone { .. } => "sidecar",
            Self::ColormapUnused { .. } => "colormap",
            Self::PassedOver(_) => "passed-over",
            Self::Labels(_) => "labels",
            Self::Unlabelled => "unlabelled",
            Self::NotDrawn { .. } | Self::MaskWithoutIds { .. } => "not-drawn",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(DecodedChange::ReducedTo8Bits) => {
                f.write_str("16-bit samples were reduced to their upper 8 bits")
            }
            Self::Changed(DecodedChange::Turned) => {
                f.write_str("turned upright, as its EXIF orientation says")
            }
            Self::Changed(DecodedChange::FirstFrame) => {
                f.write_str("only the first frame of the animation was taken")
            }
            Self::SidecarLeftAlone { path, reason } => {
                write!(f, "{path} is left alone: {reason}")
            }
            Self::ColormapUnused { channels } => {
                write!(
                    f,
                    "--colormap is for arrays of one channel; this one has {channels}"
                )
            }
            Self::PassedOver(PassedOver { why, .. }) => {
                write!(f, "passed over: {why}")?;
                match why {
                    NotPicture::Shape(ShapeError::Unreadable { readings, .. }) => {
                        readings_as_flags(readings).map_or(Ok(()), |flags| write!(f, ": {flags}"))
                    }
                    _ => Ok(()),
                }
            }
            Self::Labels(notice) => notice.fmt(f),
            Self::Unlabelled => f.write_str("--labels has nothing for it"),
            Self::NotDrawn { reason } => write!(f, "boxes and masks were not drawn: {reason}"),
            Self::MaskWithoutIds { layer } => write!(
                f,
                "mask {layer} is not drawn: its file has no single channel of class ids"
            ),
        }
    }
}
