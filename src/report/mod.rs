//! A run as one page: report.html in its folder. Self-contained, readable without JavaScript and without a network, made
//! from what lies in the folder: manifest, summary.csv, columns.json, theory.csv and figures.

mod html;
mod page;
mod pivot;

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::Config;
use crate::measure::table::Role;
use crate::record::{Manifest, RecordError};
use page::Page;
use pivot::{Measured, Pivot, Pivots, SummaryRow};

/// Name of the page inside the run folder.
pub const REPORT_FILE: &str = "report.html";

/// Rows of a table that is shown as it is.
const MOST_ROWS: usize = 1000;

/// A figure on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// As the config names it.
    pub id: String,
    /// An `<svg>` element, whose ids no other figure of the page has.
    pub svg: String,
    /// Files that it is in, relative to the run's folder.
    pub files: Vec<String>,
}

/// A table that is shown as it is.
#[derive(Clone, Debug, Default)]
struct Plain {
    file: String,
    columns: Vec<(String, Role)>,
    rows: Vec<Vec<String>>,
    /// Rows beyond those shown.
    left_out: usize,
}
