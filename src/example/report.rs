//! What an example has to tell, before it is text or JSON: titled sections of prose, numbers and small tables.

use serde::Serialize;

/// A worked example with every number it found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The name on the command line.
    pub example: &'static str,
    /// The lesson in one line.
    pub about: &'static str,
    /// In reading order.
    pub sections: Vec<Section>,
    /// A complete Python script that gives the same numbers.
    pub numpy: &'static str,
}

/// One step of the argument.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// A few words.
    pub title: &'static str,
    /// In reading order.
    pub parts: Vec<Part>,
}

/// What a section is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Part {
    /// A paragraph.
    Prose {
        /// One line, to be wrapped.
        text: String,
    },
    /// Named numbers, one below the other.
    Numbers {
        /// In reading order.
        numbers: Vec<Number>,
    },
    /// A small matrix with names for its rows and columns.
    Table {
        /// One name per column.
        columns: Vec<String>,
        /// Each as long as `columns`.
        rows: Vec<Row>,
    },
}

/// A row of a [`Part::Table`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What the row holds.
    pub label: String,
    /// One value per column.
    pub values: Vec<f64>,
}

/// A number with its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// What it is, in the notation of the prose.
    pub label: String,
    /// The number and how it is to be believed.
    #[serde(flatten)]
    pub value: Value,
    /// The same in the names of the report's script, where NumPy has such a number.
    pub numpy: Option<&'static str>,
}

/// A number and how it is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Value {
    /// Exact.
    Count {
        /// The count.
        value: usize,
    },
    /// Good to nearly all digits of f64.
    Real {
        /// The number.
        value: f64,
    },
    /// Rounding errors and nothing else: only the order of magnitude means anything, and that little.
    Noise {
        /// What came out this time.
        value: f64,
    },
    /// The exact value for the stored matrix lies in [lo, hi].
    Enclosed {
        /// Best estimate.
        value: f64,
        /// Lower bound.
        lo: f64,
        /// Upper bound.
        hi: f64,
    },
    /// The exact value lies in [0, hi]: no digit of it is claimed.
    Unresolved {
        /// Upper bound.
        hi: f64,
    },
    /// The exact value is at least this, possibly infinite.
    AtLeast {
        /// Lower bound.
        lo: f64,
    },
}

impl Section {
    /// An empty section.
    pub(super) fn new(title: &'static str) -> Self {
        Self { title, parts: Vec::new() }
    }

    /// Adds a paragraph.
    pub(super) fn say(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Prose { text: text.into() });
        self
    }

    /// Adds a number with its expression in the script, to the numbers just before it if there are any.
    pub(super) fn number(self, label: impl Into<String>, value: Value, numpy: &'static str) -> Self {
        self.push(Number { label: label.into(), value, numpy: Some(numpy) })
    }

    /// Adds a number that NumPy does not have.
    pub(super) fn ours(self, label: impl Into<String>, value: Value) -> Self {
        self.push(Number { label: label.into(), value, numpy: None })
    }

    /// Adds a table; every row has one value per column.
    pub(super) fn table(mut self, columns: &[&str], rows: Vec<(String, Vec<f64>)>) -> Self {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        let rows = rows.into_iter().map(|(label, values)| Row { label, values }).collect();
        self.parts.push(Part::Table { columns, rows });
        self
    }

    fn push(mut self, number: Number) -> Self {
        if let Some(Part::Numbers { numbers }) = self.parts.last_mut() {
            numbers.push(number);
        } else {
            self.parts.push(Part::Numbers { numbers: vec![number] });
        }
        self
    }
}

impl Report {
    /// Every number in reading order.
    pub fn numbers(&self) -> impl Iterator<Item = &Number> {
        let parts = self.sections.iter().flat_map(|section| &section.parts);
        parts.flat_map(|part| match part {
            Part::Numbers { numbers } => numbers.as_slice(),
            Part::Prose { .. } | Part::Table { .. } => &[],
        })
    }

    /// The report as one JSON object, prose included.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("every field is a string, a finite number or a list of them")
    }
}
