//! Bytes in, arrays and image files out. Where the bytes come from is the caller's business; nothing here
//! opens a path, and no length that a file claims is believed before the bytes are there.

mod image_file;
mod jpeg_markers;
mod mask;
mod npy;
mod source;

pub use image_file::{
    Decoded, DecodedChange, ImageError, ImageFile, ImageKind, SizeLimits, Upright,
};
pub(crate) use mask::mask_file;
pub use npy::NpyError;
pub use source::Source;

use std::io;

use crate::array::ArraySpec;
use crate::frame::{AlignedBytes, Frame, FrameError};
use crate::layout::Axes;

/// What an input holds.
#[derive(Debug)]
pub enum Contents {
    /// Arrays, in the container's order: one without a name, or any number with names.
    Arrays(Vec<Member>),
    /// An image file, to be passed through.
    Image(ImageKind),
}

/// An array of a container, not yet loaded.
#[derive(Debug)]
pub struct Member {
    /// The array's name; `None` where the container is one array.
    pub name: Option<String>,
    /// What the container says of it.
    pub spec: ArraySpec,
    /// Where its first element is, in bytes from the start of the source. All bytes that the strides reach are
    /// there.
    offset: u64,
}

/// Why an input cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// Its first bytes are no format that is read here.
    #[error("neither an array nor an image: it begins with {}", Bytes(head))]
    Unknown {
        /// The first bytes, at most 8.
        head: Vec<u8>,
    },
    /// A format that holds arrays or pictures, but not one that is read here.
    #[error("{format} is not read")]
    Unsupported {
        /// The format's name.
        format: &'static str,
    },
    /// A `.npy` file that is not as NumPy writes them.
    #[error(transparent)]
    Npy(#[from] NpyError),
    /// An image file that cannot be decoded.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The bytes of a picture could not be taken up.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Reading failed.
    #[error("cannot be read")]
    Io(#[from] io::Error),
}

/// Finds out what `source` holds, by its content.
///
/// # Errors
/// [`ReadError`] if that is nothing that becomes a picture.
pub fn identify(source: &Source) -> Result<Contents, ReadError> {
    let mut buffer = [0; 16];
    let head = source.read_head(&mut buffer)?;
    if head.is_empty() {
        return Err(ReadError::Empty);
    }
    if head.starts_with(npy::MAGIC) {
        let (spec, offset) = npy::read_header(source)?;
        return Ok(Contents::Arrays(vec![Member {
            name: None,
            spec,
            offset,
        }]));
    }
    if let Some(kind) = ImageKind::of(head) {
        return Ok(Contents::Image(kind));
    }
    Err(match unsupported(head) {
        Some(format) => ReadError::Unsupported { format },
        None => ReadError::Unknown {
            head: head[..head.len().min(8)].to_vec(),
        },
    })
}

impl Member {
    /// Loads one picture.
    ///
    /// # Errors
    /// [`ReadError`] if its bytes cannot be read or held in memory.
    pub fn load(&self, source: &Source, axes: &Axes, frame: usize) -> Result<Frame, ReadError> {
        let size = self.spec.dtype().size();
        let (first, length) = axes.extent(frame);
        let mut bytes = AlignedBytes::zeroed(length * size)?;
        source.read_exact_at(self.offset + (first * size) as u64, bytes.as_mut_slice())?;
        let frame = Frame::new(
            self.spec.dtype(),
            self.spec.order(),
            axes.shape(),
            axes.strides(),
            bytes,
        )?;
        Ok(frame)
    }
}

/// Names formats that people have and that are not read, so that the error can say more than "unknown".
fn unsupported(head: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "a zip container (.npz, .pt)"),
        (b"PK\x05\x06", "an empty zip container (.npz, .pt)"),
        (b"\x80", "a pickle, which could run code when it is opened,"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"%PDF", "PDF"),
        (b"MATLAB", "a MATLAB file"),
        (b"\x76\x2f\x31\x01", "OpenEXR"),
        (b"qoif", "QOI"),
    ];
    FORMATS
        .into_iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, name)| name)
}

/// Bytes as text where they are text, else in hexadecimal.
struct Bytes<'a>(&'a [u8]);

impl std::fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
            return write!(f, "'{}'", String::from_utf8_lossy(self.0));
        }
        f.write_str("bytes")?;
        self.0.iter().try_for_each(|b| write!(f, " {b:02x}"))
    }
}
