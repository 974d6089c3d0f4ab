//! How to compress a picture: which filters, and whether to look for matches.
//!
//! Photographs, once filtered, hold little but noise: runs and Huffman codes suffice, and
//! looking for matches would cost ten times the time. A few rows tell what kind a picture is;
//! where that leaves a choice of filters, the plans are compared on a part of it.

use super::filter::{Filter, Strategy};
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
    /// What a search through several places finds.
    Matches,
}

/// Plans to be compared on a part of a picture.
pub(super) struct Trial {
    /// The plans, and the thousandths that each must save against the first for what else it costs: time, or
    /// the risk that the part is not like the whole.
    pub(super) plans: &'static [(Plan, u64)],
    /// Bytes of samples to compare them on, and from how many places these are taken.
    pub(super) bytes: usize,
    pub(super) strips: usize,
    /// Whether plans that are far from the best on a fourth of that already are tried no further.
    pub(super) is_sifted: bool,
}

const fn quick(strategy: Strategy) -> Plan {
    Plan {
        strategy,
        parse: Parse::Quick,
    }
}

const fn search(strategy: Strategy) -> Plan {
    Plan {
        strategy,
        parse: Parse::Matches,
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

/// What there is no choice for.
const fn only(plans: &'static [(Plan, u64); 1]) -> Trial {
    Trial {
        plans,
        bytes: 0,
        strips: 1,
        is_sifted: false,
    }
}

pub(super) static PHOTOGRAPHIC: Trial = only(&[(runs_or_quick(Kinds::Bytes), 0)]);
pub(super) static SHADED: Trial = only(&[(runs_or_quick(Kinds::BytesAndPixels), 0)]);
/// What formulas give, and what was planned as a photograph and consists of copies: slopes, waves, rings, boards.
pub(super) static PATTERNED: Trial = Trial {
    plans: &[
        (RUNS, 0),
        (quick(Strategy::LeastSum), 0),
        (quick(Strategy::Always(Filter::Up)), 20),
        (quick(Strategy::Always(Filter::Sub)), 20),
        (search(Strategy::LeastSum), 60),
        (search(Strategy::Always(Filter::Up)), 80),
        (search(Strategy::Always(Filter::Sub)), 80),
    ],
    bytes: 192 << 10,
    strips: 3,
    is_sifted: true,
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
    strips: 3,
    is_sifted: true,
};
/// All of the picture comes three times, once for each colour, which a quick look finds.
pub(super) static GREY: Trial = Trial {
    plans: &[
        (RUNS, 0),
        (quick(Strategy::LeastSum), 20),
        (quick(Strategy::Always(Filter::Up)), 50),
        (quick(Strategy::Always(Filter::Sub)), 50),
    ],
    bytes: 48 << 10,
    strips: 1,
    is_sifted: true,
};
/// The colours must be learnt before matches pay: without filters, what comes again does so more often the more has been
/// seen, so that it saves a tenth more on the whole than on a part, and on a few rows it saves nothing.
pub(super) static COLORED: Trial = Trial {
    plans: &[
        (quick(Strategy::LeastSum), 140),
        (quick(Strategy::Always(Filter::Sub)), 80),
        (search(UNFILTERED), 0),
    ],
    bytes: 48 << 10,
    strips: 1,
    is_sifted: false,
};
/// There is little to find, so that a search is fast.
pub(super) static PLAINEST: Trial = Trial {
    plans: &[
        (search(Strategy::LeastSum), 0),
        (search(Strategy::LeastSumUnlessPlain), 20),
        (search(UNFILTERED), 60),
        (search(Strategy::Always(Filter::Up)), 20),
        (search(Strategy::Always(Filter::Paeth)), 40),
    ],
    bytes: 48 << 10,
    strips: 3,
    is_sifted: true,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_that_are_compared_are_none_that_is_given_up_for_others() {
        for trial in [&PATTERNED, &FLAT, &GREY, &COLORED, &PLAINEST] {
            for (plan, _) in trial.plans {
                assert!(!matches!(plan.parse, Parse::RunsOrQuick(_)), "{plan:?}");
            }
        }
    }
}
