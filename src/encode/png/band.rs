//! Compresses a band: some rows that make a run of deflate blocks of their own, so that bands
//! can be compressed at the same time and always give the same bytes.

use simd_adler32::Adler32;

use super::Effort;
use super::agreement::Agreement;
use super::bits::BitWriter;
use super::block::{self, Block, Position, Sink, Size};
use super::costs::Costs;
use super::counts::count_bytes;
use super::estimate::Estimate;
use super::filter::{Filter, Strategy};
use super::matches::{self, BLOCK_TOKENS, Grid, Matcher, Search};
use super::pixels::Rows;
use super::plan::{self, Look, Parse, Plan};
use super::promise::Promise;
use super::quick::{Pixels, Places, Quick};
use super::runs;
use super::symbols::Sequence;
use super::thorough::Thorough;

/// Bytes of samples in a band, but at least a row.
pub(super) const BAND: usize = 1 << 20;
/// Filtered bytes in a block where only runs are looked for: the codes follow the picture
/// closely enough, and the rows are still in the cache.
const BLOCK: usize = 80 << 10;
/// The same where codes follow an estimate, which is better of more.
const LONG_BLOCK: usize = 160 << 10;
/// Bytes to a match from which runs alone may be smaller.
const FEW_MATCHES: usize = 64;
/// Bytes of samples up to which what is worth trying is tried on the whole, which is one block.
const TINY: usize = 4 << 10;
/// Hundredths of the best plan's size on a few rows that another may need, and still be tried on more.
const HOPEFUL: u64 = 116;

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

/// What a band becomes before it is bits, and what finds it.
#[derive(Default)]
struct Parts {
    filtered: Vec<u8>,
    sequences: Vec<Sequence>,
    runs: Vec<Sequence>,
    matcher: Matcher,
    quick: Quick,
    promise: Promise,
}

impl Scratch {
    /// The bytes that `compress` made.
    pub(super) fn written(&self) -> &[u8] {
        self.writer.written()
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
        Effort::Fast => {
            let Scratch { parts, writer, .. } = scratch;
            finished(writer, position, |writer| {
                with_plan(rows, plan::FASTEST, position, parts, writer)
            })
        }
        Effort::Balanced => balanced(rows, position, scratch),
        Effort::Small if rows.filtered_len() > matches::MOST_BYTES => {
            balanced(rows, position, scratch)
        }
        Effort::Small => smallest(rows, position, scratch),
    }
}

/// Clears the writer, writes a band that stands at `position`, and ends it on a byte; returns what writing does.
fn finished(
    writer: &mut BitWriter,
    position: Position,
    write: impl FnOnce(&mut BitWriter) -> u32,
) -> u32 {
    writer.clear();
    let checksum = write(writer);
    match position {
        Position::Inner => block::write_boundary(writer),
        Position::Last => writer.align(),
    }
    checksum
}

/// Compresses as well as is fast.
fn balanced(rows: &Rows<'_>, position: Position, scratch: &mut Scratch) -> u32 {
    if rows.samples.len() <= TINY {
        return tiny(rows, position, scratch);
    }
    let plan = choose(rows, scratch);
    let Scratch { parts, writer, .. } = scratch;
    finished(writer, position, |writer| {
        with_plan(rows, plan, position, parts, writer)
    })
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
    let checksum = finished(other, position, |other| thorough.put(rows, position, other));
    if other.written().len() < writer.written().len() {
        std::mem::swap(writer, other);
        return checksum;
    }
    fast
}

/// The plan to compress a band with.
fn choose(rows: &Rows<'_>, scratch: &mut Scratch) -> Plan {
    let mut buffer = std::mem::take(&mut scratch.sample);
    let parts = &mut scratch.parts;
    let trial = Look::at(rows, &mut buffer, &mut parts.filtered).trial();
    let best = match trial.plans {
        [only] => only,
        plans => {
            let bytes = trial.bytes.min(rows.samples.len() / 4);
            // Most are far from the best on a few rows already.
            let few = rows.sample(bytes / 4, trial.strips, &mut buffer);
            let hopeful = hopeful(&few, plans, parts);
            match hopeful[..] {
                [only] => only,
                _ => {
                    let more = rows.sample(bytes, trial.strips, &mut buffer);
                    best_for(&more, &hopeful, parts)
                }
            }
        }
    };
    scratch.sample = buffer;
    best.0
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
    finished(writer, position, |writer| {
        block.write(writer, text, sequences, position);
        let mut checksum = Adler32::new();
        checksum.write(text);
        checksum.finish()
    })
}

/// Bits of `sample`, compressed with this plan.
fn size(sample: &Rows<'_>, plan: Plan, parts: &mut Parts) -> u64 {
    let mut size = Size::default();
    with_plan(sample, plan, Position::Last, parts, &mut size);
    size.bits
}

/// The plans that may be the best for what `sample` is a small part of: not much worse there than the best, and not the
/// same as one before.
fn hopeful(
    sample: &Rows<'_>,
    plans: &'static [(Plan, u64)],
    parts: &mut Parts,
) -> Vec<&'static (Plan, u64)> {
    let sizes = plans.iter().map(|&(plan, _)| size(sample, plan, parts));
    let sizes: Vec<_> = sizes.collect();
    let most = sizes.iter().min().map_or(0, |least| least * HOPEFUL / 100);
    let is_hopeful = |n: usize| sizes[n] <= most && (n == 0 || sizes[n] != sizes[n - 1]);
    let hopeful = (0..plans.len()).filter(|&n| is_hopeful(n));
    hopeful.map(|n| &plans[n]).collect()
}

/// The plan that compresses `sample` best, all considered.
fn best_for(
    sample: &Rows<'_>,
    plans: &[&'static (Plan, u64)],
    parts: &mut Parts,
) -> &'static (Plan, u64) {
    let price = |&&(plan, handicap): &&(Plan, u64)| size(sample, plan, parts) * (1000 + handicap);
    plans.iter().copied().min_by_key(price).unwrap_or(plans[0])
}

/// Makes the blocks of `rows`, the last of which stands at `position`; returns the checksum of the filtered rows.
fn with_plan(
    rows: &Rows<'_>,
    plan: Plan,
    position: Position,
    parts: &mut Parts,
    out: &mut impl Sink,
) -> u32 {
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
    match parse {
        Parse::Quick => {
            let places = Places::SeenAndNeighbours;
            parts.quick.start(rows.filtered_len(), grid, places);
        }
        Parse::RunsOrQuick => {
            parts.quick.start(rows.filtered_len(), grid, Places::Seen);
            parts.promise.start(rows.pixel);
        }
        Parse::Runs | Parse::LongRuns | Parse::Matches(_) => {}
    }
    let mut agreement = Agreement::new(plan.strategy);
    let (mut begun, count) = (0, rows.count());
    for (number, (row, above)) in (1..).zip(rows.iter()) {
        agreement.append(row, above, rows.pixel, &mut parts.filtered);
        if parts.filtered.len() - begun < block && number < count {
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
            Parse::RunsOrQuick => {
                put_runs_or_quick(parts, begun, rows.pixel, position, out);
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
        put_matches(parts, grid, search, position, out);
    }
    checksum.finish()
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
    runs::parse_runs(piece, sequences);
    Block::of_runs(piece, &Estimate::exact(piece), sequences)
}

fn block_of_long_runs(piece: &[u8], sequences: &mut Vec<Sequence>) -> Block {
    runs::parse_long_runs(piece, sequences);
    Block::of_runs(piece, &Estimate::rough(piece), sequences)
}

/// Appends the filtered rows from `from` on as blocks of runs, or of what a quick look finds where that promises
/// to be smaller, and is; the last of them stands at `position`.
fn put_runs_or_quick(
    parts: &mut Parts,
    mut from: usize,
    pixel: usize,
    position: Position,
    out: &mut impl Sink,
) {
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
        let likeness = runs::parse_alike(piece, pixel, runs);
        if let Some(pixels) = promise.kept(text, begin, likeness) {
            quick.parse(text, begin, promise.bytes(), pixels, sequences);
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
            if found.bits < block.bits {
                (block, parse) = (found, &*sequences);
            }
        }
        out.take(&block, piece, parse, position);
    }
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
        runs::parse_runs(piece, runs);
        let plain = Block::of_runs(piece, &bytes, runs);
        if plain.bits < block.bits {
            return out.take(&plain, piece, runs, position);
        }
    }
    out.take(&block, piece, sequences, position);
}

/// Literals and matches that are parsed for their prices alone, before the first block.
const PRICED: usize = 2048;

/// Appends the filtered rows as blocks of matches; the last of them stands at `position`.
fn put_matches(
    parts: &mut Parts,
    grid: Grid,
    search: Search,
    position: Position,
    out: &mut impl Sink,
) {
    let Parts {
        filtered,
        sequences,
        matcher,
        ..
    } = parts;
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
        out.take(&block, &filtered[from..end], sequences, position);
        costs = block.costs();
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plan for a picture of grey RGB pixels, 256 a row, of this brightness.
    fn plan_for(brightness: impl Fn(usize, usize) -> usize) -> Plan {
        let mut samples = Vec::new();
        for y in 0..256 {
            for x in 0..256 {
                let [grey, ..] = brightness(x, y).to_le_bytes();
                samples.extend([grey; 3]);
            }
        }
        let rows = Rows {
            samples: &samples,
            above: &[0; 256 * 3],
            row: 256 * 3,
            pixel: 3,
        };
        choose(&rows, &mut Scratch::default())
    }

    #[test]
    fn one_filter_for_all_rows_is_tried_too() {
        // Each row is noise on a shade of its own: the noise differs less from itself than shades do, and `Up` takes it away.
        let noise = |n: usize| n.wrapping_mul(0x9e37_79b9) >> 13 & 3;
        let shade = |n: usize| 3 * n + n % 3;
        let plan = plan_for(|x, y| noise(x) + shade(y));
        assert_eq!(plan.strategy, Strategy::Always(Filter::Up));
    }
}
