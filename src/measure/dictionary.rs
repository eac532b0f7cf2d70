//! The column dictionary for people, `results/README.md`, from the schemas that the tables are written with. (The one for
//! programs, `columns.json`, is written beside the tables of a run.)

use std::fmt::Write as _;

use super::table::{Column, Role, Schema};
use super::{TRIAL_KEY, TableId};

const INTRODUCTION: &str = "\
# Results

A run writes its tables here, one folder a run: CSV, UTF-8, one header line, or with `--format parquet` the same columns in a folder a
table ([docs/parquet.md](../docs/parquet.md)), where an empty field is NULL. Key columns come first and say which row it
is; rows are sorted by them, words in the order of the config. Numbers are the shortest that read back to the same f64;
`NaN` and `inf` are written so. **An empty field means not computed or not defined, never 0.** A run's `columns.json` says
the same as this page about the tables of that run.

Units: `1` is a pure number, `x` the unit of the entries of X, `y` that of the targets; `name` is a word from a fixed list.

Words: X is n x d with rows as observations; sigma are its singular values, min(n, d) of them; X'X is the Gram matrix;
w0 is the minimum-norm least-squares solution; singular values below the rank rule count as 0 in every solution.

This page is generated from the source of the tables: change the doc comment of the column, then run
`UPDATE_DICTIONARY=1 cargo test dictionary`.
";

/// What the page says of a table that is not measured from a trial.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// File name without `.csv`.
    pub name: &'a str,
    /// What one row stands for.
    pub row: &'a str,
    /// All its columns in order, keys included.
    pub columns: &'a [Column],
}

impl From<&'static Schema> for Described<'static> {
    fn from(schema: &'static Schema) -> Self {
        Self { name: schema.name, row: schema.row, columns: schema.columns }
    }
}

/// `results/README.md`: the key of a trial, every table of [`TableId`], then `further` tables.
pub fn dictionary_markdown(further: &[Described<'_>]) -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Key of a trial\nThese columns open every table that has rows for a trial.\n\n");
    push_columns(&mut page, &TRIAL_KEY);
    let measured = TableId::ALL.map(|table| Described::from(table.schema()));
    for Described { name, row, columns } in measured.iter().chain(further) {
        // Writing to a String cannot fail.
        let _ = write!(page, "\n## {name}.csv\nOne row per {row}.\n\n");
        push_columns(&mut page, columns);
    }
    page
}

fn push_columns(page: &mut String, columns: &[Column]) {
    page.push_str("| column | role | unit | meaning |\n|---|---|---|---|\n");
    for Column { name, role, unit, meaning } in columns {
        let meaning = meaning.replace('|', "\\|");
        let _ = writeln!(page, "| `{name}` | {} | {unit} | {meaning} |", role.name());
    }
}

impl Role {
    /// The word that the dictionary uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Result => "result",
            Self::Provenance => "provenance",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn further_tables_follow_the_measured_ones_and_bars_do_not_end_a_cell() {
        let column = Column { name: "size", role: Role::Result, unit: "1", meaning: "The norm ||x||." };
        let page = dictionary_markdown(&[Described { name: "extra", row: "box", columns: &[column] }]);
        let (_, end) = page.split_once("## extra.csv").unwrap();
        let table = "| column | role | unit | meaning |\n|---|---|---|---|\n";
        assert_eq!(end, format!("\nOne row per box.\n\n{table}| `size` | result | 1 | The norm \\|\\|x\\|\\|. |\n"));
        assert!(page.find("## descent.csv").unwrap() < page.find("## extra.csv").unwrap());
    }

    #[test]
    fn every_column_is_documented_once_on_one_line() {
        for table in TableId::ALL {
            let mut seen = HashSet::new();
            for column in TRIAL_KEY.iter().chain(table.schema().columns) {
                let Column { name, unit, meaning, .. } = column;
                assert!(seen.insert(*name), "{}.{name} twice", table.name());
                assert!(!unit.is_empty() && meaning.ends_with('.'), "{}.{name}: {meaning}", table.name());
                assert!(!meaning.contains('\n') && !meaning.contains("  "), "{}.{name}: {meaning}", table.name());
            }
        }
    }

    #[test]
    fn keys_come_before_results_and_provenance_last_among_them() {
        for table in TableId::ALL {
            let columns = table.schema().columns;
            let first_other = columns.iter().position(|column| column.role != Role::Key).unwrap();
            assert!(columns[first_other..].iter().all(|column| column.role != Role::Key), "{}", table.name());
            let roles: Vec<Role> = columns.iter().map(|column| column.role).collect();
            let last_result = roles.iter().rposition(|&role| role == Role::Result).unwrap();
            assert!(!roles[..last_result].contains(&Role::Provenance), "{}", table.name());
        }
    }
}
