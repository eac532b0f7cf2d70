//! The matrix that travels through the house: dense, `f64`, row major.

use std::ops::{Index, IndexMut};

use crate::linalg::{max_abs, norm, vectorized};

/// A dense `rows x cols` matrix of `f64`, row major, as a trial carries it from the design to the certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f64>,
}

impl Matrix {
    /// Takes `data` (row major, `rows * cols` long).
    ///
    /// # Panics
    /// If the length does not fit the shape: that is a mistake of the caller, never of a user's input.
    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Self {
        assert_eq!(data.len(), rows * cols, "a {rows} x {cols} matrix needs {} entries", rows * cols);
        Self { rows, cols, data }
    }

    /// The `rows x cols` matrix whose entry (i, j) is `entry(i, j)`.
    pub fn from_fn(rows: usize, cols: usize, mut entry: impl FnMut(usize, usize) -> f64) -> Self {
        let mut data = Vec::with_capacity(rows * cols);
        for i in 0..rows {
            for j in 0..cols {
                data.push(entry(i, j));
            }
        }
        Self { rows, cols, data }
    }

    /// The `rows x cols` zero matrix.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Number of rows (n, the observations, where this is a design matrix).
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns (d, the features, where this is a design matrix).
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Row `i`, `cols` long.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// Row `i`, `cols` long, to be changed in place.
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// Column `j`, copied.
    pub fn column(&self, j: usize) -> Vec<f64> {
        (0..self.rows).map(|i| self[(i, j)]).collect()
    }

    /// All entries, row major.
    pub fn as_slice(&self) -> &[f64] {
        &self.data
    }

    /// The transpose, copied.
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.cols, self.rows, |i, j| self[(j, i)])
    }

    /// X w: `w` is `cols` long, the result `rows` long. Every sum runs from column 0 up, so that
    /// the same product can be formed elsewhere to the same bits.
    pub fn times(&self, w: &[f64]) -> Vec<f64> {
        // A sum waits for its own last addition; those of several rows fill the time.
        const TOGETHER: usize = 8;
        assert_eq!(w.len(), self.cols, "X w needs one weight per column");
        let mut out = vec![0.0; self.rows];
        let blocks = self.data.chunks_exact((TOGETHER * self.cols).max(1));
        let mut sums = out.chunks_exact_mut(TOGETHER);
        for (block, sums) in blocks.zip(sums.by_ref()) {
            let mut rows: [&[f64]; TOGETHER] = [&[]; TOGETHER];
            for (row, entries) in rows.iter_mut().zip(block.chunks_exact(self.cols)) {
                *row = &entries[..w.len()];
            }
            let mut found = [0.0; TOGETHER];
            for (j, w) in w.iter().enumerate() {
                for (sum, row) in found.iter_mut().zip(&rows) {
                    *sum += row[j] * w;
                }
            }
            sums.copy_from_slice(&found);
        }
        let rest = sums.into_remainder();
        let first = self.rows - rest.len();
        for (i, sum) in rest.iter_mut().enumerate() {
            *sum = self.row(first + i).iter().zip(w).fold(0.0, |sum, (x, w)| sum + x * w);
        }
        out
    }

    /// X' r: `r` is `rows` long, the result `cols` long.
    pub fn transpose_times(&self, r: &[f64]) -> Vec<f64> {
        assert_eq!(r.len(), self.rows, "X' r needs one entry per row");
        let mut out = vec![0.0; self.cols];
        for (row, &r) in self.data.chunks_exact(self.cols.max(1)).zip(r) {
            for (out, &x) in out.iter_mut().zip(row) {
                *out += x * r;
            }
        }
        out
    }

    /// Largest absolute entry; 0 for an empty matrix, NaN if any entry is NaN.
    pub fn max_abs(&self) -> f64 {
        vectorized(
            #[inline(always)]
            || max_abs(&self.data),
        )
    }

    /// ||X||_F, computed without overflow or underflow of the squares.
    pub fn frobenius_norm(&self) -> f64 {
        vectorized(
            #[inline(always)]
            || norm(&self.data),
        )
    }

    /// Position of the first entry that is NaN or infinite.
    pub fn first_not_finite(&self) -> Option<(usize, usize)> {
        let at = self.data.iter().position(|x| !x.is_finite())?;
        Some((at / self.cols, at % self.cols))
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {
        &self.data[i * self.cols + j]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {
        &mut self.data[i * self.cols + j]
    }
}
