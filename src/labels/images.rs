//! The images and categories of a COCO file, and which image a name means.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Classes;
use super::error::LabelsError;
use super::json::{each, integer, object, value, wrong};

const IMAGE_ID: &str = "an integer or a string";
const SIDE: &str = "a number of pixels from 0 to 4294967295";
const CLASS_ID: &str = "an integer from 0 to 4294967295";

/// The images and categories, which detections share with their instances file.
#[derive(Clone, Debug, Default)]
pub(super) struct Images {
    pub(super) all: Vec<Image>,
    pub(super) by_id: HashMap<Id, u32>,
    by_name: HashMap<String, Vec<u32>>,
    by_base_name: HashMap<String, Vec<u32>>,
    pub(super) classes: Classes,
    pub(super) zero_is_a_class: bool,
}

/// One entry of `images`.
#[derive(Clone, Debug)]
pub(super) struct Image {
    name: String,
    pub(super) size: Option<(u32, u32)>,
    place: u32,
}

/// An image's id. COCO's are integers; others write file stems.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Id {
    Number(i64),
    Text(Box<str>),
}

impl Images {
    /// Adds an entry of `images`. The same entry twice, as merged files have it, counts once.
    pub(super) fn add(&mut self, place: u32, raw: &RawValue) -> Result<(), LabelsError> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            #[serde(borrow)]
            file_name: Option<&'a RawValue>,
            #[serde(borrow)]
            width: Option<&'a RawValue>,
            #[serde(borrow)]
            height: Option<&'a RawValue>,
        }
        let at = |field: &str| format!("images[{place}].{field}");
        let missing = |field, accepted| LabelsError::Missing {
            path: at(field),
            accepted,
        };
        let entry: Raw = object(
            || format!("images[{place}]"),
            raw.get(),
            "an object with id and file_name",
        )?;
        let id = entry.id.ok_or_else(|| missing("id", IMAGE_ID))?;
        let id = Id::read(|| at("id"), id)?;
        let name = entry
            .file_name
            .ok_or_else(|| missing("file_name", "a string"))?;
        let name = cleaned(&value::<String>(|| at("file_name"), name, "a string")?);
        let side = |field: &str, raw: Option<&RawValue>| match raw {
            Some(raw) => {
                let side = integer(|| at(field), raw, SIDE)?;
                u32::try_from(side)
                    .map(Some)
                    .map_err(|_| wrong(at(field), raw.get(), SIDE))
            }
            None => Ok(None),
        };
        let size = side("width", entry.width)?.zip(side("height", entry.height)?);

        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        match self.by_id.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(number);
            }
            Entry::Occupied(taken) => {
                let first = &self.all[*taken.get() as usize];
                if first.name == name && first.size == size {
                    return Ok(());
                }
                return Err(LabelsError::DuplicateId {
                    first: format!("images[{}]", first.place),
                    second: format!("images[{place}]"),
                    id: taken.key().to_string(),
                });
            }
        }
        self.by_base_name
            .entry(base_name(&name).to_owned())
            .or_default()
            .push(number);
        self.by_name.entry(name.clone()).or_default().push(number);
        self.all.push(Image { name, size, place });
        Ok(())
    }

    pub(super) fn add_categories(&mut self, list: Option<&RawValue>) -> Result<(), LabelsError> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            #[serde(borrow)]
            name: Option<&'a RawValue>,
        }
        let Some(list) = list else { return Ok(()) };
        let mut places: HashMap<u32, u32> = HashMap::new();
        each("categories", list.get(), |place, raw| {
            let at = |field: &str| format!("categories[{place}].{field}");
            let missing = |field, accepted| LabelsError::Missing {
                path: at(field),
                accepted,
            };
            let entry: Raw = object(
                || format!("categories[{place}]"),
                raw.get(),
                "an object with id and name",
            )?;
            let raw_id = entry.id.ok_or_else(|| missing("id", CLASS_ID))?;
            let id = integer(|| at("id"), raw_id, CLASS_ID)?;
            let id = u32::try_from(id).map_err(|_| wrong(at("id"), raw_id.get(), CLASS_ID))?;
            let name = entry.name.ok_or_else(|| missing("name", "a string"))?;
            let name: String = value(|| at("name"), name, "a string")?;
            self.zero_is_a_class |= id == 0;
            if !self.classes.add(id, name) {
                return Err(LabelsError::DuplicateId {
                    first: format!(
                        "categories[{}]",
                        places.get(&id).copied().unwrap_or_default()
                    ),
                    second: format!("categories[{place}]"),
                    id: id.to_string(),
                });
            }
            places.insert(id, place);
            Ok(())
        })
    }

    /// The image that `name` means.
    pub(super) fn find(&self, name: &str) -> Result<Option<u32>, LabelsError> {
        let name = cleaned(name);
        let mut rest = Some(name.as_str());
        while let Some(path) = rest {
            match self.by_name.get(path).map(Vec::as_slice) {
                Some([only]) => return Ok(Some(*only)),
                Some([first, second, ..]) => {
                    return Err(LabelsError::DuplicateName {
                        name: path.to_owned(),
                        first: self.all[*first as usize].place,
                        second: self.all[*second as usize].place,
                    });
                }
                _ => {}
            }
            rest = path.split_once('/').map(|(_, rest)| rest);
        }
        match self.by_base_name.get(base_name(&name)).map(Vec::as_slice) {
            Some([only]) => Ok(Some(*only)),
            Some([first, second, ..]) => Err(LabelsError::AmbiguousName {
                first: self.all[*first as usize].name.clone(),
                second: self.all[*second as usize].name.clone(),
                name,
            }),
            _ => Ok(None),
        }
    }
}

impl Id {
    pub(super) fn read(path: impl Fn() -> String, raw: &RawValue) -> Result<Self, LabelsError> {
        if raw.get().starts_with('"') {
            value(path, raw, IMAGE_ID).map(Self::Text)
        } else {
            integer(path, raw, IMAGE_ID).map(Self::Number)
        }
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// A path as it is compared: `/` between components, no `.` among them.
fn cleaned(path: &str) -> String {
    let path = path.replace('\\', "/");
    let absolute = if path.starts_with('/') { "/" } else { "" };
    let components: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    format!("{absolute}{}", components.join("/"))
}

fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, base)| base)
}
