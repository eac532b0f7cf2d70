//! How figures call columns, unless a config says otherwise: by the letters of the literature, or in a word or two.

/// What stands for a column in a label, as markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// Mathematics, to be put between dollars.
    Letter(&'static str),
    /// Words.
    Words(&'static str),
}
use Symbol::{Letter, Words};

/// By column.
const SYMBOLS: &[(&str, Symbol)] = &[
    // keys
    ("n", Letter("n")),
    ("d", Letter("d")),
    ("epsilon", Letter("\\epsilon")),
    ("replicate", Words("replicate")),
    ("lambda", Letter("\\lambda")),
    ("delta", Letter("\\delta")),
    ("alpha", Letter("\\alpha")),
    ("index", Letter("i")),
    ("solver", Words("solver")),
    ("what", Words("perturbed")),
    ("arithmetic", Words("arithmetic")),
    ("vector", Words("vector")),
    ("start", Words("start")),
    ("iteration", Words("iteration")),
    ("chooser", Words("chooser")),
    ("variance_share", Words("share of variance")),
    // spectrum
    ("rank", Words("rank")),
    ("rank_lo", Words("rank at least")),
    ("rank_hi", Words("rank at most")),
    ("sigma_max", Letter("\\sigma_{\\max}")),
    ("sigma_max_lo", Words("lower bound of $\\sigma_{\\max}$")),
    ("sigma_max_hi", Words("upper bound of $\\sigma_{\\max}$")),
    ("sigma_min", Letter("\\sigma_{\\min}")),
    ("sigma_min_lo", Words("lower bound of $\\sigma_{\\min}$")),
    ("sigma_min_hi", Words("upper bound of $\\sigma_{\\min}$")),
    ("kappa", Letter("\\kappa")),
    ("kappa_lo", Words("lower bound of $\\kappa$")),
    ("kappa_hi", Words("upper bound of $\\kappa$")),
    ("kappa_gram", Letter("\\kappa(X^{T}X)")),
    ("kappa_squared", Letter("\\kappa^2")),
    ("kappa_squared_lo", Words("lower bound of $\\kappa^2$")),
    ("kappa_squared_hi", Words("upper bound of $\\kappa^2$")),
    ("gram_digits_lost", Words("digits lost by $X^{T}X$")),
    ("residual", Words("relative residual")),
    ("frobenius_gap", Words("relative gap of the Frobenius norm")),
    ("route", Words("route")),
    ("jacobi_sweeps", Words("Jacobi sweeps")),
    ("max_cos", Words("largest cosine")),
    ("status", Words("status")),
    ("nalgebra_rel_diff", Words("relative difference from nalgebra")),
    // sigmas
    ("sigma", Letter("\\sigma_i")),
    ("sigma_lo", Words("lower bound of $\\sigma_i$")),
    ("sigma_hi", Words("upper bound of $\\sigma_i$")),
    // ridge
    ("kappa_ridge", Letter("\\kappa_{\\lambda}")),
    ("effective_df", Words("effective degrees of freedom")),
    ("w_norm", Letter("\\|w\\|")),
    ("w_null_norm", Words("norm of the true $w$ in the null space")),
    ("train_mse", Words("training error")),
    ("train_excess", Words("training error above the least")),
    ("schedule", Words("schedule of steps")),
    ("test_mse", Words("test error")),
    ("bias2", Words("squared bias")),
    ("variance", Words("variance")),
    ("shrink_min", Words("smallest filter factor")),
    // perturbation
    ("rel_error_w", Words("relative error of $w$")),
    ("rel_error_prediction", Words("relative error of $Xw$")),
    ("bound", Words("bound")),
    ("ratio", Words("error over its bound")),
    // null_space
    ("nullity", Words("nullity")),
    ("prediction_change", Words("change of the prediction")),
    ("predicted_change", Words("expected change of the prediction")),
    ("w_norm_before", Words("$\\|w\\|$ before the step")),
    ("w_norm_after", Words("$\\|w\\|$ after the step")),
    ("test_mse_change", Words("change of the test error")),
    // left_null
    ("y_norm", Letter("\\|y\\|")),
    ("fitted_norm", Words("norm of the fit")),
    ("residual_norm", Words("norm of the residual")),
    ("irreducible_fraction", Words("irreducible fraction")),
    ("left_nullity", Words("left nullity")),
    // descent
    ("distance_to_min_norm", Words("distance to the minimum-norm solution")),
    ("null_norm", Words("norm in the null space")),
    // selection
    ("w_l2", Letter("\\|w\\|_2")),
    ("w_l1", Letter("\\|w\\|_1")),
    ("nonzeros", Words("weights other than 0")),
    ("steps", Words("steps")),
    ("duality_gap", Words("duality gap")),
    // arithmetic
    ("rel_error", Words("relative error of $\\sigma_{\\min}$")),
    ("inside", Words("inside the enclosure")),
    ("correct_digits", Words("correct digits of $\\sigma_{\\min}$")),
    // summary
    ("table", Words("table")),
    ("column", Words("column")),
    ("count", Words("count")),
    ("missing", Words("missing")),
    ("nonfinite", Words("not finite")),
    ("mean", Words("mean")),
    ("median", Words("median")),
    ("sd", Words("standard deviation")),
    ("ci_lo", Words("lower end of the interval")),
    ("ci_hi", Words("upper end of the interval")),
];

/// What stands for `column`.
pub(super) fn symbol(column: &str) -> Option<Symbol> {
    SYMBOLS.iter().find(|(name, _)| *name == column).map(|(_, symbol)| *symbol)
}

impl Symbol {
    /// As a label of its own.
    pub(super) fn label(self) -> String {
        match self {
            Self::Letter(letter) => format!("${letter}$"),
            Self::Words(words) => words.to_owned(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::measure::TableId;
    use crate::reading::{SUMMARY, columns};

    #[test]
    fn every_column_has_a_symbol() {
        for table in TableId::ALL.map(TableId::name).into_iter().chain([SUMMARY]) {
            for column in columns(table, &TableId::ALL).unwrap() {
                assert!(symbol(column.name).is_some(), "{table}.{}", column.name);
            }
        }
    }

    #[test]
    fn no_column_has_two_and_no_two_letters_are_alike() {
        for (at, (name, symbol)) in SYMBOLS.iter().enumerate() {
            for (other, of_other) in &SYMBOLS[..at] {
                assert_ne!(name, other);
                assert_ne!(symbol, of_other, "{name} and {other}");
            }
        }
    }
}
