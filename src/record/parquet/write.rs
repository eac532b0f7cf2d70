//! A table being written as Parquet: rows in, parts out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterPropertiesPtr;
use ::parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use ::parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, TypePtr};
use bytes::Bytes;
use rayon::prelude::*;

use super::super::atomic::{AtomicFile, Staged, sync_folder};
use super::super::error::RecordError;
use super::super::format::part_file;
use super::super::identity::Identity;
use super::super::sinks::TableFile;
use super::columns::{Column, Columns, Values, present};
use super::{LIMITS, Limits, failed, schema};
use crate::measure::table::Schema;

/// A table as a folder of parts.
pub(crate) struct ParquetTable {
    dir: PathBuf,
    schema: Schema,
    identity: Identity,
    declaration: TypePtr,
    limits: Limits,
    /// The row group that fills.
    held: Columns,
    /// The part that it goes to; `None` between two.
    part: Option<Part>,
    /// The parts before that.
    staged: Vec<Staged>,
}

/// A part being written.
struct Part {
    writer: SerializedFileWriter<AtomicFile>,
    path: PathBuf,
    groups: usize,
    rows: u64,
}

impl ParquetTable {
    /// Begins the table `schema` of the run `identity` in the run folder `dir`.
    pub(crate) fn create(dir: &Path, schema: &Schema, identity: &Identity) -> Result<Self, RecordError> {
        let folder = dir.join(schema.name);
        std::fs::create_dir_all(&folder).map_err(RecordError::io("create", &folder))?;
        sync_folder(&folder)?;
        Ok(Self {
            declaration: schema::declaration(schema).map_err(failed("declare", &folder))?,
            dir: dir.to_path_buf(),
            schema: *schema,
            identity: identity.clone(),
            limits: LIMITS,
            held: Columns::of_table(schema),
            part: None,
            staged: Vec::new(),
        })
    }

    /// With row groups and parts of another size.
    #[cfg(test)]
    pub(super) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Writes the row group that is held, into a new part where none is open.
    fn write_group(&mut self) -> Result<(), RecordError> {
        let mut part = match self.part.take() {
            Some(part) => part,
            None => self.begin_part()?,
        };
        part.write_group(&self.held)?;
        self.held.clear();
        if part.groups == self.limits.groups_per_part {
            self.staged.push(part.stage()?);
        } else {
            self.part = Some(part);
        }
        Ok(())
    }

    fn begin_part(&self) -> Result<Part, RecordError> {
        let number = self.staged.len();
        let file = AtomicFile::create(&self.dir, &part_file(self.schema.name, number))?;
        let path = file.target().to_path_buf();
        let properties = schema::properties(&self.schema, &self.identity, number);
        let writer = properties
            .and_then(|properties| SerializedFileWriter::new(file, self.declaration.clone(), Arc::new(properties)))
            .map_err(failed("write", &path))?;
        Ok(Part { writer, path, groups: 0, rows: 0 })
    }
}

impl TableFile for ParquetTable {
    type Rows = Columns;

    fn append(&mut self, rows: &Columns) -> Result<(), RecordError> {
        let mut from = 0;
        while from < rows.rows {
            let to = rows.rows.min(from + self.limits.rows_per_group - self.held.rows);
            self.held.extend(rows, from..to);
            from = to;
            if self.held.rows == self.limits.rows_per_group {
                self.write_group()?;
            }
        }
        Ok(())
    }

    /// A table without rows has a part all the same: it says which columns there are.
    fn stage(mut self) -> Result<Vec<Staged>, RecordError> {
        if self.held.rows > 0 {
            self.write_group()?;
        }
        let last = match self.part.take() {
            None if self.staged.is_empty() => Some(self.begin_part()?),
            part => part,
        };
        if let Some(part) = last {
            self.staged.push(part.stage()?);
        }
        Ok(self.staged)
    }
}

impl Part {
    fn write_group(&mut self, rows: &Columns) -> Result<(), RecordError> {
        self.encode_group(rows).map_err(failed("write", &self.path))?;
        self.groups += 1;
        self.rows += rows.rows as u64;
        Ok(())
    }

    /// Every column is encoded and compressed by itself, in memory, and then takes its place.
    fn encode_group(&mut self, rows: &Columns) -> Result<(), ParquetError> {
        let properties = self.writer.properties();
        let declared: &SchemaDescriptor = self.writer.schema_descr();
        let encoded = rows
            .columns
            .par_iter()
            .zip(declared.columns())
            .map(|(column, declared)| encode(column, declared, properties))
            .collect::<Result<Vec<_>, _>>()?;
        let mut group = self.writer.next_row_group()?;
        for (bytes, facts) in encoded {
            group.append_column(&bytes, facts)?;
        }
        group.close().map(drop)
    }

    fn stage(self) -> Result<Staged, RecordError> {
        let file = self.writer.into_inner().map_err(failed("write", &self.path))?;
        file.stage(Some(self.rows))
    }
}

fn encode(
    column: &Column,
    declared: &ColumnDescPtr,
    properties: &WriterPropertiesPtr,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut sink = TrackedWrite::new(Vec::new());
    let pages = Box::new(SerializedPageWriter::new(&mut sink));
    let mut writer = get_column_writer(declared.clone(), properties.clone(), pages);
    let levels = column.levels.as_deref();
    match (&mut writer, &column.values) {
        (ColumnWriter::Int64ColumnWriter(writer), Values::Integers(values)) => {
            writer.write_batch(&present(values, levels), levels, None)?;
        }
        (ColumnWriter::DoubleColumnWriter(writer), Values::Numbers(values)) => {
            writer.write_batch(&present(values, levels), levels, None)?;
        }
        (ColumnWriter::ByteArrayColumnWriter(writer), Values::Words(values)) => {
            writer.write_batch(&present(values, levels), levels, None)?;
        }
        _ => return Err(ParquetError::General(format!("column {} is declared as another type", declared.name()))),
    }
    let facts = writer.close()?;
    Ok((Bytes::from(sink.into_inner()?), facts))
}
