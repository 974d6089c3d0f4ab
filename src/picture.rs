//! From bytes to encoded pictures: the pipeline in code, for one input at a time.
//!
//! ```text
//! bytes ─ identify ─▶ array ─ axes ─ load ─ plan ─ render ─ encode ─▶ picture
//!                └──▶ image file, its bytes checked and kept ───────▶ picture
//! ```

use crate::encode::{EncodeError, EncodeOptions, Encoded, Encoder};
use crate::frame::FrameError;
use crate::layout::{Axes, ShapeError};
use crate::media::FrameName;
use crate::mode::{FileType, Mode, ModeError, Target};
use crate::plan::{Plan, Scaling, Wish};
use crate::read::{
    self, Container, Contents, Decoded, DecodedChange, ImageError, ImageFile, ImageKind, Member,
};
use crate::read::{ReadError, SizeLimits, Source};
use crate::render::{self, Raster};
use crate::selection::{NoPicture, NotPicture, PassedOver};
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
    /// What encoding an image file again changed.
    pub changes: Vec<DecodedChange>,
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
    /// A container with nothing that is a picture.
    #[error(transparent)]
    NoPicture(#[from] Box<NoPicture>),
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
    passed_over: Vec<PassedOver>,
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
    size: Size,
}

/// Whether an array's pictures are within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Within,
    /// They are not; to be said once, when the first one is wanted.
    Beyond,
}

impl Readable {
    fn count(&self) -> usize {
        match self.size {
            Size::Within => self.axes.frames().unwrap_or(1),
            Size::Beyond => 1,
        }
    }

    fn name(&self, n: usize) -> FrameName {
        let number = match self.size {
            Size::Within => self.axes.frames().map(|_| n as u64),
            Size::Beyond => None,
        };
        match (&self.member.name, number) {
            (Some(name), number) => FrameName::Named(name.clone(), number),
            (None, Some(number)) => FrameName::Number(number),
            (None, None) => FrameName::Only,
        }
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
        let mut passed_over = Vec::new();
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
            Contents::Container(container) => {
                let (arrays, others) = choose(container, &source, settings)?;
                passed_over = others;
                Content::Arrays(arrays)
            }
        };
        Ok(Self {
            source,
            content,
            passed_over,
        })
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
        encoder: &mut Encoder,
    ) -> Result<Picture, PictureError> {
        match &self.content {
            Content::Arrays(arrays) => {
                let Some((array, n)) = find(arrays, n) else {
                    unreachable!("the caller counts the pictures")
                };
                draw(array, n, &self.source, settings, encoder)
            }
            Content::Image { kind, extension } => {
                let bytes = whole(&self.source, settings)?;
                match settings.image_files {
                    ImageFiles::Keep => keep(bytes, *kind, extension, settings),
                    ImageFiles::Reencode => reencode(&bytes, *kind, settings, encoder),
                }
            }
        }
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
    source: &Source,
    settings: &Settings,
) -> Result<(Vec<Readable>, Vec<PassedOver>), PictureError> {
    let (mut arrays, mut passed_over) = (Vec::new(), Vec::new());
    for member in container.arrays {
        let (layout, two) = (settings.wish.layout, settings.wish.two_channels());
        match Axes::read(&member.spec, layout, two) {
            Ok(axes) if within_limits(&member, &axes, settings).is_err() => arrays.push(Readable {
                member,
                axes,
                shared: None,
                size: Size::Beyond,
            }),
            Ok(_) => arrays.push(readable(member, source, settings)?),
            Err(why) => passed_over.push(PassedOver {
                name: member.name.unwrap_or_default(),
                why: NotPicture::Shape(why),
            }),
        }
    }
    for read::Other { name, held } in container.others {
        let why = NotPicture::Held { held };
        passed_over.push(PassedOver { name, why });
    }
    if arrays.is_empty() {
        return Err(Box::new(NoPicture::of(passed_over)).into());
    }
    Ok((arrays, passed_over))
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
    within_limits(&member, &axes, settings)?;
    let shared = match settings.wish.scaling {
        Scaling::PerInput => Some(stats_of_all(&member, source, &axes)?),
        Scaling::PerFrame | Scaling::Off | Scaling::Range(_) => None,
    };
    Ok(Readable {
        member,
        axes,
        shared,
        size: Size::Within,
    })
}

/// Whether one picture of an array, and what else must be in memory for it, is within the limits.
fn within_limits(member: &Member, axes: &Axes, settings: &Settings) -> Result<(), PictureError> {
    let [height, width, channels] = axes.shape();
    let pixels = height as u64 * width as u64;
    if pixels > settings.limits.pixels {
        return Err(PictureError::TooManyPixels {
            width,
            height,
            limit: settings.limits.pixels,
        });
    }
    // The elements, their bytes, the bytes in order, and twice the file; all of the array if it is inflated.
    let elements = axes.extent(0).1 as u64 * member.spec.dtype().size() as u64;
    let needed = pixels
        .saturating_mul(channels as u64 * 4)
        .saturating_add(elements)
        .saturating_add(member.resident_bytes());
    if needed > settings.limits.bytes {
        return Err(PictureError::TooManyBytes {
            needed,
            limit: settings.limits.bytes,
        });
    }
    Ok(())
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
    encoder: &mut Encoder,
) -> Result<Picture, PictureError> {
    let Readable {
        member,
        axes,
        shared,
        size,
    } = array;
    if *size == Size::Beyond {
        within_limits(member, axes, settings)?;
    }
    let frame = member.load(source, axes, n)?;
    let stats = Stats::of(&frame);
    let basis = shared.as_ref().unwrap_or(&stats);
    let plan = Plan::new(&member.spec, axes, &frame, stats, basis, &settings.wish)?;
    let pixels = render::render(&frame, &plan);
    drop(frame);
    let encoded = encoder.encode(&pixels, plan.target().file_type(), settings.encode)?;
    Ok(Picture {
        frame: array.name(n),
        encoded,
        warnings: plan.warnings().to_vec(),
        plan: Some(plan),
        changes: Vec::new(),
    })
}

/// All bytes of an image file.
fn whole(source: &Source, settings: &Settings) -> Result<Vec<u8>, PictureError> {
    let needed = source.len();
    let too_many = || PictureError::TooManyBytes {
        needed,
        limit: settings.limits.bytes,
    };
    if needed > settings.limits.bytes {
        return Err(too_many());
    }
    let len = usize::try_from(needed).map_err(|_| too_many())?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(len)
        .map_err(|_| ReadError::from(FrameError::Memory { bytes: len }))?;
    bytes.resize(len, 0);
    source
        .read_exact_at(0, &mut bytes)
        .map_err(ReadError::from)?;
    Ok(bytes)
}

/// Image file to picture, byte for byte.
fn keep(
    bytes: Vec<u8>,
    kind: ImageKind,
    extension: &str,
    settings: &Settings,
) -> Result<Picture, PictureError> {
    let file = ImageFile::check(&bytes, kind, settings.limits).map_err(ReadError::from)?;
    Ok(Picture {
        frame: FrameName::Only,
        encoded: Encoded::new(bytes, extension.to_owned(), file.width, file.height),
        plan: None,
        warnings: Vec::new(),
        changes: Vec::new(),
    })
}

/// Image file to picture, encoded again.
fn reencode(
    bytes: &[u8],
    kind: ImageKind,
    settings: &Settings,
    encoder: &mut Encoder,
) -> Result<Picture, PictureError> {
    let decoded = Decoded::read(bytes, kind, settings.limits).map_err(ReadError::from)?;
    let Wish {
        mode, file_type, ..
    } = settings.wish;
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
        changes: decoded.changes,
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
