//! Array to picture: axes, load, plan, render, encode.

use super::{Canvas, Picture, PictureError, Settings};
use crate::encode::Encoder;
use crate::frame::Frame;
use crate::layout::Axes;
use crate::media::FrameName;
use crate::note::Note;
use crate::plan::Plan;
use crate::read::{Member, Source};
use crate::render;
use crate::stats::Stats;

/// An array whose axes make pictures.
#[derive(Debug)]
pub(super) struct Readable {
    member: Member,
    axes: Axes,
    /// The frames that are taken, by number; `None` for a single picture without a frame axis.
    frames: Option<Vec<usize>>,
}

impl Readable {
    /// Reads an array's axes.
    pub(super) fn new(member: Member, settings: &Settings) -> Result<Self, PictureError> {
        let wish = &settings.wish;
        let axes = Axes::read(&member.spec, wish.layout, wish.two_channels())?;
        check_size(&member, &axes, settings)?;
        let frames = match axes.frames() {
            None => None,
            Some(frames) => {
                let taken: Vec<usize> = settings.frames.of(frames).collect();
                if taken.is_empty() {
                    return Err(PictureError::NoFrame {
                        slice: settings.frames,
                        frames,
                    });
                }
                Some(taken)
            }
        };
        Ok(Self {
            member,
            axes,
            frames,
        })
    }

    /// How many pictures are taken.
    pub(super) fn count(&self) -> usize {
        self.frames.as_ref().map_or(1, Vec::len)
    }

    /// How many pictures there are, taken or not.
    pub(super) fn all_frames(&self) -> usize {
        self.axes.frames().unwrap_or(1)
    }

    /// The values of frame `frame` of all.
    pub(super) fn stats(&self, frame: usize, source: &Source) -> Result<Stats, PictureError> {
        Ok(Stats::of(&self.member.load(source, &self.axes, frame)?))
    }

    /// Loads picture `n` of those taken and decides about it. `shared` are the values that choose the branch, if
    /// they are not the picture's own.
    pub(super) fn plan(
        &self,
        n: usize,
        source: &Source,
        shared: Option<&Stats>,
        settings: &Settings,
    ) -> Result<Planned, PictureError> {
        let Self {
            member,
            axes,
            frames,
        } = self;
        let number = frames.as_ref().map(|frames| frames[n]);
        let frame = member.load(source, axes, number.unwrap_or(0))?;
        let stats = Stats::of(&frame);
        let basis = shared.unwrap_or(&stats);
        let plan = Plan::new(&member.spec, axes, &frame, stats, basis, &settings.wish)?;
        let number = number.map(|number| number as u64);
        Ok(Planned {
            name: match (&member.name, number) {
                (Some(name), number) => FrameName::Named(name.clone(), number),
                (None, Some(number)) => FrameName::Number(number),
                (None, None) => FrameName::Only,
            },
            axes: axes.clone(),
            frame,
            plan,
        })
    }
}

fn check_size(member: &Member, axes: &Axes, settings: &Settings) -> Result<(), PictureError> {
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
    let elements = axes.extent(0).1 as u64 * member.spec.dtype().size() as u64;
    let needed = elements + pixels * channels as u64 * 4;
    if needed > settings.limits.bytes {
        return Err(PictureError::TooManyBytes {
            needed,
            limit: settings.limits.bytes,
        });
    }
    Ok(())
}

/// A picture of an array about which everything is decided.
#[derive(Debug)]
pub struct Planned {
    /// Which picture of the input it is.
    pub name: FrameName,
    /// How its array's axes were read.
    pub axes: Axes,
    /// Its values.
    pub frame: Frame,
    /// What was decided.
    pub plan: Plan,
}

impl Planned {
    /// Renders and encodes it.
    pub(super) fn draw(
        self,
        settings: &Settings,
        canvas: Canvas,
        encoder: &mut Encoder,
    ) -> Result<Picture, PictureError> {
        let Self {
            name, frame, plan, ..
        } = self;
        let pixels = render::render(&frame, &plan);
        let channels = frame.shape()[2];
        drop(frame);
        let unused = settings.wish.colormap.filter(|_| channels != 1);
        let encoded = encoder.encode(&pixels, plan.target().file_type(), settings.encode)?;
        Ok(Picture {
            frame: name,
            encoded,
            warnings: plan.warnings().to_vec(),
            plan: Some(plan),
            notes: unused
                .map(|_| Note::ColormapUnused { channels })
                .into_iter()
                .collect(),
            canvas: (canvas == Canvas::Wanted).then(|| pixels.to_raster()),
        })
    }
}
