//! The picture with its boxes and masks drawn in: annotations become a scene, which is drawn onto a copy.

use crate::annotations::{Annotations, Labels, Mark};
use crate::draw::{
    self, BoxMark, Canvas, Channels, Content, DrawError, Layer, MaskMark, Scene, Style,
};
use crate::render::Raster;

/// Draws annotations onto a copy of a picture, which comes back with 3 or 4 channels.
///
/// # Errors
/// [`DrawError`] if the picture is too large to draw on.
pub fn draw(
    picture: Raster,
    annotations: &Annotations,
    style: &Style,
) -> Result<Raster, DrawError> {
    let picture = picture.into_color();
    let (width, height, channels) = (picture.width(), picture.height(), picture.channels());
    let mut samples = picture.into_samples();
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let kind = if channels == 4 {
        Channels::Rgba
    } else {
        Channels::Rgb
    };
    let scene = scene(annotations, side(width), side(height))?;
    draw::draw(
        &mut Canvas::new(&mut samples, side(width), side(height), kind)?,
        &scene,
        style,
    );
    Ok(Raster::new(width, height, channels, samples))
}

/// Bytes of memory that drawing onto a picture of so many pixels takes, about: the picture, the copy that is drawn
/// on, its samples as they are encoded, and the file; and every mask once more.
#[must_use]
pub fn memory(pixels: u64, annotations: &Annotations) -> u64 {
    let masks = annotations.masks.iter().map(|layer| layer.content.memory());
    pixels.saturating_mul(16).saturating_add(masks.sum())
}

fn scene(annotations: &Annotations, width: u32, height: u32) -> Result<Scene, DrawError> {
    let mut layers = Vec::new();
    for layer in &annotations.boxes {
        layers.push(Layer {
            name: layer.name.clone(),
            content: Content::Boxes(
                layer
                    .marks
                    .iter()
                    .map(|mark| box_mark(mark, width, height))
                    .collect(),
            ),
            labels: labels_by_id(&layer.labels),
        });
    }
    for layer in &annotations.masks {
        let Some(mask) = layer.content.ids() else {
            continue;
        };
        layers.push(Layer {
            name: layer.name.clone(),
            content: Content::Mask(MaskMark::new(
                mask.width(),
                mask.height(),
                mask.ids().to_vec(),
            )?),
            labels: labels_by_id(&layer.labels),
        });
    }
    Ok(Scene { layers })
}

fn box_mark(mark: &Mark, width: u32, height: u32) -> BoxMark {
    let rectangle = mark.in_pixels(width, height);
    BoxMark {
        x0: rectangle.min_x,
        y0: rectangle.min_y,
        x1: rectangle.max_x,
        y1: rectangle.max_y,
        class_id: mark.class_id,
        caption: mark.caption.clone(),
        scores: mark.scores.clone(),
    }
}

fn labels_by_id(labels: &Labels) -> std::collections::BTreeMap<i64, String> {
    labels
        .iter()
        .map(|(id, name)| (id, name.to_owned()))
        .collect()
}
