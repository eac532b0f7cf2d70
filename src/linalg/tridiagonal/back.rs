//! From eigenvectors of T back to those of G: the reflections of the reduction, applied to a few vectors at a time, which lie side by
//! side in lanes.

use super::Tridiagonal;
use crate::linalg::lanes::Lanes;
use crate::linalg::vector::LANES;
use crate::linalg::{padded_dot, padded_rows};

/// Reflections that are applied together, so that vectors are read and written once for all of them: with two AVX2 registers for
/// each inner product they occupy half of the sixteen.
const TOGETHER: usize = 4;

/// The reflections of a reduction, in the order in which they are applied.
pub(super) struct Reflections {
    groups: Vec<Group>,
}

/// H_m ... H_(m-3), of which the first few may be identities.
struct Group {
    /// The v side by side, m rows.
    v: Vec<[f64; TOGETHER]>,
    tau: [f64; TOGETHER],
    /// `v_b'v_a` at `[b][a]`, for a < b.
    products: [[f64; TOGETHER]; TOGETHER],
}

impl Reflections {
    #[inline(always)]
    pub(super) fn of(reduction: &Tridiagonal) -> Self {
        let q = reduction.tau.len();
        let mut groups = Vec::with_capacity(q / TOGETHER + 1);
        let mut m = q.saturating_sub(1);
        while m > 1 {
            groups.push(Group::ending_with(m, reduction));
            m = m.saturating_sub(TOGETHER);
        }
        groups.reverse();
        Self { groups }
    }

    /// Z <- H_(q-1) ... H_2 Z, `z[i]` being row i.
    #[inline(always)]
    pub(super) fn apply(&self, z: &mut [Lanes<LANES>]) {
        for group in &self.groups {
            group.apply(z);
        }
    }
}

impl Group {
    /// The group whose last reflection is H_m.
    #[inline(always)]
    fn ending_with(m: usize, Tridiagonal { reflectors, tau: all, .. }: &Tridiagonal) -> Self {
        let (mut v, mut tau) = (vec![[0.0; TOGETHER]; m], [0.0; TOGETHER]);
        let mut products = [[0.0; TOGETHER]; TOGETHER];
        for b in 0..TOGETHER {
            let Some(of_b) = (m + b).checked_sub(TOGETHER - 1).filter(|&of_b| all[of_b] != 0.0) else { continue };
            tau[b] = all[of_b];
            for (v, x) in v.iter_mut().zip(reflectors.column(of_b)) {
                v[b] = *x;
            }
            for a in (0..b).filter(|&a| tau[a] != 0.0) {
                let of_a = of_b + a - b;
                let length = padded_rows(of_a);
                products[b][a] = padded_dot(&reflectors.column(of_a)[..length], &reflectors.column(of_b)[..length]);
            }
        }
        Self { v, tau, products }
    }

    #[inline(always)]
    fn apply(&self, z: &mut [Lanes<LANES>]) {
        let mut shares = [[0.0; LANES]; TOGETHER];
        for (z, v) in z.iter().zip(&self.v) {
            for n in 0..TOGETHER {
                for lane in 0..LANES {
                    shares[n][lane] = v[n].mul_add(z[lane], shares[n][lane]);
                }
            }
        }
        for b in 0..TOGETHER {
            for a in 0..b {
                for lane in 0..LANES {
                    shares[b][lane] = self.products[b][a].mul_add(shares[a][lane], shares[b][lane]);
                }
            }
            for lane in 0..LANES {
                shares[b][lane] *= -self.tau[b];
            }
        }
        for (z, v) in z.iter_mut().zip(&self.v) {
            let mut sum = *z;
            for n in 0..TOGETHER {
                for lane in 0..LANES {
                    sum[lane] = v[n].mul_add(shares[n][lane], sum[lane]);
                }
            }
            *z = sum;
        }
    }
}
