//! Skew-symmetric matrices: the Pfaffian and linear systems.
//!
//! P A P' = L D L' with 2 x 2 blocks (0 a; -a 0) on the diagonal of D, by Gaussian elimination of two rows at a time with
//! the largest entry that is left as pivot; then Pf(A) = sign(P) * the product of the a's. Source: J. R. Bunch, "A note
//! on the stable decomposition of skew-symmetric matrices", Math. Comp. 38, 1982, whose pivot is the largest of two
//! columns: the largest of all is needed here, because nearly all of the matrix of an improbable event is rounding.

/// A skew-symmetric matrix of even order, factored.
pub(super) struct SkewFactor {
    order: usize,
    /// Below each block the two columns of L; in row k (even), place k + 1, the pivot a.
    entries: Vec<f64>,
    /// Which row of A became row i.
    rows: Vec<usize>,
    pfaffian: Pfaffian,
}

/// A number far beyond the range of f64, if need be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pfaffian {
    sign: f64,
    log: f64,
}

impl Pfaffian {
    /// self / other.
    pub(super) fn over(self, other: Self) -> f64 {
        self.sign * other.sign * (self.log - other.log).exp()
    }
}

impl SkewFactor {
    /// Factors `a`: order x order, row major, of which only what is above the diagonal is read.
    pub(super) fn new(order: usize, mut a: Vec<f64>) -> Self {
        debug_assert!(order.is_multiple_of(2) && a.len() == order * order);
        for i in 0..order {
            a[i * order + i] = 0.0;
            for j in 0..i {
                a[i * order + j] = -a[j * order + i];
            }
        }
        let mut rows: Vec<usize> = (0..order).collect();
        let mut pfaffian = Pfaffian { sign: 1.0, log: 0.0 };
        for k in (0..order).step_by(2) {
            let (first, second) = largest(&a, order, k);
            for (place, found) in [(k, first), (k + 1, second)] {
                if place != found {
                    swap(&mut a, order, place, found);
                    rows.swap(place, found);
                    pfaffian.sign = -pfaffian.sign;
                }
            }
            let block = a[k * order + k + 1];
            pfaffian.sign *= block.signum();
            pfaffian.log += block.abs().ln();
            if block == 0.0 {
                // Singular: all that is left is 0, and so is the Pfaffian.
                break;
            }
            eliminate(&mut a, order, k, block);
        }
        Self { order, entries: a, rows, pfaffian }
    }

    /// Pf(A).
    pub(super) fn pfaffian(&self) -> Pfaffian {
        self.pfaffian
    }

    /// The solution of A x = b; not finite where A is singular.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let order = self.order;
        let mut x: Vec<f64> = self.rows.iter().map(|&row| b[row]).collect();
        for k in (0..order).step_by(2) {
            let (first, second) = (x[k], x[k + 1]);
            for (i, x) in x.iter_mut().enumerate().skip(k + 2) {
                *x -= self.entries[i * order + k] * first + self.entries[i * order + k + 1] * second;
            }
        }
        for k in (0..order).step_by(2) {
            let block = self.entries[k * order + k + 1];
            (x[k], x[k + 1]) = (-x[k + 1] / block, x[k] / block);
        }
        for k in (0..order).step_by(2).rev() {
            for i in k + 2..order {
                let known = x[i];
                x[k] -= self.entries[i * order + k] * known;
                x[k + 1] -= self.entries[i * order + k + 1] * known;
            }
        }
        let mut solution = vec![0.0; order];
        for (row, x) in self.rows.iter().zip(x) {
            solution[*row] = x;
        }
        solution
    }
}

/// Row and column, row < column, of the largest entry from row and column k on.
fn largest(a: &[f64], order: usize, k: usize) -> (usize, usize) {
    let (mut place, mut size) = ((k, k + 1), -1.0);
    for i in k..order {
        for (j, entry) in a[i * order..(i + 1) * order].iter().enumerate().skip(i + 1) {
            if entry.abs() > size {
                (place, size) = ((i, j), entry.abs());
            }
        }
    }
    place
}

/// Exchanges rows i and j, and columns i and j.
fn swap(a: &mut [f64], order: usize, i: usize, j: usize) {
    for column in 0..order {
        a.swap(i * order + column, j * order + column);
    }
    for row in 0..order {
        a.swap(row * order + i, row * order + j);
    }
}

/// Subtracts what the block in rows k and k + 1 explains of the rows below, and leaves the two columns of L there.
fn eliminate(a: &mut [f64], order: usize, k: usize, block: f64) {
    // With V the two columns below the block B, the Schur complement is C + V B^-1 V'.
    let (head, below) = a.split_at_mut((k + 2) * order);
    // Rows k and k + 1 are -V'.
    let (first, second) = head[k * order..].split_at(order);
    for row in below.chunks_exact_mut(order) {
        let (v0, v1) = (row[k] / block, row[k + 1] / block);
        for j in k + 2..order {
            row[j] += v0 * second[j] - v1 * first[j];
        }
        (row[k], row[k + 1]) = (v1, -v0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Generator;

    fn random(order: usize) -> Vec<f64> {
        let mut a = Generator::from_entropy(&[order as u64]).normals(order * order);
        for i in 0..order {
            a[i * order + i] = 0.0;
            for j in 0..i {
                a[i * order + j] = -a[j * order + i];
            }
        }
        a
    }

    #[test]
    fn the_pfaffian_of_order_4_is_its_three_products() {
        let a = random(4);
        let at = |i: usize, j: usize| a[i * 4 + j];
        let exact = at(0, 1) * at(2, 3) - at(0, 2) * at(1, 3) + at(0, 3) * at(1, 2);
        let one = SkewFactor::new(2, vec![0.0, 1.0, -1.0, 0.0]).pfaffian();
        let found = SkewFactor::new(4, a.clone()).pfaffian().over(one);
        assert!((found / exact - 1.0).abs() < 1e-14, "{found} against {exact}");
    }

    #[test]
    fn solutions_solve() {
        for order in [2, 6, 40] {
            let a = random(order);
            let truth: Vec<f64> = (0..order).map(|i| 1.0 + i as f64).collect();
            let b: Vec<f64> =
                a.chunks_exact(order).map(|row| row.iter().zip(&truth).map(|(a, x)| a * x).sum()).collect();
            let found = SkewFactor::new(order, a).solve(&b);
            for (found, truth) in found.iter().zip(&truth) {
                assert!((found / truth - 1.0).abs() < 1e-11, "order {order}: {found} against {truth}");
            }
        }
    }

    #[test]
    fn a_singular_matrix_has_pfaffian_0() {
        let one = SkewFactor::new(2, vec![0.0, 1.0, -1.0, 0.0]).pfaffian();
        assert_eq!(SkewFactor::new(4, vec![0.0; 16]).pfaffian().over(one), 0.0);
    }
}
