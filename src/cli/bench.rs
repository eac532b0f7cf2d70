//! `nullsweep bench`: the CPU path against the GPU path, and each against its parts.

use std::path::PathBuf;

use super::progress::Verbosity;
use super::run::use_threads;
use super::{Exit, Failure, output};
use crate::bench::{self, BenchError, Extent, Plan, Report, Shape, Sides};
use crate::config::Config;
use crate::engine::gpu::Preference;
use crate::engine::{Device, Precision};
use crate::record::prepare_folder;

/// Samples of every part unless asked otherwise: enough for an interval of the median.
const DEFAULT_SAMPLES: usize = 11;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Take design, target, seed and shapes from this config instead of Gaussian matrices of a few shapes
    config: Option<PathBuf>,
    /// Shapes n x d to measure; of a config, those of its shapes
    #[arg(long, value_name = "NxD,...", value_delimiter = ',')]
    shapes: Vec<Shape>,
    /// Matrices in one call
    #[arg(long, value_name = "COUNT,...", value_delimiter = ',')]
    batch: Vec<u32>,
    /// The GPU path: auto (a real GPU if there is one), cpu (none), gpu or gpu:INDEX
    #[arg(long, value_parser = parse::<Device>)]
    device: Option<Device>,
    /// Precision of the GPU path: auto (f32, finished by the CPU), f32, df32 or f64
    #[arg(long, value_parser = parse::<Precision>)]
    precision: Option<Precision>,
    /// Jacobi kernel of the GPU path: auto (by shape), thread, subgroup, workgroup, block or round
    #[arg(long, value_parser = parse::<Preference>, default_value_t)]
    kernel: Preference,
    /// Measured samples of every part
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_SAMPLES)]
    samples: usize,
    /// Threads of the CPU; as many as there are cores unless given
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    /// Folder of bench.csv, bench-summary.csv, bench.json and the figures
    #[arg(long, value_name = "DIR", default_value = "results/bench")]
    out: PathBuf,
    /// Print bench.json instead of text
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

fn parse<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T, String> {
    text.parse()
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let verbosity = if args.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let say = |text: &str| {
        if verbosity == Verbosity::Normal {
            output::note(text);
        }
    };
    use_threads(args.threads)?;
    let config = args.config.as_deref().map(|path| Config::load(path, &[])).transpose();
    let config = config.map_err(|errors| Failure::usage(errors.to_string()))?;
    // Whatever is wrong with the numbers is said before a device is looked for.
    plan(args, config.as_ref(), Extent::Full)?;
    let engine = config.as_ref().map(|config| config.engine);
    let device = args.device.or(engine.map(|engine| engine.device)).unwrap_or(Device::Auto);
    let precision = args.precision.or(engine.map(|engine| engine.precision)).unwrap_or(Precision::Auto);
    let sides = Sides::open(device, precision, args.kernel)?;
    let extent = if sides.gpu_is_software() { Extent::Software } else { Extent::Full };
    let plan = Plan { precision, ..plan(args, config.as_ref(), extent)? };
    check_kernel(args.kernel, &plan, &sides)?;

    // A folder that cannot be had is said before a minute is spent on what was to go there.
    prepare_folder(&args.out).map_err(|error| Failure::usage(error.to_string()))?;

    let samples = bench::run(&plan, &sides, |what| say(&format!("measuring {what}")));
    let samples = samples.map_err(|error| match error {
        BenchError::Design { .. } => Failure::usage(error.to_string()),
        BenchError::Engine(_) | BenchError::Threads(_) => Failure::failed(error.to_string()),
    })?;
    let command: Vec<String> = std::env::args().collect();
    let report = Report::new(&plan, &sides, samples, &command);
    report.write(&args.out).map_err(|error| Failure::failed(error.to_string()))?;
    if args.json {
        output::json(&report.to_json())?;
    } else if verbosity == Verbosity::Normal {
        output::data(&format!(
            "{}\n\nevery sample: {}",
            report.to_text(),
            args.out.join(bench::SAMPLES_FILE).display()
        ))?;
    }
    Ok(Exit::Ok)
}

/// Refuses a kernel that does not serve every shape: another one's times under its name would mislead.
fn check_kernel(asked: Preference, plan: &Plan, sides: &Sides) -> Result<(), Failure> {
    if asked == Preference::ByShape {
        return Ok(());
    }
    for shape in plan.shapes() {
        let Some(kernels) = sides.kernels_for(shape) else {
            return Err(Failure::usage(format!("--kernel {asked}: there is no GPU path; give --device gpu")));
        };
        if !asked.is_met_by(&kernels) {
            return Err(Failure::usage(format!(
                "--kernel {asked}: on this adapter {shape} is served by {kernels} at precision {}; choose other --shapes \
                 (docs/gpu.md says which kernel takes which)",
                plan.precision
            )));
        }
    }
    Ok(())
}

/// The plan that the arguments ask for, with the defaults of `extent` for what they leave open.
fn plan(args: &Args, config: Option<&Config>, extent: Extent) -> Result<Plan, Failure> {
    let batches = if args.batch.is_empty() { extent.batches() } else { &args.batch };
    let plan = match config {
        Some(config) => Plan::of_config(config, &args.shapes, batches, args.samples),
        None if args.shapes.is_empty() => Plan::gaussian(extent.shapes(), batches, args.samples),
        None => Plan::gaussian(&args.shapes, batches, args.samples),
    };
    plan.map_err(|error| Failure::usage(error.to_string()))
}
