//! How a file is to be read.

use super::ColumnRef;

/// How a file is to be read. NPY files have no use for `delimiter`, `header` and the words of `missing`, and know no categories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The byte between the fields of a CSV line; that of a `.tsv` file is a tabulator all the same.
    pub delimiter: u8,
    /// Whether the first CSV line names the columns.
    pub header: Header,
    /// The columns to keep, in this order; `None` for all. The others may hold anything, text included.
    pub columns: Option<Vec<ColumnRef>>,
    /// Columns to leave out of those.
    pub drop: Vec<ColumnRef>,
    /// What stands for a value that is not known, and what becomes of its row.
    pub missing: Missing,
    /// Columns of categories, which become columns of zeros and ones.
    pub dummies: Vec<Dummies>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            delimiter: b',',
            header: Header::Auto,
            columns: None,
            drop: Vec::new(),
            missing: Missing::default(),
            dummies: Vec::new(),
        }
    }
}

/// Whether a byte can separate the fields of a CSV line: one that no number and no quoted field contains.
pub fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n.+-".contains(&byte)
}

/// Whether the first line of a CSV file names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It does if none of its fields is a number; missing values count as neither. A line of numbers and text is refused: it
    /// may be a damaged row.
    Auto,
    /// It does.
    Yes,
    /// It is data.
    No,
}

impl Header {
    /// The words that configs and the command line use.
    pub const NAMES: [(&'static str, Self); 3] = [("auto", Self::Auto), ("yes", Self::Yes), ("no", Self::No)];
}

/// Values that are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The words that stand for one, besides the empty field; capitals make no difference.
    pub words: Vec<String>,
    /// What becomes of a row that has one in a chosen column.
    pub rows: MissingRows,
}

impl Missing {
    /// What R, pandas, SQL, SAS and Stata write.
    pub const WORDS: [&'static str; 8] = ["NA", "N/A", "#N/A", "<NA>", "NaN", "null", "None", "."];

    /// Whether `field`, without blanks around it, stands for a missing value.
    pub fn is(&self, field: &str) -> bool {
        field.is_empty() || self.words.iter().any(|word| word.eq_ignore_ascii_case(field))
    }
}

impl Default for Missing {
    fn default() -> Self {
        Self { words: Self::WORDS.map(str::to_owned).to_vec(), rows: MissingRows::Refuse }
    }
}

/// What becomes of a row with a missing value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingRows {
    /// The file is refused.
    Refuse,
    /// The row is left out, and counted: complete cases remain.
    Drop,
}

impl MissingRows {
    /// The words that the command line uses.
    pub const NAMES: [(&'static str, Self); 2] = [("error", Self::Refuse), ("drop", Self::Drop)];
}

/// A column of categories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dummies {
    /// Which.
    pub column: ColumnRef,
    /// Which of its levels become columns.
    pub levels: Levels,
}

/// Which levels of a category become columns of zeros and ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// All but the first in sorted order, to which the others are then compared: treatment coding.
    Treatment,
    /// All. They add up to a column of ones, so that an intercept depends on them.
    All,
}
