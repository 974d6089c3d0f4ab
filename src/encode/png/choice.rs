//! The plan that compresses a band best: told by its look, and by comparing plans on samples of it.

use super::block::{Position, Size};
use super::blocks::{Parts, with_plan};
use super::look::Look;
use super::pixels::Rows;
use super::plan::{self, COPIES, Plan, SMOOTH, Trial};

/// Hundredths of the best plan's size on a few rows that another may need, and still be tried on more.
const HOPEFUL: u64 = 116;
/// Hundredths that copies save where a flat picture consists of them; of screens and plots, which have some, they save two.
const PAYING: u64 = 3;

/// The plan to compress a band with.
pub(super) fn choose(rows: &Rows<'_>, buffer: &mut Vec<u8>, parts: &mut Parts) -> Plan {
    let trial = match Look::at(rows, buffer, &mut parts.filtered) {
        Look::Flat if consists_of_copies(rows, buffer, parts) => &SMOOTH,
        look => look.trial(),
    };
    best_of(trial, rows, buffer, parts)
}

/// Whether copies make a flat picture smaller than runs do, by more than they do where it is partly a photograph.
fn consists_of_copies(rows: &Rows<'_>, buffer: &mut Vec<u8>, parts: &mut Parts) -> bool {
    match sizes(&COPIES, 1, rows, COPIES.plans, buffer, parts)[..] {
        [runs, ref copies @ ..] => copies.iter().any(|bits| (100 + PAYING) * bits < 100 * runs),
        [] => false,
    }
}

/// The plan of a trial that is best for samples of a band.
pub(super) fn best_of(
    trial: &'static Trial,
    rows: &Rows<'_>,
    buffer: &mut Vec<u8>,
    parts: &mut Parts,
) -> Plan {
    if let [(only, _)] = trial.plans {
        return *only;
    }
    let mut plans = trial.plans.to_vec();
    if trial.sifted > 1 {
        let sizes = sizes(trial, trial.sifted, rows, &plans, buffer, parts);
        sift(&mut plans, &sizes);
    }
    if let [(only, _)] = plans[..] {
        return only;
    }
    let sizes = sizes(trial, 1, rows, &plans, buffer, parts);
    let prices = sizes
        .iter()
        .zip(&plans)
        .map(|(bits, (_, handicap))| bits * (1000 + handicap));
    let best = prices.zip(&plans).min_by_key(|&(price, _)| price);
    best.map_or(plan::RUNS, |(_, &(plan, _))| plan)
}

/// Leaves the plans that may be the best for the whole, if these are their sizes for a small part of it: not much worse there
/// than the best, and not what the one before them comes to as well, as where no row is plain.
fn sift(plans: &mut Vec<(Plan, u64)>, sizes: &[u64]) {
    let most = sizes.iter().min().map_or(0, |least| least * HOPEFUL / 100);
    let is_hopeful = |n: usize| sizes[n] <= most && (n == 0 || sizes[n] != sizes[n - 1]);
    let mut number = 0..;
    plans.retain(|_| number.next().is_some_and(is_hopeful));
}

/// Bits of the trial's samples of a band, or of one part in so many of them, with each plan.
fn sizes(
    trial: &Trial,
    part: usize,
    rows: &Rows<'_>,
    plans: &[(Plan, u64)],
    buffer: &mut Vec<u8>,
    parts: &mut Parts,
) -> Vec<u64> {
    let most = rows.samples.len() / trial.share;
    let seen = trial.seen.min(most / 2);
    let bytes = (seen + trial.bytes.min(most - seen)) / part;
    let seen = seen / part;
    let mut sizes = vec![0; plans.len()];
    let places = if seen > 0 { trial.strips } else { 1 };
    for rows in rows.parts(places) {
        let sample = rows.sample(bytes / places, trial.strips / places, buffer);
        let seen = seen / places / sample.row;
        for (bits, &(plan, _)) in sizes.iter_mut().zip(plans) {
            *bits += size(&sample, seen, plan, parts);
        }
    }
    sizes
}

/// Bits of `sample`, compressed with this plan, but for those of the first `seen` rows.
fn size(sample: &Rows<'_>, seen: usize, plan: Plan, parts: &mut Parts) -> u64 {
    let mut size = Size {
        seen: seen * (sample.row + 1),
        ..Size::default()
    };
    // None that is compared with others is given up.
    let _ = with_plan(sample, seen, plan, Position::Last, parts, &mut size);
    size.bits
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::filter::{Filter, Strategy};
    use super::super::matches::Search;
    use super::super::plan::{COLORED, Parse};
    use super::super::runs::Kinds;
    use super::*;

    /// The samples of a picture of these RGB pixels, 256 a row.
    pub(in super::super) fn picture(pixel: impl Fn(usize, usize) -> [usize; 3]) -> Vec<u8> {
        let places = (0..256 * 256).map(|n| (n % 256, n / 256));
        let pixels = places.map(|(x, y)| pixel(x, y).map(|sample| sample.to_le_bytes()[0]));
        pixels.flatten().collect()
    }

    /// Its rows.
    pub(in super::super) fn rows(samples: &[u8]) -> Rows<'_> {
        Rows {
            samples,
            above: &[0; 256 * 3],
            row: 256 * 3,
            pixel: 3,
        }
    }

    /// The plan for a picture of these pixels.
    fn plan_for(pixel: impl Fn(usize, usize) -> [usize; 3]) -> Plan {
        choose(
            &rows(&picture(pixel)),
            &mut Vec::new(),
            &mut Parts::default(),
        )
    }

    /// Noise in three colours.
    fn noise(x: usize, y: usize) -> [usize; 3] {
        [1, 2, 3].map(|color| {
            let hash = (x + 257 * (y + 257 * color)).wrapping_mul(0x9e37_79b1);
            (hash ^ hash >> 15).wrapping_mul(0x85eb_ca77) >> 13 & 255
        })
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
        let noise = |x, y| noise(x, y).map(|sample| sample & 127);
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
    fn what_was_seen_is_there_to_be_copied() {
        let tile = |x, y| noise(x, y % 12);
        let samples = picture(tile);
        let rows = rows(&samples);
        let unfiltered = |parse| {
            let strategy = Strategy::Always(Filter::None);
            (Plan { strategy, parse }, 0)
        };
        let plans = [Parse::Matches(Search::Short(16)), Parse::Quick].map(unfiltered);
        let (buffer, parts) = (&mut Vec::new(), &mut Parts::default());
        for bits in sizes(&COLORED, 1, &rows, &plans, buffer, parts) {
            // An eighth of all samples is measured.
            assert!(bits * 50 < samples.len() as u64, "{bits}");
        }
    }

    #[test]
    fn copies_tell_what_is_smooth_from_what_is_partly_a_photograph() {
        let smooth = |x: usize, y: usize| [1, 2, 3].map(|slope| (slope * x * x + y * y) / 900);
        let screen = |x: usize, y: usize| match y % 64 {
            ..32 => noise(x, y),
            _ => [200; 3],
        };
        let consists = |samples: &[u8]| {
            consists_of_copies(&rows(samples), &mut Vec::new(), &mut Parts::default())
        };
        assert!(consists(&picture(smooth)));
        assert!(!consists(&picture(screen)));
    }
}
