//! NumPy's NPY format, versions 1.0 to 3.0: real floating-point and integer arrays of one or two dimensions.
//!
//! Source: NumPy Enhancement Proposal 1 (R. Kern, 2007) and `numpy.lib.format`.

mod header;

use std::io::{self, Read};

use super::error::Fault;
use super::{MAX_ENTRIES, Shape, no_memory, too_many_entries};
use crate::matrix::Matrix;
use header::{Element, Endian, Header, Number, Order};

/// The matrix in `input`, which is `bytes` long; a one-dimensional array is a column, where a vector is wanted.
pub(super) fn parse(mut input: impl Read, bytes: u64, shape: Shape) -> Result<Matrix, Fault> {
    let (header, header_bytes) = header::read(&mut input)?;
    let (rows, cols) = dimensions(&header, shape)?;
    let count = expect_bytes(&header, rows, cols, bytes.saturating_sub(header_bytes))?;
    let stored = entries(&mut input, header.element, count)?;
    let x = match header.order {
        Order::C => Matrix::new(rows, cols, stored),
        Order::Fortran => Matrix::new(cols, rows, stored).transposed(),
    };
    match x.first_not_finite() {
        None => Ok(x),
        Some((row, col)) => Err(Fault::new(format!(
            "holds {} in row {}, column {}: every entry must be finite; drop or impute the row",
            x[(row, col)],
            row + 1,
            col + 1
        ))),
    }
}

fn dimensions(header: &Header, shape: Shape) -> Result<(usize, usize), Fault> {
    let (rows, cols) = match (header.shape.as_slice(), shape) {
        (&[rows, cols], _) => (rows, cols),
        (&[rows], Shape::Vector) => (rows, 1),
        (&[rows], Shape::Matrix) => {
            return Err(Fault::new(format!(
                "holds a vector of {rows} where a matrix is wanted: save x.reshape(-1, 1) or x.reshape(1, -1)"
            )));
        }
        (other, _) => {
            return Err(Fault::new(format!("holds an array of {} dimensions: only 1 and 2 can be read", other.len())));
        }
    };
    if rows == 0 || cols == 0 {
        return Err(Fault::new(format!("holds no entries (shape {rows} x {cols}): give at least one row and column")));
    }
    Ok((rows, cols))
}

/// The number of entries, if exactly these fill the `found` bytes after the header. Nothing is allocated before.
fn expect_bytes(header: &Header, rows: usize, cols: usize, found: u64) -> Result<usize, Fault> {
    let count = rows.checked_mul(cols);
    let expected = count.and_then(|count| u64::try_from(count).ok()?.checked_mul(header.element.bytes() as u64));
    match (count, expected) {
        (Some(count), Some(expected)) if expected == found && count <= MAX_ENTRIES => Ok(count),
        (Some(count), Some(expected)) if expected == found => Err(too_many_entries(count)),
        (_, Some(expected)) => Err(Fault::new(format!(
            "is {}: its header promises {rows} x {cols} entries in {expected} bytes, but {found} follow; save it again",
            if found < expected { "truncated" } else { "too long" }
        ))),
        (_, None) => Err(Fault::new(format!(
            "promises {rows} x {cols} entries, more than any file can hold, and {found} bytes follow; save it again"
        ))),
    }
}

fn entries(input: &mut impl Read, element: Element, count: usize) -> Result<Vec<f64>, Fault> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| no_memory(count))?;
    let mut word = [0; 8];
    let word = &mut word[..element.bytes()];
    for at in 0..count {
        input.read_exact(word).map_err(|error| unreadable(&error))?;
        if element.endian == Endian::Big {
            word.reverse();
        }
        values.push(value(element.number, word).map_err(|integer| {
            Fault::new(format!(
                "entry {} of the file, {integer}, is an integer that f64 cannot hold exactly: save x.astype(np.float64)",
                at + 1
            ))
        })?);
    }
    Ok(values)
}

/// The number in `word`, little endian; the integer itself where f64 would round it.
fn value(number: Number, word: &[u8]) -> Result<f64, i128> {
    match number {
        Number::F32 => Ok(f64::from(f32::from_le_bytes(padded(word)))),
        Number::F64 => Ok(f64::from_le_bytes(padded(word))),
        Number::Unsigned { .. } => exact(i128::from(u64::from_le_bytes(padded(word)))),
        Number::Signed { bytes } => {
            // Shifted up and down again, the sign bit of the short word fills the long one.
            let unused = 64 - 8 * u32::from(bytes);
            exact(i128::from(i64::from_le_bytes(padded(word)) << unused >> unused))
        }
    }
}

fn exact(integer: i128) -> Result<f64, i128> {
    let x = integer as f64;
    #[expect(clippy::cast_possible_truncation, reason = "x came from 64 bits, so i128 holds it")]
    let back = x as i128;
    if back == integer { Ok(x) } else { Err(integer) }
}

/// `word` with zeros after it, or its beginning.
fn padded<const N: usize>(word: &[u8]) -> [u8; N] {
    std::array::from_fn(|i| word.get(i).copied().unwrap_or(0))
}

fn unreadable(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::new("ends before its data do: it was cut off; save it again"),
        _ => Fault::new(format!("cannot be read: {error}")),
    }
}
