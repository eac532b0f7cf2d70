//! Reductions of matrices that lie one after the other: side by side all the same, while so many fit into the cache.

use super::{ReducedTogether, Tridiagonal};
use crate::linalg::lockstep::Lockstep;
use crate::linalg::vector::LANES;
use crate::linalg::{Columns, vectorized};

/// From this order on matrices are reduced one by one, their rows in the lanes.
const ALONE_FROM: usize = 72;

/// Room to reduce in. What it holds between two calls means nothing.
#[derive(Default)]
pub(crate) struct ReductionRoom {
    one: Lanes<1>,
    several: Lanes<LANES>,
}

impl ReductionRoom {
    /// What [`Tridiagonal::new`] makes, up to rounding, of each of `matrices`, of one order: for each the same bits, whatever the others.
    pub(crate) fn reduced(&mut self, matrices: Vec<Columns<f64>>) -> Vec<Tridiagonal> {
        if matrices.first().is_none_or(|g| g.cols() >= ALONE_FROM) {
            return matrices.into_iter().map(Tridiagonal::new).collect();
        }
        let mut matrices = matrices.into_iter();
        let mut out = Vec::with_capacity(matrices.len());
        while matrices.len() > 1 {
            self.several.reduce(matrices.by_ref().take(LANES).collect(), &mut out);
        }
        if matrices.len() == 1 {
            self.one.reduce(matrices.collect(), &mut out);
        }
        out
    }
}

/// Up to `W` matrices.
#[derive(Default)]
struct Lanes<const W: usize> {
    g: Lockstep<W>,
    reduced: ReducedTogether<W>,
}

impl<const W: usize> Lanes<W> {
    /// Appends the reductions of up to `W` `matrices`, at least one, which hold the reflections then.
    fn reduce(&mut self, mut matrices: Vec<Columns<f64>>, out: &mut Vec<Tridiagonal>) {
        let Self { g, reduced } = self;
        vectorized(
            #[inline(always)]
            || {
                g.take_triangles(&matrices);
                reduced.reduce(g);
                g.give_triangles(&mut matrices);
            },
        );
        let of_lane = |numbers: &[[f64; W]], lane: usize| numbers.iter().map(|number| number[lane]).collect();
        out.extend(matrices.into_iter().enumerate().map(|(lane, reflectors)| Tridiagonal {
            diagonal: of_lane(&reduced.diagonal, lane),
            off_diagonal: of_lane(&reduced.off_diagonal, lane),
            reflectors,
            tau: of_lane(&reduced.tau, lane),
        }));
    }
}
