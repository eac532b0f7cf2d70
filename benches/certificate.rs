//! What certainty costs on the CPU: every step of the ladder against the plain factorization, per shape, and how often
//! each step is taken as one column of X approaches another.
//!
//! ```text
//! cargo bench --bench certificate                       # both tables, as Markdown
//! cargo bench --bench certificate -- cost 32x16 64x32   # the first, for these shapes
//! cargo bench --bench certificate -- routes
//! ```
//!
//! One thread. The steps of a shape are timed in turn, round after round, so that a slow moment of the machine hits all
//! of them alike; the medians over the rounds are what is printed.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use nullsweep::certify::{Ladder, Status, certify, enclose};
use nullsweep::design::{DesignSpec, TargetSpec, Weights, build};
use nullsweep::engine::{Route, Vectors, cpu};
use nullsweep::grid::{Seeding, Trial};
use nullsweep::linalg::{Columns, Dd, instruction_set};
use nullsweep::matrix::Matrix;

const SHAPES: [(usize, usize); 5] = [(6, 12), (32, 16), (64, 32), (128, 64), (512, 256)];
const SEED: u64 = 2;
/// A median needs an odd number.
const ROUNDS: usize = 31;
/// A step is repeated over so many matrices that one sample takes longer than this: a thousand times what the clock resolves,
/// and less than a slice of the scheduler, so that most samples are undisturbed where others use the machine too.
const SAMPLE_SECONDS: f64 = 5e-4;

fn main() -> ExitCode {
    // `cargo bench` hands every benchmark the option `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            cost_table(&SHAPES);
            println!();
            route_table();
        }
        ["cost"] => cost_table(&SHAPES),
        ["cost", shapes @ ..] => match shapes.iter().map(|shape| parse_shape(shape)).collect::<Option<Vec<_>>>() {
            Some(shapes) => cost_table(&shapes),
            None => return usage(),
        },
        ["routes"] => route_table(),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo bench --bench certificate [-- cost [NxD...] | routes]");
    ExitCode::from(2)
}

/// `32x16` -> (32, 16), neither of them 0.
fn parse_shape(text: &str) -> Option<(usize, usize)> {
    let (n, d) = text.split_once('x')?;
    let (n, d) = (n.parse().ok()?, d.parse().ok()?);
    (n > 0 && d > 0).then_some((n, d))
}

/// A step of the ladder, applied to one matrix and the V that the f64 engine found for it.
struct Step {
    name: &'static str,
    work: fn(&Matrix, &Columns<f64>),
}

/// The step that all others are compared with.
const REFERENCE: &str = "values and V";

const STEPS: [Step; 5] = [
    Step { name: "values only", work: |x, _| drop(black_box(cpu::factor(x, Vectors::None))) },
    Step { name: REFERENCE, work: |x, _| drop(black_box(cpu::factor(x, Vectors::Right))) },
    Step { name: "enclosure", work: |x, v| drop(black_box(enclose(x, v))) },
    Step { name: "spectrum of X'X", work: |x, _| drop(black_box(cpu::gram_spectrum(x))) },
    Step { name: "double-double", work: |x, v| double_double(x, v) },
];

/// The last rung: V refined in double-double, and the enclosure from it.
fn double_double(x: &Matrix, v: &Columns<f64>) {
    let refined = cpu::refine::<Dd>(x, v, Route::CpuDd);
    black_box(enclose(x, &refined.v));
}

fn cost_table(shapes: &[(usize, usize)]) {
    println!(
        "Microseconds a matrix ({}, one thread); in brackets, as a multiple of \"{REFERENCE}\".\n",
        instruction_set()
    );
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    println!("| n x d | {} | certified / uncertified |", names.join(" | "));
    println!("|---|{}---|", "---:|".repeat(STEPS.len()));
    for &(n, d) in shapes {
        let seconds = seconds_per_matrix(n, d);
        let of = |name: &str| STEPS.iter().position(|step| step.name == name).map_or(f64::NAN, |k| seconds[k]);
        let reference = of(REFERENCE);
        let cell = |seconds: &f64| format!("{} ({:.2})", three_digits(seconds * 1e6), seconds / reference);
        let cells: Vec<String> = seconds.iter().map(cell).collect();
        let certified = (reference + of("enclosure")) / reference;
        println!("| {n}x{d} | {} | {certified:.2} |", cells.join(" | "));
    }
}

/// Median seconds of each step, one per entry of [`STEPS`].
fn seconds_per_matrix(n: usize, d: usize) -> [f64; STEPS.len()] {
    // Several matrices, because the number of Jacobi sweeps is a property of each.
    let matrices: Vec<Matrix> = (0..8).map(|replicate| matrix(&DesignSpec::Gaussian, n, d, None, replicate)).collect();
    let problems: Vec<(&Matrix, Columns<f64>)> =
        matrices.iter().filter_map(|x| Some((x, cpu::factor(x, Vectors::Right).v?))).collect();
    let lengths: [usize; STEPS.len()] = std::array::from_fn(|k| {
        let mut length = 1;
        while sample(&STEPS[k], &problems, 0, length) < SAMPLE_SECONDS {
            length *= 2;
        }
        length
    });
    let mut samples: [Vec<f64>; STEPS.len()] = Default::default();
    for round in 0..ROUNDS {
        for (k, step) in STEPS.iter().enumerate() {
            samples[k].push(sample(step, &problems, round, lengths[k]) / lengths[k] as f64);
        }
    }
    samples.map(median)
}

/// Seconds of a step applied to `length` problems in turn, the first being number `start`.
fn sample(step: &Step, problems: &[(&Matrix, Columns<f64>)], start: usize, length: usize) -> f64 {
    let watch = Instant::now();
    for (x, v) in problems.iter().cycle().skip(start % problems.len()).take(length) {
        (step.work)(black_box(x), black_box(v));
    }
    watch.elapsed().as_secs_f64()
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// Three significant digits without an exponent.
fn three_digits(x: f64) -> String {
    let decimals = if x < 10.0 { 2 } else { usize::from(x < 100.0) };
    format!("{x:.decimals$}")
}

/// How the rows of a collinear sweep came about, with the ladder and the default `rtol`.
fn route_table() {
    const RTOL: f64 = 1e-6;
    const REPLICATES: usize = 50;
    const CELLS: [(usize, usize); 3] = [(50, 10), (64, 32), (200, 20)];
    println!("Rows by last rung and status: design `collinear`, seed {SEED}, {REPLICATES} replicates of each of");
    println!("{CELLS:?}, precision auto, rtol {RTOL:e}.\n");
    println!("| epsilon | cpu-f64 | cpu-dd | ok | wide | unresolved | largest half-width |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for exponent in 2..=14 {
        let epsilon = 10.0_f64.powi(-exponent);
        let (mut in_f64, mut in_dd, mut by_status, mut widest) = (0, 0, [0; 3], 0.0_f64);
        for (n, d) in CELLS {
            for replicate in 0..REPLICATES {
                let x = matrix(&DesignSpec::Collinear, n, d, Some(epsilon), replicate);
                let certified = certify(&x, cpu::factor(&x, Vectors::Right), Ladder::Climb { rtol: RTOL }, RTOL);
                match certified.factors.route {
                    Route::CpuDd => in_dd += 1,
                    _ => in_f64 += 1,
                }
                match certified.status {
                    Status::Ok => by_status[0] += 1,
                    Status::Wide => by_status[1] += 1,
                    Status::Unresolved | Status::Failed => by_status[2] += 1,
                }
                widest = widest.max(certified.enclosure.relative_half_width(d - 1));
            }
        }
        let [ok, wide, unresolved] = by_status;
        let share = |count: i32| format!("{:.0} %", f64::from(count) / f64::from(in_f64 + in_dd) * 100.0);
        let shares: Vec<String> = [in_f64, in_dd, ok, wide, unresolved].map(share).to_vec();
        println!("| 1e-{exponent} | {} | {widest:.0e} |", shares.join(" | "));
    }
}

/// X of one trial, drawn as a run draws it.
fn matrix(design: &DesignSpec, n: usize, d: usize, epsilon: Option<f64>, replicate: usize) -> Matrix {
    let replicate = u32::try_from(replicate).expect("a handful of replicates");
    let trial = Trial { index: 0, cell: 0, n, d, epsilon, replicate };
    let target = TargetSpec::Model { weights: Weights::Normal, noise: 0.1, features: None };
    build(design, &target, Seeding::Keyed(SEED), &trial).expect("these designs take every shape").x
}
