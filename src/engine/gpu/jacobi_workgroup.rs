//! Drives `shaders/jacobi_workgroup.wgsl` with either of its `pair_sums`: a whole Jacobi sweep per dispatch, a matrix per workgroup.

use super::clock::Stopwatch;
use super::device::Device;
use super::fault::Fault;
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::wire::{Step, word};

/// Invocations that share a pair; `LANES_PER_PAIR` in the shader.
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
