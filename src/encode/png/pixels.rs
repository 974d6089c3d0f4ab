//! Rows of samples, and stretches of them.

/// Some rows of a picture.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// The rows, one after the other.
    pub(super) samples: &'a [u8],
    /// The row above the first, as long as a row; zeros if there is none.
    pub(super) above: &'a [u8],
    /// Bytes in a row, at least 1.
    pub(super) row: usize,
    /// Bytes from one pixel to the next, at least 1.
    pub(super) pixel: usize,
}

impl<'a> Rows<'a> {
    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.samples.len() / self.row
    }

    /// Bytes when filtered.
    pub(super) fn filtered_len(&self) -> usize {
        self.samples.len() + self.count()
    }

    /// `count` rows from `first` on, fewer if there are no more.
    pub(super) fn part(&self, first: usize, count: usize) -> Self {
        let from = first * self.row;
        let to = self.samples.len().min(from + count * self.row);
        let above = if first == 0 {
            self.above
        } else {
            &self.samples[from - self.row..from]
        };
        Self {
            samples: &self.samples[from..to],
            above,
            ..*self
        }
    }

    /// The rows in so many parts, as alike in size as can be.
    pub(super) fn parts(&self, count: usize) -> impl Iterator<Item = Self> {
        let border = move |n: usize| self.count() * n / count;
        (0..count).map(move |n| self.part(border(n), border(n + 1) - border(n)))
    }

    /// About `bytes` of the rows, as strips from `strips` places gathered in `buffer`.
    pub(super) fn sample<'b>(
        &self,
        bytes: usize,
        strips: usize,
        buffer: &'b mut Vec<u8>,
    ) -> Rows<'b>
    where
        'a: 'b,
    {
        if self.samples.len() <= bytes {
            return *self;
        }
        let each = (bytes / strips / self.row).max(1);
        let strips = strips.min(self.count() / each);
        // Of rows that are longer than all that is wanted, the middle.
        let row = self.row.min((bytes / self.pixel).max(1) * self.pixel);
        let start = (self.row - row) / 2 / self.pixel * self.pixel;
        let middle = start..start + row;
        buffer.clear();
        for strip in 0..strips {
            let first = (self.count() - each) * (2 * strip + 1) / (2 * strips);
            for row in self.part(first, each).samples.chunks_exact(self.row) {
                buffer.extend_from_slice(&row[middle.clone()]);
            }
        }
        Rows {
            samples: buffer,
            above: &self.above[middle],
            row,
            ..*self
        }
    }

    /// Each row with the one above it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let rows = self.samples.chunks_exact(self.row);
        rows.clone().zip(std::iter::once(self.above).chain(rows))
    }
}
