//! The scalar types a kernel can be built in, and how an `f64` travels in each.

use std::fmt;

use bytemuck::{Pod, Zeroable};
use serde::Serialize;

use crate::engine::Route;

/// Working type of the device's arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// IEEE binary32; every adapter has it.
    F32,
    /// Pairs of f32, about 46 bits; usable where the startup self-test finds the low words alive.
    Df32,
    /// IEEE binary64; needs the Vulkan feature `SHADER_F64`.
    F64,
}

impl Precision {
    /// All of them, narrowest first.
    pub const ALL: [Self; 3] = [Self::F32, Self::Df32, Self::F64];

    /// The name that configs and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Df32 => "df32",
            Self::F64 => "f64",
        }
    }

    /// u: the kernels' tolerances and the self-test's bounds are multiples of it. For df32 a bound that holds for every
    /// operation (Joldes, Muller & Popescu 2017), not the type's resolution.
    pub fn unit_roundoff(self) -> f64 {
        self.route().unit_roundoff()
    }

    /// The route of a matrix served in this type.
    pub fn route(self) -> Route {
        match self {
            Self::F32 => Route::GpuF32,
            Self::Df32 => Route::GpuDf32,
            Self::F64 => Route::GpuF64,
        }
    }

    pub(super) fn bytes_per_real(self) -> usize {
        match self {
            Self::F32 => size_of::<f32>(),
            Self::Df32 => size_of::<Df32>(),
            Self::F64 => size_of::<f64>(),
        }
    }

    /// Source of the scalar prelude that every kernel template is compiled behind.
    pub(super) fn prelude(self) -> &'static str {
        match self {
            Self::F32 => include_str!("../../../shaders/scalar_f32.wgsl"),
            Self::Df32 => include_str!("../../../shaders/scalar_df32.wgsl"),
            Self::F64 => include_str!("../../../shaders/scalar_f64.wgsl"),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A `real` of the shaders as it lies in a buffer.
pub(super) trait Word: Pod + Send + Sync {
    /// Rounded to nearest.
    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
}

impl Word for f32 {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the working type is the purpose")]
    fn from_f64(x: f64) -> Self {
        x as Self
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Word for f64 {
    fn from_f64(x: f64) -> Self {
        x
    }
    fn to_f64(self) -> f64 {
        self
    }
}

/// `high + low`, the `vec2<f32>` of `scalar_df32.wgsl`.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Df32 {
    high: f32,
    low: f32,
}

impl Word for Df32 {
    fn from_f64(x: f64) -> Self {
        let high = <f32 as Word>::from_f64(x);
        Self { high, low: <f32 as Word>::from_f64(x - f64::from(high)) }
    }
    fn to_f64(self) -> f64 {
        f64::from(self.high) + f64::from(self.low)
    }
}

/// Calls a function generic over [`Word`] with the word of a [`Precision`].
macro_rules! with_word {
    ($precision:expr, $function:ident ( $($argument:expr),* $(,)? )) => {
        match $precision {
            $crate::engine::gpu::precision::Precision::F32 => $function::<f32>($($argument),*),
            $crate::engine::gpu::precision::Precision::Df32 => {
                $function::<$crate::engine::gpu::precision::Df32>($($argument),*)
            }
            $crate::engine::gpu::precision::Precision::F64 => $function::<f64>($($argument),*),
        }
    };
}
pub(super) use with_word;
