//! Drives `shaders/jacobi_thread.wgsl`: a whole Jacobi sweep per dispatch, a matrix per invocation.

use super::clock::Stopwatch;
use super::device::Device;
use super::fault::Fault;
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::wire::{GroupItem, Step, word};

/// Submits `sweeps` Jacobi sweeps of the groups that hold one of the matrices `unfinished` (rising), timed by `watch`.
pub(super) fn sweeps(
    device: &Device,
    kernels: &mut Kernels,
    chunk: &Resident<'_>,
    unfinished: &[u32],
    sweeps: u32,
    watch: &mut Stopwatch<'_>,
) -> Result<(), Fault> {
    let pipeline = kernels.get(device, Kernel::JacobiThread)?;
    let groups = holding(&chunk.layout.groups, unfinished);
    let work = device.upload("groups", &groups);
    let bindings = pipeline.bind(device, [&chunk.dims, &work, chunk.entries, &chunk.states]);
    let count = word(groups.len());
    for sweep in 0..sweeps {
        // A submission each: drivers kill long ones.
        device.submit_timed("jacobi_thread", watch, |pass| {
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            device.dispatch(pass, count, Step::new(count, sweep));
        });
    }
    Ok(())
}

/// Those of `groups` (in the order of their matrices) that hold one of `matrices` (rising).
fn holding(groups: &[GroupItem], matrices: &[u32]) -> Vec<GroupItem> {
    let mut left = matrices;
    let mut held = Vec::new();
    for &group in groups {
        let inside = left.partition_point(|&matrix| matrix < group.first + group.count);
        if inside > 0 {
            held.push(group);
        }
        left = &left[inside..];
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_whose_matrices_are_all_finished_drop_out() {
        let group = |first, count| GroupItem { first, count };
        let groups = [group(0, 3), group(3, 1), group(4, 64), group(68, 2)];
        assert_eq!(holding(&groups, &[1, 2, 68]), [group(0, 3), group(68, 2)]);
        assert_eq!(holding(&groups, &[3, 67]), [group(3, 1), group(4, 64)]);
        assert_eq!(holding(&groups, &[]), []);
    }
}
