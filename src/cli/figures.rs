//! `nullsweep figures DIR`: the figures of a finished run, from its tables and the config in its manifest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Exit, Failure, output, signals};
use crate::config::Config;
use crate::figure::data::Source;
use crate::figure::draw::Format;
use crate::figure::set::{self, Difference, Differs, FigureFiles};
use crate::figure::spec::FigureSpec;
use crate::finished::FinishedRun;
use crate::record::{FIGURES_FOLDER, FileFact, Manifest, REPORT_FILE, sha256_of_file, table_of};
use crate::report;
use crate::theory::World;

/// What is drawn unless the user says otherwise.
const DEFAULT_FORMATS: [Format; 3] = [Format::Pdf, Format::Svg, Format::Png];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run's folder
    dir: PathBuf,
    /// Draw this figure only, by its id. May be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Formats, separated by commas: pdf, svg, png, tikz. The numbers come as CSV beside them
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format)]
    format: Vec<Format>,
    /// Write nothing: draw again in memory and compare; exit with 5 if a file differs or is missing
    #[arg(long)]
    check: bool,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

fn format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| "give pdf, svg, png or tikz".to_owned())
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    signals::listen()?;
    let FinishedRun { config, manifest } =
        FinishedRun::open(&args.dir).map_err(|error| Failure::usage(error.to_string()))?;
    let figures = chosen(&config, &args.only)?;
    tables_are_the_runs(&args.dir, &manifest, &config.figures)?;
    let world = World::new(&config.design, &config.target, &config.settings);
    let source = Source { dir: &args.dir, tables: &config.tables, world: &world };
    let formats = if args.format.is_empty() { &DEFAULT_FORMATS[..] } else { &args.format[..] };
    if args.check {
        return check(args, &source, &figures, formats);
    }
    let mut drawing = draw(&source, &figures, formats, &output::note);
    let others: Vec<_> =
        config.figures.iter().filter(|spec| !figures.iter().any(|drawn| drawn.id == spec.id)).collect();
    drawing.report(&config, &manifest, &source, &others, &output::note);
    if args.json {
        let mut json = drawing.to_json();
        json["folder"] = args.dir.display().to_string().into();
        output::json(&json)?;
    } else {
        output::data(&drawing.to_text())?;
    }
    Ok(drawing.exit())
}

/// A table that was changed since, or a part of one, would be drawn as if the run had measured it.
fn tables_are_the_runs(dir: &Path, manifest: &Manifest, figures: &[FigureSpec]) -> Result<(), Failure> {
    let tables: BTreeSet<&str> = figures.iter().map(|spec| spec.table.as_str()).collect();
    let is_drawn = |file: &&FileFact| table_of(&file.name).is_some_and(|table| tables.contains(table));
    for file in manifest.files.iter().filter(is_drawn) {
        let fault = match sha256_of_file(&dir.join(&file.name)) {
            Ok(hash) if hash == file.sha256 => continue,
            Ok(_) => {
                format!("{} is not the file that the run wrote (its hash differs)", dir.join(&file.name).display())
            }
            Err(error) => error.to_string(),
        };
        return Err(Failure::usage(format!(
            "{fault}\n  run the config again into this folder: it writes its tables anew and computes nothing that is recorded"
        )));
    }
    Ok(())
}

/// The figures with the ids `only`, or all of them.
fn chosen<'a>(config: &'a Config, only: &[String]) -> Result<Vec<&'a FigureSpec>, Failure> {
    if config.figures.is_empty() {
        return Err(Failure::usage(
            "the run's config has no [[figure]]\n  add one and run the config again into the same folder: nothing is \
             computed anew",
        ));
    }
    if let Some(unknown) = only.iter().find(|id| !config.figures.iter().any(|figure| figure.id == **id)) {
        let ids: Vec<&str> = config.figures.iter().map(|figure| figure.id.as_str()).collect();
        return Err(Failure::usage(format!("--only {unknown}: no such figure\n  this run has {}", ids.join(", "))));
    }
    Ok(config.figures.iter().filter(|figure| only.is_empty() || only.contains(&figure.id)).collect())
}

/// What became of the figures of a run.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    drawn: Vec<FigureFiles>,
    /// In words, each with its figure and the remedy.
    failed: Vec<String>,
    /// Figures that were not begun because a signal asked to stop.
    left: usize,
    /// Whether the page with all of them was written.
    has_report: bool,
}

/// Whether a run draws its figures at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figures {
    /// All of them, in the default formats.
    Drawn,
    /// None: `--no-figures`.
    Left,
}

/// The end of the run in `dir`: its figures, unless they are left, and its report.
pub(super) fn present(
    config: &Config,
    manifest: &Manifest,
    dir: &Path,
    figures: Figures,
    note: &impl Fn(&str),
) -> Drawing {
    let world = World::new(&config.design, &config.target, &config.settings);
    let source = Source { dir, tables: &config.tables, world: &world };
    let mut drawing = match figures {
        Figures::Drawn => draw(&source, &config.figures.iter().collect::<Vec<_>>(), &DEFAULT_FORMATS, note),
        Figures::Left => Drawing::default(),
    };
    drawing.report(config, manifest, &source, &[], note);
    drawing
}

/// Draws `figures` into the folder of the finished run in `source`, whatever becomes of each of them, and says to `note`
/// what failed.
fn draw(source: &Source<'_>, figures: &[&FigureSpec], formats: &[Format], note: &impl Fn(&str)) -> Drawing {
    let mut drawing = Drawing::default();
    for (at, spec) in figures.iter().enumerate() {
        if signals::stop_asked() {
            drawing.left = figures.len() - at;
            note(&format!(
                "interrupted: {at} of {} figures are drawn; `nullsweep figures {}` draws them all",
                figures.len(),
                source.dir.display()
            ));
            break;
        }
        match set::write(spec, source, formats) {
            Ok(files) => drawing.drawn.push(files),
            Err(error) => {
                note(&format!("error: {error}"));
                drawing.failed.push(error.to_string());
            }
        }
    }
    drawing
}

impl Drawing {
    /// Writes report.html with the figures that were drawn and, drawn in memory, those that were not asked for.
    fn report(
        &mut self,
        config: &Config,
        manifest: &Manifest,
        source: &Source<'_>,
        others: &[&FigureSpec],
        note: &impl Fn(&str),
    ) {
        if self.left > 0 {
            return;
        }
        let dir = source.dir;
        let on_the_page = |spec: &FigureSpec| {
            let drawn = self.drawn.iter().find(|figure| figure.id == spec.id).map(|figure| figure.svg.clone());
            let is_other = || others.iter().any(|other| other.id == spec.id);
            let svg = drawn.or_else(|| is_other().then(|| set::preview(spec, source).ok()).flatten())?;
            let files = Format::ALL.map(|format| format!("{FIGURES_FOLDER}/{}.{}", spec.id, format.extension()));
            let files = files.into_iter().filter(|file| dir.join(file).exists()).collect();
            Some(report::Figure { id: spec.id.clone(), svg, files })
        };
        let figures: Vec<_> = config.figures.iter().filter_map(on_the_page).collect();
        match report::write(dir, manifest, &figures) {
            Ok(()) => self.has_report = true,
            Err(error) => {
                note(&format!("error: {REPORT_FILE}: {error}"));
                self.failed.push(error.to_string());
            }
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match (self.failed.is_empty(), self.left) {
            (_, 1..) => Exit::Interrupted,
            (false, 0) => Exit::FailedRows,
            (true, 0) => Exit::Ok,
        }
    }

    /// A line a figure.
    pub(super) fn to_text(&self) -> String {
        let line = |figure: &FigureFiles| {
            let notes = if figure.notes.is_empty() { String::new() } else { format!(" ({})", figure.notes.join("; ")) };
            let extensions: Vec<_> = figure.files.iter().filter_map(|file| file.extension()?.to_str()).collect();
            let stem = figure.files.first().map_or_else(PathBuf::new, |file| file.with_extension(""));
            format!("  {}.{{{}}}{notes}", stem.display(), extensions.join(","))
        };
        let report = self.has_report.then(|| format!("  {REPORT_FILE}"));
        self.drawn.iter().map(line).chain(report).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn to_json(&self) -> Value {
        let figure = |figure: &FigureFiles| {
            let files: Vec<String> = figure.files.iter().map(|file| file.display().to_string()).collect();
            json!({ "id": figure.id, "files": files, "notes": figure.notes })
        };
        json!({
            "figures": self.drawn.iter().map(figure).collect::<Vec<_>>(),
            "failed_figures": self.failed,
            "report": self.has_report.then_some(REPORT_FILE),
        })
    }
}

fn check(args: &Args, source: &Source<'_>, figures: &[&FigureSpec], formats: &[Format]) -> Result<Exit, Failure> {
    let (mut compared, mut differences, mut failed) = (0, Vec::new(), Vec::new());
    for spec in figures {
        match set::check(spec, source, formats) {
            Ok((count, found)) => {
                compared += count;
                differences.extend(found);
            }
            Err(error) => {
                output::note(&format!("error: {error}"));
                failed.push(error.to_string());
            }
        }
    }
    if args.json {
        let difference = |difference: &Difference| json!({ "file": difference.file.display().to_string(), "what": word(difference.what) });
        output::json(&json!({
            "folder": args.dir.display().to_string(),
            "compared": compared,
            "differences": differences.iter().map(difference).collect::<Vec<_>>(),
            "failed_figures": failed,
        }))?;
    } else {
        let mut lines: Vec<String> = differences
            .iter()
            .map(|difference| format!("{}: {}", difference.file.display(), sentence(difference.what)))
            .collect();
        lines.push(match differences.len() {
            0 => format!("all {compared} files are as they would be drawn now"),
            count => format!(
                "{count} of {compared} files differ; `nullsweep figures {}` draws them anew",
                args.dir.display()
            ),
        });
        output::data(&lines.join("\n"))?;
    }
    Ok(match (differences.is_empty(), failed.is_empty()) {
        (false, _) => Exit::Different,
        (true, false) => Exit::FailedRows,
        (true, true) => Exit::Ok,
    })
}

fn word(differs: Differs) -> &'static str {
    match differs {
        Differs::Missing => "missing",
        Differs::Changed => "changed",
    }
}

fn sentence(differs: Differs) -> &'static str {
    match differs {
        Differs::Missing => "is missing",
        Differs::Changed => "is not what the tables and the config give",
    }
}
