//! The committed column dictionary says what the tables are.

use nullsweep::bench::{SampleRow, SummaryRow};
use nullsweep::measure::dictionary::{Described, dictionary_markdown};
use nullsweep::measure::{TableId, table::Schema};
use nullsweep::record::{ExpectationRow, TheoryRow, TimingRow, summary_columns};

#[test]
fn the_dictionary_in_results_is_up_to_date() {
    let schemas: Vec<Schema> = TableId::ALL.map(|table| *table.schema()).to_vec();
    let summary = summary_columns(&schemas);
    let summary =
        Described { name: "summary", row: "table x cell x inner key x column, over the replicates", columns: &summary };
    let beside = [&TheoryRow::SCHEMA, &ExpectationRow::SCHEMA, &TimingRow::SCHEMA].map(Described::from);
    let bench = [&SampleRow::SCHEMA, &SummaryRow::SCHEMA].map(Described::from);
    let page = dictionary_markdown(&[&[summary], &beside[..], &bench[..]].concat());

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/results/README.md");
    if std::env::var_os("UPDATE_DICTIONARY").is_some() {
        std::fs::write(path, &page).expect("results/README.md is writable");
    }
    let stored = std::fs::read_to_string(path).expect("results/README.md exists");
    assert!(stored == page, "{path} is out of date: run UPDATE_DICTIONARY=1 cargo test dictionary");
}
