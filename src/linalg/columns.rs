//! Column-major storage, the working form of every factorization.

use std::any::Any;
use std::borrow::Cow;

use super::Scalar;
use super::vector::filled;
use crate::matrix::Matrix;

/// A dense `rows x cols` matrix, column major: column `j` is contiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns<T> {
    rows: usize,
    cols: usize,
    data: Vec<T>,
}

impl<T: Scalar> Columns<T> {
    /// The `rows x cols` zero matrix.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: filled(T::ZERO, rows * cols) }
    }

    /// [`Columns::zeros`] in the memory of `storage`, as far as that goes.
    pub(crate) fn zeros_in(mut storage: Vec<T>, rows: usize, cols: usize) -> Self {
        storage.clear();
        storage.resize(rows * cols, T::ZERO);
        Self { rows, cols, data: storage }
    }

    /// The memory of the entries, for the next matrix.
    pub(crate) fn into_storage(self) -> Vec<T> {
        self.data
    }

    /// The `size x size` identity.
    pub fn identity(size: usize) -> Self {
        let mut out = Self::zeros(size, size);
        for j in 0..size {
            out.column_mut(j)[j] = T::ONE;
        }
        out
    }

    /// The `rows x cols` matrix whose entry (i, j) is `entry(i, j)`.
    pub fn from_fn(rows: usize, cols: usize, mut entry: impl FnMut(usize, usize) -> T) -> Self {
        let mut data = Vec::with_capacity(rows * cols);
        for j in 0..cols {
            for i in 0..rows {
                data.push(entry(i, j));
            }
        }
        Self { rows, cols, data }
    }

    /// The tall form A of `x`: x itself if it has at least as many rows as columns, else its transpose.
    pub fn tall(x: &Matrix) -> Self {
        if x.rows() >= x.cols() {
            Self::from_fn(x.rows(), x.cols(), |i, j| T::from_f64(x[(i, j)]))
        } else {
            Self::from_fn(x.cols(), x.rows(), |i, j| T::from_f64(x[(j, i)]))
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Column `j`, `rows` long.
    pub fn column(&self, j: usize) -> &[T] {
        &self.data[j * self.rows..(j + 1) * self.rows]
    }

    /// Column `j`, `rows` long, to be changed in place.
    pub fn column_mut(&mut self, j: usize) -> &mut [T] {
        &mut self.data[j * self.rows..(j + 1) * self.rows]
    }

    /// Columns `i` and `j`, i < j, both to be changed in place.
    pub fn pair_mut(&mut self, i: usize, j: usize) -> (&mut [T], &mut [T]) {
        debug_assert!(i < j && j < self.cols, "columns {i} and {j} of {}", self.cols);
        let (head, tail) = self.data.split_at_mut(j * self.rows);
        (&mut head[i * self.rows..(i + 1) * self.rows], &mut tail[..self.rows])
    }

    /// All columns in order, each `rows` long.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[T]> {
        // An empty column still needs a chunk size; cols is then all that is left to say.
        (0..self.cols).map(|j| self.column(j))
    }

    /// All entries, column major.
    pub fn as_slice(&self) -> &[T] {
        &self.data
    }

    /// All entries, column major, to be changed in place.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Exchanges columns `i` and `j`.
    pub fn swap_columns(&mut self, i: usize, j: usize) {
        if i != j {
            let (a, b) = self.pair_mut(i.min(j), i.max(j));
            a.swap_with_slice(b);
        }
    }

    /// The matrix whose column k is this one's column `order[k]`.
    pub fn permuted(&self, order: &[usize]) -> Self {
        let mut out = Self::zeros(self.rows, order.len());
        for (k, &j) in order.iter().enumerate() {
            out.column_mut(k).copy_from_slice(self.column(j));
        }
        out
    }

    /// The first `rows` rows.
    pub fn leading_rows(&self, rows: usize) -> Self {
        let mut out = Self::zeros(rows, self.cols);
        for j in 0..self.cols {
            out.column_mut(j).copy_from_slice(&self.column(j)[..rows]);
        }
        out
    }

    /// The same entries in another scalar type, rounded where that type is narrower.
    pub fn convert<S: Scalar>(&self) -> Columns<S> {
        Columns { rows: self.rows, cols: self.cols, data: self.data.iter().map(|&x| S::from_f64(x.to_f64())).collect() }
    }

    /// [`Columns::convert`] that copies nothing where the type is this one already.
    pub fn as_scalar<S: Scalar>(&self) -> Cow<'_, Columns<S>> {
        match (self as &dyn Any).downcast_ref() {
            Some(same) => Cow::Borrowed(same),
            None => Cow::Owned(self.convert()),
        }
    }

    /// [`Columns::convert`] that moves the entries where the type is this one already.
    pub fn into_scalar<S: Scalar>(self) -> Columns<S> {
        let mut this = Some(self);
        let same = (&mut this as &mut dyn Any).downcast_mut::<Option<Columns<S>>>().and_then(Option::take);
        same.or_else(|| this.map(|columns| columns.convert())).expect("one of the two holds the columns")
    }
}

impl<T> std::ops::Index<(usize, usize)> for Columns<T> {
    type Output = T;
    fn index(&self, (i, j): (usize, usize)) -> &T {
        &self.data[j * self.rows + i]
    }
}

impl<T> std::ops::IndexMut<(usize, usize)> for Columns<T> {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut T {
        &mut self.data[j * self.rows + i]
    }
}
