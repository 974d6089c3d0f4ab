//! Polygons to pixels, exactly as pycocotools draws them.
//!
//! pycocotools works on a grid five times finer than the picture. Each corner is moved to that grid (times 5,
//! plus ½, cut towards zero), and each edge becomes a chain of grid points, one for every step along its
//! longer axis. Where a chain steps from grid column `5c + 2` to `5c + 3` or back, it passes the middle of
//! pixel column `c`; the higher end of that step (the smaller y), `v`, gives the pixel `⌈(v − 2) / 5⌉`, kept
//! in 0..=height, at which column `c` changes between outside and inside. All changes of all edges, in
//! column-major order, are the ends of the runs: the even-odd rule. What was open at the bottom of a column
//! goes on at the top of the next, as it does there.
//!
//! pycocotools walks all grid points, so that its time and memory follow the coordinates. Here the step is
//! computed for each column of the picture, in the same floating-point operations, so that coordinates of
//! any size cost no more than the width. Where its `int` overflows (beyond ±429 496 729 pixels), results there
//! are undefined; here they are right up to ±2^47.

use super::runs::Runs;

/// Steps of the fine grid in a pixel.
const GRID: i64 = 5;

/// Coordinates on the fine grid are held within this, so that nothing below overflows or loses its ones.
const FARTHEST: f64 = 1_125_899_906_842_624.0;

/// More changes than are drawn for one picture: far above what is drawn by hand or by a network, and a
/// bound on the time and memory that a file of zigzags takes.
pub(super) const MAX_CHANGES: usize = 1 << 24;

/// Polygons that change between outside and inside more than `MAX_CHANGES` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooIntricate;

/// The pixels inside the polygon `x0 y0 x1 y1 …` of a picture with `width × height` pixels, which fit in
/// `u32`. `budget` is what is left of `MAX_CHANGES`.
pub(super) fn fill(
    points: &[f64],
    width: u32,
    height: u32,
    budget: &mut usize,
) -> Result<Runs, TooIntricate> {
    let corners: Vec<(i64, i64)> = points
        .chunks_exact(2)
        .map(|point| (on_grid(point[0]), on_grid(point[1])))
        .collect();
    let mut changes = Changes {
        width: i64::from(width),
        height: i64::from(height),
        found: Vec::new(),
        budget,
    };
    if let (Some(&first), true) = (corners.first(), width > 0 && height > 0) {
        let next = corners.iter().skip(1).chain([&first]);
        for (&from, &to) in corners.iter().zip(next) {
            changes.edge(from, to)?;
        }
    }
    let mut found = changes.found;
    found.sort_unstable();
    Ok(Runs::between(&found, width * height))
}

/// The places in column-major order at which outside and inside change.
struct Changes<'a> {
    width: i64,
    height: i64,
    found: Vec<u32>,
    budget: &'a mut usize,
}

impl Changes<'_> {
    /// Adds the changes of one edge.
    fn edge(&mut self, from: (i64, i64), to: (i64, i64)) -> Result<(), TooIntricate> {
        let left = from.0.min(to.0);
        let right = from.0.max(to.0);
        let first = (-(2 - left).div_euclid(GRID)).max(0);
        let last = (right - 3).div_euclid(GRID).min(self.width - 1);
        if first > last {
            return Ok(());
        }
        let flat = right - left >= (from.1 - to.1).abs();
        let (start, end) = if (flat && from.0 > to.0) || (!flat && from.1 > to.1) {
            (to, from)
        } else {
            (from, to)
        };
        for column in first..=last {
            let at = GRID * column + 2;
            let v = if flat {
                height_of_step(start, end, at)
            } else {
                time_of_step(start, end, at)
            };
            let y = (-(2 - v).div_euclid(GRID)).clamp(0, self.height);
            *self.budget = self.budget.checked_sub(1).ok_or(TooIntricate)?;
            // Within width × height, which fits.
            self.found.extend(u32::try_from(column * self.height + y));
        }
        Ok(())
    }
}

/// The smaller y of the step from column `at` to the next, of an edge that goes right and at most as far up or
/// down.
fn height_of_step(start: (i64, i64), end: (i64, i64), at: i64) -> i64 {
    let slope = ratio(end.1 - start.1, end.0 - start.0);
    let t = at - start.0;
    along(start.1, slope, t).min(along(start.1, slope, t + 1))
}

/// The same, of an edge that goes down, and less far to either side.
fn time_of_step(start: (i64, i64), end: (i64, i64), at: i64) -> i64 {
    let slope = ratio(end.0 - start.0, end.1 - start.1);
    let behind = |t: i64| {
        let u = along(start.0, slope, t);
        if end.0 > start.0 { u > at } else { u <= at }
    };
    let (mut before, mut after) = (0, end.1 - start.1);
    while after - before > 1 {
        let middle = i64::midpoint(before, after);
        if behind(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    start.1 + before
}

#[expect(clippy::cast_precision_loss, reason = "both are below 2^53")]
fn ratio(rise: i64, run: i64) -> f64 {
    rise as f64 / run as f64
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "below 2^53, and cut towards zero as pycocotools cuts"
)]
fn along(start: i64, slope: f64, t: i64) -> i64 {
    (start as f64 + slope * t as f64 + 0.5) as i64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "cut towards zero as pycocotools cuts"
)]
fn on_grid(coordinate: f64) -> i64 {
    (5.0 * coordinate + 0.5).clamp(-FARTHEST, FARTHEST) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(points: &[f64], width: u32, height: u32) -> Vec<(u32, u32)> {
        fill(points, width, height, &mut { MAX_CHANGES })
            .unwrap()
            .as_slice()
            .to_vec()
    }

    #[test]
    fn a_square_on_pixel_borders_fills_its_pixels() {
        assert_eq!(
            filled(&[1., 1., 3., 1., 3., 3., 1., 3.], 4, 4),
            [(5, 7), (9, 11)]
        );
    }

    #[test]
    fn coordinates_of_any_size_cost_no_more_than_the_width() {
        let far = f64::MAX;
        assert_eq!(
            filled(&[-far, -far, far, -far, far, far, -far, far], 3, 2),
            [(0, 6)]
        );
        assert!(filled(&[f64::NAN; 6], 3, 2).is_empty());
    }

    #[test]
    fn fewer_than_three_corners_fill_nothing() {
        for points in [
            &[][..],
            &[1., 1.],
            &[0., 0., 3., 3.],
            &[0., 0., 3., 3., 0., 0.],
        ] {
            assert!(filled(points, 4, 4).is_empty());
        }
    }

    #[test]
    fn zigzags_run_out_of_budget_instead_of_time() {
        let points: Vec<f64> = (0..100)
            .flat_map(|i| [f64::from(i % 2) * 1e6, 1.0])
            .collect();
        assert_eq!(fill(&points, 1000, 10, &mut 10_000), Err(TooIntricate));
    }
}
