//! nullsweep: batch experiments on linear models.

pub mod audit;
pub mod certify;
pub mod cli;
pub mod config;
pub mod data;
pub mod decomposition;
pub mod design;
pub mod diagnose;
pub mod engine;
pub mod grid;
pub mod linalg;
pub mod matrix;
pub mod measure;
pub mod plan;
pub mod record;
pub mod rng;
pub mod run;
pub mod verify;
