//! Dense kernels, generic over the scalar: the same code in f32, f64 and double-double.

mod columns;
mod scalar;

pub use columns::Columns;
pub use scalar::{Scalar, norm};
