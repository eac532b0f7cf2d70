//! A build without the feature `parquet` says what it lacks and how to get it.

use super::{config, manifest, nullsweep, run_on_cpu, scratch, text};

#[test]
fn parquet_is_a_usage_error_that_says_how_to_build() {
    let dir = scratch();
    let out = dir.path().join("out");
    let done = run_on_cpu(&config("quickstart.toml"), &out).args(["--format", "parquet"]).assert().code(2);
    let told = text(&done.get_output().stderr);
    for words in
        ["--format parquet", "cargo install --path . --features parquet", "cargo run --release --features parquet"]
    {
        assert!(told.contains(words), "{told}");
    }
    assert!(!out.exists(), "before anything is written");
}

#[test]
fn a_launch_whose_merge_could_not_write_is_refused_unless_another_program_merges() {
    let dir = scratch();
    let out = dir.path().join("out");
    let launch = |more: &[&str]| {
        let mut command = nullsweep();
        command
            .arg("launch")
            .arg(config("quickstart.toml"))
            .args(["--on", "slurm", "--device", "cpu", "--shards", "2"]);
        command.args(["--format", "parquet", "--dry-run", "--out"]).arg(&out).args(more).assert()
    };
    let told = text(&launch(&[]).code(2).get_output().stderr);
    assert!(told.contains("--format parquet: this build of nullsweep has no Parquet"), "{told}");
    assert!(!out.exists(), "before anything is written");
    launch(&["--program", "/opt/nullsweep"]).success();
}

#[test]
fn a_folder_in_parquet_is_told_from_a_damaged_one() {
    let dir = scratch();
    let out = dir.path().join("out");
    run_on_cpu(&config("quickstart.toml"), &out).assert().success();
    let mut manifest = manifest(&out);
    manifest["format"] = "parquet".into();
    manifest["files"][0]["name"] = "spectrum/00000.parquet".into();
    std::fs::create_dir(out.join("spectrum")).unwrap();
    std::fs::rename(out.join("spectrum.csv"), out.join("spectrum/00000.parquet")).unwrap();
    std::fs::write(out.join("manifest.json"), manifest.to_string()).unwrap();

    for (args, code) in [(&["verify"][..], 2), (&["csv"], 1)] {
        let done = nullsweep().args(args).arg(&out).assert().code(code);
        let told = text(&done.get_output().stderr);
        assert!(told.contains("this build of nullsweep has no Parquet") && told.contains("--format csv"), "{told}");
    }
    let told = text(&run_on_cpu(&config("quickstart.toml"), &out).assert().code(2).get_output().stderr);
    assert!(told.contains("its tables are in Parquet") && told.contains("--format csv"), "{told}");
    run_on_cpu(&config("quickstart.toml"), &out).args(["--format", "csv"]).assert().success();
    assert!(out.join("spectrum.csv").exists() && !out.join("spectrum").exists());
}
