//! Numbers in, pixels out: rescaling to bytes, then Pillow's mode conversions. What to do was decided in the
//! plan, so nothing here can fail.

mod colormap;
mod dither;
mod modes;
mod palette;
mod rescale;

pub use colormap::Colormap;
pub use modes::{Palette, Pixels, Raster, convert};
pub use rescale::Rescale;
pub(crate) use rescale::byte_of;

use crate::frame::Frame;
use crate::pack::packed;
use crate::plan::{ChannelOrder, Plan};

/// Makes the picture that `plan` describes of its 8-bit samples.
#[must_use]
pub fn render(mut raster: Raster, plan: &Plan) -> Pixels {
    if plan.channel_order() == ChannelOrder::Bgr {
        raster.swap_red_and_blue();
    }
    let raster = match plan.colormap() {
        Some(colormap) => colormap.apply(raster),
        None => raster,
    };
    convert(raster, plan.target().mode())
}

/// The frame's values as 8-bit samples, before any mode conversion, in memory that may have been used before: a sample of
/// any value for each of the frame's.
///
/// # Panics
/// If there are not as many samples.
#[must_use]
pub fn raster(frame: &Frame, rescale: Rescale, mut samples: Vec<u8>) -> Raster {
    rescale.apply(frame, &mut samples);
    raster_of(samples, frame.shape(), frame.strides())
}

/// Samples in the memory order that `strides` tell, as pixels.
#[must_use]
pub(crate) fn raster_of(samples: Vec<u8>, shape: [usize; 3], strides: [usize; 3]) -> Raster {
    let [height, width, channels] = shape;
    Raster::new(width, height, channels, packed(samples, shape, strides))
}
