//! Label files that people have, COCO's and YOLO's, as W&B box and mask layers.
//!
//! Bytes and values in, values out; nothing here opens a file. A file whose structure is broken is an error of
//! its `parse`. A bad object is an error of its own image, by its path (`annotations[12].bbox`), and of no
//! other: a picture with some of its objects missing would look right. What is merely odd (boxes outside the
//! picture, ids without a label) is passed on for the caller's warnings.

#[cfg(test)]
mod agreement;
mod annotation;
mod classes;
mod coco;
mod error;
mod format;
mod images;
mod json;
mod paint;
mod polygon;
mod rle;
mod runs;
mod shape;
mod top;
mod yaml;
mod yolo;

use std::fmt;

use serde_json::{Map, Value};

pub use classes::Classes;
pub use coco::Coco;
pub use error::LabelsError;
pub use format::LabelFormat;
pub use paint::MaskIds;
pub use rle::RleError;
pub use yolo::yolo;

use shape::Shape;

/// The largest mask that is painted: Pillow's limit for pictures.
pub const MAX_PIXELS: u32 = 178_956_970;

/// More objects than are read for one image: a bound on memory.
pub const MAX_OBJECTS: usize = 100_000;

/// What a label file says of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageLabels {
    /// One W&B box layer, `{"box_data":[…],"class_labels":{…}}`, in the file's order; `box_data` is empty for
    /// an image without objects. `None` when there are objects, and none of them has a box.
    pub boxes: Option<Value>,
    /// Names of all classes of the file, for the mask layer too.
    pub classes: Classes,
    /// Width and height that the label file gives for the image.
    pub size: Option<(u32, u32)>,
    /// What was left out, and why.
    pub notices: Vec<Notice>,
    shapes: Vec<Shape>,
    background: u8,
}

/// Something that could not be carried over. It is worth a line, and no reason to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Masks hold 8-bit ids, so objects of other classes have boxes only.
    BeyondMask {
        /// The class of the first of them.
        class: i64,
        /// How many objects.
        objects: usize,
    },
    /// Every 8-bit id is a class, so none is left for the background, and there is no mask.
    NoBackground,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeyondMask { class, objects } => write!(
                f,
                "masks hold class ids from 0 to 255, so {objects} shapes (the first of class {class}) are left out \
                 of the mask; their boxes are kept"
            ),
            Self::NoBackground => {
                f.write_str("all ids from 0 to 255 are classes, so none is left for a mask's background: no mask")
            }
        }
    }
}

impl ImageLabels {
    /// Puts the parts together: boxes in the file's order, shapes with their class ids.
    fn new(
        objects: Vec<Object>,
        classes: &Classes,
        zero_is_a_class: bool,
        size: Option<(u32, u32)>,
    ) -> Self {
        let (mut box_data, mut shapes, mut notices) = (Vec::new(), Vec::new(), Vec::new());
        let mut beyond: Option<(i64, usize)> = None;
        let nothing = objects.is_empty();
        let mut used = [false; 256];
        used[0] = zero_is_a_class;
        let ids = classes.iter().map(|(id, _)| i64::from(id));
        for id in ids.chain(objects.iter().map(|object| object.class)) {
            if let Ok(id) = u8::try_from(id) {
                used[usize::from(id)] = true;
            }
        }
        // 0 where it is free, else the highest.
        let background = std::iter::once(0)
            .chain((1..=255).rev())
            .find(|&id| !used[usize::from(id)]);
        for Object { class, bbox, shape } in objects {
            box_data.extend(bbox.map(Value::Object));
            let Some(mut shape) = shape else { continue };
            if let Ok(id) = u8::try_from(class) {
                shape.id = id;
                shapes.push(shape);
            } else {
                beyond.get_or_insert((class, 0)).1 += 1;
            }
        }
        if let Some((class, objects)) = beyond {
            notices.push(Notice::BeyondMask { class, objects });
        }
        if background.is_none() && !shapes.is_empty() {
            shapes.clear();
            notices.push(Notice::NoBackground);
        }
        let boxes = (nothing || !box_data.is_empty()).then(|| {
            let mut layer = Map::new();
            layer.insert("box_data".to_owned(), Value::Array(box_data));
            if !classes.is_empty() {
                layer.insert("class_labels".to_owned(), classes.to_json());
            }
            Value::Object(layer)
        });
        Self {
            boxes,
            classes: classes.clone(),
            size,
            notices,
            shapes,
            background: background.unwrap_or(0),
        }
    }

    /// Whether there is anything to paint a mask of.
    #[must_use]
    pub fn has_mask(&self) -> bool {
        !self.shapes.is_empty()
    }

    /// The mask for a picture of this size, or `None` without segmentation. Larger objects lie below smaller
    /// ones; of equal ones (in pixels), the later in the file is on top. Polygons and run lengths cover exactly
    /// the pixels that pycocotools gives them; YOLO's fractions are multiplied by width and height first.
    ///
    /// # Errors
    /// When run lengths are for another size, and beyond `MAX_PIXELS` or what is sensible for one image.
    pub fn mask(&self, width: u32, height: u32) -> Result<Option<MaskIds>, LabelsError> {
        if self.shapes.is_empty() {
            return Ok(None);
        }
        if width
            .checked_mul(height)
            .is_none_or(|pixels| pixels > MAX_PIXELS)
        {
            return Err(LabelsError::TooLarge { width, height });
        }
        let mut budget = polygon::MAX_CHANGES;
        let objects = self
            .shapes
            .iter()
            .map(|shape| Ok((shape.id, shape.pixels(width, height, &mut budget)?)))
            .collect::<Result<Vec<_>, LabelsError>>()?;
        Ok(Some(paint::paint(&objects, width, height, self.background)))
    }
}

/// One object of an image, understood.
struct Object {
    class: i64,
    bbox: Option<Map<String, Value>>,
    shape: Option<Shape>,
}
