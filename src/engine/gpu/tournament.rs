//! Drives `shaders/jacobi_round.wgsl` and `shaders/jacobi_block.wgsl`: a round of the tournament per dispatch, a pair of
//! columns or of blocks of columns per workgroup.

use super::clock::Stopwatch;
use super::device::Device;
use super::fault::Fault;
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::precision::Precision;
use super::wire::{JacobiDims, PairItem, Step, word};

/// Columns of a block; `BLOCK` in `jacobi_block.wgsl`.
pub(super) const BLOCK: usize = 16;
/// Columns of a pair of blocks, and rows of one stage; `WIDTH` in `jacobi_block.wgsl`.
pub(super) const WIDTH: usize = 2 * BLOCK;
/// From one column in workgroup memory to the next; `STRIDE` in `jacobi_block.wgsl`.
pub(super) const STRIDE: usize = WIDTH + 1;
/// Invocations of a workgroup; `LANES` in `jacobi_block.wgsl` and in `jacobi_round.wgsl`.
pub(super) const BLOCK_LANES: usize = 256;
pub(super) const ROUND_LANES: usize = 128;
/// Reals of workgroup memory of `jacobi_block`: G, J and a round of rotations.
const BLOCK_REALS: usize = 2 * STRIDE * WIDTH + 2 * BLOCK;
/// Lanes of the kernels that close a Jacobi sweep, one matrix each.
pub(super) const FINISH_LANES: u32 = 64;

/// Memory traffic of one submission: a tenth of a second at 40 GB/s, an integrated GPU, whose driver kills what takes seconds.
/// It binds `jacobi_round`.
const SUBMISSION_BYTES: u64 = 4 << 30;
/// Flops of one submission, in those of f32: two tenths of a second at 350 GFLOP/s, on the same GPU. They bind `jacobi_block`
/// in df32 and f64.
const SUBMISSION_FLOPS: u64 = 1 << 36;

/// Who meets whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Players {
    /// Columns: `jacobi_round`, which also decides about convergence.
    Columns,
    /// Blocks of columns: `jacobi_block`.
    Blocks,
}

impl Players {
    fn kernels(self) -> (Kernel, Kernel) {
        match self {
            Self::Columns => (Kernel::JacobiRound, Kernel::JacobiRoundFinish),
            Self::Blocks => (Kernel::JacobiBlock, Kernel::JacobiBlockFinish),
        }
    }

    /// Players of a matrix, with a bye if they are odd.
    fn seats(self, dims: JacobiDims) -> u32 {
        let players = match self {
            Self::Columns => dims.q,
            Self::Blocks => dims.q.div_ceil(word(BLOCK)),
        };
        players.next_multiple_of(2)
    }

    /// Flops of one round of a matrix, as if every two players were rotated.
    fn flops(self, dims: JacobiDims) -> u64 {
        const WIDE: u64 = WIDTH as u64;
        let (p, rows) = (u64::from(dims.p), u64::from(dims.rows));
        let each = match self {
            // Three inner products of 2 flops a row; a rotation of 8 in Rutishauser's form.
            Self::Columns => 6 * p + 8 * rows,
            // G and the product with J; between them a Jacobi sweep that rotates G's columns and rows, and J's columns.
            Self::Blocks => 2 * WIDE * WIDE * (p + rows) + (WIDE - 1) * (WIDE / 2) * 3 * 8 * WIDE,
        };
        u64::from(self.seats(dims) / 2) * each
    }
}

/// Whether a pair of blocks fits `workgroup_bytes` of workgroup memory, with the words that some drivers keep.
pub(super) fn fits_blocks(workgroup_bytes: usize, bytes_per_real: usize) -> bool {
    BLOCK_REALS * bytes_per_real + 64 <= workgroup_bytes
}

/// Submits `sweeps` Jacobi sweeps of the matrices `unfinished`, timed by `watch`.
pub(super) fn sweeps(
    device: &Device,
    kernels: &mut Kernels,
    players: Players,
    chunk: &Resident<'_>,
    unfinished: &[u32],
    sweeps: u32,
    watch: &mut Stopwatch<'_>,
) -> Result<(), Fault> {
    if unfinished.is_empty() {
        return Ok(());
    }
    let (meet, close) = players.kernels();
    let (round, finish) = (kernels.get(device, meet)?, kernels.get(device, close)?);
    let seats = |matrix: u32| players.seats(chunk.layout.dims[matrix as usize]);
    let pairs: Vec<PairItem> = unfinished
        .iter()
        .flat_map(|&matrix| (0..seats(matrix) / 2).map(move |pair| PairItem { matrix, pair }))
        .collect();
    let matrices: Vec<PairItem> = unfinished.iter().map(|&matrix| PairItem { matrix, pair: 0 }).collect();
    let pair_work = device.upload("pairs", &pairs);
    let matrix_work = device.upload("matrices", &matrices);
    let round_bindings = round.bind(device, [&chunk.dims, &pair_work, chunk.entries, &chunk.states]);
    let finish_bindings = finish.bind(device, [&chunk.dims, &matrix_work, chunk.entries, &chunk.states]);

    let rounds = unfinished.iter().map(|&matrix| seats(matrix) - 1).max().unwrap_or(0);
    let dims = unfinished.iter().map(|&matrix| chunk.layout.dims[matrix as usize]);
    let per_submission = rounds_per_submission(players, dims, kernels.precision);
    for _ in 0..sweeps {
        let mut first = 0;
        while first < rounds {
            let last = rounds.min(first.saturating_add(per_submission));
            device.submit_timed(meet.name(), watch, |pass| {
                pass.set_pipeline(&round.pipeline);
                pass.set_bind_group(0, &round_bindings, &[]);
                for index in first..last {
                    device.dispatch(pass, word(pairs.len()), Step::new(word(pairs.len()), index));
                }
                if last == rounds {
                    pass.set_pipeline(&finish.pipeline);
                    pass.set_bind_group(0, &finish_bindings, &[]);
                    let count = word(matrices.len());
                    device.dispatch(pass, count.div_ceil(FINISH_LANES), Step::new(count, 0));
                }
            });
            first = last;
        }
    }
    Ok(())
}

/// Rounds of `players` that one submission of matrices of `dims` may hold: each reads all columns twice and writes them once,
/// and has [`Players::flops`].
fn rounds_per_submission(players: Players, dims: impl Iterator<Item = JacobiDims>, precision: Precision) -> u32 {
    let price = match precision {
        Precision::F32 => 1,
        // Some 20 flops and as many other operations in df32; f64 has 1/32 or 1/64 of the rate of f32 on GPUs for display.
        Precision::Df32 | Precision::F64 => 32,
    };
    let (mut bytes, mut flops) = (1, 1);
    for dims in dims {
        bytes += 3 * (dims.reals() * precision.bytes_per_real()) as u64;
        flops += price * players.flops(dims);
    }
    let rounds = u64::min(SUBMISSION_BYTES / bytes, SUBMISSION_FLOPS / flops);
    u32::try_from(rounds).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` matrices of 256 columns with V.
    fn rounds(players: Players, count: usize, precision: Precision) -> u32 {
        let dims = JacobiDims { entries: 0, p: 256, q: 256, rows: 512, stride: 1 };
        rounds_per_submission(players, std::iter::repeat_n(dims, count), precision)
    }

    #[test]
    fn blocks_are_bound_by_arithmetic_and_columns_by_traffic() {
        // A round of a matrix reads and writes 3 * 2^17 reals: 1.5 MiB in f32, so that 64 matrices have 42 rounds in 4 GiB.
        assert_eq!(rounds(Players::Columns, 64, Precision::F32), 42);
        assert_eq!(rounds(Players::Blocks, 64, Precision::F32), 42);
        assert_eq!(rounds(Players::Columns, 64, Precision::F64), 21);
        // Eight pairs of blocks: 8 * (2048 * 768 + 31 * 16 * 768) flops, 32 times: 2.1 of these rounds in 2^36.
        assert_eq!(rounds(Players::Blocks, 64, Precision::F64), 2);
        assert_eq!(rounds(Players::Blocks, 64, Precision::Df32), 2);
        assert_eq!(rounds(Players::Blocks, 10_000, Precision::F64), 1, "a round cannot be cut");
    }
}
