//! Everything that is written on a picture: which labels are drawn and where,
//! with the legend out of their way.

use super::canvas::Canvas;
use super::entries::{Entry, Key, Need, need};
use super::font::Font;
use super::geometry::Rect;
use super::legend::Panel;
use super::look::{self, Look, TagColors, TextLook};
use super::place::{self, Placer};
use super::select::{ShownBox, ShownMask};
use super::tag::Tag;

/// All text of a drawing, with its places.
pub(super) struct Words {
    font: Font,
    text: TextLook,
    pub(super) tags: Vec<Option<(Tag, Rect)>>,
    pub(super) panel: Option<Panel>,
}

impl Words {
    pub(super) fn plan(
        boxes: &[ShownBox],
        masks: &[ShownMask],
        mut entries: Vec<Entry>,
        look: &Look,
        text: TextLook,
        picture: Rect,
    ) -> Self {
        let mut font = Font::new();
        let visible: Vec<Rect> = boxes
            .iter()
            .map(|shown| shown.outer.intersect(picture))
            .collect();
        let busy = |rect: Rect| busy(rect, &visible, masks);
        let mut need = need(boxes, masks, &entries);
        let mut panel = Panel::new(&mut font, &entries, need, &text, picture, busy);
        let mut tags = place_tags(
            &mut font,
            boxes,
            &visible,
            panel.as_ref(),
            look,
            &text,
            picture,
        );
        let missing = left_out(&tags);
        if missing > 0 && !entries.is_empty() {
            // Now the legend has to say so, and takes more room for it.
            need = Need::Tells;
            let note = |count: usize| Entry {
                key: Key::Note,
                text: match count {
                    1 => "1 label not shown".to_owned(),
                    count => format!("{count} labels not shown"),
                },
                number: None,
            };
            entries.push(note(missing));
            let with_note = Panel::new(&mut font, &entries, need, &text, picture, busy);
            tags = place_tags(
                &mut font,
                boxes,
                &visible,
                with_note.as_ref(),
                look,
                &text,
                picture,
            );
            entries.pop();
            entries.push(note(left_out(&tags)));
            panel = Panel::new(&mut font, &entries, need, &text, picture, busy)
                .filter(|panel| {
                    with_note
                        .as_ref()
                        .is_some_and(|w| w.rect.contains(panel.rect))
                })
                .or(with_note);
        }
        let tags = tags
            .into_iter()
            .map(|tag| match tag {
                Placing::Placed(tag, rect) => Some((tag, rect)),
                Placing::Silent | Placing::NoRoom => None,
            })
            .collect();
        Self {
            font,
            text,
            tags,
            panel,
        }
    }

    pub(super) fn draw(mut self, canvas: &mut Canvas, boxes: &[ShownBox], look: &Look) {
        if let Some(panel) = &self.panel {
            panel.draw(canvas, &mut self.font, look, &self.text);
        }
        for (shown, tag) in boxes.iter().zip(&self.tags) {
            if let Some((tag, rect)) = tag {
                let colors = TagColors::new(shown.color, shown.rank);
                tag.draw(canvas, &mut self.font, *rect, colors, &self.text);
            }
        }
    }
}

/// What became of the label of a box.
enum Placing {
    Placed(Tag, Rect),
    /// The box has nothing to say.
    Silent,
    NoRoom,
}

fn left_out(tags: &[Placing]) -> usize {
    let without = tags.iter().filter(|tag| matches!(tag, Placing::NoRoom));
    without.count()
}

/// Labels in the order of `boxes`. The surest boxes choose first, then the
/// largest.
fn place_tags(
    font: &mut Font,
    boxes: &[ShownBox],
    visible: &[Rect],
    panel: Option<&Panel>,
    look: &Look,
    text: &TextLook,
    picture: Rect,
) -> Vec<Placing> {
    let mut placer = Placer::new(picture, text.height, visible);
    if let Some(panel) = panel {
        placer.take(panel.rect);
    }
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by(|&a, &b| {
        let surest = boxes[b].score.total_cmp(&boxes[a].score);
        surest.then(visible[b].area().cmp(&visible[a].area()))
    });
    let mut tags: Vec<Placing> = boxes.iter().map(|_| Placing::Silent).collect();
    for at in order {
        let shown = &boxes[at];
        let Some(tag) = Tag::new(font, shown, text, picture) else {
            continue;
        };
        let side = look::side(shown.rank);
        tags[at] = match placer.place(visible[at], tag.size, look.line, side) {
            Some(rect) => Placing::Placed(tag, rect),
            None => Placing::NoRoom,
        };
    }
    tags
}

/// How much of what matters a rectangle hides, roughly 0..=1 for each kind.
/// Small boxes count more than large ones, which are hidden only in part.
fn busy(rect: Rect, boxes: &[Rect], masks: &[ShownMask]) -> f64 {
    let mut cost = 0.0;
    for shown in boxes {
        let both = shown.intersect(rect).area();
        if both > 0 {
            cost += place::ratio(both, shown.area().min(rect.area() * 4));
        }
    }
    for shown in masks {
        cost += shown.ids.share_within(rect, &shown.classes);
    }
    cost
}
