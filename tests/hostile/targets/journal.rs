//! Journals.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use nullsweep::measure::table::{Column, Kind, Role, Schema, Type, Value};
use nullsweep::record::{Identity, JOURNAL_FILE, Journal, RecordError, TrialRecord, write_tables};

const COUNT: usize = 5;

const SCHEMAS: [Schema; 2] = [
    Schema {
        name: "spectrum",
        row: "trial",
        columns: &[Column { name: "sigma_min", role: Role::Result, unit: "x", meaning: " Smallest." }],
        types: &[Type::always(Kind::Number)],
    },
    Schema {
        name: "ridge",
        row: "trial x lambda",
        columns: &[Column { name: "lambda", role: Role::Key, unit: "1", meaning: " Penalty." }],
        types: &[Type::always(Kind::Number)],
    },
];

/// Opens a journal that `data` describes by its first byte: the file itself, changes to a whole journal, four bytes each
/// (two of place, one of kind, one of value), or the rows of one trial, soundly sealed.
///
/// # Panics
/// If opening panics, if a table made from it holds a line that no trial wrote, or if the trials that are computed
/// again do not make it whole.
pub(crate) fn check(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let truth = truth();
    let content = match first % 3 {
        0 => rest.to_vec(),
        1 => changed(&truth.journal, rest),
        _ => return check_rows(rest),
    };
    let dir = scratch();
    let path = dir.path().join(JOURNAL_FILE);
    fs::write(&path, content).expect("a scratch file");
    let mut journal = match Journal::open(dir.path(), &identity()) {
        Ok((journal, _)) => journal,
        Err(RecordError::Io { source, .. }) => panic!("the disk is not what is tested: {source}"),
        Err(refusal) => return assert!(!refusal.to_string().is_empty()),
    };
    let recorded: Vec<usize> = (0..COUNT).filter(|&index| journal.done().contains(index)).collect();
    assert_eq!(tables(dir.path(), &journal), truth.tables_of(&recorded), "only whole rows count");
    let missing: Vec<TrialRecord> = journal.done().missing().map(trial).collect();
    journal.append(&missing).expect("a scratch file");
    drop(journal);
    let (journal, _) = Journal::open(dir.path(), &identity()).expect("repaired");
    assert!(journal.done().is_complete(), "the repair lasts");
    assert_eq!(tables(dir.path(), &journal), truth.tables_of(&[0, 1, 2, 3, 4]));
}

/// Builds tables from rows that only a broken writer seals: they are read or refused.
fn check_rows(payload: &[u8]) {
    let dir = scratch();
    let mut journal = Journal::create(dir.path(), &identity()).expect("a scratch file");
    journal.append(&[TrialRecord { index: 0, payload: payload.to_vec() }]).expect("a scratch file");
    if let Err(refusal) = write_tables(dir.path(), &SCHEMAS, &journal, &mut |_| ()) {
        assert!(!refusal.to_string().is_empty());
    }
}

/// What an undisturbed journal looks like.
struct Truth {
    journal: Vec<u8>,
    headers: Vec<Vec<u8>>,
    /// By trial, by table.
    lines: Vec<Vec<Vec<u8>>>,
}

impl Truth {
    fn tables_of(&self, indices: &[usize]) -> Vec<Vec<u8>> {
        let table = |(at, header): (usize, &Vec<u8>)| {
            indices.iter().fold(header.clone(), |text, &index| [text, self.lines[index][at].clone()].concat())
        };
        self.headers.iter().enumerate().map(table).collect()
    }
}

fn truth() -> &'static Truth {
    static TRUTH: OnceLock<Truth> = OnceLock::new();
    TRUTH.get_or_init(|| {
        let tables_with = |records: &[TrialRecord]| {
            let dir = scratch();
            let mut journal = Journal::create(dir.path(), &identity()).expect("a scratch file");
            journal.append(records).expect("a scratch file");
            (tables(dir.path(), &journal), fs::read(journal.path()).expect("a scratch file"))
        };
        let (headers, _) = tables_with(&[]);
        let alone = |index: usize| {
            let (tables, _) = tables_with(&[trial(index)]);
            tables.iter().zip(&headers).map(|(table, header)| table[header.len()..].to_vec()).collect()
        };
        let lines = (0..COUNT).map(alone).collect();
        let (_, journal) = tables_with(&(0..COUNT).map(trial).collect::<Vec<_>>());
        Truth { journal, headers, lines }
    })
}

/// `journal` after the changes that `script` lists.
fn changed(journal: &[u8], script: &[u8]) -> Vec<u8> {
    let mut content = journal.to_vec();
    for change in script.chunks_exact(4) {
        let &[high, low, kind, value] = change else { continue };
        if content.is_empty() {
            break;
        }
        let at = usize::from(u16::from_be_bytes([high, low])) % content.len();
        let end = (at + usize::from(value)).min(content.len());
        match kind % 6 {
            0 => content[at] ^= 1 << (value % 8),
            1 => content[at] = value,
            2 => content.truncate(at),
            3 => drop(content.drain(at..end)),
            4 => content.splice(at..at, vec![value; usize::from(value)]).for_each(drop),
            _ => {
                let copy = content[at..end].to_vec();
                content.extend(copy);
            }
        }
    }
    content
}

fn identity() -> Identity {
    Identity::new(&serde_json::json!({ "seed": 2 }), &SCHEMAS, COUNT)
}

/// Trial `index`: tables of different lengths, one of them empty for some.
fn trial(index: usize) -> TrialRecord {
    let key = [Value::Int(5), Value::Int(3), Value::Missing, Value::from(index)];
    let ridge: Vec<_> = (0..index % 3).map(|k| vec![Value::Float(k as f64)]).collect();
    TrialRecord::new(index, &key, [vec![vec![Value::Float(1.0 / (index + 1) as f64)]], ridge])
}

fn tables(dir: &Path, journal: &Journal) -> Vec<Vec<u8>> {
    let files = write_tables(dir, &SCHEMAS, journal, &mut |_| ()).expect("a scratch file").files;
    // The last one is the summary.
    files.iter().take(SCHEMAS.len()).map(|file| fs::read(dir.join(&file.name)).expect("a scratch file")).collect()
}

/// In memory where there is such a place.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a scratch folder")
}
