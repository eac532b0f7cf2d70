//! Drives `shaders/gram.wgsl`: A'A of every matrix of a chunk, a tile per workgroup, a slab of rows per dispatch.

use super::device::Device;
use super::fault::Fault;
use super::kernels::{Kernel, Kernels};
use super::layout::{Layout, TallShape};
use super::wire::{GramDims, Step, TileItem, word};

/// Edge of a tile of G; `TILE` in the shader.
pub(super) const TILE: u32 = 16;
/// Rows of A per dispatch; `SLAB` in the shader.
pub(super) const SLAB: u32 = 4096;

/// Forms A'A of matrices A of `shapes`, which lie one after the other in `x`, where `grams` says, in `entries`.
pub(super) fn form(
    device: &Device,
    kernels: &mut Kernels,
    shapes: &[TallShape],
    x: &wgpu::Buffer,
    grams: &Layout,
    entries: &wgpu::Buffer,
) -> Result<(), Fault> {
    let mut start = 0;
    let dims: Vec<GramDims> = shapes
        .iter()
        .zip(&grams.dims)
        .map(|(&TallShape { p, q, .. }, gram)| {
            let dims = GramDims { x: word(start), g: gram.entries, n: word(p), d: word(q), stride: gram.stride };
            start += p * q;
            dims
        })
        .collect();
    let work: Vec<TileItem> = (0..).zip(&dims).flat_map(|(matrix, dims)| tiles(matrix, dims.d)).collect();
    let tallest = dims.iter().map(|dims| dims.n).max().unwrap_or(0);

    let pipeline = kernels.get(device, Kernel::Gram)?;
    let dims_buffer = device.upload("gram dims", &dims);
    let work_buffer = device.upload("tiles", &work);
    let bindings = pipeline.bind(device, [&dims_buffer, &work_buffer, x, entries]);
    for slab in 0..tallest.div_ceil(SLAB) {
        device.submit("gram", |pass| {
            pass.set_pipeline(&pipeline.pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            device.dispatch(pass, word(work.len()), Step::new(word(work.len()), slab * SLAB));
        });
    }
    Ok(())
}

/// The tiles of a d x d matrix on and above its diagonal.
fn tiles(matrix: u32, d: u32) -> impl Iterator<Item = TileItem> {
    let edge = d.div_ceil(TILE);
    (0..edge).flat_map(move |column| (0..=column).map(move |row| TileItem { matrix, row, column, unused: 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_upper_triangle_once() {
        let at: Vec<_> = tiles(0, 33).map(|tile| (tile.row, tile.column)).collect();
        assert_eq!(at, [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)]);
    }
}
