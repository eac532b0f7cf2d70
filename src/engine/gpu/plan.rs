//! Which matrices share a submission: sorted by kernel and shape, cut by bytes.

use super::kernels::Kernel;

/// What planning needs to know of one matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Position in the caller's batch.
    pub(super) index: usize,
    pub(super) kernel: Kernel,
    /// Bytes of the largest buffer this matrix needs a part of.
    pub(super) bytes: u64,
    /// Sorting key within a kernel: matrices of like cost and length of iteration go together.
    pub(super) columns: usize,
}

/// Matrices of one submission, all for the same kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) kernel: Kernel,
    /// Positions in the caller's batch.
    pub(super) members: Vec<usize>,
}

impl Chunk {
    /// The first and the second half of the members.
    pub(super) fn halves(mut self) -> (Self, Self) {
        let second = self.members.split_off(self.members.len() / 2);
        let kernel = self.kernel;
        (self, Self { kernel, members: second })
    }
}

/// Chunks of at most `chunk_bytes` (one matrix may have more, up to `buffer_bytes`), and the positions of the matrices
/// that are too large for the device.
pub(super) fn plan(mut jobs: Vec<Job>, chunk_bytes: u64, buffer_bytes: u64) -> (Vec<Chunk>, Vec<usize>) {
    jobs.sort_by_key(|job| (job.kernel, job.columns, job.index));
    let mut too_large = Vec::new();
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut filled = 0;
    for job in jobs {
        if job.bytes > buffer_bytes {
            too_large.push(job.index);
            continue;
        }
        match chunks.last_mut() {
            Some(chunk) if chunk.kernel == job.kernel && filled + job.bytes <= chunk_bytes => {
                chunk.members.push(job.index);
                filled += job.bytes;
            }
            _ => {
                chunks.push(Chunk { kernel: job.kernel, members: vec![job.index] });
                filled = job.bytes;
            }
        }
    }
    (chunks, too_large)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::kernels::WorkgroupSize;

    const SMALL: Kernel = Kernel::JacobiWorkgroup(WorkgroupSize { lanes: 32, tile_len: 900 });

    fn job(index: usize, kernel: Kernel, bytes: u64, columns: usize) -> Job {
        Job { index, kernel, bytes, columns }
    }

    #[test]
    fn kernels_are_not_mixed_and_budgets_are_kept() {
        let jobs = vec![
            job(0, Kernel::JacobiRound, 60, 9),
            job(1, SMALL, 40, 2),
            job(2, SMALL, 40, 1),
            job(3, SMALL, 40, 3),
            job(4, Kernel::JacobiRound, 500, 50),
            job(5, Kernel::JacobiRound, 5000, 500),
        ];
        let (chunks, too_large) = plan(jobs, 100, 1000);
        assert_eq!(
            chunks,
            [
                Chunk { kernel: SMALL, members: vec![2, 1] },
                Chunk { kernel: SMALL, members: vec![3] },
                Chunk { kernel: Kernel::JacobiRound, members: vec![0] },
                Chunk { kernel: Kernel::JacobiRound, members: vec![4] },
            ]
        );
        assert_eq!(too_large, [5]);
    }
}
