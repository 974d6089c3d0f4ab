//! The smallest bands that there is time for: filters are chosen by what rows cost after one another, or in another way
//! where that promises less, and what comes of them is parsed as cheaply as it can be.

use simd_adler32::Adler32;

use super::bits::BitWriter;
use super::block::{Block, Position, Size};
use super::context::Context;
use super::counts::count_bytes;
use super::filter::{Filter, Strategy};
use super::look::Look;
use super::matches::Grid;
use super::optimal::Optimal;
use super::pixels::Rows;
use super::quick::{Pixels, Places, Quick};
use super::symbols::Sequence;

/// Buffers that one worker reuses from band to band.
#[derive(Default)]
pub(super) struct Thorough {
    context: Context,
    optimal: Optimal,
    quick: Quick,
    sequences: Vec<Sequence>,
    sample: Vec<u8>,
    filtered: Vec<u8>,
    /// The smallest so far, while others are tried.
    smallest: Vec<u8>,
}

/// How filters are chosen.
#[derive(Clone, Copy)]
enum Choice {
    /// By what each row costs after those before it.
    InContext,
    /// Row by row.
    By(Strategy),
}

/// What is compared where pictures are no photographs, or were made larger: those in which whole pixels come again are
/// smallest unfiltered, those in which different pictures stand side by side, like screens, under [`Strategy::LeastSum`], and
/// some heat maps and interpolated pictures under one filter, which leaves steps that come again.
const CHOICES: [Choice; 5] = [
    Choice::InContext,
    Choice::By(Strategy::LeastSum),
    Choice::By(Strategy::Always(Filter::None)),
    Choice::By(Strategy::Always(Filter::Up)),
    Choice::By(Strategy::Always(Filter::Sub)),
];

/// Bytes of samples to compare them on, and from how many places these are taken.
const COMPARED: usize = 96 << 10;
const STRIPS: usize = 2;
/// Filtered bytes in a block of a quick look.
const BLOCK: usize = 64 << 10;

impl Thorough {
    /// Puts the rows, filtered, into `out` as blocks, the last of which stands at `position`; returns their checksum.
    pub(super) fn put(&mut self, rows: &Rows<'_>, position: Position, out: &mut BitWriter) -> u32 {
        self.filter_well(rows);
        self.optimal.put(&self.filtered, position, out);
        let mut checksum = Adler32::new();
        checksum.write(&self.filtered);
        checksum.finish()
    }

    /// Filters the rows in the way that promises most.
    fn filter_well(&mut self, rows: &Rows<'_>) {
        let mut buffer = std::mem::take(&mut self.sample);
        match Look::at(rows, &mut buffer, &mut self.filtered) {
            Look::Photographic => self.filter(rows, Choice::InContext),
            Look::Flat | Look::Plainest | Look::Patterned => {
                _ = self.filter_smallest(rows, Self::estimate)
            }
            Look::Colored | Look::Shaded | Look::Grey => {
                let sample = rows.sample(COMPARED, STRIPS, &mut buffer);
                let choice = self.filter_smallest(&sample, Self::size);
                self.filter(rows, choice);
            }
        }
        self.sample = buffer;
    }

    /// Filters the rows such that they are smallest, as `measure` finds them.
    fn filter_smallest(
        &mut self,
        rows: &Rows<'_>,
        measure: impl Fn(&mut Self, Grid) -> u64,
    ) -> Choice {
        let mut least = (u64::MAX, Choice::InContext);
        for choice in CHOICES {
            self.filter(rows, choice);
            let bits = measure(self, Grid::of(rows));
            if bits < least.0 {
                least = (bits, choice);
                std::mem::swap(&mut self.filtered, &mut self.smallest);
            }
        }
        std::mem::swap(&mut self.filtered, &mut self.smallest);
        least.1
    }

    /// How many bits the filtered rows take.
    fn size(&mut self, _: Grid) -> u64 {
        let mut size = Size::default();
        self.optimal.put(&self.filtered, Position::Last, &mut size);
        size.bits
    }

    /// The same if matches are only looked for quickly.
    fn estimate(&mut self, grid: Grid) -> u64 {
        let Self {
            quick,
            sequences,
            filtered,
            ..
        } = self;
        quick.start(filtered.len(), grid, Places::SeenAndNeighbours);
        let pieces = (0..filtered.len()).step_by(BLOCK).map(|from| {
            let text = &filtered[..filtered.len().min(from + BLOCK)];
            let piece = &text[from..];
            quick.parse(text, from, &count_bytes(piece), Pixels::All, sequences);
            Block::new(piece, sequences).bits
        });
        pieces.sum()
    }

    /// Filters the rows.
    fn filter(&mut self, rows: &Rows<'_>, choice: Choice) {
        self.filtered.clear();
        match choice {
            Choice::InContext => {
                self.context.start();
                for (row, above) in rows.iter() {
                    self.context
                        .append(row, above, rows.pixel, &mut self.filtered);
                }
            }
            Choice::By(strategy) => {
                for (row, above) in rows.iter() {
                    strategy.apply(row, above, rows.pixel, &mut self.filtered);
                }
            }
        }
    }
}
