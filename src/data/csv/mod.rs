//! CSV: UTF-8 with or without a byte order mark, one row a line. Fields may be quoted; blanks around them and
//! blank lines are ignored.
//!
//! No field contains a line end, so that a file falls into blocks at line ends, and blocks are parsed side by side.

mod blocks;
mod fields;
mod looks;
mod rows;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::choice::{Choice, Plan};
use super::error::{Fault, quoted};
use super::input::Input;
use super::rows::Chunk;
use super::{Header, Missing, ReadOptions, is_delimiter};
use blocks::{Blocks, Lines};
use fields::{Splitter, text};
use rows::Layout;

/// A CSV file whose first line is known.
#[derive(Clone, Debug)]
pub(super) struct Csv {
    layout: Layout,
    names: Option<Vec<String>>,
    /// Bytes of a line, by the first ones; at least 1.
    line_bytes: u64,
}

impl Csv {
    /// Looks at the first line of `input`.
    pub(super) fn open(input: &Input<'_>, options: &ReadOptions, delimiter: u8) -> Result<Self, Fault> {
        /// Most headers fit, and nothing more is read of a large file.
        const FIRST_BYTES: usize = 1 << 16;
        check_delimiter(delimiter)?;
        let splitter = Splitter { delimiter };
        let mut blocks = Blocks::new(input.open()?, FIRST_BYTES);
        while let Some(lines) = blocks.next()? {
            let Some(first) = lines.each().next() else { continue };
            let (number, line) = first?;
            let fields = splitter.fields(number, line)?;
            let texts =
                fields.iter().enumerate().map(|(j, field)| text(number, j, field)).collect::<Result<Vec<_>, _>>()?;
            let names = names(number, &texts, options.header, &options.missing)?;
            let layout = Layout {
                splitter,
                missing: options.missing.clone(),
                header_line: if names.is_some() { number } else { 0 },
                first_line: number,
                count: texts.len(),
            };
            return Ok(Self {
                layout,
                names,
                line_bytes: (lines.bytes.len() / lines.each().count().max(1)).max(1) as u64,
            });
        }
        Err(Fault::new("is empty: give at least one row of numbers"))
    }

    /// The header, and the number of columns.
    pub(super) fn columns(&self) -> (Option<Vec<String>>, usize) {
        (self.names.clone(), self.layout.count)
    }

    /// How many rows `bytes` of such lines are.
    pub(super) fn rows_about(&self, bytes: u64) -> u64 {
        bytes / self.line_bytes
    }

    pub(super) fn has_header(&self) -> bool {
        self.names.is_some()
    }

    /// Hands all rows to `take`, in groups of chunks of about `block_bytes` of text, `group` chunks at a time.
    pub(super) fn each_group(
        &self,
        input: &Input<'_>,
        (choice, plan): (&Choice, &Plan),
        (block_bytes, group): (usize, usize),
        take: &mut dyn FnMut(Vec<Chunk>, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        each_parsed(input, (block_bytes, group), |lines| self.layout.rows(lines, choice, plan), take)
    }

    /// The levels of every category, in the order of the columns.
    pub(super) fn levels(
        &self,
        input: &Input<'_>,
        choice: &Choice,
        (block_bytes, group): (usize, usize),
        seen: &mut dyn FnMut(u64),
    ) -> Result<Vec<BTreeSet<String>>, Fault> {
        let plan = choice.survey();
        let mut levels = vec![BTreeSet::new(); plan.codings.len()];
        let parse = |lines: &Lines| self.layout.levels(lines, choice, &plan);
        each_parsed(input, (block_bytes, group), parse, &mut |found, bytes| {
            seen(bytes);
            found.into_iter().try_for_each(|found| choice.join(&mut levels, found))
        })?;
        Ok(levels)
    }
}

/// Hands what `parse` makes of the blocks of `input` to `take`, with the number of their bytes, in groups in order. Of several
/// blocks with an error the first is blamed, whichever thread was faster.
fn each_parsed<T: Send>(
    input: &Input<'_>,
    (block_bytes, group): (usize, usize),
    parse: impl Fn(&Lines) -> Result<T, Fault> + Sync,
    take: &mut dyn FnMut(Vec<T>, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut blocks = Blocks::new(input.open()?, block_bytes);
    let mut lines = Vec::with_capacity(group);
    // What cannot be read comes after what could, and may be a worse error.
    let mut ended = Ok(());
    loop {
        lines.clear();
        while lines.len() < group && ended.is_ok() {
            match blocks.next() {
                Ok(Some(block)) => lines.push(block),
                Ok(None) => break,
                Err(fault) => ended = Err(fault),
            }
        }
        if lines.is_empty() {
            return ended;
        }
        let bytes = lines.iter().map(|lines| lines.bytes.len() as u64).sum();
        let parsed: Vec<Result<T, Fault>> = lines.par_iter().map(&parse).collect();
        take(parsed.into_iter().collect::<Result<Vec<T>, Fault>>()?, bytes)?;
    }
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

/// The names in the first line, or nothing if it is data.
fn names(number: u64, texts: &[&str], header: Header, missing: &Missing) -> Result<Option<Vec<String>>, Fault> {
    let names = || Some(texts.iter().map(|&text| text.to_owned()).collect());
    let known = texts.iter().filter(|text| !missing.is(text));
    let (numbers, others): (Vec<&str>, Vec<&str>) = known.partition(|text| text.parse::<f64>().is_ok());
    match header {
        Header::Yes => Ok(names()),
        Header::No => Ok(None),
        Header::Auto => match (numbers.first(), others.first()) {
            (_, None) => Ok(None),
            (None, Some(_)) => Ok(names()),
            (Some(found), Some(other)) => Err(Fault::on_line(
                number,
                format!(
                    "{} is a number and {} is not: say whether the first line is a header",
                    quoted(found),
                    quoted(other)
                ),
            )),
        },
    }
}
