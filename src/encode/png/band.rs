//! Compresses a band: some rows that make a run of deflate blocks of their own, so that bands
//! can be compressed at the same time and always give the same bytes.

use simd_adler32::Adler32;

use super::Effort;
use super::bits::BitWriter;
use super::block::{self, Block, Costs, Position};
use super::filter::Strategy;
use super::matches::{self, BLOCK_TOKENS, Grid, Matcher, Search};
use super::pixels::Rows;
use super::plan::{self, Look, Parse, Plan};
use super::runs;
use super::symbols::Sequence;

/// Bytes of samples in a band, but at least a row.
pub(super) const BAND: usize = 1 << 20;
/// Filtered bytes in a block where only runs are looked for: the codes follow the picture
/// closely enough, and the rows are still in the cache.
const BLOCK: usize = 64 << 10;
/// Bytes of samples up to which all plans are tried on the whole.
const TINY: usize = 4 << 10;
/// Bytes of samples that are looked at.
const LOOK: usize = 12 << 10;
/// The share of its size that a better plan must save to be worth the time.
const START: usize = 52;
/// Places that they are taken from.
const STRIPS: usize = 4;

/// Buffers that one worker reuses from band to band.
#[derive(Default)]
pub(super) struct Scratch {
    sample: Vec<u8>,
    filtered: Vec<u8>,
    sequences: Vec<Sequence>,
    matcher: Matcher,
    /// What was compressed last, and the best before it.
    writer: BitWriter,
    other: BitWriter,
}

impl Scratch {
    /// The bytes that `compress` made.
    pub(super) fn written(&self) -> &[u8] {
        self.writer.written()
    }
}

/// The plans to compress all bands of a picture with; of several, each band keeps the best.
pub(super) fn choose(rows: &Rows<'_>, effort: Effort, scratch: &mut Scratch) -> &'static [Plan] {
    match effort {
        Effort::Fast => return &plan::PLAIN,
        Effort::Balanced if rows.samples.len() <= TINY => return &plan::FLAT,
        Effort::Balanced => {}
        Effort::Small => return &plan::THOROUGH,
    }
    let mut buffer = std::mem::take(&mut scratch.sample);
    let (plans, bytes, strips) = look(&rows.sample(LOOK, STRIPS, &mut buffer), scratch).plans();
    let best = if plans.len() > 1 {
        let bytes = bytes.min(rows.samples.len() / 2);
        best_for(&rows.sample(bytes, strips, &mut buffer), plans, scratch)
    } else {
        0
    };
    scratch.sample = buffer;
    &plans[best..=best]
}

/// Compresses `rows` into whole bytes, kept in `scratch`; returns the checksum of the filtered
/// rows.
pub(super) fn compress(
    rows: &Rows<'_>,
    plans: &[Plan],
    position: Position,
    scratch: &mut Scratch,
) -> u32 {
    match plans {
        [only] => with_plan(rows, *only, position, scratch),
        _ => with_best(rows, plans, position, scratch),
    }
}

/// Compresses with all plans and keeps what came out smallest.
fn with_best(rows: &Rows<'_>, plans: &[Plan], position: Position, scratch: &mut Scratch) -> u32 {
    let mut checksum = 0;
    scratch.other.at = usize::MAX;
    for &plan in plans {
        let new = with_plan(rows, plan, position, scratch);
        if scratch.writer.at < scratch.other.at {
            checksum = new;
            std::mem::swap(&mut scratch.writer, &mut scratch.other);
        }
    }
    std::mem::swap(&mut scratch.writer, &mut scratch.other);
    checksum
}

/// Which plan compresses `sample` best; the first, being much faster, is given a start.
fn best_for(sample: &Rows<'_>, plans: &[Plan], scratch: &mut Scratch) -> usize {
    let mut sizes = plans.iter().map(|&plan| {
        with_plan(sample, plan, Position::Last, scratch);
        scratch.writer.at
    });
    let first = sizes.next().map(|size| size - size / START);
    let sizes = first.into_iter().chain(sizes).enumerate();
    sizes
        .min_by_key(|&(_, size)| size)
        .map_or(0, |(best, _)| best)
}

fn look(sample: &Rows<'_>, scratch: &mut Scratch) -> Look {
    scratch.filtered.clear();
    for (row, above) in sample.iter() {
        Strategy::LeastSum.apply(row, above, sample.pixel, &mut scratch.filtered);
    }
    Look::of(&scratch.filtered, sample)
}

fn with_plan(rows: &Rows<'_>, plan: Plan, position: Position, scratch: &mut Scratch) -> u32 {
    let mut checksum = Adler32::new();
    scratch.writer.clear();
    scratch.filtered.clear();
    match plan.parse {
        Parse::Matches(search) if rows.filtered_len() <= matches::MOST_BYTES => {
            for (row, above) in rows.iter() {
                plan.strategy
                    .apply(row, above, rows.pixel, &mut scratch.filtered);
            }
            checksum.write(&scratch.filtered);
            let (row, pixel) = (rows.row + 1, rows.pixel);
            write_matches(scratch, Grid { row, pixel }, search, position);
        }
        Parse::Matches(_) | Parse::Runs => {
            let count = rows.count();
            for (number, (row, above)) in (1..).zip(rows.iter()) {
                plan.strategy
                    .apply(row, above, rows.pixel, &mut scratch.filtered);
                if scratch.filtered.len() >= BLOCK || number == count {
                    checksum.write(&scratch.filtered);
                    write_runs(
                        scratch,
                        if number == count {
                            position
                        } else {
                            Position::Inner
                        },
                    );
                    scratch.filtered.clear();
                }
            }
        }
    }
    match position {
        Position::Inner => block::write_boundary(&mut scratch.writer),
        Position::Last => scratch.writer.align(),
    }
    checksum.finish()
}

/// Appends the filtered rows as blocks of runs; the last of them stands at `position`.
fn write_runs(scratch: &mut Scratch, position: Position) {
    let Scratch {
        filtered,
        sequences,
        writer,
        ..
    } = scratch;
    // Only a row of its own can be longer than two blocks.
    let mut pieces = filtered.chunks(2 * BLOCK).peekable();
    while let Some(piece) = pieces.next() {
        runs::parse_runs(piece, sequences);
        let position = if pieces.peek().is_none() {
            position
        } else {
            Position::Inner
        };
        Block::new(piece, sequences).write(writer, piece, sequences, position);
    }
}

/// Literals and matches that are parsed for their prices alone, before the first block.
const PRICED: usize = 2048;

/// Appends the filtered rows as blocks of matches; the last of them stands at `position`.
fn write_matches(scratch: &mut Scratch, grid: Grid, search: Search, position: Position) {
    let Scratch {
        filtered,
        sequences,
        matcher,
        writer,
        ..
    } = scratch;
    matcher.start(filtered.len(), grid);
    let end = matcher.parse_block(filtered, 0, PRICED, search, &Costs::default(), sequences);
    let mut costs = Block::new(&filtered[..end], sequences).costs();
    matcher.start(filtered.len(), grid);
    let mut from = 0;
    while from < filtered.len() {
        let end = matcher.parse_block(filtered, from, BLOCK_TOKENS, search, &costs, sequences);
        let block = Block::new(&filtered[from..end], sequences);
        let position = if end == filtered.len() {
            position
        } else {
            Position::Inner
        };
        block.write(writer, &filtered[from..end], sequences, position);
        costs = block.costs();
        from = end;
    }
}
