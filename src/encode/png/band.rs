//! Compresses a band: some rows that make a run of deflate blocks of their own, so that bands
//! can be compressed at the same time and always give the same bytes.

use simd_adler32::Adler32;

use super::Effort;
use super::bits::BitWriter;
use super::block::{self, Block, Position, Size};
use super::blocks::{Parts, with_plan};
use super::counts::count_bytes;
use super::filter::{Filter, Strategy};
use super::look::Look;
use super::matches::{self, Grid};
use super::pixels::Rows;
use super::plan::{self, PATTERNED, Plan, Trial};
use super::quick::{Pixels, Places};
use super::symbols::Sequence;
use super::thorough::Thorough;

/// Bytes of samples in a band, but at least a row.
pub(super) const BAND: usize = 1 << 20;
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
        Effort::Fast => planned(rows, plan::FASTEST, position, scratch),
        Effort::Balanced => balanced(rows, position, scratch),
        Effort::Small if rows.filtered_len() > matches::MOST_BYTES => {
            balanced(rows, position, scratch)
        }
        Effort::Small => smallest(rows, position, scratch),
    }
}

/// Clears the writer, writes a band that stands at `position`, and ends it on a byte; returns what writing does.
fn finished<T>(
    writer: &mut BitWriter,
    position: Position,
    write: impl FnOnce(&mut BitWriter) -> T,
) -> T {
    writer.clear();
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
    let write = |writer: &mut BitWriter| with_plan(rows, plan, position, parts, writer);
    match finished(writer, position, write) {
        Some(checksum) => checksum,
        None => planned(rows, best_of(&PATTERNED, rows, scratch), position, scratch),
    }
}

/// Compresses as well as is fast.
fn balanced(rows: &Rows<'_>, position: Position, scratch: &mut Scratch) -> u32 {
    if rows.samples.len() <= TINY {
        return tiny(rows, position, scratch);
    }
    let plan = choose(rows, scratch);
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
    let checksum = finished(other, position, |other| thorough.put(rows, position, other));
    if other.written().len() < writer.written().len() {
        std::mem::swap(writer, other);
        return checksum;
    }
    fast
}

/// The plan to compress a band with.
fn choose(rows: &Rows<'_>, scratch: &mut Scratch) -> Plan {
    let Scratch { sample, parts, .. } = scratch;
    let trial = Look::at(rows, sample, &mut parts.filtered).trial();
    best_of(trial, rows, scratch)
}

/// The plan that is best for a part of a band.
fn best_of(trial: &'static Trial, rows: &Rows<'_>, scratch: &mut Scratch) -> Plan {
    let Scratch {
        sample: buffer,
        parts,
        ..
    } = scratch;
    let best = match trial.plans {
        [only] => only,
        plans => {
            let bytes = trial.bytes.min(rows.samples.len() / 4);
            let hopeful = match trial.is_sifted {
                true => {
                    let few = rows.sample(bytes / 4, trial.strips, buffer);
                    hopeful(&few, plans, parts)
                }
                false => plans.iter().collect(),
            };
            match hopeful[..] {
                [only] => only,
                _ => best_for(&rows.sample(bytes, trial.strips, buffer), &hopeful, parts),
            }
        }
    };
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
    // None that is compared with others is given up.
    let _ = with_plan(sample, plan, Position::Last, parts, &mut size);
    size.bits
}

/// The plans that may be the best for what `sample` is a small part of: not much worse there than the best, and not what the
/// one before them comes to as well, as where no row is plain.
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

#[cfg(test)]
mod tests {
    use super::super::plan::Parse;
    use super::super::runs::Kinds;
    use super::*;

    /// The samples of a picture of these RGB pixels, 256 a row.
    fn picture(pixel: impl Fn(usize, usize) -> [usize; 3]) -> Vec<u8> {
        let places = (0..256 * 256).map(|n| (n % 256, n / 256));
        let pixels = places.map(|(x, y)| pixel(x, y).map(|sample| sample.to_le_bytes()[0]));
        pixels.flatten().collect()
    }

    /// Its rows.
    fn rows(samples: &[u8]) -> Rows<'_> {
        Rows {
            samples,
            above: &[0; 256 * 3],
            row: 256 * 3,
            pixel: 3,
        }
    }

    /// The plan for it.
    fn plan_for(pixel: impl Fn(usize, usize) -> [usize; 3]) -> Plan {
        choose(&rows(&picture(pixel)), &mut Scratch::default())
    }

    #[test]
    fn one_filter_for_all_rows_is_tried_too() {
        // Each row is noise on a shade of its own: the noise differs less from itself than shades do, and `Up` takes it away.
        let noise = |n: usize| n.wrapping_mul(0x9e37_79b9) >> 13 & 3;
        let shade = |n: usize| 3 * n + n % 3;
        let plan = plan_for(|x, y| [noise(x) + shade(y); 3]);
        assert_eq!(plan.strategy, Strategy::Always(Filter::Up));
    }

    #[test]
    fn runs_of_pixels_are_looked_for_where_pictures_were_made_larger() {
        let noise = |x: usize, y: usize| {
            [1, 2, 3].map(|color| {
                let hash = (x + 257 * (y + 257 * color)).wrapping_mul(0x9e37_79b1);
                (hash ^ hash >> 15).wrapping_mul(0x85eb_ca77) >> 13 & 127
            })
        };
        // Eight times as large, each pixel on lines between four.
        let larger = |x: usize, y: usize| {
            let (left, top, right, down) = (x / 8, y / 8, x % 8, y % 8);
            std::array::from_fn(|color| {
                let corner = |x: usize, y: usize| noise(left + x, top + y)[color];
                let between = |y: usize| corner(0, y) * (8 - right) + corner(1, y) * right;
                (between(0) * (8 - down) + between(1) * down) / 64
            })
        };
        assert_eq!(plan_for(noise).parse, Parse::RunsOrQuick(Kinds::Bytes));
        let of_pixels = Parse::RunsOrQuick(Kinds::BytesAndPixels);
        assert_eq!(plan_for(larger).parse, of_pixels);
    }

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
            for plan in [photographic, choose(&rows, &mut scratch)] {
                planned(&rows, plan, Position::Last, &mut scratch);
                let bytes = scratch.written().len();
                assert!(100 * bytes < 105 * pillow, "{bytes}");
            }
            let size = &mut Size::default();
            let made = with_plan(
                &rows,
                photographic,
                Position::Last,
                &mut scratch.parts,
                size,
            );
            assert_eq!(made, None);
        }
    }
}
