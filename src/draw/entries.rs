//! What the legend says: its rows, and how much they tell that the labels do
//! not.

use std::collections::{BTreeMap, BTreeSet};

use super::color::Color;
use super::look;
use super::mask::Fill;
use super::scene::{Content, Scene};
use super::select::{self, Class, ShownBox, ShownMask};

/// One line of the legend.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) text: String,
    /// Of the class, told where the font cannot show the text.
    pub(super) number: Option<i64>,
}

/// What stands before the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Class(Color),
    /// Boxes of the layer with this rank.
    Boxes(usize),
    /// Masks of a layer.
    Mask(Fill),
    /// Plain words.
    Note,
}

/// How much the legend tells that the labels do not, which decides how much of
/// the picture it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Every box has its class written on it.
    Repeats,
    Tells,
}

impl Key {
    pub(super) fn is_class(self) -> bool {
        matches!(self, Self::Class(_))
    }
}

/// The rows of the legend: layers where there are several, then classes.
pub(super) fn entries(scene: &Scene, masks: &[ShownMask], boxes: &[ShownBox]) -> Vec<Entry> {
    let mut entries = Vec::new();
    if scene.layers.len() > 1 {
        let box_ranks = select::ranks(scene, |content| matches!(content, Content::Boxes(_)));
        let mask_ranks = select::ranks(scene, |content| matches!(content, Content::Mask(_)));
        let mut told = BTreeSet::new();
        for layer in &scene.layers {
            let name = layer.name.as_str();
            let key = match &layer.content {
                Content::Boxes(_) => Key::Boxes(box_ranks.get(name).copied().unwrap_or(0)),
                Content::Mask(_) => {
                    Key::Mask(look::fill(mask_ranks.get(name).copied().unwrap_or(0)))
                }
            };
            if told.insert((name, key)) {
                entries.push(Entry {
                    key,
                    text: name.to_owned(),
                    number: None,
                });
            }
        }
    }
    let of_masks = masks.iter().flat_map(|shown| {
        shown.present.iter().filter_map(|class| {
            let id = u8::try_from(class.id).ok()?;
            Some((class, shown.classes[usize::from(id)]?))
        })
    });
    let of_boxes = boxes
        .iter()
        .filter_map(|shown| Some((shown.class.as_ref()?, shown.color)));
    let classes: BTreeMap<&Class, Color> = of_masks.chain(of_boxes).collect();
    entries.extend(classes.into_iter().map(|(class, color)| Entry {
        key: Key::Class(color),
        text: class.name.clone(),
        number: Some(class.id),
    }));
    entries
}

/// How much `entries` tell.
pub(super) fn need(boxes: &[ShownBox], masks: &[ShownMask], entries: &[Entry]) -> Need {
    let layers = entries.iter().any(|entry| !entry.key.is_class());
    let captions = boxes.iter().any(|shown| shown.captioned);
    if layers || captions || masks.iter().any(|shown| !shown.present.is_empty()) {
        Need::Tells
    } else {
        Need::Repeats
    }
}
