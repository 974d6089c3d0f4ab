//! Where pixels begin in filtered rows.

/// Walks over the places where pixels of `PIXEL` bytes begin, those of a row standing behind its filter byte.
pub(super) struct Cursor<const PIXEL: usize> {
    at: usize,
    row: usize,
    row_end: usize,
}

impl<const PIXEL: usize> Cursor<PIXEL> {
    pub(super) fn new(from: usize, row: usize) -> Self {
        let mut cursor = Self {
            at: from,
            row,
            row_end: from - from % row + row,
        };
        cursor.skip_to(from);
        cursor
    }

    /// The next pixel, if it begins at `last` or before.
    #[inline(always)]
    pub(super) fn next(&mut self, last: usize) -> Option<usize> {
        let at = self.at;
        if at > last {
            return None;
        }
        self.at += PIXEL;
        if self.at >= self.row_end {
            self.at = self.row_end + 1;
            self.row_end += self.row;
        }
        Some(at)
    }

    /// Goes on at the first pixel from `place` on.
    #[inline(always)]
    pub(super) fn skip_to(&mut self, place: usize) {
        if place >= self.row_end {
            self.row_end += (place - self.row_end) / self.row * self.row + self.row;
        }
        let first = self.row_end - self.row + 1;
        self.at = first + place.saturating_sub(first).div_ceil(PIXEL) * PIXEL;
        if self.at >= self.row_end {
            self.at = self.row_end + 1;
            self.row_end += self.row;
        }
    }
}
