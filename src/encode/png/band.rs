//! Compresses a band: some rows that make a run of deflate blocks of their own, so that bands
//! can be compressed at the same time and always give the same bytes.

use simd_adler32::Adler32;

use super::Effort;
use super::bits::BitWriter;
use super::block::{self, Block, Position};
use super::blocks::{Parts, with_plan};
use super::choice::{best_of, choose};
use super::counts::count_bytes;
use super::filter::{Filter, Strategy};
use super::matches::{self, Grid};
use super::pixels::Rows;
use super::plan::{self, PATTERNED, Plan};
use super::quick::{Pixels, Places};
use super::symbols::Sequence;
use super::thorough::Thorough;

/// Bytes of samples in a band, but at least a row.
pub(super) const BAND: usize = 1 << 20;
/// Bytes of samples up to which what is worth trying is tried on the whole, which is one block.
const TINY: usize = 4 << 10;

/// Buffers that one worker reuses from band to band.
#[derive(Default)]
pub(super) struct Scratch {
    sample: Vec<u8>,
    parts: Parts,
    /// Made when it is asked for.
    thorough: Option<Box<Thorough>>,
    /// What was compressed last.
    writer: BitWriter,
    /// What was compared with it.
    other: BitWriter,
}

impl Scratch {
    /// The bytes that `compress` made.
    pub(super) fn written(&self) -> &[u8] {
        self.writer.written()
    }

    /// Takes what `compress` wrote to, and leaves it another to write to.
    pub(super) fn exchange_writer(&mut self, writer: BitWriter) -> BitWriter {
        std::mem::replace(&mut self.writer, writer)
    }
}

/// Compresses `rows` into whole bytes, kept in `scratch`; returns the checksum of the filtered
/// rows.
pub(super) fn compress(
    rows: &Rows<'_>,
    effort: Effort,
    position: Position,
    scratch: &mut Scratch,
) -> u32 {
    match effort {
        Effort::Fast => planned(rows, plan::FASTEST, position, scratch),
        Effort::Balanced => balanced(rows, position, scratch),
        Effort::Small if rows.filtered_len() > matches::MOST_BYTES => {
            balanced(rows, position, scratch)
        }
        Effort::Small => smallest(rows, position, scratch),
    }
}

/// Clears the writer, writes a band of so many bytes that stands at `position`, and ends it on a byte; returns what writing
/// does.
fn finished<T>(
    writer: &mut BitWriter,
    length: usize,
    position: Position,
    write: impl FnOnce(&mut BitWriter) -> T,
) -> T {
    writer.restart(length);
    let written = write(writer);
    match position {
        Position::Inner => block::write_boundary(writer),
        Position::Last => writer.align(),
    }
    written
}

/// Compresses as planned, or, should that have been a plan for other pictures, as is best for patterns.
fn planned(rows: &Rows<'_>, plan: Plan, position: Position, scratch: &mut Scratch) -> u32 {
    let Scratch { parts, writer, .. } = scratch;
    let write = |writer: &mut BitWriter| with_plan(rows, 0, plan, position, parts, writer);
    match finished(writer, rows.filtered_len(), position, write) {
        Some(checksum) => checksum,
        None => {
            let plan = best_of(&PATTERNED, rows, &mut scratch.sample, &mut scratch.parts);
            planned(rows, plan, position, scratch)
        }
    }
}

/// Compresses as well as is fast.
fn balanced(rows: &Rows<'_>, position: Position, scratch: &mut Scratch) -> u32 {
    if rows.samples.len() <= TINY {
        return tiny(rows, position, scratch);
    }
    let plan = choose(rows, &mut scratch.sample, &mut scratch.parts);
    planned(rows, plan, position, scratch)
}

/// Compresses as well as there is time for. What is fast is smaller now and then, and takes little time beside that.
fn smallest(rows: &Rows<'_>, position: Position, scratch: &mut Scratch) -> u32 {
    let fast = balanced(rows, position, scratch);
    let Scratch {
        thorough,
        writer,
        other,
        ..
    } = scratch;
    let thorough = thorough.get_or_insert_default();
    let checksum = finished(other, rows.filtered_len(), position, |other| {
        thorough.put(rows, position, other)
    });
    if other.written().len() < writer.written().len() {
        std::mem::swap(writer, other);
        return checksum;
    }
    fast
}

/// Compresses a few rows with and without filters, and writes what is smaller.
fn tiny(rows: &Rows<'_>, position: Position, scratch: &mut Scratch) -> u32 {
    let Scratch {
        sample: unfiltered,
        parts,
        writer,
        ..
    } = scratch;
    let Parts {
        filtered,
        sequences,
        runs: others,
        quick,
        ..
    } = parts;
    // What the second parse finds of the first is compared like everything that is found.
    quick.start(
        rows.filtered_len(),
        Grid::of(rows),
        Places::SeenAndNeighbours,
    );
    let mut parse = |strategy: Strategy, text: &mut Vec<u8>, sequences: &mut Vec<Sequence>| {
        text.clear();
        for (row, above) in rows.iter() {
            strategy.apply(row, above, rows.pixel, text);
        }
        quick.parse(text, 0, &count_bytes(text), Pixels::All, sequences);
        Block::new(text, sequences)
    };
    let block = parse(Strategy::LeastSum, filtered, sequences);
    let other = parse(Strategy::Always(Filter::None), unfiltered, others);
    let (text, sequences, block) = match other.bits < block.bits {
        true => (unfiltered, others, other),
        false => (filtered, sequences, block),
    };
    finished(writer, rows.filtered_len(), position, |writer| {
        block.write(writer, text, sequences, position);
        let mut checksum = Adler32::new();
        checksum.write(text);
        checksum.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::super::block::Size;
    use super::super::choice::tests::{picture, rows};
    use super::*;

    #[test]
    fn what_is_planned_as_a_photograph_and_consists_of_copies_is_searched() {
        let photographic = plan::PHOTOGRAPHIC.plans[0].0;
        // Bytes of Pillow 13.0's files, on zlib 1.2.13.
        let (slopes, folds) = (
            |x, y| [x, y, (x + y) / 2],
            |x, y| [x * y % 64, x % 64, y % 64],
        );
        for (samples, pillow) in [(picture(slopes), 864), (picture(folds), 11_754)] {
            let mut scratch = Scratch::default();
            let rows = rows(&samples);
            let chosen = choose(&rows, &mut scratch.sample, &mut scratch.parts);
            for plan in [photographic, chosen] {
                planned(&rows, plan, Position::Last, &mut scratch);
                let bytes = scratch.written().len();
                assert!(100 * bytes < 105 * pillow, "{bytes}");
            }
            let size = &mut Size::default();
            let made = with_plan(
                &rows,
                0,
                photographic,
                Position::Last,
                &mut scratch.parts,
                size,
            );
            assert_eq!(made, None);
        }
    }

    #[test]
    fn heat_maps_are_searched_where_that_makes_them_small() {
        // A bump of height 1 / (1 + r²), in 1024 steps, in the colours of two maps.
        let value = |x: usize, y: usize, half: usize| {
            1023 * half / (half + x.abs_diff(60).pow(2) + y.abs_diff(200).pow(2))
        };
        let jet = |value: usize| {
            [3, 2, 1].map(|peak| {
                1536usize
                    .saturating_sub((4 * value).abs_diff(1024 * peak))
                    .min(1023)
                    / 4
            })
        };
        let fire = |value: usize| {
            [0, 1, 2].map(|color| (3 * value).saturating_sub(1023 * color).min(1023) / 4)
        };
        // A straight slope, in a map from blue to yellow: copies along a slant.
        let slope = |x: usize, y: usize| (3 * x + 5 * y) * 1023 / (8 * 255);
        let dusk = |value: usize| [value, value * value / 1023, 1023 - value].map(|n| n / 4);
        // Bytes of Pillow 13.0's files, on zlib 1.2.13.
        let pictures = [
            (picture(|x, y| dusk(slope(x, y))), 5245),
            (picture(|x, y| jet(value(x, y, 400))), 14_009),
            (picture(|x, y| jet(value(x, y, 1000))), 15_758),
            (picture(|x, y| fire(value(x, y, 1000))), 15_740),
        ];
        for (samples, pillow) in pictures {
            let mut scratch = Scratch::default();
            balanced(&rows(&samples), Position::Last, &mut scratch);
            let bytes = scratch.written().len();
            assert!(100 * bytes < 95 * pillow, "{bytes}");
        }
    }
}
