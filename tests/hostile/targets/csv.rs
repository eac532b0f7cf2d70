//! CSV files.

use std::path::Path;

use nullsweep::data::{ColumnRef, Dummies, Header, Levels, Missing, MissingRows, ReadOptions, parse};
use nullsweep::matrix::Matrix;

/// Reads `data` as a CSV file; its first byte chooses delimiter, header, columns, what becomes of missing values and what is coded.
///
/// # Panics
/// If the parser panics, or if what it returns is empty, not finite, or another matrix when written and read again.
pub(crate) fn check(data: &[u8]) {
    let Some((&choice, content)) = data.split_first() else { return };
    let delimiter = [b',', b';', b'\t', b' '][usize::from(choice & 3)];
    let header = [Header::Auto, Header::Yes, Header::No, Header::Auto][usize::from(choice >> 2 & 3)];
    let columns = (choice >> 4 & 1 == 1).then(|| vec![ColumnRef::Position(2), ColumnRef::Name("y".to_owned())]);
    let rows = if choice >> 5 & 1 == 1 { MissingRows::Drop } else { MissingRows::Refuse };
    let missing = Missing { rows, ..Missing::default() };
    let levels = if choice >> 7 == 1 { Levels::All } else { Levels::Treatment };
    let dummies = (choice >> 6 & 1 == 1).then_some(Dummies { column: ColumnRef::Position(2), levels });
    let options = ReadOptions {
        delimiter,
        header,
        columns,
        missing,
        dummies: dummies.into_iter().collect(),
        ..ReadOptions::default()
    };
    let path = Path::new("hostile.csv");
    match parse(content, path, &options) {
        Err(error) => assert!(error.to_string().starts_with("hostile.csv:") && !error.message.is_empty(), "{error}"),
        Ok(table) => {
            assert!(table.x.rows() > 0 && table.x.cols() > 0 && table.x.first_not_finite().is_none());
            assert!(table.names.is_none_or(|names| names.len() == table.x.cols()));
            let plain = ReadOptions { delimiter, header: Header::No, ..ReadOptions::default() };
            let again = parse(written(&table.x, char::from(delimiter)).as_bytes(), path, &plain);
            assert_eq!(again.expect("what was read can be written").x, table.x);
        }
    }
}

fn written(x: &Matrix, delimiter: char) -> String {
    let line = |i: usize| x.row(i).iter().map(f64::to_string).collect::<Vec<_>>().join(&delimiter.to_string());
    (0..x.rows()).map(line).collect::<Vec<_>>().join("\n")
}
