//! What the label of a box says.

use std::collections::BTreeMap;

use super::scene::BoxMark;

/// The text of a label in its two parts: where room is short, the first is cut
/// and the second kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// The caption, else the class name, else `ID: n`.
    pub(super) name: String,
    /// `0.87`, or `conf 0.87 iou 0.50` where there are several.
    pub(super) scores: String,
}

impl Label {
    pub(super) fn new(mark: &BoxMark, labels: &BTreeMap<i64, String>) -> Self {
        // A blank caption says nothing, here as in the W&B app.
        let caption = mark.caption.as_ref().filter(|text| !text.trim().is_empty());
        let name = match (caption, mark.class_id) {
            (Some(caption), _) => caption.clone(),
            (None, Some(id)) => class_name(id, labels),
            (None, None) => String::new(),
        };
        // Captions often end in the score already.
        let told = numbers(&name);
        let fresh: Vec<&(String, f64)> = mark
            .scores
            .iter()
            .filter(|(_, score)| !told.iter().any(|number| number.tells(*score)))
            .collect();
        let scores = match fresh.as_slice() {
            [(_, score)] if mark.scores.len() == 1 => number(*score),
            several => several
                .iter()
                .map(|(name, score)| format!("{name} {}", number(*score)))
                .collect::<Vec<_>>()
                .join("  "),
        };
        Self { name, scores }
    }
}

/// The class's label, else `ID: n`.
pub(super) fn class_name(id: i64, labels: &BTreeMap<i64, String>) -> String {
    labels
        .get(&id)
        .cloned()
        .unwrap_or_else(|| format!("ID: {id}"))
}

/// Two decimals for shares; fewer for larger numbers, so that a label stays
/// short.
fn number(score: f64) -> String {
    match score.abs() {
        size if size < 9.995 => format!("{score:.2}"),
        size if size < 99.95 => format!("{score:.1}"),
        size if size < 1e6 => format!("{score:.0}"),
        _ => format!("{score:.1e}"),
    }
}

/// A number in a caption.
struct Told {
    value: f64,
    /// Half of its last decimal, and a little for binary fractions.
    about: f64,
}

impl Told {
    /// Whether it is that score, rounded or cut, as a share or in per cent.
    /// Whole numbers do not count: `car 1` is the first car.
    fn tells(&self, score: f64) -> bool {
        let close = |value: f64, about: f64| (value - score).abs() <= about;
        close(self.value, self.about) || close(self.value / 100.0, self.about / 100.0)
    }
}

fn numbers(caption: &str) -> Vec<Told> {
    caption
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|part| {
            let part = part.trim_end_matches('.');
            let (_, decimals) = part.split_once('.')?;
            let value: f64 = part.parse().ok()?;
            let about = (0..decimals.len()).fold(1.001, |step, _| step / 10.0);
            (!decimals.is_empty()).then_some(Told { value, about })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(caption: Option<&str>, class_id: Option<i64>, scores: &[(&str, f64)]) -> Label {
        let mark = BoxMark {
            caption: caption.map(str::to_owned),
            class_id,
            scores: scores.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect(),
            ..BoxMark::default()
        };
        Label::new(&mark, &BTreeMap::from([(0, "cat".to_owned())]))
    }

    #[test]
    fn a_caption_beats_the_class_name_which_beats_the_number() {
        assert_eq!(label(Some("Tom"), Some(0), &[]).name, "Tom");
        assert_eq!(label(None, Some(0), &[]).name, "cat");
        assert_eq!(label(Some(" "), Some(0), &[]).name, "cat");
        assert_eq!(label(None, Some(7), &[]).name, "ID: 7");
        assert_eq!(label(None, None, &[]).name, "");
    }

    #[test]
    fn one_score_is_a_number_and_several_have_names() {
        assert_eq!(label(None, Some(0), &[("conf", 0.871)]).scores, "0.87");
        assert_eq!(
            label(None, Some(0), &[("conf", 0.871), ("iou", 0.5)]).scores,
            "conf 0.87  iou 0.50"
        );
        for (score, text) in [
            (87.31, "87.3"),
            (1234.5, "1234"),
            (-0.25, "-0.25"),
            (2.5e8, "2.5e8"),
        ] {
            assert_eq!(label(None, None, &[("x", score)]).scores, text);
        }
    }

    #[test]
    fn a_score_that_the_caption_tells_is_not_repeated() {
        for caption in ["cat (0.871)", "cat 0.87", "cat: 87.1%.", "cat .87"] {
            assert_eq!(label(Some(caption), None, &[("conf", 0.871)]).scores, "");
        }
        for caption in ["cat 0.4", "cat 1", "cat v0.9.9", "cat"] {
            assert_eq!(
                label(Some(caption), None, &[("conf", 0.871)]).scores,
                "0.87",
                "{caption}"
            );
        }
        assert_eq!(
            label(Some("cat 0.87"), None, &[("conf", 0.871), ("iou", 0.5)]).scores,
            "iou 0.50"
        );
    }
}
