//! Batches cut into groups that go side by side.

use crate::matrix::Matrix;

/// Neighbours of one shape, `limit` of them at most. Few matrices are shared out among the threads of the current rayon pool rather than put
/// side by side.
pub(super) fn groups_of_one_shape<'a>(batch: &'a [&'a Matrix], limit: usize) -> Vec<&'a [&'a Matrix]> {
    let shape = |x: &Matrix| (x.rows(), x.cols());
    let threads = rayon::current_num_threads();
    let split = |alike: &'a [&'a Matrix]| alike.chunks(alike.len().div_ceil(threads).min(limit));
    batch.chunk_by(|a, b| shape(a) == shape(b)).flat_map(split).collect()
}
