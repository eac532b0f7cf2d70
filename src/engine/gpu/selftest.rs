//! The startup self-test: does this adapter compute what its driver says it can?
//!
//! Two parts, each through the code that real work takes: every word of the scalar prelude on a few hundred operands
//! (for df32 this is `two_sum` and `two_prod`, whose low words an optimizing driver deletes), and one known SVD through
//! `triangle` and every Jacobi kernel. The limit of a loop's length is measured beside it, as a fact.

use super::choice::{Choice, Way};
use super::chunk;
use super::device::Device;
use super::fault::{Fault, FaultKind};
use super::jacobi_workgroup::LANES_PER_PAIR;
use super::kernels::{Kernel, Kernels, LEAST_INVOCATIONS, LEAST_WORKGROUP_BYTES};
use super::layout::TallShape;
use super::precision::{Precision, Word, with_word};
use super::report::{AdapterReport, PairSums, PrecisionReport, Verdict};
use super::wire::{Step, word};
use crate::engine::{Clock, EngineSeconds, Factors, Vectors};
use crate::matrix::Matrix;

/// Operand pairs of the arithmetic test.
const PAIRS: usize = 256;
/// Allowed relative error of one operation, in u. WGSL grants division 2.5 ulp = 5 u.
const OPERATION_BOUND: f64 = 8.0;
/// Allowed backward error of the known SVD and loss of orthogonality of its V, in p u.
const SVD_BOUND: f64 = 30.0;
/// The operations in the order of `selftest.wgsl`.
const OPERATIONS: [&str; 5] = ["addition", "subtraction", "multiplication", "division", "square root"];

/// What the test learns beside its verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// Iterations that one invocation made of those it was asked for.
    loop_reached: u32,
    /// How lanes that share a pair may add up.
    pub(super) pair_sums: PairSums,
    /// Whose clock timed the known SVDs.
    kernel_clock: Option<Clock>,
}

impl Facts {
    /// Writes them into `report`, unless another type's are there.
    pub(super) fn note(self, report: &mut AdapterReport) {
        report.loop_reached.get_or_insert(self.loop_reached);
        report.pair_sums.get_or_insert(self.pair_sums);
        report.kernel_clock = report.kernel_clock.or(self.kernel_clock);
    }
}

/// Tests `kernels.precision` on `device`; facts are known of a type that passed.
pub(super) fn run(device: &Device, kernels: &mut Kernels) -> (PrecisionReport, Option<Facts>) {
    let precision = kernels.precision;
    if precision == Precision::F64 && !device.has_f64() {
        return (PrecisionReport { precision, verdict: Verdict::Unavailable }, None);
    }
    let (verdict, facts) = match with_word!(precision, check(device, kernels)) {
        Ok(facts) => (Verdict::Usable, Some(facts)),
        Err(fault) => (Verdict::Refused { reason: fault.message }, None),
    };
    (PrecisionReport { precision, verdict }, facts)
}

/// Tests every type of [`Precision::ALL`] and writes the findings into `report`.
pub(super) fn complete(report: &mut AdapterReport, device: &Device) {
    for precision in Precision::ALL {
        let (finding, facts) = run(device, &mut Kernels::new(precision));
        report.precisions.push(finding);
        if let Some(facts) = facts {
            facts.note(report);
        }
    }
}

fn check<W: Word>(device: &Device, kernels: &mut Kernels) -> Result<Facts, Fault> {
    let limits = device.limits();
    if limits.max_compute_invocations_per_workgroup < LEAST_INVOCATIONS
        || limits.max_compute_workgroup_storage_size < LEAST_WORKGROUP_BYTES
    {
        return Err(Fault::refused(format!(
            "workgroups of {LEAST_INVOCATIONS} invocations and {LEAST_WORKGROUP_BYTES} bytes are needed; it has {} and {}",
            limits.max_compute_invocations_per_workgroup, limits.max_compute_workgroup_storage_size
        )));
    }
    let loop_reached = arithmetic::<W>(device, kernels)?;
    let precision = kernels.precision;
    let mut kernel_seconds = EngineSeconds::default();
    let (x, sigma) = known_svd();
    let mut try_way = |way: Way| {
        let answers = chunk::factor::<W>(device, kernels, way, &[&x], Vectors::Right)?;
        kernel_seconds += answers.seconds;
        let found = answers.factors.into_iter().next().and_then(Result::ok);
        let refused = |reason: &str| Fault::refused(format!("{way}: {reason}"));
        let factors = found.ok_or_else(|| refused("no usable answer"))?;
        judge_svd(precision, &x, &sigma, &factors).map_err(|reason| refused(&reason))
    };
    let shape = TallShape::of(&x, Vectors::Right);
    let ways = |sums| Choice::new(device, precision, sums).all_ways(shape);
    for way in ways(PairSums::WorkgroupMemory) {
        try_way(way)?;
    }
    // Only an offer: a driver that cannot keep it loses nothing else.
    let by_subgroup = |way: &Way| matches!(way.jacobi, Kernel::JacobiSubgroup(_));
    let offer = device.shuffles_across(LANES_PER_PAIR).then(|| ways(PairSums::Subgroup).into_iter().find(by_subgroup));
    let pair_sums = match offer.flatten() {
        Some(way) => kept_offer(try_way(way))?,
        None => PairSums::WorkgroupMemory,
    };
    device.check_alive()?;
    Ok(Facts { loop_reached, pair_sums, kernel_clock: kernel_seconds.kernel_clock })
}

/// How pairs add up after the subgroup's kernel was tried with `outcome`. Only what would happen again, a refusal or a wrong
/// answer, declines the offer: a want of memory or a lost device passes, and a later start would then compute other last bits.
///
/// # Errors
/// Faults that pass.
fn kept_offer(outcome: Result<(), Fault>) -> Result<PairSums, Fault> {
    match outcome {
        Ok(()) => Ok(PairSums::Subgroup),
        Err(fault) if fault.kind == FaultKind::Refused => Ok(PairSums::WorkgroupMemory),
        Err(fault) => Err(fault),
    }
}

/// Runs `selftest.wgsl` and judges it; returns the iterations its loop made.
fn arithmetic<W: Word>(device: &Device, kernels: &mut Kernels) -> Result<u32, Fault> {
    let (x, y) = operands::<W>();
    let reals = OPERATIONS.len() * PAIRS + 1;
    let (out, reached) = device.guarded(|| {
        let pipeline = kernels.get(device, Kernel::Selftest)?;
        let x = device.upload("x", &x);
        let y = device.upload("y", &y);
        let out = device.storage("out", (reals * size_of::<W>()) as u64);
        let reached = device.upload("reached", &[0_u32]);
        let bindings = pipeline.bind(device, [&x, &y, &out, &reached]);
        device.submit("selftest", |pass| {
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            device.dispatch(pass, 1, Step::new(word(PAIRS), AdapterReport::LOOP_ASKED));
        });
        Ok((device.read::<W>(&out, reals)?, device.read::<u32>(&reached, 1)?[0]))
    })?;
    let numbers = |words: &[W]| words.iter().map(|w| w.to_f64()).collect::<Vec<_>>();
    judge_arithmetic(kernels.precision, &numbers(&x), &numbers(&y), &numbers(&out)).map_err(Fault::refused)?;
    Ok(reached)
}

/// Operands that are exact in `W`: sizes over 2^20, every fourth pair cancelling to its last few bits.
fn operands<W: Word>() -> (Vec<W>, Vec<W>) {
    let mut state = 1_u64;
    let mut uniform = || {
        // Knuth's MMIX generator; its upper 53 bits.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..PAIRS)
        .map(|k| {
            let y = (1.0 + uniform()) * 2.0_f64.powf((20.0 * uniform() - 10.0).floor());
            let x = match k % 4 {
                0 => -y * (1.0 + 2.0_f64.powi(-20) * uniform()),
                1 => -(1.0 + uniform()),
                _ => 1.0 + uniform(),
            };
            (W::from_f64(x), W::from_f64(y))
        })
        .unzip()
}

fn judge_arithmetic(precision: Precision, x: &[f64], y: &[f64], out: &[f64]) -> Result<(), String> {
    let u = precision.unit_roundoff();
    let exact: [fn(f64, f64) -> f64; 5] = [|x, y| x + y, |x, y| x - y, |x, y| x * y, |x, y| x / y, |_, y| y.sqrt()];
    for ((name, exact), got) in OPERATIONS.iter().zip(exact).zip(out.chunks(x.len())) {
        for ((&x, &y), &got) in x.iter().zip(y).zip(got) {
            let want = exact(x, y);
            let error = (got - want).abs() / (u * want.abs());
            // 0/0 where both are exactly 0.
            let right = got == want || error <= OPERATION_BOUND;
            if !right {
                return Err(format!("{name} of {x:e} and {y:e} is off by {error:.1e} u"));
            }
        }
    }
    let (mut dot, mut size) = (0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        dot += x * y;
        size += (x * y).abs();
    }
    let error = (out[OPERATIONS.len() * x.len()] - dot).abs() / (u * size * x.len() as f64);
    if error <= OPERATION_BOUND { Ok(()) } else { Err(format!("a dot product is off by {error:.1e} n u")) }
}

/// 40 x 18 with singular values 18, 17, ..., 1: two Householder reflections around a diagonal. For `jacobi_block` two blocks
/// of columns, the second one short, and two stages of rows, likewise.
fn known_svd() -> (Matrix, Vec<f64>) {
    let (rows, cols) = (40, 18);
    let reflection = |size: usize| {
        let v: Vec<f64> = (0..size).map(|i| 1.0 + i as f64).collect();
        let square: f64 = v.iter().map(|v| v * v).sum();
        Matrix::from_fn(size, size, |i, j| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square)
    };
    let sigma: Vec<f64> = (0..cols).map(|k| (cols - k) as f64).collect();
    let (left, right) = (reflection(rows), reflection(cols));
    let x = Matrix::from_fn(rows, cols, |i, j| {
        sigma.iter().enumerate().map(|(k, sigma)| left[(i, k)] * sigma * right[(k, j)]).sum()
    });
    (x, sigma)
}

fn judge_svd(precision: Precision, x: &Matrix, sigma: &[f64], factors: &Factors) -> Result<(), String> {
    let bound = SVD_BOUND * x.rows() as f64 * precision.unit_roundoff();
    for (got, want) in factors.sigma.iter().zip(sigma) {
        let close = (got - want).abs() <= bound * sigma[0];
        if !close {
            return Err(format!("a singular value of {want} came out as {got:e}"));
        }
    }
    let v = factors.v.as_ref().ok_or("V is missing")?;
    for i in 0..v.cols() {
        for j in 0..v.cols() {
            let dot: f64 = v.column(i).iter().zip(v.column(j)).map(|(a, b)| a * b).sum();
            let orthonormal = (dot - f64::from(u8::from(i == j))).abs() <= bound;
            if !orthonormal {
                return Err(format!("columns {i} and {j} of V have the product {dot:e}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a device of type `W` with correctly rounded operations would return.
    fn honest<W: Word>() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let (x, y) = operands::<W>();
        let (x, y): (Vec<f64>, Vec<f64>) =
            (x.iter().map(|x| x.to_f64()).collect(), y.iter().map(|y| y.to_f64()).collect());
        let rounded = |value: f64| W::from_f64(value).to_f64();
        let each = |f: fn(f64, f64) -> f64| x.iter().zip(&y).map(|(&x, &y)| rounded(f(x, y))).collect::<Vec<_>>();
        let mut out =
            [each(|x, y| x + y), each(|x, y| x - y), each(|x, y| x * y), each(|x, y| x / y), each(|_, y| y.sqrt())]
                .concat();
        out.push(rounded(x.iter().zip(&y).map(|(x, y)| x * y).sum()));
        (x, y, out)
    }

    #[test]
    fn right_arithmetic_passes_in_every_type() {
        let (x, y, out) = honest::<f32>();
        assert_eq!(judge_arithmetic(Precision::F32, &x, &y, &out), Ok(()));
        let (x, y, out) = honest::<super::super::precision::Df32>();
        assert_eq!(judge_arithmetic(Precision::Df32, &x, &y, &out), Ok(()));
        let (x, y, out) = honest::<f64>();
        assert_eq!(judge_arithmetic(Precision::F64, &x, &y, &out), Ok(()));
    }

    #[test]
    fn lost_low_words_and_wrong_single_results_are_caught() {
        let (x, y, out) = honest::<f64>();
        let f32_only: Vec<f64> = out.iter().map(|&v| <f32 as Word>::from_f64(v).to_f64()).collect();
        assert!(judge_arithmetic(Precision::Df32, &x, &y, &f32_only).is_err());
        for place in [0, PAIRS + 3, 2 * PAIRS, 4 * PAIRS - 1, 4 * PAIRS, 5 * PAIRS] {
            for wrong in [f64::NAN, 0.0, out[place] * (1.0 + 1e-9) + 1e-3] {
                let mut out = out.clone();
                out[place] = wrong;
                assert!(judge_arithmetic(Precision::F64, &x, &y, &out).is_err(), "place {place}, {wrong}");
            }
        }
    }

    #[test]
    fn only_what_would_happen_again_declines_an_offer() {
        assert_eq!(kept_offer(Ok(())), Ok(PairSums::Subgroup));
        assert_eq!(kept_offer(Err(Fault::refused("no"))), Ok(PairSums::WorkgroupMemory));
        for kind in [FaultKind::OutOfMemory, FaultKind::Lost] {
            let fault = Fault { kind, message: "passing".to_owned() };
            assert_eq!(kept_offer(Err(fault.clone())), Err(fault));
        }
    }

    #[test]
    fn a_wrong_svd_is_caught() {
        use crate::engine::{Convergence, Route};
        use crate::linalg::Columns;

        let (x, sigma) = known_svd();
        let mut factors = Factors {
            sigma: sigma.clone(),
            v: Some(Columns::identity(18)),
            route: Route::GpuF32,
            jacobi_sweeps: 5,
            max_cos: 0.0,
            convergence: Convergence::Converged,
        };
        assert_eq!(judge_svd(Precision::F32, &x, &sigma, &factors), Ok(()));
        factors.sigma[17] = f64::NAN;
        assert!(judge_svd(Precision::F32, &x, &sigma, &factors).is_err());
        factors.sigma[17] = 1.0;
        factors.v.as_mut().expect("set above").column_mut(3)[3] = 0.99;
        assert!(judge_svd(Precision::F32, &x, &sigma, &factors).is_err());
    }
}
