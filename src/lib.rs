//! nullsweep: batch experiments on linear models, with singular values that are certain.
//!
//! From a TOML config it sweeps settings (n, d, epsilon, lambda, delta, alpha) of linear models y = X w + noise, computes
//! a singular value decomposition of every X by one-sided Jacobi on the CPU or a GPU, encloses every singular value in
//! an interval that provably contains it, and writes tables. The command line is in [`cli`]; the guide for users is
//! README.md.
//!
//! # The house in one page
//!
//! ```text
//! TOML -- config --> Config: design, target, grid, tables, engine
//!                      |
//!   grid            cells x replicates -> Trial (one X, shared by every lambda, delta and alpha), dealt out to shards
//!   design, rng     Trial -> Problem (X, y, w), bit for bit what NumPy would draw
//!   engine          &[&Matrix] -> Factors (sigma, V): engine::cpu in f64, engine::gpu in f32, df32 or f64
//!   certify         (X, V) -> Enclosure of every sigma; climbs to f64 and double-double where it is too wide
//!   decomposition   (X, sigma, V) -> ThinSvd, from which solutions and projections follow
//!   measure         Observation -> rows: one file per table, no engine, no config, no file
//!   record          rows -> journal -> tables (CSV, Parquet), summary, manifest; resume, merge, lock, atomic files
//!   reading         tables -> rows as points of expressions, for figure, deviation and expectation
//!   figure          tables -> charts -> PDF, SVG, PNG, TikZ, with the numbers beside them
//!   deviation       laws of theory, tables -> theory.csv: measured against proved, in standard errors
//!   expectation     [[expect]] of the config, tables -> expectations.csv: measured against what its author says
//!   report          all of it -> report.html, one page
//!   run             the one orchestrator: chunk by chunk through all of the above
//! ```
//!
//! [`cluster`] cuts that path into shards for many machines: a plan, parts, and whoever starts the processes.
//!
//! Beside that path: [`plan`] says what a run would do, [`mod@bench`] how fast its parts are, [`reuse`] which trials a changed
//! config leaves as they are, [`verify`] and [`audit`] ask nalgebra for a second opinion, [`example`] works through the
//! textbook examples that the project grew out of, [`data`] reads matrices of one's own, and [`linalg`] has the dense
//! kernels, generic over f32, f64 and double-double. [`expression`] is the language of every `where`.
//!
//! Who knows whom: `design`, `engine`, `certify` and `measure` never see a config, a file or the command line; only `run`
//! and `cli` know everybody. Only `config` uses the toml crate, only `engine::gpu` uses wgpu.
//!
//! What may be relied upon: a row's enclosure contains the exact value for the stored X, or the row says `unresolved`; a
//! run killed at any instant goes on to the same bytes; the same config gives the same bytes on any thread count, chunk
//! size and number of shards.

pub mod audit;
pub mod bench;
pub mod certify;
pub mod cli;
pub mod cluster;
pub mod comparison;
pub mod config;
pub mod data;
pub mod decomposition;
pub mod design;
pub mod deviation;
pub mod diagnose;
pub mod engine;
pub mod example;
pub mod expectation;
pub mod expression;
pub mod figure;
pub mod finished;
pub mod grid;
pub mod linalg;
pub mod matrix;
pub mod measure;
pub mod plan;
mod printable;
pub mod reading;
pub mod record;
pub mod report;
pub mod reuse;
pub mod rng;
pub mod run;
mod spelling;
mod statistics;
pub mod theory;
pub mod verify;
