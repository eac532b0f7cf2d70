//! A = [[1, 2], [2, 4], [3, 6]], b = (5, 11, 20): an error that no weights remove.

use super::report::{Section, Value};
use super::study::Study;
use crate::linalg::{difference, dot, norm};
use crate::matrix::Matrix;

pub(super) fn sections() -> Vec<Section> {
    let a = Matrix::new(3, 2, vec![1.0, 2.0, 2.0, 4.0, 3.0, 6.0]);
    let study = Study::new(a, vec![5.0, 11.0, 20.0]);
    vec![column_space(&study), residual(&study), any_weights(&study)]
}

fn column_space(study: &Study) -> Section {
    let section = Section::new("All that A w can be is a line")
        .say(
            "The second column of A is twice the first, so whatever the weights, A w is a multiple of (1, 2, 3). The line has \
             one dimension, the three observations have three: two directions of b are out of reach, the left null space \
             {r: A'r = 0}.",
        )
        .number("sigma_1", study.sigma(0), "np.linalg.svd(A)[1][0]")
        .number("sigma_2", study.sigma(1), "np.linalg.svd(A)[1][1]");
    study.ranks(section, "np.linalg.matrix_rank(A)").number(
        "left nullity = rows - rank",
        Value::Count { value: study.svd.left_nullity() },
        "A.shape[0] - np.linalg.matrix_rank(A)",
    )
}

fn residual(study: &Study) -> Section {
    let b = &study.problem.y;
    let r = study.svd.left_null_component(b);
    let b_hat = difference(b, &r);
    let squares = dot(&r, &r);
    let outside = left_null_coordinates(study);
    Section::new("b splits into what can be fitted and what cannot")
        .say("b_hat is the point of the line nearest to b = (5, 11, 20), and r = b - b_hat the error that remains.")
        .table(
            &["1st", "2nd", "3rd"],
            vec![("b".to_owned(), b.clone()), ("b_hat".to_owned(), b_hat), ("r".to_owned(), r.clone())],
        )
        .number("||r||^2", Value::Real { value: squares }, "r @ r")
        .number("||b||^2", Value::Real { value: dot(b, b) }, "b @ b")
        .number("share of ||b||^2", Value::Real { value: squares / dot(b, b) }, "r @ r / (b @ b)")
        .number("||A'r||", Value::Noise { value: norm(&study.problem.x.transpose_times(&r)) }, "np.linalg.norm(A.T @ r)")
        .say(
            "By hand, ||r||^2 = 75/14. r is orthogonal to every column of A, so it lies in the left null space; and it is all \
             that b has there, as the coordinates of b along an orthonormal basis of that space show:",
        )
        .number("||U_0' b||", Value::Real { value: norm(&outside) }, "np.linalg.norm(U[:, 1:].T @ b)")
        .number("||r||", Value::Real { value: norm(&r) }, "np.linalg.norm(r)")
}

/// b along an orthonormal basis of the left null space.
fn left_null_coordinates(study: &Study) -> Vec<f64> {
    let basis = study.left_null_basis();
    basis.iter().map(|u| dot(u, &study.problem.y)).collect()
}

fn any_weights(study: &Study) -> Section {
    let w0 = study.minimum_norm();
    let row = |w: &[f64]| {
        let r = difference(&study.problem.y, &study.problem.x.times(w));
        vec![w[0], w[1], dot(&r, &r)]
    };
    // Along (2, -1), the null vector of A, the fit does not change.
    let along = |t: f64| [w0[0] + 2.0 * t, w0[1] - t];
    Section::new("No weights do better")
        .number("w0_1", Value::Real { value: w0[0] }, "w0[0]")
        .number("w0_2", Value::Real { value: w0[1] }, "w0[1]")
        .table(
            &["w_1", "w_2", "||A w - b||^2"],
            vec![
                ("all 0".to_owned(), row(&[0.0, 0.0])),
                ("minimum norm w0".to_owned(), row(&w0)),
                ("w0 + (2, -1)".to_owned(), row(&along(1.0))),
                ("w0 + 40 (2, -1)".to_owned(), row(&along(40.0))),
                ("w0 + (0.1, 0)".to_owned(), row(&[w0[0] + 0.1, w0[1]])),
            ],
        )
        .say(
            "Training can only move A w along the line. A longer training, a better optimizer or more weights on these columns \
             leave 5.357 where it is; a new feature with a part along r removes some of it.",
        )
}
