//! A = [[1, 1], [2, 2]]: a null space to be seen with the naked eye.

use super::report::{Section, Value};
use super::study::{Study, step};
use crate::linalg::{distance, norm};
use crate::matrix::Matrix;

pub(super) fn sections() -> Vec<Section> {
    let study = Study::new(Matrix::new(2, 2, vec![1.0, 1.0, 2.0, 2.0]), vec![3.0, 6.0]);
    // The null component of (1, 0) points along (1, -1), whichever sign V has.
    let z = study.svd.null_component(&[1.0, 0.0]);
    let length = norm(&z);
    let z: Vec<f64> = z.iter().map(|z| z / length).collect();
    vec![values(&study), vector(&study, &z), solutions(&study, &z)]
}

fn values(study: &Study) -> Section {
    let section = Section::new("One of the two singular values is 0")
        .say("A = [[1, 1], [2, 2]]: the second row is twice the first. By hand: sigma_1 = sqrt(10), sigma_2 = 0.")
        .number("sigma_1", study.sigma(0), "sigma[0]")
        .number("sigma_2", study.sigma(1), "sigma[1]")
        .number("kappa", study.kappa(), "sigma[0] / sigma[1]")
        .say(
            "An SVD in floating point cannot show this 0: NumPy prints 1.6e-16 on one machine and another tiny number on the \
             next. The interval contains 0, so nullsweep claims no digit of sigma_2 and none of kappa. The rank it can \
             claim: sigma_1 is proved to be above NumPy's tolerance and sigma_2 below.",
        );
    study.ranks(section, "np.linalg.matrix_rank(A)")
}

fn vector(study: &Study, z: &[f64]) -> Section {
    Section::new("The null space is the line t (1, -1)")
        .table(&["1st", "2nd"], vec![("z".to_owned(), z.to_vec())])
        .number("|z_1|", Value::Real { value: z[0].abs() }, "abs(z[0])")
        .number("|z_2|", Value::Real { value: z[1].abs() }, "abs(z[1])")
        .number("z_1 + z_2", Value::Noise { value: z[0] + z[1] }, "z.sum()")
        .number("||A z||", Value::Noise { value: norm(&study.problem.x.times(z)) }, "np.linalg.norm(A @ z)")
        .say("z = (1, -1) / sqrt(2), up to its sign: what one weight gains, the other loses, and both columns are equal.")
}

fn solutions(study: &Study, z: &[f64]) -> Section {
    let w0 = study.minimum_norm();
    let root = 2f64.sqrt();
    let far = step(&w0, 100.0, z);
    let misfit = distance(&study.problem.x.times(&far), &study.problem.y);
    let row = |w: &[f64]| {
        let fitted = study.problem.x.times(w);
        vec![w[0], w[1], fitted[0], fitted[1], norm(w)]
    };
    let rows = [("w0", 0.0), ("w0 + 1.5 (1, -1)", 1.5 * root), ("w0 - 3 (1, -1)", -3.0 * root)];
    Section::new("A line of weights that fit alike")
        .say("For y = (3, 6) only the sum w_1 + w_2 = 3 is determined. The shortest solution shares it equally.")
        .table(
            &["w_1", "w_2", "(A w)_1", "(A w)_2", "||w||"],
            rows.into_iter().map(|(label, alpha)| (label.to_owned(), row(&step(&w0, alpha, z)))).collect(),
        )
        .number("w0_1", Value::Real { value: w0[0] }, "w0[0]")
        .number("w0_2", Value::Real { value: w0[1] }, "w0[1]")
        .number("||A (w0 + 100 z) - y||", Value::Noise { value: misfit }, "np.linalg.norm(A @ (w0 + 100 * z) - y)")
}
