//! NumPy's NPY format, versions 1.0 to 3.0: real floating-point and integer arrays of one or two dimensions.
//!
//! Source: NumPy Enhancement Proposal 1 (R. Kern, 2007) and `numpy.lib.format`.

mod header;

use std::io::SeekFrom;

use super::choice::{Plan, Role};
use super::error::{Cause, Fault, too_many_entries};
use super::input::{Input, ReadSeek, unreadable};
use super::rows::Chunk;
use super::{MAX_ENTRIES, MissingRows, ReadOptions, Shape};
use crate::matrix::Matrix;
use header::{Element, Endian, Header, Number, Order};

/// An array whose header is known.
#[derive(Clone, Debug)]
pub(super) struct Npy {
    rows: usize,
    cols: usize,
    element: Element,
    order: Order,
    /// Where the entries begin.
    offset: u64,
    missing_rows: MissingRows,
}

impl Npy {
    /// Reads the header of `input`; a one-dimensional array is a column, where a vector is wanted.
    pub(super) fn open(input: &Input<'_>, options: &ReadOptions, shape: Shape) -> Result<Self, Fault> {
        let (header, offset) = header::read(&mut input.open()?)?;
        let (rows, cols) = dimensions(&header, shape)?;
        expect_bytes(&header, rows, cols, input.bytes().saturating_sub(offset))?;
        if cols > MAX_ENTRIES {
            return Err(too_many_entries(cols as u64));
        }
        let Header { element, order, .. } = header;
        Ok(Self { rows, cols, element, order, offset, missing_rows: options.missing.rows })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn cols(&self) -> usize {
        self.cols
    }

    /// Hands all rows to `take` in chunks of about `block_bytes` of the file.
    pub(super) fn each_group(
        &self,
        input: &Input<'_>,
        plan: &Plan,
        (block_bytes, group): (usize, usize),
        take: &mut dyn FnMut(Vec<Chunk>, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut input = input.open()?;
        let row_bytes = self.cols * self.element.bytes();
        let rows_per_chunk = (block_bytes / row_bytes).max(1);
        for group_first in (0..self.rows).step_by(rows_per_chunk.saturating_mul(group)) {
            let end = self.rows.min(group_first.saturating_add(rows_per_chunk.saturating_mul(group)));
            let chunks = (group_first..end).step_by(rows_per_chunk).map(|first| {
                let count = rows_per_chunk.min(end - first);
                self.chunk(&mut *input, plan, first, count)
            });
            take(chunks.collect::<Result<Vec<_>, Fault>>()?, ((end - group_first) * row_bytes) as u64)?;
        }
        Ok(())
    }

    /// Rows `first` .. `first + count`.
    fn chunk(&self, input: &mut dyn ReadSeek, plan: &Plan, first: usize, count: usize) -> Result<Chunk, Fault> {
        let columns = self.columns(input, plan, first, count)?;
        // Entry (i, j) of these rows.
        let entry = |i: usize, j: usize| match self.order {
            Order::C => columns[i * self.cols + j],
            Order::Fortran => columns[j * count + i],
        };
        let wanted = |j: &usize| plan.roles[*j] != Role::Ignored;
        let mut dropped = Vec::new();
        for i in 0..count {
            let Some(j) = (0..self.cols).filter(wanted).find(|&j| !entry(i, j).is_finite()) else { continue };
            let value = entry(i, j);
            if !value.is_nan() || self.missing_rows == MissingRows::Refuse {
                let fault = Fault::new(format!(
                    "holds {value} in row {}, column {}: every entry must be finite; drop or impute the row",
                    first + i + 1,
                    j + 1
                ));
                return Err(if value.is_nan() { fault.because(Cause::Missing) } else { fault });
            }
            dropped.push(i);
        }
        let kept: Vec<usize> = (0..count).filter(|i| dropped.binary_search(i).is_err()).collect();
        let mut x = Matrix::zeros(kept.len(), plan.width);
        let mut y = None;
        for (j, role) in plan.roles.iter().enumerate() {
            match *role {
                Role::Number { at } => kept.iter().enumerate().for_each(|(row, &i)| x[(row, at)] = entry(i, j)),
                Role::Target => y = Some(kept.iter().map(|&i| entry(i, j)).collect()),
                Role::Ignored | Role::Category { .. } => {}
            }
        }
        Ok(Chunk { seen: count, x, y, dropped })
    }

    /// The entries of rows `first` .. `first + count` in the order of the file; those of columns that are ignored may be anything.
    fn columns(&self, input: &mut dyn ReadSeek, plan: &Plan, first: usize, count: usize) -> Result<Vec<f64>, Fault> {
        let mut values = Vec::with_capacity(count * self.cols);
        let ignored = |j: usize| plan.roles[j] == Role::Ignored;
        match self.order {
            Order::C => {
                self.entries(input, first * self.cols, count * self.cols, |at| ignored(at % self.cols), &mut values)?;
            }
            Order::Fortran => {
                for j in 0..self.cols {
                    self.entries(input, j * self.rows + first, count, |_| ignored(j), &mut values)?;
                }
            }
        }
        Ok(values)
    }

    /// Appends the `count` entries of the file from entry `from` on; NaN for one that is `ignored` and no f64.
    fn entries(
        &self,
        input: &mut dyn ReadSeek,
        from: usize,
        count: usize,
        ignored: impl Fn(usize) -> bool,
        values: &mut Vec<f64>,
    ) -> Result<(), Fault> {
        let size = self.element.bytes();
        let place = self.offset + (from * size) as u64;
        input.seek(SeekFrom::Start(place)).map_err(|error| unreadable(&error))?;
        let mut bytes = vec![0; count * size];
        input.read_exact(&mut bytes).map_err(|error| unreadable(&error))?;
        for (at, word) in bytes.chunks_exact_mut(size).enumerate() {
            if self.element.endian == Endian::Big {
                word.reverse();
            }
            match value(self.element.number, word) {
                Ok(value) => values.push(value),
                Err(_) if ignored(at) => values.push(f64::NAN),
                Err(integer) => {
                    return Err(Fault::new(format!(
                        "entry {} of the file, {integer}, is an integer that f64 cannot hold exactly: save x.astype(np.float64)",
                        from + at + 1
                    )));
                }
            }
        }
        Ok(())
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

/// Whether exactly these entries fill the `found` bytes after the header. Nothing is allocated before.
fn expect_bytes(header: &Header, rows: usize, cols: usize, found: u64) -> Result<(), Fault> {
    let count = rows.checked_mul(cols);
    let expected = count.and_then(|count| u64::try_from(count).ok()?.checked_mul(header.element.bytes() as u64));
    match (count, expected) {
        (Some(_), Some(expected)) if expected == found => Ok(()),
        (_, Some(expected)) => Err(Fault::new(format!(
            "is {}: its header promises {rows} x {cols} entries in {expected} bytes, but {found} follow; save it again",
            if found < expected { "truncated" } else { "too long" }
        ))),
        (_, None) => Err(Fault::new(format!(
            "promises {rows} x {cols} entries, more than any file can hold, and {found} bytes follow; save it again"
        ))),
    }
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
