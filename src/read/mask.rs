//! Masks in files: an array of class ids, or an image whose bytes are kept and whose ids are looked at where it
//! has one channel.

use std::borrow::Cow;
use std::fmt::Display;

use super::{Contents, Decoded, ImageFile, ImageKind, SizeLimits, Source, identify};
use crate::annotations::{MaskContent, MaskIds};
use crate::frame::{Elements, Frame, Spare};
use crate::layout::{Axes, Layout, TwoChannels};
use crate::read::Upright;

/// Reads a mask file; the error is what is wrong with it, in words.
pub(crate) fn mask_file(
    source: &Source,
    extension: &str,
    limits: SizeLimits,
) -> Result<MaskContent, String> {
    match identify(source).map_err(|e| format!("is no mask: {e}"))? {
        Contents::Image(kind) => image_mask(source, kind, extension, limits),
        Contents::Container(_) => {
            Err("is a container of named arrays; a mask is one array, as .npy".to_owned())
        }
        Contents::Array(member) => {
            let spec = &member.spec;
            if spec.dtype().is_float() {
                return Err(format!(
                    "holds {}, but class ids are integers from 0 to 255",
                    spec.dtype()
                ));
            }
            let axes = Axes::read(spec, Some(Layout::Hw), TwoChannels::Refused).map_err(|_| {
                format!(
                    "has shape {:?}, but a mask is (height, width)",
                    spec.shape()
                )
            })?;
            let [height, width, _] = axes.shape();
            if height as u64 * width as u64 > limits.pixels.min(limits.bytes / 16) {
                return Err(format!(
                    "has {width}×{height} pixels, which are more than are allowed"
                ));
            }
            let frame = member
                .load(source, &axes, 0, &mut Spare::default())
                .map_err(|e| format!("cannot be read: {e}"))?;
            let ids = class_ids(&frame)?;
            into_mask(width, height, ids).map(MaskContent::Ids)
        }
    }
}

fn into_mask(width: usize, height: usize, ids: Vec<u8>) -> Result<MaskIds, String> {
    let side = |n: usize| u32::try_from(n).unwrap_or(0);
    MaskIds::new(side(width), side(height), ids).ok_or_else(|| "has no pixel".to_owned())
}

/// Integers as class ids, row by row.
fn class_ids(frame: &Frame) -> Result<Vec<u8>, String> {
    match frame.elements() {
        Elements::U8(xs) => convert(frame, xs),
        Elements::U16(xs) => convert(frame, xs),
        Elements::U32(xs) => convert(frame, xs),
        Elements::U64(xs) => convert(frame, xs),
        Elements::I8(xs) => convert(frame, xs),
        Elements::I16(xs) => convert(frame, xs),
        Elements::I32(xs) => convert(frame, xs),
        Elements::I64(xs) => convert(frame, xs),
        Elements::F16(_) | Elements::F32(_) | Elements::F64(_) => {
            Err("holds floating-point numbers, but class ids are integers from 0 to 255".to_owned())
        }
    }
}

fn convert<T: Copy + TryInto<u8> + Display>(frame: &Frame, xs: &[T]) -> Result<Vec<u8>, String> {
    let rows = match frame.is_packed() {
        true => Cow::Borrowed(xs),
        false => Cow::Owned(frame.pack(xs)),
    };
    let [_, width, _] = frame.shape();
    let id = |(n, &x): (usize, &T)| {
        let (y, x_at) = (n / width, n % width);
        x.try_into().map_err(|_| {
            format!("has {x} at [{y}][{x_at}], but class ids are integers from 0 to 255")
        })
    };
    rows.iter().enumerate().map(id).collect()
}

fn image_mask(
    source: &Source,
    kind: ImageKind,
    extension: &str,
    limits: SizeLimits,
) -> Result<MaskContent, String> {
    let bytes = source
        .read_whole(limits.bytes)
        .map_err(|e| format!("cannot be read: {e}"))?;
    let ImageFile { width, height, .. } =
        ImageFile::check(&bytes, kind, limits).map_err(|e| format!("is no mask: {e}"))?;
    let ids = match palette_indices(&bytes, kind) {
        Some(ids) => Some(ids),
        None => Decoded::read(&bytes, kind, limits, Upright::AsStored)
            .ok()
            .filter(|decoded| decoded.raster.channels() == 1)
            .map(|decoded| decoded.raster.samples().to_vec()),
    };
    Ok(MaskContent::File {
        ids: ids.and_then(|ids| MaskIds::new(width, height, ids)),
        bytes,
        extension: extension.to_owned(),
        width,
        height,
    })
}

/// The indices of a PNG with a palette: there, they are the class ids, and not the colours.
fn palette_indices(bytes: &[u8], kind: ImageKind) -> Option<Vec<u8>> {
    if kind != ImageKind::Png {
        return None;
    }
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .ok()?;
    let info = reader.info();
    if info.color_type != png::ColorType::Indexed {
        return None;
    }
    let (width, depth) = (info.width as usize, info.bit_depth as usize);
    let mut packed = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut packed).ok()?;
    let rows = packed[..frame.buffer_size()].chunks_exact(frame.line_size);
    let index = |row: &[u8], x: usize| {
        let bit = x * depth;
        let shift = 8 - depth - bit % 8;
        (row[bit / 8] >> shift) & u8::MAX >> (8 - depth)
    };
    Some(
        rows.flat_map(|row| (0..width).map(move |x| index(row, x)))
            .collect(),
    )
}
