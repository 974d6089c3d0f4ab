//! Filters rows that come one after the other. To find the filter with the least sum takes a tenth of the time of a
//! photograph; where one row after the other has chosen the same, the next ones will.

use super::filter::{Filter, Strategy};

/// What the rows so far have chosen.
pub(super) struct Agreement {
    strategy: Strategy,
    /// The last row's choice, and how many rows before it that were asked chose the same.
    filter: Filter,
    agreed: u32,
    /// How many rows now take it without being asked.
    unasked: u32,
}

/// For so many rows that agreed, one is not asked, and that many at the most between two that are.
const AGREED: u32 = 8;

impl Agreement {
    /// Among rows of which each is filtered by this strategy.
    pub(super) fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            filter: Filter::None,
            agreed: 0,
            unasked: 0,
        }
    }

    /// Appends the filter byte and the filtered `row`, which follows the last one, to `out`, as [`Strategy::apply`] does.
    pub(super) fn append(&mut self, row: &[u8], above: &[u8], pixel: usize, out: &mut Vec<u8>) {
        if self.strategy != Strategy::LeastSum {
            return self.strategy.apply(row, above, pixel, out);
        }
        if self.unasked > 0 {
            self.unasked -= 1;
        } else {
            let filter = Filter::with_least_sum(row, above, pixel);
            self.agreed = match filter == self.filter {
                true => self.agreed + 1,
                false => 0,
            };
            self.filter = filter;
            self.unasked = (self.agreed / AGREED).min(AGREED);
        }
        self.filter.append(row, above, pixel, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [u8; 64] = [100; 64];
    const SPECKLED: [u8; 64] = {
        let mut row = [0; 64];
        let mut at = 0;
        while at < 64 {
            row[at] = 100;
            at += 3;
        }
        row
    };

    /// What each of so many plain rows and then speckled ones, all below zeros, is filtered by.
    fn filters(plain: usize, speckled: usize) -> Vec<u8> {
        let mut agreement = Agreement::new(Strategy::LeastSum);
        let rows = [vec![PLAIN; plain], vec![SPECKLED; speckled]].concat();
        let filter = |row: &[u8; 64]| {
            let mut out = Vec::new();
            agreement.append(row, &[0; 64], 1, &mut out);
            out[0]
        };
        rows.iter().map(filter).collect()
    }

    #[test]
    fn rows_that_change_their_choice_are_late_by_an_eighth_of_those_that_agreed() {
        let (none, sub) = (Filter::None as u8, Filter::Sub as u8);
        let mut latest = 0;
        for plain in 0..300 {
            let found = filters(plain, 20);
            let late = found[plain..].iter().take_while(|&&f| f == sub).count();
            assert!(late <= (plain / 8).min(8), "{late} rows after {plain}");
            let chosen = [vec![sub; plain + late], vec![none; 20 - late]].concat();
            assert_eq!(found, chosen, "{plain}");
            latest = latest.max(late);
        }
        assert_eq!(latest, 8);
    }
}
