//! What the author of a config expects of its run (`[[expect]]`), held against the tables.
//!
//! ```text
//! ExpectSpec + table --measure--> for each cell: the statistic, its interval over rows, the bounds, whether it is met
//! ```
//! The rows become expectations.csv; `verify` takes them anew from the tables. One pass over each table; memory is that of the
//! numbers that `where` chooses.

mod group;
mod measure;
mod spec;

pub use measure::rows;
pub use spec::{Bound, ExpectSpec, Expression, Filter, Measure};
