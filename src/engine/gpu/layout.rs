//! Shapes of matrices on the device, and where those of a chunk lie in a buffer of reals.

use super::wire::{GroupItem, JacobiDims, word};
use crate::engine::Vectors;
use crate::matrix::Matrix;

/// Most matrices of one group; `LANES` of `jacobi_thread.wgsl`. Two waves on NVIDIA, one on AMD.
pub(super) const GROUP: usize = 64;

/// A matrix's shape on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TallShape {
    pub(super) p: usize,
    pub(super) q: usize,
    /// p plus passengers.
    pub(super) rows: usize,
}

impl TallShape {
    /// The tall form A, with q passengers where V is wanted.
    pub(super) fn of(x: &Matrix, vectors: Vectors) -> Self {
        match vectors {
            Vectors::None => Self::alone(x),
            Vectors::Right => Self::with_vectors(x.rows(), x.cols()),
        }
    }

    /// The tall form of an n x d matrix, with passengers.
    pub(super) fn with_vectors(n: usize, d: usize) -> Self {
        let (p, q) = (n.max(d), n.min(d));
        Self { p, q, rows: p + q }
    }

    /// The tall form A without passengers.
    pub(super) fn alone(x: &Matrix) -> Self {
        let (p, q) = (x.rows().max(x.cols()), x.rows().min(x.cols()));
        Self { p, q, rows: p }
    }

    /// The smaller Gram matrix, q x q, values only.
    pub(super) fn gram(x: &Matrix) -> Self {
        let q = x.rows().min(x.cols());
        Self { p: q, q, rows: q }
    }

    /// The triangle R of A = QR, q x q, with the passengers of A.
    pub(super) fn triangle(self) -> Self {
        Self { p: self.q, q: self.q, rows: self.rows - self.p + self.q }
    }

    pub(super) fn reals(self) -> usize {
        self.rows * self.q
    }
}

/// How matrices lie beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrangement {
    /// One after the other: `[matrix][column][row]`.
    Apart,
    /// Neighbours of one shape in groups, entry by entry: `[group][column][row][matrix]`.
    Interleaved,
}

/// Where matrices lie. Neither arrangement leaves gaps: a group is as wide as it has matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// One per matrix.
    pub(super) dims: Vec<JacobiDims>,
    /// Matrices that share a stretch of the buffer, in the order of the matrices.
    pub(super) groups: Vec<GroupItem>,
    /// Length of the buffer.
    pub(super) reals: usize,
}

impl Layout {
    pub(super) fn new(shapes: &[TallShape], arrangement: Arrangement) -> Self {
        let widest = match arrangement {
            Arrangement::Apart => 1,
            Arrangement::Interleaved => GROUP,
        };
        let mut layout = Self { dims: Vec::with_capacity(shapes.len()), groups: Vec::new(), reals: 0 };
        for alike in shapes.chunk_by(|a, b| a == b).flat_map(|alike| alike.chunks(widest)) {
            layout.groups.push(GroupItem { first: word(layout.dims.len()), count: word(alike.len()) });
            let start = layout.reals;
            for (place, shape) in alike.iter().enumerate() {
                layout.dims.push(JacobiDims {
                    entries: word(start + place),
                    p: word(shape.p),
                    q: word(shape.q),
                    rows: word(shape.rows),
                    stride: word(alike.len()),
                });
                layout.reals += shape.reals();
            }
        }
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: TallShape = TallShape { p: 2, q: 2, rows: 4 };
    const OTHER: TallShape = TallShape { p: 3, q: 2, rows: 5 };

    /// The places of every matrix's entries, in its order.
    fn places(layout: &Layout) -> Vec<Vec<u32>> {
        let of = |m: &JacobiDims| (0..m.rows * m.q).map(|k| m.entries + k * m.stride).collect();
        layout.dims.iter().map(of).collect()
    }

    #[test]
    fn every_place_belongs_to_one_entry_of_one_matrix() {
        let shapes = [vec![SMALL; GROUP + 3], vec![OTHER; 2], vec![SMALL], vec![OTHER; GROUP]].concat();
        for arrangement in [Arrangement::Apart, Arrangement::Interleaved] {
            let layout = Layout::new(&shapes, arrangement);
            let mut taken = places(&layout).concat();
            taken.sort_unstable();
            assert!(taken.iter().copied().eq(0..word(layout.reals)), "{arrangement:?}");
        }
    }

    #[test]
    fn groups_hold_neighbours_of_one_shape() {
        let shapes = [vec![SMALL; GROUP + 1], vec![OTHER; 2]].concat();
        let layout = Layout::new(&shapes, Arrangement::Interleaved);
        let counts: Vec<u32> = layout.groups.iter().map(|group| group.count).collect();
        assert_eq!(counts, [word(GROUP), 1, 2]);
        let places = places(&layout);
        assert_eq!((places[0][0], places[1][0], places[0][1]), (0, 1, word(GROUP)), "entry by entry");
        assert_eq!(Layout::new(&shapes, Arrangement::Apart).groups.len(), shapes.len());
    }
}
