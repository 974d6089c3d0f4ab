//! From bytes to encoded pictures: the pipeline in code, for one input at a time.
//!
//! ```text
//! bytes ─ identify ─▶ array ─ axes ─ load ─ plan ─ render ─ encode ─▶ picture
//!                └──▶ image file, its bytes checked and kept ───────▶ picture
//! ```

mod array;
mod file;
mod slice;

pub use array::Planned;
pub use slice::{FrameSlice, SliceError};

use crate::encode::{EncodeError, EncodeOptions, Encoded, Encoder};
use crate::layout::ShapeError;
use crate::media::FrameName;
use crate::mode::ModeError;
use crate::note::Note;
use crate::plan::{Plan, Scaling, Wish};
use crate::read::{
    self, Contents, ImageError, ImageFile, ImageKind, ReadError, SizeLimits, Source,
};
use crate::render::Raster;
use crate::stats::Stats;
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
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What was asked for.
    pub wish: Wish,
    /// What encoders are told.
    pub encode: EncodeOptions,
    /// What becomes of image files.
    pub image_files: ImageFiles,
    /// Which frames of a batch are taken.
    pub frames: FrameSlice,
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
    /// The values that choose the branch, where all pictures share it.
    shared: Option<Stats>,
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
        let content = match read::identify(&source)? {
            Contents::Image(kind) => Content::Image {
                kind,
                extension: extension.unwrap_or(kind.extension()).to_owned(),
            },
            Contents::Arrays(members) => {
                let readable = members
                    .into_iter()
                    .map(|member| Readable::new(member, settings));
                Content::Arrays(readable.collect::<Result<_, _>>()?)
            }
        };
        let mut opened = Self {
            source,
            content,
            shared: None,
        };
        if settings.wish.scaling == Scaling::PerInput {
            opened.shared = opened.stats_of_all()?;
        }
        Ok(opened)
    }

    /// The values of all pictures together; `None` for image files.
    fn stats_of_all(&self) -> Result<Option<Stats>, PictureError> {
        let Content::Arrays(arrays) = &self.content else {
            return Ok(None);
        };
        let mut all: Option<Stats> = None;
        for array in arrays {
            for n in 0..array.all_frames() {
                let stats = array.stats(n, &self.source)?;
                all = Some(all.map_or(stats, |all| all.merge(stats)));
            }
        }
        Ok(all)
    }

    /// How many pictures there are; at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.content {
            Content::Arrays(arrays) => arrays.iter().map(Readable::count).sum(),
            Content::Image { .. } => 1,
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
        encoder: &mut Encoder,
    ) -> Result<Picture, PictureError> {
        match &self.content {
            Content::Arrays(arrays) => {
                let planned = self.plan_array(arrays, n, settings)?;
                planned.draw(settings, canvas, encoder)
            }
            Content::Image { kind, extension } => {
                let bytes = file::whole(&self.source, settings)?;
                match settings.image_files {
                    ImageFiles::Keep => file::keep(bytes, *kind, extension, settings, canvas),
                    ImageFiles::Reencode => {
                        file::reencode(&bytes, *kind, settings, canvas, encoder)
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
            Content::Arrays(arrays) => Ok(Study::Array(Box::new(
                self.plan_array(arrays, n, settings)?,
            ))),
            Content::Image { kind, .. } => {
                let bytes = file::whole(&self.source, settings)?;
                let file = ImageFile::check(&bytes, *kind, settings.limits);
                Ok(Study::Image(file.map_err(ReadError::from)?))
            }
        }
    }

    fn plan_array(
        &self,
        arrays: &[Readable],
        n: usize,
        settings: &Settings,
    ) -> Result<Planned, PictureError> {
        let mut frame = n;
        for array in arrays {
            if frame < array.count() {
                return array.plan(frame, &self.source, self.shared.as_ref(), settings);
            }
            frame -= array.count();
        }
        unreachable!("the caller counts the pictures")
    }
}

/// What is known of a picture before it is rendered.
#[derive(Debug)]
pub enum Study {
    /// A picture of an array.
    Array(Box<Planned>),
    /// An image file.
    Image(ImageFile),
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
