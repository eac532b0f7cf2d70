//! A run as one page: report.html in its folder. Self-contained, readable without JavaScript and without a network, made
//! from what lies in the folder: manifest.json, columns.json, summary.csv, theory.csv, expectations.csv and the figures. The
//! same folder gives the same page.

mod html;
mod page;
mod pivot;
mod tables;

use std::path::Path;

use crate::config::Config;
use crate::record::{EXPECTATIONS_FILE, Manifest, REPORT_FILE, RecordError, THEORY_FILE, publish};
use page::Page;
use tables::{Dictionary, plain, summary};

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

/// The page of the finished run in `dir`, with `figures` in their order. Memory: the page, which shows at most 1000 rows of a
/// table.
///
/// # Errors
/// [`RecordError`] where a file of the run is missing or damaged.
pub fn render(dir: &Path, manifest: &Manifest, figures: &[Figure]) -> Result<String, RecordError> {
    // A config whose data file has gone costs its paragraphs, not the page.
    let config = Config::parse(&manifest.config.text, Path::new(&manifest.config.path), &[]).ok();
    let dictionary = Dictionary::read(dir)?;
    let table = |name: &str| {
        let is_there = manifest.files.iter().any(|file| file.name == name);
        is_there.then(|| plain(dir, name, &dictionary)).transpose()
    };
    let (expectations, theory) = (table(EXPECTATIONS_FILE)?, table(THEORY_FILE)?);
    let page = Page {
        manifest,
        config: config.as_ref(),
        figures,
        expectations: expectations.as_ref(),
        theory: theory.as_ref(),
        summary: &summary(dir, &dictionary)?,
        dictionary: &dictionary,
    };
    Ok(page.render())
}

/// Writes [`render`]'s page into `dir`: whole, or not at all.
///
/// # Errors
/// As [`render`], and [`RecordError::Io`].
pub fn write(dir: &Path, manifest: &Manifest, figures: &[Figure]) -> Result<(), RecordError> {
    publish(dir, REPORT_FILE, render(dir, manifest, figures)?.as_bytes())
}
