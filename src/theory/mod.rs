//! Laws: what is proved about the numbers that the tables measure.
//!
//! ```text
//! World (design, target, settings)  --at(keys)--> Setting
//! Law: about a quantity of the rows of a table, its mean or its distribution
//!      value(Setting) -> Option<f64>      None outside its domain
//! ```
//! One file per family; [`LAWS`] is the registry. docs/theory.md has the formulas, their sources and the derivation of
//! what is computed exactly. Nothing here knows a config, a file or the command line.

mod law;
mod setting;

pub use law::{Claim, Judgement, Law, Need, Relation, Standing};
pub use setting::{Keys, Setting, World};

/// Every law, in the order of docs/theory.md.
pub const LAWS: &[&Law] = &[];

/// The law called `name`.
pub fn find(name: &str) -> Option<&'static Law> {
    LAWS.iter().copied().find(|law| law.name == name)
}
