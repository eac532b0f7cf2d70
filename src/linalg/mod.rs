//! Dense kernels, generic over the scalar: the same code in f32, f64 and double-double.

mod basis;
mod bidiagonal;
mod cholesky;
mod columns;
mod double_word;
mod instructions;
mod jacobi;
mod lanes;
mod least_squares;
mod lockstep;
mod pairs;
mod product;
mod qr;
mod ridge_path;
mod scalar;
mod spectral;
mod stacked;
mod tiles;
mod tridiagonal;
mod vector;

pub use basis::{inner_products, subtract_combination};
pub use bidiagonal::{TOGETHER, bidiagonal_values};
pub use cholesky::{Cholesky, NotPositiveDefinite};
pub use columns::Columns;
pub use double_word::{Dd, Df32, DoubleWord, Word};
pub(crate) use instructions::vectorized_widest;
pub use instructions::{instruction_set, vectorized};
pub use jacobi::{JacobiReport, one_sided_jacobi};
pub use least_squares::{LeastSquares, Singular, normal_matrix};
pub(crate) use lockstep::Lockstep;
pub use product::{gram, product};
pub use qr::{Pivoting, Qr};
pub use ridge_path::{ErrorBounds, RidgeSolution, ridge_path};
pub use scalar::{Scalar, exponent, power_of_two};
pub use spectral::SpectralLeastSquares;
pub use stacked::fold_rows;
pub use tiles::{as_padded, padded, padded_dot, padded_rows, padded_tall, product_depth, tiled_product, upper_gram};
pub(crate) use tiles::{padded_tall_in, tiled_product_in, upper_gram_in};
pub(crate) use tridiagonal::{
    Entries, ITERATIONS_TOGETHER, NotConverged, ReducedTogether, ReductionRoom, Tridiagonal, Twisted, eigenvalues,
};
pub use vector::{
    LANES, axpy, difference, distance, dot, dot_depth, filled, joined, max_abs, norm, rotate, scale_by_power_of_two,
    sum,
};
