//! Matrices of one shape side by side, a lane each: for small ones, whose columns are too short to fill registers.
//!
//! No sum runs across lanes and no loop has a remainder, whatever the shape. Every sum is one chain in the order of its rows
//! or columns, so that neither the tiles nor the number of lanes change a bit of it.

mod product;

use std::ops::{Index, IndexMut};

use super::Columns;
use super::lanes::Lanes;
use crate::matrix::Matrix;

/// `W` matrices, `rows` x `cols`, column major: an entry holds those of all matrices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lockstep<const W: usize> {
    rows: usize,
    cols: usize,
    data: Vec<Lanes<W>>,
}

impl<const W: usize> Lockstep<W> {
    /// `rows` x `cols` from now on, in the memory that it has. What the entries hold is arbitrary.
    pub(crate) fn reshape(&mut self, rows: usize, cols: usize) {
        (self.rows, self.cols) = (rows, cols);
        self.data.resize(self.stride() * cols, [0.0; W]);
    }

    /// From one column to the next: an odd number, so that columns of as many rows as a power of two do not share a few places of
    /// the cache.
    fn stride(&self) -> usize {
        self.rows | 1
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub(crate) fn cols(&self) -> usize {
        self.cols
    }

    /// Column `j`, `rows` long.
    #[inline(always)]
    pub(crate) fn column(&self, j: usize) -> &[Lanes<W>] {
        &self.data[j * self.stride()..][..self.rows]
    }

    /// Column `j`, `rows` long, to be changed in place.
    #[inline(always)]
    pub(crate) fn column_mut(&mut self, j: usize) -> &mut [Lanes<W>] {
        let stride = self.stride();
        &mut self.data[j * stride..][..self.rows]
    }

    /// Columns of `N` from `first` on, each `rows` long, to be changed in place.
    #[inline(always)]
    pub(super) fn columns_mut<const N: usize>(&mut self, first: usize) -> [&mut [Lanes<W>]; N] {
        let (stride, rows) = (self.stride(), self.rows);
        // Filled in a loop: the closure of `std::array::from_fn` is not inlined.
        let mut out = [(); N].map(|()| -> &mut [Lanes<W>] { &mut [] });
        for (out, column) in out.iter_mut().zip(self.data[first * stride..].chunks_exact_mut(stride)) {
            *out = &mut column[..rows];
        }
        out
    }

    /// The tall forms of up to `W` matrices of one shape, at least one of them, each times the `scale` of its lane. Lanes behind them hold
    /// the first once more.
    #[inline(always)]
    pub(crate) fn take_tall(&mut self, matrices: &[&Matrix], scale: &Lanes<W>) {
        let x = matrices[0];
        let (p, q) = (x.rows().max(x.cols()), x.rows().min(x.cols()));
        self.reshape(p, q);
        let mut entries = [x.as_slice(); W];
        for (entries, x) in entries.iter_mut().zip(matrices) {
            *entries = &x.as_slice()[..p * q];
        }
        let stride = self.stride();
        let (rows, to_next_row, to_next_column) = if x.rows() < x.cols() { (q, stride, 1) } else { (p, 1, stride) };
        let length = p * q / rows;
        for i in 0..rows {
            let first = i * to_next_row;
            let row = entries.map(|entries| &entries[i * length..][..length]);
            let places = (first..).step_by(to_next_column).take(length);
            for (j, place) in places.enumerate() {
                let mut entry = [0.0; W];
                for lane in 0..W {
                    entry[lane] = row[lane][j] * scale[lane];
                }
                self.data[place] = entry;
            }
        }
    }

    /// The diagonals and upper triangles of up to `W` square matrices of one order, at least one of them. Lanes behind them hold the first once
    /// more, and what is below is arbitrary.
    #[inline(always)]
    pub(crate) fn take_triangles(&mut self, matrices: &[Columns<f64>]) {
        let q = matrices[0].cols();
        self.reshape(q, q);
        for j in 0..q {
            let mut columns = [&matrices[0].column(j)[..=j]; W];
            for (column, matrix) in columns.iter_mut().zip(matrices) {
                *column = &matrix.column(j)[..=j];
            }
            for (i, entry) in self.column_mut(j)[..=j].iter_mut().enumerate() {
                for lane in 0..W {
                    entry[lane] = columns[lane][i];
                }
            }
        }
    }

    /// The upper triangles, without the diagonals, into the matrices that they were taken from, the rest of which becomes 0.
    #[inline(always)]
    pub(crate) fn give_triangles(&self, matrices: &mut [Columns<f64>]) {
        for (lane, matrix) in matrices.iter_mut().enumerate() {
            for j in 0..self.cols {
                let column = matrix.column_mut(j);
                for (out, entry) in column[..j].iter_mut().zip(self.column(j)) {
                    *out = entry[lane];
                }
                column[j..].fill(0.0);
            }
        }
    }

    /// Column `j` of the matrix in `lane`.
    #[inline(always)]
    pub(crate) fn column_of(&self, lane: usize, j: usize) -> impl Iterator<Item = f64> {
        self.column(j).iter().map(move |entry| entry[lane])
    }

    /// The matrix in `lane`.
    pub(crate) fn matrix_of(&self, lane: usize) -> Columns<f64> {
        let mut out = Columns::zeros(self.rows, self.cols);
        for j in 0..self.cols {
            for (out, entry) in out.column_mut(j).iter_mut().zip(self.column_of(lane, j)) {
                *out = entry;
            }
        }
        out
    }
}

impl<const W: usize> Index<(usize, usize)> for Lockstep<W> {
    type Output = Lanes<W>;
    #[inline(always)]
    fn index(&self, (i, j): (usize, usize)) -> &Lanes<W> {
        &self.data[j * self.stride() + i]
    }
}

impl<const W: usize> IndexMut<(usize, usize)> for Lockstep<W> {
    #[inline(always)]
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut Lanes<W> {
        let stride = self.stride();
        &mut self.data[j * stride + i]
    }
}
