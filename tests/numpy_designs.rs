//! Every design against the matrix that NumPy makes by the recipe in its file (`tests/fixtures/numpy_designs.py`).

#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

use nullsweep::design::{self, DesignError, DesignSpec, Gallery, Problem, Spacing, TargetSpec, Weights};
use nullsweep::grid::{Seeding, Trial};
use nullsweep::matrix::Matrix;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// One recorded problem: hashes, or the entries of X where the recipe promises agreement to rounding only.
#[derive(Deserialize)]
struct Recorded {
    design: String,
    n: usize,
    d: usize,
    epsilon: Option<f64>,
    w: String,
    x: Option<String>,
    y: Option<String>,
    entries: Option<Vec<f64>>,
    /// Of y, where the model does not see them all.
    features: Option<usize>,
    /// Standard deviation of y - X w given the weights, beside `features`.
    unexplained: Option<f64>,
}

fn spec(name: &str) -> DesignSpec {
    match name {
        "gaussian" => DesignSpec::Gaussian,
        "collinear" => DesignSpec::Collinear,
        "collinear_exact" => DesignSpec::CollinearExact,
        "duplicate" => DesignSpec::Duplicate { copies: 2, multiple: 1.0 },
        "duplicate_times_12" => DesignSpec::Duplicate { copies: 2, multiple: 12.0 },
        "low_rank" => DesignSpec::LowRank { rank: 3 },
        "ar1" => DesignSpec::Ar1 { rho: 0.9 },
        "spectrum_geometric" => DesignSpec::Spectrum { spacing: Spacing::Geometric },
        "hilbert" => DesignSpec::Gallery(Gallery::Hilbert),
        "cauchy" => DesignSpec::Gallery(Gallery::Cauchy),
        "vandermonde" => DesignSpec::Gallery(Gallery::Vandermonde),
        "pascal" => DesignSpec::Gallery(Gallery::Pascal),
        "kahan" => DesignSpec::Gallery(Gallery::Kahan { theta: 1.2 }),
        "lauchli" => DesignSpec::Gallery(Gallery::Lauchli),
        "frank" => DesignSpec::Gallery(Gallery::Frank),
        "prolate" => DesignSpec::Gallery(Gallery::Prolate { w: 0.25 }),
        _ => panic!("{name} is recorded but has no spec here"),
    }
}

fn trial(n: usize, d: usize, epsilon: Option<f64>) -> Trial {
    Trial { index: 0, cell: 0, n, d, epsilon, replicate: 3 }
}

fn model(weights: Weights) -> TargetSpec {
    TargetSpec::Model { weights, noise: 0.1, features: None }
}

fn build(design: &DesignSpec, target: &TargetSpec, trial: &Trial) -> Result<Problem, DesignError> {
    design::build(design, target, Seeding::Keyed(2), trial)
}

fn sha256(x: &[f64]) -> String {
    let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_le_bytes()).collect();
    Sha256::digest(&bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[test]
fn every_design_is_numpys_bit_for_bit() {
    let cases: Vec<Recorded> = serde_json::from_str(include_str!("fixtures/numpy_designs.json")).unwrap();
    for case in cases {
        let at = format!("{} {} x {} epsilon {:?}", case.design, case.n, case.d, case.epsilon);
        let target = TargetSpec::Model { weights: Weights::Normal, noise: 0.1, features: case.features };
        let problem = build(&spec(&case.design), &target, &trial(case.n, case.d, case.epsilon)).unwrap();
        assert_eq!((problem.x.rows(), problem.x.cols()), (case.n, case.d), "{at}");
        assert_eq!(sha256(problem.w.as_ref().unwrap()), case.w, "w of {at}");
        if let Some(entries) = case.entries {
            for (ours, numpys) in problem.x.as_slice().iter().zip(&entries) {
                assert!((ours - numpys).abs() < 1e-14, "{at}: {ours} {numpys}");
            }
        } else {
            assert_eq!(Some(sha256(problem.x.as_slice())), case.x, "X of {at}");
            assert_eq!(Some(sha256(&problem.y)), case.y, "y of {at}");
        }
        let unexplained = case.unexplained.unwrap_or(0.1);
        assert!((problem.noise.unwrap() / unexplained - 1.0).abs() < 1e-15, "{at}: {:?}", problem.noise);
    }
}

#[test]
fn epsilon_changes_nothing_but_the_last_column() {
    let [small, large] = [1e-9, 0.5]
        .map(|epsilon| build(&DesignSpec::Collinear, &model(Weights::Normal), &trial(8, 4, Some(epsilon))).unwrap());
    assert_eq!(small.w, large.w);
    for j in 0..3 {
        assert_eq!(small.x.column(j), large.x.column(j));
    }
    assert_ne!(small.x.column(3), large.x.column(3));
}

#[test]
fn one_choice_of_weights_never_changes_another_draw() {
    let trial = trial(6, 5, None);
    let normal = build(&DesignSpec::Gaussian, &model(Weights::Normal), &trial).unwrap();
    let drawn = normal.w.clone().unwrap();
    let sparse = build(&DesignSpec::Gaussian, &model(Weights::Sparse { nonzeros: 2 }), &trial).unwrap();
    assert_eq!(sparse.w.unwrap(), [drawn[0], drawn[1], 0.0, 0.0, 0.0]);
    let ones = build(&DesignSpec::Gaussian, &model(Weights::Ones), &trial).unwrap();
    assert_eq!(ones.w.unwrap(), [1.0; 5]);
    let listed = build(&DesignSpec::Gaussian, &model(Weights::List(drawn)), &trial).unwrap();
    assert_eq!(listed, normal);
    let given = build(&DesignSpec::Gaussian, &TargetSpec::Given(vec![1.0; 6]), &trial).unwrap();
    assert_eq!((given.x, given.y, given.w, given.noise), (normal.x, vec![1.0; 6], None, None));
}

#[test]
fn hidden_features_change_y_alone_and_share_the_weights() {
    let trial = trial(6, 5, None);
    let with = |weights: Weights, features: Option<usize>| {
        build(&DesignSpec::Gaussian, &TargetSpec::Model { weights, noise: 0.1, features }, &trial).unwrap()
    };
    let (seen, hidden) = (with(Weights::Normal, None), with(Weights::Normal, Some(8)));
    assert_eq!((&hidden.x, &hidden.w), (&seen.x, &seen.w));
    assert_ne!(hidden.y, seen.y);
    assert_eq!(with(Weights::Normal, Some(5)), seen, "all 5 are seen");
    // 5 and 3 weights of 1; then three hidden weights, of which the first two count, one of them, none.
    assert!((with(Weights::Ones, Some(8)).noise.unwrap() - 3.01f64.sqrt()).abs() < 1e-15);
    let list = |rest: [f64; 3]| Weights::List([[0.0; 5].as_slice(), &rest].concat());
    assert!((with(list([3.0, 4.0, 0.0]), Some(8)).noise.unwrap() - 25.01f64.sqrt()).abs() < 1e-15);
    let sparse = |nonzeros| with(Weights::Sparse { nonzeros }, Some(8));
    assert_eq!(sparse(5).noise, Some(0.1));
    assert!(sparse(6).noise > Some(0.1) && sparse(7).noise > sparse(6).noise);
    assert_eq!(sparse(20), with(Weights::Normal, Some(8)));
    assert_eq!(sparse(2).w.unwrap()[2..], [0.0; 3]);
}

#[test]
fn given_entries_come_back_with_their_names() {
    let x = Matrix::new(2, 2, vec![1.0, 1.0, 2.0, 2.0]);
    let names = vec!["years".to_owned(), "months".to_owned()];
    let design = DesignSpec::Matrix { x: x.clone(), names: Some(names.clone()) };
    assert_eq!(design.fixed_shape(), Some((2, 2)));
    assert_eq!(design.names(), Some(names.as_slice()));
    assert_eq!(build(&design, &model(Weights::Ones), &trial(2, 2, None)).unwrap().x, x);
    // Without draws for X, w comes first in the stream.
    let weights = build(&design, &model(Weights::Normal), &trial(2, 2, None)).unwrap().w;
    assert_eq!(weights.unwrap(), Seeding::Keyed(2).generator(&trial(2, 2, None)).normals(2));
}

#[test]
fn overflow_is_reported_with_its_place() {
    let pascal = DesignSpec::Gallery(Gallery::Pascal);
    let error = build(&pascal, &model(Weights::Ones), &trial(600, 600, None)).unwrap_err();
    // Row by row, C(1046, 447) is the first binomial coefficient that f64 rounds to infinity.
    assert_eq!(error, DesignError::NotFinite { row: 447, col: 599 });
    assert!(error.to_string().contains("row 448, column 600"), "{error}");
    let collinear = build(&DesignSpec::Collinear, &model(Weights::Ones), &trial(9, 4, Some(1e308)));
    assert!(matches!(collinear, Err(DesignError::NotFinite { col: 3, .. })), "{collinear:?}");
    let heavy = build(&DesignSpec::Gaussian, &model(Weights::List(vec![1e308; 4])), &trial(9, 4, None));
    assert!(matches!(heavy, Err(DesignError::TargetNotFinite { .. })), "{heavy:?}");
}

#[test]
fn impossible_shapes_and_parameters_are_refused_in_words() {
    let x = Matrix::zeros(2, 2);
    let named = |names: usize| DesignSpec::Matrix { x: x.clone(), names: Some(vec!["a".to_owned(); names]) };
    let kahan = |theta| DesignSpec::Gallery(Gallery::Kahan { theta });
    let prolate = |w| DesignSpec::Gallery(Gallery::Prolate { w });
    let spectrum = |spacing| DesignSpec::Spectrum { spacing };
    for (design, n, d, epsilon, words) in [
        (DesignSpec::Gaussian, 0, 3, None, "at least 1"),
        (DesignSpec::Gaussian, usize::MAX, 3, None, "cannot be addressed"),
        (DesignSpec::Gaussian, 1 << 31, 1 << 31, None, "cannot be addressed"),
        (DesignSpec::Collinear, 3, 1, Some(0.1), "at least 2"),
        (DesignSpec::Collinear, 3, 2, None, "add an epsilon axis"),
        (DesignSpec::Collinear, 3, 2, Some(f64::NAN), "epsilon = NaN"),
        (DesignSpec::Collinear, 3, 2, Some(-1.0), "epsilon = -1"),
        (DesignSpec::CollinearExact, 3, 2, Some(0.1), "at least 3"),
        (DesignSpec::Duplicate { copies: 0, multiple: 1.0 }, 3, 3, None, "at least 1"),
        (DesignSpec::Duplicate { copies: 3, multiple: 1.0 }, 3, 3, None, "lower copies"),
        (DesignSpec::Duplicate { copies: 1, multiple: 0.0 }, 3, 3, None, "other than 0"),
        (DesignSpec::LowRank { rank: 0 }, 3, 5, None, "from 1 to 3"),
        (DesignSpec::LowRank { rank: 4 }, 3, 5, None, "from 1 to 3"),
        (DesignSpec::LowRank { rank: 2 }, 3, 5, Some(f64::INFINITY), "epsilon = inf"),
        (spectrum(Spacing::Geometric), 3, 5, Some(0.0), "positive epsilon"),
        (spectrum(Spacing::OneSmall), 3, 5, Some(2.0), "epsilon = 2"),
        (spectrum(Spacing::OneSmall), 1, 1 << 32, Some(0.5), "lower d"),
        (DesignSpec::Ar1 { rho: 1.0 }, 3, 5, None, "between -1 and 1"),
        (DesignSpec::Ar1 { rho: f64::NAN }, 3, 5, None, "rho = NaN"),
        (DesignSpec::Gallery(Gallery::Lauchli), 5, 5, Some(0.1), "n = d + 1"),
        (DesignSpec::Gallery(Gallery::Lauchli), 6, 5, None, "add an epsilon axis"),
        (DesignSpec::Gallery(Gallery::Frank), 6, 5, None, "square"),
        (prolate(0.25), 6, 5, None, "square"),
        (prolate(0.5), 5, 5, None, "between 0 and 0.5"),
        (kahan(0.0), 5, 5, None, "between 0 and pi/2"),
        (kahan(f64::NAN), 5, 5, None, "theta = NaN"),
        (named(2), 3, 2, None, "leave n and d out"),
        (named(1), 2, 2, None, "one name per column"),
    ] {
        let refusal = design.check(n, d, epsilon).unwrap_err();
        assert!(refusal.contains(words), "{design:?}: {refusal}");
        let built = build(&design, &model(Weights::Ones), &trial(n, d, epsilon));
        assert_eq!(built, Err(DesignError::Unfit(refusal)));
    }
    for (target, words) in [
        (TargetSpec::Given(vec![1.0; 3]), "3 values but X has 4 rows"),
        (model(Weights::List(vec![1.0; 3])), "one weight per column"),
        (model(Weights::Sparse { nonzeros: 0 }), "at least 1"),
        (TargetSpec::Model { weights: Weights::Ones, noise: 0.1, features: Some(1) }, "features = 1 but X has d = 2"),
        (
            TargetSpec::Model { weights: Weights::List(vec![1.0; 2]), noise: 0.1, features: Some(3) },
            "one weight per feature",
        ),
        (TargetSpec::Model { weights: Weights::Ones, noise: f64::NAN, features: None }, "noise = NaN"),
        (TargetSpec::Model { weights: Weights::Ones, noise: -0.1, features: None }, "noise = -0.1"),
    ] {
        let refusal = target.check(4, 2).unwrap_err();
        assert!(refusal.contains(words), "{target:?}: {refusal}");
    }
}

#[test]
fn the_smallest_shapes_of_every_random_design_are_built() {
    for (design, n, d) in [
        (DesignSpec::Collinear, 1, 2),
        (DesignSpec::CollinearExact, 1, 3),
        (DesignSpec::Duplicate { copies: 1, multiple: 1.0 }, 1, 2),
        (DesignSpec::LowRank { rank: 1 }, 1, 1),
        (DesignSpec::Spectrum { spacing: Spacing::Geometric }, 1, 1),
        (DesignSpec::Ar1 { rho: -0.5 }, 1, 1),
    ] {
        let problem = build(&design, &model(Weights::Normal), &trial(n, d, Some(0.5))).unwrap();
        assert_eq!((problem.x.rows(), problem.x.cols(), problem.y.len()), (n, d, n), "{design:?}");
        assert!(problem.x.max_abs() > 0.0, "{design:?}");
    }
}
