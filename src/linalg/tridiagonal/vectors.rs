//! The columns that a QL iteration rotates into eigenvectors.

use super::root_free::Rotations;
use crate::linalg::Columns;
use crate::linalg::LANES;

/// Most columns whose rotations are applied as they come, beside the chain of divisions that finds the next: their operations
/// on two whole columns then fit into the time that the chain waits. Those of longer columns are kept for a step and applied to
/// a few rows of all columns at a time, of which one is always in registers.
pub(super) const AS_THEY_COME: usize = 96;

/// Z, rotated at once.
pub(super) struct AtOnce<'a>(pub(super) &'a mut Columns<f64>);

impl Rotations for AtOnce<'_> {
    #[inline(always)]
    fn rotate(&mut self, i: usize, cos_squared: f64, sin_squared: f64, sign: f64) {
        let (c, s) = (cos_squared.sqrt().copysign(sign), sin_squared.sqrt());
        let (x, y) = self.0.pair_mut(i, i + 1);
        for (x, y) in x.as_chunks_mut::<LANES>().0.iter_mut().zip(y.as_chunks_mut::<LANES>().0) {
            (*x, *y) = rotated(*x, *y, c, s);
        }
    }

    #[inline(always)]
    fn negate(&mut self, i: usize) {
        for z in self.0.column_mut(i) {
            *z = -*z;
        }
    }

    #[inline(always)]
    fn end_of_step(&mut self) {}
}

/// Z as panels: [`LANES`] rows of all columns after the other. What a step rotates lies side by side, where columns whose
/// length is a power of two would share the same few lines of the cache.
pub(super) struct Panels {
    rows: Vec<[f64; LANES]>,
    columns: usize,
    /// Of the step: the last column touched, and (c, s) for it and the one before, for that and the one before, ...
    last: usize,
    kept: Vec<(f64, f64)>,
}

impl Panels {
    #[inline(always)]
    pub(super) fn of(z: &Columns<f64>) -> Self {
        let columns = z.cols().max(1);
        let mut panels = vec![[0.0; LANES]; z.rows() / LANES * columns];
        for (row, panel) in panels.chunks_exact_mut(columns).enumerate() {
            for (j, lanes) in panel.iter_mut().enumerate() {
                lanes.copy_from_slice(&z.column(j)[row * LANES..][..LANES]);
            }
        }
        Self { rows: panels, columns, last: 0, kept: Vec::with_capacity(columns) }
    }

    /// Writes the columns back to `z`.
    #[inline(always)]
    pub(super) fn write_to(&self, z: &mut Columns<f64>) {
        for (row, panel) in self.rows.chunks_exact(self.columns).enumerate() {
            for (j, lanes) in panel.iter().enumerate() {
                z.column_mut(j)[row * LANES..][..LANES].copy_from_slice(lanes);
            }
        }
    }
}

impl Rotations for Panels {
    #[inline(always)]
    fn rotate(&mut self, i: usize, cos_squared: f64, sin_squared: f64, sign: f64) {
        if self.kept.is_empty() {
            self.last = i + 1;
        }
        self.kept.push((cos_squared.sqrt().copysign(sign), sin_squared.sqrt()));
    }

    /// At the end of a step, of the first column of its block: after its rotations.
    #[inline(always)]
    fn negate(&mut self, i: usize) {
        self.end_of_step();
        for panel in self.rows.chunks_exact_mut(self.columns) {
            panel[i] = panel[i].map(|z| -z);
        }
    }

    #[inline(always)]
    fn end_of_step(&mut self) {
        let count = self.kept.len();
        if count == 0 {
            return;
        }
        for panel in self.rows.chunks_exact_mut(self.columns) {
            let panel = &mut panel[self.last - count..=self.last];
            let mut carried = panel[count];
            for (k, &(c, s)) in self.kept.iter().enumerate() {
                let at = count - k;
                (carried, panel[at]) = rotated(panel[at - 1], carried, c, s);
            }
            panel[0] = carried;
        }
        self.kept.clear();
    }
}

/// c x - s y and s x + c y.
#[inline(always)]
fn rotated(x: [f64; LANES], y: [f64; LANES], c: f64, s: f64) -> ([f64; LANES], [f64; LANES]) {
    let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        first[lane] = (-s).mul_add(y[lane], c * x[lane]);
        second[lane] = c.mul_add(y[lane], s * x[lane]);
    }
    (first, second)
}
