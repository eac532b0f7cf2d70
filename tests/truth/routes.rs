//! The ways in which a matrix can be factored and certified on a CPU.

use nullsweep::certify::{Certified, Enclosure, Ladder, Status, certify, enclose};
use nullsweep::engine::cpu::{factor, refine};
use nullsweep::engine::{Factors, Route, Vectors};
use nullsweep::linalg::{Columns, Dd, Scalar, exponent};
use nullsweep::matrix::Matrix;

use crate::fixture::Case;

/// How a way may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The reported values are those of the engine.
    AsTheEngineSays,
    /// Climbed as far as needed; the reported values lie in their enclosures.
    Certified,
}

/// A named way from a matrix to its certificate.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// Relative half-width asked for.
    pub(crate) rtol: f64,
    pub(crate) ends: Ends,
    run: fn(&Matrix, f64) -> Certified,
}

impl Way {
    pub(crate) fn take(&self, x: &Matrix) -> Certified {
        (self.run)(x, self.rtol)
    }
}

const fn way(name: &'static str, rtol: f64, ends: Ends, run: fn(&Matrix, f64) -> Certified) -> Way {
    Way { name, rtol, ends, run }
}

pub(crate) const WAYS: [Way; 10] = [
    way("cpu f64, stay", 1e-6, Ends::AsTheEngineSays, |x, rtol| certify(x, in_f64(x), Ladder::Stay, rtol)),
    way("cpu, climb to 1e-6", 1e-6, Ends::Certified, |x, rtol| certify(x, in_f64(x), Ladder::Climb { rtol }, rtol)),
    way("cpu, climb to 1e-12", 1e-12, Ends::Certified, |x, rtol| certify(x, in_f64(x), Ladder::Climb { rtol }, rtol)),
    way("f32, stay", 1e-6, Ends::AsTheEngineSays, |x, rtol| certify(x, in_f32(x), Ladder::Stay, rtol)),
    way("f32, climb to 1e-6", 1e-6, Ends::Certified, |x, rtol| certify(x, in_f32(x), Ladder::Climb { rtol }, rtol)),
    way("f32, climb to 1e-12", 1e-12, Ends::Certified, |x, rtol| certify(x, in_f32(x), Ladder::Climb { rtol }, rtol)),
    way("no V, climb", 1e-6, Ends::Certified, |x, rtol| {
        certify(x, factor(x, Vectors::None), Ladder::Climb { rtol }, rtol)
    }),
    way("refined in f64 from f32", 1e-6, Ends::AsTheEngineSays, |x, rtol| refined::<f64>(x, &in_f32(x), rtol)),
    way("refined in dd from f32", 1e-6, Ends::AsTheEngineSays, |x, rtol| refined::<Dd>(x, &in_f32(x), rtol)),
    way("refined in dd from f64", 1e-6, Ends::AsTheEngineSays, |x, rtol| refined::<Dd>(x, &in_f64(x), rtol)),
];

fn in_f64(x: &Matrix) -> Factors {
    factor(x, Vectors::Right)
}

/// The rung by itself, with the enclosure of the V it returns, as the ladder certifies it.
fn refined<T: Scalar>(x: &Matrix, start: &Factors, rtol: f64) -> Certified {
    let refined = refine::<T>(x, start.v.as_ref().unwrap(), Route::CpuDd);
    let enclosure = enclose(x, &refined.v);
    let far = |(s, (lo, hi)): (&f64, (&f64, &f64))| *s < lo * (1.0 - rtol) || *s > hi * (1.0 + rtol);
    let strays = refined.factors.sigma.iter().zip(enclosure.lo.iter().zip(&enclosure.hi)).any(far);
    let status = if strays { Status::Wide } else { enclosure.status(rtol) };
    Certified { factors: refined.factors, enclosure, status, product: None }
}

/// What a GPU that knows only f32 can say: the factors of X rounded to f32 (its largest entry scaled to about 1 first),
/// themselves rounded to f32.
pub(crate) fn in_f32(x: &Matrix) -> Factors {
    let shift = exponent(x.max_abs()).unwrap_or(0);
    let scaled = |value: f64| value.times_power_of_two(-shift);
    let back = |value: f64| f64::from(f32::from_f64(value)).times_power_of_two(shift);
    let rounded = Matrix::from_fn(x.rows(), x.cols(), |i, j| f64::from(f32::from_f64(scaled(x[(i, j)]))));
    let factors = factor(&rounded, Vectors::Right);
    let v: Columns<f32> = factors.v.as_ref().unwrap().convert();
    Factors {
        sigma: factors.sigma.iter().map(|&s| back(s)).collect(),
        v: Some(v.convert()),
        route: Route::GpuF32,
        ..factors
    }
}

/// All violations of an enclosure, in words.
pub(crate) fn violations(case: &Case, enclosure: &Enclosure) -> Vec<String> {
    let mut found = Vec::new();
    for (i, truth) in case.sigma.iter().enumerate() {
        let (lo, hi) = (enclosure.lo[i], enclosure.hi[i]);
        if !truth.admits_lower(lo) || !truth.admits_upper(hi) {
            found.push(format!("{} sigma_{i} = 1e{:.3} outside [{lo:e}, {hi:e}]", case.name, truth.log10()));
        }
    }
    found
}
