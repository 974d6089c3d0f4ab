//! How to compress a picture: which filters, and whether to look for matches.
//!
//! Photographs, once filtered, hold little but noise: runs and Huffman codes suffice, and
//! looking for matches would cost ten times the time. A few rows tell what kind a picture is;
//! where that leaves a choice of filters, the plans are compared on a part of it.

use super::filter::{Filter, Strategy};
use super::matches::Search;
use super::runs::Kinds;

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
    /// What a search finds.
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
    /// Bytes of samples in front of these that are compressed too and do not count: on the whole, most has something before
    /// it that can be copied. If there are none, all places are compressed as one, and each for itself else.
    pub(super) seen: usize,
    /// Both together are at most one part in so many of the band.
    pub(super) share: usize,
    /// Plans that are far from the best on one part in so many of these already are tried no further; 1 if none are.
    pub(super) sifted: usize,
}

const fn quick(strategy: Strategy) -> Plan {
    Plan {
        strategy,
        parse: Parse::Quick,
    }
}

/// A search: this one if rows are not filtered, and that one if they are.
const fn searched(strategy: Strategy, unfiltered: Search, filtered: Search) -> Plan {
    let search = match strategy {
        UNFILTERED => unfiltered,
        _ => filtered,
    };
    Plan {
        strategy,
        parse: Parse::Matches(search),
    }
}

const fn search(strategy: Strategy) -> Plan {
    searched(
        strategy,
        Search::Short(8),
        Search::Long { short: 4, long: 4 },
    )
}

/// For slopes: there are many places where something like them was, and to look at more saves a twentieth.
const fn deep(strategy: Strategy) -> Plan {
    searched(
        strategy,
        Search::Short(16),
        Search::Long { short: 8, long: 16 },
    )
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

/// What there is no choice for.
const fn only(plans: &'static [(Plan, u64); 1]) -> Trial {
    Trial {
        plans,
        bytes: 0,
        strips: 1,
        seen: 0,
        share: 1,
        sifted: 1,
    }
}

pub(super) static PHOTOGRAPHIC: Trial = only(&[(runs_or_quick(Kinds::Bytes), 0)]);
pub(super) static SHADED: Trial = only(&[(runs_or_quick(Kinds::BytesAndPixels), 0)]);
/// What formulas give, and what was planned as a photograph and consists of copies: slopes, waves, rings, boards.
pub(super) static PATTERNED: Trial = Trial {
    plans: &[
        (RUNS, 0),
        (deep(UNFILTERED), 20),
        (deep(Strategy::Always(Filter::Up)), 20),
        (deep(Strategy::Always(Filter::Sub)), 20),
        (deep(Strategy::Always(Filter::Paeth)), 20),
    ],
    bytes: 192 << 10,
    strips: 3,
    seen: 0,
    share: 6,
    sifted: 4,
};
/// Without filters, the part of a picture that is a photograph all the same would be lost.
pub(super) static FLAT: Trial = Trial {
    plans: &[
        (RUNS, 0),
        (quick(Strategy::LeastSum), 20),
        (quick(Strategy::Always(Filter::Up)), 50),
        (quick(Strategy::Always(Filter::Sub)), 50),
        (quick(UNFILTERED), 40),
        (search(Strategy::LeastSum), 60),
        (search(UNFILTERED), 90),
    ],
    bytes: 24 << 10,
    strips: 4,
    seen: 0,
    share: 4,
    sifted: 4,
};
/// What tells whether a flat picture consists of copies: what a quick look saves over runs, which come first.
pub(super) static COPIES: Trial = Trial {
    plans: &[
        (RUNS, 0),
        (quick(Strategy::LeastSum), 0),
        (quick(Strategy::Always(Filter::Sub)), 0),
    ],
    bytes: 24 << 10,
    strips: 4,
    seen: 0,
    share: 4,
    sifted: 1,
};
/// Flat pictures that do, as those of smooth functions.
pub(super) static SMOOTH: Trial = Trial {
    plans: &[
        (deep(Strategy::LeastSum), 0),
        (deep(UNFILTERED), 0),
        (deep(Strategy::Always(Filter::Sub)), 0),
    ],
    bytes: 32 << 10,
    strips: 4,
    seen: 32 << 10,
    share: 8,
    sifted: 1,
};
/// All of the picture comes three times, once for each colour, which runs of one byte make little of.
pub(super) static GREY: Trial = Trial {
    plans: &[
        (RUNS, 0),
        (deep(Strategy::LeastSum), 20),
        (deep(Strategy::Always(Filter::Up)), 20),
        (deep(Strategy::Always(Filter::Sub)), 20),
    ],
    bytes: 48 << 10,
    strips: 1,
    seen: 0,
    share: 4,
    sifted: 4,
};
/// The colours must have been seen before matches pay: without filters, what comes again does so more often the more is
/// known, and on a few rows it saves nothing. Smooth maps are smallest under `Sub`, and attention on a coarse grid with a
/// filter for each row, where a quick look suffices. Samples are from two places off the middle, in which many heat maps have
/// a peak, and rows that are like each other as nowhere else.
pub(super) static COLORED: Trial = Trial {
    plans: &[
        (deep(UNFILTERED), 0),
        (quick(Strategy::LeastSum), 30),
        (deep(Strategy::Always(Filter::Sub)), 0),
    ],
    bytes: 32 << 10,
    strips: 2,
    seen: 32 << 10,
    share: 4,
    sifted: 1,
};
/// There is little to find, so that a search is fast; bumps are smallest under `Sub`, where deeper is smaller.
/// [`Strategy::LeastSumUnlessPlain`] is behind [`Strategy::LeastSum`], to which it comes where no row is plain.
pub(super) static PLAINEST: Trial = Trial {
    plans: &[
        (search(UNFILTERED), 10),
        (search(Strategy::LeastSum), 0),
        (search(Strategy::LeastSumUnlessPlain), 20),
        (search(Strategy::Always(Filter::Up)), 20),
        (deep(Strategy::Always(Filter::Sub)), 10),
        (search(Strategy::Always(Filter::Paeth)), 10),
    ],
    bytes: 48 << 10,
    strips: 4,
    seen: 0,
    share: 10,
    sifted: 4,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_that_are_compared_are_none_that_is_given_up_for_others() {
        let flat = [&FLAT, &COPIES, &SMOOTH];
        for trial in flat
            .into_iter()
            .chain([&PATTERNED, &GREY, &COLORED, &PLAINEST])
        {
            for (plan, _) in trial.plans {
                assert!(!matches!(plan.parse, Parse::RunsOrQuick(_)), "{plan:?}");
            }
        }
    }
}
