//! The fields of one line.

use std::borrow::Cow;

use ::csv::{ByteRecord, ReaderBuilder};

use super::super::error::Fault;

/// A line may have this many fields: far more features than a decomposition on one machine can have.
const MAX_FIELDS: usize = 1 << 18;

/// Splits lines at one delimiter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Splitter {
    pub(super) delimiter: u8,
}

impl Splitter {
    /// Hands the index and the text of every field of `line`, without blanks around it, to `take`; returns their number.
    pub(super) fn each(
        self,
        number: u64,
        line: &[u8],
        mut take: impl FnMut(usize, &[u8]) -> Result<(), Fault>,
    ) -> Result<usize, Fault> {
        if line.contains(&b'"') {
            let fields = self.fields(number, line)?;
            for (j, field) in fields.iter().enumerate() {
                take(j, field)?;
            }
            return Ok(fields.len());
        }
        let mut count = 0;
        for field in line.split(|&byte| byte == self.delimiter) {
            take(count, field.trim_ascii())?;
            count += 1;
        }
        Ok(count)
    }

    /// All fields of a line.
    pub(super) fn fields(self, number: u64, line: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, Fault> {
        // Counted first: a field takes more memory than its delimiter.
        let fields = line.split(|&byte| byte == self.delimiter).count();
        if fields > MAX_FIELDS {
            let message = format!("the line has more than {MAX_FIELDS} fields: choose another delimiter, or transpose");
            return Err(Fault::on_line(number, message));
        }
        if !line.contains(&b'"') {
            let fields = line.split(|&byte| byte == self.delimiter).map(|field| Cow::Borrowed(field.trim_ascii()));
            return Ok(fields.collect());
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
        Ok(record.iter().map(|field| Cow::Owned(field.trim_ascii().to_vec())).collect())
    }
}

/// A field as text.
pub(super) fn text(number: u64, j: usize, field: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(field)
        .map_err(|_| Fault::on_line(number, format!("column {} is not UTF-8 text: save the file as UTF-8", j + 1)))
}
