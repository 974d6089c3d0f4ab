//! COCO's files: `instances_*.json`, and lists of detections beside one.
//!
//! Parsing passes once over the file and keeps, for every image, where its annotations stand. They are
//! understood when their image is asked for.

use std::sync::Arc;

use super::classes::utf8;
use super::error::LabelsError;
use super::images::Images;
use super::json::{each, wrong};
use super::top::{Found, Span, Top};
use super::{ImageLabels, MAX_OBJECTS, annotation};

const IMAGES: &str = "a list of {\"id\", \"file_name\", \"width\", \"height\"}";

/// More JSON than is understood for one image: a bound on memory.
const MAX_TEXT: usize = 32 << 20;

/// A COCO label file, which serves many images.
#[derive(Clone, Debug)]
pub struct Coco {
    text: Vec<u8>,
    images: Arc<Images>,
    /// Sorted by image, then in the file's order.
    spans: Vec<Span>,
    /// What comes before the index in an object's path.
    list: &'static str,
    strays: usize,
}

impl Coco {
    /// Reads an instances file: an object with `images`, `categories` and `annotations` (which `image_info_*`
    /// files do not have).
    ///
    /// # Errors
    /// When it is not JSON, its structure is another, or two images or categories share an id.
    pub fn parse(text: Vec<u8>) -> Result<Self, LabelsError> {
        let json = json_text(&text)?;
        match json.as_bytes().first() {
            Some(b'[') => return Err(LabelsError::DetectionsAlone),
            Some(b'{') => {}
            None => {
                return Err(wrong(
                    "the file".to_owned(),
                    "empty",
                    "a JSON object with `images`",
                ));
            }
            _ => {
                return Err(wrong(
                    "the file".to_owned(),
                    json,
                    "a JSON object with `images`",
                ));
            }
        }
        let top = Top::read(json, &text)?;
        let Some(list) = top.images else {
            return Err(LabelsError::Missing {
                path: "images".to_owned(),
                accepted: IMAGES,
            });
        };
        let mut images = Images::default();
        each("images", list.get(), |place, raw| images.add(place, raw))?;
        images.add_categories(top.categories)?;
        let (spans, strays) = top.annotations?.attach(&images.by_id);
        Ok(Self {
            spans,
            strays,
            images: Arc::new(images),
            list: "annotations",
            text,
        })
    }

    /// Reads a list of detections, `[{"image_id","category_id","bbox","score"},…]`, for the images and
    /// categories of this file. The result holds the detections only: a layer of its own.
    ///
    /// # Errors
    /// When it is not JSON or not a list of objects.
    pub fn with_results(&self, text: Vec<u8>) -> Result<Self, LabelsError> {
        let json = json_text(&text)?;
        if !json.starts_with('[') {
            return Err(wrong("the file".to_owned(), json, "a list of detections"));
        }
        let mut found = Found::new(&text);
        each("", json, |index, raw| found.add("", index, raw))?;
        let (spans, strays) = found.attach(&self.images.by_id);
        Ok(Self {
            spans,
            strays,
            images: Arc::clone(&self.images),
            list: "",
            text,
        })
    }

    /// How many objects belong to none of the images: their `image_id` is missing or unknown. They are passed
    /// over, as pycocotools does, which is worth a note.
    #[must_use]
    pub fn strays(&self) -> usize {
        self.strays
    }

    /// The labels of the image at `name`: of the entry with this path, else with the longest path that `name`
    /// ends in, else the only one with this base name. `None` when there is none. `./` and `\` do not matter.
    ///
    /// # Errors
    /// When the name fits more than one entry, and when an object of this image is not what it should be.
    pub fn for_image(&self, name: &str) -> Result<Option<ImageLabels>, LabelsError> {
        let Some(image) = self.images.find(name)? else {
            return Ok(None);
        };
        let first = self.spans.partition_point(|span| span.image < image);
        let behind = self.spans.partition_point(|span| span.image <= image);
        let spans = &self.spans[first..behind];
        let mut text_left = MAX_TEXT;
        let mut objects = Vec::new();
        for (count, span) in spans.iter().enumerate() {
            let path = format!("{}[{}]", self.list, span.index);
            let too_many = |counted, limit| LabelsError::TooMany {
                path: path.clone(),
                counted,
                limit,
            };
            if count == MAX_OBJECTS {
                return Err(too_many("objects", MAX_OBJECTS));
            }
            text_left = text_left
                .checked_sub(span.len)
                .ok_or_else(|| too_many("bytes of JSON", MAX_TEXT))?;
            let text = self
                .text
                .get(span.start..span.start + span.len)
                .unwrap_or_default();
            let text = str::from_utf8(text).unwrap_or_default();
            objects.push(annotation::read(&path, text, &self.images.classes)?);
        }
        Ok(Some(ImageLabels::new(
            objects,
            &self.images.classes,
            self.images.zero_is_a_class,
            self.images.all[image as usize].size,
        )))
    }
}

/// The text without a byte order mark and white space around it.
fn json_text(file: &[u8]) -> Result<&str, LabelsError> {
    Ok(utf8(file)?.trim_ascii())
}

#[cfg(test)]
mod tests;
