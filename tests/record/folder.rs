//! The run folder: resume, fresh, lock, manifest.

use std::fs;
use std::path::Path;

use nullsweep::grid::Share;
use nullsweep::record::{
    JOURNAL_FILE, LOCK_FILE, Loss, Manifest, Mode, Notice, RecordError, RunFolder, State, Tables, TimingRow, sha256_hex,
};

use super::{SCHEMAS, about, deterministic_files, settings, trials};

const COUNT: usize = 23;

fn open(folder: &Path, mode: Mode<'_>) -> Result<RunFolder, RecordError> {
    RunFolder::open(folder, &settings(), &SCHEMAS, &Share::whole(COUNT), about(), mode)
}

/// Goes on with a run in chunks, at most `chunks` of them, and ends it.
fn go_on(folder: &Path, chunk: usize, chunks: usize) -> Manifest {
    let mut run = open(folder, Mode::Resume).unwrap();
    let missing: Vec<usize> = run.done().missing().collect();
    for (number, indices) in missing.chunks(chunk).take(chunks).enumerate() {
        run.append(&trials(indices.iter().copied())).unwrap();
        run.time(timing(run.attempt(), number, indices.len())).unwrap();
    }
    run.finish(Tables::Complete).unwrap()
}

fn timing(attempt: usize, chunk: usize, trials: usize) -> TimingRow {
    TimingRow {
        attempt,
        chunk,
        device: "cpu-f64",
        trials,
        matrices: trials,
        generate_seconds: 0.0,
        upload_seconds: 0.0,
        kernel_seconds: 0.0,
        readback_seconds: 0.0,
        certify_seconds: 0.0,
        measure_seconds: 0.0,
        write_seconds: 0.0,
    }
}

#[test]
fn an_interrupted_run_ends_with_the_bytes_of_an_undisturbed_one() {
    let base = tempfile::tempdir().unwrap();
    let (whole, broken) = (base.path().join("whole"), base.path().join("broken"));
    let manifest = go_on(&whole, 7, usize::MAX);
    assert_eq!(manifest.state, State::Complete);
    assert_eq!(manifest.interruptions, 0);

    let manifest = go_on(&broken, 3, 2);
    assert_eq!((manifest.state, manifest.trials.done), (State::Interrupted, 6));
    assert_eq!(deterministic_files(&broken).len(), 0, "no table before it is complete");
    // A kill: the process ends without finish, and half a frame is left.
    let mut run = open(&broken, Mode::Resume).unwrap();
    run.append(&trials([20, 9, 9, 13])).unwrap();
    drop(run);
    let journal = fs::read(broken.join(JOURNAL_FILE)).unwrap();
    fs::write(broken.join(JOURNAL_FILE), &journal[..journal.len() - 5]).unwrap();

    let manifest = go_on(&broken, 5, usize::MAX);
    assert_eq!((manifest.state, manifest.interruptions, manifest.attempts.len()), (State::Complete, 2, 3));
    assert_eq!(manifest.attempts[1].end, None, "the killed attempt has no end");
    assert_eq!(manifest.attempts[2].done_before, 8, "6 and two of the three");
    assert_eq!(deterministic_files(&broken), deterministic_files(&whole));
    assert_eq!(deterministic_files(&whole).len(), 4, "two tables, summary.csv, columns.json");
    let timing = fs::read_to_string(broken.join("timing.csv")).unwrap();
    assert_eq!(timing.lines().count(), 1 + 2 + 3, "a header, two chunks, three chunks");
}

#[test]
fn the_manifest_tells_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = go_on(dir.path(), 23, 1);
    assert_eq!(Manifest::read(dir.path()).unwrap().as_ref(), Some(&manifest));
    assert_eq!(manifest.config.sha256, sha256_hex(manifest.config.text.as_bytes()));
    let status = manifest.trials.by_status.unwrap();
    assert_eq!((status["ok"], status["wide"]), (18, 5));
    assert_eq!(manifest.trials.by_route.unwrap()["cpu-f64"], 23);
    for file in &manifest.files {
        let bytes = fs::read(dir.path().join(&file.name)).unwrap();
        assert_eq!((file.bytes, &file.sha256), (bytes.len() as u64, &sha256_hex(&bytes)), "{}", file.name);
        if let Some(rows) = file.rows {
            let lines = String::from_utf8(bytes).unwrap().lines().count() as u64;
            assert_eq!(rows + 1, lines, "{}", file.name);
        }
    }
    let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["spectrum.csv", "ridge.csv", "summary.csv", "columns.json"]);
    let columns: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("columns.json")).unwrap()).unwrap();
    for table in columns.as_array().unwrap() {
        let header = fs::read_to_string(dir.path().join(table["file"].as_str().unwrap())).unwrap();
        let names: Vec<&str> =
            table["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert_eq!(header.lines().next().unwrap(), names.join(","), "the dictionary has the header's columns");
    }
}

#[test]
fn a_partial_set_on_request_is_replaced_by_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = open(dir.path(), Mode::Resume).unwrap();
    run.append(&trials([4, 2])).unwrap();
    let manifest = run.finish(Tables::Partial).unwrap();
    assert_eq!(manifest.state, State::Interrupted);
    let spectrum = fs::read_to_string(dir.path().join("spectrum.csv")).unwrap();
    let keys: Vec<&str> = spectrum.lines().skip(1).map(|line| &line[..7]).collect();
    assert_eq!(keys, ["50,5,,2", "50,5,,4"]);
    assert_eq!(go_on(dir.path(), 5, usize::MAX).state, State::Complete);
    assert_eq!(fs::read_to_string(dir.path().join("spectrum.csv")).unwrap().lines().count(), 1 + COUNT);
}

#[test]
fn a_second_run_in_the_folder_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = open(dir.path(), Mode::Resume).unwrap();
    for mode in [Mode::Resume, Mode::Fresh] {
        let error = open(dir.path(), mode).unwrap_err();
        let RecordError::Locked { owner: Some(owner), .. } = &error else { panic!("{error}") };
        assert_eq!(owner.pid, std::process::id());
    }
    run.append(&trials(0..COUNT)).unwrap();
    assert_eq!(run.finish(Tables::Complete).unwrap().state, State::Complete);
    assert!(open(dir.path(), Mode::Resume).is_ok(), "finish gives the lock back");
}

#[test]
fn a_killed_process_leaves_no_lock_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "folder::holds_a_folder_until_killed", "--ignored", "--nocapture"])
        .env("NULLSWEEP_TEST_FOLDER", dir.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !dir.path().join("ready").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the holder ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let error = open(dir.path(), Mode::Resume).unwrap_err();
    assert!(error.to_string().contains(&format!("process {}", child.id())), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();

    let run = open(dir.path(), Mode::Resume).unwrap();
    let [Notice::TookOver(owner), Notice::Resumed { done: 3, total: COUNT }] = run.notices() else {
        panic!("{:?}", run.notices());
    };
    assert_eq!(owner.pid, child.id());
}

/// The other process of [`a_killed_process_leaves_no_lock_behind`].
#[test]
#[ignore = "run by another test, which kills it"]
fn holds_a_folder_until_killed() {
    let folder = std::env::var_os("NULLSWEEP_TEST_FOLDER").expect("only run by another test");
    let mut run = open(folder.as_ref(), Mode::Resume).unwrap();
    run.append(&trials(0..3)).unwrap();
    fs::write(Path::new(&folder).join("ready"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_mins(10));
}

#[test]
fn fresh_moves_everything_aside_and_says_where() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("run");
    go_on(&folder, 23, 1);
    let before = deterministic_files(&folder);
    for number in [1, 2] {
        let mut run = open(&folder, Mode::Fresh).unwrap();
        let [Notice::SetAside(aside)] = run.notices() else { panic!("{:?}", run.notices()) };
        assert_eq!(aside.file_name().unwrap().to_str().unwrap(), format!("run.old-{number}"));
        assert_eq!(deterministic_files(aside), before);
        assert!(aside.join(JOURNAL_FILE).exists());
        assert_eq!(run.done().count(), 0);
        run.append(&trials(0..COUNT)).unwrap();
        run.finish(Tables::Complete).unwrap();
    }
    assert_eq!(deterministic_files(&folder), before);
    let empty = open(&base.path().join("new"), Mode::Fresh).unwrap();
    assert_eq!(empty.notices(), []);
}

#[test]
fn somebody_elses_folder_is_left_alone() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("mine");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("notes.txt"), "precious").unwrap();
    fs::write(folder.join("ridge.csv"), "precious").unwrap();
    let error = open(&folder, Mode::Resume).unwrap_err();
    assert!(matches!(&error, RecordError::Occupied { file, .. } if file == "ridge.csv"), "{error}");
    assert_eq!(fs::read(folder.join("ridge.csv")).unwrap(), b"precious");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "not even a lock is left behind");

    let run = open(&folder, Mode::Fresh).unwrap();
    let [Notice::SetAside(aside)] = run.notices() else { panic!("{:?}", run.notices()) };
    assert_eq!(fs::read(aside.join("ridge.csv")).unwrap(), b"precious");
    assert_eq!(fs::read(folder.join("notes.txt")).unwrap(), b"precious", "not ours: stays");
}

#[test]
fn a_different_run_is_refused_and_the_old_one_can_still_go_on() {
    let dir = tempfile::tempdir().unwrap();
    go_on(dir.path(), 4, 1);
    let mut changed = settings();
    changed["design"]["kind"] = "ar1".into();
    let error =
        RunFolder::open(dir.path(), &changed, &SCHEMAS, &Share::whole(COUNT), about(), Mode::Resume).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("design.kind: gaussian in the folder, ar1 now"), "{message}");
    assert!(message.contains("--fresh"), "{message}");
    assert_eq!(go_on(dir.path(), 4, usize::MAX).state, State::Complete);
}

#[test]
fn a_refused_run_leaves_the_name_of_the_one_that_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    go_on(dir.path(), 4, 1);
    let killed = r#"{"pid":4000000000,"host":"another","since":"2026-01-01T00:00:00Z"}"#;
    fs::write(dir.path().join(LOCK_FILE), killed).unwrap();
    let mut changed = settings();
    changed["design"]["kind"] = "ar1".into();
    RunFolder::open(dir.path(), &changed, &SCHEMAS, &Share::whole(COUNT), about(), Mode::Resume).unwrap_err();
    let run = open(dir.path(), Mode::Resume).unwrap();
    assert!(matches!(&run.notices()[0], Notice::TookOver(owner) if owner.pid == 4_000_000_000), "{:?}", run.notices());
    drop(run);
    assert_eq!(fs::read(dir.path().join(LOCK_FILE)).unwrap(), b"", "taken over, and said once");
}

#[test]
fn a_journal_that_lost_trials_without_a_trace_is_said() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(go_on(dir.path(), 23, 1).state, State::Complete);
    let journal = dir.path().join(JOURNAL_FILE);
    fs::write(&journal, "").unwrap();
    let run = open(dir.path(), Mode::Resume).unwrap();
    let [lost @ Notice::Fewer { listed: COUNT, found: 0, loss: Loss::Untraced }] = run.notices() else {
        panic!("{:?}", run.notices())
    };
    assert!(lost.is_warning() && lost.to_string().contains("emptied, cut or replaced?"), "{lost}");
    drop(run);
    go_on(dir.path(), 4, 2);
    let run = open(dir.path(), Mode::Resume).unwrap();
    assert_eq!(run.notices(), [Notice::Resumed { done: 8, total: COUNT }], "nothing was lost since");
}

#[test]
fn what_damage_explains_is_not_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(go_on(dir.path(), 23, 1).state, State::Complete);
    let path = dir.path().join(JOURNAL_FILE);
    let mut journal = fs::read(&path).unwrap();
    let middle = journal.len() / 2;
    journal[middle] ^= 1;
    fs::write(&path, &journal).unwrap();
    let run = open(dir.path(), Mode::Resume).unwrap();
    let found = COUNT - 1;
    let [Notice::Recovered(recovery), resumed, fewer] = run.notices() else { panic!("{:?}", run.notices()) };
    assert_eq!((recovery.damaged_places, recovery.torn_bytes), (1, 0));
    assert_eq!(*resumed, Notice::Resumed { done: found, total: COUNT });
    assert_eq!(*fewer, Notice::Fewer { listed: COUNT, found, loss: Loss::Damage });
    assert!(fewer.is_warning() && fewer.to_string().ends_with("are computed again"), "{fewer}");
}

#[test]
fn an_unreadable_manifest_is_said_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    go_on(dir.path(), 4, 1);
    fs::write(dir.path().join("manifest.json"), "{").unwrap();
    let run = open(dir.path(), Mode::Resume).unwrap();
    assert!(run.notices().iter().any(|notice| matches!(notice, Notice::ManifestUnreadable(_))));
    assert_eq!(run.done().count(), 4, "the journal does not need it");
    assert!(dir.path().join(LOCK_FILE).exists());
}

/// On Unix a folder can be renamed under an open journal, and another run begun in its place.
#[cfg(unix)]
#[test]
fn a_run_whose_folder_was_replaced_leaves_the_other_run_alone() {
    let base = tempfile::tempdir().unwrap();
    let (path, moved) = (base.path().join("run"), base.path().join("moved"));
    let mut first = open(&path, Mode::Resume).unwrap();
    first.append(&trials(0..COUNT)).unwrap();
    fs::rename(&path, &moved).unwrap();
    drop(open(&path, Mode::Resume).unwrap());
    let before: Vec<_> = list(&path);

    let refused = first.finish(Tables::Complete).unwrap_err().to_string();
    assert!(refused.contains("another file is in its place"), "{refused}");
    assert_eq!(list(&path), before);
    assert_eq!(open(&moved, Mode::Resume).unwrap().recorded(), COUNT, "what was recorded went with the folder");
}

/// Names and contents of the files in `folder`.
#[cfg(unix)]
fn list(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}
