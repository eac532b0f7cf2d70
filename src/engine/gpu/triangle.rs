//! Drives `shaders/triangle.wgsl`: a matrix per workgroup, a few columns per dispatch.

use super::clock::Stopwatch;
use super::device::Device;
use super::fault::Fault;
use super::jacobi::Resident;
use super::kernels::{Kernel, Kernels};
use super::layout::TallShape;
use super::wire::{Step, TriangleDims, word};

/// Columns that a dispatch reflects away; `COLUMNS` in the shader.
pub(super) const COLUMNS: u32 = 8;
/// Lanes of one column and columns at a time; `TEAM` and `TEAMS` in the shader.
pub(super) const TEAM: usize = 16;
pub(super) const TEAMS: usize = 16;

/// Writes R of A = QR over the identity, where the chunk's layout has room for passengers, into the chunk's entries, for
/// matrices A of `shapes`, which lie one after the other in `x`.
pub(super) fn reduce(
    device: &Device,
    kernels: &mut Kernels,
    shapes: &[TallShape],
    x: &wgpu::Buffer,
    chunk: &Resident<'_>,
    watch: &mut Stopwatch<'_>,
) -> Result<(), Fault> {
    let mut start = 0;
    let dims: Vec<TriangleDims> = shapes
        .iter()
        .zip(&chunk.layout.dims)
        .map(|(shape, r)| {
            let dims = TriangleDims {
                x: word(start),
                p: word(shape.p),
                q: word(shape.q),
                entries: r.entries,
                rows: r.rows,
                stride: r.stride,
            };
            start += shape.p * shape.q;
            dims
        })
        .collect();
    let widest = dims.iter().map(|dims| dims.q).max().unwrap_or(0);

    let pipeline = kernels.get(device, Kernel::Triangle)?;
    let dims_buffer = device.upload("tall", &dims);
    let bindings = pipeline.bind(device, [&dims_buffer, x, chunk.entries, &chunk.states]);
    let count = word(dims.len());
    for group in 0..widest.div_ceil(COLUMNS) {
        device.submit_timed("triangle", watch, |pass| {
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            device.dispatch(pass, count, Step::new(count, group * COLUMNS));
        });
    }
    Ok(())
}
