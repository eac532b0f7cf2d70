//! The Jacobi iteration on a chunk: sweeps are submitted, states are read, finished matrices drop out.

use super::clock::Stopwatch;
use super::device::Device;
use super::fault::Fault;
use super::kernels::{Kernel, Kernels};
use super::layout::Layout;
use super::tournament::{self, Players};
use super::wire::State;
use super::{jacobi_thread, jacobi_workgroup};

/// Jacobi sweeps after which a matrix counts as not converged.
pub(super) const SWEEP_LIMIT: u32 = 30;
/// Jacobi sweeps before the states are read for the first time; hardly any matrix is finished earlier.
const FIRST_SWEEPS: u32 = 4;
/// Jacobi sweeps between later readings.
const NEXT_SWEEPS: u32 = 2;
/// Jacobi sweeps by blocks after which columns take over in any case.
const BLOCK_SWEEP_LIMIT: u32 = 16;

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
    // Matrices that are past what blocks of columns do for them.
    let mut settled = vec![false; chunk.layout.dims.len()];
    let settled_cos = kernels.precision.unit_roundoff().sqrt();
    let mut unfinished: Vec<u32> = (0..).take(chunk.layout.dims.len()).collect();
    let mut done_sweeps = 0;
    while !unfinished.is_empty() && done_sweeps < SWEEP_LIMIT {
        let sweeps = if done_sweeps == 0 { FIRST_SWEEPS } else { NEXT_SWEEPS }.min(SWEEP_LIMIT - done_sweeps);
        match kernel {
            Kernel::JacobiThread => jacobi_thread::sweeps(device, kernels, chunk, &unfinished, sweeps, watch)?,
            Kernel::JacobiSubgroup(_) | Kernel::JacobiWorkgroup(_) => {
                jacobi_workgroup::sweeps(device, kernels, kernel, chunk, &unfinished, sweeps, watch)?;
            }
            Kernel::JacobiBlock => {
                let (by_blocks, by_columns): (Vec<u32>, Vec<u32>) =
                    unfinished.iter().partition(|&&k| !settled[k as usize]);
                for (players, matrices) in [(Players::Blocks, by_blocks), (Players::Columns, by_columns)] {
                    tournament::sweeps(device, kernels, players, chunk, &matrices, sweeps, watch)?;
                }
            }
            _ => tournament::sweeps(device, kernels, Players::Columns, chunk, &unfinished, sweeps, watch)?,
        }
        done_sweeps += sweeps;
        states = device.read_timed::<State>(&chunk.states, chunk.layout.dims.len(), watch)?;
        for (settled, state) in settled.iter_mut().zip(&states) {
            *settled |= is_settled(state, settled_cos);
        }
        // A matrix without a marker, or with an incomplete sweep, is past saving here.
        unfinished.retain(|&k| states[k as usize].info == State::UNFINISHED);
    }
    Ok(states)
}

/// Whether columns can finish what blocks of columns have begun: a Jacobi sweep met no cosine above `settled_cos`, the root
/// of u, and so left cosines of about u.
fn is_settled(state: &State, settled_cos: f64) -> bool {
    let largest = f64::from(f32::from_bits(state.max_cos));
    // NaN goes on to the limit: columns find it as well, and the host reads it there.
    largest <= settled_cos || state.jacobi_sweeps >= BLOCK_SWEEP_LIMIT
}
