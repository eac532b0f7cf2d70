//! Which matrices share a submission: sorted by way and shape, cut by bytes.

use super::choice::Way;
use super::layout::TallShape;

/// What planning needs to know of one matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Position in the caller's batch.
    pub(super) index: usize,
    pub(super) way: Way,
    /// Bytes of the largest buffer this matrix needs a part of.
    pub(super) bytes: u64,
    /// Sorting key within a way: matrices of one shape, of like cost and length of iteration go together.
    pub(super) shape: TallShape,
}

/// Matrices of one submission, all going the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) way: Way,
    /// Positions in the caller's batch.
    pub(super) members: Vec<usize>,
}

impl Chunk {
    /// The first and the second half of the members.
    pub(super) fn halves(mut self) -> (Self, Self) {
        let second = self.members.split_off(self.members.len() / 2);
        let way = self.way;
        (self, Self { way, members: second })
    }
}

/// Chunks of at most `chunk_bytes` (one matrix may have more, up to `buffer_bytes`), and the positions of the matrices
/// that are too large for the device.
pub(super) fn plan(mut jobs: Vec<Job>, chunk_bytes: u64, buffer_bytes: u64) -> (Vec<Chunk>, Vec<usize>) {
    jobs.sort_by_key(|job| (job.way, job.shape.q, job.shape.p, job.index));
    let mut too_large = Vec::new();
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut filled = 0;
    for job in jobs {
        if job.bytes > buffer_bytes {
            too_large.push(job.index);
            continue;
        }
        match chunks.last_mut() {
            Some(chunk) if chunk.way == job.way && filled + job.bytes <= chunk_bytes => {
                chunk.members.push(job.index);
                filled += job.bytes;
            }
            _ => {
                chunks.push(Chunk { way: job.way, members: vec![job.index] });
                filled = job.bytes;
            }
        }
    }
    (chunks, too_large)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::kernels::{Kernel, WorkgroupSize};

    fn job(index: usize, jacobi: Kernel, bytes: u64, (p, q): (usize, usize)) -> Job {
        Job { index, way: Way::direct(jacobi), bytes, shape: TallShape { p, q, rows: p } }
    }

    #[test]
    fn ways_are_not_mixed_shapes_stand_together_and_budgets_are_kept() {
        let small = Kernel::JacobiWorkgroup(WorkgroupSize { lanes: 32, tile_len: 900 });
        let jobs = vec![
            job(0, Kernel::JacobiRound, 60, (9, 9)),
            job(1, small, 30, (3, 2)),
            job(2, small, 30, (2, 2)),
            job(3, small, 30, (3, 2)),
            job(4, small, 30, (3, 3)),
            job(5, Kernel::JacobiRound, 500, (50, 50)),
            job(6, Kernel::JacobiRound, 5000, (500, 500)),
        ];
        let (chunks, too_large) = plan(jobs, 100, 1000);
        let chunk = |jacobi, members| Chunk { way: Way::direct(jacobi), members };
        assert_eq!(
            chunks,
            [
                chunk(small, vec![2, 1, 3]),
                chunk(small, vec![4]),
                chunk(Kernel::JacobiRound, vec![0]),
                chunk(Kernel::JacobiRound, vec![5]),
            ]
        );
        assert_eq!(too_large, [6]);
    }
}
