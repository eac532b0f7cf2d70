use serde_json::json;

use super::super::{About, Assembly, Comparisons, Mode, RunFolder, State, Tables, TrialRecord};
use super::*;
use crate::grid::{Grid, Share};
use crate::measure::table::{Column, Kind, Role, Schema, Type, Value as Field};

const COLUMNS: [Column; 1] = [Column { name: "value", unit: "1", meaning: "a number", role: Role::Result }];
const SCHEMAS: [Schema; 1] =
    [Schema { name: "numbers", row: "trial", columns: &COLUMNS, types: &[Type::always(Kind::Number)] }];
const SHARDS: u32 = 3;

/// Seven trials: the shards have 3, 2 and 2.
fn grid() -> Grid {
    let text = "[design]\nkind = \"gaussian\"\nreplicates = 1\n[grid]\nn = [3, 4, 5, 6, 7, 8, 9]\nd = 2\n";
    crate::config::Config::parse(text, Path::new("a.toml"), &[]).unwrap().grid
}

fn settings() -> Value {
    json!({ "config": { "seed": 2 }, "engine": "cpu-f64" })
}

fn record(index: usize) -> TrialRecord {
    let key = [3_u32, 2, 0, 0].map(Field::from);
    TrialRecord::new(index, &key, [vec![vec![Field::Float(index as f64 / 3.0)]]])
}

/// Publishes shard `index` in `dir`; its trials are recorded in the order of `order`.
fn publish(dir: &Path, index: u32, order: fn(Vec<usize>) -> Vec<usize>) -> Part {
    let share = Share::of_shard(&grid(), Shard::new(index, SHARDS).unwrap());
    let work = dir.join(format!("work-{index}"));
    let mut folder = RunFolder::open(&work, &settings(), &SCHEMAS, &share, About::default(), Mode::Fresh).unwrap();
    for trial in order(share.from(0).collect()) {
        folder.append(&[record(trial)]).unwrap();
    }
    folder.publish(dir, &format!("{index:05}.nsp"), 0).unwrap()
}

fn forwards(trials: Vec<usize>) -> Vec<usize> {
    trials
}

fn backwards(mut trials: Vec<usize>) -> Vec<usize> {
    trials.reverse();
    trials
}

/// The tables made of `parts`, with the state that the manifest then has.
fn assemble(dir: &Path, parts: Vec<Part>, tables: Tables) -> Result<(String, State), RecordError> {
    let parts = Parts::new(&grid(), SHARDS, parts);
    let out = dir.join("out");
    let assembly = Assembly::open(&out, &settings(), &SCHEMAS, parts, About::default(), Mode::Resume)?;
    let manifest = assembly.finish_with(tables, &mut |_| (), &mut |_| Ok(Comparisons::default()))?;
    Ok((std::fs::read_to_string(out.join("numbers.csv")).unwrap_or_default(), manifest.state))
}

/// The tables of one process that computes everything.
fn undivided(dir: &Path) -> String {
    let grid = grid();
    let share = Share::whole(grid.trial_count());
    let mut folder = RunFolder::open(dir, &settings(), &SCHEMAS, &share, About::default(), Mode::Resume).unwrap();
    let records: Vec<_> = share.from(0).map(record).collect();
    folder.append(&records).unwrap();
    folder.finish(Tables::Complete).unwrap();
    std::fs::read_to_string(dir.join("numbers.csv")).unwrap()
}

#[test]
fn the_tables_of_the_parts_are_those_of_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let parts: Vec<Part> = (0..SHARDS).map(|index| publish(dir.path(), index, backwards)).collect();
    assert_eq!(parts.iter().map(Part::trials).collect::<Vec<_>>(), [3, 2, 2]);
    let (table, state) = assemble(dir.path(), parts, Tables::Complete).unwrap();
    assert_eq!((table, state), (undivided(&dir.path().join("one")), State::Complete));
}

#[test]
fn what_is_missing_is_left_out_if_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let parts = vec![publish(dir.path(), 2, forwards), publish(dir.path(), 0, forwards)];
    let (table, state) = assemble(dir.path(), parts.clone(), Tables::Complete).unwrap();
    assert_eq!((table.as_str(), state), ("", State::Interrupted));
    let (table, state) = assemble(dir.path(), parts, Tables::Partial).unwrap();
    assert_eq!((table.lines().count(), state), (1 + 5, State::Interrupted));
}

#[test]
fn whoever_computes_a_shard_publishes_the_same() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (publish(one.path(), 1, forwards), publish(other.path(), 1, backwards));
    assert_eq!((one.sha256(), one.bytes()), (other.sha256(), other.bytes()));
    let mut both = [one, other].map(|part| std::fs::read(part.path()).unwrap());
    for bytes in &mut both {
        bytes.truncate(usize::try_from(publish_bytes()).unwrap());
    }
    assert_eq!(both[0], both[1]);
}

fn publish_bytes() -> u64 {
    publish(tempfile::tempdir().unwrap().path(), 1, forwards).bytes()
}

#[test]
fn only_a_finished_shard_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let share = Share::of_shard(&grid(), Shard::new(0, SHARDS).unwrap());
    let open = |name: &str, share: &Share| {
        RunFolder::open(&dir.path().join(name), &settings(), &SCHEMAS, share, About::default(), Mode::Resume).unwrap()
    };
    assert!(matches!(open("a", &share).publish(dir.path(), "p", 0), Err(RecordError::Damaged { .. })));
    let whole = open("b", &Share::whole(0));
    assert!(matches!(whole.publish(dir.path(), "p", 0), Err(RecordError::Damaged { .. })));
    assert_eq!(Part::open(&dir.path().join("p")).unwrap(), None);
}

#[test]
fn every_flipped_bit_and_every_cut_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let parts: Vec<Part> = (0..SHARDS).map(|index| publish(dir.path(), index, forwards)).collect();
    let path = parts[1].path().to_path_buf();
    let bytes = std::fs::read(&path).unwrap();
    let frames = parts[1].frames.clone();
    let inside = |at: usize| frames.contains(&(at as u64));
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        std::fs::write(&path, &flipped).unwrap();
        if inside(at) {
            // Its description is whole; the frame is found out when it is read.
            let part = Part::open(&path).unwrap().unwrap();
            let parts = vec![parts[0].clone(), part, parts[2].clone()];
            let refused = assemble(dir.path(), parts, Tables::Complete).unwrap_err().to_string();
            assert!(
                refused.contains("00001.nsp") && refused.contains("shard 1/3 be computed again"),
                "{at}: {refused}"
            );
        } else {
            let refused = Part::open(&path).unwrap_err();
            assert!(matches!(refused, RecordError::Damaged { .. } | RecordError::Format { .. }), "{at}: {refused}");
        }
    }
    for cut in 0..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert!(matches!(Part::open(&path), Err(RecordError::Damaged { .. })), "cut at {cut}");
    }
    assert!(!dir.path().join("out/numbers.csv").exists(), "no table was made of damaged parts");
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let parts = |dir: &Path| (0..SHARDS).map(|index| publish(dir, index, forwards)).collect::<Vec<_>>();
    undivided(&dir.path().join("out"));
    let refused = assemble(dir.path(), parts(dir.path()), Tables::Complete).unwrap_err();
    assert!(matches!(refused, RecordError::HasJournal { .. }), "{refused}");

    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("out")).unwrap();
    std::fs::write(other.path().join("out/numbers.csv"), "mine").unwrap();
    let refused = assemble(other.path(), parts(other.path()), Tables::Complete).unwrap_err();
    assert!(matches!(refused, RecordError::Occupied { .. }), "{refused}");
    // What was merged before is merged again.
    std::fs::remove_file(other.path().join("out/numbers.csv")).unwrap();
    for _ in 0..2 {
        let (_, state) = assemble(other.path(), parts(other.path()), Tables::Complete).unwrap();
        assert_eq!(state, State::Complete);
    }
}
