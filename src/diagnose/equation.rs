//! A relation among columns in words of the columns.

use super::null_space::Relation;
use super::words::{fitting, short};

/// Relative to its largest term, a relation above this is one of scales, not of columns: it counts as 0 beside larger columns alone.
pub(super) const DEPENDENT: f64 = 1e-12;

/// The relation in words of the columns: `12 * years - 1 * months = 0`, with its evidence. Blanks inside a term do not
/// break.
pub(super) fn equation(relation: &Relation, names: &[String]) -> String {
    let evidence = match relation.relative_residual {
        0.0 => "residual 0".to_owned(),
        residual if residual <= DEPENDENT => format!("to {residual:.0e} relative"),
        residual if residual < 0.1 => {
            format!(
                "to {residual:.0e} relative, and so only beside much larger columns: rescale the columns and diagnose again"
            )
        }
        _ => "only beside much larger columns: rescale the columns and diagnose again".to_owned(),
    };
    format!("{} ({evidence})", bare_equation(relation, names))
}

/// [`equation`] without its evidence.
pub(super) fn bare_equation(relation: &Relation, names: &[String]) -> String {
    const MOST_TERMS: usize = 12;
    let terms = relation.weights.iter().zip(names).filter(|(weight, _)| **weight != 0.0);
    let sum: Vec<String> = terms
        .take(MOST_TERMS)
        .enumerate()
        .map(|(i, (weight, name))| {
            let sign = match (i, weight.is_sign_positive()) {
                (0, true) => "",
                (0, false) => "-",
                (_, true) => " +\u{a0}",
                (_, false) => " -\u{a0}",
            };
            format!("{sign}{}\u{a0}*\u{a0}{}", short(weight.abs()), fitting(name, 40))
        })
        .collect();
    let more = match relation.terms() {
        terms if terms > MOST_TERMS => format!(" + ... ({} more terms)", terms - MOST_TERMS),
        _ => String::new(),
    };
    format!("{}{more}\u{a0}=\u{a0}0", sum.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_reads_as_an_equation_with_its_evidence() {
        let names = ["years", "months", "bonus"].map(str::to_owned);
        let text = |weights: [f64; 3], relative_residual| {
            equation(&Relation { weights: weights.to_vec(), relative_residual }, &names).replace('\u{a0}', " ")
        };
        assert_eq!(text([12.0, -1.0, 0.0], 0.0), "12 * years - 1 * months = 0 (residual 0)");
        assert_eq!(text([0.0, 1.0, 2.54], 1.23e-16), "1 * months + 2.54 * bonus = 0 (to 1e-16 relative)");
        assert!(text([0.0, 0.0, 1.0], 1.0).contains("rescale"));
        assert!(text([0.0, 0.0, 1.0], f64::NAN).contains("rescale"));
    }
}
