//! The picture to be written: packed samples whose number fits their shape.

use super::{Color, JpegError, MAX_SIDE};

/// A picture's samples with a shape that is known to fit them.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    samples: &'a [u8],
    /// 1 to [`MAX_SIDE`].
    pub(super) width: u16,
    /// 1 to [`MAX_SIDE`].
    pub(super) height: u16,
    pub(super) color: Color,
}

impl<'a> Frame<'a> {
    /// Checks that the sides are a JPEG's and that the samples fill the picture.
    pub(super) fn new(
        samples: &'a [u8],
        width: u32,
        height: u32,
        color: Color,
    ) -> Result<Self, JpegError> {
        let side = |length: u32| {
            u16::try_from(length)
                .ok()
                .filter(|_| (1..=MAX_SIDE).contains(&length))
                .ok_or(JpegError::Size { width, height })
        };
        let frame = Self {
            samples,
            width: side(width)?,
            height: side(height)?,
            color,
        };
        let expected = u64::from(width) * u64::from(height) * color.channels() as u64;
        if samples.len() as u64 == expected {
            Ok(frame)
        } else {
            Err(JpegError::Length {
                found: samples.len(),
                expected,
            })
        }
    }

    /// Row `y` of the samples, the last one standing in for any below the picture.
    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        let stride = usize::from(self.width) * self.color.channels();
        &self.samples[y.min(usize::from(self.height) - 1) * stride..][..stride]
    }
}
