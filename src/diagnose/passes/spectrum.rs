//! The singular values of X from its triangle, certified by passes over its rows.

use crate::certify::{Certified, Found, Frame, Ladder, RowBlocks, Status, settled};
use crate::data::DataError;
use crate::decomposition::ThinSvd;
use crate::diagnose::lanes::{self, Tally};
use crate::diagnose::rows::{Block, Rows};
use crate::diagnose::triangle::{Column, Triangle};
use crate::engine::cpu::{self, GramSum};
use crate::engine::{Factors, GramSpectrum, Route, Vectors};
use crate::linalg::{Columns, Dd, Scalar, scale_by_power_of_two};
use crate::matrix::Matrix;

/// R of X (X = Q R), scaled, with its singular value decomposition.
pub(super) struct Reduced {
    /// Rows of X.
    pub(super) n: usize,
    /// R times 2^-`exponent`, d x d.
    pub(super) r: Matrix,
    /// The largest entry of X is between 2^exponent and twice that.
    pub(super) exponent: i32,
    /// Of the scaled R.
    factors: Factors,
    v: Columns<f64>,
    /// Column j of X is 2^`exponents[j]` times one whose largest entry is between 1 and 2.
    exponents: Vec<Option<i32>>,
    /// R with its columns scaled so.
    scaled: Columns<f64>,
}

/// What passes over the rows of X found, beside what the caller adds up in the first.
pub(super) struct Spectrum {
    pub(super) certified: Certified,
    pub(super) gram: GramSpectrum,
}

impl Reduced {
    /// From the triangle of [1 X y].
    pub(super) fn of(triangle: &Triangle) -> Self {
        let columns: Vec<Column> = (0..triangle.d).map(Column::X).collect();
        let (scaled, exponents) = triangle.scaled_columns(&columns);
        let exponent = exponents.iter().flatten().copied().max().unwrap_or(0);
        let mut uniform = scaled.clone();
        for (j, k) in exponents.iter().enumerate() {
            scale_by_power_of_two(uniform.column_mut(j), k.map_or(0, |k| k - exponent));
        }
        let r = Matrix::from_fn(triangle.d, triangle.d, |i, j| uniform[(i, j)]);
        let mut factors = cpu::factor(&r, Vectors::Right);
        let v = factors.v.take().unwrap_or_else(|| Columns::identity(triangle.d));
        Self { n: triangle.n, r, exponent, factors, v, exponents, scaled }
    }

    /// The decomposition of the scaled R, with the rank that the rule gives X.
    pub(super) fn svd(&self) -> ThinSvd {
        ThinSvd::of_triangle(&self.r, self.n, &self.factors.sigma, &self.v)
    }

    /// Which columns of X are 0.
    pub(super) fn zeros(&self) -> Vec<bool> {
        self.exponents.iter().map(Option::is_none).collect()
    }

    /// Norms of the columns of the scaled R.
    pub(super) fn column_norms(&self) -> Vec<f64> {
        (0..self.r.cols()).map(|j| crate::linalg::norm(&self.r.column(j))).collect()
    }

    /// One pass for the certificate of X V in f64, for X'X as f64 has it, and for `also`; a second one in double-double where that is
    /// too wide and `ladder` allows it. Between them and at last, what the inner products say of a better V counts.
    pub(super) fn certify<T: Tally>(
        &self,
        rows: &dyn Rows,
        (ladder, rtol): (Ladder, f64),
        also: &T,
    ) -> Result<(Spectrum, T::Sum), DataError> {
        let certificate = Certificate::new(self, &self.v);
        let (blocks, (gram, also)) = lanes::pass(rows, &(&certificate, (CrossProducts::of(self), also)))?;
        let gram = gram.spectrum();
        let mut certified = self.settle(blocks.as_given(), None, Route::CpuF64, rtol);
        if certified.status == Status::Ok || ladder == Ladder::Stay {
            return Ok((Spectrum { certified, gram }, also));
        }
        if let Some(found) = blocks.rotated() {
            certified = self.settle(found, Some(certified), Route::CpuF64, rtol);
        }
        if certified.status != Status::Ok {
            certified = self.climb(rows, certified, rtol)?;
        }
        Ok((Spectrum { certified, gram }, also))
    }

    /// The pass in double-double, from the V that R has in double-double.
    fn climb(&self, rows: &dyn Rows, below: Certified, rtol: f64) -> Result<Certified, DataError> {
        let v = cpu::refine::<Dd>(&self.r, &self.v, Route::CpuDd).v;
        let blocks = lanes::pass(rows, &Certificate::new(self, &v))?;
        let certified = self.settle(blocks.as_given(), Some(below), Route::CpuDd, rtol);
        Ok(match blocks.rotated() {
            Some(found) if certified.status != Status::Ok => self.settle(found, Some(certified), Route::CpuDd, rtol),
            _ => certified,
        })
    }

    /// `found` and what is known already, as a certificate of X. The narrower of the two has the word on the values.
    fn settle(&self, found: Found, before: Option<Certified>, route: Route, rtol: f64) -> Certified {
        let Found { sigma, enclosure } = found;
        let (mut values, mut by) = (sigma, route);
        let enclosure = match before {
            None => enclosure,
            Some(before) => {
                let last = enclosure.lo.len() - 1;
                if enclosure.relative_half_width(last) > before.enclosure.relative_half_width(last) {
                    (values, by) = (before.factors.sigma, before.factors.route);
                }
                before.enclosure.intersected_with(&enclosure)
            }
        };
        let factors = Factors { sigma: values, route: by, ..self.factors.clone() };
        settled(factors, enclosure, rtol)
    }
}

/// What the certificate of X V needs of the rows.
struct Certificate<'a, V> {
    frame: Frame,
    v: &'a Columns<V>,
}

impl<'a, V: Scalar> Certificate<'a, V> {
    fn new(reduced: &Reduced, v: &'a Columns<V>) -> Self {
        Self { frame: Frame::new(&reduced.scaled, &reduced.exponents, &v.convert()), v }
    }
}

impl<V: Scalar> Tally for Certificate<'_, V> {
    type Sum = RowBlocks<V>;

    fn bytes(&self) -> usize {
        let d = self.v.cols();
        d * d * (size_of::<Dd>() + size_of::<V>())
    }

    fn begin(&self) -> RowBlocks<V> {
        RowBlocks::new(&self.frame, self.v)
    }

    fn take(&self, blocks: &mut RowBlocks<V>, block: &Block<'_>) {
        blocks.take(block.x);
    }

    fn join(&self, blocks: &mut RowBlocks<V>, more: RowBlocks<V>) {
        blocks.join(&more);
    }
}

/// X'X in f64.
struct CrossProducts {
    d: usize,
    /// At least half of every entry of X.
    largest: f64,
}

impl CrossProducts {
    fn of(reduced: &Reduced) -> Self {
        let zero = reduced.exponents.iter().all(Option::is_none);
        Self { d: reduced.r.cols(), largest: if zero { 0.0 } else { 1.0_f64.times_power_of_two(reduced.exponent) } }
    }
}

impl Tally for CrossProducts {
    type Sum = GramSum;

    fn bytes(&self) -> usize {
        self.d * self.d * size_of::<f64>()
    }

    fn begin(&self) -> GramSum {
        GramSum::new(self.largest)
    }

    fn take(&self, gram: &mut GramSum, block: &Block<'_>) {
        gram.take(block.x);
    }

    fn join(&self, gram: &mut GramSum, more: GramSum) {
        gram.join(more);
    }
}
