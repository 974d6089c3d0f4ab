//! From the scene and the user's choices to what is really drawn: filtered,
//! clipped, with its colour and its words.

use std::collections::{BTreeMap, BTreeSet};

use super::color::Color;
use super::geometry::{Rect, nearest};
use super::ids::Ids;
use super::label::{Label, class_name};
use super::mask::Classes;
use super::scene::{BoxMark, Content, Layer, Scene};
use super::style::Style;

/// A box that is drawn.
pub(super) struct ShownBox {
    /// The outer boundary of its line, on the pixel grid; may reach out of the
    /// picture.
    pub(super) outer: Rect,
    pub(super) color: Color,
    pub(super) class: Option<Class>,
    pub(super) label: Label,
    /// Whether the label says something else than the class name.
    pub(super) captioned: bool,
    pub(super) score: f64,
    pub(super) rank: usize,
}

/// A class as the legend has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    pub(super) id: i64,
    pub(super) name: String,
}

/// A mask that is drawn.
pub(super) struct ShownMask<'a> {
    pub(super) ids: Ids<'a>,
    pub(super) classes: Classes,
    /// Those that occur in it.
    pub(super) present: Vec<Class>,
    pub(super) rank: usize,
}

/// The boxes to draw, layer by layer.
pub(super) fn boxes(scene: &Scene, style: &Style, picture: Rect, line: i32) -> Vec<ShownBox> {
    let ranks = ranks(scene, |content| matches!(content, Content::Boxes(_)));
    let mut shown = Vec::new();
    for layer in &scene.layers {
        let Content::Boxes(marks) = &layer.content else {
            continue;
        };
        let rank = ranks.get(layer.name.as_str()).copied().unwrap_or(0);
        for mark in marks {
            let name = mark.class_id.and_then(|id| layer.labels.get(&id));
            if !style.shows_class(mark.class_id, name.map(String::as_str))
                || !style.shows_scores_of(mark)
            {
                continue;
            }
            let Some(outer) = outer(mark, picture, line) else {
                continue;
            };
            shown.push(shown_box(mark, layer, style, outer, rank));
        }
    }
    shown
}

fn shown_box(mark: &BoxMark, layer: &Layer, style: &Style, outer: Rect, rank: usize) -> ShownBox {
    let class = mark.class_id.map(|id| Class {
        id,
        name: class_name(id, &layer.labels),
    });
    let label = Label::new(mark, &layer.labels);
    let color = mark
        .class_id
        .map_or(Color::UNCLASSED, |id| style.palette.color(id));
    ShownBox {
        outer,
        color,
        captioned: class.as_ref().is_some_and(|class| class.name != label.name),
        class,
        label,
        score: mark.scores.first().map_or(1.0, |(_, score)| *score),
        rank,
    }
}

/// The outer boundary of a line that is centred on the box's edges; `None`
/// where nothing of it is in the picture.
///
/// A side within a line's width of the picture's own edge is moved to where
/// all of its line can be seen. One that is further out is not: its line is
/// not drawn, since the box goes on there.
fn outer(mark: &BoxMark, picture: Rect, line: i32) -> Option<Rect> {
    let (left, right) = (mark.x0.min(mark.x1), mark.x0.max(mark.x1));
    let (top, bottom) = (mark.y0.min(mark.y1), mark.y0.max(mark.y1));
    let (x0, x1) = sides(left, right, picture.x1, line)?;
    let (y0, y1) = sides(top, bottom, picture.y1, line)?;
    Some(Rect::new(x0, y0, x1, y1))
}

/// [`outer`] in one direction.
fn sides(low: f64, high: f64, picture: i32, line: i32) -> Option<(i32, i32)> {
    let (end, width) = (f64::from(picture), f64::from(line));
    // Beyond this nothing can be seen, whatever the line's corners are like.
    let far = 8.0 * width + 16.0;
    if low.is_nan() || high.is_nan() || high < -width || low > end + width {
        return None;
    }
    let half = width / 2.0;
    let mut from = nearest(low.max(-far) - half);
    let mut to = nearest(high.min(end + far) + half).max(from + line);
    if (-width..=half).contains(&low) {
        from = from.max(0);
    }
    if (end - half..=end + width).contains(&high) {
        to = to.min(picture);
    }
    if to - from < line {
        (from, to) = if from > 0 {
            (to - line, to)
        } else {
            (from, from + line)
        };
    }
    // A box of no size at the very edge would be pushed out of the picture.
    if from >= picture {
        (from, to) = (picture - line, picture);
    }
    if to <= 0 {
        (from, to) = (0, line);
    }
    Some((from, to))
}

/// The masks to draw, at the size of the picture.
pub(super) fn masks<'a>(
    scene: &'a Scene,
    style: &Style,
    width: usize,
    height: usize,
) -> Vec<ShownMask<'a>> {
    let ranks = ranks(scene, |content| matches!(content, Content::Mask(_)));
    scene
        .layers
        .iter()
        .filter_map(|layer| {
            let Content::Mask(mask) = &layer.content else {
                return None;
            };
            let mut classes: Classes = [None; 256];
            for (id, name) in &layer.labels {
                if let Ok(value) = u8::try_from(*id)
                    && style.shows_class(Some(*id), Some(name))
                {
                    classes[usize::from(value)] = Some(style.palette.color(*id));
                }
            }
            let ids = Ids::stretched(mask, width, height);
            let present = (0u8..=255)
                .zip(ids.counts())
                .filter(|(id, count)| *count > 0 && classes[usize::from(*id)].is_some())
                .map(|(id, _)| Class {
                    id: i64::from(id),
                    name: class_name(i64::from(id), &layer.labels),
                })
                .collect();
            Some(ShownMask {
                ids,
                classes,
                present,
                rank: ranks.get(layer.name.as_str()).copied().unwrap_or(0),
            })
        })
        .collect()
}

/// Layer name → its place among the layers of its kind, in the order in which
/// names come up in the scene: so a name has the same place in both kinds,
/// where both have the same names.
pub(super) fn ranks(scene: &Scene, kind: impl Fn(&Content) -> bool) -> BTreeMap<&str, usize> {
    let of_kind: BTreeSet<&str> = scene
        .layers
        .iter()
        .filter(|layer| kind(&layer.content))
        .map(|layer| layer.name.as_str())
        .collect();
    let mut ranks = BTreeMap::new();
    for layer in &scene.layers {
        let name = layer.name.as_str();
        if of_kind.contains(name) {
            let next = ranks.len();
            ranks.entry(name).or_insert(next);
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: Rect = Rect {
        x0: 0,
        y0: 0,
        x1: 100,
        y1: 80,
    };

    fn line_of(x0: f64, y0: f64, x1: f64, y1: f64) -> Option<Rect> {
        let mark = BoxMark {
            x0,
            y0,
            x1,
            y1,
            ..BoxMark::default()
        };
        outer(&mark, PICTURE, 2)
    }

    #[test]
    fn a_line_is_centred_on_the_edge_and_whole_at_the_picture_s() {
        assert_eq!(
            line_of(10.0, 20.0, 50.0, 60.0),
            Some(Rect::new(9, 19, 51, 61))
        );
        assert_eq!(line_of(0.0, 0.0, 100.0, 80.0), Some(PICTURE));
        assert_eq!(
            line_of(-1.5, 0.5, 101.0, 79.2),
            Some(PICTURE.intersect(Rect::new(0, 0, 100, 80)))
        );
        assert_eq!(
            line_of(50.0, 60.0, 10.0, 20.0),
            Some(Rect::new(9, 19, 51, 61))
        );
    }

    #[test]
    fn huge_boxes_are_cut_and_far_ones_left_out() {
        let all = line_of(-1e308, -1e308, 1e308, 1e308).unwrap();
        assert!(all.x0 < -8 && all.x1 > 108 && all.width() < 400);
        assert_eq!(line_of(200.0, 0.0, 300.0, 50.0), None);
        assert_eq!(line_of(-1e308, 0.0, -9.0, 50.0), None);
        assert_eq!(line_of(f64::NAN, 0.0, 10.0, 50.0).map(|r| r.y0), Some(0));
    }

    #[test]
    fn a_box_of_no_size_is_a_dot_in_the_picture() {
        for (x, y) in [
            (0.0, 0.0),
            (50.0, 40.0),
            (100.0, 80.0),
            (101.9, 81.9),
            (-2.0, -2.0),
        ] {
            let dot = line_of(x, y, x, y).unwrap();
            assert!(PICTURE.contains(dot) && dot.area() >= 4, "{x} {y} {dot:?}");
        }
    }

    #[test]
    fn a_name_has_one_rank_in_both_kinds() {
        let layer = |name: &str, content| Layer {
            name: name.to_owned(),
            content,
            labels: BTreeMap::new(),
        };
        let mask = || Content::Mask(super::super::scene::MaskMark::new(1, 1, vec![0]).unwrap());
        let scene = Scene {
            layers: vec![
                layer("gt", mask()),
                layer("pred", mask()),
                layer("pred", Content::Boxes(Vec::new())),
                layer("gt", Content::Boxes(Vec::new())),
            ],
        };
        let boxes = ranks(&scene, |content| matches!(content, Content::Boxes(_)));
        assert_eq!(boxes, BTreeMap::from([("gt", 0), ("pred", 1)]));
        assert_eq!(boxes, ranks(&scene, |c| matches!(c, Content::Mask(_))));
    }
}
