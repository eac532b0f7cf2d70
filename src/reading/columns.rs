//! Which tables can be read back, and what their columns are.

use crate::expression::{Kind, Variable, Vocabulary};
use crate::measure::table::{Column, Schema};
use crate::measure::{TRIAL_KEY, TableId};
use crate::record::summary_columns;

/// Name of the table of statistics over replicates, which every run has.
pub const SUMMARY: &str = "summary";
/// Unit of columns that hold words.
const WORD_UNIT: &str = "name";

/// The columns of `table` in a run that writes `tables`, in their order; `None` if it cannot be read back.
///
/// That is timing.csv: its rows differ from run to run, and whatever is made of a table is to have the same bytes each time.
pub fn columns(table: &str, tables: &[TableId]) -> Option<Vec<Column>> {
    if table == SUMMARY {
        let schemas: Vec<Schema> = tables.iter().map(|table| *table.schema()).collect();
        return Some(summary_columns(&schemas));
    }
    TableId::parse(table).map(|table| TRIAL_KEY.iter().chain(table.schema().columns).copied().collect())
}

/// The names that expressions over `columns` may use, in their order; the first of two alike stands for both.
pub fn vocabulary(columns: &[Column]) -> Vocabulary<'static> {
    let mut variables: Vec<Variable<'static>> = Vec::with_capacity(columns.len());
    for column in columns {
        if !variables.iter().any(|variable| variable.name == column.name) {
            let kind = if column.unit == WORD_UNIT { Kind::Word } else { Kind::Number };
            variables.push(Variable { name: column.name, kind });
        }
    }
    Vocabulary { noun: "a column", variables }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_table_opens_with_the_key_of_its_trials() {
        let names: Vec<_> = columns("ridge", &[]).unwrap().iter().map(|column| column.name).collect();
        assert_eq!(names[..6], ["n", "d", "epsilon", "replicate", "lambda", "kappa_ridge"]);
        assert!(columns("timing", &[]).is_none() && columns("nothing", &[]).is_none());
    }

    #[test]
    fn words_and_numbers_are_told_apart() {
        let words = |table: &str| -> Vec<&str> {
            let vocabulary = vocabulary(&columns(table, &TableId::ALL).unwrap());
            vocabulary.variables.iter().filter(|name| name.kind == Kind::Word).map(|name| name.name).collect()
        };
        assert_eq!(words("perturbation"), ["what", "arithmetic", "solver", "status"]);
        assert_eq!(words("spectrum"), ["route", "status"]);
        assert!(words("summary").contains(&"column"));
    }

    #[test]
    fn a_name_is_of_one_kind_in_all_tables() {
        let all: Vec<Column> = TableId::ALL.iter().flat_map(|table| columns(table.name(), &[]).unwrap()).collect();
        for column in &all {
            let alike = all.iter().filter(|other| other.name == column.name);
            for other in alike {
                assert_eq!(other.unit == WORD_UNIT, column.unit == WORD_UNIT, "{}", column.name);
            }
        }
    }
}
