//! A vector against all columns of a matrix: inner products with them, and combinations of them taken away.
//!
//! Four columns at a time, so that the vector is read and written once for the four and their sums do not wait for one another.

use super::vector::{LANES, dot, joined};
use super::{Columns, Scalar};

/// Columns that go together.
const TOGETHER: usize = 4;

/// c = Q'x: inner products of `x` with the first `c.len()` columns of `q`, each the bits of [`dot`].
#[inline(always)]
pub fn inner_products<T: Scalar>(q: &Columns<T>, x: &[T], c: &mut [T]) {
    let (fours, rest) = c.as_chunks_mut::<TOGETHER>();
    let first = fours.len() * TOGETHER;
    for (k, c) in fours.iter_mut().enumerate() {
        let j = k * TOGETHER;
        *c = four_products([q.column(j), q.column(j + 1), q.column(j + 2), q.column(j + 3)], x);
    }
    for (k, c) in rest.iter_mut().enumerate() {
        *c = dot(q.column(first + k), x);
    }
}

#[inline(always)]
fn four_products<T: Scalar>(columns: [&[T]; TOGETHER], x: &[T]) -> [T; TOGETHER] {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let whole = chunks.len() * LANES;
    let mut heads: [&[[T; LANES]]; TOGETHER] = [&[]; TOGETHER];
    for (head, column) in heads.iter_mut().zip(columns) {
        *head = &column.as_chunks().0[..chunks.len()];
    }
    let mut sums = [[T::ZERO; LANES]; TOGETHER];
    for (row, x) in chunks.iter().enumerate() {
        for (sum, head) in sums.iter_mut().zip(&heads) {
            for (sum, (a, x)) in sum.iter_mut().zip(head[row].iter().zip(x)) {
                *sum += *a * *x;
            }
        }
    }
    let mut out = [T::ZERO; TOGETHER];
    for ((out, mut sum), column) in out.iter_mut().zip(sums).zip(columns) {
        for (sum, (&a, &x)) in sum.iter_mut().zip(column[whole..].iter().zip(rest)) {
            *sum += a * x;
        }
        *out = joined(sum);
    }
    out
}

/// x <- x - Q c for the first `c.len()` columns of `q`, from row `from` on, where `x` begins; one column after the other.
#[inline(always)]
pub fn subtract_combination<T: Scalar>(q: &Columns<T>, from: usize, c: &[T], x: &mut [T]) {
    let (fours, rest) = c.as_chunks::<TOGETHER>();
    let first = fours.len() * TOGETHER;
    for (k, c) in fours.iter().enumerate() {
        let j = k * TOGETHER;
        let tail = |j: usize| &q.column(j)[from..][..x.len()];
        subtract_four([tail(j), tail(j + 1), tail(j + 2), tail(j + 3)], *c, x);
    }
    for (k, &c) in rest.iter().enumerate() {
        for (x, &q) in x.iter_mut().zip(&q.column(first + k)[from..]) {
            *x -= c * q;
        }
    }
}

/// In one expression an entry, which the compiler lays side by side as far as it likes: no sum runs across rows.
#[inline(always)]
fn subtract_four<T: Scalar>([q0, q1, q2, q3]: [&[T]; TOGETHER], [c0, c1, c2, c3]: [T; TOGETHER], x: &mut [T]) {
    let columns = q0.iter().zip(q1).zip(q2.iter().zip(q3));
    for (x, ((&q0, &q1), (&q2, &q3))) in x.iter_mut().zip(columns) {
        *x = *x - c0 * q0 - c1 * q1 - c2 * q2 - c3 * q3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Dd, axpy};

    /// Entries whose sums round differently in every order.
    fn sample<T: Scalar>(rows: usize, cols: usize) -> Columns<T> {
        Columns::from_fn(rows, cols, |i, j| T::from_f64(1.0 / (1 + (i * 7 + j * 13) % 29) as f64 - 0.2))
    }

    fn agrees_with_one_column_at_a_time<T: Scalar>() {
        for (rows, cols) in [(1, 1), (7, 3), (8, 4), (21, 6), (40, 13)] {
            let q = sample::<T>(rows, cols);
            let x = sample::<T>(rows, 1).column(0).to_vec();
            let mut c = vec![T::ZERO; cols];
            inner_products(&q, &x, &mut c);
            let alone: Vec<T> = q.iter().map(|column| dot(column, &x)).collect();
            assert_eq!(c, alone, "{rows}x{cols}");
            for from in [0, rows / 2] {
                let (mut found, mut expected) = (x[from..].to_vec(), x[from..].to_vec());
                subtract_combination(&q, from, &c, &mut found);
                for (column, &c) in q.iter().zip(&c) {
                    axpy(-c, &column[from..], &mut expected);
                }
                assert_eq!(found, expected, "{rows}x{cols} from {from}");
            }
        }
    }

    #[test]
    fn four_columns_at_a_time_give_the_bits_of_one() {
        agrees_with_one_column_at_a_time::<f64>();
        agrees_with_one_column_at_a_time::<f32>();
        agrees_with_one_column_at_a_time::<Dd>();
    }
}
