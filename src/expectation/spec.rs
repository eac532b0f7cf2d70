//! What an `[[expect]]` asks for, checked.

use crate::expression::{Condition, Formula};
use crate::statistics::Statistic;

/// One expectation. Its expressions are over [`crate::reading::vocabulary`] of its table's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectSpec {
    /// Names it; unique within the config.
    pub id: String,
    /// What it says, in the author's words.
    pub claim: Option<String>,
    /// The table that it speaks of.
    pub table: String,
    /// Which rows; `None`: all.
    pub filter: Option<Filter>,
    /// The number that is taken of a row.
    pub value: Expression,
    /// How the numbers of a cell become one.
    pub measure: Measure,
    /// Columns whose values make cells, by index in the vocabulary; none: all rows are one cell.
    pub each: Vec<usize>,
    /// The measured number is to be no less.
    pub at_least: Option<Bound>,
    /// The measured number is to be no more.
    pub at_most: Option<Bound>,
}

/// How the numbers of a cell become one.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// By a statistic of the values.
    Of(Statistic),
    /// By the slope of the values over this expression, by least squares.
    SlopeOver(Expression),
}

impl Measure {
    /// The name that configs and tables use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Of(statistic) => statistic.name(),
            Self::SlopeOver(_) => "slope",
        }
    }
}

/// A condition with the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// As the config has it.
    pub text: String,
    /// When it holds.
    pub condition: Condition,
}

/// An expression with the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// As the config has it.
    pub text: String,
    /// What it is worth.
    pub formula: Formula,
}

/// An end of what is expected.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// The same everywhere.
    Number(f64),
    /// Of the columns that tell cells apart.
    Formula(Formula),
}
