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
use crate::plan::{ChannelOrder, Plan};

/// Computes the picture that `plan` describes.
#[must_use]
pub fn render(frame: &Frame, plan: &Plan) -> Pixels {
    let mut raster = raster(frame, plan.rescale());
    if plan.channel_order() == ChannelOrder::Bgr {
        raster.swap_red_and_blue();
    }
    let raster = match plan.colormap() {
        Some(colormap) => colormap.apply(raster),
        None => raster,
    };
    convert(raster, plan.target().mode())
}

/// The frame's values as 8-bit samples, before any mode conversion.
#[must_use]
pub fn raster(frame: &Frame, rescale: Rescale) -> Raster {
    let samples = rescale.apply(frame);
    let [height, width, channels] = frame.shape();
    let samples = if frame.is_packed() {
        samples
    } else {
        frame.pack_bytes(&samples)
    };
    Raster::new(width, height, channels, samples)
}
