//! The columns one by one: length, variance inflation, digits.

use super::MOST_WEIGHTS;
use crate::diagnose::words::{fitting, short};
use crate::diagnose::{Analysis, Report};

impl Report {
    pub(super) fn column_lines(&self) -> Vec<String> {
        let Some(analysis) = self.analysis.as_ref().filter(|analysis| analysis.vif.is_some()) else {
            return Vec::new();
        };
        let digits = analysis.digits.is_some();
        let promised = if digits { "  digits: QR   SVD   normal equations" } else { "" };
        let heading = format!("{:<28}{:>14}{:>14}{promised}", "columns", "length", "VIF");
        let mut lines = vec![String::new(), heading];
        for (j, name) in self.names.iter().enumerate().take(MOST_WEIGHTS) {
            let promised = analysis.digits.as_ref().map_or_else(String::new, |digits| {
                let [qr, svd, normal] = [&digits.qr, &digits.svd, &digits.normal_equations].map(|all| all[j].floor());
                format!("{qr:>12}{svd:>6}{normal:>19}")
            });
            let length = short(analysis.scaled.norms[j]);
            lines.push(format!("  {:<26}{length:>14}{:>14}{promised}", fitting(name, 25), vif(analysis, j)));
        }
        if self.d > MOST_WEIGHTS {
            lines.push(format!("  and {} more; --json has them all", self.d - MOST_WEIGHTS));
        }
        lines
    }
}

fn vif(analysis: &Analysis, j: usize) -> String {
    let factor = analysis.vif.as_ref().and_then(|vif| vif[j].centred);
    factor.map_or_else(|| "constant".to_owned(), short)
}
