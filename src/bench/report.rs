//! A finished benchmark: its two tables, its figures, and everything together as JSON.

use serde_json::{Map, Value as Json, json};

use super::crossover::{Crossover, crossovers};
use super::figure::charts;
use super::part::Path;
use super::plan::{Plan, Shape};
use super::rows::{SampleRow, SummaryRow};
use super::subject::Sides;
use super::summary::summarize;
use crate::engine::Route;
use crate::figure::draw::{Format, Picture};
use crate::figure::error::FigureError;
use crate::linalg::instruction_set;
use crate::measure::table::{Schema, Value};
use crate::record::{csv_line, publish};

/// Every sample.
pub const SAMPLES_FILE: &str = "bench.csv";
/// One row a point.
pub const SUMMARY_FILE: &str = "bench-summary.csv";
/// Machine, settings, summary and crossovers.
pub const BENCH_FILE: &str = "bench.json";

/// What figures are drawn as: the numbers, for papers, for the web, for slides.
const FORMATS: [Format; 4] = [Format::Csv, Format::Pdf, Format::Svg, Format::Png];

/// What a benchmark found, and on what.
pub struct Report {
    /// As they were taken.
    pub samples: Vec<SampleRow>,
    /// One a point.
    pub summary: Vec<SummaryRow>,
    /// Where the paths cross; none without a GPU path.
    pub crossovers: Vec<Crossover>,
    /// One line a path: engine, instructions or adapter.
    pub engines: Vec<(Path, String)>,
    /// The GPU kernels that serve each shape with V, in the order of the plan; none without a GPU path.
    pub kernels: Vec<(Shape, String)>,
    /// Report of the GPU path's adapter, or null.
    pub adapter: Json,
    /// Whether that adapter is a program on the CPU.
    pub software: bool,
    /// Why there is no GPU path, where one might have been expected.
    pub note: Option<String>,
    settings: Json,
}

impl Report {
    /// The `samples` of `plan` on `sides`, summarized. `command` is the command line.
    pub fn new(plan: &Plan, sides: &Sides, samples: Vec<SampleRow>, command: &[String]) -> Self {
        let single = sides.gpu.as_ref().is_some_and(|side| side.engine.route() == Route::GpuF32);
        let summary = summarize(&samples, if single { 4.0 } else { 8.0 });
        Self {
            crossovers: crossovers(&summary),
            summary,
            samples,
            engines: sides.all().map(|side| (side.path, side.engine.describe())).collect(),
            kernels: plan.shapes().filter_map(|shape| Some((shape, sides.kernels_for(shape)?))).collect(),
            adapter: sides.gpu.as_ref().map_or(Json::Null, |side| side.adapter.clone()),
            software: sides.gpu_is_software(),
            note: sides.note.clone(),
            settings: json!({
                "command": command,
                "design": format!("{:?}", plan.design),
                "seeding": format!("{:?}", plan.seeding),
                "samples": plan.samples,
                "precision": plan.precision.to_string(),
                "rtol": plan.rtol,
                "threads": rayon::current_num_threads(),
            }),
        }
    }

    /// Everything but the single samples.
    pub fn to_json(&self) -> Json {
        let engine = |path| self.engines.iter().find(|(of, _)| *of == path).map(|(_, engine)| engine.as_str());
        let summary: Vec<Json> =
            self.summary.iter().map(|row| object(&SummaryRow::SCHEMA, row.clone().values())).collect();
        let kernels: Map<String, Json> =
            self.kernels.iter().map(|(shape, kernels)| (shape.to_string(), kernels.as_str().into())).collect();
        json!({
            "program": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
            "machine": {
                "os": std::env::consts::OS,
                "arch": std::env::consts::ARCH,
                "instructions": instruction_set(),
                "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            },
            "settings": self.settings,
            "cpu": engine(Path::Cpu),
            "gpu": engine(Path::Gpu),
            "software_adapter": self.software,
            "kernels": kernels,
            "adapter": self.adapter,
            "note": self.note,
            "summary": summary,
            "crossovers": self.crossovers,
            "files": self.files(),
        })
    }

    /// Names of the files, in the order in which they are written.
    pub fn files(&self) -> Vec<String> {
        let tables = [SAMPLES_FILE, SUMMARY_FILE].map(str::to_owned).into_iter();
        let figures = charts(&self.summary, self.software)
            .into_iter()
            .flat_map(|chart| FORMATS.map(|format| file(&chart.id, format)));
        tables.chain(figures).chain([BENCH_FILE.to_owned()]).collect()
    }

    /// Writes the files into `folder`, which is there (see [`crate::record::prepare_folder`]); each appears whole, in place of an older one.
    ///
    /// # Errors
    /// [`FigureError`]: of a file that cannot be written, or a figure that cannot be drawn.
    pub fn write(&self, folder: &std::path::Path) -> Result<(), FigureError> {
        let samples = self.samples.iter().cloned().map(SampleRow::values).collect::<Vec<_>>();
        publish(folder, SAMPLES_FILE, &csv(&SampleRow::SCHEMA, &samples))?;
        let summary = self.summary.iter().cloned().map(SummaryRow::values).collect::<Vec<_>>();
        publish(folder, SUMMARY_FILE, &csv(&SummaryRow::SCHEMA, &summary))?;
        for chart in charts(&self.summary, self.software) {
            let picture = Picture::new(&chart);
            for format in FORMATS {
                publish(folder, &file(&chart.id, format), &picture.draw(format)?)?;
            }
        }
        // Indented, for people look into it too.
        let text = format!("{:#}\n", self.to_json());
        publish(folder, BENCH_FILE, text.as_bytes())?;
        Ok(())
    }
}

fn file(figure: &str, format: Format) -> String {
    format!("{figure}.{}", format.extension())
}

fn csv(schema: &Schema, rows: &[Vec<Value>]) -> Vec<u8> {
    let names: Vec<&str> = schema.columns.iter().map(|column| column.name).collect();
    let mut bytes = (names.join(",") + "\n").into_bytes();
    for row in rows {
        bytes.extend(csv_line(row));
    }
    bytes
}

/// A row as a JSON object; what is missing is null.
fn object(schema: &Schema, values: Vec<Value>) -> Json {
    let value = |value| match value {
        Value::Missing => Json::Null,
        Value::Int(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Text(value) => value.into(),
        Value::Words(value) => value.into(),
    };
    let fields: Map<String, Json> =
        schema.columns.iter().zip(values).map(|(column, field)| (column.name.to_owned(), value(field))).collect();
    Json::Object(fields)
}
