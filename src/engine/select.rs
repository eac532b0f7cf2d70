//! Which engine serves a run.

use std::fmt;
use std::sync::Arc;

use super::cpu::CpuEngine;
use super::gpu::{self, GpuEngine, OpenError, Preference, Selection};
use super::{Device, Engine, Precision};

/// An engine that is ready, with what a person should know about the choice.
pub struct Selected {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// The GPU that it drives, as the manifest records it; `null` for the CPU engine.
    pub adapter: serde_json::Value,
    /// Why it is not the one that might have been expected.
    pub note: Option<String>,
}

/// Why no engine could be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectError {
    /// The device or the precision that was asked for cannot be had on this machine.
    Device(String),
    /// What was asked for makes no sense on any machine.
    Request(String),
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(message) | Self::Request(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for SelectError {}

/// Opens the engine for `device` and `precision`.
///
/// `auto` takes a real GPU where there is one that passes its self-test in the precision asked for, else the CPU engine;
/// never a software adapter. A GPU asked for by name is never replaced by the CPU.
///
/// # Errors
/// [`SelectError`], with the remedy in words.
pub fn select(device: Device, precision: Precision) -> Result<Selected, SelectError> {
    select_preferring(device, precision, Preference::ByShape)
}

/// [`select`], with `preference` among the GPU's kernels.
///
/// # Errors
/// As [`select`].
pub fn select_preferring(
    device: Device,
    precision: Precision,
    preference: Preference,
) -> Result<Selected, SelectError> {
    match device {
        Device::Cpu => match precision {
            Precision::Auto | Precision::F64 => Ok(cpu(None)),
            Precision::F32 | Precision::Df32 => Err(SelectError::Request(format!(
                "precision {precision} is computed on a GPU only: choose device = \"gpu\", or precision = \"auto\" or \
                 \"f64\" for the CPU engine"
            ))),
        },
        Device::Gpu(index) => {
            let selection = index.map_or(Selection::Any, Selection::Index);
            open(selection, precision, preference).map_err(|error| SelectError::Device(error.to_string()))
        }
        Device::Auto => match open(Selection::Auto, precision, preference) {
            Ok(selected) => Ok(selected),
            Err(error) if matches!(precision, Precision::F32 | Precision::Df32) => {
                Err(SelectError::Device(format!("precision {precision} needs a GPU: {error}")))
            }
            Err(OpenError::NoAdapter { software: 0 }) => Ok(cpu(Some("no GPU found: computing on the CPU".to_owned()))),
            Err(OpenError::NoAdapter { .. }) => {
                Ok(cpu(Some("only a software adapter found, which is slower: computing on the CPU".to_owned())))
            }
            Err(error) => Ok(cpu(Some(format!("computing on the CPU: {error}")))),
        },
    }
}

fn cpu(note: Option<String>) -> Selected {
    Selected { engine: Arc::new(CpuEngine), adapter: serde_json::Value::Null, note }
}

fn open(selection: Selection, precision: Precision, preference: Preference) -> Result<Selected, OpenError> {
    let working = match precision {
        // The certificate finds the matrices for which this is not enough, and the CPU finishes those.
        Precision::Auto | Precision::F32 => gpu::Precision::F32,
        Precision::Df32 => gpu::Precision::Df32,
        Precision::F64 => gpu::Precision::F64,
    };
    let engine = GpuEngine::open(selection, working, Arc::new(CpuEngine))?.preferring(preference);
    let adapter = serde_json::to_value(engine.report()).unwrap_or(serde_json::Value::Null);
    Ok(Selected { engine: Arc::new(engine), adapter, note: None })
}
