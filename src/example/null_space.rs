//! 6 x 12: the last row of the thin V' is taken for a null vector, and the prediction moves.

use super::report::{Section, Value};
use super::study::{Study, step};
use crate::linalg::{distance, norm};
use crate::matrix::Matrix;
use crate::rng::Generator;

const N: usize = 6;
const D: usize = 12;
/// Length of the step along the last row of the thin V'.
const THIN_STEP: f64 = 5.0;
/// Length of the step along a true null vector.
const NULL_STEP: f64 = 10.0;

pub(super) fn sections() -> Vec<Section> {
    let mut rng = Generator::from_entropy(&[1023]);
    let x = Matrix::new(N, D, rng.normals(N * D));
    let w_true = rng.normals(D);
    let y = x.times(&w_true);
    let study = Study::new(x, y);
    let w0 = study.minimum_norm();
    vec![equations(&study, &w0, &w_true), thin_step(&study, &w0), null_step(&study, &w0), split(&study, &w0, &w_true)]
}

fn equations(study: &Study, w0: &[f64], w_true: &[f64]) -> Section {
    let residual = distance(&study.problem.x.times(w0), &study.problem.y);
    let section = Section::new("Six equations for twelve weights").say(
        "X is 6 x 12 with normal entries and y = X w_true, without noise. Rank and nullity add up to the twelve columns: six \
         directions of w are seen by X, six are not.",
    );
    study
        .ranks(section, "np.linalg.matrix_rank(X)")
        .say(
            "So infinitely many w fit y exactly. lstsq returns the shortest of them, w0. It fits as well as w_true does and \
             is not w_true.",
        )
        .number("||X w0 - y||", Value::Noise { value: residual }, "np.linalg.norm(X @ w0 - y)")
        .number("||w0||", Value::Real { value: norm(w0) }, "np.linalg.norm(w0)")
        .number("||w_true||", Value::Real { value: norm(w_true) }, "np.linalg.norm(w_true)")
        .number("||w0 - w_true||", Value::Real { value: distance(w0, w_true) }, "np.linalg.norm(w0 - w_true)")
}

fn thin_step(study: &Study, w0: &[f64]) -> Section {
    let x = &study.problem.x;
    let z = study.svd.right.column(N - 1);
    let w = step(w0, THIN_STEP, z);
    let moved = distance(&x.times(&w), &x.times(w0));
    Section::new("The last row of the thin V' is not a null vector")
        .say(
            "The book's snippet takes z = the last row of V' from the thin SVD and adds 5 z to w0; one of the texts calls \
             this z null and expects the predictions to stay. The slip is easy: the thin SVD of a 6 x 12 matrix \
             keeps six rows of V', and all six belong to singular values above 0. Along the last one X stretches by sigma_min, \
             so the prediction moves by 5 sigma_min.",
        )
        .number("sigma_min", study.sigma(N - 1), "sigma[-1]")
        .number(
            "5 sigma_min",
            Value::Real { value: THIN_STEP * study.svd.sigma[N - 1] },
            "5 * sigma[-1]",
        )
        .number("||X (w0 + 5 z) - X w0||", Value::Real { value: moved }, "np.linalg.norm(X @ w_thin - X @ w0)")
        .number("||w0 + 5 z||", Value::Real { value: norm(&w) }, "np.linalg.norm(w_thin)")
}

fn null_step(study: &Study, w0: &[f64]) -> Section {
    let x = &study.problem.x;
    let basis = study.null_basis();
    let w = step(w0, NULL_STEP, basis.column(basis.cols() - 1));
    let moved = distance(&x.times(&w), &x.times(w0));
    let residual = distance(&x.times(&w), &study.problem.y);
    Section::new("A true null vector")
        .say(
            "The full V has twelve columns. The last six, which the thin SVD does not contain, are an orthonormal basis of the \
             null space (one of many: every rotation of it inside the null space is another). A step twice as long along any of \
             them moves nothing but the last digits.",
        )
        .number(
            "||X (w0 + 10 z) - X w0||",
            Value::Noise { value: moved },
            "np.linalg.norm(X @ w_null - X @ w0)",
        )
        .number("||X (w0 + 10 z) - y||", Value::Noise { value: residual }, "np.linalg.norm(X @ w_null - y)")
        .number("||w0 + 10 z||", Value::Real { value: norm(&w) }, "np.linalg.norm(w_null)")
        .say(
            "w0 has no part along z, so the norms obey Pythagoras: sqrt(||w0||^2 + 100). Only the norm, or new data, can tell \
             the two solutions apart.",
        )
}

fn split(study: &Study, w0: &[f64], w_true: &[f64]) -> Section {
    let svd = &study.svd;
    let seen = svd.weights(&svd.project_right(w_true));
    let unseen = svd.null_component(w_true);
    let effect = norm(&study.problem.x.times(&unseen));
    let numbers = [
        ("||w_seen||", norm(&seen), "np.linalg.norm(w_seen)"),
        ("||w_unseen||", norm(&unseen), "np.linalg.norm(w_unseen)"),
    ];
    let rows = (0..D).map(|j| (format!("w_{}", j + 1), vec![w_true[j], seen[j], unseen[j]])).collect();
    let section = Section::new("What the data say of w_true, and what they do not")
        .say("Every w is the sum of a part in the row space, which X sees, and a part in the null space, which it does not.")
        .table(&["w_true", "w_seen", "w_unseen"], rows);
    numbers
        .into_iter()
        .fold(section, |section, (label, value, numpy)| section.number(label, Value::Real { value }, numpy))
        .number("||X w_unseen||", Value::Noise { value: effect }, "np.linalg.norm(X @ w_unseen)")
        .number("||w_seen - w0||", Value::Noise { value: distance(&seen, w0) }, "np.linalg.norm(w_seen - w0)")
        .say(
            "Without noise the seen part is w0 itself: least squares recovers all that the data determine. The unseen part \
             could be anything.",
        )
}
