//! Every matrix of the suite with a V that is wrong in some way: the enclosure may be useless, never false.

use nullsweep::certify::{Enclosure, Ladder, Status, certify, enclose};
use nullsweep::engine::cpu::factor;
use nullsweep::engine::{Factors, Route, Vectors};
use nullsweep::linalg::{Columns, Dd, Pivoting, Qr};

use crate::fixture::{Case, cases};
use crate::routes::violations;

/// Numbers in [-1, 1), the same at every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 2.0_f64.powi(52) - 1.0
    }

    fn matrix(&mut self, q: usize) -> Columns<f64> {
        Columns::from_fn(q, q, |_, _| self.next())
    }

    fn orthogonal(&mut self, q: usize) -> Columns<f64> {
        let qr = Qr::new(self.matrix(q), Pivoting::None);
        let mut out = Columns::identity(q);
        for j in 0..q {
            qr.apply_q(out.column_mut(j));
        }
        out
    }

    fn added(&mut self, v: &Columns<f64>, size: f64) -> Columns<f64> {
        Columns::from_fn(v.rows(), v.cols(), |i, j| v[(i, j)] + size * self.next())
    }
}

fn duplicated(v: &Columns<f64>) -> Columns<f64> {
    let mut out = v.clone();
    let first = v.column(0).to_vec();
    out.column_mut(v.cols() - 1).copy_from_slice(&first);
    out
}

fn with_entry(v: &Columns<f64>, value: f64) -> Columns<f64> {
    let mut out = v.clone();
    out.column_mut(v.cols() / 2)[0] = value;
    out
}

/// The wrong V's, all of f64.
fn wrong(v: &Columns<f64>, seed: u64) -> Vec<(&'static str, Columns<f64>)> {
    let q = v.cols();
    let mut noise = Noise(seed);
    let scaled = |factor: f64| Columns::from_fn(q, q, |i, j| v[(i, j)] * factor);
    vec![
        ("random orthogonal", noise.orthogonal(q)),
        ("random", noise.matrix(q)),
        ("duplicated", duplicated(v)),
        ("1e-3 off", noise.added(v, 1e-3)),
        ("1e-8 off", noise.added(v, 1e-8)),
        ("1e-12 off", noise.added(v, 1e-12)),
        ("1e-15 off", noise.added(v, 1e-15)),
        ("longer by 1e-3", scaled(1.001)),
        ("shorter by 1e-9", scaled(1.0 - 1e-9)),
        ("in f32", v.convert::<f32>().convert()),
        ("transposed", Columns::from_fn(q, q, |i, j| v[(j, i)])),
        ("identity", Columns::identity(q)),
        ("zero", Columns::zeros(q, q)),
        ("a NaN", with_entry(v, f64::NAN)),
        ("an infinity", with_entry(v, f64::INFINITY)),
        ("a huge entry", with_entry(v, 1e300)),
        ("a tiny entry", with_entry(v, 1e-310)),
        ("of the wrong size", Columns::identity(q + 1)),
    ]
}

fn assert_holds(case: &Case, enclosure: &Enclosure, what: &str) {
    let found = violations(case, enclosure);
    assert!(found.is_empty(), "V {what}: {}", found.join("\n"));
}

#[test]
fn a_wrong_v_is_never_believed() {
    for (seed, case) in cases().iter().enumerate() {
        let v = factor(&case.x, Vectors::Right).v.unwrap();
        for (what, wrong) in wrong(&v, seed as u64) {
            assert_holds(case, &enclose(&case.x, &wrong), what);
            assert_holds(case, &enclose(&case.x, &wrong.convert::<Dd>()), what);
            assert_holds(case, &enclose(&case.x, &wrong.convert::<f32>()), what);
        }
        // A low part that double-double did not compute.
        let mut noise = Noise(seed as u64);
        let low = Columns::from_fn(v.rows(), v.cols(), |i, j| Dd::new(v[(i, j)], 1e-17 * noise.next()));
        assert_holds(case, &enclose(&case.x, &low), "with a random low part");
    }
}

/// Neither order nor sign of V's columns carries information.
#[test]
fn order_and_sign_do_not_matter() {
    for case in cases() {
        let v = factor(&case.x, Vectors::Right).v.unwrap();
        let honest = enclose(&case.x, &v);
        let negated = Columns::from_fn(v.rows(), v.cols(), |i, j| if j % 2 == 0 { -v[(i, j)] } else { v[(i, j)] });
        assert_eq!(enclose(&case.x, &negated), honest, "{}", case.name);
        let mut swapped = v.clone();
        swapped.swap_columns(0, v.cols() - 1);
        let swapped = enclose(&case.x, &swapped);
        assert_holds(&case, &swapped, "with swapped columns");
        for i in 0..v.cols() {
            let (width, before) = (swapped.relative_half_width(i), honest.relative_half_width(i));
            assert!(width <= 1.5 * before, "{}: sigma_{i} {width:e} after {before:e}", case.name);
        }
    }
}

/// An engine that lies about V is found out on the ladder: it ends where an honest one ends.
#[test]
fn the_ladder_recovers_from_a_lying_engine() {
    let rtol = 1e-6;
    for (seed, case) in cases().iter().enumerate() {
        let honest = factor(&case.x, Vectors::Right);
        let well_conditioned = case.kappa < 1e12;
        for (what, v) in wrong(honest.v.as_ref().unwrap(), seed as u64) {
            if v.cols() != honest.sigma.len() {
                continue;
            }
            let wrong_values = honest.sigma.iter().map(|s| s * 0.5).collect();
            let lie = Factors { v: Some(v), sigma: wrong_values, route: Route::GpuF32, ..honest.clone() };
            let stays = certify(&case.x, lie.clone(), Ladder::Stay, rtol);
            assert_holds(case, &stays.enclosure, what);
            assert!(stays.status != Status::Ok, "{}, V {what}: halved values are ok", case.name);
            let climbs = certify(&case.x, lie, Ladder::Climb { rtol }, rtol);
            assert_holds(case, &climbs.enclosure, what);
            let resolvable = well_conditioned && case.sigma_min().log10() > -300.0 && case.sigma_max().log10() < 308.0;
            assert!(climbs.status == Status::Ok || !resolvable, "{}, V {what}: {:?}", case.name, climbs.status);
        }
    }
}
