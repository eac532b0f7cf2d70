//! The textbook examples that nullsweep grew out of, worked with certified numbers.
//!
//! Each example is one Rust file and one Python file of the same name: the Rust file computes and explains, the Python
//! file is the NumPy script that the report ends with. Every number of a report names the expression of that script which
//! gives it, and `tests/examples.rs` compares the two.

mod conditioning;
mod left_null;
mod null_space;
mod null_vector;
mod report;
mod salary;
mod study;
mod text;

use std::fmt;

pub use report::{Number, Part, Report, Row, Section, Value};

/// The names of [`Example::ALL`].
pub const NAMES: [&str; 5] = ["null-space", "null-vector", "left-null", "conditioning", "salary"];

/// A worked example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// Steps from the minimum-norm solution: along a null vector, and along one that is only nearly so.
    NullSpace,
    /// The null space of a 2 x 2 matrix by hand.
    NullVector,
    /// The error that no weights remove.
    LeftNull,
    /// What forming X'X costs, and when a printed condition number is noise.
    Conditioning,
    /// Years and months: the same feature twice.
    Salary,
}

/// No example has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownExample {
    name: String,
}

impl Example {
    /// In the order in which they build on each other.
    pub const ALL: [Self; 5] = [Self::NullSpace, Self::NullVector, Self::LeftNull, Self::Conditioning, Self::Salary];

    /// The example called `name`.
    ///
    /// # Errors
    /// [`UnknownExample`] if there is none, with the names that there are.
    pub fn parse(name: &str) -> Result<Self, UnknownExample> {
        Self::ALL
            .into_iter()
            .find(|example| example.name() == name)
            .ok_or_else(|| UnknownExample { name: name.to_owned() })
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// The lesson in one line.
    pub fn about(self) -> &'static str {
        match self {
            Self::NullSpace => "a true null vector moves no prediction, the last row of the thin V' does",
            Self::NullVector => "two proportional columns have a line of weights that fit alike",
            Self::LeftNull => "the part of y off the column space stays, whatever the weights",
            Self::Conditioning => "X'X squares the condition number; past 1e16 the printed one is noise",
            Self::Salary => "years and months are one feature; a bonus needs a column of its own",
        }
    }

    /// Computes the example, in a few milliseconds and the same to the last bit every time.
    pub fn work(self) -> Report {
        let (sections, numpy) = match self {
            Self::NullSpace => (null_space::sections(), include_str!("null_space.py")),
            Self::NullVector => (null_vector::sections(), include_str!("null_vector.py")),
            Self::LeftNull => (left_null::sections(), include_str!("left_null.py")),
            Self::Conditioning => (conditioning::sections(), include_str!("conditioning.py")),
            Self::Salary => (salary::sections(), include_str!("salary.py")),
        };
        Report { example: self.name(), about: self.about(), sections, numpy }
    }
}

impl fmt::Display for UnknownExample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no example `{}`: choose one of {}", self.name, NAMES.join(", "))
    }
}

impl std::error::Error for UnknownExample {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_answers_to_its_name() {
        for (example, name) in Example::ALL.into_iter().zip(NAMES) {
            assert_eq!(example.name(), name);
            assert_eq!(Example::parse(name), Ok(example));
        }
        let error = Example::parse("salaries").expect_err("no such example").to_string();
        assert!(error.contains("`salaries`") && error.contains("left-null, conditioning, salary"), "{error}");
    }
}
