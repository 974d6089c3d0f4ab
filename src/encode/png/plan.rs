//! How to compress a picture: which filters, and whether to look for matches.
//!
//! Photographs, once filtered, hold little but noise: runs and Huffman codes suffice, and
//! looking for matches would cost ten times the time. A few rows tell what kind a picture is;
//! where that leaves a choice of filters, the plans are compared on a part of it.

use super::filter::{Filter, Strategy, is_plain};
use super::matches::Search;
use super::pixels::Rows;
use super::runs::{Kinds, equal_at, parse_runs};

/// How a band is filtered and parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) strategy: Strategy,
    pub(super) parse: Parse,
}

/// What is looked for in the filtered rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parse {
    /// Runs of bytes.
    Runs,
    /// Runs of these kinds, or, in blocks where that promises more, what one look for each pixel finds.
    RunsOrQuick(Kinds),
    /// Long runs alone, written with codes for bytes of which only some were counted.
    LongRuns,
    /// What one look for each pixel finds.
    Quick,
    /// All matches.
    Matches(Search),
}

/// Plans to be compared on a part of a picture.
pub(super) struct Trial {
    /// The plans, and the thousandths that each must save against the first for what else it costs: time, or
    /// the risk that the part is not like the whole.
    pub(super) plans: &'static [(Plan, u64)],
    /// Bytes of samples to compare them on, and from how many places these are taken.
    pub(super) bytes: usize,
    pub(super) strips: usize,
}

const fn quick(strategy: Strategy) -> Plan {
    Plan {
        strategy,
        parse: Parse::Quick,
    }
}

const fn matches(strategy: Strategy, depth: u32, enough: usize, lazy: usize) -> Plan {
    Plan {
        strategy,
        parse: Parse::Matches(Search {
            depth,
            enough,
            lazy,
        }),
    }
}

/// What can be done with rows of any length.
pub(super) const RUNS: Plan = Plan {
    strategy: Strategy::LeastSum,
    parse: Parse::Runs,
};
const fn runs_or_quick(kinds: Kinds) -> Plan {
    Plan {
        strategy: Strategy::LeastSum,
        parse: Parse::RunsOrQuick(kinds),
    }
}
const UNFILTERED: Strategy = Strategy::Always(Filter::None);

/// What is fastest: of all filters, the one that most rows of photographs would choose.
pub(super) static FASTEST: Plan = Plan {
    strategy: Strategy::Always(Filter::Paeth),
    parse: Parse::LongRuns,
};

static PHOTOGRAPHIC: Trial = Trial {
    plans: &[(runs_or_quick(Kinds::Bytes), 0)],
    bytes: 0,
    strips: 1,
};
static SHADED: Trial = Trial {
    plans: &[(runs_or_quick(Kinds::BytesAndPixels), 0)],
    bytes: 0,
    strips: 1,
};
/// Without filters, the part of a picture that is a photograph all the same would be lost.
const FLAT_PLANS: &[(Plan, u64)] = &[
    (RUNS, 0),
    (quick(Strategy::LeastSum), 20),
    (quick(Strategy::LeastSumUnlessPlain), 30),
    (quick(Strategy::Always(Filter::Up)), 50),
    (quick(Strategy::Always(Filter::Sub)), 50),
    (quick(UNFILTERED), 40),
];
static FLAT: Trial = Trial {
    plans: FLAT_PLANS,
    bytes: 16 << 10,
    strips: 2,
};
/// The colours must be learnt before matches pay.
static COLORED: Trial = Trial {
    plans: FLAT_PLANS,
    bytes: 48 << 10,
    strips: 1,
};
/// There is little to find, so that a search is fast.
static PLAINEST: Trial = Trial {
    plans: &[
        (matches(Strategy::LeastSum, 4, 64, 16), 0),
        (matches(Strategy::LeastSumUnlessPlain, 4, 64, 16), 40),
        (matches(UNFILTERED, 4, 64, 16), 150),
        (quick(Strategy::Always(Filter::Up)), 20),
    ],
    bytes: 48 << 10,
    strips: 2,
};

/// What filtered rows look like.
pub(super) enum Look {
    /// Noise of any strength.
    Photographic,
    /// The same, but little enough that pixels come again beside one another, as on even shades, and where pictures were
    /// made larger.
    Shaded,
    /// Plain areas.
    Flat,
    /// Little else.
    Plainest,
    /// Few colours, as from a palette or a colour map.
    Colored,
}

/// Share of equal neighbours from which rows count as flat.
const MANY_EQUAL: f64 = 0.4;
/// The same from which the colours hardly matter.
const ALMOST_ALL_EQUAL: f64 = 0.9;
/// Share of bytes that equal those a pixel before up to which there can be few runs of pixels.
const SOME_EQUAL: f64 = 0.2;
/// Share of bytes in runs of pixels from which these save half a hundredth and more, in an eighth more of the time.
const MANY_IN_RUNS: f64 = 0.01;
/// Most colours of pictures that were made from a palette or a colour map, and how many
/// pixels are looked at.
const FEW_COLORS: u32 = 256;
const LOOKED_AT: usize = 2048;

/// Bytes of samples that are looked at.
const LOOK: usize = 12 << 10;
/// Places that they are taken from.
const STRIPS: usize = 4;

impl Look {
    /// Looks at a few of the `rows`, taken into the buffer, and at what they are when filtered.
    pub(super) fn at(rows: &Rows<'_>, buffer: &mut Vec<u8>, filtered: &mut Vec<u8>) -> Self {
        let sample = rows.sample(LOOK, STRIPS, buffer);
        filtered.clear();
        for (row, above) in sample.iter() {
            Strategy::LeastSum.apply(row, above, sample.pixel, filtered);
        }
        Self::of(filtered, &sample)
    }

    /// Looks at `filtered` rows and at the `rows` of pixels that they come from.
    fn of(filtered: &[u8], rows: &Rows<'_>) -> Self {
        let equal_at = |distance| equal_at(filtered, distance) as f64 / filtered.len() as f64;
        let equal = equal_at(1);
        let has_plain_row = || rows.iter().any(|(row, _)| is_plain(row, rows.pixel));
        if equal > ALMOST_ALL_EQUAL {
            Self::Plainest
        } else if few_colors(rows) {
            Self::Colored
        } else if equal > MANY_EQUAL && has_plain_row() {
            Self::Flat
        } else if rows.pixel > 1
            && equal_at(rows.pixel) > SOME_EQUAL
            && share_in_runs_of_pixels(filtered, rows.pixel) > MANY_IN_RUNS
        {
            Self::Shaded
        } else {
            Self::Photographic
        }
    }

    /// What is worth trying on such pictures.
    pub(super) fn trial(&self) -> &'static Trial {
        match self {
            Self::Photographic => &PHOTOGRAPHIC,
            Self::Shaded => &SHADED,
            Self::Flat => &FLAT,
            Self::Plainest => &PLAINEST,
            Self::Colored => &COLORED,
        }
    }
}

/// Share of bytes that are in runs of pixels.
fn share_in_runs_of_pixels(filtered: &[u8], pixel: usize) -> f64 {
    let mut runs = Vec::new();
    parse_runs(filtered, pixel, Kinds::BytesAndPixels, &mut runs);
    let of_pixels = runs.iter().filter(|run| run.distance > 1);
    let bytes: usize = of_pixels.map(|run| usize::from(run.length)).sum();
    bytes as f64 / filtered.len() as f64
}

/// Whether the first pixels, of several bytes each, have few values. Counts hashes, so a few
/// values are missed.
fn few_colors(rows: &Rows<'_>) -> bool {
    if rows.pixel == 1 || rows.samples.len() < LOOKED_AT * rows.pixel {
        return false;
    }
    let mut seen = [0u64; 64];
    for pixel in rows.samples.chunks_exact(rows.pixel).take(LOOKED_AT) {
        let value = pixel
            .iter()
            .fold(0, |value, &byte| value << 8 | u32::from(byte));
        let hash = value.wrapping_mul(0x9e37_79b1);
        seen[(hash >> 26) as usize] |= 1 << (hash >> 20 & 63);
    }
    let values: u32 = seen.iter().map(|bits| bits.count_ones()).sum();
    values <= FEW_COLORS
}
