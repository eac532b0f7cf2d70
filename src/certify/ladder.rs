//! The ladder of precisions: certify what an engine found, and climb only where that is not enough.

use super::{Certified, Enclosure, Status, enclose, enclose_with_product};
use crate::engine::cpu::Refined;
use crate::engine::{Convergence, Factors, Precision, Route, Vectors, cpu};
use crate::linalg::{Columns, Dd, Scalar};
use crate::matrix::Matrix;

/// What may be done for a matrix whose enclosure is too wide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ladder {
    /// Nothing: the engine's numbers are reported with the enclosure that they deserve.
    Stay,
    /// A warm-started Jacobi in f64, then one in double-double, until the relative half-width of sigma_min's
    /// enclosure is at most `rtol`.
    Climb {
        /// Wanted relative half-width.
        rtol: f64,
    },
}

impl Ladder {
    /// What a precision allows: `auto` climbs until the relative half-width is at most `rtol`, the others do what they say.
    pub fn of(precision: Precision, rtol: f64) -> Self {
        match precision {
            Precision::Auto => Self::Climb { rtol },
            Precision::F32 | Precision::Df32 | Precision::F64 => Self::Stay,
        }
    }
}

/// Certifies an engine's `factors` of `x` (n x d, finite, no dimension 0) and climbs as `ladder` allows.
///
/// `rtol` decides between `ok` and `wide`. Whatever `factors` holds, the enclosure contains the exact singular values of
/// `x`: with [`Ladder::Climb`] the narrowest that all rungs together know, and the reported sigma lie inside it; with
/// [`Ladder::Stay`] the reported sigma are the engine's own, and one that strays from its enclosure by more than `rtol`
/// is never `ok`.
pub fn certify(x: &Matrix, factors: Factors, ladder: Ladder, rtol: f64) -> Certified {
    let mut certified = first_rung(x, factors, rtol);
    let Ladder::Climb { rtol } = ladder else { return certified };
    let of_the_gpu = !matches!(certified.factors.route, Route::CpuF64 | Route::CpuDd);
    if of_the_gpu {
        // The CPU's arithmetic finishes what the GPU began, always: its sigma are then good to f64, not to f32.
        certified = climb_in_f64(x, certified, rtol);
    }
    if certified.status != Status::Ok {
        certified = climb_in_dd(x, certified, rtol);
    }
    keep_inside(&mut certified);
    certified.status = status(&certified.factors, &certified.enclosure, rtol);
    certified
}

/// `factors` with an `enclosure` that was found by other means: sigma are brought inside, and `rtol` decides what may be said of the
/// smallest.
pub(crate) fn settled(factors: Factors, enclosure: Enclosure, rtol: f64) -> Certified {
    let mut certified = Certified { factors, enclosure, status: Status::Failed, product: None };
    keep_inside(&mut certified);
    certified.status = status(&certified.factors, &certified.enclosure, rtol);
    certified
}

fn first_rung(x: &Matrix, factors: Factors, rtol: f64) -> Certified {
    // Without a V there is no certificate; the CPU's is as good as any.
    let factors =
        if factors.v.is_some() { factors } else { Factors { v: cpu::factor(x, Vectors::Right).v, ..factors } };
    let q = x.rows().min(x.cols());
    let (enclosure, product) = match &factors.v {
        Some(v) => enclose_with_product(x, v),
        None => (enclose(x, &Columns::<f64>::identity(q)), None),
    };
    let status = status(&factors, &enclosure, rtol);
    Certified { factors, enclosure, status, product }
}

/// An engine that gave up has no number to show, however good the enclosure of its V may be. Nor is there one to show
/// where sigma_max may be beyond f64: rank and solutions would be computed from infinity. An engine whose numbers stray
/// from a good enclosure has computed them wrongly.
fn status(factors: &Factors, enclosure: &Enclosure, rtol: f64) -> Status {
    let held = |s: &f64| s.is_finite();
    let finite = factors.sigma.iter().all(held) && enclosure.hi.iter().all(held);
    if !finite || factors.convergence != Convergence::Converged {
        return Status::Failed;
    }
    let bounds = enclosure.lo.iter().zip(&enclosure.hi);
    let near = factors.sigma.iter().zip(bounds).all(|(s, (lo, hi))| *s >= lo * (1.0 - rtol) && *s <= hi * (1.0 + rtol));
    match enclosure.status(rtol) {
        Status::Ok if !near => Status::Wide,
        status => status,
    }
}

/// `refined` with what it and the rung below know of sigma; the old factors if the iteration gave up.
fn risen<T: Scalar>(x: &Matrix, from: Certified, refined: Refined<T>, rtol: f64) -> Certified {
    let (enclosure, product) = enclose_with_product(x, &refined.v);
    let enclosure = from.enclosure.intersected_with(&enclosure);
    let (old, new) = (status(&from.factors, &enclosure, rtol), status(&refined.factors, &enclosure, rtol));
    if new == Status::Failed && old != Status::Failed {
        return Certified { enclosure, status: old, ..from };
    }
    Certified { factors: refined.factors, enclosure, status: new, product }
}

fn climb_in_f64(x: &Matrix, certified: Certified, rtol: f64) -> Certified {
    let Some(v) = &certified.factors.v else { return certified };
    let route = match certified.factors.route {
        Route::GpuF32 => Route::GpuF32F64,
        other => other,
    };
    let refined = cpu::refine::<f64>(x, v, route);
    risen(x, certified, refined, rtol)
}

fn climb_in_dd(x: &Matrix, certified: Certified, rtol: f64) -> Certified {
    let Some(v) = &certified.factors.v else { return certified };
    let refined = cpu::refine::<Dd>(x, v, Route::CpuDd);
    risen(x, certified, refined, rtol)
}

/// No value may contradict what is certain: rounding can put one a hair outside, underflow a tiny one further.
fn keep_inside(certified: &mut Certified) {
    let Certified { factors, enclosure, .. } = certified;
    for (sigma, (&lo, &hi)) in factors.sigma.iter_mut().zip(enclosure.lo.iter().zip(&enclosure.hi)) {
        if !sigma.is_nan() {
            // Not `clamp`, which panics where an enclosure is empty.
            *sigma = sigma.max(lo).min(hi);
        }
    }
}
