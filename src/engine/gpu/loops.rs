//! How many loop iterations one invocation of each kernel makes in one dispatch. Some drivers cut an invocation after 65,535
//! of them, without an error, and others kill a dispatch that takes seconds: a kernel is chosen only where it is done before.

use super::gram::{SLAB, TILE};
use super::jacobi_workgroup::LANES_PER_PAIR;
use super::kernels::Kernel;
use super::layout::TallShape;
use super::report::AdapterReport;
use super::tournament::{BLOCK, BLOCK_LANES, ROUND_LANES, WIDTH};
use super::triangle::{COLUMNS, TEAM, TEAMS};

/// Most iterations of a kernel whose lanes read neighbouring words or workgroup memory: well below where drivers cut.
const MOST_ITERATIONS: usize = 60_000;
/// The same where every iteration may wait for global memory, so that a dispatch takes tenths of a second at most.
const MOST_WAITING_ITERATIONS: usize = 40_000;

/// Whether a dispatch of `kernel` ends for a matrix of `shape` before any driver cuts or kills it.
pub(super) fn are_short(kernel: Kernel, shape: TallShape) -> bool {
    let most = match kernel {
        Kernel::JacobiBlock | Kernel::JacobiRound | Kernel::Triangle => MOST_WAITING_ITERATIONS,
        Kernel::JacobiThread
        | Kernel::JacobiSubgroup(_)
        | Kernel::JacobiWorkgroup(_)
        | Kernel::JacobiBlockFinish
        | Kernel::JacobiRoundFinish
        | Kernel::Gram
        | Kernel::Selftest => MOST_ITERATIONS,
    };
    iterations(kernel, shape) <= most
}

/// Iterations of all loops of the invocation that makes most of them, for a matrix of `shape`, nested loops and the loops
/// around them counted alike; those of `p` rows before those of p plus passengers, as the shaders have them.
pub(super) fn iterations(kernel: Kernel, shape: TallShape) -> usize {
    let TallShape { p, q, rows } = shape;
    match kernel {
        Kernel::JacobiThread => {
            let pairs = q * (q - 1) / 2;
            pairs.saturating_mul(1 + p + rows).saturating_add(q - 1)
        }
        // A butterfly of three steps.
        Kernel::JacobiSubgroup(size) => sweep_of_a_workgroup(shape, size.lanes, LANES_PER_PAIR.ilog2() as usize),
        Kernel::JacobiWorkgroup(size) => sweep_of_a_workgroup(shape, size.lanes, LANES_PER_PAIR as usize - 1),
        Kernel::JacobiBlock => {
            // Entries of a stage, of G or of J that one lane has; those of one round of rotations are half as many.
            let share = WIDTH * WIDTH / BLOCK_LANES;
            let gram = p.div_ceil(WIDTH) * (1 + share + WIDTH);
            let sweep = share + (WIDTH - 1) * (1 + 2 * (BLOCK * WIDTH / BLOCK_LANES));
            let product = rows.div_ceil(WIDTH) * (1 + share + WIDTH + share);
            gram + sweep + product
        }
        Kernel::JacobiRound => p.div_ceil(ROUND_LANES) + ROUND_LANES.ilog2() as usize + rows.div_ceil(ROUND_LANES),
        Kernel::Triangle => {
            let lanes = TEAM * TEAMS;
            // The largest entry and the norm, each with a tree over the lanes; then the column of R over its passengers.
            let own = 2 * (p.div_ceil(lanes) + lanes.ilog2() as usize) + shape.triangle().rows.div_ceil(lanes);
            let others = (q - 1).div_ceil(TEAMS) * (1 + 2 * p.div_ceil(TEAM) + TEAM - 1);
            COLUMNS as usize * (1 + own + others)
        }
        Kernel::Gram => (SLAB / TILE * (1 + TILE)) as usize,
        // These have no loop.
        Kernel::JacobiBlockFinish | Kernel::JacobiRoundFinish => 0,
        // Far too many, on purpose.
        Kernel::Selftest => AdapterReport::LOOP_ASKED as usize,
    }
}

/// A Jacobi sweep by `lanes` lanes, which load the matrix, have the rounds and store it; `sums`: steps of adding up a pair.
fn sweep_of_a_workgroup(shape: TallShape, lanes: u32, sums: usize) -> usize {
    let TallShape { p, q, rows } = shape;
    let mates = LANES_PER_PAIR as usize;
    let lanes = lanes as usize;
    let pairs = q.div_ceil(2);
    let groups = pairs.div_ceil(lanes / mates);
    let per_group = 1 + p.div_ceil(mates) + sums + rows.div_ceil(mates);
    2 * (rows * q).div_ceil(lanes) + (2 * pairs - 1) * (1 + groups * per_group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::choice::Choice;
    use crate::engine::gpu::kernels::WorkgroupSize;
    use crate::engine::gpu::precision::Precision;
    use crate::engine::gpu::preference::Preference;
    use crate::engine::gpu::report::PairSums;

    /// A p x q matrix without passengers.
    fn values(p: usize, q: usize) -> TallShape {
        TallShape { p, q, rows: p }
    }

    #[test]
    fn counts_are_those_of_the_loops_written_out() {
        let size = WorkgroupSize { lanes: 32, tile_len: 1000 };
        // 20 x 10 over 10 passengers by 32 lanes: 10 words a lane in and out; 9 rounds of 2 groups of pairs, each with 3
        // and 4 rows a lane and 7 or 3 steps of adding up.
        let shape = TallShape { p: 20, q: 10, rows: 30 };
        assert_eq!(iterations(Kernel::JacobiWorkgroup(size), shape), 20 + 9 * (1 + 2 * (1 + 3 + 7 + 4)));
        assert_eq!(iterations(Kernel::JacobiSubgroup(size), shape), 20 + 9 * (1 + 2 * (1 + 3 + 3 + 4)));
        assert_eq!(iterations(Kernel::JacobiThread, shape), 9 + 45 * (1 + 20 + 30));
        // 3 and 4 stages of rows, 31 rounds between.
        let shape = TallShape { p: 70, q: 40, rows: 110 };
        assert_eq!(iterations(Kernel::JacobiBlock, shape), 3 * 37 + 4 + 31 * 5 + 4 * 41);
        assert_eq!(iterations(Kernel::JacobiRound, values(300, 200)), 3 + 7 + 3);
        // Eight columns: 2 rows a lane twice, trees of 8 steps, R of 40 rows; two groups of others with 20 rows a lane.
        let shape = TallShape { p: 320, q: 20, rows: 340 };
        assert_eq!(iterations(Kernel::Triangle, shape), 8 * (1 + 2 * (2 + 8) + 1 + 2 * (1 + 40 + 15)));
        assert_eq!(iterations(Kernel::Gram, values(1, 1)), 256 * 17);
    }

    #[test]
    fn every_limit_lies_between_two_neighbours() {
        let square = |q| TallShape { p: q, q, rows: 2 * q };
        for (kernel, longest, too_long) in [
            (Kernel::JacobiThread, square(34), square(35)),
            (Kernel::JacobiThread, values(29_999, 2), values(30_000, 2)),
            (Kernel::JacobiBlock, values(16_320, 48), values(16_321, 48)),
            (Kernel::JacobiRound, values(2_559_488, 2), values(2_559_489, 2)),
            (Kernel::Triangle, values(5_504, 100), values(5_505, 100)),
        ] {
            assert!(are_short(kernel, longest), "{kernel:?} {longest:?}: {}", iterations(kernel, longest));
            assert!(!are_short(kernel, too_long), "{kernel:?} {too_long:?}: {}", iterations(kernel, too_long));
        }
        assert!(are_short(Kernel::JacobiThread, values(10_000_000, 1)), "one column has no pairs");
        assert!(are_short(Kernel::Gram, values(10_000_000, 1)), "slabs");
        assert!(!are_short(Kernel::Selftest, values(1, 1)), "its loop is there to be cut");
    }

    #[test]
    fn what_fits_workgroup_memory_is_short() {
        let limits = wgpu::Limits { max_compute_workgroup_storage_size: 64 << 10, ..wgpu::Limits::default() };
        for (sums, preference) in
            [(PairSums::WorkgroupMemory, Preference::Workgroup), (PairSums::Subgroup, Preference::Subgroup)]
        {
            let choice = Choice::within(&limits, Precision::F32, sums).preferring(preference);
            let mut fitting = 0;
            for q in 1..=110 {
                for rows in q..=12_288 / q {
                    let kernel = choice.jacobi(values(rows, q));
                    if matches!(kernel, Kernel::JacobiSubgroup(_) | Kernel::JacobiWorkgroup(_)) {
                        fitting += 1;
                        assert!(are_short(kernel, values(rows, q)), "{kernel:?} {rows} x {q}");
                    }
                }
            }
            assert!(fitting > 30_000, "{fitting} shapes");
        }
    }
}
