//! The orthogonal factor of a tall matrix by Householder QR (Golub & Van Loan, 4th ed., Alg. 5.2.1), with the signs that
//! make R's diagonal positive, so that the factor is a function of the matrix.

use crate::linalg::Columns;

/// Q of A = Q R, R's diagonal positive. `a`: p x k with p >= k, of rank k. Returns p x k with orthonormal columns.
pub(super) fn factor(mut a: Columns<f64>) -> Columns<f64> {
    let (p, k) = (a.rows(), a.cols());
    let mut reflectors = Vec::with_capacity(k);
    for j in 0..k {
        let reflector = Reflector::annihilating(&a.column(j)[j..]);
        for column in j + 1..k {
            reflector.apply(&mut a.column_mut(column)[j..]);
        }
        reflectors.push(reflector);
    }
    let mut q = Columns::from_fn(p, k, |i, j| if i == j { 1.0 } else { 0.0 });
    for (j, reflector) in reflectors.iter().enumerate().rev() {
        for column in j..k {
            reflector.apply(&mut q.column_mut(column)[j..]);
        }
    }
    for (j, reflector) in reflectors.iter().enumerate() {
        for x in q.column_mut(j) {
            *x *= reflector.sign;
        }
    }
    q
}

/// H = I - beta v v', which maps a vector x to `sign` ||x|| e_1.
struct Reflector {
    v: Vec<f64>,
    beta: f64,
    sign: f64,
}

impl Reflector {
    fn annihilating(x: &[f64]) -> Self {
        let norm = crate::linalg::norm(x);
        let mut v = x.to_vec();
        if norm == 0.0 {
            return Self { v, beta: 0.0, sign: 1.0 };
        }
        // The sign opposite to x_1 makes v_1 a sum of two numbers of one sign: no cancellation.
        let sign = -x[0].signum();
        v[0] -= sign * norm;
        let beta = 2.0 / dot(&v, &v);
        Self { v, beta, sign }
    }

    fn apply(&self, x: &mut [f64]) {
        let scale = self.beta * dot(&self.v, x);
        for (x, v) in x.iter_mut().zip(&self.v) {
            *x -= scale * v;
        }
    }
}

/// x'y in eight partial sums: the same order of additions on every machine, and one that vectorizes.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (x_chunks, y_chunks) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest: f64 = x_chunks.remainder().iter().zip(y_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in x_chunks.zip(y_chunks) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Generator;

    #[test]
    fn q_is_orthonormal_and_r_upper_triangular_with_a_positive_diagonal() {
        for (p, k) in [(1, 1), (5, 1), (4, 4), (33, 9), (40, 40)] {
            let normals = Generator::from_entropy(&[p as u64, k as u64]).normals(p * k);
            let a = Columns::from_fn(p, k, |i, j| normals[i * k + j]);
            let q = factor(a.clone());
            for i in 0..k {
                for j in 0..k {
                    let (qq, r) = (dot(q.column(i), q.column(j)), dot(q.column(i), a.column(j)));
                    assert!((qq - f64::from(u8::from(i == j))).abs() < 1e-14, "Q'Q at ({i}, {j}) is {qq}");
                    assert!(i != j || r > 0.0, "R at ({i}, {i}) is {r}");
                    assert!(i <= j || r.abs() < 1e-13, "R at ({i}, {j}) is {r}");
                }
            }
        }
    }

    #[test]
    fn a_zero_column_leaves_q_orthonormal() {
        let q = factor(Columns::from_fn(3, 2, |i, j| if (i, j) == (1, 1) { 2.0 } else { 0.0 }));
        for (i, j, expected) in [(0, 0, 1.0), (1, 1, 1.0), (0, 1, 0.0)] {
            assert!((dot(q.column(i), q.column(j)) - expected).abs() < 1e-15);
        }
    }
}
