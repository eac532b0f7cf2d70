//! Markup of labels: words, and mathematics between dollars, as in LaTeX.

use std::fmt;

/// Words and mathematics, ready to be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// In the order of reading.
    pub runs: Vec<Run>,
}

/// Letters of one face and size.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What is written.
    pub text: String,
    /// In which face.
    pub face: Face,
    /// Size as a share of the label's.
    pub scale: f64,
    /// How far above the label's baseline, in shares of the label's size; below it if negative.
    pub rise: f64,
}

/// The faces of the bundled font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Upright.
    Roman,
    /// Slanted: variables.
    Italic,
}

/// What is wrong with a label's markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelError {
    /// Byte where the fault begins.
    pub offset: usize,
    /// The fault and its remedy.
    pub message: String,
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for LabelError {}
