//! Every way in which a driver says no.

use std::fmt;

/// The device could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) message: String,
}

/// What may help against a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The device is gone: another one, opened afresh.
    Lost,
    /// Less at a time.
    OutOfMemory,
    /// Nothing: the driver will say no again.
    Refused,
}

impl Fault {
    pub(super) fn lost(message: impl Into<String>) -> Self {
        Self { kind: FaultKind::Lost, message: message.into() }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { kind: FaultKind::Refused, message: message.into() }
    }

    pub(super) fn of(error: &wgpu::Error) -> Self {
        let kind = match error {
            wgpu::Error::OutOfMemory { .. } => FaultKind::OutOfMemory,
            wgpu::Error::Validation { .. } | wgpu::Error::Internal { .. } => FaultKind::Refused,
        };
        Self { kind, message: format!("device error: {error}") }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
