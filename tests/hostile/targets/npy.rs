//! NPY files.

use std::path::Path;

use nullsweep::data::{ReadOptions, parse};

/// Reads `data` as an NPY file.
///
/// # Panics
/// If the parser panics, or if it returns what is not finite or more entries than the file has bytes.
pub(crate) fn check(data: &[u8]) {
    match parse(data, Path::new("hostile.npy"), &ReadOptions::default()) {
        Err(error) => assert!(error.to_string().starts_with("hostile.npy:") && !error.message.is_empty(), "{error}"),
        Ok(table) => {
            let (rows, cols) = (table.x.rows(), table.x.cols());
            assert!(rows > 0 && cols > 0 && rows * cols <= data.len(), "{rows} x {cols} from {} bytes", data.len());
            assert!(table.x.first_not_finite().is_none());
        }
    }
}
