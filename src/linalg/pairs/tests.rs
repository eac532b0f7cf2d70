//! Against double-double arithmetic one number at a time.

use super::*;
use crate::rng::Generator;

const U_SQUARED: f64 = f64::UNIT_ROUNDOFF * f64::UNIT_ROUNDOFF;

/// `rows` x `cols` numbers whose second words count, and the same as a matrix.
fn numbers(rows: usize, cols: usize) -> (Vec<Vec<Dd>>, Pairs) {
    let mut generator = Generator::from_entropy(&[rows as u64, cols as u64]);
    let mut next = || Dd::new(generator.normals(1)[0], generator.normals(1)[0] * f64::UNIT_ROUNDOFF);
    let entries: Vec<Vec<Dd>> = (0..rows).map(|_| (0..cols).map(|_| next()).collect()).collect();
    let mut pairs = Pairs::zeros(rows, cols);
    for (i, row) in entries.iter().enumerate() {
        for (j, &entry) in row.iter().enumerate() {
            pairs.set(i, j, entry);
        }
    }
    (entries, pairs)
}

fn inner(a: impl IntoIterator<Item = Dd>, b: impl IntoIterator<Item = Dd>) -> Dd {
    a.into_iter().zip(b).fold(Dd::ZERO, |sum, (a, b)| sum + a * b)
}

/// Runs with the vectors of this machine and with those of any.
fn on_every_register(work: impl pulp::WithSimd<Output = ()> + Copy) {
    pulp::Arch::new().dispatch(work);
    work.with_simd(pulp::Scalar::new());
}

/// A test whose body is generic over the registers, as `$simd`.
macro_rules! check {
    ($name:ident, $simd:ident, $body:block) => {
        #[test]
        fn $name() {
            #[derive(Clone, Copy)]
            struct Work;
            impl pulp::WithSimd for Work {
                type Output = ();
                fn with_simd<S: Simd>(self, $simd: S) $body
            }
            on_every_register(Work);
        }
    };
}

check!(inner_products_lose_the_rounding_of_the_terms_alone, simd, {
    for len in [1, 3, 8, 9, 40] {
        let (rows, pairs) = numbers(2, len);
        let exact = inner(rows[0].iter().copied(), rows[1].iter().copied());
        let sizes = inner(rows[0].iter().map(|a| a.abs()), rows[1].iter().map(|b| b.abs())).to_f64();
        let gap = (dot(simd, pairs.row(0), pairs.row(1)) - exact).abs().to_f64();
        assert!(gap <= 4.0 * (len + 4) as f64 * U_SQUARED * sizes, "{len}: {gap:e}");
    }
    // The first words cancel: what is left is a second word.
    let mut cancelling = Pairs::zeros(2, 3);
    for (j, (a, b)) in [(1e10, 1e10), (-1e10, 1e10), (1.0, 1e-9)].into_iter().enumerate() {
        cancelling.set(0, j, Dd::from_f64(a));
        cancelling.set(1, j, Dd::from_f64(b));
    }
    assert_eq!(dot(simd, cancelling.row(0), cancelling.row(1)).to_f64(), 1e-9);
});

check!(reflections_are_those_of_their_formula, simd, {
    let (p, q, first, from) = (7, 11, 2, 3);
    let (vectors, v) = numbers(2, 16);
    let tau = Dd::new(0.75, 1e-18);
    // From the left: rows from `first` on, columns from `from` on.
    let (before, mut a) = numbers(p, q);
    a.reflect(simd, first, from, v.row(0).part(0..p - first), tau);
    for j in from..q {
        let share = tau * inner(before[first..].iter().map(|row| row[j]), vectors[0].iter().copied());
        for i in 0..p {
            let change = if i < first { Dd::ZERO } else { share * vectors[0][i - first] };
            let gap = (a.get(i, j) - (before[i][j] - change)).abs().to_f64();
            assert!(gap <= 300.0 * U_SQUARED, "({i}, {j}): {gap:e}");
        }
    }
    // From the right: w is 0 before `from`.
    let (before, mut a) = numbers(p, q);
    let mut w = Pairs::zeros(1, q);
    (from..q).for_each(|j| w.set(0, j, vectors[1][j]));
    a.reflect_rows(simd, first, from, w.row(0), tau);
    for (i, before) in before.iter().enumerate() {
        let share = tau * inner(before[from..].iter().copied(), vectors[1][from..].iter().copied());
        for j in 0..q {
            let change = if i < first || j < from { Dd::ZERO } else { share * vectors[1][j] };
            let gap = (a.get(i, j) - (before[j] - change)).abs().to_f64();
            assert!(gap <= 300.0 * U_SQUARED, "({i}, {j}): {gap:e}");
        }
    }
});

check!(reflectors_leave_one_entry, simd, {
    for (scale, head) in [(0, 0), (0, 5), (-600, 3), (600, 9)] {
        let cols = 12;
        let (entries, _) = numbers(1, cols);
        let mut x = Pairs::zeros(1, cols);
        (head..cols).for_each(|j| x.set(0, j, entries[0][j].times_power_of_two(scale)));
        let mut reflected = x.clone();
        let (tau, beta) = x.reflector(simd, 0, head);
        assert_eq!(x.get(0, head), Dd::ONE);
        reflected.reflect_rows(simd, 0, head, x.row(0), tau);
        for j in 0..cols {
            let expected = if j == head { beta } else { Dd::ZERO };
            let gap = (reflected.get(0, j) - expected).abs().to_f64();
            assert!(gap <= 300.0 * U_SQUARED.times_power_of_two(scale), "2^{scale} ({j}): {gap:e}");
        }
        let length = inner(entries[0][head..].iter().copied(), entries[0][head..].iter().copied()).sqrt();
        let gap = (beta.abs().times_power_of_two(-scale) - length).abs().to_f64();
        assert!(gap <= 100.0 * U_SQUARED, "2^{scale}: {gap:e}");
    }
    let mut nothing = Pairs::zeros(1, 4);
    assert_eq!(nothing.reflector(simd, 0, 1), (Dd::ZERO, Dd::ZERO));
});
