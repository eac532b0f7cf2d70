//! The reduction of several matrices of one order side by side, a lane each.
//!
//! As [`super::reduction`]: one pass over what is left of the matrix for each reflection, on the entries above the diagonal alone. But no
//! sum runs across lanes, and the chain of roots and divisions that makes a reflection is one of all matrices at once.

use super::twisted::{InLanes, Twisted};
use crate::linalg::instructions::widest;
use crate::linalg::lanes::{Lanes, blend, mask};
use crate::linalg::lockstep::Lockstep;
use crate::linalg::power_of_two;

/// H_2 ... H_(q-1) G H_(q-1) ... H_2 = T for symmetric matrices G (q x q), a lane each.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReducedTogether<const W: usize> {
    /// Diagonals of T, q long.
    pub(super) diagonal: Vec<Lanes<W>>,
    /// Off-diagonals of T, q - 1 long.
    pub(super) off_diagonal: Vec<Lanes<W>>,
    /// H_m = I - tau v v', q long; 0 stands for the identity. The v of H_m is in the first m rows of column m of what was reduced.
    pub(super) tau: Vec<Lanes<W>>,
    /// What the reflection before has left to subtract, v w' + w v', and the same of the next one.
    pending: [Vec<Lanes<W>>; 2],
    next: [Vec<Lanes<W>>; 2],
}

impl<const W: usize> ReducedTogether<W> {
    /// Reduces the symmetric matrices whose diagonal and upper triangle `g` holds, overwriting it with the reflections. Entries as for
    /// [`super::Tridiagonal::new`].
    #[inline(always)]
    pub(crate) fn reduce(&mut self, g: &mut Lockstep<W>) {
        widest(
            (self, g),
            #[inline(always)]
            |(reduced, g)| reduced.reduce_in_tiles::<2>(g),
            #[inline(always)]
            |(reduced, g)| reduced.reduce_in_tiles::<4>(g),
        );
    }

    /// [`ReducedTogether::reduce`], `N` columns at a time. The bits do not depend on it.
    #[inline(always)]
    pub(super) fn reduce_in_tiles<const N: usize>(&mut self, g: &mut Lockstep<W>) {
        let q = g.cols();
        for numbers in [&mut self.diagonal, &mut self.off_diagonal, &mut self.tau] {
            numbers.clear();
            numbers.resize(q, [0.0; W]);
        }
        self.off_diagonal.truncate(q.saturating_sub(1));
        for numbers in self.pending.iter_mut().chain(&mut self.next) {
            numbers.clear();
            numbers.resize(q, [0.0; W]);
        }
        for m in (1..g.cols()).rev() {
            let [pending_v, pending_w] = &mut self.pending;
            let [v, w] = &mut self.next;
            let (own_v, own_w) = (pending_v[m], pending_w[m]);
            let column = g.column_mut(m);
            for (x, (v, w)) in column[..=m].iter_mut().zip(pending_v.iter().zip(pending_w.iter())) {
                for lane in 0..W {
                    x[lane] = (-own_v[lane]).mul_add(w[lane], (-own_w[lane]).mul_add(v[lane], x[lane]));
                }
            }
            self.diagonal[m] = column[m];
            let (v, w) = (&mut v[..m], &mut w[..m]);
            v.copy_from_slice(&column[..m]);
            let (tau, beta) = reflectors(v);
            (self.off_diagonal[m - 1], self.tau[m]) = (beta, tau);
            column[..m].copy_from_slice(v);
            subtract_and_multiply::<W, N>(g, [&pending_v[..m], &pending_w[..m]], v, w);
            let mut inner = [0.0; W];
            for (w, v) in w.iter_mut().zip(v.iter()) {
                for lane in 0..W {
                    w[lane] *= tau[lane];
                    inner[lane] = w[lane].mul_add(v[lane], inner[lane]);
                }
            }
            for (w, v) in w.iter_mut().zip(v.iter()) {
                for lane in 0..W {
                    w[lane] = (-0.5 * tau[lane] * inner[lane]).mul_add(v[lane], w[lane]);
                }
            }
            std::mem::swap(&mut self.pending, &mut self.next);
        }
        if g.cols() > 0 {
            self.diagonal[0] = g.column(0)[0];
        }
    }

    /// The diagonal of T in `lane`, then its off-diagonal, behind what `out` holds.
    pub(crate) fn append_entries(&self, lane: usize, out: &mut Vec<f64>) {
        out.extend(self.diagonal.iter().chain(&self.off_diagonal).map(|entry| entry[lane]));
    }

    /// Unit eigenvectors of G for the eigenvalues `values[k]` into column k of `out`, as [`super::Tridiagonal::eigenvectors_in`]; `g` as
    /// [`ReducedTogether::reduce`] left it.
    #[inline(always)]
    pub(crate) fn eigenvectors(
        &self,
        g: &Lockstep<W>,
        values: &[Lanes<W>],
        twisted: &mut Twisted<W>,
        out: &mut Lockstep<W>,
    ) {
        out.reshape(values.len(), values.len());
        for (k, lambda) in values.iter().enumerate() {
            let matrices = InLanes { d: &self.diagonal, e: &self.off_diagonal };
            twisted.eigenvectors(matrices, lambda, out.column_mut(k));
        }
        self.transform_back(g, out);
    }

    /// Z <- H_(q-1) ... H_2 Z for the reflections of `g`, which was reduced: from eigenvectors of T to those of G.
    #[inline(always)]
    fn transform_back(&self, g: &Lockstep<W>, z: &mut Lockstep<W>) {
        widest(
            (self, g, z),
            #[inline(always)]
            |(reduced, g, z)| reduced.transform_in_tiles::<2>(g, z),
            #[inline(always)]
            |(reduced, g, z)| reduced.transform_in_tiles::<4>(g, z),
        );
    }

    /// [`ReducedTogether::transform_back`], `N` columns at a time, so that a reflection is loaded once for them. The bits do not depend on it.
    #[inline(always)]
    pub(super) fn transform_in_tiles<const N: usize>(&self, g: &Lockstep<W>, z: &mut Lockstep<W>) {
        let q = g.cols();
        let whole = q - q % N;
        for j in (0..whole).step_by(N) {
            self.transform_columns::<N>(g, &mut z.columns_mut(j));
        }
        for j in whole..q {
            self.transform_columns::<1>(g, &mut z.columns_mut(j));
        }
    }

    #[inline(always)]
    fn transform_columns<const N: usize>(&self, g: &Lockstep<W>, z: &mut [&mut [Lanes<W>]; N]) {
        for (m, tau) in self.tau.iter().enumerate().skip(2) {
            let v = &g.column(m)[..m];
            let mut shares = [[0.0; W]; N];
            for (i, v) in v.iter().enumerate() {
                for n in 0..N {
                    for lane in 0..W {
                        shares[n][lane] = v[lane].mul_add(z[n][i][lane], shares[n][lane]);
                    }
                }
            }
            for share in &mut shares {
                for lane in 0..W {
                    share[lane] *= -tau[lane];
                }
            }
            for (i, v) in v.iter().enumerate() {
                for n in 0..N {
                    let mut entry = z[n][i];
                    for lane in 0..W {
                        entry[lane] = v[lane].mul_add(shares[n][lane], entry[lane]);
                    }
                    z[n][i] = entry;
                }
            }
        }
    }
}

/// Turns x into the v of the reflection H = I - tau v v', the last entry of v being 1, with H x = beta e_last. Returns tau and beta; tau = 0 and
/// v = 0 where there is nothing to eliminate, x being such a multiple already.
#[inline(always)]
fn reflectors<const W: usize>(v: &mut [Lanes<W>]) -> (Lanes<W>, Lanes<W>) {
    let Some((head, rest)) = v.split_last_mut() else { return ([0.0; W], [0.0; W]) };
    let mut squares = [0.0; W];
    for v in rest.iter() {
        for lane in 0..W {
            squares[lane] = v[lane].mul_add(v[lane], squares[lane]);
        }
    }
    let (mut tau, mut beta, mut scale) = ([0.0; W], [0.0; W], [0.0; W]);
    for lane in 0..W {
        let nothing = mask(squares[lane] < power_of_two(-900));
        let length = head[lane].mul_add(head[lane], squares[lane]).sqrt();
        beta[lane] = blend(mask(head[lane] > 0.0), -length, length);
        scale[lane] = blend(nothing, 0.0, 1.0 / (head[lane] - beta[lane]));
        tau[lane] = blend(nothing, 0.0, (beta[lane] - head[lane]) / beta[lane]);
        beta[lane] = blend(nothing, head[lane], beta[lane]);
        head[lane] = blend(nothing, 0.0, 1.0);
    }
    for v in rest {
        for lane in 0..W {
            v[lane] *= scale[lane];
        }
    }
    (tau, beta)
}

/// Subtracts what is `pending` from the leading m x m block of `g` and multiplies it: `y` = G `v`, all of them m long.
#[inline(always)]
fn subtract_and_multiply<const W: usize, const N: usize>(
    g: &mut Lockstep<W>,
    pending: [&[Lanes<W>]; 2],
    v: &[Lanes<W>],
    y: &mut [Lanes<W>],
) {
    let m = v.len();
    let whole = m - m % N;
    for j in (0..whole).step_by(N) {
        columns::<W, N>(&mut g.columns_mut(j), j, pending, v, y);
    }
    for j in whole..m {
        columns::<W, 1>(&mut g.columns_mut(j), j, pending, v, y);
    }
}

/// The same for `N` columns from `first` on: what is above the diagonal gives its share to the rows of `y` that it is in and, as its mirror image, to those
/// that have the columns' numbers.
#[inline(always)]
fn columns<const W: usize, const N: usize>(
    g: &mut [&mut [Lanes<W>]; N],
    first: usize,
    [pending_v, pending_w]: [&[Lanes<W>]; 2],
    v: &[Lanes<W>],
    y: &mut [Lanes<W>],
) {
    let (mut own_v, mut own_w, mut weight) = ([[0.0; W]; N], [[0.0; W]; N], [[0.0; W]; N]);
    for n in 0..N {
        (own_v[n], own_w[n], weight[n]) = (pending_v[first + n], pending_w[first + n], v[first + n]);
        for lane in 0..W {
            (own_v[n][lane], own_w[n][lane]) = (-own_v[n][lane], -own_w[n][lane]);
        }
    }
    let mut sums = [[0.0; W]; N];
    for i in 0..first {
        let (of_v, of_w, of_rows, mut sum) = (pending_v[i], pending_w[i], v[i], y[i]);
        for n in 0..N {
            let mut x = g[n][i];
            for lane in 0..W {
                x[lane] = own_v[n][lane].mul_add(of_w[lane], own_w[n][lane].mul_add(of_v[lane], x[lane]));
                sum[lane] = weight[n][lane].mul_add(x[lane], sum[lane]);
                sums[n][lane] = of_rows[lane].mul_add(x[lane], sums[n][lane]);
            }
            g[n][i] = x;
        }
        y[i] = sum;
    }
    for n in 0..N {
        for i in first..=first + n {
            let (of_v, of_w, of_rows) = (pending_v[i], pending_w[i], v[i]);
            let mut x = g[n][i];
            for lane in 0..W {
                x[lane] = own_v[n][lane].mul_add(of_w[lane], own_w[n][lane].mul_add(of_v[lane], x[lane]));
                sums[n][lane] = of_rows[lane].mul_add(x[lane], sums[n][lane]);
            }
            g[n][i] = x;
            if i < first + n {
                for lane in 0..W {
                    y[i][lane] = weight[n][lane].mul_add(x[lane], y[i][lane]);
                }
            }
        }
        y[first + n] = sums[n];
    }
}
