//! Drives `shaders/jacobi_round.wgsl`: a round of the tournament per dispatch, a pair of columns per workgroup.

use super::clock::Stopwatch;
use super::device::{Device, Fault};
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::wire::{PairItem, Step, word};

/// Lanes of `jacobi_round_finish`, one matrix each.
const FINISH_LANES: u32 = 64;
/// Memory traffic of one submission: a tenth of a second on an integrated GPU, whose driver kills what takes seconds.
const SUBMISSION_BYTES: u64 = 4 << 30;

/// Submits `sweeps` Jacobi sweeps of the matrices `unfinished`, timed by `watch`.
pub(super) fn sweeps(
    device: &Device,
    kernels: &mut Kernels,
    chunk: &Resident<'_>,
    unfinished: &[u32],
    sweeps: u32,
    watch: &mut Stopwatch<'_>,
) -> Result<(), Fault> {
    let round = kernels.get(device, Kernel::JacobiRound)?;
    let finish = kernels.get(device, Kernel::JacobiRoundFinish)?;
    let pairs: Vec<PairItem> = unfinished
        .iter()
        .flat_map(|&matrix| {
            let seats = chunk.layout.dims[matrix as usize].q.next_multiple_of(2);
            (0..seats / 2).map(move |pair| PairItem { matrix, pair })
        })
        .collect();
    let matrices: Vec<PairItem> = unfinished.iter().map(|&matrix| PairItem { matrix, pair: 0 }).collect();
    let pair_work = device.upload("pairs", &pairs);
    let matrix_work = device.upload("matrices", &matrices);
    let round_bindings = round.bind(device, [&chunk.dims, &pair_work, chunk.entries, &chunk.states]);
    let finish_bindings = finish.bind(device, [&chunk.dims, &matrix_work, chunk.entries, &chunk.states]);

    let rounds = unfinished.iter().map(|&k| chunk.layout.dims[k as usize].q.next_multiple_of(2) - 1).max().unwrap_or(0);
    let per_submission = rounds_per_submission(chunk, unfinished, kernels.precision.bytes_per_real());
    for _ in 0..sweeps {
        let mut first = 0;
        while first < rounds {
            let last = rounds.min(first.saturating_add(per_submission));
            device.submit_timed("jacobi_round", watch, |pass| {
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
    let reals: u64 = unfinished
        .iter()
        .map(|&k| {
            let dims = chunk.layout.dims[k as usize];
            u64::from(dims.rows) * u64::from(dims.q)
        })
        .sum();
    let bytes_per_round = (3 * reals * bytes_per_real as u64).max(1);
    u32::try_from(SUBMISSION_BYTES / bytes_per_round).unwrap_or(u32::MAX).max(1)
}
