//! The column dictionary, for people (`results/README.md`) and for programs (`columns.json`), from the schemas that the
//! tables are written with.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::table::{Column, Role, Schema};
use super::{TRIAL_KEY, TableId};

const INTRODUCTION: &str = "\
# Results

A run writes its tables here, one folder a run: CSV, UTF-8, one header line. Key columns come first and say which row it
is; rows are sorted by them. Numbers are the shortest that read back to the same f64; `NaN` and `inf` are written so. **An
empty field means not computed or not defined, never 0.** A run's `columns.json` says the same as this page about the
tables of that run.

Units: `1` is a pure number, `x` the unit of the entries of X, `y` that of the targets; `name` is a word from a fixed list.

Words: X is n x d with rows as observations; sigma are its singular values, k = min(n, d) of them; X'X is the Gram matrix;
w0 is the minimum-norm least-squares solution; singular values below the rank rule count as 0 in every solution.

This page is generated from the source of the tables: change the doc comment of the column, then run
`UPDATE_DICTIONARY=1 cargo test dictionary`.
";

/// `results/README.md`: `tables` with the trial key they share, then `further` tables, which list their own keys.
pub fn dictionary_markdown(tables: &[TableId], further: &[Schema]) -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Key of a trial\nThese columns open every table that has rows for a trial.\n\n");
    push_columns(&mut page, TRIAL_KEY);
    for schema in tables.iter().map(|table| table.schema()).chain(further) {
        // Writing to a String cannot fail.
        let _ = write!(page, "\n## {}.csv\nOne row per {}.\n\n", schema.name, schema.row);
        push_columns(&mut page, schema.columns);
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

/// `columns.json`: table name -> what a row stands for and its columns in order, the trial key included for `tables`.
pub fn columns_json(tables: &[TableId], further: &[Schema]) -> Json {
    let measured = tables.iter().map(|table| describe(table.schema(), TRIAL_KEY));
    let others = further.iter().map(|schema| describe(schema, &[]));
    Json::Object(measured.chain(others).collect())
}

fn describe(schema: &Schema, key: &[Column]) -> (String, Json) {
    let columns: Vec<Json> = key
        .iter()
        .chain(schema.columns)
        .map(|Column { name, role, unit, meaning }| {
            json!({ "name": name, "role": role.name(), "unit": unit, "meaning": meaning })
        })
        .collect();
    (schema.name.to_owned(), json!({ "row": schema.row, "columns": columns }))
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
    fn the_dictionary_in_results_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/results/README.md");
        let page = dictionary_markdown(&TableId::ALL, &[]);
        if std::env::var_os("UPDATE_DICTIONARY").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(stored == page, "{path} is out of date: run UPDATE_DICTIONARY=1 cargo test dictionary");
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

    #[test]
    fn columns_json_lists_key_and_columns_in_order() {
        let json = columns_json(&[TableId::Sigmas], &[]);
        let names: Vec<&str> = json["sigmas"]["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["n", "d", "epsilon", "replicate", "index", "sigma", "sigma_lo", "sigma_hi"]);
        assert_eq!(json["sigmas"]["columns"][4]["role"], "key");
    }
}
