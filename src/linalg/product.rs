//! Products of whole matrices, column by column.

use super::{Columns, Scalar, axpy, dot};

/// A V, p x r, for `a` p x q and `v` q x r: each entry q products and q additions, in the order of the columns of `a`.
#[inline(always)]
pub fn product<T: Scalar>(a: &Columns<T>, v: &Columns<T>) -> Columns<T> {
    let mut b = Columns::zeros(a.rows(), v.cols());
    for j in 0..v.cols() {
        for (k, &weight) in v.column(j).iter().enumerate() {
            axpy(weight, a.column(k), b.column_mut(j));
        }
    }
    b
}

/// A'A, q x q, for `a` p x q: each entry one inner product, the two triangles the same bits.
#[inline(always)]
pub fn gram<T: Scalar>(a: &Columns<T>) -> Columns<T> {
    let mut gram = Columns::zeros(a.cols(), a.cols());
    for j in 0..a.cols() {
        for i in 0..=j {
            let product = dot(a.column(i), a.column(j));
            gram[(i, j)] = product;
            gram[(j, i)] = product;
        }
    }
    gram
}
