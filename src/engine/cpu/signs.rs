//! The signs of singular vectors, which the mathematics leaves open: one rule for every way of the CPU to them.

use crate::linalg::{Columns, LANES, Scalar};

/// An entry counts as the largest of its column from this share of the largest size on: far beyond what rounding may do to entries that are
/// equal but for it, which must not decide.
const AS_GOOD_AS_LARGEST: f64 = 1.0 - 1e-8;

/// Makes positive, in every column of `v`, the first of the entries that are largest in size.
#[inline(always)]
pub(super) fn make_signs_definite<T: Scalar>(v: &mut Columns<T>) {
    for j in 0..v.cols() {
        let column = v.column_mut(j);
        let least = AS_GOOD_AS_LARGEST * largest_size(column);
        let first = column.iter().find(|x| x.to_f64().abs() >= least);
        if first.is_some_and(|x| *x < T::ZERO) {
            for x in column {
                *x = -*x;
            }
        }
    }
}

/// The largest absolute value of the entries that are numbers; they need not be in one chain of comparisons.
#[inline(always)]
fn largest_size<T: Scalar>(column: &[T]) -> f64 {
    let (chunks, rest) = column.as_chunks::<LANES>();
    let mut largest = [0.0_f64; LANES];
    for chunk in chunks {
        for (largest, x) in largest.iter_mut().zip(chunk) {
            let size = x.to_f64().abs();
            *largest = if size > *largest { size } else { *largest };
        }
    }
    let rest = rest.iter().map(|x| x.to_f64().abs());
    largest.into_iter().chain(rest).fold(0.0, |largest, size| if size > largest { size } else { largest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Dd;

    #[test]
    fn the_first_of_the_largest_entries_becomes_positive_and_rounding_does_not_choose_it() {
        let columns = [
            [0.1, -0.7, 0.7],
            [0.1, 0.7, -0.7],
            [0.1, -0.7, 0.7 + 1e-15],
            [-0.1, 0.7 - 1e-15, -0.7],
            [-0.3, 0.2, 0.31],
        ];
        let expected = [[-0.1, 0.7, -0.7], columns[1], [-0.1, 0.7, -0.7 - 1e-15], columns[3], columns[4]];
        let mut v = Columns::from_fn(3, 5, |i, j| columns[j][i]);
        let mut pairs = Columns::from_fn(3, 5, |i, j| Dd::from_f64(columns[j][i]));
        make_signs_definite(&mut v);
        make_signs_definite(&mut pairs);
        assert_eq!(v, Columns::from_fn(3, 5, |i, j| expected[j][i]));
        assert_eq!(pairs.convert::<f64>(), v);
    }

    #[test]
    fn zeros_stay_and_what_is_not_a_number_decides_nothing() {
        let columns = [[0.0, 0.0], [f64::NAN, -1.0]];
        let mut v = Columns::from_fn(2, 2, |i, j| columns[j][i]);
        make_signs_definite(&mut v);
        assert!(v.column(0) == [0.0, 0.0] && v.column(1)[0].is_nan() && v.column(1)[1] == 1.0);
    }
}
