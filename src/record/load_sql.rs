//! load.sql: the tables of a run in Parquet as views of DuckDB.

use std::fmt::Write as _;
use std::path::Path;

use super::atomic::{AtomicFile, FileFact};
use super::cell::CELL_KEYS;
use super::error::RecordError;
use super::format::{Format, is_part_file, table_of};
use super::summary::{SUMMARY_FILE, summary_columns};
use super::timing::{TIMING_FILE, TimingRow};
use crate::measure::table::{Column, Kind, Role, Schema};
use crate::measure::{TRIAL_KEY, TRIAL_KEY_TYPES, TableId};

/// Name of the script inside the run folder.
pub(crate) const LOAD_FILE: &str = "load.sql";

const OPENING: &str = "\
-- The tables of this run as views, for DuckDB (https://duckdb.org). Paths are relative: begin it inside this folder,
--
--     duckdb -init load.sql
--
-- or say `.read load.sql` in a session there. columns.json says what the columns mean.
-- NULL is what was not computed. NaN and inf are numbers; to DuckDB NaN is the largest of all and equal to itself, and an
-- average over it is NaN: `WHERE isfinite(column)` leaves them out.
";

/// Writes load.sql into `dir` for the tables `schemas` in `files` and the `further` ones by their files; where the tables are
/// text it goes instead, as does what else an earlier attempt left that says nothing of this one.
pub(super) fn write(
    dir: &Path,
    format: Format,
    schemas: &[Schema],
    files: &[FileFact],
    further: &[(&str, Schema)],
) -> Result<Option<FileFact>, RecordError> {
    if format == Format::Csv {
        let path = dir.join(LOAD_FILE);
        return match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(RecordError::io("remove", &path)(error)),
            _ => Ok(None),
        };
    }
    let mut file = AtomicFile::create(dir, LOAD_FILE)?;
    file.push(script(schemas, files, further).as_bytes())?;
    file.publish(None).map(Some)
}

fn script(schemas: &[Schema], files: &[FileFact], further: &[(&str, Schema)]) -> String {
    let mut sql = OPENING.to_owned();
    for schema in schemas {
        // Writing to a String cannot fail.
        let _ = writeln!(sql, "\n-- One row per {}.", schema.row);
        let of_table = |file: &&FileFact| is_part_file(&file.name) && table_of(&file.name) == Some(schema.name);
        let parts: Vec<String> = files.iter().filter(of_table).map(|file| format!("    '{}'", file.name)).collect();
        let _ = writeln!(
            sql,
            "CREATE OR REPLACE VIEW {} AS FROM read_parquet([\n{}\n]);",
            quoted(schema.name),
            parts.join(",\n")
        );
    }
    let summary = summary_columns(schemas);
    let summary: Vec<_> = summary.iter().map(|column| (column.name, kind_in_summary(column))).collect();
    let mut text = vec![(SUMMARY_FILE, "table x cell x inner key x column, over the replicates", summary)];
    for (file, schema) in further.iter().chain(&[(TIMING_FILE, TimingRow::SCHEMA)]) {
        let columns = schema.columns.iter().zip(schema.types).map(|(column, of)| (column.name, of.kind)).collect();
        text.push((file, schema.row, columns));
    }
    for (file, row, columns) in text {
        let view = table_of(file).unwrap_or(file);
        let columns: Vec<String> =
            columns.iter().map(|(name, kind)| format!("    {}: '{}'", quoted(name), sql_type(*kind))).collect();
        let _ = writeln!(sql, "\n-- One row per {row}.");
        let _ = writeln!(
            sql,
            "CREATE OR REPLACE VIEW {} AS FROM read_csv('{file}', header = true, columns = {{\n{}\n}});",
            quoted(view),
            columns.join(",\n")
        );
    }
    sql + &examples(schemas)
}

/// Two queries that any run can answer, as comments.
fn examples(schemas: &[Schema]) -> String {
    let measured = |schema: &Schema| {
        let mut pairs = schema.columns.iter().zip(schema.types);
        pairs.find(|(column, of)| column.role == Role::Result && of.kind == Kind::Number).map(|(column, _)| column.name)
    };
    let Some((schema, column)) = schemas.iter().find_map(|schema| Some((schema, measured(schema)?))) else {
        return String::new();
    };
    let keys: Vec<String> = TRIAL_KEY[..CELL_KEYS]
        .iter()
        .chain(schema.columns.iter().filter(|column| column.role == Role::Key))
        .map(|key| quoted(key.name))
        .collect();
    let (table, value, keys) = (schema.name, quoted(column), keys.join(", "));
    format!(
        "
-- Two to begin with. The replicates of every cell:
--
--     SELECT {keys}, count(*) AS count, median({value}) AS median
--     FROM {table} WHERE isfinite({value}) GROUP BY {keys} ORDER BY {keys};
--
-- The same as this program summarised it, with the 95 % interval of the mean:
--
--     SELECT {keys}, count, median, mean, ci_lo, ci_hi
--     FROM summary WHERE \"table\" = '{table}' AND \"column\" = '{column}' ORDER BY {keys};
"
    )
}

fn kind_in_summary(column: &Column) -> Kind {
    let keys = TRIAL_KEY.iter().zip(&TRIAL_KEY_TYPES);
    // Of all tables, not of this run's alone: a column of the summary is of one type in every run.
    let schemas = TableId::ALL.map(TableId::schema);
    let mut known = keys.chain(schemas.iter().flat_map(|schema| schema.columns.iter().zip(schema.types)));
    match (column.role, column.name) {
        (_, "count" | "missing" | "nonfinite") => Kind::Integer,
        (Role::Key, "table" | "column") => Kind::Word,
        (Role::Key, name) => {
            let found = known.find(|(known, _)| known.role == Role::Key && known.name == name);
            found.map_or(Kind::Word, |(_, of)| of.kind)
        }
        _ => Kind::Number,
    }
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "BIGINT",
        Kind::Number => "DOUBLE",
        Kind::Word => "VARCHAR",
    }
}

/// An identifier: `lambda`, `table` and `column` are words of DuckDB's language too.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
