//! What lies in the device's buffers: the Rust side of the structs in shaders/*.wgsl.

use std::mem::offset_of;
use std::ops::Range;

use bytemuck::{Pod, Zeroable};

/// `Step` of every shader: a dispatch's immediates.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Step {
    /// Items of work in the dispatch.
    pub(super) count: u32,
    /// `jacobi_round`: round of the tournament; triangle: first column; gram: first row of the slab; selftest: iterations
    /// asked for.
    pub(super) index: u32,
    /// Always 0; `scalar_df32` relies on the compiler not knowing that.
    pub(super) opaque_zero: u32,
}

const _: () = assert!(size_of::<Step>() == 12);
const _: () = assert!(offset_of!(Step, index) == 4);
const _: () = assert!(offset_of!(Step, opaque_zero) == 8);

impl Step {
    pub(super) const BYTES: u32 = 12;

    pub(super) fn new(count: u32, index: u32) -> Self {
        Self { count, index, opaque_zero: 0 }
    }
}

/// `Dims` of `jacobi_pair.wgsl`: where a matrix lies and its shape, counted in reals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct JacobiDims {
    pub(super) entries: u32,
    pub(super) p: u32,
    pub(super) q: u32,
    /// p plus passengers.
    pub(super) rows: u32,
    /// From one entry of the matrix to the next: 1, or the matrices of its group where they are interleaved.
    pub(super) stride: u32,
}

const _: () = assert!(size_of::<JacobiDims>() == 20);
const _: () = assert!(offset_of!(JacobiDims, p) == 4);
const _: () = assert!(offset_of!(JacobiDims, q) == 8);
const _: () = assert!(offset_of!(JacobiDims, rows) == 12);
const _: () = assert!(offset_of!(JacobiDims, stride) == 16);

impl JacobiDims {
    /// (p, q, rows).
    pub(super) fn shape(&self) -> (usize, usize, usize) {
        (self.p as usize, self.q as usize, self.rows as usize)
    }

    pub(super) fn reals(&self) -> usize {
        self.rows as usize * self.q as usize
    }
}

/// One group of interleaved matrices, the work of a workgroup of `jacobi_thread`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct GroupItem {
    pub(super) first: u32,
    pub(super) count: u32,
}

const _: () = assert!(size_of::<GroupItem>() == 8);
const _: () = assert!(offset_of!(GroupItem, count) == 4);

impl GroupItem {
    /// Its matrices' places in the chunk.
    pub(super) fn members(self) -> Range<usize> {
        self.first as usize..(self.first + self.count) as usize
    }
}

/// `Dims` of `gram.wgsl`: X is n x d at `x`, G is d x d at `g`, its entries `stride` apart.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct GramDims {
    pub(super) x: u32,
    pub(super) g: u32,
    pub(super) n: u32,
    pub(super) d: u32,
    pub(super) stride: u32,
}

const _: () = assert!(size_of::<GramDims>() == 20);
const _: () = assert!(offset_of!(GramDims, g) == 4);
const _: () = assert!(offset_of!(GramDims, n) == 8);
const _: () = assert!(offset_of!(GramDims, d) == 12);
const _: () = assert!(offset_of!(GramDims, stride) == 16);

/// `State` of `jacobi_pair.wgsl`: how far the iteration on one matrix is.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct State {
    pub(super) info: u32,
    pub(super) jacobi_sweeps: u32,
    /// Largest |cosine| of the last Jacobi sweep, the bits of an f32.
    pub(super) max_cos: u32,
    pub(super) met: u32,
    pub(super) rotated: u32,
    pub(super) seen_cos: u32,
}

const _: () = assert!(size_of::<State>() == 24);
const _: () = assert!(offset_of!(State, jacobi_sweeps) == 4);
const _: () = assert!(offset_of!(State, max_cos) == 8);
const _: () = assert!(offset_of!(State, met) == 12);
const _: () = assert!(offset_of!(State, rotated) == 16);
const _: () = assert!(offset_of!(State, seen_cos) == 20);

impl State {
    /// What `info` holds until a kernel has run: some drivers kill a dispatch without an error.
    pub(super) const PREFILL: u32 = 0xFFFF_FFFF;
    /// The same for a matrix whose triangle is to be formed first: the rotations leave it alone until it is there.
    pub(super) const UNREDUCED: u32 = 0xFFFF_FFFE;
    pub(super) const UNFINISHED: u32 = 0;
    pub(super) const CONVERGED: u32 = 1;

    /// `info` being [`State::PREFILL`] or [`State::UNREDUCED`].
    pub(super) fn untouched(info: u32) -> Self {
        Self { info, ..Self::zeroed() }
    }
}

/// One pair of columns of one matrix, the work of a workgroup of `jacobi_round`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct PairItem {
    pub(super) matrix: u32,
    pub(super) pair: u32,
}

const _: () = assert!(offset_of!(PairItem, pair) == 4);

/// `Tall` of `triangle.wgsl`: A is p x q at `x`, R over its passengers rows x q at `entries`, its entries `stride` apart.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct TriangleDims {
    pub(super) x: u32,
    pub(super) p: u32,
    pub(super) q: u32,
    pub(super) entries: u32,
    pub(super) rows: u32,
    pub(super) stride: u32,
}

const _: () = assert!(size_of::<TriangleDims>() == 24);
const _: () = assert!(offset_of!(TriangleDims, p) == 4);
const _: () = assert!(offset_of!(TriangleDims, q) == 8);
const _: () = assert!(offset_of!(TriangleDims, entries) == 12);
const _: () = assert!(offset_of!(TriangleDims, rows) == 16);
const _: () = assert!(offset_of!(TriangleDims, stride) == 20);

/// One tile of one Gram matrix, the work of a workgroup of gram.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct TileItem {
    pub(super) matrix: u32,
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) unused: u32,
}

const _: () = assert!(size_of::<TileItem>() == 16);
const _: () = assert!(offset_of!(TileItem, column) == 8);

/// Lengths and indices inside a chunk; [`super::plan`] keeps every chunk below 2^32 reals.
pub(super) fn word(x: usize) -> u32 {
    u32::try_from(x).expect("a chunk is planned below 2^32 words")
}
