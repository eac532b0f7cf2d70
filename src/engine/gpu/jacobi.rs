//! The Jacobi iteration on a chunk: sweeps are submitted, states are read, finished matrices drop out.

use super::device::{Device, Fault};
use super::kernels::{Kernel, Kernels};
use super::wire::{JacobiDims, State};
use super::{jacobi_round, jacobi_workgroup};

/// Jacobi sweeps after which a matrix counts as not converged.
pub(super) const SWEEP_LIMIT: u32 = 30;
/// Jacobi sweeps before the states are read for the first time; hardly any matrix is finished earlier.
const FIRST_SWEEPS: u32 = 4;
/// Jacobi sweeps between later readings.
const NEXT_SWEEPS: u32 = 2;

/// A chunk on the device.
pub(super) struct Resident<'a> {
    pub(super) dims: &'a [JacobiDims],
    pub(super) dims_buffer: wgpu::Buffer,
    pub(super) entries: &'a wgpu::Buffer,
    pub(super) states: wgpu::Buffer,
}

/// What became of a chunk.
pub(super) struct Orthogonalized {
    /// One per matrix.
    pub(super) states: Vec<State>,
    /// What the kernels took by the device's own clock; `None` where it is not known.
    pub(super) device_seconds: Option<f64>,
}

/// Orthogonalizes the columns of every matrix in `entries`.
pub(super) fn orthogonalize(
    device: &Device,
    kernels: &mut Kernels,
    kernel: Kernel,
    dims: &[JacobiDims],
    entries: &wgpu::Buffer,
) -> Result<Orthogonalized, Fault> {
    let mut states = vec![State::untouched(); dims.len()];
    let chunk =
        Resident { dims, dims_buffer: device.upload("dims", dims), entries, states: device.upload("states", &states) };
    let mut unfinished: Vec<u32> = (0..).take(dims.len()).collect();
    let mut done_sweeps = 0;
    let mut watch = device.stopwatch();
    while !unfinished.is_empty() && done_sweeps < SWEEP_LIMIT {
        let sweeps = if done_sweeps == 0 { FIRST_SWEEPS } else { NEXT_SWEEPS }.min(SWEEP_LIMIT - done_sweeps);
        match kernel {
            Kernel::JacobiWorkgroup(_) => {
                let pipeline = kernels.get(device, kernel)?;
                jacobi_workgroup::sweeps(device, &pipeline, &chunk, &unfinished, sweeps, &mut watch);
            }
            _ => jacobi_round::sweeps(device, kernels, &chunk, &unfinished, sweeps, &mut watch)?,
        }
        done_sweeps += sweeps;
        states = device.read_timed(&chunk.states, dims.len(), &mut watch)?;
        // A matrix without a marker, or with an incomplete sweep, is past saving here.
        unfinished.retain(|&k| states[k as usize].info == State::UNFINISHED);
    }
    Ok(Orthogonalized { states, device_seconds: watch.seconds() })
}
