//! The GPU engine against known answers, the CPU engine and its own promises, on whatever adapter there is (a software
//! one will do). A missing adapter fails these tests unless `NULLSWEEP_NO_GPU=1`.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, OnceLock};

use nullsweep::engine::cpu::CpuEngine;
use nullsweep::engine::gpu::{self, AdapterReport, GpuEngine, OpenError, Precision, Selection, Verdict};
use nullsweep::engine::{Convergence, Engine, Factors, Route, Vectors};
use nullsweep::linalg::Columns;
use nullsweep::matrix::Matrix;

/// LAPACK's threshold for its dimensionless test ratios.
const RATIO: f64 = 30.0;

/// Shapes that meet every kernel, its least and its largest matrix, byes, and both orientations.
const SHAPES: [(usize, usize); 23] = [
    (1, 1),
    (1, 5),
    (5, 1),
    (2, 2),
    (3, 2),
    (6, 12),
    (7, 5),
    (16, 16),
    (31, 16),
    (32, 16),
    (33, 16),
    (17, 17),
    (33, 17),
    (17, 34),
    (150, 17),
    (33, 33),
    (64, 64),
    (65, 65),
    (40, 100),
    (100, 60),
    (100, 40),
    (3000, 2),
    (200, 130),
];

fn open(precision: Precision) -> Result<GpuEngine, OpenError> {
    GpuEngine::open(Selection::Any, precision, Arc::new(CpuEngine))
}

/// One engine per type for the whole file, because opening one compiles its kernels. `None` where the adapter lacks
/// the type, or where the environment says that there is no adapter.
fn engine(precision: Precision) -> Option<&'static GpuEngine> {
    static ENGINES: [OnceLock<Option<GpuEngine>>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
    let place = Precision::ALL.iter().position(|&p| p == precision).unwrap();
    ENGINES[place]
        .get_or_init(|| match open(precision) {
            Ok(engine) => Some(engine),
            Err(OpenError::PrecisionUnavailable { .. }) => None,
            Err(OpenError::NoAdapter { .. }) if no_gpu_is_fine() => None,
            Err(error) => panic!("{error}"),
        })
        .as_ref()
}

fn no_gpu_is_fine() -> bool {
    std::env::var_os("NULLSWEEP_NO_GPU").is_some_and(|value| value == "1")
}

fn engines() -> impl Iterator<Item = &'static GpuEngine> {
    Precision::ALL.into_iter().filter_map(engine)
}

/// Uniform in (-1, 1), the same on every machine.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

fn random(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut noise = noise(seed);
    Matrix::from_fn(rows, cols, |_, _| noise())
}

/// (I - 2vv'/v'v) diag(sigma) (I - 2ww'/w'w), rows x cols.
fn with_spectrum(rows: usize, cols: usize, sigma: &[f64], seed: u64) -> Matrix {
    let reflection = |size: usize, seed: u64| {
        let mut noise = noise(seed);
        let v: Vec<f64> = (0..size).map(|_| noise()).collect();
        let square: f64 = v.iter().map(|v| v * v).sum();
        Matrix::from_fn(size, size, |i, j| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square)
    };
    let (left, right) = (reflection(rows, seed), reflection(cols, seed + 1));
    Matrix::from_fn(rows, cols, |i, j| (0..sigma.len()).map(|k| left[(i, k)] * sigma[k] * right[(k, j)]).sum())
}

fn unit(precision: Precision) -> f64 {
    precision.unit_roundoff()
}

/// LAPACK's ratios for X, in units of the type: |I - V'V| / (q u), and, as U is not returned,
/// |(A V)'(A V) - Sigma^2| / (`sigma_1`^2 p u), which is small exactly where A V has orthogonal columns of length sigma,
/// that is A = U Sigma V'. Ordering, convergence and the largest cosine complete it.
fn check(x: &Matrix, factors: &Factors, precision: Precision, what: &str) {
    let a = Columns::<f64>::tall(x);
    let (p, q) = (a.rows(), a.cols());
    let u = if factors.route == Route::CpuF64 { f64::EPSILON / 2.0 } else { unit(precision) };
    let allowed = RATIO * p as f64 * u;
    let v = factors.v.as_ref().unwrap();
    assert_eq!((v.rows(), v.cols(), factors.sigma.len()), (q, q, q), "{what}");
    assert!(factors.sigma.is_sorted_by(|a, b| a >= b), "{what}: sigma is not sorted");
    assert!(factors.sigma.iter().all(|s| *s >= 0.0 && s.is_finite()), "{what}: {:?}", factors.sigma);
    assert_eq!(factors.convergence, Convergence::Converged, "{what}");
    // Without Jacobi sweeps it is an estimate from above, which counts the rounding of V kappa times.
    let kappa = if factors.jacobi_sweeps == 0 && q > 0 { factors.sigma[0] / factors.sigma[q - 1] } else { 1.0 };
    let tolerance = p.max(8) as f64 * u * kappa * (1.0 + 1e-3);
    assert!(factors.max_cos <= tolerance, "{what}: max_cos {}", factors.max_cos);

    let dot = |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    let orthogonality = (0..q)
        .flat_map(|i| (0..q).map(move |j| (i, j)))
        .map(|(i, j)| (dot(v.column(i), v.column(j)) - f64::from(u8::from(i == j))).powi(2))
        .sum::<f64>()
        .sqrt();
    assert!(orthogonality <= RATIO * q as f64 * u, "{what}: |I - V'V| = {:.1} q u", orthogonality / (q as f64 * u));

    // Measured relative to the largest entry, so that 1e300 can be squared.
    let size = x.max_abs();
    if size == 0.0 {
        assert!(factors.sigma.iter().all(|&s| s == 0.0), "{what}: {:?}", factors.sigma);
        return;
    }
    let image: Vec<Vec<f64>> =
        (0..q).map(|j| (0..p).map(|i| (0..q).map(|k| a[(i, k)] / size * v[(k, j)]).sum::<f64>()).collect()).collect();
    let largest = factors.sigma[0] / size;
    for i in 0..q {
        for j in 0..q {
            let want = if i == j { (factors.sigma[i] / size).powi(2) } else { 0.0 };
            let error = (dot(&image[i], &image[j]) - want).abs();
            assert!(
                error <= allowed * largest * largest,
                "{what}: (AV)'(AV) at {i}, {j} is off by {:.1} p u sigma_1^2",
                error / (p as f64 * u * largest * largest)
            );
        }
    }
}

/// |sigma - reference| <= RATIO p u `sigma_1` against the CPU engine.
fn compare(x: &Matrix, sigma: &[f64], precision: Precision, what: &str) {
    let reference = CpuEngine.factor(&[x], Vectors::None).unwrap().factors.remove(0).sigma;
    close(sigma, &reference, x.rows().max(x.cols()), precision, what);
}

fn close(got: &[f64], want: &[f64], p: usize, precision: Precision, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let allowed = RATIO * p as f64 * unit(precision) * want[0];
    for (k, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= allowed, "{what}: sigma[{k}] = {got:e}, want {want:e}");
    }
}

fn borrowed(batch: &[Matrix]) -> Vec<&Matrix> {
    batch.iter().collect()
}

fn batch_of_shapes() -> Vec<Matrix> {
    SHAPES.iter().zip(1..).map(|(&(rows, cols), seed)| random(rows, cols, seed)).collect()
}

#[test]
fn every_shape_meets_the_lapack_ratios_on_the_device() {
    for engine in engines() {
        let before = engine.incidents().by_fallback;
        let batch = batch_of_shapes();
        let factored = engine.factor(&borrowed(&batch), Vectors::Right).unwrap();
        for (x, factors) in batch.iter().zip(&factored.factors) {
            let what = format!("{} {} x {}", engine.precision(), x.rows(), x.cols());
            assert_eq!(factors.route, engine.route(), "{what}");
            check(x, factors, engine.precision(), &what);
            compare(x, &factors.sigma, engine.precision(), &what);
        }
        assert_eq!(engine.incidents().by_fallback, before, "{}", engine.describe());
    }
}

#[test]
fn values_alone_agree_and_carry_no_vectors() {
    for engine in engines() {
        let batch = batch_of_shapes();
        for (x, factors) in batch.iter().zip(engine.factor(&borrowed(&batch), Vectors::None).unwrap().factors) {
            let what = format!("{} {} x {}", engine.precision(), x.rows(), x.cols());
            assert!(factors.v.is_none(), "{what}");
            assert_eq!(factors.route, engine.route(), "{what}");
            compare(x, &factors.sigma, engine.precision(), &what);
        }
    }
}

#[test]
fn prescribed_spectra_come_out() {
    for engine in engines() {
        let geometric: Vec<f64> = (0..20).map(|k| 2.0_f64.powi(-k)).collect();
        let clustered: Vec<f64> = (0..20).map(|k| 1.0 + 1e-9 * f64::from(20 - k)).collect();
        let mut one_small = vec![1.0; 20];
        one_small[19] = 1e-5;
        for sigma in [geometric, clustered, one_small] {
            for (rows, cols) in [(50, 20), (20, 20), (20, 50), (300, 20)] {
                let x = with_spectrum(rows, cols, &sigma, 7);
                let factors = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
                let what = format!("{} {rows} x {cols} {:e}", engine.precision(), sigma[19]);
                assert_eq!(factors.route, engine.route(), "{what}");
                check(&x, &factors, engine.precision(), &what);
                close(&factors.sigma, &sigma, rows.max(cols), engine.precision(), &what);
            }
        }
    }
}

/// What one-sided Jacobi is chosen for: columns of very different size keep their relative accuracy.
#[test]
fn graded_columns_keep_relative_accuracy() {
    for engine in engines() {
        // A triangle, a thread, a workgroup, blocks of columns.
        for (rows, cols) in [(24, 6), (24, 16), (45, 30), (130, 100)] {
            let base = random(rows, cols, 3);
            let grade = |j: usize| 10.0_f64.powf(-15.0 * j as f64 / cols as f64);
            let x = Matrix::from_fn(rows, cols, |i, j| base[(i, j)] * grade(j));
            let factors = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
            let reference = CpuEngine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0).sigma;
            assert_eq!(factors.route, engine.route());
            for (got, want) in factors.sigma.iter().zip(&reference) {
                let error = (got - want).abs() / want;
                let allowed = RATIO * rows as f64 * unit(engine.precision());
                assert!(error <= allowed, "{} {rows} x {cols}: {got:e} for {want:e}", engine.describe());
            }
        }
    }
}

/// Squares of what is left of the third column lose digits to underflow once the second one is reflected away, and the reflection
/// that follows must still be one for the fourth.
#[test]
fn what_cancellation_leaves_of_a_small_column_harms_no_other() {
    for engine in engines() {
        let base = random(16, 4, 17);
        // A pair of f32 has low words to lose as well: its kernels leave squares below 2^-78 alone, with entries of 2^40.
        let small = 2.0_f64.powi(if engine.precision() == Precision::Df32 { -60 } else { -88 });
        let x = Matrix::from_fn(16, 4, |i, j| match j {
            0 => base[(i, 0)],
            1 => small * base[(i, 1)],
            2 => small * (base[(i, 1)] + 2.0_f64.powi(-16) * base[(i, 2)]),
            _ => 0.5 * small * base[(i, 3)],
        });
        let factors = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
        let reference = CpuEngine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0).sigma;
        assert_eq!(factors.route, engine.route());
        for (k, (got, want)) in factors.sigma.iter().zip(&reference).enumerate().take(3) {
            let error = (got - want).abs() / want;
            assert!(
                error <= RATIO * 16.0 * unit(engine.precision()),
                "{} {k}: {got:e} for {want:e}",
                engine.describe()
            );
        }
    }
}

#[test]
fn degenerate_matrices_are_served() {
    for engine in engines() {
        let duplicate = {
            let base = random(12, 6, 5);
            Matrix::from_fn(12, 6, |i, j| base[(i, j.min(4))])
        };
        let zero_columns = {
            let base = random(70, 67, 6);
            Matrix::from_fn(70, 67, |i, j| if j % 3 == 0 { 0.0 } else { base[(i, j)] })
        };
        let ones = Matrix::from_fn(9, 9, |_, _| 1.0);
        // Of rank 3, in a workgroup and in blocks of columns.
        let low_rank = |rows: usize, cols: usize| {
            let (left, right) = (random(rows, 3, 8), random(3, cols, 9));
            Matrix::from_fn(rows, cols, |i, j| (0..3).map(|k| left[(i, k)] * right[(k, j)]).sum())
        };
        let identity = Matrix::from_fn(10, 10, |i, j| f64::from(u8::from(i == j)));
        let zeros = [Matrix::zeros(4, 3), Matrix::zeros(1, 1), Matrix::zeros(50, 20), Matrix::zeros(90, 80)];
        let others = [duplicate, zero_columns, ones, low_rank(25, 22), low_rank(90, 70), low_rank(40, 12), identity];
        let batch = [&zeros[..], &others[..]].concat();
        let factored = engine.factor(&borrowed(&batch), Vectors::Right).unwrap();
        for (k, (x, factors)) in batch.iter().zip(&factored.factors).enumerate() {
            let what = format!("{} case {k}", engine.precision());
            check(x, factors, engine.precision(), &what);
            compare(x, &factors.sigma, engine.precision(), &what);
        }
    }
}

/// Nothing but rounding says which of two columns of equal norm is the larger: exchanged in every sweep, they would never
/// be done, and the CPU would serve them.
#[test]
fn columns_of_equal_norm_stay_on_the_device() {
    let signs = |rows: usize, cols: usize, seed: u64| {
        let mut noise = noise(seed);
        Matrix::from_fn(rows, cols, |_, _| noise().signum())
    };
    let hadamard = Matrix::from_fn(16, 16, |i, j| if (i & j).count_ones() % 2 == 0 { 1.0 } else { -1.0 });
    let rotated = Matrix::from_fn(12, 12, |i, j| f64::from(u8::from(i == j)) - 2.0 / 12.0);
    let twins = {
        let base = random(11, 4, 3);
        Matrix::from_fn(11, 8, |i, j| base[(i, j / 2)])
    };
    let batch = [hadamard, rotated, twins, signs(12, 9, 1), signs(16, 16, 2), signs(64, 10, 3), signs(40, 30, 4)];
    for engine in engines() {
        let factored = engine.factor(&borrowed(&batch), Vectors::Right).unwrap();
        for (k, (x, factors)) in batch.iter().zip(&factored.factors).enumerate() {
            let what = format!("{} case {k}", engine.precision());
            assert_eq!(factors.route, engine.route(), "{what}");
            check(x, factors, engine.precision(), &what);
            compare(x, &factors.sigma, engine.precision(), &what);
        }
    }
}

#[test]
fn extreme_scales_change_nothing_but_the_scale() {
    for engine in engines() {
        let x = random(20, 8, 11);
        let plain = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
        for k in [1000, -1000] {
            let scale = 2.0_f64.powi(k);
            let scaled = Matrix::from_fn(20, 8, |i, j| x[(i, j)] * scale);
            let factors = engine.factor(&[&scaled], Vectors::Right).unwrap().factors.remove(0);
            let sigma: Vec<f64> = plain.sigma.iter().map(|sigma| sigma * scale).collect();
            assert_eq!(factors.sigma, sigma, "{} 2^{k}", engine.precision());
            assert_eq!(factors.v, plain.v, "{} 2^{k}", engine.precision());
        }
        for size in [1e300, 1e-300, 1e-310] {
            let x = Matrix::from_fn(20, 8, |i, j| x[(i, j)] * size);
            let factors = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
            assert_eq!(factors.route, engine.route());
            check(&x, &factors, engine.precision(), &format!("{} {size:e}", engine.precision()));
        }
    }
}

#[test]
fn neighbours_change_no_bit() {
    for engine in engines() {
        let mut batch: Vec<Matrix> = batch_of_shapes();
        batch.extend((0..40).map(|seed| random(4 + seed % 9, 3 + seed % 7, 100 + seed as u64)));
        // More of one shape than interleaved kernels take side by side.
        batch.extend((0..70).map(|seed| random(6, 4, 200 + seed)));
        let together = engine.factor(&borrowed(&batch), Vectors::Right).unwrap().factors;
        for (x, together) in batch.iter().zip(together) {
            let alone = engine.factor(&[x], Vectors::Right).unwrap().factors.remove(0);
            let what = format!("{} {} x {}", engine.precision(), x.rows(), x.cols());
            assert_eq!(alone.sigma, together.sigma, "{what}");
            assert_eq!(alone.v, together.v, "{what}");
            assert_eq!(alone.jacobi_sweeps, together.jacobi_sweeps, "{what}");
            assert_eq!(alone.max_cos, together.max_cos, "{what}");
        }
    }
}

#[test]
fn gram_spectra_are_squares_for_well_conditioned_matrices() {
    for engine in engines() {
        // 5000 rows take two slabs; 100 columns take the round kernel; 1 x 5 takes the 1 x 1 one.
        let shapes = [(1, 1), (1, 5), (5, 1), (12, 7), (17, 17), (60, 33), (300, 100), (5000, 3)];
        let batch: Vec<_> = shapes.iter().zip(50..).map(|(&(rows, cols), seed)| random(rows, cols, seed)).collect();
        let spectra = engine.gram_spectra(&borrowed(&batch)).unwrap();
        for (x, spectrum) in batch.iter().zip(&spectra) {
            let what = format!("{} gram {} x {}", engine.precision(), x.rows(), x.cols());
            assert_eq!(spectrum.route, engine.route(), "{what}");
            let want: Vec<f64> = CpuEngine.factor(&[x], Vectors::None).unwrap().factors[0]
                .sigma
                .iter()
                .map(|sigma| sigma * sigma)
                .collect();
            let squares: Vec<f64> = spectrum.roots.iter().map(|root| root * root).collect();
            close(&squares, &want, x.rows().max(x.cols()), engine.precision(), &what);
        }
        let scaled: Vec<_> =
            batch.iter().map(|x| Matrix::from_fn(x.rows(), x.cols(), |i, j| x[(i, j)] * 2.0_f64.powi(-200))).collect();
        for (plain, scaled) in spectra.iter().zip(engine.gram_spectra(&borrowed(&scaled)).unwrap()) {
            let back: Vec<f64> = scaled.roots.iter().map(|root| root * 2.0_f64.powi(200)).collect();
            assert_eq!(back, plain.roots, "{}", engine.precision());
        }
    }
}

/// The damage that the Gram path is there to show: half of f32's digits are gone at kappa 1e4.
#[test]
fn gram_in_f32_loses_small_singular_values() {
    let Some(engine) = engine(Precision::F32) else { return };
    let x = with_spectrum(30, 4, &[1.0, 0.5, 0.25, 1e-5], 21);
    let spectrum = engine.gram_spectra(&[&x]).unwrap().remove(0);
    let from_gram = spectrum.roots[3];
    assert!((from_gram - 1e-5).abs() > 1e-6, "X'X in f32 cannot know 1e-5, and gave {from_gram:e}");
    let direct = engine.factor(&[&x], Vectors::None).unwrap().factors.remove(0).sigma[3];
    assert!((direct - 1e-5).abs() < 2e-6, "{direct:e}");
}

#[test]
fn a_destroyed_device_is_opened_again_until_it_is_given_up() {
    let engine = match open(Precision::F32) {
        Ok(engine) => engine,
        Err(OpenError::NoAdapter { .. }) if no_gpu_is_fine() => return,
        Err(error) => panic!("{error}"),
    };
    let batch = [random(12, 7, 31), random(90, 70, 32), random(3, 8, 33)];
    for losses in 1..=6_u64 {
        engine.destroy_device();
        let given_up = losses > 4;
        let factored = engine.factor(&borrowed(&batch), Vectors::Right).unwrap();
        for (x, factors) in batch.iter().zip(&factored.factors) {
            assert_eq!(factors.route, if given_up { Route::CpuF64 } else { Route::GpuF32 }, "loss {losses}");
            check(x, factors, if given_up { Precision::F64 } else { Precision::F32 }, "after the loss");
        }
        let incidents = engine.incidents();
        assert_eq!((incidents.lost, incidents.reopened), (losses.min(5), losses.min(4)));
    }
    assert_eq!(engine.gram_spectra(&borrowed(&batch)).unwrap()[0].route, Route::CpuF64);
    assert_eq!(engine.incidents().by_fallback, 9);
}

/// f32 underflows on columns 1e-40 of the largest; whatever answers must still be right to f32's backward error.
#[test]
fn columns_below_the_range_of_f32_do_no_harm() {
    for engine in engines() {
        let base = random(20, 6, 41);
        let x = Matrix::from_fn(20, 6, |i, j| base[(i, j)] * 10.0_f64.powi(-20 * i32::try_from(j).unwrap()));
        let factors = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
        check(&x, &factors, engine.precision(), &engine.describe());
    }
}

#[test]
fn the_adapter_report_is_whole() {
    let reports: Vec<AdapterReport> = gpu::adapters();
    if reports.is_empty() && no_gpu_is_fine() {
        return;
    }
    assert!(!reports.is_empty(), "no adapter; set NULLSWEEP_NO_GPU=1 to do without");
    for report in &reports {
        assert_eq!(report.precisions.len(), Precision::ALL.len(), "{report:?}");
        assert!(report.can_use(Precision::F32), "{report:?}");
        assert_eq!(
            report.features.f64,
            report.precisions.iter().any(|p| { p.precision == Precision::F64 && p.verdict != Verdict::Unavailable })
        );
        assert!(report.loop_reached.unwrap() >= 60_000, "{report:?}");
        let json = serde_json::to_value(report).unwrap();
        println!("{json:#}");
        assert_eq!(json["precisions"][0]["precision"], "f32");
        assert_eq!(json["precisions"][0]["verdict"], "usable");
    }
    assert_eq!(gpu::shader_digest().len(), 64);
}

#[test]
fn an_index_beyond_the_list_is_refused() {
    let error = GpuEngine::open(Selection::Index(1000), Precision::F32, Arc::new(CpuEngine)).err().unwrap();
    assert!(matches!(error, OpenError::NoSuchIndex { index: 1000, .. }), "{error}");
}

/// A machine without any Vulkan driver is a normal place to be: one clear error and no noise on stderr.
#[test]
#[cfg(target_os = "linux")]
fn no_driver_is_a_quiet_outcome() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_without_a_driver", "--ignored", "--nocapture"])
        .env("VK_DRIVER_FILES", "/nonexistent.json")
        .env("VK_ICD_FILENAMES", "/nonexistent.json")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
    assert_eq!(String::from_utf8_lossy(&child.stderr), "");
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "no_driver_is_a_quiet_outcome runs it where no driver is found"]
fn child_without_a_driver() {
    if std::env::var_os("VK_DRIVER_FILES").is_none_or(|files| files != "/nonexistent.json") {
        return;
    }
    assert!(gpu::adapters().is_empty());
    for selection in [Selection::Auto, Selection::Any] {
        let error = GpuEngine::open(selection, Precision::F32, Arc::new(CpuEngine)).err().unwrap();
        assert_eq!(error, OpenError::NoAdapter { software: 0 });
    }
}

/// Run by hand: it takes long on a software adapter, and small shapes reach the same kernel.
#[test]
#[ignore = "half a minute on a software adapter; `cargo test --release --test gpu -- --ignored`"]
fn a_large_matrix_meets_the_lapack_ratios() {
    let Some(engine) = engine(Precision::F32) else { return };
    let x = random(1024, 512, 61);
    let start = std::time::Instant::now();
    let factors = engine.factor(&[&x], Vectors::Right).unwrap().factors.remove(0);
    println!(
        "{}: 1024 x 512 with V in {:.1} s, {} Jacobi sweeps",
        engine.describe(),
        start.elapsed().as_secs_f64(),
        factors.jacobi_sweeps
    );
    assert_eq!(factors.route, Route::GpuF32);
    check(&x, &factors, Precision::F32, "1024 x 512");
}
