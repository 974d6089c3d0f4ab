//! Names of class ids: COCO's categories, `data.yaml`, or one name a line.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::LabelsError;
use super::yaml;

/// Class ids and their names, in the file's order. Ids are unique. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    names: Arc<Vec<(u32, String)>>,
    places: Arc<HashMap<u32, usize>>,
}

impl Classes {
    /// Reads the `names:` of a YOLO `data.yaml`: a list, or a map from ids, in block or in flow style.
    ///
    /// # Errors
    /// Without `names:`, when it is something else, and when an id comes twice.
    pub fn from_yaml(text: &[u8]) -> Result<Self, LabelsError> {
        let mut classes = Self::default();
        for (line, id, name) in yaml::names(utf8(text)?)? {
            if !classes.add(id, name) {
                return Err(LabelsError::DuplicateClass { line, id });
            }
        }
        Ok(classes)
    }

    /// Reads `classes.txt` or `obj.names`: the first line names class 0. Empty lines at the end do not count;
    /// others are classes without a name, which keep their number.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn from_lines(text: &[u8]) -> Result<Self, LabelsError> {
        let mut classes = Self::default();
        for (id, name) in (0..).zip(utf8(text)?.trim_end().lines()) {
            if !name.trim().is_empty() {
                classes.add(id, name.trim().to_owned());
            }
        }
        Ok(classes)
    }

    /// The name of a class.
    #[must_use]
    pub fn name(&self, id: u32) -> Option<&str> {
        self.places
            .get(&id)
            .map(|&place| self.names[place].1.as_str())
    }

    /// Ids and names in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.names.iter().map(|(id, name)| (*id, name.as_str()))
    }

    /// Whether no class has a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// W&B's `class_labels`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let labels: Map<String, Value> = self
            .iter()
            .map(|(id, name)| (id.to_string(), name.into()))
            .collect();
        Value::Object(labels)
    }

    /// Adds a class; `false` if the id is taken.
    pub(super) fn add(&mut self, id: u32, name: String) -> bool {
        if self.places.contains_key(&id) {
            return false;
        }
        Arc::make_mut(&mut self.places).insert(id, self.names.len());
        Arc::make_mut(&mut self.names).push((id, name));
        true
    }
}

/// The text without a byte order mark.
pub(super) fn utf8(text: &[u8]) -> Result<&str, LabelsError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    str::from_utf8(text).map_err(|error| LabelsError::Encoding {
        line: 1 + text[..error.valid_up_to()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count(),
    })
}
