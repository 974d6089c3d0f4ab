//! Pictures of the data sets: files of nothing but samples; the request says what they mean.

use anyhow::{Context, bail};
use serde_json::Value;
use wbimg::encode::png::Color;
use wbimg::mode::Mode;
use wbimg::render::{Palette, Pixels};

use crate::desk::text;

/// Samples as Pillow's `tobytes` has them.
pub(crate) struct Raw {
    pub(crate) samples: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) mode: Mode,
}

impl Raw {
    /// Reads the picture that the request is about.
    pub(crate) fn open(request: &Value) -> anyhow::Result<Self> {
        let name = text(request, "mode")?;
        let mode = Mode::ALL.into_iter().find(|mode| mode.name() == name);
        let side = |name: &str| -> anyhow::Result<u32> {
            let side = request[name].as_u64().context("no size")?;
            Ok(side.try_into()?)
        };
        Ok(Self {
            samples: std::fs::read(text(request, "path")?)?,
            width: side("width")?,
            height: side("height")?,
            mode: mode.with_context(|| format!("no mode is called {name:?}"))?,
        })
    }

    /// What the encoders of files take.
    pub(crate) fn into_pixels(self) -> Pixels {
        Pixels {
            mode: self.mode,
            width: self.width as usize,
            height: self.height as usize,
            samples: self.samples,
            palette: Palette::default(),
        }
    }
}

/// The PNG form of the modes that arrays have by default.
pub(crate) fn color_of(mode: Mode) -> anyhow::Result<Color<'static>> {
    Ok(match mode {
        Mode::L => Color::Gray8,
        Mode::La => Color::GrayAlpha8,
        Mode::Rgb => Color::Rgb8,
        Mode::Rgba => Color::Rgba8,
        _ => bail!("{mode:?} is not among the data sets' modes"),
    })
}
