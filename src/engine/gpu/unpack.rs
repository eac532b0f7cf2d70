//! From the device's words back to factors, believing nothing that can be checked cheaply.

use rayon::prelude::*;

use super::layout::Layout;
use super::pack::Sent;
use super::precision::{Precision, Word};
use super::wire::State;
use crate::engine::{Convergence, Factors, Vectors};
use crate::linalg::{Columns, norm};

/// Why the device's answer for a matrix cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// No marker of a finished kernel: a dispatch, or part of it, never ran.
    Unanswered,
    /// The limit of Jacobi sweeps was reached.
    Unconverged,
    /// NaN, or a norm that rotations would have kept.
    Wrong,
}

/// Factors of every matrix of a chunk, or why the device's answer cannot be used.
pub(super) fn factors<W: Word>(
    precision: Precision,
    vectors: Vectors,
    words: &[W],
    layout: &Layout,
    states: &[State],
    sent: &[Sent],
) -> Vec<Result<Factors, Unusable>> {
    layout
        .dims
        .par_iter()
        .zip(states)
        .zip(sent)
        .map(|((dims, state), sent)| {
            let max_cos = f64::from(f32::from_bits(state.max_cos));
            match state.info {
                State::CONVERGED if max_cos.is_finite() => {}
                State::CONVERGED => return Err(Unusable::Wrong),
                State::UNFINISHED => return Err(Unusable::Unconverged),
                _ => return Err(Unusable::Unanswered),
            }
            let (p, q, rows) = dims.shape();
            let mut entries = words[dims.entries as usize..].iter().step_by(dims.stride as usize).map(|x| x.to_f64());
            let columns: Vec<Vec<f64>> = (0..q).map(|_| entries.by_ref().take(rows).collect()).collect();
            let norms: Vec<f64> = columns.iter().map(|column| norm(&column[..p])).collect();

            let sweeps = f64::from(state.jacobi_sweeps + 1);
            let kept =
                |now: f64, before: f64, sweeps: f64| (now - before).abs() <= norm_drift(precision, q, sweeps) * before;
            let reflected = sent.rows_reflected.map_or(0.0, sweeps_of_reflections);
            if !sent.frobenius.is_nan() && !kept(norm(&norms), sent.frobenius, sweeps + reflected) {
                return Err(Unusable::Wrong);
            }
            if vectors == Vectors::Right && !columns.iter().all(|column| kept(norm(&column[p..]), 1.0, sweeps)) {
                return Err(Unusable::Wrong);
            }
            if !norms.iter().all(|norm| norm.is_finite()) {
                return Err(Unusable::Wrong);
            }

            // Where the caller's columns were sent, which is where V has its rows.
            let mut place: Vec<usize> = (0..q).collect();
            for (sent_at, &column) in sent.order.iter().enumerate() {
                place[column] = sent_at;
            }
            let mut order: Vec<usize> = (0..q).collect();
            // Stable, so that equal singular values keep the device's order and the result is reproducible.
            order.sort_by(|&i, &j| norms[j].total_cmp(&norms[i]));
            Ok(Factors {
                sigma: order.iter().map(|&j| sent.scale.undo(norms[j])).collect(),
                v: match vectors {
                    Vectors::None => None,
                    Vectors::Right => Some(Columns::from_fn(q, q, |i, j| columns[order[j]][p + place[i]])),
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
/// rounded, so each rotation scales the norm by 1 + 16 u at most. Blocks of 16 columns make q / 16 products a sweep, each of
/// 32 terms with a product of 31 rotations, which is less.
fn norm_drift(precision: Precision, q: usize, sweeps: f64) -> f64 {
    16.0 * precision.unit_roundoff() * (q as f64) * sweeps
}

/// The Jacobi sweeps that may change norms as much as q reflections of `rows` rows: each takes a product of a sixteenth of
/// the rows, one after the other, and a few operations more, twice.
fn sweeps_of_reflections(rows: usize) -> f64 {
    2.0 + rows as f64 / 64.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::layout::{Arrangement, TallShape};
    use crate::engine::gpu::pack::pack_tall;
    use crate::matrix::Matrix;

    /// diag(3, 2) with V = I, as a device would return it after a quiet sweep.
    fn answer() -> (Vec<f32>, Layout, Vec<State>, Vec<Sent>) {
        let x = Matrix::new(2, 2, vec![3.0, 0.0, 0.0, 2.0]);
        let layout = Layout::new(&[TallShape::of(&x, Vectors::Right)], Arrangement::Apart);
        let (words, sent) = pack_tall::<f32>(&[&x], &layout);
        let state = State { info: State::CONVERGED, jacobi_sweeps: 1, ..State::untouched(State::PREFILL) };
        (words, layout, vec![state], sent)
    }

    fn read(words: &[f32], layout: &Layout, states: &[State], sent: &[Sent]) -> Result<Factors, Unusable> {
        factors(Precision::F32, Vectors::Right, words, layout, states, sent).remove(0)
    }

    #[test]
    fn an_honest_answer_is_taken() {
        let (words, layout, states, sent) = answer();
        let got = read(&words, &layout, &states, &sent).expect("nothing is wrong with it");
        assert_eq!(got.sigma, [3.0, 2.0]);
        assert_eq!(got.v, Some(Columns::identity(2)));
    }

    #[test]
    fn every_kind_of_lie_is_refused() {
        let (words, layout, states, sent) = answer();
        for (info, why) in [
            (State::PREFILL, Unusable::Unanswered),
            (State::UNREDUCED, Unusable::Unanswered),
            (State::UNFINISHED, Unusable::Unconverged),
            (2, Unusable::Unanswered),
        ] {
            let state = State { info, ..states[0] };
            assert_eq!(read(&words, &layout, &[state], &sent).err(), Some(why), "info {info}");
        }
        let nan = State { max_cos: f32::NAN.to_bits(), ..states[0] };
        assert_eq!(read(&words, &layout, &[nan], &sent).err(), Some(Unusable::Wrong), "NaN cosine");
        for (place, wrong) in [(0, 0.0), (0, f32::NAN), (0, f32::INFINITY), (2, 0.9), (7, f32::NAN), (7, 1.0 + 1e-4)] {
            let mut words = words.clone();
            words[place] = wrong;
            let got = read(&words, &layout, &states, &sent);
            assert_eq!(got.err(), Some(Unusable::Wrong), "word {place} = {wrong}");
            let reflected = [Sent { rows_reflected: Some(200), ..sent[0].clone() }];
            let got = read(&words, &layout, &states, &reflected);
            assert_eq!(got.err(), Some(Unusable::Wrong), "word {place} = {wrong}, of a triangle");
        }
    }
}
