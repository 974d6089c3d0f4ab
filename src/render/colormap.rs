//! Colours for grey: tables of 256 colours, byte for byte those of matplotlib. How they were made stands in
//! `assets/colormaps/make.py`.

use super::Raster;

/// A colormap, by the name that matplotlib gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colormap {
    /// Dark violet, green, yellow; perceptually uniform.
    Viridis,
    /// Black, magenta, white; perceptually uniform.
    Magma,
    /// Black, red, yellow; perceptually uniform.
    Inferno,
    /// Blue, green, red: a rainbow with even steps.
    Turbo,
    /// Black to white, in matplotlib's rounding.
    Gray,
}

impl Colormap {
    /// Every colormap, in the order in which help lists them.
    pub const ALL: [Self; 5] = [
        Self::Viridis,
        Self::Magma,
        Self::Inferno,
        Self::Turbo,
        Self::Gray,
    ];

    /// The name that `--colormap` takes and the manifest records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "viridis",
            Self::Magma => "magma",
            Self::Inferno => "inferno",
            Self::Turbo => "turbo",
            Self::Gray => "gray",
        }
    }

    /// The colour of a grey value.
    #[must_use]
    pub fn color(self, value: u8) -> [u8; 3] {
        let table: &[u8; 768] = match self {
            Self::Viridis => include_bytes!("../../assets/colormaps/viridis.rgb"),
            Self::Magma => include_bytes!("../../assets/colormaps/magma.rgb"),
            Self::Inferno => include_bytes!("../../assets/colormaps/inferno.rgb"),
            Self::Turbo => include_bytes!("../../assets/colormaps/turbo.rgb"),
            Self::Gray => include_bytes!("../../assets/colormaps/gray.rgb"),
        };
        let at = usize::from(value) * 3;
        [table[at], table[at + 1], table[at + 2]]
    }

    /// Colours a grey picture; one with more channels stays as it is.
    pub(super) fn apply(self, grey: Raster) -> Raster {
        if grey.channels() != 1 {
            return grey;
        }
        let colors = grey.samples().iter().flat_map(|&v| self.color(v)).collect();
        Raster::new(grey.width(), grey.height(), 3, colors)
    }
}
