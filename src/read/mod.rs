//! Bytes in, arrays and image files out. Where the bytes come from is the caller's business; nothing here
//! opens a path, and no length that a file claims is believed before the bytes are there.

mod container;
mod globals;
mod image_file;
mod jpeg_markers;
mod mask;
mod npy;
mod npz;
mod pickle;
mod place;
mod safetensors;
mod source;
mod torch;
mod zip;

pub use container::{Container, NameError, Other};
pub(crate) use image_file::image_claim;
pub use image_file::{
    Decoded, DecodedChange, ImageError, ImageFile, ImageKind, SizeLimits, Upright, is_turned,
};
pub(crate) use mask::mask_file;
pub use npy::NpyError;
pub use pickle::PickleError;
pub use safetensors::SafetensorsError;
pub use source::Source;
pub use torch::TorchError;
pub use zip::ZipError;

use std::io;
use std::ops::{ControlFlow, Range};

use crate::array::ArraySpec;
use crate::frame::{AlignedBytes, Frame, FrameError, Spare};
use crate::layout::Axes;
use place::Place;
use zip::Archive;

/// What an input holds.
#[derive(Debug)]
pub enum Contents {
    /// One array without a name.
    Array(Member),
    /// Arrays with names.
    Container(Container),
    /// An image file, to be passed through.
    Image(ImageKind),
}

/// An array of a container, not yet loaded.
#[derive(Debug)]
pub struct Member {
    /// The array's name; `None` where the container is one array.
    pub name: Option<String>,
    /// The container, by its usual extension.
    pub format: &'static str,
    /// What the container says of it.
    pub spec: ArraySpec,
    place: Place,
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
    /// A zip file that cannot be read.
    #[error(transparent)]
    Zip(#[from] ZipError),
    /// A `.safetensors` file that cannot be read.
    #[error(transparent)]
    Safetensors(#[from] SafetensorsError),
    /// A file of torch's that cannot be read.
    #[error(transparent)]
    Torch(#[from] TorchError),
    /// Arrays whose names cannot be told apart.
    #[error(transparent)]
    Names(#[from] NameError),
    /// One array of a container that cannot be read.
    #[error("its array {name:?} cannot be read")]
    Member {
        /// The array's name.
        name: String,
        /// Why.
        #[source]
        error: Box<Self>,
    },
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
    if head.starts_with(&npy::MAGIC) {
        let (spec, offset) = npy::read_header(source)?;
        return Ok(Contents::Array(Member {
            name: None,
            format: ".npy",
            spec,
            place: Place::At(offset),
        }));
    }
    if safetensors::is_safetensors(head) {
        return Ok(safetensors::read(source)?);
    }
    if head.starts_with(zip::MAGIC) || head.starts_with(zip::EMPTY_MAGIC) {
        return identify_zip(source);
    }
    if torch::is_legacy(source)? {
        return torch::read_legacy(source);
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

/// Tells the containers apart that are zip files.
fn identify_zip(source: &Source) -> Result<Contents, ReadError> {
    let archive = Archive::read(source)?;
    if torch::is_torch(&archive) {
        return torch::read_zip(source, &archive);
    }
    let has_arrays = |entry: &zip::Entry| entry.raw_name().ends_with(b".npy");
    if archive.entries.iter().any(has_arrays) || archive.entries.is_empty() {
        return npz::read(source, &archive);
    }
    Err(ReadError::Unsupported {
        format: "a zip file with neither .npy arrays nor torch's tensors in it",
    })
}

impl Member {
    /// Bytes that stay in memory while pictures of the array are made, beside each picture's own: those of an
    /// array that has to be inflated.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        self.place.resident_bytes()
    }

    /// Loads one picture, into the memory of the last one where that suffices.
    ///
    /// # Errors
    /// [`ReadError`] if its bytes cannot be read or held in memory.
    pub fn load(
        &self,
        source: &Source,
        axes: &Axes,
        frame: usize,
        spare: &mut Spare,
    ) -> Result<Frame, ReadError> {
        let size = self.spec.dtype().size();
        let (first, length) = axes.extent(frame);
        let mut bytes = AlignedBytes::taken_from(spare, length * size)?;
        let at = (first * size) as u64;
        let frames = axes.frames().unwrap_or(1);
        self.place.read(source, at, bytes.as_mut_slice(), frames)?;
        Ok(self.frame(axes.shape(), axes.strides(), bytes)?)
    }

    /// Whether [`Self::for_each_piece`] can be used.
    #[must_use]
    pub(crate) fn is_readable_in_pieces(&self) -> bool {
        self.place.is_readable_in_pieces()
    }

    /// Reads the elements `range` of one picture, of those that it has in memory order, a piece at a time, small enough
    /// for the processor's cache: each is given to `take` as a single row, until that breaks.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub(crate) fn for_each_piece(
        &self,
        source: &Source,
        axes: &Axes,
        frame: usize,
        range: Range<usize>,
        spare: &mut Spare,
        mut take: impl FnMut(&Frame) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let size = self.spec.dtype().size();
        let (first, _) = axes.extent(frame);
        let (end, most) = (first + range.end, PIECE / size);
        for at in (first + range.start..end).step_by(most) {
            let length = most.min(end - at);
            let mut bytes = AlignedBytes::taken_from(spare, length * size)?;
            self.place
                .read(source, (at * size) as u64, bytes.as_mut_slice(), 1)?;
            let piece = self.frame([1, length, 1], [length, 1, 1], bytes)?;
            let flow = take(&piece);
            piece.leave_to(spare);
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn frame(
        &self,
        shape: [usize; 3],
        strides: [usize; 3],
        bytes: AlignedBytes,
    ) -> Result<Frame, FrameError> {
        Frame::new(self.spec.dtype(), self.spec.order(), shape, strides, bytes)
    }
}

/// Bytes of a piece: what a processor's second cache holds beside all else, and no more, since a short call pays for
/// every page of memory that it touches.
const PIECE: usize = 128 << 10;

/// Names formats that people have and that are not read, so that the error can say more than "unknown".
fn unsupported(head: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 6] = [
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

/// A name as text: bytes that are not UTF-8 become `\xNN`.
fn escape(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02x}")));
    }
    text
}
