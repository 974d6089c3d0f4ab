//! Pillow's modes, the file types, and which go together. Tables only.

use std::fmt;

/// A Pillow mode that a picture can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Black and white, dithered.
    Bilevel,
    /// 8-bit grey.
    L,
    /// 8-bit grey and alpha.
    La,
    /// 8-bit indices into a palette.
    P,
    /// 8-bit red, green, blue.
    Rgb,
    /// 8-bit red, green, blue, alpha.
    Rgba,
    /// 16-bit grey that holds 8-bit values.
    I16,
    /// 8-bit cyan, magenta, yellow, black.
    Cmyk,
    /// 8-bit luma and two chroma differences.
    Ycbcr,
    /// 8-bit red, green, blue and a byte that means nothing.
    Rgbx,
}

impl Mode {
    /// Every mode, in the order in which errors list them.
    pub const ALL: [Self; 10] = [
        Self::Bilevel,
        Self::L,
        Self::La,
        Self::P,
        Self::Rgb,
        Self::Rgba,
        Self::I16,
        Self::Cmyk,
        Self::Ycbcr,
        Self::Rgbx,
    ];

    /// Pillow's name, as `--mode` takes it and the manifest records it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bilevel => "1",
            Self::L => "L",
            Self::La => "LA",
            Self::P => "P",
            Self::Rgb => "RGB",
            Self::Rgba => "RGBA",
            Self::I16 => "I;16",
            Self::Cmyk => "CMYK",
            Self::Ycbcr => "YCbCr",
            Self::Rgbx => "RGBX",
        }
    }

    /// Bytes of a pixel as it is encoded; of [`Self::Bilevel`], before eight of them become one.
    #[must_use]
    pub fn bytes_per_pixel(self) -> u64 {
        match self {
            Self::Bilevel | Self::L | Self::P => 1,
            Self::La | Self::I16 => 2,
            Self::Rgb | Self::Ycbcr => 3,
            Self::Rgba | Self::Cmyk | Self::Rgbx => 4,
        }
    }

    /// The mode with Pillow's name `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            // Pillow writes both byte orders to the same file.
            "I;16B" => Some(Self::I16),
            _ => Self::ALL.into_iter().find(|mode| mode.name() == name),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The encoding of a picture made from an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// PNG.
    Png,
    /// JPEG, named `.jpg`.
    Jpg,
    /// JPEG, named `.jpeg`.
    Jpeg,
    /// Windows bitmap.
    Bmp,
}

impl FileType {
    /// Every file type, in the order in which errors list them.
    pub const ALL: [Self; 4] = [Self::Png, Self::Jpg, Self::Jpeg, Self::Bmp];

    /// The name that `--file-type` takes, which is also the extension and the media's `format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpg => "jpg",
            Self::Jpeg => "jpeg",
            Self::Bmp => "bmp",
        }
    }

    /// The file type named `name`, in lower case only, as in W&B.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|file_type| file_type.name() == name)
    }

    /// The modes that the file type can hold.
    #[must_use]
    pub fn modes(self) -> &'static [Mode] {
        match self {
            Self::Png => &[
                Mode::Bilevel,
                Mode::L,
                Mode::La,
                Mode::P,
                Mode::Rgb,
                Mode::Rgba,
                Mode::I16,
            ],
            Self::Jpg | Self::Jpeg => &[
                Mode::Bilevel,
                Mode::L,
                Mode::Rgb,
                Mode::Cmyk,
                Mode::Ycbcr,
                Mode::Rgbx,
            ],
            Self::Bmp => &[Mode::Bilevel, Mode::L, Mode::P, Mode::Rgb, Mode::Rgba],
        }
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A mode that a file type cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mode {mode} cannot be written as {file_type}, which takes {}", list(file_type.modes()))]
pub struct ModeError {
    /// The mode that was asked for.
    pub mode: Mode,
    /// The file type that was asked for.
    pub file_type: FileType,
}

/// A mode in a file type that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    mode: Mode,
    file_type: FileType,
}

impl Target {
    /// Puts a mode and a file type together.
    ///
    /// # Errors
    /// [`ModeError`] if the file type cannot hold the mode.
    pub fn new(mode: Mode, file_type: FileType) -> Result<Self, ModeError> {
        if file_type.modes().contains(&mode) {
            Ok(Self { mode, file_type })
        } else {
            Err(ModeError { mode, file_type })
        }
    }

    /// The mode.
    #[must_use]
    pub fn mode(self) -> Mode {
        self.mode
    }

    /// The file type.
    #[must_use]
    pub fn file_type(self) -> FileType {
        self.file_type
    }
}

fn list(modes: &[Mode]) -> String {
    modes
        .iter()
        .map(|mode| mode.name())
        .collect::<Vec<_>>()
        .join(", ")
}
