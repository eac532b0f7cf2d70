//! Table `spectrum`: singular values, condition numbers and how far to trust them.
//!
//! No number is claimed for sigma_min and kappa where the enclosure of sigma_min contains 0.

use super::Observation;
use super::table::table;
use crate::certify::Status;

table! {
    "spectrum", "trial";
    /// One X.
    pub struct SpectrumRow {
        /// Number of singular values above max(n, d) * 2^-52 * sigma_max (the rule of numpy.linalg.matrix_rank).
        result "1" rank: Option<usize>,
        /// Least rank by the same rule that the enclosures allow.
        result "1" rank_lo: Option<usize>,
        /// Greatest rank by the same rule that the enclosures allow.
        result "1" rank_hi: Option<usize>,
        /// Largest singular value of X.
        result "x" sigma_max: Option<f64>,
        /// Lower bound of the exact sigma_max.
        result "x" sigma_max_lo: Option<f64>,
        /// Upper bound of the exact sigma_max.
        result "x" sigma_max_hi: Option<f64>,
        /// Smallest of the min(n, d) singular values of X; empty where status is unresolved.
        result "x" sigma_min: Option<f64>,
        /// Lower bound of the exact sigma_min; 0 where status is unresolved.
        result "x" sigma_min_lo: Option<f64>,
        /// Upper bound of the exact sigma_min.
        result "x" sigma_min_hi: Option<f64>,
        /// Condition number sigma_max / sigma_min; empty where status is unresolved.
        result "1" kappa: Option<f64>,
        /// Lower bound of the exact condition number.
        result "1" kappa_lo: Option<f64>,
        /// Upper bound of the exact condition number; inf where status is unresolved.
        result "1" kappa_hi: Option<f64>,
        /// Condition number of X'X as measured from X'X itself, formed in working precision: numpy.linalg.cond(X.T @ X),
        /// but found to the accuracy of that matrix, where NumPy's own error ends near 1e16; inf where its smallest eigenvalue came out as 0, and for n < d, where X'X is singular whatever X is.
        result "1" kappa_gram: Option<f64>,
        /// Condition number that X'X has in exact arithmetic: kappa^2 for n >= d, inf for n < d, where X'X is singular.
        result "1" kappa_squared: Option<f64>,
        /// Lower bound of the exact condition number of X'X.
        result "1" kappa_squared_lo: Option<f64>,
        /// Upper bound of the exact condition number of X'X.
        result "1" kappa_squared_hi: Option<f64>,
        /// Decimal digits of sigma_min lost by computing it as sqrt of an eigenvalue of X'X (of XX' for n < d): log10 of its
        /// relative distance from sigma_min, taken inside the enclosure, over the unit roundoff, at least 0 and at most all digits there are
        /// (15.95 in f64, 7.22 in f32).
        result "digits" gram_digits_lost: Option<f64>,
        /// ||X - U Sigma V'||_F / ||X||_F over the first `rank` triples.
        provenance "1" residual: Option<f64>,
        /// |sum of sigma^2 - ||X||_F^2| / ||X||_F^2.
        provenance "1" frobenius_gap: Option<f64>,
        /// Engine and precision that the numbers come from; empty where the trial has no matrix.
        provenance "name" route: Option<&'static str>,
        /// Passes of one-sided Jacobi over all column pairs; 0 where V comes from the Gram matrix and one correction of it.
        provenance "1" jacobi_sweeps: u32,
        /// Largest |cosine| between two columns that was left; an estimate from above where jacobi_sweeps is 0.
        provenance "1" max_cos: f64,
        /// ok, wide (enclosure of sigma_min wider than asked for), unresolved (it contains 0), failed (no numbers), or disagrees
        /// (nalgebra's values lie outside what both promise).
        provenance "name" status: &'static str,
        /// Largest |sigma_i - nalgebra's sigma_i| / sigma_max; empty where the trial was not verified.
        provenance "1" nalgebra_rel_diff: Option<f64>,
    }
}

/// The trial's row. Where the engine failed, nothing that it computed is claimed; the bounds hold all the same.
pub fn row(seen: &Observation<'_>) -> SpectrumRow {
    let factors = &seen.certified.factors;
    let enclosure = &seen.certified.enclosure;
    let (n, d) = (seen.problem.x.rows(), seen.problem.x.cols());

    let computed = seen.certified.status != Status::Failed;
    let total = computed.then(|| seen.problem.x.frobenius_norm());
    let (max_lo, max_hi) = (enclosure.lo.first().copied(), enclosure.hi.first().copied());
    let (min_lo, min_hi) = (enclosure.lo.last().copied(), enclosure.hi.last().copied());
    let (sigma_min, kappa) = (seen.certified.sigma_min(), seen.certified.kappa());
    let rank_bounds = enclosure.rank_bounds(n, d);
    let (kappa_bounds, squared_bounds) = (enclosure.kappa(), enclosure.kappa_squared(n, d));

    SpectrumRow {
        rank: computed.then_some(seen.svd.rank),
        rank_lo: rank_bounds.map(|(least, _)| least),
        rank_hi: rank_bounds.map(|(_, greatest)| greatest),
        sigma_max: seen.certified.sigma_max(),
        sigma_max_lo: max_lo,
        sigma_max_hi: max_hi,
        sigma_min,
        sigma_min_lo: min_lo,
        sigma_min_hi: min_hi,
        kappa,
        kappa_lo: kappa_bounds.lo,
        kappa_hi: kappa_bounds.hi,
        kappa_gram: seen.gram.and_then(|gram| gram.kappa(n, d)),
        kappa_squared: if n >= d { kappa.map(|kappa| kappa * kappa) } else { squared_bounds.hi },
        kappa_squared_lo: squared_bounds.lo,
        kappa_squared_hi: squared_bounds.hi,
        gram_digits_lost: sigma_min.and_then(|sigma_min| gram_digits_lost(seen, sigma_min)),
        residual: total.map(|total| seen.svd.reconstruction_residual(&seen.problem.x, total)),
        frobenius_gap: total.and_then(|total| frobenius_gap(&factors.sigma, total)),
        // A trial without a matrix has been nowhere.
        route: max_hi.map(|_| factors.route.name()),
        jacobi_sweeps: factors.jacobi_sweeps,
        max_cos: factors.max_cos,
        status: status(seen),
        nalgebra_rel_diff: seen.verification.map(|verification| verification.rel_diff),
    }
}

/// See the column. A disagreement outweighs whatever the enclosure says.
fn status(seen: &Observation<'_>) -> &'static str {
    match seen.verification {
        Some(verification) if !verification.agrees => "disagrees",
        _ => seen.certified.status.name(),
    }
}

/// |sum of sigma^2 - total^2| / total^2, scaled so that no square overflows; nothing where the total itself does.
fn frobenius_gap(sigma: &[f64], total: f64) -> Option<f64> {
    if total == 0.0 {
        return sigma.first().copied();
    }
    let sum: f64 = sigma.iter().map(|sigma| (sigma / total) * (sigma / total)).sum();
    total.is_finite().then(|| (sum - 1.0).abs())
}

/// See the column. The min(n, d)-th eigenvalue is the one that belongs to sigma_min: for n < d those after it are 0 in
/// exact arithmetic.
fn gram_digits_lost(seen: &Observation<'_>, sigma_min: f64) -> Option<f64> {
    let gram = seen.gram?;
    let k = seen.certified.enclosure.lo.len();
    let (lo, hi) = (*seen.certified.enclosure.lo.last()?, *seen.certified.enclosure.hi.last()?);
    let by_gram = *gram.roots.get(k - 1)?;
    // The certified value is far better than its interval says; a value that a device left outside is not.
    let distance = (sigma_min.clamp(lo, hi) - by_gram).abs();
    let unit_roundoff = gram.route.unit_roundoff();
    let all_digits = -unit_roundoff.log10();
    // A NaN eigenvalue passes both comparisons of `max` above unseen: it has no correct digit.
    if by_gram.is_nan() {
        return Some(all_digits);
    }
    Some((distance / sigma_min / unit_roundoff).log10().clamp(0.0, all_digits))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::Verification;
    use crate::measure::testing::Case;

    #[test]
    fn a_diagonal_matrix_has_the_numbers_it_shows() {
        let case = Case::new(&[&[3.0, 0.0], &[0.0, 4.0], &[0.0, 0.0]], &[1.0, 1.0, 1.0]);
        let row = row(&case.observation());
        assert_eq!(row.rank, Some(2));
        assert!((row.sigma_max.unwrap() - 4.0).abs() < 1e-15);
        assert!((row.kappa.unwrap() - 4.0 / 3.0).abs() < 1e-15);
        assert!((row.kappa_squared.unwrap() - 16.0 / 9.0).abs() < 1e-14);
        assert!(row.kappa_lo.unwrap() <= 4.0 / 3.0 && 4.0 / 3.0 <= row.kappa_hi.unwrap());
        assert!(row.kappa_squared_lo.unwrap() <= 16.0 / 9.0 && 16.0 / 9.0 <= row.kappa_squared_hi.unwrap());
        assert!(row.residual.unwrap() < 1e-15 && row.frobenius_gap.unwrap() < 1e-15);
    }

    #[test]
    fn a_disagreement_with_nalgebra_is_the_status() {
        let mut case = Case::new(&[&[3.0, 0.0], &[0.0, 4.0]], &[1.0, 1.0]);
        case.verification = Some(Verification { rel_diff: 1e-3, agrees: false });
        assert_eq!(row(&case.observation()).status, "disagrees");
        case.verification = Some(Verification { rel_diff: 1e-16, agrees: true });
        assert_eq!(row(&case.observation()).status, "ok");
    }

    #[test]
    fn an_unresolved_sigma_min_is_no_number_but_still_bounded() {
        let mut case = Case::new(&[&[1.0, 1.0], &[2.0, 2.0]], &[1.0, 1.0]);
        case.certified.status = Status::Unresolved;
        case.certified.enclosure.lo = vec![3.0, 0.0];
        case.certified.enclosure.hi = vec![3.2, 1e-15];
        let row = row(&case.observation());
        assert_eq!((row.sigma_min, row.kappa, row.kappa_squared), (None, None, None));
        assert_eq!((row.sigma_min_lo, row.sigma_min_hi), (Some(0.0), Some(1e-15)));
        assert!(row.kappa_lo.unwrap() <= 3.0 / 1e-15 && row.kappa_lo.unwrap() > 2.9e15);
        assert_eq!((row.kappa_hi, row.kappa_squared_hi), (Some(f64::INFINITY), Some(f64::INFINITY)));
        assert_eq!(row.gram_digits_lost, None);
    }

    #[test]
    fn the_rank_has_a_range_where_an_enclosure_straddles_the_rule() {
        let mut case = Case::new(&[&[1.0, 0.0], &[0.0, 1e-15]], &[1.0, 1.0]);
        case.certified.enclosure.lo[1] = 1e-16;
        case.certified.enclosure.hi[1] = 1e-14;
        let row = row(&case.observation());
        assert_eq!((row.rank, row.rank_lo, row.rank_hi), (Some(2), Some(1), Some(2)));
    }

    #[test]
    fn x_of_zeros_has_rank_0_and_no_condition_number() {
        let case = Case::new(&[&[0.0, 0.0], &[0.0, 0.0]], &[1.0, 1.0]);
        let row = row(&case.observation());
        assert_eq!(row.rank, Some(0));
        assert_eq!((row.kappa, row.kappa_lo, row.kappa_hi), (None, None, None));
        assert_eq!((row.residual, row.frobenius_gap), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn of_a_failed_trial_only_the_bounds_are_shown() {
        let mut case = Case::new(&[&[3.0, 0.0], &[0.0, 4.0]], &[1.0, 1.0]);
        case.certified.status = Status::Failed;
        let row = row(&case.observation());
        assert_eq!((row.rank, row.sigma_max, row.sigma_min, row.kappa), (None, None, None, None));
        assert_eq!((row.residual, row.gram_digits_lost, row.status), (None, None, "failed"));
        assert!(row.sigma_min_lo.unwrap() > 2.9 && row.kappa_hi.unwrap() < 1.4);
    }

    #[test]
    fn wide_x_has_a_singular_gram_matrix() {
        let case = Case::new(&[&[1.0, 2.0, 3.0], &[0.0, 1.0, 1.0]], &[1.0, 1.0]);
        let row = row(&case.observation());
        assert!(row.kappa.unwrap().is_finite());
        assert_eq!(row.kappa_squared, Some(f64::INFINITY));
        assert_eq!(row.kappa_squared_lo, Some(f64::INFINITY));
    }

    #[test]
    fn of_a_trial_without_a_matrix_nothing_is_shown() {
        let mut case = Case::new(&[&[1.0, 2.0, 3.0], &[0.0, 1.0, 1.0]], &[1.0, 1.0]);
        case.certified.status = Status::Failed;
        case.certified.factors.sigma.clear();
        case.certified.enclosure.lo.clear();
        case.certified.enclosure.hi.clear();
        case.gram = None;
        let row = row(&case.observation());
        assert_eq!((row.rank_lo, row.rank_hi, row.kappa_lo, row.kappa_hi), (None, None, None, None));
        assert_eq!((row.kappa_squared, row.kappa_squared_lo, row.kappa_squared_hi), (None, None, None));
    }

    #[test]
    fn a_value_that_is_certainly_0_counts_towards_no_rank() {
        let mut case = Case::new(&[&[0.0, 0.0], &[0.0, 0.0]], &[1.0, 1.0]);
        case.certified.enclosure.lo = vec![0.0, 0.0];
        case.certified.enclosure.hi = vec![0.0, 0.0];
        assert_eq!(row(&case.observation()).rank_hi, Some(0));
    }

    #[test]
    fn digits_lost_are_counted_from_the_enclosure() {
        let mut case = Case::new(&[&[1.0, 0.0], &[0.0, 1e-3]], &[1.0, 1.0]);
        case.certified.enclosure.lo[1] = 1e-3;
        case.certified.enclosure.hi[1] = 1e-3;
        // 1e-4 of itself above 1e-3: 12 of the 15.95 digits are wrong.
        case.gram.as_mut().unwrap().roots = vec![1.0, 1.0001e-3];
        let lost = row(&case.observation()).gram_digits_lost.unwrap();
        assert!((lost - (1e-4f64 / 2f64.powi(-53)).log10()).abs() < 1e-3, "{lost}");
        case.gram.as_mut().unwrap().roots = vec![1.0, 1.0];
        let lost = row(&case.observation()).gram_digits_lost.unwrap();
        assert!((lost - 15.954_589_770_191_003).abs() < 1e-12, "{lost}");
        case.gram.as_mut().unwrap().roots = vec![1.0, f64::NAN];
        assert!(row(&case.observation()).gram_digits_lost.unwrap() > 15.9);
    }

    #[test]
    fn a_wrong_singular_value_shows_in_the_residual_and_in_the_gap() {
        let mut case = Case::new(&[&[3.0, 1.0], &[0.0, 4.0], &[1.0, 0.0]], &[1.0, 1.0, 1.0]);
        case.svd.sigma[1] *= 1.001;
        case.certified.factors.sigma[1] *= 1.001;
        let row = row(&case.observation());
        assert!(row.residual.unwrap() > 1e-4 && row.frobenius_gap.unwrap() > 1e-4);
    }
}
