//! The journal alone: torn, flipped, shuffled.

use std::fs;
use std::path::Path;

use nullsweep::measure::table::Value;
use nullsweep::record::{
    FORMAT_VERSION, Identity, JOURNAL_FILE, Journal, RecordError, Recovery, TrialRecord, csv_header, sha256_hex,
    write_tables,
};
use proptest::prelude::*;
use sha2::Digest as _;

use super::{SCHEMAS, identity, rows, scratch, settings, trial, trials};

/// A journal of `count` trials, one append each, and the offsets at which the appends ended.
fn written(dir: &Path, count: usize) -> (Vec<u8>, Vec<usize>) {
    let mut journal = Journal::create(dir, &identity(count)).unwrap();
    let size = || usize::try_from(fs::metadata(dir.join(JOURNAL_FILE)).unwrap().len()).unwrap();
    let mut ends = vec![size()];
    for index in 0..count {
        journal.append(&[trial(index)]).unwrap();
        ends.push(size());
    }
    (fs::read(dir.join(JOURNAL_FILE)).unwrap(), ends)
}

/// The tables of the trials `indices`, in this order, by the csv crate.
fn expected_tables(indices: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
    let mut tables = SCHEMAS.map(|schema| csv::Writer::from_writer(csv_header(&schema).into_bytes()));
    for index in indices {
        let (key, rows) = rows(index);
        for (table, rows) in tables.iter_mut().zip(rows) {
            for row in rows {
                table.write_record(key.iter().chain(&row).map(text)).unwrap();
            }
        }
    }
    tables.into_iter().map(|table| table.into_inner().unwrap()).collect()
}

/// A field as a table shows it. `{:?}` has the same digits, but an exponent below 1e-4 already, not below 1e-5.
fn text(value: &Value) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if (1e-5..1e-4).contains(value) => format!("{value}"),
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) => (*text).to_owned(),
        Value::Words(words) => words.clone(),
    }
}

fn tables(dir: &Path, journal: &Journal) -> Vec<Vec<u8>> {
    let files = write_tables(dir, &SCHEMAS, journal, &mut |_| ()).unwrap().files;
    // The last one is the summary.
    files.iter().take(SCHEMAS.len()).map(|file| fs::read(dir.join(&file.name)).unwrap()).collect()
}

#[test]
fn torn_at_every_byte_it_keeps_every_whole_frame_and_goes_on() {
    const COUNT: usize = 6;
    let dir = scratch();
    let (bytes, ends) = written(dir.path(), COUNT);
    let whole = expected_tables(0..COUNT);
    for cut in ends[0]..=bytes.len() {
        fs::write(dir.path().join(JOURNAL_FILE), &bytes[..cut]).unwrap();
        let (mut journal, recovery) = Journal::open(dir.path(), &identity(COUNT)).unwrap();
        let kept = ends.iter().filter(|end| **end <= cut).count() - 1;
        assert_eq!(journal.done().count(), kept, "cut at {cut}");
        assert!((0..COUNT).all(|index| journal.done().contains(index) == (index < kept)));
        let torn_bytes = (cut - ends[kept]) as u64;
        assert_eq!(recovery, Recovery { torn_bytes, ..Recovery::default() }, "cut at {cut}");
        let missing: Vec<usize> = journal.done().missing().collect();
        journal.append(&trials(missing)).unwrap();
        assert_eq!(tables(dir.path(), &journal), whole, "cut at {cut}");
    }
    for cut in 1..ends[0] {
        fs::write(dir.path().join(JOURNAL_FILE), &bytes[..cut]).unwrap();
        let error = Journal::open(dir.path(), &identity(COUNT)).unwrap_err();
        assert!(matches!(error, RecordError::Damaged { .. }), "cut at {cut}: {error}");
    }
}

#[test]
fn an_empty_file_is_a_journal_that_never_began() {
    let dir = scratch();
    fs::write(dir.path().join(JOURNAL_FILE), b"").unwrap();
    let (mut journal, _) = Journal::open(dir.path(), &identity(2)).unwrap();
    journal.append(&trials(0..2)).unwrap();
    assert_eq!(tables(dir.path(), &journal), expected_tables(0..2));
}

/// Opens whatever is left, recomputes what is missing and compares: returns how many trials had been lost.
fn recovered_exactly(dir: &Path, count: usize, what: &str) -> usize {
    let (mut journal, _) = Journal::open(dir, &identity(count)).unwrap_or_else(|error| panic!("{what}: {error}"));
    let missing: Vec<usize> = journal.done().missing().collect();
    let recorded: Vec<usize> = (0..count).filter(|index| journal.done().contains(*index)).collect();
    assert_eq!(tables(dir, &journal), expected_tables(recorded), "{what}: only whole rows count");
    journal.append(&trials(missing.iter().copied())).unwrap();
    assert_eq!(tables(dir, &journal), expected_tables(0..count), "{what}");
    drop(journal);
    let (journal, _) = Journal::open(dir, &identity(count)).unwrap();
    assert!(journal.done().is_complete(), "{what}: the repair lasts");
    missing.len()
}

/// splitmix64: Steele, Lea & Flood 2014.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) >> 1).unwrap()
}

#[test]
fn a_flipped_bit_costs_one_trial_and_never_a_wrong_row() {
    const COUNT: usize = 40;
    let dir = scratch();
    let (bytes, ends) = written(dir.path(), COUNT);
    let mut state = 1;
    for _ in 0..1000 {
        let bit = random(&mut state) % (8 * bytes.len());
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(dir.path().join(JOURNAL_FILE), flipped).unwrap();
        let lost = recovered_exactly(dir.path(), COUNT, &format!("bit {bit}"));
        assert_eq!(lost, usize::from(bit / 8 >= ends[0]), "bit {bit}: a frame that is hit is dropped, no other");
    }
}

#[test]
fn every_bit_of_one_frame_counts() {
    let dir = scratch();
    let (bytes, ends) = written(dir.path(), 3);
    for bit in 8 * ends[1]..8 * ends[2] {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(dir.path().join(JOURNAL_FILE), flipped).unwrap();
        let (journal, recovery) = Journal::open(dir.path(), &identity(3)).unwrap();
        assert!(!journal.done().contains(1) && journal.done().count() == 2, "bit {bit}");
        assert_eq!((recovery.damaged_places, recovery.damaged_bytes), (1, (ends[2] - ends[1]) as u64), "bit {bit}");
    }
}

#[test]
fn holes_insertions_and_whole_stretches_of_garbage() {
    const COUNT: usize = 40;
    let dir = scratch();
    let (bytes, ends) = written(dir.path(), COUNT);
    let mut state = 2;
    for round in 0..200 {
        let from = ends[0] + random(&mut state) % (bytes.len() - ends[0]);
        let to = (from + random(&mut state) % 2000).min(bytes.len());
        let mut damaged = bytes.clone();
        match round % 3 {
            0 => damaged[from..to].fill(0),
            1 => drop(damaged.drain(from..to)),
            _ => drop(damaged.splice(from..from, bytes[..to - from].iter().copied())),
        }
        fs::write(dir.path().join(JOURNAL_FILE), damaged).unwrap();
        recovered_exactly(dir.path(), COUNT, &format!("round {round}: {from}..{to}"));
    }
}

#[test]
fn frames_of_another_run_are_not_ours() {
    let dir = scratch();
    let other_dir = scratch();
    let (ours, our_ends) = written(dir.path(), 3);
    let other = Identity::new(&serde_json::json!({ "design": { "kind": "gaussian", "seed": 3 } }), &SCHEMAS, 3);
    Journal::create(other_dir.path(), &other).unwrap().append(&trials(0..3)).unwrap();
    let theirs = fs::read(other_dir.path().join(JOURNAL_FILE)).unwrap();
    assert_eq!(theirs.len(), ours.len());
    let spliced = [&ours[..our_ends[1]], &theirs[our_ends[1]..]].concat();
    fs::write(dir.path().join(JOURNAL_FILE), spliced).unwrap();
    let (journal, _) = Journal::open(dir.path(), &identity(3)).unwrap();
    assert_eq!(journal.done().missing().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn another_run_is_refused_in_words() {
    let dir = scratch();
    Journal::create(dir.path(), &identity(3)).unwrap();
    let mut changed = settings();
    changed["design"]["seed"] = 7.into();
    let error = Journal::open(dir.path(), &Identity::new(&changed, &SCHEMAS, 4)).unwrap_err();
    let RecordError::Different { differences, .. } = error else { panic!("{error}") };
    assert_eq!(differences, ["design.seed: 2 in the folder, 7 now", "trials: 3 in the folder, 4 now"]);
}

#[test]
fn the_journal_of_another_format_is_left_alone() {
    let dir = scratch();
    let (mut bytes, ends) = written(dir.path(), 2);
    bytes[8..12].copy_from_slice(&(FORMAT_VERSION - 1).to_le_bytes());
    let seal = sha2::Sha256::digest(&bytes[..ends[0] - 32]);
    bytes[ends[0] - 32..ends[0]].copy_from_slice(&seal);
    fs::write(dir.path().join(JOURNAL_FILE), &bytes).unwrap();
    let message = Journal::open(dir.path(), &identity(2)).unwrap_err().to_string();
    let expected = format!("journal format {}, this program reads format {FORMAT_VERSION}", FORMAT_VERSION - 1);
    assert!(message.contains(&expected) && message.contains("--fresh"), "{message}");
    assert_eq!(fs::read(dir.path().join(JOURNAL_FILE)).unwrap(), bytes);
}

/// Several blocks of trials, recorded backwards, on one thread and on more than this machine may have.
#[test]
fn tables_and_summary_do_not_depend_on_the_threads() {
    const COUNT: usize = 60_000;
    let dir = scratch();
    let mut journal = Journal::create(dir.path(), &identity(COUNT)).unwrap();
    let order: Vec<usize> = (0..COUNT).rev().collect();
    for chunk in order.chunks(COUNT / 7) {
        journal.append(&trials(chunk.iter().copied())).unwrap();
    }
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let files = pool.install(|| write_tables(dir.path(), &SCHEMAS, &journal, &mut |_| ())).unwrap().files;
        let bytes: Vec<Vec<u8>> = files.iter().map(|file| fs::read(dir.path().join(&file.name)).unwrap()).collect();
        for (file, bytes) in files.iter().zip(&bytes) {
            assert_eq!((file.bytes, &file.sha256), (bytes.len() as u64, &sha256_hex(bytes)), "{}", file.name);
        }
        bytes
    };
    let alone = with(1);
    assert_eq!(alone[..2], expected_tables(0..COUNT));
    assert_eq!(alone.len(), 3, "two tables and the summary");
    for threads in [2, 5] {
        assert!(with(threads) == alone, "{threads} threads");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any order, any chunking, any repetition, any reopening in between: the same tables.
    #[test]
    fn tables_do_not_depend_on_how_the_trials_came(
        order in Just((0..30_usize).collect::<Vec<_>>()).prop_shuffle(),
        repeats in prop::collection::vec(0..30_usize, 0..20),
        chunk in 1..12_usize,
        reopen in any::<bool>(),
    ) {
        let dir = scratch();
        let mut journal = Journal::create(dir.path(), &identity(30)).unwrap();
        let indices: Vec<usize> = order.into_iter().chain(repeats).collect();
        for chunk in indices.chunks(chunk) {
            journal.append(&trials(chunk.iter().copied())).unwrap();
            if reopen {
                drop(journal);
                journal = Journal::open(dir.path(), &identity(30)).unwrap().0;
            }
        }
        prop_assert!(journal.done().is_complete());
        prop_assert_eq!(tables(dir.path(), &journal), expected_tables(0..30));
    }

    /// A payload that is sealed but no rows, as a faulty program might leave it, is refused by name: no table appears.
    #[test]
    fn a_sealed_payload_is_still_read_with_care(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        let dir = scratch();
        let mut journal = Journal::create(dir.path(), &identity(2)).unwrap();
        // No value begins with 0xFF, so these are no rows, whatever follows.
        let payload = [&[0xFF][..], &payload].concat();
        journal.append(&[trial(0), TrialRecord { index: 1, payload }]).unwrap();
        let (journal, recovery) = Journal::open(dir.path(), &identity(2)).unwrap();
        prop_assert_eq!(recovery, Recovery::default());
        prop_assert!(journal.done().is_complete());
        let error = write_tables(dir.path(), &SCHEMAS, &journal, &mut |_| ()).unwrap_err();
        prop_assert!(error.to_string().contains("trial 1 is sealed, but its rows cannot be read"), "{}", error);
        prop_assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "the journal alone");
    }

    /// Any file at all is refused or recovered, without a panic and without an invented row.
    #[test]
    fn arbitrary_files(
        bytes in prop::collection::vec(any::<u8>(), 1..2000),
        keep_header in any::<bool>(),
    ) {
        let dir = scratch();
        Journal::create(dir.path(), &identity(5)).unwrap();
        let path = dir.path().join(JOURNAL_FILE);
        let header = if keep_header { fs::read(&path).unwrap() } else { Vec::new() };
        fs::write(&path, [header, bytes].concat()).unwrap();
        match Journal::open(dir.path(), &identity(5)) {
            Ok((journal, _)) => prop_assert!(keep_header && journal.done().count() == 0),
            Err(error) => {
                let refused = matches!(error, RecordError::Damaged { .. });
                prop_assert!(!keep_header && refused, "{}", error);
            }
        }
    }
}
