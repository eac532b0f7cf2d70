//! Tables of a finished run, read back as what expressions speak of: figures, laws and expectations all see rows this way.

mod columns;
mod rows;

pub use columns::{SUMMARY, columns, vocabulary};
pub use rows::{Row, Rows};
