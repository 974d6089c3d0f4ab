//! From bytes to encoded pictures: the pipeline in code, for one input at a time.
//!
//! ```text
//! bytes ─ identify ─▶ array ─ axes ─ load ─ plan ─ render ─ encode ─▶ picture
//!                └──▶ image file, its bytes checked and kept ───────▶ picture
//! ```
//!
//! Load, plan and render are one pass in pieces where that gives the same, so that values need not leave the
//! processor's cache.

mod array;
mod file;
mod memory;
mod slice;

pub use array::Planned;
pub use slice::{FrameSlice, SliceError};

use crate::buffer::SpareBuffer;
use crate::encode::{EncodeError, EncodeOptions, Encoded, Encoder};
use crate::frame::Spare;
use crate::layout::ShapeError;
use crate::media::FrameName;
use crate::mode::ModeError;
use crate::note::Note;
use crate::plan::{Plan, Scaling, Wish};
use crate::read::{
    self, Container, Contents, ImageError, ImageFile, ImageKind, ReadError, SizeLimits, Source,
};
use crate::render::Raster;
use crate::selection::{NoPicture, NotPicture, PassedOver, Selection};
use crate::warning::Warning;
use array::Readable;

/// What becomes of image files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImageFiles {
    /// They keep their bytes.
    #[default]
    Keep,
    /// They are decoded, and encoded like arrays.
    Reencode,
}

/// How pictures are made, for every input of a call.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What was asked for.
    pub wish: Wish,
    /// What encoders are told.
    pub encode: EncodeOptions,
    /// What becomes of image files.
    pub image_files: ImageFiles,
    /// Which frames of a batch are taken.
    pub frames: FrameSlice,
    /// Which arrays of a container are taken.
    pub selection: Selection,
    /// How large a picture may be.
    pub limits: SizeLimits,
}

/// Whether a picture is also wanted as samples to draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canvas {
    /// The file is enough.
    Unwanted,
    /// Boxes or masks will be drawn.
    Wanted,
}

/// An encoded picture and how it came about.
#[derive(Debug)]
pub struct Picture {
    /// Which picture of the input it is.
    pub frame: FrameName,
    /// The file.
    pub encoded: Encoded,
    /// What was decided about an array; `None` for image files.
    pub plan: Option<Plan>,
    /// What its owner should know.
    pub warnings: Vec<Warning>,
    /// What is worth saying.
    pub notes: Vec<Note>,
    /// The picture to draw on, where that was wanted and is possible.
    pub canvas: Option<Raster>,
}

/// Why an input, or one picture of it, cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Its bytes are no picture.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its shape is no picture.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The mode that was asked for does not go with the file type.
    #[error(transparent)]
    Mode(#[from] ModeError),
    /// The format cannot hold it.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A container with nothing that is a picture.
    #[error(transparent)]
    NoPicture(#[from] Box<NoPicture>),
    /// The slice takes no frame.
    #[error("{slice} takes none of its {frames} frames")]
    NoFrame {
        /// The slice.
        slice: FrameSlice,
        /// How many frames there are.
        frames: usize,
    },
    /// More pixels than are allowed.
    #[error("{width}×{height} pixels are more than the {limit} allowed for one picture")]
    TooManyPixels {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// The limit.
        limit: u64,
    },
    /// More memory than is allowed.
    #[error("one picture of it needs {needed} bytes of memory, and {limit} are allowed")]
    TooManyBytes {
        /// Estimated need.
        needed: u64,
        /// The limit.
        limit: u64,
    },
}

/// An input that is known to hold pictures.
#[derive(Debug)]
pub struct Opened {
    source: Source,
    content: Content,
    passed_over: Vec<PassedOver>,
}

#[derive(Debug)]
enum Content {
    Arrays(Vec<Readable>),
    Image { kind: ImageKind, extension: String },
}

impl Opened {
    /// Finds the pictures in `source`. `extension` is that of the file's name, `None` where there is no name.
    ///
    /// # Errors
    /// [`PictureError`] if there is none.
    pub fn read(
        source: Source,
        extension: Option<&str>,
        settings: &Settings,
    ) -> Result<Self, PictureError> {
        let mut passed_over = Vec::new();
        let content = match read::identify(&source)? {
            Contents::Image(kind) => Content::Image {
                kind,
                extension: extension.unwrap_or(kind.extension()).to_owned(),
            },
            Contents::Array(member) => Content::Arrays(vec![Readable::new(member, settings)?]),
            Contents::Container(container) => {
                let (arrays, others) = choose(container, settings)?;
                passed_over = others;
                Content::Arrays(arrays)
            }
        };
        let mut opened = Self {
            source,
            content,
            passed_over,
        };
        if let (Scaling::PerArray, Content::Arrays(arrays)) =
            (settings.wish.scaling, &mut opened.content)
        {
            for array in arrays {
                array.share_values(&opened.source)?;
            }
        }
        Ok(opened)
    }

    /// What is in the container and is no picture.
    #[must_use]
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// Which picture of the input picture `n` of [`Self::count`] is.
    #[must_use]
    pub fn frame(&self, n: usize) -> FrameName {
        match &self.content {
            Content::Arrays(arrays) => {
                find(arrays, n).map_or(FrameName::Only, |(array, n)| array.name(n))
            }
            Content::Image { .. } => FrameName::Only,
        }
    }

    /// How many pictures there are; at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.content {
            Content::Arrays(arrays) => arrays.iter().map(Readable::count).sum(),
            Content::Image { .. } => 1,
        }
    }

    /// Bytes of memory that making picture `n` of [`Self::count`] takes, about.
    #[must_use]
    pub fn memory(&self, n: usize, settings: &Settings) -> u64 {
        match &self.content {
            Content::Arrays(arrays) => {
                find(arrays, n).map_or(0, |(array, _)| array.memory(settings))
            }
            Content::Image { kind, .. } => memory::of_file(&self.source, *kind, settings),
        }
    }

    /// How many pixels picture `n` of [`Self::count`] has, by what the input claims.
    #[must_use]
    pub fn pixels(&self, n: usize) -> u64 {
        match &self.content {
            Content::Arrays(arrays) => find(arrays, n).map_or(0, |(array, _)| array.pixels()),
            Content::Image { kind, .. } => read::image_claim(&self.source, *kind)
                .map_or(0, |claim| u64::from(claim.width) * u64::from(claim.height)),
        }
    }

    /// Whether the pictures are an image file's own.
    #[must_use]
    pub fn is_image_file(&self) -> bool {
        matches!(self.content, Content::Image { .. })
    }

    /// Makes picture `n` of [`Self::count`].
    ///
    /// # Errors
    /// [`PictureError`] if it cannot be read or encoded.
    pub fn picture(
        &self,
        n: usize,
        settings: &Settings,
        canvas: Canvas,
        bench: &mut Workbench,
    ) -> Result<Picture, PictureError> {
        match &self.content {
            Content::Arrays(arrays) => {
                let (array, n) = Self::array(arrays, n);
                array.picture(n, &self.source, settings, canvas, bench)
            }
            Content::Image { kind, extension } => {
                let bytes = file::whole(&self.source, settings)?;
                match settings.image_files {
                    ImageFiles::Keep => file::keep(bytes, *kind, extension, settings, canvas),
                    ImageFiles::Reencode => {
                        file::reencode(bytes, *kind, settings, canvas, &mut bench.encoder)
                    }
                }
            }
        }
    }

    /// Decides about picture `n` of [`Self::count`] and stops there.
    ///
    /// # Errors
    /// [`PictureError`] where [`Self::picture`] would fail before it renders.
    pub fn plan(&self, n: usize, settings: &Settings) -> Result<Study, PictureError> {
        match &self.content {
            Content::Arrays(arrays) => {
                let (array, n) = Self::array(arrays, n);
                let spare = &mut Spare::default();
                let planned = array.plan(n, &self.source, settings, spare)?;
                Ok(Study::Array(Box::new(planned)))
            }
            Content::Image { kind, extension } => {
                let bytes = file::whole(&self.source, settings)?;
                if settings.image_files == ImageFiles::Reencode {
                    let encoder = &mut Encoder::default();
                    let picture =
                        file::reencode(bytes, *kind, settings, Canvas::Unwanted, encoder)?;
                    return Ok(Study::Reencoded {
                        kind: *kind,
                        picture: Box::new(picture),
                    });
                }
                let file = ImageFile::check(&bytes, *kind, settings.limits);
                Ok(Study::Image {
                    file: file.map_err(ReadError::from)?,
                    extension: extension.clone(),
                })
            }
        }
    }

    fn array(arrays: &[Readable], n: usize) -> (&Readable, usize) {
        find(arrays, n).unwrap_or_else(|| unreachable!("the caller counts the pictures"))
    }
}

/// The array that picture `n` of all is in, and which of its own it is.
fn find(arrays: &[Readable], mut n: usize) -> Option<(&Readable, usize)> {
    arrays.iter().find_map(|array| {
        let found = (n < array.count()).then_some((array, n));
        n = n.saturating_sub(array.count());
        found
    })
}

/// Takes the pictures out of a container. One that is too large takes none of the others with it.
fn choose(
    container: Container,
    settings: &Settings,
) -> Result<(Vec<Readable>, Vec<PassedOver>), PictureError> {
    let (mut arrays, mut passed_over) = (Vec::new(), Vec::new());
    let members = settings
        .selection
        .take(container.arrays, |member| {
            member.name.as_deref().unwrap_or_default()
        })
        .map_err(Box::new)?;
    for member in members {
        let name = member.name.clone().unwrap_or_default();
        match Readable::in_container(member, settings) {
            Ok(array) => arrays.push(array),
            Err(why) => passed_over.push(PassedOver { name, why }),
        }
    }
    let others = settings
        .selection
        .take(container.others, |other| &other.name);
    for read::Other { name, held } in others.unwrap_or_default() {
        let why = NotPicture::Held { held };
        passed_over.push(PassedOver { name, why });
    }
    if arrays.is_empty() {
        return Err(Box::new(NoPicture::of(passed_over)).into());
    }
    Ok((arrays, passed_over))
}

/// What whoever makes pictures one after the other uses again and again.
#[derive(Default)]
pub struct Workbench {
    /// Encodes them.
    pub encoder: Encoder,
    /// The memory of the last one's values.
    spare: Spare,
    /// The memory of its samples.
    samples: SpareBuffer,
}

/// What is known of a picture before it is rendered.
#[derive(Debug)]
pub enum Study {
    /// A picture of an array.
    Array(Box<Planned>),
    /// An image file that is encoded again, already made: what it is decides how it is.
    Reencoded {
        /// What the file is.
        kind: ImageKind,
        /// What becomes of it.
        picture: Box<Picture>,
    },
    /// An image file that keeps its bytes.
    Image {
        /// What it is.
        file: ImageFile,
        /// Its extension, as written.
        extension: String,
    },
}

impl PictureError {
    /// Whether the picture has more pixels than are allowed.
    #[must_use]
    pub fn is_pixel_limit(&self) -> bool {
        let image = |e: &ImageError| matches!(e, ImageError::TooManyPixels { .. });
        matches!(self, Self::TooManyPixels { .. })
            || matches!(self, Self::Read(ReadError::Image(e)) if image(e))
    }

    /// Whether the picture needs more memory than is allowed.
    #[must_use]
    pub fn is_memory_limit(&self) -> bool {
        let image = |e: &ImageError| matches!(e, ImageError::TooManyBytes { .. });
        matches!(self, Self::TooManyBytes { .. })
            || matches!(self, Self::Read(ReadError::Image(e)) if image(e))
    }
}
