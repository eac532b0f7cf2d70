//! How a table is declared in its parts: columns, encodings, footer.

use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use ::parquet::schema::types::{ColumnPath, Type as Node, TypePtr};

use super::super::atomic::hex;
use super::super::identity::Identity;
use crate::measure::table::{Column, Kind, Presence, Role, Schema, Type};
use crate::measure::{TRIAL_KEY, TRIAL_KEY_TYPES};

/// All columns of `schema` with what they hold, the key of the trial first, as in CSV.
fn columns(schema: &Schema) -> impl Iterator<Item = (&'static Column, Type)> {
    let keys = TRIAL_KEY.iter().zip(TRIAL_KEY_TYPES);
    keys.chain(schema.columns.iter().zip(schema.types.iter().copied()))
}

/// The declaration of the columns.
pub(super) fn declaration(schema: &Schema) -> Result<TypePtr, ParquetError> {
    let fields =
        columns(schema).map(|(column, of)| declared(column.name, of).map(Arc::new)).collect::<Result<_, _>>()?;
    Node::group_type_builder(schema.name).with_fields(fields).build().map(Arc::new)
}

fn declared(name: &str, of: Type) -> Result<Node, ParquetError> {
    let (physical, logical) = match of.kind {
        Kind::Integer => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Word => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let repetition = match of.presence {
        Presence::Always => Repetition::REQUIRED,
        Presence::Sometimes => Repetition::OPTIONAL,
    };
    Node::primitive_type_builder(name, physical).with_repetition(repetition).with_logical_type(logical).build()
}

/// What a column in a file of somebody's may hold, if it can be one of ours.
pub(super) fn type_of(node: &Node) -> Option<Type> {
    let kind = match node.is_primitive().then(|| node.get_physical_type())? {
        Physical::INT64 => Kind::Integer,
        Physical::DOUBLE => Kind::Number,
        Physical::BYTE_ARRAY => Kind::Word,
        _ => return None,
    };
    match node.get_basic_info().repetition() {
        Repetition::REQUIRED => Some(Type::always(kind)),
        Repetition::OPTIONAL => Some(Type::sometimes(kind)),
        Repetition::REPEATED => None,
    }
}

/// How part number `part` of the table `schema` of the run `identity` is written.
///
/// Keys, counts and words come again and again: dictionaries. Measurements nearly never do, but neighbours share their
/// exponents and leading digits: all first bytes are stored together, then all second ones (`BYTE_STREAM_SPLIT`), of which zstd
/// leaves three quarters of what it leaves of whole numbers. benches/NOTES.md has the sizes.
pub(super) fn properties(schema: &Schema, identity: &Identity, part: usize) -> Result<WriterProperties, ParquetError> {
    let footer = [
        ("nullsweep.table", schema.name.to_owned()),
        ("nullsweep.part", part.to_string()),
        ("nullsweep.identity", hex(identity.hash())),
        ("nullsweep.version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(concat!("nullsweep version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(footer.map(|(key, value)| KeyValue::new(key.to_owned(), value)).to_vec()))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for (column, of) in columns(schema) {
        if column.role != Role::Key && of.kind == Kind::Number {
            let path = ColumnPath::from(column.name);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
        }
    }
    Ok(properties.build())
}

/// The fastest of zstd's levels that compress well.
const ZSTD_LEVEL: i32 = 1;
