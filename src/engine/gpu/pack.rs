//! From matrices to the device's words: scaled, in tall form, column major, with their passengers.

use rayon::prelude::*;

use super::layout::Layout;
use super::precision::Word;
use super::scale::PowerOfTwo;
use crate::linalg::Columns;
use crate::matrix::Matrix;

/// log2 of a scaled matrix's largest entry. Squares then reach 2^(80 + log2 p), far from f32's 2^128, and columns down to
/// 2^-90 of the largest keep squares above the kernels' NEGLIGIBLE.
const FACTOR_TARGET: i32 = 40;
/// The same for the Gram path, whose products are squared once more.
const GRAM_TARGET: i32 = 16;

/// What the host must remember of a matrix to read its results.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) scale: PowerOfTwo,
    /// ||A||_F of the scaled matrix, or NaN where there is nothing to check against.
    pub(super) frobenius: f64,
    /// The caller's number of each column, in the order in which they were sent; empty where they kept it.
    pub(super) order: Vec<usize>,
    /// Rows that the kernel `triangle` reflects; `None` where rotations work on A itself.
    pub(super) rows_reflected: Option<usize>,
}

/// Tall forms A, with the identity as passengers where `layout` has room for it. Columns go by falling norm, which keeps
/// small singular values of graded matrices accurate (de Rijk 1989).
pub(super) fn pack_tall<W: Word>(batch: &[&Matrix], layout: &Layout) -> (Vec<W>, Vec<Sent>) {
    pack(batch, layout, FACTOR_TARGET, |i, scale, words| {
        let (p, q, rows) = layout.dims[i].shape();
        let mut a = Columns::<f64>::tall(batch[i]);
        for entry in a.as_mut_slice() {
            *entry = scale.times(*entry);
        }
        let squares: Vec<f64> = a.iter().map(|column| column.iter().map(|x| x * x).sum()).collect();
        let mut order: Vec<usize> = (0..q).collect();
        order.sort_by(|&i, &j| squares[j].total_cmp(&squares[i]));
        for (place, (column, &j)) in words.chunks_exact_mut(rows).zip(&order).enumerate() {
            for (word, &entry) in column.iter_mut().zip(a.column(j)) {
                *word = W::from_f64(entry);
            }
            if let Some(word) = column.get_mut(p + place) {
                *word = W::from_f64(1.0);
            }
        }
        Sent { scale, frobenius: squares.iter().sum::<f64>().sqrt(), order, rows_reflected: None }
    })
}

/// Tall forms A, p x q, in the caller's order of columns.
pub(super) fn pack_columns<W: Word>(batch: &[&Matrix], layout: &Layout) -> (Vec<W>, Vec<Sent>) {
    pack(batch, layout, GRAM_TARGET, |i, scale, words| {
        for (word, &entry) in words.iter_mut().zip(Columns::<f64>::tall(batch[i]).as_slice()) {
            *word = W::from_f64(scale.times(entry));
        }
        // trace(A'A) = ||A||_F^2 is no norm of G: nothing to check against.
        Sent { scale, frobenius: f64::NAN, order: Vec::new(), rows_reflected: None }
    })
}

/// Lays the matrices out; `fill` writes matrix i's words, column by column, into zeros.
fn pack<W: Word>(
    batch: &[&Matrix],
    layout: &Layout,
    target: i32,
    fill: impl Fn(usize, PowerOfTwo, &mut [W]) -> Sent + Sync,
) -> (Vec<W>, Vec<Sent>) {
    let mut words = vec![W::zeroed(); layout.reals];
    let mut rest = words.as_mut_slice();
    let mut spans = Vec::with_capacity(layout.groups.len());
    for group in &layout.groups {
        let members = group.members();
        let (span, tail) = rest.split_at_mut(members.clone().map(|i| layout.dims[i].reals()).sum());
        spans.push((members, span));
        rest = tail;
    }
    let filled = |i: usize, words: &mut [W]| fill(i, PowerOfTwo::bringing(batch[i].max_abs(), target), words);
    let sent = spans
        .into_par_iter()
        .flat_map_iter(|(members, span)| {
            let stride = members.len();
            if stride == 1 {
                return vec![filled(members.start, span)];
            }
            let alone = |(place, i)| {
                let mut words = vec![W::zeroed(); span.len() / stride];
                let sent = filled(i, &mut words);
                for (to, word) in span[place..].iter_mut().step_by(stride).zip(words) {
                    *to = word;
                }
                sent
            };
            members.enumerate().map(alone).collect()
        })
        .collect();
    (words, sent)
}
