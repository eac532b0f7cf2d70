//! The words of the two tables.

use crate::engine::Clock;
use crate::measure::table::{Kind, Type, Typed, Value};

/// Which way a batch takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    /// The CPU engine.
    Cpu,
    /// The GPU engine, with the CPU behind it for certificates.
    Gpu,
}

impl Path {
    /// The name that the tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        }
    }
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// One multiplication fused with one addition, as many as the CPU can do.
    Fma,
    /// a = b + s c on vectors that no cache holds.
    Triad,
    /// Finding the adapter, opening the device, testing it.
    Open,
    /// Drawing X, y and w.
    Generate,
    /// Singular values only.
    Values,
    /// Singular values and V, the engine's whole call: on a GPU from matrices in memory to factors in memory.
    Factor,
    /// Of `Factor`: packing and handing matrices to the device.
    Upload,
    /// Of `Factor`: computing, by the device's own clock where it has one.
    Kernel,
    /// Of `Factor`: copying results back.
    Readback,
    /// Enclosing every singular value, climbing the ladder of precisions where the plan allows it.
    Certify,
    /// `Factor` and `Certify` together: what a run pays for a certified matrix.
    Certified,
    /// Spectrum of X'X as formed in working precision.
    Gram,
}

impl Part {
    /// The name that the tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fma => "fma",
            Self::Triad => "triad",
            Self::Open => "open",
            Self::Generate => "generate",
            Self::Values => "values",
            Self::Factor => "factor",
            Self::Upload => "upload",
            Self::Kernel => "kernel",
            Self::Readback => "readback",
            Self::Certify => "certify",
            Self::Certified => "certified",
            Self::Gram => "gram",
        }
    }
}

/// Which of its calls a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The first call: compiles shaders, fills caches.
    Cold,
    /// Further calls before the rounds; they also find how often a sample repeats its work.
    WarmUp,
    /// One sample a round.
    Measured,
}

impl Phase {
    /// The name that the tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::WarmUp => "warm-up",
            Self::Measured => "measured",
        }
    }
}

impl From<Path> for Value {
    fn from(path: Path) -> Self {
        Self::Text(path.name())
    }
}

impl Typed for Path {
    const TYPE: Type = Type::always(Kind::Word);
}

impl From<Part> for Value {
    fn from(part: Part) -> Self {
        Self::Text(part.name())
    }
}

impl Typed for Part {
    const TYPE: Type = Type::always(Kind::Word);
}

impl From<Clock> for Value {
    fn from(clock: Clock) -> Self {
        Self::Text(clock.name())
    }
}

impl Typed for Clock {
    const TYPE: Type = Type::always(Kind::Word);
}

impl From<Phase> for Value {
    fn from(phase: Phase) -> Self {
        Self::Text(phase.name())
    }
}

impl Typed for Phase {
    const TYPE: Type = Type::always(Kind::Word);
}
