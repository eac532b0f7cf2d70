//! How a user names a column.

use std::fmt;

use super::error::{Fault, quoted};

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRef {
    /// By the name in the header.
    Name(String),
    /// By position, from 1.
    Position(usize),
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "column {}", quoted(name)),
            Self::Position(position) => write!(f, "column {position}"),
        }
    }
}

impl ColumnRef {
    /// The index, from 0, among `count` columns with these names.
    pub(super) fn index(&self, names: Option<&[String]>, count: usize) -> Result<usize, Fault> {
        match self {
            Self::Position(position) => match position.checked_sub(1) {
                Some(index) if index < count => Ok(index),
                _ => Err(Fault::new(format!("has no {self}: positions run from 1 to {count}"))),
            },
            Self::Name(name) => {
                let names = names.ok_or_else(|| {
                    Fault::new(format!("has no header to find {self} in: choose columns by position, from 1"))
                })?;
                let mut matches = names.iter().enumerate().filter(|(_, candidate)| *candidate == name);
                match (matches.next(), matches.next()) {
                    (Some((index, _)), None) => Ok(index),
                    (Some((first, _)), Some((second, _))) => Err(Fault::new(format!(
                        "has several columns named {} (positions {} and {}): choose by position",
                        quoted(name),
                        first + 1,
                        second + 1
                    ))),
                    (None, _) => {
                        let together = names.len() == 1 && names[0].contains([';', '\t', '|', ',']);
                        let hint = if together { "; is another delimiter meant?" } else { "" };
                        Err(Fault::new(format!("has no {self}: it has {}{hint}", listed(names))))
                    }
                }
            }
        }
    }
}

/// A choice of no columns at all is refused.
pub(super) fn some(columns: &[ColumnRef]) -> Result<(), Fault> {
    if columns.is_empty() {
        return Err(Fault::new("is to be read without any column: choose at least one, or leave the choice out"));
    }
    Ok(())
}

/// The first dozen names.
fn listed(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(12).map(|name| quoted(name)).collect();
    if names.len() > shown.len() {
        shown.push(format!("and {} more", names.len() - shown.len()));
    }
    shown.join(", ")
}
