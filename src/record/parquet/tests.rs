use std::fs;

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;
use serde_json::json;

use super::super::encoding::{Field, TrialRows, encode};
use super::super::rows::{TableText, csv_header};
use super::super::sinks::{Rows, TableFile};
use super::super::{FileFact, Identity, MANIFEST_FILE, RecordError, TableReader};
use super::columns::Columns;
use super::*;
use crate::measure::table::{Column, Kind, Role, Schema, Type, Value};

/// Every kind of column, with and without empty fields.
const TABLE: Schema = Schema {
    name: "ridge",
    row: "trial x lambda",
    columns: &[
        Column { name: "lambda", role: Role::Key, unit: "1", meaning: "" },
        Column { name: "solver", role: Role::Key, unit: "name", meaning: "" },
        Column { name: "kappa", role: Role::Result, unit: "1", meaning: "" },
        Column { name: "mse", role: Role::Result, unit: "1", meaning: "" },
        Column { name: "steps", role: Role::Result, unit: "1", meaning: "" },
        Column { name: "route", role: Role::Provenance, unit: "name", meaning: "" },
    ],
    types: &[
        Type::always(Kind::Number),
        Type::always(Kind::Word),
        Type::always(Kind::Number),
        Type::sometimes(Kind::Number),
        Type::sometimes(Kind::Integer),
        Type::sometimes(Kind::Word),
    ],
};

const SMALL: Limits = Limits { rows_per_group: 7, groups_per_part: 2 };

type Trial = ([Value; 4], Vec<Vec<Value>>);

fn identity() -> Identity {
    Identity::new(&json!({ "seed": 2 }), &[TABLE], 100)
}

fn float() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![0.0, -0.0, 0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX]),
        any::<u64>().prop_map(f64::from_bits),
    ]
    .prop_map(Value::Float)
}

fn or_missing(of: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![3 => of.boxed(), 1 => Just(Value::Missing).boxed()]
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    let word = || prop::sample::select(vec!["svd", "qr", "a,b", "say \"no\"", "\u{3bb}"]).prop_map(Value::Text);
    (float(), word(), float(), or_missing(float()), or_missing(any::<i64>().prop_map(Value::Int)), or_missing(word()))
        .prop_map(|(lambda, solver, kappa, mse, steps, route)| vec![lambda, solver, kappa, mse, steps, route])
}

fn trials() -> impl Strategy<Value = Vec<Trial>> {
    let key = (1..9_u32, or_missing(float()), any::<u32>())
        .prop_map(|(n, epsilon, replicate)| [n.into(), 2_u32.into(), epsilon, replicate.into()]);
    prop::collection::vec((key, prop::collection::vec(row(), 0..6)), 0..30)
}

/// The rows of `trials` as the journal hands them to `rows`.
fn push<R: Rows>(rows: &mut R, trials: &[Trial]) {
    for (key, table) in trials {
        let payload = encode(key, [table]);
        let trial = TrialRows::decode(&payload, 1).unwrap();
        rows.push(&trial.key, trial.table(0).unwrap()).unwrap();
    }
}

/// Writes `trials` into `dir`, `per_piece` at a time.
fn write(dir: &Path, trials: &[Trial], per_piece: usize) -> Vec<FileFact> {
    let mut table = ParquetTable::create(dir, &TABLE, &identity()).unwrap().with_limits(SMALL);
    for piece in trials.chunks(per_piece) {
        let mut rows = <Columns as Rows>::new(&TABLE);
        push(&mut rows, piece);
        rows.reserve(1);
        table.append(&rows).unwrap();
    }
    table.stage().unwrap().into_iter().map(|staged| staged.publish().unwrap()).collect()
}

/// Has the manifest in `dir` list `files`, of which the reader reads nothing else.
fn list(dir: &Path, files: &[FileFact]) {
    let manifest = json!({
        "name": "test", "state": "complete", "format": "parquet", "files": files,
        "program": { "name": "nullsweep", "version": "1", "git_revision": null, "shader_sha256": null },
        "config": { "path": "", "text": "", "sha256": "" },
        "identity": { "sha256": "", "description": {} },
        "seeds": {}, "interruptions": 0, "attempts": [],
        "trials": { "total": 0, "done": 0, "by_status": null, "by_route": null },
    });
    fs::write(dir.join(MANIFEST_FILE), manifest.to_string()).unwrap();
}

fn names() -> Vec<&'static str> {
    let header = csv_header(&TABLE);
    let names: Vec<&'static str> = header.trim_end().split(',').map(|name| &*name.to_owned().leak()).collect();
    names
}

/// All fields that a reader of the table in `dir` sees.
fn read(dir: &Path) -> Result<Vec<Vec<String>>, RecordError> {
    let names = names();
    let mut reader = TableReader::open(dir, TABLE.name, &names)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        assert_eq!(row.line(), rows.len() as u64 + 2);
        rows.push((0..names.len()).map(|at| row.word(at).to_owned()).collect());
    }
    Ok(rows)
}

fn manifest(dir: &Path) -> super::super::Manifest {
    super::super::Manifest::read(dir).unwrap().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Written as text or in parts, read by the reader or turned into text: the same fields.
    #[test]
    fn parts_hold_what_text_holds(trials in trials(), per_piece in 1..9_usize) {
        let (text, parts, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut lines = TableText::new(&TABLE);
        push(&mut lines, &trials);
        let table = [csv_header(&TABLE).as_bytes(), lines.bytes()].concat();
        fs::write(text.path().join("ridge.csv"), &table).unwrap();

        let files = write(parts.path(), &trials, per_piece);
        prop_assert_eq!(files.iter().map(|file| file.rows.unwrap()).sum::<u64>(), lines.rows());
        list(parts.path(), &files);
        prop_assert_eq!(read(parts.path()).unwrap(), read(text.path()).unwrap());

        let written = write_csv(parts.path(), &manifest(parts.path()), out.path()).unwrap();
        prop_assert_eq!((&*written[0].name, written[0].rows), ("ridge.csv", Some(lines.rows())));
        prop_assert!(fs::read(out.path().join("ridge.csv")).unwrap() == table);
    }

    /// How rows arrive is no matter.
    #[test]
    fn pieces_change_no_byte(trials in trials(), per_piece in 1..9_usize) {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        prop_assert_eq!(write(one.path(), &trials, per_piece), write(other.path(), &trials, usize::MAX));
    }
}

/// Trial `index` with `rows` rows; every bit of a number is to be kept.
fn trial(index: u32, rows: u32) -> Trial {
    let row = |k: u32| {
        let kappa = if k == 2 { f64::NAN } else { f64::from(index) / 3.0 };
        let route = if k.is_multiple_of(2) { Value::Missing } else { "cpu-f64".into() };
        vec![f64::from(k).into(), "svd".into(), kappa.into(), Value::Missing, (index * k).into(), route]
    };
    ([5_u32.into(), 3_u32.into(), Value::Missing, index.into()], (0..rows).map(row).collect())
}

/// Three parts of 14, 14 and 12 rows.
fn three_parts(dir: &Path) -> Vec<FileFact> {
    let files = write(dir, &(0..8).map(|index| trial(index, 5)).collect::<Vec<_>>(), 3);
    list(dir, &files);
    files
}

#[test]
fn parts_are_cut_by_rows_and_say_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let files = three_parts(dir.path());
    let facts: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.rows.unwrap())).collect();
    assert_eq!(facts, [("ridge/00000.parquet", 14), ("ridge/00001.parquet", 14), ("ridge/00002.parquet", 12)]);

    let file = fs::File::open(dir.path().join("ridge/00001.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let facts = reader.metadata().file_metadata();
    let said = |key: &str| {
        let pairs = facts.key_value_metadata().unwrap();
        pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).unwrap()
    };
    assert_eq!((said("nullsweep.table"), said("nullsweep.part")), ("ridge".to_owned(), "1".to_owned()));
    assert_eq!(said("nullsweep.identity"), super::super::atomic::hex(identity().hash()));
    assert_eq!(said("nullsweep.version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(reader.num_row_groups(), 2);
    let group = reader.metadata().row_group(0);
    for (column, name) in group.columns().iter().zip(names()) {
        assert_eq!(column.column_descr().name(), name);
        assert!(matches!(column.compression(), ::parquet::basic::Compression::ZSTD(_)), "{name}");
        assert!(column.statistics().is_some(), "{name}");
    }
    assert_eq!(group.column(7).statistics().unwrap().null_count_opt(), Some(7), "nothing was computed");
}

#[test]
fn a_table_without_rows_has_a_part_with_its_columns() {
    let dir = tempfile::tempdir().unwrap();
    let files = write(dir.path(), &[], 1);
    assert_eq!((files.len(), files[0].rows), (1, Some(0)));
    list(dir.path(), &files);
    assert!(read(dir.path()).unwrap().is_empty());
    assert!(
        TableReader::open(dir.path(), "ridge", &["nothing"]).unwrap_err().to_string().contains("no column `nothing`")
    );
}

#[test]
fn a_trial_that_is_longer_than_a_row_group_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let files = write(dir.path(), &[trial(0, 40)], 1);
    assert_eq!(files.iter().map(|file| file.rows.unwrap()).collect::<Vec<_>>(), [14, 14, 12]);
}

#[test]
fn a_field_of_another_kind_is_refused() {
    let mut columns = <Columns as Rows>::new(&TABLE);
    let (key, mut rows) = trial(0, 1);
    for (column, wrong) in [(0, Value::Missing), (2, Value::Int(1)), (4, Value::Float(1.0)), (5, Value::Int(3))] {
        let right = std::mem::replace(&mut rows[0][column], wrong);
        let payload = encode(&key, [&rows]);
        let trial = TrialRows::decode(&payload, 1).unwrap();
        let pushed = columns.push(&trial.key, trial.table(0).unwrap());
        assert_eq!(pushed, Err(super::super::encoding::Malformed::WrongKind), "column {column}");
        rows[0][column] = right;
    }
}

#[test]
fn every_kind_of_wrong_part_is_named_with_the_remedy() {
    type Harm = fn(&Path);
    let harms: [(&str, &str, Harm); 5] = [
        ("00001.parquet", "its hash differs", |folder| {
            let mut bytes = fs::read(folder.join("00001.parquet")).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(folder.join("00001.parquet"), bytes).unwrap();
        }),
        ("00002.parquet", "its hash differs", |folder| {
            let bytes = fs::read(folder.join("00002.parquet")).unwrap();
            fs::write(folder.join("00002.parquet"), &bytes[..bytes.len() - 9]).unwrap();
        }),
        ("00001.parquet", "is missing", |folder| fs::remove_file(folder.join("00001.parquet")).unwrap()),
        ("00000.parquet", "its hash differs", |folder| {
            let names = ["00000.parquet", "x", "00001.parquet"].map(|name| folder.join(name));
            fs::rename(&names[0], &names[1]).unwrap();
            fs::rename(&names[2], &names[0]).unwrap();
            fs::rename(&names[1], &names[2]).unwrap();
        }),
        // Of another run: whole, and with as many rows.
        ("00000.parquet", "its hash differs", |folder| {
            let other = tempfile::tempdir().unwrap();
            write(other.path(), &(10..18).map(|index| trial(index, 5)).collect::<Vec<_>>(), 3);
            fs::copy(other.path().join("ridge/00000.parquet"), folder.join("00000.parquet")).unwrap();
        }),
    ];
    for (file, what, harm) in harms {
        let dir = tempfile::tempdir().unwrap();
        three_parts(dir.path());
        harm(&dir.path().join("ridge"));
        let out = tempfile::tempdir().unwrap();
        let read = read(dir.path()).unwrap_err().to_string();
        let turned = write_csv(dir.path(), &manifest(dir.path()), out.path()).unwrap_err().to_string();
        for error in [read, turned] {
            assert!(error.contains(file) && error.contains(what), "{error}");
            assert!(error.contains("run the config again into this folder"), "{error}");
        }
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0, "half a table is none");
    }
}

#[test]
fn rows_that_the_manifest_does_not_know_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = three_parts(dir.path());
    files[1].rows = Some(15);
    list(dir.path(), &files);
    let error = read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("00001.parquet: this part has 14 rows, and manifest.json says 15 rows"), "{error}");
}

#[test]
fn what_is_no_parquet_is_refused_even_if_its_hash_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = three_parts(dir.path());
    fs::write(dir.path().join(&files[2].name), "PAR1 or not").unwrap();
    files[2].sha256 = super::super::sha256_hex(b"PAR1 or not");
    list(dir.path(), &files);
    let error = read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("00002.parquet") && error.contains("no Parquet file of this program"), "{error}");
}

#[test]
fn words_are_in_memory_once() {
    let mut columns = <Columns as Rows>::new(&TABLE);
    push(&mut columns, &[trial(0, 3), trial(1, 3)]);
    let fields: Vec<Field<'_>> = (0..6).map(|row| columns.columns[5].field(row).unwrap()).collect();
    let places: Vec<_> = fields.iter().map(|field| matches!(field, Field::Text(word) if *word == "svd")).collect();
    assert_eq!(places, [true; 6]);
    let starts: std::collections::HashSet<_> = fields
        .iter()
        .filter_map(|field| if let Field::Text(word) = field { Some(word.as_ptr()) } else { None })
        .collect();
    assert_eq!(starts.len(), 1);
}
