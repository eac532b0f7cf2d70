//! All figures of a run, in the folder `figures` beside its tables.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::data::{Drawn, Source, chart};
use super::draw::{Format, Picture};
use super::error::FigureError;
use super::spec::FigureSpec;
use crate::record::{FIGURES_FOLDER, RecordError, prepare_folder, publish};

/// A figure's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureFiles {
    /// The figure's id.
    pub id: String,
    /// The files, by path relative to the run's folder.
    pub files: Vec<PathBuf>,
    /// What its reader should know: what was left out.
    pub notes: Vec<String>,
    /// The figure as SVG, whether or not that is among its files.
    pub svg: String,
}

/// Where a file of a figure lies, relative to the run's folder.
fn path(spec: &FigureSpec, format: Format) -> PathBuf {
    Path::new(FIGURES_FOLDER).join(file_name(spec, format))
}

fn file_name(spec: &FigureSpec, format: Format) -> String {
    format!("{}.{}", spec.id, format.extension())
}

/// The formats asked for, with the CSV, in the order of [`Format::ALL`].
fn with_numbers(formats: &[Format]) -> Vec<Format> {
    Format::ALL.into_iter().filter(|format| *format == Format::Csv || formats.contains(format)).collect()
}

/// Draws `spec` in `formats` and writes its files, each whole or not at all; the CSV is always among them.
///
/// # Errors
/// [`FigureError`]; then no file of this figure is new.
pub fn write(spec: &FigureSpec, source: &Source<'_>, formats: &[Format]) -> Result<FigureFiles, FigureError> {
    let drawn = chart(spec, source)?;
    let formats = with_numbers(formats);
    let picture = Picture::new(&drawn.chart);
    let svg = picture.svg()?;
    let content = |format: &Format| match format {
        Format::Svg => Ok(svg.clone().into_bytes()),
        other => picture.draw(*other),
    };
    let contents = formats.iter().map(content).collect::<Result<Vec<_>, _>>()?;
    let folder = source.dir.join(FIGURES_FOLDER);
    prepare_folder(&folder)?;
    for (format, bytes) in formats.iter().zip(&contents) {
        publish(&folder, &file_name(spec, *format), bytes)?;
    }
    let files = formats.iter().map(|format| path(spec, *format)).collect();
    Ok(FigureFiles { id: spec.id.clone(), files, notes: notes(&drawn), svg })
}

/// The figure as SVG, without writing any file.
///
/// # Errors
/// As [`write()`].
pub fn preview(spec: &FigureSpec, source: &Source<'_>) -> Result<String, FigureError> {
    Picture::new(&chart(spec, source)?.chart).svg()
}

/// A file that is not as it would be drawn now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file, by path relative to the run's folder.
    pub file: PathBuf,
    /// What is wrong with it.
    pub what: Differs,
}

/// How a file is not what would be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differs {
    /// It is not there.
    Missing,
    /// It has other bytes.
    Changed,
}

/// Draws `spec` in memory and compares it with its files: those of `formats`, the CSV, and whatever else is there.
/// Returns how many were compared, and those that differ.
///
/// # Errors
/// [`FigureError`] where the figure cannot be drawn, or a file cannot be read.
pub fn check(
    spec: &FigureSpec,
    source: &Source<'_>,
    formats: &[Format],
) -> Result<(usize, Vec<Difference>), FigureError> {
    let drawn = chart(spec, source)?;
    let mut formats: BTreeSet<Format> = with_numbers(formats).into_iter().collect();
    formats.extend(Format::ALL.into_iter().filter(|format| source.dir.join(path(spec, *format)).exists()));
    let picture = Picture::new(&drawn.chart);
    let mut differences = Vec::new();
    for &format in &formats {
        let file = path(spec, format);
        let at = source.dir.join(&file);
        let what = match std::fs::read(&at) {
            Ok(found) if found == picture.draw(format)? => continue,
            Ok(_) => Differs::Changed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Differs::Missing,
            Err(error) => return Err(RecordError::io("read", &at)(error).into()),
        };
        differences.push(Difference { file, what });
    }
    Ok((formats.len(), differences))
}

fn notes(drawn: &Drawn) -> Vec<String> {
    let mut notes = Vec::new();
    if drawn.left_out > 0 {
        notes.push(format!("{} left out: empty, NaN or infinite", rows(drawn.left_out)));
    }
    if drawn.without_band > 0 {
        let points = if drawn.without_band == 1 { "point has" } else { "points have" };
        notes.push(format!("{} {points} too few rows for a band", drawn.without_band));
    }
    notes
}

fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}
