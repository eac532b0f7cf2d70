//! The Jacobi iteration on a chunk: sweeps are submitted, states are read, finished matrices drop out.

use super::clock::Stopwatch;
use super::device::{Device, Fault};
use super::kernels::{Kernel, Kernels};
use super::layout::Layout;
use super::wire::State;
use super::{jacobi_round, jacobi_thread, jacobi_workgroup};

/// Jacobi sweeps after which a matrix counts as not converged.
pub(super) const SWEEP_LIMIT: u32 = 30;
/// Jacobi sweeps before the states are read for the first time; hardly any matrix is finished earlier.
const FIRST_SWEEPS: u32 = 4;
/// Jacobi sweeps between later readings.
const NEXT_SWEEPS: u32 = 2;

/// A chunk on the device.
pub(super) struct Resident<'a> {
    pub(super) layout: &'a Layout,
    pub(super) entries: &'a wgpu::Buffer,
    /// `layout.dims` on the device.
    pub(super) dims: wgpu::Buffer,
    /// One per matrix.
    pub(super) states: wgpu::Buffer,
}

impl<'a> Resident<'a> {
    /// `info`: what every matrix's state says before a kernel has run.
    pub(super) fn new(device: &Device, layout: &'a Layout, entries: &'a wgpu::Buffer, info: u32) -> Self {
        let states = vec![State::untouched(info); layout.dims.len()];
        Self { layout, entries, dims: device.upload("dims", &layout.dims), states: device.upload("states", &states) }
    }
}

/// Orthogonalizes the columns of every matrix of `chunk`, timed by `watch`. Returns one state per matrix.
pub(super) fn orthogonalize(
    device: &Device,
    kernels: &mut Kernels,
    kernel: Kernel,
    chunk: &Resident<'_>,
    watch: &mut Stopwatch<'_>,
) -> Result<Vec<State>, Fault> {
    let mut states = Vec::new();
    let mut unfinished: Vec<u32> = (0..).take(chunk.layout.dims.len()).collect();
    let mut done_sweeps = 0;
    while !unfinished.is_empty() && done_sweeps < SWEEP_LIMIT {
        let sweeps = if done_sweeps == 0 { FIRST_SWEEPS } else { NEXT_SWEEPS }.min(SWEEP_LIMIT - done_sweeps);
        match kernel {
            Kernel::JacobiThread => jacobi_thread::sweeps(device, kernels, chunk, &unfinished, sweeps, watch)?,
            Kernel::JacobiSubgroup(_) | Kernel::JacobiWorkgroup(_) => {
                jacobi_workgroup::sweeps(device, kernels, kernel, chunk, &unfinished, sweeps, watch)?;
            }
            _ => jacobi_round::sweeps(device, kernels, chunk, &unfinished, sweeps, watch)?,
        }
        done_sweeps += sweeps;
        states = device.read_timed::<State>(&chunk.states, chunk.layout.dims.len(), watch)?;
        // A matrix without a marker, or with an incomplete sweep, is past saving here.
        unfinished.retain(|&k| states[k as usize].info == State::UNFINISHED);
    }
    Ok(states)
}
