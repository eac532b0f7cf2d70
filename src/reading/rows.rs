//! The rows of a table, one at a time, as points at which expressions over its columns have values.

use std::path::Path;

use crate::expression::{Kind, Point, Vocabulary};
use crate::record::{RecordError, TableReader, TableRow};

/// Reads some columns of a table, row by row. Memory is that of one row or, of Parquet, of a row group.
#[derive(Debug)]
pub struct Rows<'v> {
    reader: TableReader,
    /// Columns that are read, by index in the vocabulary.
    used: Vec<usize>,
    row: Row<'v>,
}

/// A row, as its columns' values. A column that is not read has no number and an empty word.
#[derive(Debug)]
pub struct Row<'v> {
    vocabulary: &'v Vocabulary<'v>,
    /// By index in the vocabulary; NaN where the field is empty, a word, or not read.
    numbers: Vec<f64>,
    /// The fields as they are written, by index in the vocabulary.
    words: Vec<String>,
    line: u64,
}

impl<'v> Rows<'v> {
    /// Opens `table` in the run folder `dir`, whose columns are the names of `vocabulary`, to read those at the indices
    /// `used`, in any order and any number of times each.
    ///
    /// # Errors
    /// As [`TableReader::open`].
    pub fn open(
        dir: &Path,
        table: &str,
        vocabulary: &'v Vocabulary<'v>,
        used: impl IntoIterator<Item = usize>,
    ) -> Result<Self, RecordError> {
        let mut used: Vec<usize> = used.into_iter().collect();
        used.sort_unstable();
        used.dedup();
        let names: Vec<&str> = used.iter().map(|&variable| vocabulary.variables[variable].name).collect();
        let reader = TableReader::open(dir, table, &names)?;
        let count = vocabulary.variables.len();
        let row = Row { vocabulary, numbers: vec![f64::NAN; count], words: vec![String::new(); count], line: 0 };
        Ok(Self { reader, used, row })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// As [`TableReader::next_row`], and where a field of a column of numbers is none.
    pub fn next_row(&mut self) -> Result<Option<&Row<'v>>, RecordError> {
        match self.reader.next_row()? {
            Some(found) => {
                self.row.fill(&self.used, &found)?;
                Ok(Some(&self.row))
            }
            None => Ok(None),
        }
    }
}

impl Row<'_> {
    fn fill(&mut self, used: &[usize], found: &TableRow<'_>) -> Result<(), RecordError> {
        self.line = found.line();
        for (at, &variable) in used.iter().enumerate() {
            if self.vocabulary.variables[variable].kind == Kind::Number {
                self.numbers[variable] = found.number(at)?.unwrap_or(f64::NAN);
            }
            let word = &mut self.words[variable];
            word.clear();
            word.push_str(found.word(at));
        }
        Ok(())
    }

    /// Line of the file on which the row begins; the header is line 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl Point for Row<'_> {
    fn number(&self, variable: usize) -> f64 {
        self.numbers[variable]
    }

    fn word(&self, variable: usize) -> &str {
        &self.words[variable]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expression::{Formula, Variable};

    #[test]
    fn a_row_is_the_point_of_its_fields() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t.csv"), "solver,n,kappa\nqr,3,2.5\nsvd,4,\n").unwrap();
        let variable = |name, kind| Variable { name, kind };
        let variables =
            vec![variable("n", Kind::Number), variable("kappa", Kind::Number), variable("solver", Kind::Word)];
        let vocabulary = Vocabulary { noun: "a column", variables };
        let product = Formula::parse("n * kappa", &vocabulary).unwrap();
        let mut rows = Rows::open(dir.path(), "t", &vocabulary, [2, 0, 1, 0]).unwrap();
        let first = rows.next_row().unwrap().unwrap();
        assert_eq!((product.value(first), first.word(2), first.word(0), first.line()), (7.5, "qr", "3", 2));
        let second = rows.next_row().unwrap().unwrap();
        assert!(product.value(second).is_nan() && second.word(1).is_empty());
        assert!(rows.next_row().unwrap().is_none());
        let mut some = Rows::open(dir.path(), "t", &vocabulary, [1]).unwrap();
        let row = some.next_row().unwrap().unwrap();
        assert!(row.number(0).is_nan() && row.word(2).is_empty() && row.number(1) == 2.5);
    }
}
