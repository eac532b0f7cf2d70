//! Which kernels serve a matrix: by its shape, the type and the adapter's limits, never by the batch around it, so that a
//! matrix has the same numbers in any company. `docs/gpu.md` has the table.

use std::fmt;

use super::device::Device;
use super::kernels::{Kernel, WorkgroupSize, workgroup_sizes};
use super::layout::{Arrangement, TallShape};
use super::loops;
use super::precision::Precision;
use super::preference::Preference;
use super::report::PairSums;
use super::tournament::{BLOCK, fits_blocks};

/// Most columns of a matrix that one invocation handles. Beyond, the pairs of one matrix keep a workgroup busy.
pub(super) const THREAD_COLUMNS: usize = 16;

/// Fewest columns that are worth blocks: three of them.
const BLOCK_COLUMNS: usize = 3 * BLOCK;

/// What rotations work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// The tall form A itself.
    Tall,
    /// The triangle R of A = QR: less for every rotation to do, for the price of less than one Jacobi sweep.
    Triangle,
}

/// The way of a matrix over the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    pub(super) jacobi: Kernel,
    pub(super) form: Form,
}

impl Way {
    /// Rotations by `jacobi` of A as it is.
    pub(super) fn direct(jacobi: Kernel) -> Self {
        Self { jacobi, form: Form::Tall }
    }

    /// The shape that rotations see of a matrix of `shape`.
    pub(super) fn rotated(self, shape: TallShape) -> TallShape {
        match self.form {
            Form::Tall => shape,
            Form::Triangle => shape.triangle(),
        }
    }

    /// Whether the rotations of a matrix of `shape` have loops that no driver cuts. `jacobi_round`, which serves what nothing
    /// else does, has none for columns of millions of rows.
    pub(super) fn ends(self, shape: TallShape) -> bool {
        loops::are_short(self.jacobi, self.rotated(shape))
    }

    /// How the Jacobi kernel reads its matrices.
    pub(super) fn arrangement(self) -> Arrangement {
        if self.jacobi == Kernel::JacobiThread { Arrangement::Interleaved } else { Arrangement::Apart }
    }

    /// Reals of the largest buffer that a matrix of `shape` needs a part of.
    pub(super) fn reals(self, shape: TallShape) -> usize {
        match self.form {
            Form::Tall => shape.reals(),
            Form::Triangle => shape.triangle().reals().max(shape.p * shape.q),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Tall => f.write_str(self.jacobi.name()),
            Form::Triangle => write!(f, "{} and {}", Kernel::Triangle.name(), self.jacobi.name()),
        }
    }
}

/// What the choice depends on beside the shape.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    limits: wgpu::Limits,
    precision: Precision,
    /// What the self-test allows.
    sums: PairSums,
    /// Of the kernel that adds up by `sums`.
    sizes: Vec<WorkgroupSize>,
    preference: Preference,
}

impl Choice {
    pub(super) fn new(device: &Device, precision: Precision, sums: PairSums) -> Self {
        Self::within(&device.limits(), precision, sums)
    }

    pub(super) fn within(limits: &wgpu::Limits, precision: Precision, sums: PairSums) -> Self {
        let sizes = workgroup_sizes(limits, precision, sums);
        Self { limits: limits.clone(), precision, sums, sizes, preference: Preference::ByShape }
    }

    /// The same with `preference` where it can be had.
    pub(super) fn preferring(self, preference: Preference) -> Self {
        let sums = if preference == Preference::Workgroup { PairSums::WorkgroupMemory } else { self.sums };
        Self { preference, ..Self::within(&self.limits, self.precision, sums) }
    }

    /// One way through every kernel that may be chosen, for matrices of `shape`, which some workgroup can hold.
    pub(super) fn all_ways(&self, shape: TallShape) -> Vec<Way> {
        let jacobi = [Some(Kernel::JacobiThread), self.workgroup(shape), self.block(shape), Some(Kernel::JacobiRound)];
        let direct = jacobi.into_iter().flatten().map(Way::direct);
        direct.chain([Way { jacobi: Kernel::JacobiThread, form: Form::Triangle }]).collect()
    }

    /// The way of a matrix of `shape`.
    pub(super) fn way(&self, shape: TallShape) -> Way {
        let (direct, reduced) = (self.jacobi(shape), self.jacobi(shape.triangle()));
        let tall = shape.p >= 2 * shape.q;
        // Below twice as tall only what workgroup memory saves is worth a factorization.
        let lifts = is_global(direct) && !is_global(reduced);
        if shape.q > 1 && (tall || lifts) && loops::are_short(Kernel::Triangle, shape) {
            Way { jacobi: reduced, form: Form::Triangle }
        } else {
            Way::direct(direct)
        }
    }

    /// The Jacobi kernel for a matrix of `shape` as it is.
    pub(super) fn jacobi(&self, shape: TallShape) -> Kernel {
        self.preferred(shape).unwrap_or_else(|| {
            let thread = self.thread(shape).filter(|_| shape.q <= THREAD_COLUMNS);
            let block = || self.block(shape).filter(|_| shape.q >= BLOCK_COLUMNS);
            thread.or_else(|| self.workgroup(shape)).or_else(block).unwrap_or(Kernel::JacobiRound)
        })
    }

    fn preferred(&self, shape: TallShape) -> Option<Kernel> {
        match self.preference {
            Preference::ByShape => None,
            Preference::Thread => self.thread(shape),
            Preference::Subgroup => self.workgroup(shape).filter(|_| self.sums == PairSums::Subgroup),
            Preference::Workgroup => self.workgroup(shape),
            // A single block meets nobody.
            Preference::Block => self.block(shape).filter(|_| shape.q > BLOCK),
            Preference::Round => Some(Kernel::JacobiRound),
        }
    }

    /// An invocation, if its loops are short enough for any driver.
    #[expect(clippy::unused_self, reason = "reads like the others, which depend on the adapter")]
    fn thread(&self, shape: TallShape) -> Option<Kernel> {
        loops::are_short(Kernel::JacobiThread, shape).then_some(Kernel::JacobiThread)
    }

    /// Pairs of blocks of columns, if their product fits workgroup memory and their loops are short enough.
    fn block(&self, shape: TallShape) -> Option<Kernel> {
        let workgroup_bytes = self.limits.max_compute_workgroup_storage_size as usize;
        let fits = fits_blocks(workgroup_bytes, self.precision.bytes_per_real());
        (fits && loops::are_short(Kernel::JacobiBlock, shape)).then_some(Kernel::JacobiBlock)
    }

    /// The smallest workgroup that holds a matrix of `shape`.
    fn workgroup(&self, shape: TallShape) -> Option<Kernel> {
        let needed = WorkgroupSize::reals_needed(shape.rows, shape.q);
        let size = *self.sizes.iter().find(|size| size.tile_len as usize >= needed)?;
        Some(match self.sums {
            PairSums::Subgroup => Kernel::JacobiSubgroup(size),
            PairSums::WorkgroupMemory => Kernel::JacobiWorkgroup(size),
        })
    }
}

/// Whether `kernel` works in global memory because a matrix fits nowhere else.
fn is_global(kernel: Kernel) -> bool {
    matches!(kernel, Kernel::JacobiBlock | Kernel::JacobiRound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> Choice {
        let limits = wgpu::Limits {
            max_compute_workgroup_storage_size: 32_768,
            max_compute_invocations_per_workgroup: 1024,
            max_compute_workgroup_size_x: 1024,
            ..wgpu::Limits::default()
        };
        Choice::within(&limits, Precision::F32, PairSums::WorkgroupMemory)
    }

    fn way(p: usize, q: usize) -> Way {
        choice().way(TallShape { p, q, rows: p + q })
    }

    #[test]
    fn small_matrices_have_a_thread_middling_ones_a_workgroup_and_large_ones_all_of_the_device() {
        let q = THREAD_COLUMNS;
        for (p, q) in [(1, 1), (100_000, 1), (5, 4), (2 * q - 1, q)] {
            assert_eq!(way(p, q), Way::direct(Kernel::JacobiThread), "{p} x {q}");
        }
        let sizes = choice().sizes;
        assert_eq!(way(q + 1, q + 1), Way::direct(Kernel::JacobiWorkgroup(sizes[0])));
        assert_eq!(way(60, 60), Way::direct(Kernel::JacobiWorkgroup(sizes[3])));
        assert_eq!(way(64, 64), Way::direct(Kernel::JacobiBlock), "64 x 64 with V needs 33 KiB");
        assert_eq!(way(300, 200), Way::direct(Kernel::JacobiBlock));
        assert_eq!(way(400, 30), Way { form: Form::Triangle, ..way(30, 30) });
    }

    #[test]
    fn a_preference_holds_where_the_kernel_can_hold_the_matrix() {
        let jacobi = |preference, q| choice().preferring(preference).way(TallShape { p: q, q, rows: 2 * q }).jacobi;
        let sizes = choice().sizes;
        assert_eq!(jacobi(Preference::Thread, 30), Kernel::JacobiThread);
        assert_eq!(jacobi(Preference::Thread, 60), Kernel::JacobiWorkgroup(sizes[3]), "its loops would be cut");
        assert_eq!(jacobi(Preference::Workgroup, 4), Kernel::JacobiWorkgroup(sizes[0]));
        assert_eq!(jacobi(Preference::Workgroup, 100), Kernel::JacobiBlock);
        assert_eq!(jacobi(Preference::Subgroup, 4), Kernel::JacobiThread, "the adapter has none that is wide enough");
        assert_eq!(jacobi(Preference::Block, 20), Kernel::JacobiBlock);
        assert_eq!(jacobi(Preference::Round, 2), Kernel::JacobiRound);
        assert_eq!(jacobi(Preference::ByShape, 4), Kernel::JacobiThread);
    }

    #[test]
    fn tall_matrices_are_reduced_first() {
        let sizes = choice().sizes;
        let reduced = |jacobi| Way { jacobi, form: Form::Triangle };
        assert_eq!(way(2 * THREAD_COLUMNS, THREAD_COLUMNS), reduced(Kernel::JacobiThread));
        assert_eq!(way(128, 32), reduced(Kernel::JacobiWorkgroup(sizes[2])), "32 x 32 with V needs 8.1 KiB");
        assert_eq!(way(400, 200), reduced(Kernel::JacobiBlock));
        assert_eq!(way(399, 200), Way::direct(Kernel::JacobiBlock));
        assert_eq!(way(100, 60), reduced(Kernel::JacobiWorkgroup(sizes[3])), "it fits workgroup memory only then");
        assert_eq!(way(100_000, 100), Way::direct(Kernel::JacobiRound), "too much for the loops of one workgroup");
        assert!(Way::direct(Kernel::JacobiRound).ends(TallShape { p: 100_000, q: 100, rows: 100_100 }));
        let longest = TallShape { p: 3_000_000, q: 2, rows: 3_000_002 };
        assert!(!choice().way(longest).ends(longest), "nobody on the device serves it");
    }
}
