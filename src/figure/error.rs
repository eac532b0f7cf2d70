//! Why a figure cannot be drawn.

use std::fmt;

use crate::record::RecordError;

/// Why a figure cannot be drawn: the run's tables are as they were.
#[derive(Debug)]
pub enum FigureError {
    /// A table cannot be read, or a file cannot be written.
    Record(RecordError),
    /// The rows do not fit what the figure asks for.
    Rows {
        /// The figure's id.
        figure: String,
        /// What does not fit, with column, value and row.
        what: String,
        /// What to change.
        remedy: String,
    },
    /// The figure's own description: what the config should have refused.
    Spec {
        /// The figure's id.
        figure: String,
        /// What is wrong.
        what: String,
    },
    /// The drawing of what was found.
    Drawing {
        /// The figure's id.
        figure: String,
        /// What went wrong.
        what: String,
    },
}

impl FigureError {
    pub(crate) fn rows(figure: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Rows { figure: figure.to_owned(), what: what.into(), remedy: remedy.into() }
    }

    pub(crate) fn spec(figure: &str, what: impl Into<String>) -> Self {
        Self::Spec { figure: figure.to_owned(), what: what.into() }
    }
}

impl fmt::Display for FigureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => error.fmt(f),
            Self::Rows { figure, what, remedy } => write!(f, "figure {figure}: {what}\n  {remedy}"),
            Self::Spec { figure, what } => {
                write!(f, "figure {figure}: {what}\n  the manifest's config is not one of this version: run it again")
            }
            Self::Drawing { figure, what } => write!(f, "figure {figure}: {what}"),
        }
    }
}

impl std::error::Error for FigureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Record(error) => Some(error),
            _ => None,
        }
    }
}

impl From<RecordError> for FigureError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}
