//! Settings out of a few bytes in front of an input.

use wbimg::encode::EncodeOptions;
use wbimg::encode::jpeg::Quality;
use wbimg::encode::png::Effort;
use wbimg::layout::Layout;
use wbimg::mode::{FileType, Mode};
use wbimg::picture::{FrameSlice, ImageFiles, Settings};
use wbimg::plan::{ChannelOrder, Scaling, ValueRange, Wish};
use wbimg::read::SizeLimits;
use wbimg::render::Colormap;
use wbimg::selection::Selection;

/// What the first bytes of an input choose.
#[derive(Clone, Copy, Debug)]
pub struct Choices([u8; Self::LENGTH]);

impl Choices {
    /// How many bytes that are.
    pub const LENGTH: usize = 6;

    /// The bytes a picture may take.
    pub const BYTES: u64 = 32 << 20;

    /// The pixels a picture may have: few, so that none takes long.
    pub const PIXELS: u64 = 1 << 20;

    /// Splits them off.
    pub fn split(data: &[u8]) -> Option<(Self, &[u8])> {
        let (head, rest) = data.split_first_chunk()?;
        Some((Self(*head), rest))
    }

    /// How large a picture may be.
    pub fn limits() -> SizeLimits {
        SizeLimits {
            pixels: Self::PIXELS,
            bytes: Self::BYTES,
        }
    }

    /// The settings.
    pub fn settings(self) -> Settings {
        let [mode, file_type, scaling, layout, color, flags] = self.0;
        // The first value is the default, the others are the list.
        let pick = |n: u8, count: usize| usize::from(n).checked_rem(count + 1)?.checked_sub(1);
        Settings {
            wish: Wish {
                layout: pick(layout, Layout::ALL.len()).map(|n| Layout::ALL[n]),
                mode: pick(mode, Mode::ALL.len()).map(|n| Mode::ALL[n]),
                file_type: pick(file_type, FileType::ALL.len()).map(|n| FileType::ALL[n]),
                scaling: match scaling % 4 {
                    0 => Scaling::PerFrame,
                    1 => Scaling::PerArray,
                    2 => Scaling::Off,
                    _ => ValueRange::new(f64::from(scaling), -1.5)
                        .map_or(Scaling::Off, Scaling::Range),
                },
                colormap: pick(color, Colormap::ALL.len()).map(|n| Colormap::ALL[n]),
                channel_order: match color & 0x80 {
                    0 => ChannelOrder::Rgb,
                    _ => ChannelOrder::Bgr,
                },
            },
            encode: EncodeOptions {
                quality: Quality::new(flags | 1).unwrap_or_default(),
                effort: match flags >> 6 {
                    0 | 1 => Effort::Balanced,
                    2 => Effort::Fast,
                    _ => Effort::Small,
                },
            },
            image_files: match flags & 1 {
                0 => ImageFiles::Keep,
                _ => ImageFiles::Reencode,
            },
            frames: match flags & 2 {
                0 => FrameSlice::default(),
                _ => "-3:-1".parse().unwrap_or_default(),
            },
            selection: Selection::new((flags & 4 != 0).then(|| "*a*".to_owned())),
            limits: Self::limits(),
        }
    }
}
