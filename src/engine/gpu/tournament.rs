//! Drives `shaders/jacobi_round.wgsl` and `shaders/jacobi_block.wgsl`: a round of the tournament per dispatch, a pair of
//! columns or of blocks of columns per workgroup.

use super::clock::Stopwatch;
use super::device::{Device, Fault};
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::layout::TallShape;
use super::wire::{JacobiDims, PairItem, Step, word};

/// Columns of a block; `BLOCK` in `jacobi_block.wgsl`.
pub(super) const BLOCK: usize = 16;
/// Reals of workgroup memory of `jacobi_block`: G, J and a round of rotations.
const BLOCK_REALS: usize = 2 * 33 * 32 + 2 * BLOCK;
/// Rows of one stage of `jacobi_block`.
const STAGE: usize = 32;
/// Iterations of one invocation of `jacobi_block` in one dispatch, well below the 65,535 after which some drivers cut it.
const MOST_ITERATIONS: usize = 40_000;
/// Lanes of the kernels that close a Jacobi sweep, one matrix each.
const FINISH_LANES: u32 = 64;
/// Memory traffic of one submission: a tenth of a second on an integrated GPU, whose driver kills what takes seconds.
const SUBMISSION_BYTES: u64 = 4 << 30;

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
}

/// Whether an adapter with `workgroup_bytes` of workgroup memory can serve matrices of `shape` by blocks.
pub(super) fn can_block(shape: TallShape, workgroup_bytes: usize, bytes_per_real: usize) -> bool {
    let stages = shape.p.div_ceil(STAGE) + shape.rows.div_ceil(STAGE);
    let fits = BLOCK_REALS * bytes_per_real + 64 <= workgroup_bytes;
    fits && stages * (STAGE + 10) + 2 * STAGE * 8 <= MOST_ITERATIONS
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
    let per_submission = rounds_per_submission(chunk, unfinished, kernels.precision.bytes_per_real());
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

/// Rounds that one submission may hold: every round reads all columns twice and writes them once.
fn rounds_per_submission(chunk: &Resident<'_>, unfinished: &[u32], bytes_per_real: usize) -> u32 {
    let reals: u64 = unfinished.iter().map(|&matrix| chunk.layout.dims[matrix as usize].reals() as u64).sum();
    let bytes_per_round = (3 * reals * bytes_per_real as u64).max(1);
    u32::try_from(SUBMISSION_BYTES / bytes_per_round).unwrap_or(u32::MAX).max(1)
}
