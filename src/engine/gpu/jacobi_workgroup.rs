//! Drives `shaders/jacobi_workgroup.wgsl` and its twin `jacobi_subgroup.wgsl`: a whole Jacobi sweep per dispatch, a matrix per workgroup.

use super::clock::Stopwatch;
use super::device::{Device, Fault};
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::wire::{Step, word};

/// Invocations that share a pair; `LANES_PER_PAIR` in the shaders.
pub(super) const LANES_PER_PAIR: u32 = 8;

/// Submits `sweeps` Jacobi sweeps of the matrices `unfinished` by `kernel`, timed by `watch`.
pub(super) fn sweeps(
    device: &Device,
    kernels: &mut Kernels,
    kernel: Kernel,
    chunk: &Resident<'_>,
    unfinished: &[u32],
    sweeps: u32,
    watch: &mut Stopwatch<'_>,
) -> Result<(), Fault> {
    let pipeline = kernels.get(device, kernel)?;
    let work = device.upload("work", unfinished);
    let bindings = pipeline.bind(device, [&chunk.dims, &work, chunk.entries, &chunk.states]);
    let matrices = word(unfinished.len());
    for sweep in 0..sweeps {
        // A submission each: drivers kill long ones.
        device.submit_timed(kernel.name(), watch, |pass| {
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            device.dispatch(pass, matrices, Step::new(matrices, sweep));
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::choice::Choice;
    use crate::engine::gpu::layout::TallShape;
    use crate::engine::gpu::precision::Precision;
    use crate::engine::gpu::report::PairSums;

    /// Iterations of the longest loop chain of one invocation in one dispatch, for a matrix of `rows` x `q` words and
    /// `lanes` lanes. Some drivers cut an invocation after 65,535.
    fn iterations(kernel: Kernel, rows: usize, q: usize) -> usize {
        const MATES: usize = LANES_PER_PAIR as usize;
        let Kernel::JacobiWorkgroup(size) = kernel else { return 0 };
        let lanes = size.lanes as usize;
        let seats = q + q % 2;
        let groups = (seats / 2).div_ceil(lanes / MATES);
        let per_group = 2 * rows.div_ceil(MATES) + MATES;
        2 * (rows * q).div_ceil(lanes) + seats * (1 + groups * (1 + per_group))
    }

    #[test]
    fn no_matrix_that_fits_needs_a_loop_that_drivers_cut() {
        let limits = wgpu::Limits { max_compute_workgroup_storage_size: 64 << 10, ..wgpu::Limits::default() };
        let choice = Choice::within(&limits, Precision::F32, PairSums::WorkgroupMemory);
        for q in 1..=110 {
            for rows in q..=12_288 / q {
                let needed = iterations(choice.jacobi(TallShape { p: rows, q, rows }), rows, q);
                assert!(needed < 60_000, "{rows} x {q}: {needed}");
            }
        }
    }
}
