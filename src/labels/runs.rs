//! A set of pixels as runs in COCO's order: down the first column, then down the next.

/// Sorted, disjoint, non-empty runs `start..end` of column-major pixel numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs(Vec<(u32, u32)>);

impl Runs {
    /// The pixels between the first and the second of `sorted`, the third and the fourth, and so on; a last one
    /// without a partner reaches to `end`. Equal neighbours cancel, so this is the even-odd rule.
    pub(super) fn between(sorted: &[u32], end: u32) -> Self {
        let mut runs = Self(Vec::new());
        for pair in sorted.chunks(2) {
            let (start, end) = match *pair {
                [start, end] => (start, end),
                [start] => (start, end),
                _ => continue,
            };
            runs.push(start, end);
        }
        runs
    }

    /// All pixels that are in any of `parts`.
    pub(super) fn union(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.swap_remove(0);
        }
        let mut all: Vec<(u32, u32)> = parts
            .iter()
            .flat_map(|part| part.0.iter().copied())
            .collect();
        all.sort_unstable();
        let mut runs = Self(Vec::new());
        for (start, end) in all {
            runs.push(start, end);
        }
        runs
    }

    /// How many pixels.
    pub(super) fn area(&self) -> u64 {
        self.0
            .iter()
            .map(|&(start, end)| u64::from(end - start))
            .sum()
    }

    /// The runs.
    pub(super) fn as_slice(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Adds a run that begins at or behind the beginning of the last one.
    fn push(&mut self, start: u32, end: u32) {
        if start >= end {
            return;
        }
        match self.0.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => self.0.push((start, end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_cancel_and_touching_runs_join() {
        assert_eq!(
            Runs::between(&[1, 3, 3, 5, 7, 7, 8], 10).as_slice(),
            [(1, 5), (8, 10)]
        );
    }

    #[test]
    fn a_union_counts_shared_pixels_once() {
        let union = Runs::union(vec![Runs::between(&[0, 4], 9), Runs::between(&[2, 6], 9)]);
        assert_eq!((union.as_slice(), union.area()), ([(0, 6)].as_slice(), 6));
    }
}
