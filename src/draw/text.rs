//! One line of text: which characters are shown and as what, how wide it is,
//! how it is shortened, and its ink.

use super::canvas::{Canvas, Paint};
use super::font::{Font, Measures, Shape};
use super::geometry::{Rect, ceiling, index, nearest32};

/// A line of text, laid out; all lengths in shares of the text size.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    marks: Vec<Mark>,
    width: f32,
    letters: bool,
    gaps: bool,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    shape: Shape,
    x: f32,
    /// Upwards.
    rise: f32,
    /// Where the line would end after this; the same for accents as for
    /// their letter.
    end: f32,
}

/// What becomes of a character that is not simply drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Letter,
    /// Sits on the letter before.
    Accent,
    /// Spaces, tabs and line ends: one space, however many there are.
    Space,
    /// Has no look of its own: joiners, selectors, direction marks.
    Silent,
}

/// Longer texts are shortened anyway; this bounds the work on them.
const LONGEST: usize = 1000;

impl Line {
    /// Lays out a text. Control characters and characters that the font does
    /// not have become boxes; direction marks have no effect.
    pub(super) fn new(font: &mut Font, text: &str) -> Self {
        let mut line = Self::default();
        let mut base: Option<Measures> = None;
        let mut base_x = 0.0;
        let mut space = false;
        for character in text.trim().chars().take(LONGEST) {
            let found = font.glyph(character);
            match (read(character), found) {
                (Reading::Silent, _) | (Reading::Accent, None) => {}
                (Reading::Space, _) => space = true,
                (Reading::Accent, Some(shape)) => {
                    let accent = font.measures(shape);
                    if let Some(letter) = &mut base {
                        line.accent(shape, accent, letter, base_x);
                    }
                }
                (Reading::Letter, found) => {
                    if std::mem::take(&mut space) {
                        line.width += SPACE;
                    }
                    let shape = found.unwrap_or(Shape::Missing {
                        broad: is_broad(character),
                    });
                    line.gaps |= found.is_none();
                    line.letters |= found.is_some() && character.is_alphanumeric();
                    let measures = font.measures(shape);
                    base_x = line.width;
                    line.width += measures.advance;
                    line.push(shape, base_x, 0.0);
                    base = Some(measures);
                }
            }
        }
        line
    }

    /// Centres an accent over (or under) its letter, clear of accents that are
    /// there already.
    fn accent(&mut self, shape: Shape, accent: Measures, letter: &mut Measures, base_x: f32) {
        let middle = base_x + (letter.left + letter.right) / 2.0;
        let x = middle - (accent.left + accent.right) / 2.0;
        let above = accent.bottom > X_HEIGHT * 0.8;
        let rise = if above {
            (letter.top - X_HEIGHT).max(0.0)
        } else {
            0.0
        };
        if above {
            letter.top = letter.top.max(accent.top + rise - ACCENT_GAP);
        }
        self.push(shape, x, rise);
    }

    fn push(&mut self, shape: Shape, x: f32, rise: f32) {
        self.marks.push(Mark {
            shape,
            x,
            rise,
            end: self.width,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Whether the font has none of its letters: only boxes are seen.
    pub(super) fn is_lost(&self) -> bool {
        self.gaps && !self.letters
    }

    /// Whole pixels at a text size.
    pub(super) fn width(&self, size: u16) -> i32 {
        ceiling(self.width * f32::from(size))
    }

    /// The beginning of the line and an ellipsis, so that it is at most `most`
    /// pixels wide; the line itself where it fits.
    pub(super) fn shortened(&self, font: &mut Font, size: u16, most: i32) -> Self {
        if self.width(size) <= most {
            return self.clone();
        }
        let dots = Self::new(font, "…");
        let mut short = self.clone();
        let fits = |end: f32| ceiling((end + dots.width) * f32::from(size)) <= most;
        let kept = short.marks.iter().take_while(|mark| fits(mark.end)).count();
        short.marks.truncate(kept);
        short.width = short.marks.last().map_or(0.0, |mark| mark.end);
        short.append(&dots, 0.0);
        short
    }

    /// Adds another line after a gap.
    pub(super) fn append(&mut self, other: &Self, gap: f32) {
        let shift = if self.is_empty() {
            0.0
        } else {
            self.width + gap
        };
        self.marks.extend(other.marks.iter().map(|mark| Mark {
            x: mark.x + shift,
            end: mark.end + shift,
            ..*mark
        }));
        self.width = shift + other.width;
        self.letters |= other.letters;
        self.gaps |= other.gaps;
    }

    /// Draws the line with its pen at (`x`, `base_line`), inside `clip` only.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        font: &mut Font,
        size: u16,
        (x, base_line): (i32, i32),
        paint: Paint,
        clip: Rect,
    ) {
        let clip = clip.intersect(canvas.bounds());
        for mark in &self.marks {
            let scale = f32::from(size);
            let (pen, bitmap) = font.bitmap(mark.shape, size, mark.x * scale);
            let top = base_line + bitmap.top - nearest32(mark.rise * scale);
            let left = x + pen + bitmap.left;
            if bitmap.width == 0 {
                continue;
            }
            for (row, y) in bitmap.coverage.chunks_exact(index(bitmap.width)).zip(top..) {
                for (share, x) in row.iter().zip(left..) {
                    if *share > 0 && clip.contains(Rect::sized(x, y, 1, 1)) {
                        canvas.dot(x, y, paint.covering(*share));
                    }
                }
            }
        }
    }
}

/// Between words, in shares of the text size.
const SPACE: f32 = 0.26;
/// The height of x in the font.
const X_HEIGHT: f32 = 0.546;
/// How far the second accent's own gap reaches into the first.
const ACCENT_GAP: f32 = 0.06;

fn read(character: char) -> Reading {
    match character {
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' => {
            Reading::Accent
        }
        '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}' => Reading::Accent,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => Reading::Silent,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => Reading::Silent,
        '\u{e0000}'..='\u{e0fff}' => Reading::Silent,
        _ if character.is_whitespace() => Reading::Space,
        _ => Reading::Letter,
    }
}

/// Characters of East Asian scripts and emoji, roughly: those that other fonts
/// draw as broad as they are high.
fn is_broad(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<Shape> {
        let line = Line::new(&mut Font::new(), text);
        line.marks.iter().map(|mark| mark.shape).collect()
    }

    #[test]
    fn what_cannot_be_drawn_becomes_boxes_and_what_has_no_look_nothing() {
        assert_eq!(shapes("猫"), [Shape::Missing { broad: true }]);
        assert_eq!(shapes("\u{7}"), [Shape::Missing { broad: false }]);
        assert_eq!(shapes("a\u{202e}b\u{200d}\u{fe0f}"), shapes("ab"));
        assert_eq!(shapes(" \n\t "), []);
        let lost = |text| Line::new(&mut Font::new(), text).is_lost();
        assert!(lost("猫 が") && !lost("猫 7") && !lost("→") && !lost(""));
    }

    #[test]
    fn line_ends_and_runs_of_spaces_are_one_space() {
        let mut font = Font::new();
        let mut width = |text| Line::new(&mut font, text).width(20);
        assert_eq!(width("a \r\n\t b\n"), width("a b"));
        assert!(width("a b") > width("ab"));
    }

    #[test]
    fn accents_take_no_room_and_rise_over_capitals() {
        let mut font = Font::new();
        let plain = Line::new(&mut font, "eE");
        let accented = Line::new(&mut font, "e\u{301}E\u{302}\u{301}");
        assert_eq!(plain.width(40), accented.width(40));
        let rises: Vec<f32> = accented.marks.iter().map(|mark| mark.rise).collect();
        assert!(rises[1] < rises[3] && rises[3] < rises[4], "{rises:?}");
        assert!(Line::new(&mut font, "\u{301}").is_empty());
    }

    #[test]
    fn long_lines_are_shortened_to_fit() {
        let mut font = Font::new();
        let line = Line::new(&mut font, "a very long caption indeed");
        for most in [20, 50, 100, 190] {
            let short = line.shortened(&mut font, 16, most);
            assert!(short.width(16) <= most, "{most}");
            assert!(short.marks.len() < line.marks.len());
        }
        let same = line.shortened(&mut font, 16, line.width(16));
        assert_eq!(same.marks.len(), line.marks.len());
    }
}
