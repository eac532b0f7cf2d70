//! From eigenvectors of T back to those of G: the reflections of the reduction, applied to a few vectors at a time, which lie side by
//! side in lanes.

use super::Tridiagonal;
use crate::linalg::lanes::Lanes;
use crate::linalg::vector::{LANES, filled};
use crate::linalg::{padded_dot, padded_rows};

/// Reflections that are applied together, so that vectors are read and written once for all of them: with two AVX2 registers for
/// each inner product they occupy half of the sixteen.
const TOGETHER: usize = 4;

/// The reflections of a reduction.
pub(super) struct Reflections {
    /// In the order in which they are applied.
    groups: Vec<Group>,
    /// The v of all groups, each side by side.
    v: Vec<[f64; TOGETHER]>,
}

/// H_m ... H_(m-3), of which the first few may be identities.
struct Group {
    /// m.
    rows: usize,
    tau: [f64; TOGETHER],
    /// `v_b'v_a` at `[b][a]`, for a < b.
    products: [[f64; TOGETHER]; TOGETHER],
}

impl Reflections {
    #[inline(always)]
    pub(super) fn of(reduction: &Tridiagonal) -> Self {
        let last = reduction.tau.len().saturating_sub(1);
        let count = last.div_ceil(TOGETHER);
        let rows = |group: usize| last - TOGETHER * (count - 1 - group);
        let mut v = filled([0.0; TOGETHER], (0..count).map(rows).sum());
        let mut groups = Vec::with_capacity(count);
        let mut rest = v.as_mut_slice();
        for group in 0..count {
            let own;
            (own, rest) = rest.split_at_mut(rows(group));
            groups.push(Group::of(reduction, own));
        }
        Self { groups, v }
    }

    /// Z <- H_(q-1) ... H_2 Z, `z[i]` being row i.
    #[inline(always)]
    pub(super) fn apply(&self, z: &mut [Lanes<LANES>]) {
        let mut rest = self.v.as_slice();
        for group in &self.groups {
            let own;
            (own, rest) = rest.split_at(group.rows);
            group.apply(own, z);
        }
    }
}

impl Group {
    /// The group whose last reflection is H_m, with its v in `v`, m long and 0.
    #[inline(always)]
    fn of(Tridiagonal { reflectors, tau: all, .. }: &Tridiagonal, v: &mut [[f64; TOGETHER]]) -> Self {
        let rows = v.len();
        let (mut tau, mut products) = ([0.0; TOGETHER], [[0.0; TOGETHER]; TOGETHER]);
        for b in 0..TOGETHER {
            let Some(of_b) = (rows + b + 1).checked_sub(TOGETHER) else { continue };
            tau[b] = all[of_b];
            for (v, x) in v.iter_mut().zip(reflectors.column(of_b)) {
                v[b] = if tau[b] == 0.0 { 0.0 } else { *x };
            }
            for a in (0..b).filter(|&a| tau[a] != 0.0) {
                let of_a = of_b + a - b;
                let length = padded_rows(of_a);
                products[b][a] = padded_dot(&reflectors.column(of_a)[..length], &reflectors.column(of_b)[..length]);
            }
        }
        Self { rows, tau, products }
    }

    #[inline(always)]
    fn apply(&self, v: &[[f64; TOGETHER]], z: &mut [Lanes<LANES>]) {
        let mut shares = [[0.0; LANES]; TOGETHER];
        for (z, v) in z.iter().zip(v) {
            for n in 0..TOGETHER {
                for lane in 0..LANES {
                    shares[n][lane] = v[n].mul_add(z[lane], shares[n][lane]);
                }
            }
        }
        for b in 0..TOGETHER {
            let mut own = shares[b];
            for (earlier, product) in shares[..b].iter().zip(self.products[b]) {
                for (own, earlier) in own.iter_mut().zip(earlier) {
                    *own = product.mul_add(*earlier, *own);
                }
            }
            for own in &mut own {
                *own *= -self.tau[b];
            }
            shares[b] = own;
        }
        for (z, v) in z.iter_mut().zip(v) {
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
