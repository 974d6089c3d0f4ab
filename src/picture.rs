//! From bytes to encoded pictures: the pipeline in code, for one input at a time.
//!
//! ```text
//! bytes ─ identify ─▶ array ─ axes ─ load ─ plan ─ render ─ encode ─▶ picture
//!                └──▶ image file, its bytes checked and kept ───────▶ picture
//! ```

use crate::encode::{EncodeError, EncodeOptions, Encoded, Encoder};
use crate::layout::{Axes, ShapeError};
use crate::media::FrameName;
use crate::mode::{FileType, Mode, ModeError, Target};
use crate::note::Note;
use crate::plan::{Plan, Scaling, Wish};
use crate::read::{self, Contents, Decoded, ImageError, ImageFile, ImageKind, Member};
use crate::read::{ReadError, SizeLimits, Source, Upright};
use crate::render::{self, Raster};
use crate::stats::Stats;
use crate::warning::Warning;

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
}

#[derive(Debug)]
enum Content {
    Arrays(Vec<Readable>),
    Image { kind: ImageKind, extension: String },
}

/// An array whose axes make pictures.
#[derive(Debug)]
struct Readable {
    member: Member,
    axes: Axes,
    /// The values that choose the branch, where all pictures of the array share it.
    shared: Option<Stats>,
}

impl Readable {
    fn count(&self) -> usize {
        self.axes.frames().unwrap_or(1)
    }
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
                    .map(|member| readable(member, &source, settings));
                Content::Arrays(readable.collect::<Result<_, _>>()?)
            }
        };
        Ok(Self { source, content })
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
                let mut frame = n;
                for array in arrays {
                    if frame < array.count() {
                        return draw(array, frame, &self.source, settings, canvas, encoder);
                    }
                    frame -= array.count();
                }
                unreachable!("the caller counts the pictures")
            }
            Content::Image { kind, extension } => {
                let bytes = whole(&self.source, settings)?;
                match settings.image_files {
                    ImageFiles::Keep => keep(bytes, *kind, extension, settings, canvas),
                    ImageFiles::Reencode => reencode(&bytes, *kind, settings, canvas, encoder),
                }
            }
        }
    }
}

/// Reads an array's axes, and its values where all its pictures share a branch.
fn readable(
    member: Member,
    source: &Source,
    settings: &Settings,
) -> Result<Readable, PictureError> {
    let axes = Axes::read(
        &member.spec,
        settings.wish.layout,
        settings.wish.two_channels(),
    )?;
    let [height, width, channels] = axes.shape();
    let pixels = height as u64 * width as u64;
    if pixels > settings.limits.pixels {
        return Err(PictureError::TooManyPixels {
            width,
            height,
            limit: settings.limits.pixels,
        });
    }
    // The elements, their bytes, the bytes in order, and twice the file.
    let needed =
        axes.extent(0).1 as u64 * member.spec.dtype().size() as u64 + pixels * channels as u64 * 4;
    if needed > settings.limits.bytes {
        return Err(PictureError::TooManyBytes {
            needed,
            limit: settings.limits.bytes,
        });
    }
    let shared = match settings.wish.scaling {
        Scaling::PerInput => Some(stats_of_all(&member, source, &axes)?),
        Scaling::PerFrame | Scaling::Off | Scaling::Range(_) => None,
    };
    Ok(Readable {
        member,
        axes,
        shared,
    })
}

fn stats_of_all(member: &Member, source: &Source, axes: &Axes) -> Result<Stats, PictureError> {
    let mut all: Option<Stats> = None;
    for n in 0..axes.frames().unwrap_or(1) {
        let stats = Stats::of(&member.load(source, axes, n)?);
        all = Some(all.map_or(stats, |all| all.merge(stats)));
    }
    // An array has at least one frame.
    Ok(all.unwrap_or_default())
}

/// Array to picture.
fn draw(
    array: &Readable,
    n: usize,
    source: &Source,
    settings: &Settings,
    canvas: Canvas,
    encoder: &mut Encoder,
) -> Result<Picture, PictureError> {
    let Readable {
        member,
        axes,
        shared,
    } = array;
    let frame = member.load(source, axes, n)?;
    let stats = Stats::of(&frame);
    let basis = shared.as_ref().unwrap_or(&stats);
    let plan = Plan::new(&member.spec, axes, &frame, stats, basis, &settings.wish)?;
    let pixels = render::render(&frame, &plan);
    drop(frame);
    let encoded = encoder.encode(&pixels, plan.target().file_type(), settings.encode)?;
    let number = axes.frames().map(|_| n as u64);
    Ok(Picture {
        frame: match (&member.name, number) {
            (Some(name), number) => FrameName::Named(name.clone(), number),
            (None, Some(number)) => FrameName::Number(number),
            (None, None) => FrameName::Only,
        },
        encoded,
        warnings: plan.warnings().to_vec(),
        plan: Some(plan),
        notes: Vec::new(),
        canvas: (canvas == Canvas::Wanted).then(|| pixels.to_raster()),
    })
}

/// All bytes of an image file.
fn whole(source: &Source, settings: &Settings) -> Result<Vec<u8>, PictureError> {
    let (needed, limit) = (source.len(), settings.limits.bytes);
    if needed > limit {
        return Err(PictureError::TooManyBytes { needed, limit });
    }
    Ok(source.read_whole(limit).map_err(ReadError::from)?)
}

/// Image file to picture, byte for byte.
fn keep(
    bytes: Vec<u8>,
    kind: ImageKind,
    extension: &str,
    settings: &Settings,
    canvas: Canvas,
) -> Result<Picture, PictureError> {
    let file = ImageFile::check(&bytes, kind, settings.limits).map_err(ReadError::from)?;
    let mut notes = Vec::new();
    let canvas = match canvas {
        Canvas::Unwanted => None,
        Canvas::Wanted => match Decoded::read(&bytes, kind, settings.limits, Upright::AsStored) {
            Ok(decoded) => Some(decoded.raster),
            Err(error) => {
                notes.push(Note::NotDrawn {
                    reason: error.to_string(),
                });
                None
            }
        },
    };
    Ok(Picture {
        frame: FrameName::Only,
        encoded: Encoded::new(bytes, extension.to_owned(), file.width, file.height),
        plan: None,
        warnings: Vec::new(),
        notes,
        canvas,
    })
}

/// Image file to picture, encoded again.
fn reencode(
    bytes: &[u8],
    kind: ImageKind,
    settings: &Settings,
    canvas: Canvas,
    encoder: &mut Encoder,
) -> Result<Picture, PictureError> {
    let decoded =
        Decoded::read(bytes, kind, settings.limits, Upright::Turned).map_err(ReadError::from)?;
    let (mode, file_type) = (settings.wish.mode, settings.wish.encoding());
    let guessed = guess_mode_again(&decoded.raster, file_type);
    let target = Target::new(mode.unwrap_or(guessed), file_type)?;
    let has_alpha = decoded.raster.channels() % 2 == 0;
    let drops_alpha = mode.is_none() && has_alpha && matches!(guessed, Mode::L | Mode::Rgb);
    let pixels = render::convert(decoded.raster, target.mode());
    Ok(Picture {
        frame: FrameName::Only,
        encoded: encoder.encode(&pixels, file_type, settings.encode)?,
        plan: None,
        warnings: drops_alpha
            .then_some(Warning::AlphaDropped)
            .into_iter()
            .collect(),
        notes: decoded.changes.into_iter().map(Note::Changed).collect(),
        canvas: (canvas == Canvas::Wanted).then(|| pixels.to_raster()),
    })
}

/// The mode that keeps most of a decoded picture.
fn guess_mode_again(raster: &Raster, file_type: FileType) -> Mode {
    match (raster.channels(), file_type) {
        (1, _) | (2, FileType::Jpg | FileType::Jpeg) => Mode::L,
        (2, FileType::Png) => Mode::La,
        (2 | 4, FileType::Bmp) | (4, FileType::Png) => Mode::Rgba,
        _ => Mode::Rgb,
    }
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
