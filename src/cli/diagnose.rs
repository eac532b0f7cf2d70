//! `nullsweep diagnose FILE...`: what is wrong with matrices of one's own.

mod outcome;

use std::path::{Path, PathBuf};

use super::output::Reader;
use super::{Exit, Failure, output};
use crate::certify::Status;
use crate::data::{self, ColumnRef, DataError, Header, ReadOptions};
use crate::diagnose::{Met, Report, Settings, Source, Target, TargetRef, each_file, error_line, json_line};
use crate::engine::select::select;
use crate::engine::{Device, EngineError, Precision};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Matrices, one row per observation: .csv or .npy
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What the columns are to explain: a column of every file, by name or position from 1, or a .csv or .npy file
    #[arg(long, value_name = "COLUMN|FILE")]
    target: Option<String>,
    /// Ridge penalties to solve for; 0 is the minimum-norm least-squares solution
    #[arg(long, value_name = "L,...", value_delimiter = ',', requires = "target", default_value = "0")]
    #[arg(value_parser = penalty, allow_negative_numbers = true)]
    lambda: Vec<f64>,
    /// The columns of X, by name or position from 1; all but the target unless given
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// What separates the fields of a CSV line; `tab` for a tabulator
    #[arg(long, value_name = "C", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    /// Whether the first CSV line names the columns
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = header)]
    header: Header,
    /// Where to compute: auto, cpu, gpu or gpu:INDEX
    #[arg(long, default_value = "auto")]
    device: Device,
    /// In which precision: auto, f32, df32 or f64
    #[arg(long, default_value = "auto")]
    precision: Precision,
    /// Wanted relative half-width of the enclosure of sigma_min
    #[arg(long, default_value = "1e-6", value_parser = half_width)]
    rtol: f64,
    /// Print one JSON object a line, one line per file
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    outcome: outcome::Args,
}

/// Why the work ends before the last file.
enum End {
    Failure(Failure),
    /// Nobody reads the rest.
    ReaderGone,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<EngineError> for End {
    fn from(error: EngineError) -> Self {
        Self::Failure(Failure::failed(error.message))
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let source = source(args)?;
    let settings = Settings {
        precision: args.precision,
        rtol: args.rtol,
        lambdas: args.lambda.clone(),
        ridge: args.outcome.ridge(),
    };
    let selected = select(args.device, args.precision)?;
    if let Some(note) = selected.note.filter(|_| !args.json) {
        output::note(&note);
    }
    let mut folders = args.outcome.folders(&args.files)?;
    let (mut exit, mut gap) = (Exit::Ok, "");
    let ended = each_file(&args.files, &source, selected.engine.as_ref(), &settings, |path, result| {
        if result.as_ref().map_or(true, |report| report.status == Status::Failed) {
            exit = Exit::FailedRows;
        }
        let shown = Shown::new(path, &result, &args.outcome)?;
        if !shown.met.is_empty() {
            exit = Exit::FailedRows;
        }
        folders.write(
            result.as_ref().ok().zip(shown.text.as_ref().ok()).map(|(report, text)| (report, &*shown.json, &**text)),
        )?;
        match shown.offer(args.json, std::mem::replace(&mut gap, "\n")) {
            Ok(Reader::Listening) => Ok(()),
            Ok(Reader::Gone) => Err(End::ReaderGone),
            Err(failure) => Err(End::Failure(failure)),
        }
    });
    match ended {
        Ok(()) | Err(End::ReaderGone) => Ok(exit),
        Err(End::Failure(failure)) => Err(failure),
    }
}

/// A file's report in both forms, or why there is none.
struct Shown {
    json: String,
    /// Nothing for a file that could not be diagnosed: that is an error, not a report.
    text: Result<String, String>,
    met: Vec<Met>,
}

impl Shown {
    fn new(path: &Path, result: &Result<Report, DataError>, outcome: &outcome::Args) -> Result<Self, Failure> {
        let file = path.display().to_string();
        match result {
            Ok(report) => {
                let met = outcome.met(path, report);
                let json = json_line(&file, report, &met).map_err(|error| Failure::failed(error.to_string()))?;
                Ok(Self { json, text: Ok(report.to_text(&file)), met })
            }
            Err(error) => {
                let error = error.to_string();
                Ok(Self { json: error_line(&file, &error), text: Err(error), met: Vec::new() })
            }
        }
    }

    /// `gap` keeps a report apart from the one before.
    fn offer(&self, json: bool, gap: &str) -> Result<Reader, Failure> {
        match &self.text {
            _ if json => output::offer(&self.json),
            Ok(text) => output::offer(&format!("{gap}{text}")),
            Err(error) => {
                output::note(&format!("error: {error}"));
                Ok(Reader::Listening)
            }
        }
    }
}

fn source(args: &Args) -> Result<Source, Failure> {
    let columns = args.columns.as_ref().map(|names| names.iter().map(|name| column(name)).collect());
    let options = ReadOptions { delimiter: args.delimiter, header: args.header, columns };
    let target = args.target.as_deref().map(|target| self::target(target, &options)).transpose()?;
    Ok(Source { options, target })
}

/// A name that ends like a file is one; its values serve every matrix, so that it must be readable before all else.
fn target(text: &str, options: &ReadOptions) -> Result<TargetRef, Failure> {
    let path = Path::new(text);
    let is_file = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv") || extension.eq_ignore_ascii_case("npy"));
    if !is_file {
        return Ok(TargetRef::Column(column(text)));
    }
    let options = ReadOptions { columns: None, ..options.clone() };
    let y = data::read_vector(path, &options).map_err(|error| Failure::usage(format!("--target {error}")))?;
    Ok(TargetRef::Given(Target { name: text.to_owned(), y }))
}

/// No number can be a name in a header that was found by itself, so a number is a position.
fn column(text: &str) -> ColumnRef {
    text.parse().map_or_else(|_| ColumnRef::Name(text.to_owned()), ColumnRef::Position)
}

fn penalty(text: &str) -> Result<f64, String> {
    number(text, |lambda| lambda >= 0.0 && lambda.is_finite(), "give numbers of at least 0, separated by commas")
}

fn half_width(text: &str) -> Result<f64, String> {
    number(text, |rtol| 0.0 < rtol && rtol < 1.0, "give a number between 0 and 1, both excluded")
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, remedy: &str) -> Result<f64, String> {
    text.trim().parse().ok().filter(|&x| allowed(x)).ok_or_else(|| remedy.to_owned())
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[byte] => Ok(byte),
        _ => Err("give one ASCII character, such as ';', or `tab`".to_owned()),
    }
}

fn header(text: &str) -> Result<Header, String> {
    let found = Header::NAMES.into_iter().find(|(name, _)| *name == text);
    found.map(|(_, header)| header).ok_or_else(|| "allowed: auto, yes, no".to_owned())
}
