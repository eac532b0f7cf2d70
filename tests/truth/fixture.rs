//! The matrices of `make_truth.py` and their singular values, with exact comparisons.

use std::cmp::Ordering;
use std::path::Path;

use nullsweep::matrix::Matrix;

/// A matrix whose singular values are known.
pub(crate) struct Case {
    /// File it stands in, without `.txt`: what kind of trouble it makes.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) x: Matrix,
    /// min(n, d) values, nonincreasing.
    pub(crate) sigma: Vec<Truth>,
    /// `sigma_max` / `sigma_min`; infinite beyond f64 and where the rank is deficient.
    pub(crate) kappa: f64,
    /// The same of the tall form with columns of norm 1.
    pub(crate) kappa_scaled: f64,
}

impl Case {
    pub(crate) fn sigma_max(&self) -> Truth {
        self.sigma[0]
    }

    pub(crate) fn sigma_min(&self) -> Truth {
        self.sigma[self.sigma.len() - 1]
    }

    /// max(n, d).
    pub(crate) fn longer_side(&self) -> usize {
        self.x.rows().max(self.x.cols())
    }
}

/// Every case of every file beside this one.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/truth");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Case> {
    let kind = path.file_stem().unwrap().to_str().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let mut cases = Vec::new();
    while let Some(head) = lines.next() {
        let words: Vec<&str> = head.split(' ').collect();
        let ["matrix", name, n, d, kappa, kappa_scaled] = words[..] else { panic!("{}: {head}", path.display()) };
        let (n, d): (usize, usize) = (n.parse().unwrap(), d.parse().unwrap());
        let entries: Vec<f64> = (0..n)
            .flat_map(|_| lines.next().unwrap().split(' '))
            .map(|word| f64::from_bits(u64::from_str_radix(word, 16).unwrap()))
            .collect();
        let sigma = (0..n.min(d)).map(|_| Truth::parse(lines.next().unwrap())).collect();
        cases.push(Case {
            kind: kind.to_owned(),
            name: name.to_owned(),
            x: Matrix::new(n, d, entries),
            sigma,
            kappa: kappa.parse().unwrap(),
            kappa_scaled: kappa_scaled.parse().unwrap(),
        });
    }
    cases
}

/// A number known to lie in [mantissa - 1, mantissa + 2] * 2^exponent, the mantissa having 126 bits; or exactly 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Truth {
    mantissa: u128,
    exponent: i32,
}

impl Truth {
    fn parse(line: &str) -> Self {
        let (mantissa, exponent) = line.split_once(' ').unwrap();
        Self { mantissa: u128::from_str_radix(mantissa, 16).unwrap(), exponent: exponent.parse().unwrap() }
    }

    /// The number `x` itself, for tests of the comparisons.
    pub(crate) fn exactly(x: f64) -> Self {
        let (mantissa, exponent) = normalized(integer_and_exponent(x));
        Self { mantissa: mantissa >> 1, exponent: exponent + 1 }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether `lo` can be a lower bound; false for NaN.
    pub(crate) fn admits_lower(self, lo: f64) -> bool {
        let above = if self.is_zero() { self } else { Self { mantissa: self.mantissa + 2, ..self } };
        lo.is_finite() && lo >= 0.0 && above.compared_with(lo) != Ordering::Less
    }

    /// Whether `hi` can be an upper bound; false for NaN.
    pub(crate) fn admits_upper(self, hi: f64) -> bool {
        let below = Self { mantissa: self.mantissa.saturating_sub(1), ..self };
        hi == f64::INFINITY || (hi >= 0.0 && below.compared_with(hi) != Ordering::Greater)
    }

    /// How this number stands to the finite `x` >= 0, exactly.
    fn compared_with(self, x: f64) -> Ordering {
        if x == 0.0 || self.is_zero() {
            return self.mantissa.cmp(&u128::from(x != 0.0));
        }
        let (mine, my_exponent) = normalized((self.mantissa, self.exponent));
        let (other, other_exponent) = normalized(integer_and_exponent(x));
        my_exponent.cmp(&other_exponent).then(mine.cmp(&other))
    }

    /// |x - this| / this, good to a few digits, for `x` >= 0; infinite for an infinite `x`, and where
    /// this is 0 and `x` is not.
    pub(crate) fn relative_error_of(self, x: f64) -> f64 {
        if self.is_zero() || x.is_infinite() {
            return if x == 0.0 { 0.0 } else { f64::INFINITY };
        }
        if x == 0.0 {
            return 1.0;
        }
        let (mine, my_exponent) = normalized((self.mantissa, self.exponent));
        let (other, other_exponent) = normalized(integer_and_exponent(x));
        match other_exponent - my_exponent {
            0 => mine.abs_diff(other) as f64 / mine as f64,
            1 => (2 * other - mine) as f64 / mine as f64,
            -1 => (2 * mine - other) as f64 / (2 * mine) as f64,
            difference => (other as f64 / mine as f64 * 2.0_f64.powi(difference) - 1.0).abs(),
        }
    }

    /// log10 of the number; minus infinity for 0.
    pub(crate) fn log10(self) -> f64 {
        (self.mantissa as f64).log10() + f64::from(self.exponent) * std::f64::consts::LOG10_2
    }
}

/// x = integer * 2^exponent, for a finite x > 0.
fn integer_and_exponent(x: f64) -> (u128, i32) {
    let bits = x.to_bits();
    let fraction = u128::from(bits & ((1 << 52) - 1));
    match i32::try_from(bits >> 52).unwrap() {
        0 => (fraction, -1074),
        biased => (fraction | (1 << 52), biased - 1075),
    }
}

/// The same number with an integer of exactly 127 bits.
fn normalized((integer, exponent): (u128, i32)) -> (u128, i32) {
    let shift = integer.leading_zeros() - 1;
    (integer << shift, exponent - i32::try_from(shift).unwrap())
}

#[test]
fn comparisons_are_exact() {
    for x in [1.0, 0.1, 3.0, 5e-324, 1e-310, f64::MAX, 4096.0] {
        let truth = Truth::exactly(x);
        assert!(truth.admits_lower(x) && truth.admits_upper(x), "{x:e}");
        assert!(truth.admits_lower(x.next_down()) && truth.admits_upper(x.next_up()), "{x:e}");
        assert!(!truth.admits_lower(x.next_up()) && !truth.admits_upper(x.next_down()), "{x:e}");
        assert!(truth.admits_lower(0.0) && truth.admits_upper(f64::INFINITY) && !truth.admits_upper(0.0), "{x:e}");
        assert!(!truth.admits_lower(f64::NAN) && !truth.admits_upper(f64::NAN) && !truth.admits_lower(-1.0));
        assert_eq!(truth.relative_error_of(x), 0.0);
        assert!((truth.log10() - x.log10()).abs() < 1e-12);
    }
    let zero = Truth::exactly(1.0);
    let zero = Truth { mantissa: 0, ..zero };
    assert!(zero.admits_lower(0.0) && zero.admits_upper(0.0) && zero.admits_upper(1.0) && !zero.admits_lower(5e-324));
}

#[test]
fn relative_errors_cross_binades() {
    let one = Truth::exactly(1.0);
    for (x, expected) in [
        (1.0_f64.next_up(), f64::EPSILON),
        (1.0_f64.next_down(), f64::EPSILON / 2.0),
        (2.0, 1.0),
        (0.5, 0.5),
        (16.0, 15.0),
    ] {
        assert!((one.relative_error_of(x) / expected - 1.0).abs() < 1e-15, "{x:e}");
    }
}

/// The squares of the values add up to those of the entries: a mistake in the files would show.
#[test]
fn the_truth_has_the_norm_of_the_matrix() {
    let cases = cases();
    assert!(cases.len() >= 300, "only {} matrices", cases.len());
    for case in cases {
        let frobenius = case.x.frobenius_norm();
        let Some(largest) = Some(10.0_f64.powf(case.sigma_max().log10())).filter(|s| s.is_normal()) else { continue };
        let squares: f64 = case.sigma.iter().map(|s| 10.0_f64.powf(s.log10() - case.sigma_max().log10()).powi(2)).sum();
        let relative = (largest * squares.sqrt() / frobenius - 1.0).abs();
        assert!(relative < 1e-11 || frobenius.is_infinite() || frobenius == 0.0, "{}: {relative:e}", case.name);
        assert!(case.sigma.windows(2).all(|pair| pair[0].log10() >= pair[1].log10()), "{}: not sorted", case.name);
        assert!(case.kappa_scaled >= 1.0 - 1e-12 && case.kappa >= 1.0 - 1e-12, "{}", case.name);
    }
}
