//! What is known of one design matrix.

use super::analysis::{Analysis, Known};
use super::finding::{Finding, findings};
use super::{Fit, NullSpace, Problem, Settings};
use crate::certify::{Bounds, Certified, Ladder, Status, certify};
use crate::data::DataError;
use crate::decomposition::ThinSvd;
use crate::engine::{Factors, GramSpectrum, Route};

/// The findings for one X, n x d.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Rows of X.
    pub n: usize,
    /// Columns of X.
    pub d: usize,
    /// Names of the d columns.
    pub names: Vec<String>,
    /// Rows of the file that were left out of X for a missing value.
    pub rows_dropped: usize,
    /// Number of singular values above max(n, d) * 2^-52 * sigma_max; nothing where `status` is failed.
    pub rank: Option<usize>,
    /// Least and greatest rank by the same rule that the enclosures allow.
    pub rank_bounds: (usize, usize),
    /// How far the numbers can be trusted.
    pub status: Status,
    /// Engine and precision that they come from.
    pub route: Route,
    /// min(n, d) singular values, nonincreasing.
    pub sigmas: Vec<Sigma>,
    /// sigma_max / sigma_min; nothing where sigma_min is not claimed.
    pub kappa: Option<f64>,
    /// Bounds of the exact condition number.
    pub kappa_bounds: Bounds,
    /// Condition number of X'X as measured from X'X itself; infinite for n < d.
    pub kappa_gram: Option<f64>,
    /// Bounds of the condition number that X'X has in exact arithmetic.
    pub kappa_squared: Bounds,
    /// Which combinations of columns vanish; nothing where `status` is failed.
    pub null_space: Option<NullSpace>,
    /// What the columns say of the target; nothing where there is none or `status` is failed.
    pub fit: Option<Fit>,
    /// Collinearity, variance inflation, leverage, digits, ridge; nothing where `status` is failed and where entries are too large or small
    /// for their squares.
    pub analysis: Option<Analysis>,
    /// What all of it means, most important first.
    pub findings: Vec<Finding>,
}

/// One singular value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sigma {
    /// As computed: with `auto` inside its enclosure. Where `lo` is 0 no digit of it is claimed. Nothing where
    /// `status` is failed.
    pub value: Option<f64>,
    /// Lower bound of the exact value.
    pub lo: f64,
    /// Upper bound of the exact value; infinite where it may exceed f64.
    pub hi: f64,
}

impl Report {
    /// On a problem in memory.
    ///
    /// # Errors
    /// Never: rows in memory can be read.
    pub(super) fn new(
        problem: &Problem,
        factors: Factors,
        gram: Option<&GramSpectrum>,
        settings: &Settings,
    ) -> Result<Self, DataError> {
        let x = &problem.x;
        let (n, d) = (x.rows(), x.cols());
        let mut certified = certify(x, factors, Ladder::of(settings.precision, settings.rtol), settings.rtol);
        let svd = decomposition(problem, &mut certified);
        let kappa_gram = if n < d { Some(f64::INFINITY) } else { gram.and_then(|gram| gram.kappa(n, d)) };
        let report = Self::of_certified(&problem.names, n, &certified, kappa_gram).with(
            svd.as_ref().map(|svd| svd.rank),
            svd.as_ref().map(|svd| NullSpace::of(x, svd)),
            svd.as_ref().zip(problem.target.as_ref()).map(|(svd, y)| Fit::of(x, svd, y, &settings.lambdas)),
        );
        let analysis = match svd {
            Some(_) => Analysis::of_problem(problem, &report.known(), &settings.ridge)?,
            None => None,
        };
        Ok(report.analysed(analysis))
    }

    /// What a certificate says of an X with `n` rows and columns of these `names`.
    pub(super) fn of_certified(names: &[String], n: usize, certified: &Certified, kappa_gram: Option<f64>) -> Self {
        let d = names.len();
        let enclosure = &certified.enclosure;
        Self {
            n,
            d,
            names: names.to_vec(),
            rows_dropped: 0,
            rank: None,
            rank_bounds: enclosure.rank_bounds(n, d).unwrap_or((0, 0)),
            status: certified.status,
            route: certified.factors.route,
            sigmas: sigmas(certified),
            kappa: certified.kappa(),
            kappa_bounds: enclosure.kappa(),
            kappa_gram,
            kappa_squared: enclosure.kappa_squared(n, d),
            null_space: None,
            fit: None,
            analysis: None,
            findings: Vec::new(),
        }
    }

    /// With what the numbers themselves say, where they can be used.
    pub(super) fn with(self, rank: Option<usize>, null_space: Option<NullSpace>, fit: Option<Fit>) -> Self {
        Self { rank, null_space, fit, ..self }
    }

    /// With the analysis of the same X, and with what all of it means.
    pub(super) fn analysed(self, analysis: Option<Analysis>) -> Self {
        let mut report = Self { analysis, ..self };
        report.findings = findings(&report);
        report
    }

    /// What an analysis builds on.
    pub(super) fn known(&self) -> Known<'_> {
        let sigma_max = self.sigmas.first().map_or(f64::INFINITY, |sigma| sigma.hi);
        // Weights of a truncated rank are not those that a lower bound of all singular values speaks of.
        let sigma_min = if self.rank_bounds.0 == self.d { self.sigma_min().lo } else { 0.0 };
        Known { sigma_max, sigma_min, fit: self.fit.as_ref() }
    }

    /// The rank, where the rule for it leaves directions out that the stored X has: what is left of y by weights of that rank is not what no
    /// weights explain.
    pub(super) fn truncated_rank(&self) -> Option<usize> {
        self.rank.filter(|&rank| rank < self.n.min(self.d) && self.sigma_min().lo > 0.0)
    }

    /// Bounds of sigma_min; nothing can be smaller than 0.
    pub(super) fn sigma_min(&self) -> Sigma {
        self.sigmas.last().copied().unwrap_or(Sigma { value: None, lo: 0.0, hi: f64::INFINITY })
    }
}

/// The thin SVD, unless its numbers cannot be used.
fn decomposition(problem: &Problem, certified: &mut Certified) -> Option<ThinSvd> {
    let usable = certified.status != Status::Failed;
    usable.then(|| ThinSvd::of_certified(&problem.x, certified)).flatten()
}

fn sigmas(certified: &Certified) -> Vec<Sigma> {
    let computed = certified.status != Status::Failed;
    let bounds = certified.enclosure.lo.iter().zip(&certified.enclosure.hi);
    bounds
        .enumerate()
        .map(|(i, (&lo, &hi))| {
            let value = certified.factors.sigma.get(i).copied();
            Sigma { value: value.filter(|_| computed), lo, hi }
        })
        .collect()
}
