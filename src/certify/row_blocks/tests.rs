#![allow(clippy::unwrap_used)]

use super::*;
use crate::certify::enclose;
use crate::engine::Route;
use crate::engine::Vectors;
use crate::engine::cpu::{factor, refine};
use crate::linalg::{Pivoting, Qr};
use crate::rng::Generator;

/// Singular values of the 12 x 12 Hilbert matrix as f64 stores it, to 20 digits, as in tests/diagnose.rs (mpmath, 60 digits).
const HILBERT_12: [f64; 12] = [
    1.795_372_059_561_997_3,
    0.380_275_245_955_037_1,
    4.473_854_875_218_107e-2,
    3.722_312_237_891_162_7e-3,
    2.330_890_890_217_728_5e-4,
    1.116_335_748_323_302_1e-5,
    4.082_376_110_391_211_4e-7,
    1.122_861_066_833_641_9e-8,
    2.251_964_537_362_741_6e-10,
    3.111_348_067_691_508e-12,
    2.649_276_206_402_993e-14,
    1.067_489_754_744_172_2e-16,
];

/// As often as 4^k, so that the singular values are those of the part times 2^k, exactly.
const COPIES: usize = 256;

fn hilbert() -> Matrix {
    Matrix::from_fn(12 * COPIES, 12, |i, j| 1.0 / ((i % 12 + j + 1) as f64))
}

/// The truth about [`hilbert`], as bounds a rounding apart.
fn truth() -> Vec<[f64; 2]> {
    HILBERT_12.iter().map(|sigma| [(16.0 * sigma).next_down(), (16.0 * sigma).next_up()]).collect()
}

fn triangle(x: &Matrix) -> (Columns<f64>, Vec<Option<i32>>) {
    let mut a = Columns::tall(x);
    let exponents: Vec<Option<i32>> = a.iter().map(|column| exponent(crate::linalg::max_abs(column))).collect();
    for (j, k) in exponents.iter().enumerate() {
        scale_by_power_of_two(a.column_mut(j), -k.unwrap_or(0));
    }
    (Qr::new(a, Pivoting::None).r(), exponents)
}

fn judged<T: Scalar>(x: &Matrix, v: &Columns<T>) -> RowBlocks<T> {
    let (r, exponents) = triangle(x);
    let frame = Frame::new(&r, &exponents, &v.convert());
    // In pieces of several sizes, joined.
    let (mut blocks, mut rest) = (RowBlocks::new(&frame, v), RowBlocks::new(&frame, v));
    let cut = x.rows() / 3;
    blocks.take(&Matrix::from_fn(cut, x.cols(), |i, j| x[(i, j)]));
    rest.take(&Matrix::from_fn(x.rows() - cut, x.cols(), |i, j| x[(cut + i, j)]));
    blocks.join(&rest);
    blocks
}

fn assert_contains(enclosure: &Enclosure, truth: &[[f64; 2]], what: &str) {
    assert_eq!(enclosure.lo.len(), truth.len());
    for (i, [low, high]) in truth.iter().enumerate() {
        let (lo, hi) = (enclosure.lo[i], enclosure.hi[i]);
        assert!(lo <= *high && *low <= hi, "{what}: sigma_{i} = {low:e} outside [{lo:e}, {hi:e}]");
    }
}

fn orthogonal(q: usize, seed: u64) -> Columns<f64> {
    let g = Generator::from_entropy(&[seed]).normals(q * q);
    let qr = Qr::new(Columns::from_fn(q, q, |i, j| g[i * q + j]), Pivoting::None);
    let mut out = Columns::identity(q);
    for j in 0..q {
        qr.apply_q(out.column_mut(j));
    }
    out
}

#[test]
fn every_v_however_wrong_gives_a_true_enclosure() {
    let (x, truth) = (hilbert(), truth());
    let v = factor(&x, Vectors::Right).v.unwrap();
    let noise = Generator::from_entropy(&[3]).normals(144);
    let off = |size: f64| Columns::from_fn(12, 12, |i, j| v[(i, j)] + size * noise[12 * i + j]);
    let mut twice = v.clone();
    twice.column_mut(11).copy_from_slice(v.column(0));
    let with = |value: f64| Columns::from_fn(12, 12, |i, j| if (i, j) == (3, 5) { value } else { v[(i, j)] });
    for (what, v) in [
        ("good", v.clone()),
        ("random", orthogonal(12, 1)),
        ("identity", Columns::identity(12)),
        ("1e-3 off", off(1e-3)),
        ("1e-9 off", off(1e-9)),
        ("1e-15 off", off(1e-15)),
        ("f32", v.convert::<f32>().convert()),
        ("twice a column", twice),
        ("zero", Columns::zeros(12, 12)),
        ("NaN", with(f64::NAN)),
        ("infinite", with(f64::INFINITY)),
        ("huge", with(1e300)),
        ("longer", Columns::from_fn(12, 12, |i, j| 1.001 * v[(i, j)])),
    ] {
        let blocks = judged(&x, &v);
        assert_contains(&blocks.as_given().enclosure, &truth, what);
        let in_dd = judged(&x, &v.convert::<Dd>());
        assert_contains(&in_dd.as_given().enclosure, &truth, what);
        for found in [blocks.rotated(), in_dd.rotated()].into_iter().flatten() {
            assert_contains(&found.enclosure, &truth, &format!("{what}, rotated"));
        }
    }
}

#[test]
fn a_wrong_triangle_widens_only() {
    let (x, truth) = (hilbert(), truth());
    let v = factor(&x, Vectors::Right).v.unwrap();
    let (r, exponents) = triangle(&x);
    for wrong in [Columns::zeros(12, 12), Columns::identity(12), Columns::from_fn(12, 12, |i, j| r[(j, i)])] {
        let mut blocks = RowBlocks::new(&Frame::new(&wrong, &exponents, &v), &v);
        blocks.take(&x);
        assert_contains(&blocks.as_given().enclosure, &truth, "wrong triangle");
        if let Some(found) = blocks.rotated() {
            assert_contains(&found.enclosure, &truth, "wrong triangle, rotated");
        }
    }
}

#[test]
fn in_double_double_a_rotation_resolves_what_v_alone_does_not() {
    let (x, truth) = (hilbert(), truth());
    let (r, exponents) = triangle(&x);
    // The V of a triangle that is rounded to f64, in double-double.
    let whole = Matrix::from_fn(12, 12, |i, j| r[(i, j)].times_power_of_two(exponents[j].unwrap()));
    let start = factor(&whole, Vectors::Right).v.unwrap();
    let blocks = judged(&x, &refine::<Dd>(&whole, &start, Route::CpuDd).v);
    let found = blocks.rotated().unwrap();
    assert_contains(&found.enclosure, &truth, "rotated");
    let wide = blocks.as_given().enclosure.relative_half_width(11);
    let narrow = found.enclosure.relative_half_width(11);
    assert!(narrow < 1e-8 && narrow < wide, "{narrow:e}, without the rotation {wide:e}");
    for (sigma, [low, high]) in found.sigma.iter().zip(truth) {
        assert!(*sigma >= low * (1.0 - 1e-9) && *sigma <= high * (1.0 + 1e-9), "{sigma:e} for {low:e}");
    }
}

#[test]
fn it_agrees_with_the_enclosure_of_the_whole_matrix() {
    for (seed, grading) in [(1, 0), (2, 3), (3, 30), (4, 100)] {
        let (n, d) = (700, 9);
        let g = Generator::from_entropy(&[seed]).normals(n * d);
        let x =
            Matrix::from_fn(n, d, |i, j| g[i * d + j] * 10f64.powi(-grading * i32::try_from(j % 3).unwrap()) * 1e300);
        let v = factor(&x, Vectors::Right).v.unwrap();
        let (whole, blocks) = (enclose(&x, &v), judged(&x, &v).as_given());
        for i in 0..d {
            let (lo, hi) = (blocks.enclosure.lo[i], blocks.enclosure.hi[i]);
            assert!(lo <= whole.hi[i] && whole.lo[i] <= hi, "1e-{grading}, {i}: [{lo:e}, {hi:e}]");
            // As narrow, but for what a sum of more blocks costs.
            let (ours, theirs) = (blocks.enclosure.relative_half_width(i), whole.relative_half_width(i));
            assert!(ours <= 20.0 * theirs + 1e-13, "1e-{grading}, {i}: {ours:e} {theirs:e}");
        }
    }
}

#[test]
fn zeros_are_enclosed_exactly_and_a_zero_column_as_nearly_zero() {
    let zeros = judged(&Matrix::zeros(40, 3), &Columns::<f64>::identity(3)).as_given();
    assert_eq!(zeros.enclosure, Enclosure { lo: vec![0.0; 3], hi: vec![0.0; 3] });
    let x = Matrix::from_fn(40, 3, |i, j| if j == 1 { 0.0 } else { ((i * (j + 2)) % 7) as f64 });
    let v = factor(&x, Vectors::Right).v.unwrap();
    let enclosure = judged(&x, &v).as_given().enclosure;
    assert!(enclosure.lo[2] == 0.0 && enclosure.hi[2] < 1e-13 && enclosure.lo[1] > 1.0, "{enclosure:?}");
}
