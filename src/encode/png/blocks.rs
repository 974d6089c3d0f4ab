//! Makes deflate blocks of rows: filters them and parses them as a plan says, and puts what comes of it into a sink.

use simd_adler32::Adler32;

use crate::buffer::with_room;

use super::agreement::Agreement;
use super::block::{Block, Position, Sink};
use super::costs::Costs;
use super::estimate::Estimate;
use super::matches::{self, BLOCK_TOKENS, Grid, Matcher, Search};
use super::pixels::Rows;
use super::plan::{Parse, Plan};
use super::promise::Promise;
use super::quick::{Pixels, Places, Quick};
use super::runs::{self, Kinds};
use super::symbols::Sequence;

/// Filtered bytes in a block where only runs are looked for: the codes follow the picture
/// closely enough, and the rows are still in the cache.
const BLOCK: usize = 80 << 10;
/// The same where codes follow an estimate, which is better of more.
const LONG_BLOCK: usize = 160 << 10;
/// Bytes to a match from which runs alone may be smaller.
const FEW_MATCHES: usize = 64;

/// What a band becomes before it is bits, and what finds it.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) filtered: Vec<u8>,
    pub(super) sequences: Vec<Sequence>,
    pub(super) runs: Vec<Sequence>,
    /// None until there is something to search.
    matcher: Option<Matcher>,
    pub(super) quick: Quick,
    promise: Promise,
}

/// Quarters of its bits with runs that matches leave of one of the first two blocks of a pattern, and of hardly any
/// photograph's.
const PATTERN: u64 = 3;

/// Makes the blocks of `rows`, the last of which stands at `position`, and one of which ends after `seen` rows, if these are
/// any; returns the checksum of the filtered rows. `None` if the plan is one for photographs, and one of the first two blocks
/// tells that this is none: what was put is of no use then.
pub(super) fn with_plan(
    rows: &Rows<'_>,
    seen: usize,
    plan: Plan,
    position: Position,
    parts: &mut Parts,
    out: &mut impl Sink,
) -> Option<u32> {
    let mut checksum = Adler32::new();
    parts.filtered.clear();
    let grid = Grid::of(rows);
    let parse = match plan.parse {
        Parse::LongRuns => Parse::LongRuns,
        _ if rows.filtered_len() > matches::MOST_BYTES => Parse::Runs,
        parse => parse,
    };
    let block = match parse {
        Parse::LongRuns => LONG_BLOCK,
        _ => BLOCK,
    };
    let kept = match parse {
        Parse::Runs | Parse::LongRuns => 0,
        Parse::Quick | Parse::RunsOrQuick(_) | Parse::Matches(_) => rows.filtered_len(),
    };
    if parts.filtered.capacity() < kept {
        parts.filtered = with_room(kept);
    }
    match parse {
        Parse::Quick => {
            let places = Places::SeenAndNeighbours;
            parts.quick.start(rows.filtered_len(), grid, places);
        }
        Parse::RunsOrQuick(_) => {
            parts.quick.start(rows.filtered_len(), grid, Places::Seen);
            parts.promise.start(rows.pixel);
        }
        Parse::Runs | Parse::LongRuns | Parse::Matches(_) => {}
    }
    let mut agreement = Agreement::new(plan.strategy);
    let (mut begun, count) = (0, rows.count());
    for (number, (row, above)) in (1..).zip(rows.iter()) {
        agreement.append(row, above, rows.pixel, &mut parts.filtered);
        if parts.filtered.len() - begun < block && number != seen && number < count {
            continue;
        }
        checksum.write(&parts.filtered[begun..]);
        let position = if number == count {
            position
        } else {
            Position::Inner
        };
        match parse {
            Parse::Runs => {
                put_runs(parts, block, block_of_runs, position, out);
                parts.filtered.clear();
            }
            Parse::LongRuns => {
                put_runs(parts, block, block_of_long_runs, position, out);
                parts.filtered.clear();
            }
            Parse::RunsOrQuick(kinds) => {
                put_runs_or_quick(parts, begun, rows.pixel, kinds, position, out)?;
                begun = parts.filtered.len();
            }
            Parse::Quick => {
                put_quick(parts, begun, position, out);
                begun = parts.filtered.len();
            }
            Parse::Matches(_) => begun = parts.filtered.len(),
        }
    }
    if let Parse::Matches(search) = parse {
        let seen = seen * parts.filtered.len() / count.max(1);
        put_matches(parts, grid, search, seen, position, out);
    }
    Some(checksum.finish())
}

/// Appends the filtered rows as blocks of runs, which `parse` finds and makes a block of; the last of them stands at
/// `position`.
fn put_runs(
    parts: &mut Parts,
    block: usize,
    parse: impl Fn(&[u8], &mut Vec<Sequence>) -> Block,
    position: Position,
    out: &mut impl Sink,
) {
    let Parts {
        filtered,
        sequences,
        ..
    } = parts;
    // Only a row of its own can be longer than two blocks.
    let mut pieces = filtered.chunks(2 * block).peekable();
    while let Some(piece) = pieces.next() {
        let position = if pieces.peek().is_none() {
            position
        } else {
            Position::Inner
        };
        let block = parse(piece, sequences);
        out.take(&block, piece, sequences, position);
    }
}

fn block_of_runs(piece: &[u8], sequences: &mut Vec<Sequence>) -> Block {
    runs::parse_runs(piece, 1, Kinds::Bytes, sequences);
    Block::of_runs(piece, &Estimate::exact(piece), sequences)
}

fn block_of_long_runs(piece: &[u8], sequences: &mut Vec<Sequence>) -> Block {
    runs::parse_runs(piece, 1, Kinds::LongBytes, sequences);
    Block::of_runs(piece, &Estimate::rough(piece), sequences)
}

/// Appends the filtered rows from `from` on as blocks of runs, or of what a quick look finds where that promises
/// to be smaller, and is; the last of them stands at `position`. `None` if one of
/// the first two is a pattern's.
fn put_runs_or_quick(
    parts: &mut Parts,
    mut from: usize,
    pixel: usize,
    kinds: Kinds,
    position: Position,
    out: &mut impl Sink,
) -> Option<()> {
    let Parts {
        filtered,
        sequences,
        runs,
        quick,
        promise,
        ..
    } = parts;
    while from < filtered.len() {
        // Only a row of its own can be longer than two blocks.
        let to = filtered.len().min(from + 2 * BLOCK);
        let (begin, text, piece) = (from, &filtered[..to], &filtered[from..to]);
        let position = if to == filtered.len() {
            position
        } else {
            Position::Inner
        };
        from = to;
        let likeness = runs::parse_runs(piece, pixel, kinds, runs);
        if let Some((pixels, bytes)) = promise.kept(text, begin, likeness) {
            quick.parse(text, begin, bytes, pixels, sequences);
            out.take(&Block::new(piece, sequences), piece, sequences, position);
            continue;
        }
        let estimate = Estimate::close(piece, likeness.equal);
        let mut block = Block::of_runs(piece, &estimate, runs);
        let mut parse = &*runs;
        let bytes = estimate.bytes();
        if let Some(pixels) = promise.made(text, begin, bytes, likeness, block.bits) {
            quick.parse(text, begin, bytes, pixels, sequences);
            let found = Block::new(piece, sequences);
            promise.learn(bytes, piece.len(), block.bits, found.bits);
            if begin < 2 * BLOCK && 4 * found.bits < PATTERN * block.bits {
                return None;
            }
            if found.bits < block.bits {
                (block, parse) = (found, &*sequences);
            }
        }
        out.take(&block, piece, parse, position);
    }
    Some(())
}

/// Appends the filtered rows from `from` on as a block of what a quick look finds in them, or of runs where that
/// is little.
fn put_quick(parts: &mut Parts, from: usize, position: Position, out: &mut impl Sink) {
    let Parts {
        filtered,
        sequences,
        runs,
        quick,
        ..
    } = parts;
    let piece = &filtered[from..];
    let bytes = Estimate::exact(piece);
    quick.parse(filtered, from, bytes.bytes(), Pixels::All, sequences);
    let block = Block::new(piece, sequences);
    if sequences.len() < piece.len() / FEW_MATCHES {
        runs::parse_runs(piece, 1, Kinds::Bytes, runs);
        let plain = Block::of_runs(piece, &bytes, runs);
        if plain.bits < block.bits {
            return out.take(&plain, piece, runs, position);
        }
    }
    out.take(&block, piece, sequences, position);
}

/// Appends the filtered rows as blocks of matches that a search finds, one of which ends after `seen` bytes, if these are
/// any; the last of them stands at `position`.
fn put_matches(
    parts: &mut Parts,
    grid: Grid,
    search: Search,
    seen: usize,
    position: Position,
    out: &mut impl Sink,
) {
    let Parts {
        filtered,
        sequences,
        matcher,
        ..
    } = parts;
    let matcher = matcher.get_or_insert_default();
    matcher.start(filtered.len(), grid, search);
    let (mut costs, mut from) = (Costs::default(), 0);
    while from < filtered.len() {
        let text = match from < seen {
            true => &filtered[..seen],
            false => filtered,
        };
        let end = matcher.parse_block(text, from, BLOCK_TOKENS, &costs, sequences);
        let block = Block::new(&filtered[from..end], sequences);
        let position = if end == filtered.len() {
            position
        } else {
            Position::Inner
        };
        out.take(&block, &filtered[from..end], sequences, position);
        costs = block.costs();
        from = end;
    }
}
