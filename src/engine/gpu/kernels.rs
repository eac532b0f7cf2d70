//! The kernels of one scalar type on one device: source, workgroup sizes, pipelines.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::device::{Access, Device};
use super::fault::Fault;
use super::precision::Precision;
use super::report::PairSums;

const JACOBI_PAIR: &str = include_str!("../../../shaders/jacobi_pair.wgsl");
const JACOBI_THREAD: &str = include_str!("../../../shaders/jacobi_thread.wgsl");
const JACOBI_WORKGROUP: &str = include_str!("../../../shaders/jacobi_workgroup.wgsl");
const PAIR_SUMS_MEMORY: &str = include_str!("../../../shaders/pair_sums_memory.wgsl");
const PAIR_SUMS_SUBGROUP: &str = include_str!("../../../shaders/pair_sums_subgroup.wgsl");
const JACOBI_CLOSE: &str = include_str!("../../../shaders/jacobi_close.wgsl");
const JACOBI_ROUND: &str = include_str!("../../../shaders/jacobi_round.wgsl");
const JACOBI_BLOCK: &str = include_str!("../../../shaders/jacobi_block.wgsl");
const TRIANGLE: &str = include_str!("../../../shaders/triangle.wgsl");
const GRAM: &str = include_str!("../../../shaders/gram.wgsl");
const SELFTEST: &str = include_str!("../../../shaders/selftest.wgsl");

/// What every adapter must offer for the fixed-size kernels: WebGPU's own minimum.
pub(super) const LEAST_INVOCATIONS: u32 = 256;
/// Bytes of workgroup memory, WebGPU's minimum less the words that some drivers keep.
pub(super) const LEAST_WORKGROUP_BYTES: u32 = 16_352;

/// Sizes that `jacobi_workgroup` and `jacobi_subgroup` are compiled for: lanes and bytes of workgroup memory. A matrix takes the first it fits
/// into; few sizes, because each costs a compilation. The last may be cut to what the adapter has.
const WORKGROUP_LADDER: [(u32, u32); 4] = [(32, 4 << 10), (64, 8 << 10), (128, LEAST_WORKGROUP_BYTES), (256, 48 << 10)];
/// Bytes kept free for the kernel's counters and the padding between its arrays.
const WORKGROUP_SPARE_BYTES: u32 = 64;

/// One size of `jacobi_workgroup` or `jacobi_subgroup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct WorkgroupSize {
    pub(super) lanes: u32,
    /// Reals of workgroup memory for the matrix.
    pub(super) tile_len: u32,
}

impl WorkgroupSize {
    /// Reals that a matrix of `q` columns of `rows` takes: see `stride` in `jacobi_workgroup.wgsl`.
    pub(super) fn reals_needed(rows: usize, q: usize) -> usize {
        (rows | 1) * q
    }
}

/// The sizes that fit an adapter's limits, smallest first.
pub(super) fn workgroup_sizes(limits: &wgpu::Limits, precision: Precision, sums: PairSums) -> Vec<WorkgroupSize> {
    let real = u32::try_from(precision.bytes_per_real()).unwrap_or(u32::MAX);
    let sums_per_lane = match sums {
        PairSums::Subgroup => 0,
        PairSums::WorkgroupMemory => 3,
    };
    WORKGROUP_LADDER
        .into_iter()
        .filter(|(lanes, _)| {
            *lanes <= limits.max_compute_invocations_per_workgroup && *lanes <= limits.max_compute_workgroup_size_x
        })
        .filter_map(|(lanes, bytes)| {
            // The tile, the partial sums, and the counters share the memory.
            let bytes = bytes.min(limits.max_compute_workgroup_storage_size);
            let tile_bytes = bytes.checked_sub(sums_per_lane * lanes * real + WORKGROUP_SPARE_BYTES)?;
            Some(WorkgroupSize { lanes, tile_len: tile_bytes / real })
        })
        .collect()
}

/// A kernel as it is compiled and labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kernel {
    JacobiThread,
    JacobiSubgroup(WorkgroupSize),
    JacobiWorkgroup(WorkgroupSize),
    JacobiBlock,
    JacobiBlockFinish,
    JacobiRound,
    JacobiRoundFinish,
    Triangle,
    Gram,
    Selftest,
}

impl Kernel {
    /// What it is called in labels, timings, reports and `--kernel`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JacobiThread => "jacobi_thread",
            Self::JacobiSubgroup(_) => "jacobi_subgroup",
            Self::JacobiWorkgroup(_) => "jacobi_workgroup",
            Self::JacobiBlock => "jacobi_block",
            Self::JacobiBlockFinish => "jacobi_block_finish",
            Self::JacobiRound => "jacobi_round",
            Self::JacobiRoundFinish => "jacobi_round_finish",
            Self::Triangle => "triangle",
            Self::Gram => "gram",
            Self::Selftest => "selftest",
        }
    }

    /// The function of its source that is run.
    fn entry_point(self) -> &'static str {
        match self {
            // The same, with other pair_sums.
            Self::JacobiSubgroup(_) => "jacobi_workgroup",
            kernel => kernel.name(),
        }
    }

    fn source(self, precision: Precision) -> String {
        let templates: &[&str] = match self {
            Self::JacobiThread => &[JACOBI_PAIR, JACOBI_THREAD],
            Self::JacobiSubgroup(_) => &[JACOBI_PAIR, PAIR_SUMS_SUBGROUP, JACOBI_WORKGROUP],
            Self::JacobiWorkgroup(_) => &[JACOBI_PAIR, PAIR_SUMS_MEMORY, JACOBI_WORKGROUP],
            Self::JacobiBlock | Self::JacobiBlockFinish => &[JACOBI_PAIR, JACOBI_CLOSE, JACOBI_BLOCK],
            Self::JacobiRound | Self::JacobiRoundFinish => &[JACOBI_PAIR, JACOBI_CLOSE, JACOBI_ROUND],
            Self::Triangle => &[JACOBI_PAIR, TRIANGLE],
            Self::Gram => &[GRAM],
            Self::Selftest => &[SELFTEST],
        };
        [&[precision.prelude()], templates].concat().join("\n")
    }

    fn access(self) -> [Access; 4] {
        match self {
            Self::Gram => [Access::Read, Access::Read, Access::Read, Access::ReadWrite],
            Self::Triangle => [Access::Read, Access::ReadWrite, Access::ReadWrite, Access::ReadWrite],
            Self::JacobiThread
            | Self::JacobiSubgroup(_)
            | Self::JacobiWorkgroup(_)
            | Self::JacobiBlock
            | Self::JacobiBlockFinish
            | Self::JacobiRound
            | Self::JacobiRoundFinish
            | Self::Selftest => [Access::Read, Access::Read, Access::ReadWrite, Access::ReadWrite],
        }
    }
}

/// A compiled kernel and the layout its buffers are bound by.
#[derive(Clone)]
pub(super) struct Pipeline {
    pub(super) pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl Pipeline {
    /// Binds the kernel's four buffers, in the order of its bindings.
    pub(super) fn bind(&self, device: &Device, buffers: [&wgpu::Buffer; 4]) -> wgpu::BindGroup {
        device.bind(&self.layout, buffers)
    }
}

/// The kernels of one scalar type, each compiled at its first use.
pub(super) struct Kernels {
    pub(super) precision: Precision,
    compiled: HashMap<Kernel, Pipeline>,
}

impl Kernels {
    pub(super) fn new(precision: Precision) -> Self {
        Self { precision, compiled: HashMap::new() }
    }

    pub(super) fn get(&mut self, device: &Device, kernel: Kernel) -> Result<Pipeline, Fault> {
        if let Some(pipeline) = self.compiled.get(&kernel) {
            return Ok(pipeline.clone());
        }
        let pipeline = device.guarded(|| {
            let layout = device.bind_group_layout(kernel.name(), kernel.access());
            let constants: &[(&str, f64)] = match kernel {
                Kernel::JacobiSubgroup(size) | Kernel::JacobiWorkgroup(size) => {
                    &[("lanes", size.lanes.into()), ("tile_len", size.tile_len.into())]
                }
                _ => &[],
            };
            let entry = (kernel.name(), kernel.entry_point());
            let pipeline = device.pipeline(entry, kernel.source(self.precision), &layout, constants);
            Ok(Pipeline { pipeline, layout })
        })?;
        self.compiled.insert(kernel, pipeline.clone());
        Ok(pipeline)
    }
}

/// SHA-256, in hexadecimal, of all shader sources: two runs with the same digest ran the same kernels.
pub fn shader_digest() -> String {
    let mut hash = Sha256::new();
    for precision in Precision::ALL {
        hash.update(precision.prelude());
    }
    for template in [
        JACOBI_PAIR,
        JACOBI_THREAD,
        PAIR_SUMS_MEMORY,
        PAIR_SUMS_SUBGROUP,
        JACOBI_WORKGROUP,
        JACOBI_CLOSE,
        JACOBI_BLOCK,
        JACOBI_ROUND,
        TRIANGLE,
        GRAM,
        SELFTEST,
    ] {
        hash.update(template);
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(workgroup_bytes: u32, invocations: u32) -> wgpu::Limits {
        wgpu::Limits {
            max_compute_workgroup_storage_size: workgroup_bytes,
            max_compute_invocations_per_workgroup: invocations,
            max_compute_workgroup_size_x: invocations,
            ..wgpu::Limits::default()
        }
    }

    #[test]
    fn the_shaders_count_as_their_drivers_do() {
        use crate::engine::gpu::{gram, jacobi_workgroup, layout, tournament, triangle};

        let number = |x: usize| u32::try_from(x).expect("a small number");
        for (source, name, value) in [
            (JACOBI_THREAD, "LANES", number(layout::GROUP)),
            (JACOBI_WORKGROUP, "LANES_PER_PAIR", jacobi_workgroup::LANES_PER_PAIR),
            (JACOBI_BLOCK, "LANES", number(tournament::BLOCK_LANES)),
            (JACOBI_BLOCK, "BLOCK", number(tournament::BLOCK)),
            (JACOBI_BLOCK, "WIDTH", number(tournament::WIDTH)),
            (JACOBI_BLOCK, "STRIDE", number(tournament::STRIDE)),
            (JACOBI_ROUND, "LANES", number(tournament::ROUND_LANES)),
            (TRIANGLE, "COLUMNS", triangle::COLUMNS),
            (TRIANGLE, "TEAM", number(triangle::TEAM)),
            (TRIANGLE, "LANES", number(triangle::TEAM * triangle::TEAMS)),
            (GRAM, "TILE", gram::TILE),
            (GRAM, "SLAB", gram::SLAB),
        ] {
            let declared = format!("\nconst {name}: u32 = {value}u;\n");
            assert!(source.contains(&declared), "{declared:?} is not in {:?}", source.lines().next());
        }
        let literal = |source: &str, text: String, times| assert_eq!(source.matches(&text).count(), times, "{text}");
        literal(TRIANGLE, "const TEAMS: u32 = LANES / TEAM;".to_owned(), 1);
        literal(JACOBI_BLOCK, format!("array<real, {}>", tournament::STRIDE * tournament::WIDTH), 2);
        literal(JACOBI_BLOCK, format!("@workgroup_size({})", tournament::FINISH_LANES), 1);
        literal(JACOBI_ROUND, format!("@workgroup_size({})", tournament::FINISH_LANES), 1);
        literal(GRAM, format!("array<real, {}>", gram::TILE * (gram::TILE + 1)), 2);
    }

    #[test]
    fn every_size_stays_within_the_limits() {
        for precision in Precision::ALL {
            for (bytes, invocations) in [(16_352, 256), (32_768, 256), (32_768, 1024), (49_152, 1024), (16_384, 64)] {
                for (sums, sums_per_lane) in [(PairSums::Subgroup, 0), (PairSums::WorkgroupMemory, 3)] {
                    let sizes = workgroup_sizes(&limits(bytes, invocations), precision, sums);
                    assert!(!sizes.is_empty(), "{precision} {bytes} {invocations}");
                    for size in sizes {
                        let real = u32::try_from(precision.bytes_per_real()).expect("4 or 8");
                        assert!(size.lanes <= invocations, "{precision} {size:?}");
                        let taken = (size.tile_len + sums_per_lane * size.lanes) * real + 12;
                        assert!(taken <= bytes, "{precision} {size:?}");
                    }
                }
            }
        }
    }
}
