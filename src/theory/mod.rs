//! Laws: what is proved about the numbers that the tables measure.
//!
//! ```text
//! World (design, target, settings)  --at(keys)--> Setting
//! Law: about a quantity of the rows of a table, its mean or its distribution
//!      value(Setting) -> Option<f64>      None outside its domain
//! ```
//! One file per family; [`LAWS`] is the registry. docs/theory.md has the formulas, their sources and the derivation of
//! what is computed exactly. Nothing here knows a config, a file or the command line.

mod collinear;
mod condition;
mod edges;
mod gaussian;
mod law;
mod null;
mod ridge;
mod risk;
mod rounding;
mod setting;
mod special;
mod wishart;

pub use law::{Claim, Judgement, Law, Need, Refusal, Relation, Standing};
pub use setting::{Keys, Setting, World};

/// Every law, in the order of docs/theory.md.
pub const LAWS: &[&Law] = &[
    &condition::EDELMAN,
    &condition::EDELMAN_DISTRIBUTION,
    &gaussian::LOG_KAPPA,
    &condition::CHEN_DONGARRA,
    &gaussian::SIGMA_MIN,
    &gaussian::SIGMA_MAX,
    &edges::DAVIDSON_SZAREK_MIN,
    &edges::DAVIDSON_SZAREK_MAX,
    &edges::MARCHENKO_PASTUR_MIN,
    &edges::MARCHENKO_PASTUR_MAX,
    &edges::MARCHENKO_PASTUR_KAPPA,
    &risk::BELKIN,
    &risk::HASTIE_RIDGELESS,
    &risk::HASTIE_RIDGE,
    &risk::DOBRIBAN_WAGER,
    &risk::GAUSSIAN_RIDGE,
    &ridge::EFFECTIVE_DF,
    &ridge::VARIANCE,
    &ridge::BIAS,
    &collinear::NEAR_DUPLICATE,
    &null::THIN,
    &null::NULL,
    &null::DESCENT,
    &rounding::QR,
    &rounding::NORMAL_EQUATIONS,
];

/// The law called `name`.
pub fn find(name: &str) -> Option<&'static Law> {
    LAWS.iter().copied().find(|law| law.name == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
