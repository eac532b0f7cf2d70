//! CSV: UTF-8 with or without a byte order mark, one row a line. Fields may be quoted; blanks around them and
//! blank lines are ignored.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use ::csv::{ByteRecord, ReaderBuilder};

use super::error::{Fault, quoted};
use super::{Header, MAX_ENTRIES, ReadOptions, column, is_delimiter, no_memory, too_many_entries};
use crate::matrix::Matrix;

/// A line may have this many fields: far more features than a decomposition on one machine can have.
const MAX_FIELDS: usize = 1 << 18;

/// A line may have this many bytes: [`MAX_FIELDS`] of 64 characters.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// Names of the chosen columns, if there is a header, and the rows.
pub(super) fn parse(input: impl Read, options: &ReadOptions) -> Result<(Option<Vec<String>>, Matrix), Fault> {
    check_delimiter(options.delimiter)?;
    let mut lines = Lines::new(input, options.delimiter);
    let first = lines.next()?.ok_or_else(|| Fault::new("is empty: give at least one row of numbers"))?;
    let (first_number, count) = (first.number, first.fields.len());
    let names = first.names(options.header)?;
    let kept = match &options.columns {
        Some(columns) => {
            column::some(columns)?;
            columns.iter().map(|column| column.index(names.as_deref(), count)).collect::<Result<Vec<_>, _>>()?
        }
        None => (0..count).collect(),
    };

    let mut entries = Vec::new();
    let mut rows = 0;
    if names.is_none() {
        first.append(&kept, None, &mut entries)?;
        rows = 1;
    }
    while let Some(line) = lines.next()? {
        if line.fields.len() != count {
            let found = line.fields.len();
            return Err(Fault::on_line(
                line.number,
                format!("{found} field(s) here, {count} on line {first_number}: give every line the same number"),
            ));
        }
        line.append(&kept, names.as_deref(), &mut entries)?;
        rows += 1;
        if entries.len() > MAX_ENTRIES {
            return Err(too_many_entries(entries.len()));
        }
    }
    if rows == 0 {
        return Err(Fault::new("has a header but no rows: give at least one row of numbers"));
    }
    let names = names.map(|names| kept.iter().map(|&j| names[j].clone()).collect());
    Ok((names, Matrix::new(rows, kept.len(), entries)))
}

fn check_delimiter(delimiter: u8) -> Result<(), Fault> {
    if !is_delimiter(delimiter) {
        return Err(Fault::new(format!(
            "cannot be split at {:?}: choose a delimiter that no number contains, such as ',' or ';'",
            char::from(delimiter)
        )));
    }
    Ok(())
}

/// One line's number in the file, from 1, and its fields.
struct Line<'a> {
    number: u64,
    fields: Vec<Cow<'a, [u8]>>,
}

impl Line<'_> {
    /// Field `j` as text.
    fn text(&self, j: usize) -> Result<&str, Fault> {
        std::str::from_utf8(&self.fields[j]).map_err(|_| {
            Fault::on_line(self.number, format!("column {} is not UTF-8 text: save the file as UTF-8", j + 1))
        })
    }

    /// The names in this first line, or `None` if it is data.
    fn names(&self, header: Header) -> Result<Option<Vec<String>>, Fault> {
        let texts = (0..self.fields.len()).map(|j| self.text(j)).collect::<Result<Vec<_>, _>>()?;
        let names = || Some(texts.iter().map(|&text| text.to_owned()).collect());
        let (numbers, others): (Vec<&str>, Vec<&str>) = texts.iter().partition(|text| text.parse::<f64>().is_ok());
        match header {
            Header::Yes => Ok(names()),
            Header::No => Ok(None),
            Header::Auto => match (numbers.first(), others.first()) {
                (_, None) => Ok(None),
                (None, Some(_)) => Ok(names()),
                (Some(number), Some(other)) => Err(Fault::on_line(
                    self.number,
                    format!(
                        "{} is a number and {} is not: say whether the first line is a header",
                        quoted(number),
                        quoted(other)
                    ),
                )),
            },
        }
    }

    /// Appends the entries of the columns `kept`.
    fn append(&self, kept: &[usize], names: Option<&[String]>, entries: &mut Vec<f64>) -> Result<(), Fault> {
        entries.try_reserve(kept.len()).map_err(|_| no_memory(entries.len()))?;
        for &j in kept {
            let text = self.text(j)?;
            match text.parse::<f64>() {
                Ok(x) if x.is_finite() => entries.push(x),
                parsed => {
                    let name = names.map(|names| format!(" ({})", quoted(&names[j]))).unwrap_or_default();
                    let why = match parsed {
                        Ok(_) => "is not finite: drop or impute the row, or choose other columns",
                        Err(_) if text.is_empty() => "is missing: drop or impute the row, or choose other columns",
                        Err(_) if self.fields.len() == 1 && text.contains([';', '\t', '|', ' ', ',']) => {
                            "is not a number: is another delimiter meant?"
                        }
                        Err(_) => "is not a number: correct it, drop the row, or choose other columns",
                    };
                    let message = format!("column {}{name} = {} {why}", j + 1, quoted(text));
                    return Err(Fault::on_line(self.number, message));
                }
            }
        }
        Ok(())
    }
}

/// The lines of a file that are not blank, one at a time in one buffer.
struct Lines<R> {
    input: BufReader<R>,
    buffer: Vec<u8>,
    /// Of the line in the buffer, from 1; 0 before the first.
    number: u64,
    delimiter: u8,
}

impl<R: Read> Lines<R> {
    fn new(input: R, delimiter: u8) -> Self {
        Self { input: BufReader::new(input), buffer: Vec::new(), number: 0, delimiter }
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Fault> {
        while self.advance()? {
            if !self.content().trim_ascii().is_empty() {
                return self.split().map(Some);
            }
        }
        Ok(None)
    }

    /// Fills the buffer with the next line; says whether there was one.
    fn advance(&mut self) -> Result<bool, Fault> {
        self.buffer.clear();
        let read = (&mut self.input)
            .take(MAX_LINE_BYTES + 1)
            .read_until(b'\n', &mut self.buffer)
            .map_err(|error| Fault::new(format!("cannot be read: {error}")))?;
        self.number += 1;
        if read as u64 > MAX_LINE_BYTES {
            return Err(Fault::on_line(
                self.number,
                format!("the line exceeds {MAX_LINE_BYTES} bytes: transpose the matrix, or save it with np.save"),
            ));
        }
        Ok(read > 0)
    }

    /// The line without its end, and without the byte order mark that some spreadsheets write.
    fn content(&self) -> &[u8] {
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line }
    }

    fn split(&self) -> Result<Line<'_>, Fault> {
        let (line, number) = (self.content(), self.number);
        // Counted first: a field takes more memory than its delimiter.
        let fields = line.split(|&byte| byte == self.delimiter).count();
        if fields > MAX_FIELDS {
            let message = format!("the line has more than {MAX_FIELDS} fields: choose another delimiter, or transpose");
            return Err(Fault::on_line(number, message));
        }
        if !line.contains(&b'"') {
            let fields = line.split(|&byte| byte == self.delimiter).map(|field| Cow::Borrowed(field.trim_ascii()));
            return Ok(Line { number, fields: fields.collect() });
        }
        if line.iter().fold(false, |open, &byte| open ^ (byte == b'"')) {
            let message = "a quote is opened and not closed on this line: put each row on a line of its own";
            return Err(Fault::on_line(number, message));
        }
        let mut record = ByteRecord::new();
        ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.delimiter)
            .from_reader(line)
            .read_byte_record(&mut record)
            .map_err(|error| Fault::on_line(number, format!("cannot be split into fields: {error}")))?;
        Ok(Line { number, fields: record.iter().map(|field| Cow::Owned(field.trim_ascii().to_vec())).collect() })
    }
}
