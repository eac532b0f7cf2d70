//! summary.csv, which has one row per number, as one table per table: a row per cell, a column per measurement.

/// Rows that a page shows of a table; more are slow to look at and are in summary.csv anyway.
const MOST_ROWS: usize = 1000;

/// One row of summary.csv, in the words of the file.
#[derive(Clone, Debug)]
pub(super) struct SummaryRow {
    /// The table it speaks of.
    pub(super) table: String,
    /// Key columns that are not empty, with their values.
    pub(super) key: Vec<(String, String)>,
    /// The column it speaks of.
    pub(super) column: String,
    pub(super) measured: Measured,
}

/// What the replicates of a cell say of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measured {
    /// How many finite values, as the file writes it.
    pub(super) count: String,
    pub(super) mean: Option<f64>,
    pub(super) median: Option<f64>,
    pub(super) sd: Option<f64>,
    /// Ends of the 95 % interval of the mean.
    pub(super) interval: Option<[f64; 2]>,
}

/// One table's cells, in the order of the file.
#[derive(Clone, Debug)]
pub(super) struct Pivot {
    pub(super) table: String,
    pub(super) keys: Vec<String>,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<PivotRow>,
    /// Cells of which there are more than the page shows.
    pub(super) left_out: usize,
}

/// One cell.
#[derive(Clone, Debug)]
pub(super) struct PivotRow {
    pub(super) key: Vec<(String, String)>,
    /// By column of the pivot; `None` where the file has no row.
    pub(super) values: Vec<Option<Measured>>,
}

/// Gathers rows in the order of summary.csv: all columns of a cell together, all cells of a table together.
#[derive(Debug, Default)]
pub(super) struct Pivots {
    pivots: Vec<Pivot>,
    /// Key of the cell that rows are of now, whether it is shown or not.
    current: Option<Vec<(String, String)>>,
}

impl Pivots {
    pub(super) fn add(&mut self, row: SummaryRow) {
        if self.pivots.last().is_none_or(|pivot| pivot.table != row.table) {
            self.pivots.push(Pivot {
                table: row.table,
                keys: Vec::new(),
                columns: Vec::new(),
                rows: Vec::new(),
                left_out: 0,
            });
            self.current = None;
        }
        let Some(pivot) = self.pivots.last_mut() else { return };
        if self.current.as_ref() != Some(&row.key) {
            self.current = Some(row.key.clone());
            if pivot.rows.len() == MOST_ROWS {
                pivot.left_out += 1;
            } else {
                for (name, _) in &row.key {
                    if !pivot.keys.contains(name) {
                        pivot.keys.push(name.clone());
                    }
                }
                pivot.rows.push(PivotRow { key: row.key, values: Vec::new() });
            }
        }
        if pivot.left_out > 0 {
            return;
        }
        let at = pivot.columns.iter().position(|name| *name == row.column).unwrap_or_else(|| {
            pivot.columns.push(row.column);
            pivot.columns.len() - 1
        });
        if let Some(cell) = pivot.rows.last_mut() {
            cell.values.resize(cell.values.len().max(at + 1), None);
            cell.values[at] = Some(row.measured);
        }
    }

    /// The tables in the order of the file. Columns that have no value in any cell are left out.
    pub(super) fn finish(mut self) -> Vec<Pivot> {
        for pivot in &mut self.pivots {
            let has_value = |at: usize| {
                pivot
                    .rows
                    .iter()
                    .any(|row| row.values.get(at).is_some_and(|cell| cell.as_ref().is_some_and(Measured::is_some)))
            };
            let kept: Vec<usize> = (0..pivot.columns.len()).filter(|&at| has_value(at)).collect();
            pivot.columns = kept.iter().map(|&at| pivot.columns[at].clone()).collect();
            for row in &mut pivot.rows {
                row.values = kept.iter().map(|&at| row.values.get(at).cloned().flatten()).collect();
            }
        }
        self.pivots
    }
}

impl Measured {
    fn is_some(&self) -> bool {
        self.median.is_some()
    }
}

impl PivotRow {
    /// The cell's value of the key column `name`; empty where its table has none.
    pub(super) fn key(&self, name: &str) -> &str {
        self.key.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn row(table: &str, n: &str, column: &str, median: Option<f64>) -> SummaryRow {
        SummaryRow {
            table: table.to_owned(),
            key: vec![("n".to_owned(), n.to_owned())],
            column: column.to_owned(),
            measured: Measured { count: "3".to_owned(), median, ..Measured::default() },
        }
    }

    #[test]
    fn cells_become_rows_and_columns_without_values_go() {
        let mut pivots = Pivots::default();
        for n in ["5", "7"] {
            pivots.add(row("spectrum", n, "kappa", Some(2.0)));
            pivots.add(row("spectrum", n, "empty", None));
            pivots.add(row("spectrum", n, "rank", if n == "7" { Some(1.0) } else { None }));
        }
        pivots.add(row("ridge", "5", "kappa_ridge", Some(4.0)));
        let pivots = pivots.finish();
        assert_eq!(pivots.len(), 2);
        assert_eq!(pivots[0].columns, ["kappa", "rank"]);
        assert_eq!(pivots[0].rows.len(), 2);
        assert_eq!(pivots[0].rows[1].key("n"), "7");
        assert_eq!(pivots[0].rows[1].values[1].as_ref().unwrap().median, Some(1.0));
        assert_eq!(pivots[1].table, "ridge");
    }

    #[test]
    fn a_page_has_an_end() {
        let mut pivots = Pivots::default();
        for n in 0..MOST_ROWS + 7 {
            for column in ["kappa", "rank"] {
                pivots.add(row("spectrum", &n.to_string(), column, Some(1.0)));
            }
        }
        let pivot = pivots.finish().remove(0);
        assert_eq!((pivot.rows.len(), pivot.left_out), (MOST_ROWS, 7));
        assert!(pivot.rows.iter().all(|row| row.values.iter().all(Option::is_some)));
    }
}
