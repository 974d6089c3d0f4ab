//! Finding the rectangles that overlap another one, among thousands.

use super::geometry::{Rect, index};

/// Rectangles that a cell keeps: more of them at one place do not change the
/// choice, but would take time.
const CROWD: usize = 64;

/// Rectangles by the cells of a grid that they touch, so that thousands can be
/// looked through.
pub(super) struct Grid {
    bounds: Rect,
    cell: i32,
    columns: i32,
    cells: Vec<Vec<u32>>,
    rects: Vec<Rect>,
}

impl Grid {
    pub(super) fn new(bounds: Rect, cell: i32) -> Self {
        // Never more cells than a small picture has pixels.
        let mut cell = cell;
        while bounds.area() / (i64::from(cell) * i64::from(cell)) > 1 << 16 {
            cell *= 2;
        }
        let columns = bounds.width() / cell + 1;
        let rows = bounds.height() / cell + 1;
        Self {
            bounds,
            cell,
            columns,
            cells: vec![Vec::new(); index(columns) * index(rows)],
            rects: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    pub(super) fn add(&mut self, rect: Rect) {
        let rect = rect.intersect(self.bounds);
        let Ok(number) = u32::try_from(self.rects.len()) else {
            return;
        };
        if rect.is_empty() {
            return;
        }
        self.rects.push(rect);
        for cell in self.touched(rect) {
            if let Some(list) = self.cells.get_mut(cell)
                && list.len() < CROWD
            {
                list.push(number);
            }
        }
    }

    /// Calls `found` once with each rectangle that overlaps, and by how much.
    pub(super) fn overlapping(&self, rect: Rect, mut found: impl FnMut(Rect, i64)) {
        let rect = rect.intersect(self.bounds);
        if rect.is_empty() {
            return;
        }
        for cell in self.touched(rect) {
            for number in self.cells.get(cell).into_iter().flatten() {
                let Some(other) = self.rects.get(*number as usize) else {
                    continue;
                };
                let both = rect.intersect(*other);
                // In the first cell that the two share, and no other.
                if !both.is_empty() && self.cell_of(both.x0, both.y0) == cell {
                    found(*other, both.area());
                }
            }
        }
    }

    fn cell_of(&self, x: i32, y: i32) -> usize {
        index(y / self.cell) * index(self.columns) + index(x / self.cell)
    }

    fn touched(&self, rect: Rect) -> impl Iterator<Item = usize> + use<> {
        let (cell, columns) = (self.cell, index(self.columns));
        let (left, right) = (index(rect.x0 / cell), index((rect.x1 - 1) / cell));
        let (top, bottom) = (index(rect.y0 / cell), index((rect.y1 - 1) / cell));
        (top..=bottom).flat_map(move |y| (left..=right).map(move |x| y * columns + x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: Rect = Rect {
        x0: 0,
        y0: 0,
        x1: 640,
        y1: 480,
    };

    #[test]
    fn each_overlap_is_counted_once() {
        let mut grid = Grid::new(PICTURE, 32);
        grid.add(Rect::new(10, 10, 200, 200));
        let mut sum = 0;
        grid.overlapping(Rect::new(0, 0, 640, 480), |_, overlap| sum += overlap);
        assert_eq!(sum, 190 * 190);
    }
}
