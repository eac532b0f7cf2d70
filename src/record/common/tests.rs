use serde_json::json;

use super::super::identity::Identity;
use super::super::journal::Journal;
use super::*;

/// A folder whose journal has these settings and nothing else.
fn source(settings: &Value) -> (tempfile::TempDir, SourceFolder) {
    let dir = tempfile::tempdir().unwrap();
    Journal::create(dir.path(), &Identity::new(settings, &[], 3)).unwrap();
    let source = SourceFolder::open(dir.path()).unwrap();
    (dir, source)
}

fn settings(seed: u64, engine: &str) -> Value {
    json!({ "config": { "seed": seed }, "engine": engine, "kernel_version": 2, "platform": "x86_64-linux" })
}

#[test]
fn parts_of_one_kind_have_the_identity_of_the_whole() {
    let settings = settings(1, "cpu-f64");
    let ((_a, a), (_b, b)) = (source(&settings), source(&settings));
    let common = common(&[a.clone(), b], Kinds::One).unwrap();
    let joined = Identity::new(&common.settings, &[], common.trials);
    assert_eq!(Some(joined.hash()), a.identity_hash());
}

#[test]
fn two_kinds_are_refused_unless_asked_for_and_then_said_whatever_the_order() {
    let ((_a, a), (_b, b)) = (source(&settings(1, "cpu-f64")), source(&settings(1, "gpu-f32+f64")));
    let refusal = common(&[a.clone(), b.clone()], Kinds::One).unwrap_err().to_string();
    assert!(refusal.contains("engine: cpu-f64 in A, gpu-f32+f64 in B"), "{refusal}");
    assert!(refusal.contains("--mixed"), "{refusal}");
    let mixed = common(&[a.clone(), b.clone()], Kinds::Mixed).unwrap();
    assert_eq!(mixed.settings["kinds"][0]["engine"], "cpu-f64");
    assert_eq!(mixed.settings["kinds"][1]["engine"], "gpu-f32+f64");
    assert_eq!(mixed.settings.get("engine"), None);
    assert_eq!(common(&[b, a.clone()], Kinds::Mixed).unwrap(), mixed);
    // What was merged from two kinds may be merged with one of them again.
    let (_c, merged) = source(&mixed.settings);
    assert_eq!(common(&[merged, a], Kinds::Mixed).unwrap(), mixed);
}

#[test]
fn parts_of_two_runs_are_refused_whatever_was_asked_for() {
    let ((_a, a), (_b, b)) = (source(&settings(1, "cpu-f64")), source(&settings(2, "gpu-f32+f64")));
    for kinds in [Kinds::One, Kinds::Mixed] {
        let refusal = common(&[a.clone(), b.clone()], kinds).unwrap_err().to_string();
        assert!(refusal.contains("seed: 1 in A, 2 in B"), "{refusal}");
        assert!(!refusal.contains("--mixed"), "{refusal}");
    }
}

/// What is said of folders with these names, kernel versions and program versions.
fn refusal_of_versions(folders: &[(&str, u64, Option<&str>)]) -> String {
    let known: Vec<(Value, Option<Program>)> = folders
        .iter()
        .map(|(_, kernel, version)| {
            let description =
                json!({ "settings": { "kernel_version": kernel }, "order": [], "tables": {}, "trials": 3 });
            let program = version.map(|version| Program {
                name: "nullsweep".to_owned(),
                version: version.to_owned(),
                git_revision: None,
                shader_sha256: None,
            });
            (description, program)
        })
        .collect();
    let described: Vec<Described<'_>> = folders
        .iter()
        .zip(&known)
        .map(|((path, ..), (description, program))| Described {
            path: Path::new(path),
            description,
            program: program.as_ref(),
        })
        .collect();
    common_of(&described, Kinds::One).unwrap_err().to_string()
}

#[test]
fn of_two_versions_neither_is_blamed_and_both_are_named() {
    let old = ("old", 4, Some("0.1.0"));
    let refusal = refusal_of_versions(&[old, ("new1", 5, Some("0.2.0")), ("new2", 5, None)]);
    assert_eq!(
        refusal,
        "what is to be merged was computed by two versions of nullsweep\n  A: new1, new2 (by nullsweep 0.2.0)\n  B: old (by \
         nullsweep 0.1.0)\n  kernel_version: 5 in A, 4 in B\n  leave out A or B, and compute what is missing then with the \
         version of those that stay"
    );
    // What stands on both sides tells nothing apart.
    let copied = refusal_of_versions(&[old, ("new1", 5, Some("0.2.0")), ("new2", 5, Some("0.1.0"))]);
    assert!(copied.contains("A: new1, new2 (by nullsweep 0.2.0)\n  B: old\n"), "{copied}");
    let many = ["a", "b", "c", "d", "e", "f"].map(|name| (name, 5, None));
    let refusal = refusal_of_versions(&[&many[..], &[old, ("odd", 3, None)]].concat());
    assert!(refusal.contains("A: a, b, c, d, and 2 more\n  B: old"), "{refusal}");
    assert!(refusal.contains("\n  and 1 more such\n"), "{refusal}");
}
