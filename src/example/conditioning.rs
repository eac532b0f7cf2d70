//! 50 x 5 with a last column near the first: what is large, what is infinite and what is noise.

use super::report::{Section, Value};
use super::study::Study;
use crate::matrix::Matrix;
use crate::rng::Generator;

const N: usize = 50;
/// Columns drawn; the fifth is made of them.
const DRAWN: usize = 4;
/// Size of the part of x_5 that is not x_1.
const EPSILON: f64 = 1e-3;

pub(super) fn sections() -> Vec<Section> {
    let mut rng = Generator::from_entropy(&[2]);
    let g = Matrix::new(N, DRAWN, rng.normals(N * DRAWN));
    let z = rng.normals(N);
    let dependent = Study::new(with_column(&g, |i| g[(i, 0)] + EPSILON * g[(i, 1)]), vec![0.0; N]);
    let independent = Study::new(with_column(&g, |i| g[(i, 0)] + EPSILON * z[i]), vec![0.0; N]);
    vec![printed(&dependent), certified(&dependent), nearly(&independent)]
}

/// `g` with one more column.
fn with_column(g: &Matrix, last: impl Fn(usize) -> f64) -> Matrix {
    Matrix::from_fn(N, DRAWN + 1, |i, j| if j < DRAWN { g[(i, j)] } else { last(i) })
}

fn printed(study: &Study) -> Section {
    let kappa = study.plain_kappa();
    Section::new("What plain f64 prints for x_5 = x_1 + 1e-3 x_2")
        .say(
            "The book makes a nearly collinear column from two others and computes condition numbers, to show that forming X'X \
             squares them. Jacobi's method in plain f64 gives:",
        )
        .number("cond(X)", Value::Noise { value: kappa }, "cond(X)")
        .number("cond(X'X)", Value::Noise { value: study.kappa_gram() }, "cond(X.T @ X)")
        .number("cond(X)^2", Value::Noise { value: kappa * kappa }, "cond(X) ** 2")
        .say(
            "cond(X'X) is nowhere near cond(X)^2, and another library prints other numbers: NumPy has shown 3.4e16 and \
             6.8e16 for cond(X'X) of this very matrix. Numbers about 1/u = 9e15 and above mean that sigma_min drowned in \
             rounding.",
        )
}

fn certified(study: &Study) -> Section {
    Section::new("What is true")
        .say(
            "x_5 is a combination of x_1 and x_2, whatever the factor 1e-3: in exact arithmetic X has rank 4 and an infinite \
             condition number. Only because each entry of x_5 was rounded to f64 is the stored matrix not quite dependent. \
             Double-double arithmetic resolves its smallest singular value:",
        )
        .number("sigma_4", study.sigma(3), "np.linalg.svd(X)[1][3]")
        .ours("sigma_5", study.sigma(4))
        .ours("kappa(X)", study.kappa())
        .ours("kappa(X'X) = kappa(X)^2", study.kappa_squared())
        .number("rank", Value::Count { value: study.svd.rank }, "np.linalg.matrix_rank(X)")
        .say(
            "So kappa(X'X) is indeed kappa(X)^2, 2.2e33, and the printed cond(X'X) is too small by sixteen powers of ten: the \
             smallest eigenvalue is lost when X'X is rounded. That the printed cond(X) has about the right size is no merit: \
             the SVD's own errors happen to be as large as sigma_5. And even the true kappa(X) only measures how the entries \
             of x_5 were rounded. The honest answer about this design is its rank.",
        )
}

fn nearly(study: &Study) -> Section {
    let kappa = study.plain_kappa();
    let gap = study.kappa_gram() / (kappa * kappa) - 1.0;
    let u = f64::EPSILON / 2.0;
    Section::new("The same with an independent direction: x_5 = x_1 + 1e-3 z")
        .say(
            "Let z be fifty new normals. Now x_5 is nearly but not exactly dependent, sigma_5 is of the size of 1e-3 sigma_4, \
             and the book's claim can be seen in plain f64.",
        )
        .number("sigma_5", study.sigma(4), "np.linalg.svd(Z)[1][4]")
        .number("kappa(Z)", study.kappa(), "cond(Z)")
        .ours("kappa(Z'Z) = kappa(Z)^2", study.kappa_squared())
        .number("cond(Z'Z), from Z'Z itself", Value::Real { value: study.kappa_gram() }, "cond(Z.T @ Z)")
        .number("cond(Z'Z) / cond(Z)^2 - 1", Value::Noise { value: gap }, "cond(Z.T @ Z) / cond(Z) ** 2 - 1")
        .number("cond(Z)^2 u", Value::Real { value: kappa * kappa * u }, "cond(Z) ** 2 * 2.0**-53")
        .number("rank", Value::Count { value: study.svd.rank }, "np.linalg.matrix_rank(Z)")
        .say(
            "The two agree to about nine digits. The rest was lost in forming Z'Z, whose rounding costs up to a small multiple \
             of cond^2 u, with u = 2^-53 = 1.1e-16. At cond = 1e8 all digits are gone; solvers that stay with X itself, by QR \
             or SVD, lose cond u instead.",
        )
}
