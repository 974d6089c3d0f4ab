//! One pass over a COCO file: its three lists, and where each annotation stands.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::LabelsError;
use super::images::Id;
use super::json::{Each, not_json, object, wrong};

/// Where one object stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Number of its image.
    pub(super) image: u32,
    /// Place in its list.
    pub(super) index: u32,
    /// First byte in the file.
    pub(super) start: usize,
    /// Bytes.
    pub(super) len: usize,
}

/// The lists of an instances file.
pub(super) struct Top<'a> {
    pub(super) images: Option<&'a RawValue>,
    pub(super) categories: Option<&'a RawValue>,
    pub(super) annotations: Result<Found, LabelsError>,
}

/// Objects by the id of their image, which may come later in the file.
pub(super) struct Found {
    /// Address of the file's first byte.
    base: usize,
    objects: Vec<(Id, Span)>,
    strays: usize,
}

impl<'a> Top<'a> {
    /// Reads `json`, which is a part of `file`.
    pub(super) fn read(json: &'a str, file: &[u8]) -> Result<Self, LabelsError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let top = reader.deserialize_map(TopVisitor(Found::new(file)));
        top.and_then(|top| reader.end().map(|()| top))
            .map_err(|error| {
                // A second look for what is no list: the first one knows the line only.
                #[derive(Deserialize)]
                struct Lists<'a> {
                    #[serde(borrow)]
                    annotations: Option<&'a RawValue>,
                }
                match serde_json::from_str(json) {
                    Ok(Lists {
                        annotations: Some(list),
                    }) if !list.get().starts_with('[') => {
                        wrong("annotations".to_owned(), list.get(), "a list of objects")
                    }
                    _ => not_json(&error),
                }
            })
    }
}

struct TopVisitor(Found);

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with images, categories and annotations")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<'de>, A::Error> {
        let (mut images, mut categories, mut annotations) = (None, None, None);
        let mut found = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "images" if images.is_none() => images = Some(map.next_value()?),
                "categories" if categories.is_none() => categories = Some(map.next_value()?),
                "annotations" if annotations.is_none() => {
                    let take = |index, raw: &'de RawValue| found.add("annotations", index, raw);
                    annotations = Some(map.next_value_seed(Each { take })?);
                }
                "images" | "categories" | "annotations" => {
                    return Err(A::Error::custom(format_args!("`{key}` comes twice")));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Top {
            images,
            categories,
            annotations: annotations.unwrap_or(Ok(())).map(|()| found),
        })
    }
}

impl Found {
    /// Nothing found in `file` yet.
    pub(super) fn new(file: &[u8]) -> Self {
        Self {
            base: file.as_ptr().addr(),
            objects: Vec::new(),
            strays: 0,
        }
    }

    /// Notes the entry `raw`, a part of the file, of the list at `list`. Without a usable image id it is a
    /// stray.
    pub(super) fn add(
        &mut self,
        list: &str,
        index: u32,
        raw: &RawValue,
    ) -> Result<(), LabelsError> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(borrow)]
            image_id: Option<&'a RawValue>,
        }
        let head: Head = object(
            || format!("{list}[{index}]"),
            raw.get(),
            "an object with image_id and category_id",
        )?;
        let Some(id) = head.image_id.and_then(|id| Id::read(String::new, id).ok()) else {
            self.strays += 1;
            return Ok(());
        };
        let span = Span {
            image: 0,
            index,
            start: raw.get().as_ptr().addr() - self.base,
            len: raw.get().len(),
        };
        self.objects.push((id, span));
        Ok(())
    }

    /// The objects of the images in `numbers`, sorted by image and then by place, and how many have none.
    pub(super) fn attach(self, numbers: &HashMap<Id, u32>) -> (Vec<Span>, usize) {
        let all = self.objects.len() + self.strays;
        let known = |(id, span): (Id, Span)| numbers.get(&id).map(|&image| Span { image, ..span });
        let mut spans: Vec<Span> = self.objects.into_iter().filter_map(known).collect();
        spans.sort_unstable_by_key(|span| (span.image, span.index));
        let strays = all - spans.len();
        (spans, strays)
    }
}
