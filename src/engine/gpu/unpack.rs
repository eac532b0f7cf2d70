//! From the device's words back to factors, believing nothing that can be checked cheaply.

use rayon::prelude::*;

use super::pack::Sent;
use super::precision::{Precision, Word};
use super::wire::{JacobiDims, State};
use crate::engine::{Convergence, Factors, Vectors};
use crate::linalg::{Columns, norm};

/// Factors of every matrix of a chunk, `None` where the device's answer cannot be used: no done marker, no convergence,
/// NaN, or a norm that rotations would have kept.
pub(super) fn factors<W: Word>(
    precision: Precision,
    vectors: Vectors,
    words: &[W],
    dims: &[JacobiDims],
    states: &[State],
    sent: &[Sent],
) -> Vec<Option<Factors>> {
    dims.par_iter()
        .zip(states)
        .zip(sent)
        .map(|((dims, state), sent)| {
            let max_cos = f64::from(f32::from_bits(state.max_cos));
            if state.info != State::CONVERGED || !max_cos.is_finite() {
                return None;
            }
            let (p, q, rows) = (dims.p as usize, dims.q as usize, dims.rows as usize);
            let start = dims.entries as usize;
            let columns: Vec<Vec<f64>> = words[start..start + rows * q]
                .chunks_exact(rows)
                .map(|column| column.iter().map(|x| x.to_f64()).collect())
                .collect();
            let norms: Vec<f64> = columns.iter().map(|column| norm(&column[..p])).collect();

            let drift = norm_drift(precision, q, state.jacobi_sweeps);
            let kept = |now: f64, before: f64| (now - before).abs() <= drift * before;
            if !sent.frobenius.is_nan() && !kept(norm(&norms), sent.frobenius) {
                return None;
            }
            if vectors == Vectors::Right && !columns.iter().all(|column| kept(norm(&column[p..]), 1.0)) {
                return None;
            }
            if !norms.iter().all(|norm| norm.is_finite()) {
                return None;
            }

            let mut order: Vec<usize> = (0..q).collect();
            // Stable, so that equal singular values keep the device's order and the result is reproducible.
            order.sort_by(|&i, &j| norms[j].total_cmp(&norms[i]));
            Some(Factors {
                sigma: order.iter().map(|&j| sent.scale.undo(norms[j])).collect(),
                v: match vectors {
                    Vectors::None => None,
                    Vectors::Right => Some(Columns::from_fn(q, q, |i, j| columns[order[j]][p + i])),
                },
                route: precision.route(),
                jacobi_sweeps: state.jacobi_sweeps,
                max_cos,
                convergence: Convergence::Converged,
            })
        })
        .collect()
}

/// Largest relative change of a norm that `sweeps` Jacobi sweeps can cause by rounding. A column takes part in q - 1
/// rotations a sweep; s and tau carry a few u of error each (WGSL allows 2.5 ulp to a division) and every entry is
/// rounded, so each rotation scales the norm by 1 + 16 u at most.
fn norm_drift(precision: Precision, q: usize, sweeps: u32) -> f64 {
    16.0 * precision.unit_roundoff() * (q as f64) * f64::from(sweeps + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::pack::{TallShape, jacobi_dims, pack_tall};
    use crate::matrix::Matrix;

    /// diag(3, 2) with V = I, as a device would return it after a quiet sweep.
    fn answer() -> (Vec<f32>, Vec<JacobiDims>, Vec<State>, Vec<Sent>) {
        let x = Matrix::new(2, 2, vec![3.0, 0.0, 0.0, 2.0]);
        let dims = jacobi_dims([TallShape::of(&x, Vectors::Right)]);
        let (words, sent) = pack_tall::<f32>(&[&x], Vectors::Right);
        let state = State { info: State::CONVERGED, jacobi_sweeps: 1, ..State::untouched() };
        (words, dims, vec![state], sent)
    }

    fn read(words: &[f32], dims: &[JacobiDims], states: &[State], sent: &[Sent]) -> Option<Factors> {
        factors(Precision::F32, Vectors::Right, words, dims, states, sent).remove(0)
    }

    #[test]
    fn an_honest_answer_is_taken() {
        let (words, dims, states, sent) = answer();
        let got = read(&words, &dims, &states, &sent).expect("nothing is wrong with it");
        assert_eq!(got.sigma, [3.0, 2.0]);
        assert_eq!(got.v, Some(Columns::identity(2)));
    }

    #[test]
    fn every_kind_of_lie_is_refused() {
        let (words, dims, states, sent) = answer();
        for info in [State::PREFILL, State::UNFINISHED, 2] {
            let state = State { info, ..states[0] };
            assert!(read(&words, &dims, &[state], &sent).is_none(), "info {info}");
        }
        let nan = State { max_cos: f32::NAN.to_bits(), ..states[0] };
        assert!(read(&words, &dims, &[nan], &sent).is_none(), "NaN cosine");
        for (place, wrong) in [(0, 0.0), (0, f32::NAN), (0, f32::INFINITY), (2, 0.9), (7, f32::NAN), (7, 1.0 + 1e-4)] {
            let mut words = words.clone();
            words[place] = wrong;
            assert!(read(&words, &dims, &states, &sent).is_none(), "word {place} = {wrong}");
        }
    }
}
