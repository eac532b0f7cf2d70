//! How many digits of the weights are safe from rounding.

use super::{Finding, Kind, Severity};
use crate::diagnose::analysis::Analysis;
use crate::diagnose::words::fitting;

/// Fewer than this are worth a warning.
const ENOUGH: f64 = 4.0;

/// The least that QR, SVD and normal equations promise of any weight, and of which.
pub(super) fn finding(names: &[String], analysis: &Analysis) -> Option<Finding> {
    let digits = analysis.digits.as_ref()?;
    let least = |digits: &[f64]| {
        let worst = (0..digits.len()).reduce(|a, b| if digits[b] < digits[a] { b } else { a })?;
        Some((worst, digits[worst]))
    };
    let ((worst, qr), (_, svd), (_, normal)) =
        (least(&digits.qr)?, least(&digits.svd)?, least(&digits.normal_equations)?);
    Some(Finding {
        kind: Kind::Digits,
        severity: if qr < ENOUGH { Severity::Warning } else { Severity::Note },
        sentence: format!(
            "rounding leaves every weight at least {} digits by Householder QR, {} by SVD, {} by normal equations, whatever the order of the \
             sums (promised; fewest for {})",
            qr.floor(),
            svd.floor(),
            normal.floor(),
            fitting(&names[worst], 40)
        ),
        columns: vec![worst],
        evidence: vec![("digits_qr", qr), ("digits_svd", svd), ("digits_normal_equations", normal)],
    })
}
