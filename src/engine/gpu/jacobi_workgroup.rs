//! Drives `shaders/jacobi_workgroup.wgsl`: a whole Jacobi sweep per dispatch, a matrix per workgroup.

use super::clock::Stopwatch;
use super::device::Device;
use super::jacobi::Resident;
use super::kernels::Pipeline;
use super::wire::{Step, word};

/// Submits `sweeps` Jacobi sweeps of the matrices `unfinished`, timed by `watch`.
pub(super) fn sweeps(
    device: &Device,
    pipeline: &Pipeline,
    chunk: &Resident<'_>,
    unfinished: &[u32],
    sweeps: u32,
    watch: &mut Stopwatch<'_>,
) {
    let work = device.upload("work", unfinished);
    let bindings = pipeline.bind(device, [&chunk.dims_buffer, &work, chunk.entries, &chunk.states]);
    let matrices = word(unfinished.len());
    for sweep in 0..sweeps {
        // A submission each: drivers kill long ones.
        device.submit_timed("jacobi_workgroup", watch, |pass| {
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            device.dispatch(pass, matrices, Step::new(matrices, sweep));
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::gpu::kernels::{Kernel, jacobi_kernel, workgroup_sizes};
    use crate::engine::gpu::precision::Precision;

    /// Iterations of the longest loop chain of one invocation in one dispatch, for a matrix of `rows` x `q` words and
    /// `lanes` lanes. Some drivers cut an invocation after 65,535.
    fn iterations(kernel: Kernel, rows: usize, q: usize) -> usize {
        const LANES_PER_PAIR: usize = 8;
        let Kernel::JacobiWorkgroup(size) = kernel else { return 0 };
        let lanes = size.lanes as usize;
        let seats = q + q % 2;
        let groups = (seats / 2).div_ceil(lanes / LANES_PER_PAIR);
        let per_group = 2 * rows.div_ceil(LANES_PER_PAIR) + LANES_PER_PAIR;
        2 * (rows * q).div_ceil(lanes) + seats * (1 + groups * (1 + per_group))
    }

    #[test]
    fn no_matrix_that_fits_needs_a_loop_that_drivers_cut() {
        let limits = wgpu::Limits { max_compute_workgroup_storage_size: 64 << 10, ..wgpu::Limits::default() };
        let sizes = workgroup_sizes(&limits, Precision::F32);
        for q in 1..=110 {
            for rows in q..=12_288 / q {
                let needed = iterations(jacobi_kernel(&sizes, rows, q), rows, q);
                assert!(needed < 60_000, "{rows} x {q}: {needed}");
            }
        }
    }
}
