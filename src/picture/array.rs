//! Array to picture: axes, load, plan, render, encode.

use std::iter;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use super::{Canvas, FrameSlice, Picture, PictureError, Settings, Workbench, memory};
use crate::frame::{Frame, Spare};
use crate::layout::{Axes, ShapeError};
use crate::media::FrameName;
use crate::note::Note;
use crate::pack::is_dense;
use crate::plan::{Plan, choose_rescale};
use crate::read::{Member, Source};
use crate::render::{self, Raster, Rescale};
use crate::selection::NotPicture;
use crate::stats::{Stats, count_outside};
use crate::threads::at_once;

/// An array whose axes make pictures.
#[derive(Debug)]
pub(super) struct Readable {
    member: Member,
    axes: Axes,
    /// The frames that are taken, by number; `None` for a single picture without a frame axis.
    frames: Option<Vec<usize>>,
    /// The values that choose the branch, where they are not each picture's own.
    shared: Option<Stats>,
    size: Size,
}

/// Bytes of elements from which more threads finish a picture sooner.
const LARGE: usize = 4 << 20;

/// What was rendered of a picture.
#[derive(Clone, Copy, Debug)]
struct Rendered {
    stats: Stats,
    /// How each piece of it was.
    rescale: Rescale,
    /// How many values were clipped.
    outside: u64,
}

impl Rendered {
    /// With what comes after it, if that was rendered in the same way. Then so would be the whole: it is within what
    /// all of its parts are within.
    fn and(self, next: Self) -> Option<Self> {
        (self.rescale == next.rescale).then(|| Self {
            stats: self.stats.merge(next.stats),
            outside: self.outside + next.outside,
            ..self
        })
    }
}

/// Whether an array's pictures are within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Within,
    /// They are not; to be said once, when the first one is wanted.
    Beyond,
}

impl Readable {
    /// Reads the axes of an array that is all there is.
    pub(super) fn new(member: Member, settings: &Settings) -> Result<Self, PictureError> {
        let axes = read_axes(&member, settings)?;
        within_limits(&member, &axes, settings)?;
        let frames = take_frames(&axes, settings)
            .map_err(|(slice, frames)| PictureError::NoFrame { slice, frames })?;
        Ok(Self {
            member,
            axes,
            frames,
            shared: None,
            size: Size::Within,
        })
    }

    /// Reads the axes of an array among others, which may be no picture.
    pub(super) fn in_container(member: Member, settings: &Settings) -> Result<Self, NotPicture> {
        let axes = read_axes(&member, settings)?;
        let frames = take_frames(&axes, settings)
            .map_err(|(slice, frames)| NotPicture::NoFrame { slice, frames })?;
        let size = match within_limits(&member, &axes, settings) {
            Ok(()) => Size::Within,
            Err(_) => Size::Beyond,
        };
        Ok(Self {
            member,
            axes,
            frames,
            shared: None,
            size,
        })
    }

    /// How many pictures are taken.
    pub(super) fn count(&self) -> usize {
        match (self.size, &self.frames) {
            (Size::Within, Some(frames)) => frames.len(),
            _ => 1,
        }
    }

    /// The name of picture `n` of those taken.
    pub(super) fn name(&self, n: usize) -> FrameName {
        let number = match (self.size, &self.frames) {
            (Size::Within, Some(frames)) => Some(frames[n] as u64),
            _ => None,
        };
        match (&self.member.name, number) {
            (Some(name), number) => FrameName::Named(name.clone(), number),
            (None, Some(number)) => FrameName::Number(number),
            (None, None) => FrameName::Only,
        }
    }

    /// How many pixels one of its pictures has.
    pub(super) fn pixels(&self) -> u64 {
        let [height, width, _] = self.axes.shape();
        height as u64 * width as u64
    }

    /// How many values one of its pictures has.
    fn samples(&self) -> usize {
        self.axes.shape().iter().product()
    }

    /// Bytes of memory that making one of its pictures takes.
    pub(super) fn memory(&self, settings: &Settings) -> u64 {
        memory_of(&self.member, &self.axes, settings)
    }

    /// Lets the values of all pictures together, taken or not, choose the branch of each.
    pub(super) fn share_values(&mut self, source: &Source) -> Result<(), PictureError> {
        let count = match self.size {
            Size::Within => self.axes.frames().unwrap_or(1),
            Size::Beyond => 0,
        };
        let mut spare = Spare::default();
        for n in 0..count {
            let frame = self.member.load(source, &self.axes, n, &mut spare)?;
            let stats = Stats::of(&frame);
            frame.leave_to(&mut spare);
            self.shared = Some(self.shared.map_or(stats, |all| all.merge(stats)));
        }
        Ok(())
    }

    /// Loads picture `n` of those taken and decides about it.
    pub(super) fn plan(
        &self,
        n: usize,
        source: &Source,
        settings: &Settings,
        spare: &mut Spare,
    ) -> Result<Planned, PictureError> {
        self.check_size(settings)?;
        let Self { member, axes, .. } = self;
        let frame = member.load(source, axes, self.number(n), spare)?;
        let stats = Stats::of(&frame);
        let outside = |low, high| count_outside(&frame, low, high);
        let plan = self.decide(stats, outside, settings)?;
        Ok(Planned {
            name: self.name(n),
            container: member.format,
            axes: axes.clone(),
            frame,
            plan,
        })
    }

    /// Makes picture `n` of those taken.
    pub(super) fn picture(
        &self,
        n: usize,
        source: &Source,
        settings: &Settings,
        canvas: Canvas,
        bench: &mut Workbench,
    ) -> Result<Picture, PictureError> {
        let (plan, raster) = match self.render_in_pieces(n, source, settings, bench)? {
            Some(made) => made,
            None => {
                let spare = &mut bench.spare;
                let Planned { frame, plan, .. } = self.plan(n, source, settings, spare)?;
                let samples = bench.samples.take_filled(self.samples());
                let raster = render::raster(&frame, plan.rescale(), samples);
                frame.leave_to(spare);
                (plan, raster)
            }
        };
        let channels = self.axes.shape()[2];
        let unused = settings.wish.colormap.filter(|_| channels != 1);
        let pixels = render::render(raster, &plan);
        let encoder = &mut bench.encoder;
        let encoded = encoder.encode(&pixels, plan.target().file_type(), settings.encode)?;
        let canvas = (canvas == Canvas::Wanted).then(|| pixels.to_raster());
        bench.samples.leave(pixels.samples);
        Ok(Picture {
            frame: self.name(n),
            encoded,
            warnings: plan.warnings().to_vec(),
            plan: Some(plan),
            notes: unused
                .map(|_| Note::ColormapUnused { channels })
                .into_iter()
                .collect(),
            canvas,
        })
    }

    /// Renders a picture while it is read, each piece as all up to it would have it: the values never leave the
    /// processor's cache. `None` if the whole has it otherwise, or where it takes the whole.
    fn render_in_pieces(
        &self,
        n: usize,
        source: &Source,
        settings: &Settings,
        bench: &mut Workbench,
    ) -> Result<Option<(Plan, Raster)>, PictureError> {
        let Self { member, axes, .. } = self;
        self.check_size(settings)?;
        let (shape, strides) = (axes.shape(), axes.strides());
        if !member.is_readable_in_pieces() || !is_dense(shape, strides) {
            return Ok(None);
        }
        let count = self.samples();
        let mut samples = bench.samples.take_filled(count);
        let threads = match count.saturating_mul(member.spec.dtype().size()) {
            ..LARGE => NonZero::<usize>::MIN,
            _ => bench.encoder.threads().for_tasks(count),
        };
        let each = count.div_ceil(threads.get()).max(1);
        let parts = Mutex::new((0..).step_by(each).zip(samples.chunks_mut(each)));
        let render = |spare: &mut Spare| {
            let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let render = |(from, samples)| {
                let part = self.render_part(n, source, settings, from, samples, spare);
                (from, part)
            };
            iter::from_fn(next).map(render).collect::<Vec<_>>()
        };
        let spare = &mut bench.spare;
        let parts = at_once(threads, || render(spare), || render(&mut Spare::default()));
        let mut parts: Vec<_> = parts.into_iter().flatten().collect();
        parts.sort_unstable_by_key(|(from, _)| *from);
        let parts: Result<Option<Vec<_>>, _> = parts.into_iter().map(|(_, part)| part).collect();
        let all = parts?.and_then(|parts| {
            let mut parts = parts.into_iter();
            let first = parts.next()?;
            parts.try_fold(first, Rendered::and)
        });
        let Some(all) = all else {
            bench.samples.leave(samples);
            return Ok(None);
        };
        let plan = self.decide(all.stats, |_, _| all.outside, settings)?;
        Ok(Some((plan, render::raster_of(samples, shape, strides))))
    }

    /// Renders the elements of a picture from `from` on into `samples`, as `render_in_pieces` does the whole.
    fn render_part(
        &self,
        n: usize,
        source: &Source,
        settings: &Settings,
        from: usize,
        samples: &mut [u8],
        spare: &mut Spare,
    ) -> Result<Option<Rendered>, PictureError> {
        let Self { member, axes, .. } = self;
        let range = from..from + samples.len();
        let (mut rest, mut all) = (samples, None::<Rendered>);
        let flow = member.for_each_piece(source, axes, self.number(n), range, spare, |piece| {
            let stats = Stats::of(piece);
            let merged = all.map_or(stats, |before| before.stats.merge(stats));
            let rescale = choose_rescale(
                settings.wish.scaling,
                self.shared.as_ref().unwrap_or(&merged),
            );
            if all.is_some_and(|before| before.rescale != rescale) {
                return ControlFlow::Break(());
            }
            let (low, high) = rescale.kept();
            let is_beyond = stats
                .finite
                .is_some_and(|(min, max)| min.to_f64() < low || max.to_f64() > high);
            let outside = match is_beyond {
                true => count_outside(piece, low, high),
                false => 0,
            };
            all = Some(Rendered {
                stats: merged,
                rescale,
                outside: all.map_or(0, |before| before.outside) + outside,
            });
            if let Some(bytes) = rest.split_off_mut(..piece.shape()[1]) {
                rescale.apply(piece, bytes);
            }
            ControlFlow::Continue(())
        })?;
        Ok(all.filter(|_| flow.is_continue()))
    }

    /// Decides about a picture with these values.
    fn decide(
        &self,
        stats: Stats,
        count_outside: impl FnOnce(f64, f64) -> u64,
        settings: &Settings,
    ) -> Result<Plan, PictureError> {
        let Self { member, axes, .. } = self;
        let basis = self.shared.as_ref().unwrap_or(&stats);
        let plan = Plan::new(
            &member.spec,
            axes,
            stats,
            basis,
            count_outside,
            &settings.wish,
        )?;
        Ok(plan)
    }

    /// The number of picture `n` of those taken, among all.
    fn number(&self, n: usize) -> usize {
        self.frames.as_ref().map_or(0, |frames| frames[n])
    }

    /// Says that the pictures are beyond the limits, if they are.
    fn check_size(&self, settings: &Settings) -> Result<(), PictureError> {
        match self.size {
            Size::Within => Ok(()),
            Size::Beyond => within_limits(&self.member, &self.axes, settings),
        }
    }
}

fn read_axes(member: &Member, settings: &Settings) -> Result<Axes, ShapeError> {
    let wish = &settings.wish;
    Axes::read(&member.spec, wish.layout, wish.two_channels())
}

/// The frames that the slice takes; the slice and how many there are, if it takes none.
fn take_frames(
    axes: &Axes,
    settings: &Settings,
) -> Result<Option<Vec<usize>>, (FrameSlice, usize)> {
    let Some(count) = axes.frames() else {
        return Ok(None);
    };
    let taken: Vec<usize> = settings.frames.of(count).collect();
    if taken.is_empty() {
        return Err((settings.frames, count));
    }
    Ok(Some(taken))
}

/// What one picture of an array takes: its elements, in case they are not read piece by piece, and what encoding their
/// samples takes; all of the array if it is inflated.
fn memory_of(member: &Member, axes: &Axes, settings: &Settings) -> u64 {
    let [height, width, channels] = axes.shape();
    let elements = axes.extent(0).1 as u64 * member.spec.dtype().size() as u64;
    let (size, channels) = ([width as u64, height as u64], channels as u64);
    memory::of_encoding(size, channels, memory::wished_mode(&settings.wish))
        .saturating_add(elements)
        .saturating_add(member.resident_bytes())
}

/// Whether one picture of an array, and what else must be in memory for it, is within the limits.
fn within_limits(member: &Member, axes: &Axes, settings: &Settings) -> Result<(), PictureError> {
    let [height, width, _] = axes.shape();
    let pixels = height as u64 * width as u64;
    if pixels > settings.limits.pixels {
        return Err(PictureError::TooManyPixels {
            width,
            height,
            limit: settings.limits.pixels,
        });
    }
    memory::check(memory_of(member, axes, settings), settings)
}

/// A picture of an array about which everything is decided.
#[derive(Debug)]
pub struct Planned {
    /// Which picture of the input it is.
    pub name: FrameName,
    /// The container that its array is in, by its usual extension.
    pub container: &'static str,
    /// How its array's axes were read.
    pub axes: Axes,
    /// Its values.
    pub frame: Frame,
    /// What was decided.
    pub plan: Plan,
}
