//! `nullsweep bench`: refusals, files, and how a software adapter is spoken of. No assertion on how long anything takes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{config, nullsweep, number, rows, scratch, text};

/// Few and small: a test needs the files, not the numbers.
const TINY: [&str; 6] = ["--shapes", "6x12,5x3", "--batch", "1,4", "--samples", "7"];

fn bench(out: &Path) -> assert_cmd::Command {
    let mut command = nullsweep();
    command.args(["bench", "--quiet", "--out"]).arg(out);
    command
}

#[test]
fn bad_arguments_are_refused_with_the_remedy_before_anything_is_measured() {
    let dir = scratch();
    let out = dir.path().join("out");
    let quickstart = config("quickstart.toml");
    let quickstart = quickstart.to_str().unwrap();
    for (arguments, words) in [
        (vec!["--shapes", "32"], "`32x16`"),
        (vec!["--shapes", "32x0"], "at least 1"),
        (vec!["--shapes", "30000x30000"], "smaller --batch or smaller --shapes"),
        (vec!["--batch", "0"], "at least 1 matrix"),
        (vec!["--batch", "many"], "invalid digit"),
        (vec!["--samples", "0"], "give 1 to 10000"),
        (vec!["--threads", "0"], "at least 1"),
        (vec!["--device", "cuda"], "gpu:INDEX"),
        (vec!["--kernel", "threads"], "allowed: auto, thread"),
        (vec!["--kernel", "thread", "--device", "cpu"], "there is no GPU path; give --device gpu"),
        (vec!["--device", "cpu", "--precision", "f32"], "computed on a GPU only"),
        (vec!["configs/no-such.toml"], "configs/no-such.toml"),
        (vec![quickstart, "--shapes", "7x7"], "the config has no cell of that shape; it has 12x6, 12x12"),
    ] {
        let failed = bench(&out).args(&arguments).assert().code(2);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
        assert!(!out.exists(), "{arguments:?}: nothing is written");
    }
}

#[test]
fn a_folder_that_cannot_be_had_is_said_before_anything_is_measured() {
    let dir = scratch();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let failed = nullsweep().args(["bench", "--device", "cpu", "--out"]).arg(&file).assert().code(2);
    let stderr = text(&failed.get_output().stderr);
    assert!(stderr.contains("a file is in the way") && !stderr.contains("measuring"), "{stderr}");
    let out = dir.path().join("new");
    bench(&out).args(["--shapes", "4x3", "--batch", "1", "--samples", "1", "--device", "cpu"]).assert().success();
    let names: BTreeSet<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let figure = ["csv", "pdf", "png", "svg"].map(|extension| format!("bench-cost.{extension}"));
    let expected = ["bench-summary.csv", "bench.csv", "bench.json"].into_iter().map(str::to_owned).chain(figure);
    assert_eq!(names, expected.map(Into::into).collect(), "nothing is left behind");
}

#[test]
fn every_sample_is_in_the_table_and_every_point_in_the_summary() {
    let dir = scratch();
    let out = dir.path().join("out");
    let done = bench(&out).args(TINY).args(["--device", "cpu", "--threads", "1"]).assert().success();
    assert!(done.get_output().stdout.is_empty() && done.get_output().stderr.is_empty(), "quiet");

    let samples = rows(&out.join("bench.csv"));
    let point = |row: &BTreeMap<String, String>| {
        ["n", "d", "batch", "threads", "path", "part"].map(|column| row[column].clone()).join(" ")
    };
    let points: BTreeSet<String> = samples.iter().map(point).collect();
    // generate, values, factor, certify, certified and gram of four cases; fma and triad.
    assert_eq!(points.len(), 4 * 6 + 2, "{points:?}");
    for wanted in &points {
        let of = |phase: &str| {
            let rows = samples.iter().filter(|row| point(row) == *wanted && row["phase"] == phase);
            rows.map(|row| row["sample"].parse::<usize>().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(of("cold"), [0], "{wanted}");
        assert_eq!(of("measured"), (0..7).collect::<Vec<_>>(), "{wanted}");
        assert_eq!(of("warm-up"), (0..of("warm-up").len()).collect::<Vec<_>>(), "{wanted}");
        assert!(!of("warm-up").is_empty(), "{wanted}");
    }
    assert!(samples.iter().all(|row| number(row, "seconds") > 0.0 && row["clock"] == "host"));

    let summary = rows(&out.join("bench-summary.csv"));
    assert_eq!(summary.iter().map(point).collect::<BTreeSet<_>>(), points);
    assert_eq!(summary.len(), points.len());
    for row in &summary {
        let [lo, median, hi] = ["median_lo", "median_seconds", "median_hi"].map(|column| number(row, column));
        assert!(lo <= median && median <= hi, "{row:?}");
        // The median of an odd number of samples is one of them.
        let taken = samples.iter().any(|sample| {
            point(sample) == point(row) && sample["phase"] == "measured" && sample["seconds"] == row["median_seconds"]
        });
        assert!(taken, "{row:?}");
    }
}

#[test]
fn rounds_are_interleaved() {
    let dir = scratch();
    let out = dir.path().join("out");
    bench(&out).args(["--shapes", "4x3", "--batch", "2", "--samples", "3", "--device", "cpu"]).assert().success();
    let samples = rows(&out.join("bench.csv"));
    let order: Vec<(String, String)> = samples
        .iter()
        .filter(|row| row["phase"] == "measured" && !row["n"].is_empty())
        .map(|row| (row["sample"].clone(), row["part"].clone()))
        .collect();
    let round = ["generate", "values", "factor", "certify", "certified", "gram"];
    let expected: Vec<(String, String)> =
        (0..3).flat_map(|number| round.map(|part| (number.to_string(), part.to_owned()))).collect();
    assert_eq!(order, expected);
}

#[test]
fn the_json_is_the_file_and_says_what_was_measured() {
    let dir = scratch();
    let out = dir.path().join("out");
    let done = bench(&out).args(TINY).args(["--device", "cpu", "--json"]).assert().success();
    let printed: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let stored: Value = serde_json::from_slice(&std::fs::read(out.join("bench.json")).unwrap()).unwrap();
    assert_eq!(printed, stored);
    assert_eq!(printed["settings"]["samples"], 7);
    assert_eq!((&printed["gpu"], &printed["software_adapter"]), (&Value::Null, &Value::Bool(false)));
    assert_eq!(printed["crossovers"].as_array().unwrap().len(), 0, "one path crosses nothing");
    let summary = printed["summary"].as_array().unwrap();
    assert_eq!(summary.len(), rows(&out.join("bench-summary.csv")).len());
    let factor = summary.iter().find(|row| row["part"] == "factor").unwrap();
    assert!(factor["flops_executed"].as_f64().unwrap() > 0.0 && factor["roofline_share"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_config_gives_design_and_shapes() {
    let dir = scratch();
    let out = dir.path().join("out");
    let collinear = config("collinearity.toml");
    let mut command = bench(&out);
    command.arg(&collinear).args(["--shapes", "50x5", "--batch", "2", "--samples", "1", "--device", "cpu", "--json"]);
    let printed: Value = serde_json::from_slice(&command.assert().success().get_output().stdout).unwrap();
    assert_eq!(printed["settings"]["design"], "Collinear");
    let summary = printed["summary"].as_array().unwrap();
    assert!(summary.iter().all(|row| row["n"].is_null() || (row["n"] == 50 && row["d"] == 5)));
    // One sample is a median, and nothing more.
    assert!(summary.iter().all(|row| row["median_lo"].is_null() && row["drift"].is_null()));
}

#[test]
fn a_software_adapter_is_called_one() {
    if std::env::var_os("NULLSWEEP_NO_GPU").is_some() {
        return;
    }
    let adapters = nullsweep().args(["devices", "--json"]).assert().success();
    let adapters: Value = serde_json::from_slice(&adapters.get_output().stdout).unwrap();
    let software = adapters["adapters"].as_array().unwrap().iter().find(|adapter| adapter["kind"] == "software");
    // On a machine that has none there is nothing to be called so.
    let Some(index) = software.and_then(|adapter| adapter["index"].as_u64()) else { return };
    let dir = scratch();
    let out = dir.path().join("out");
    let done = nullsweep()
        .args([
            "bench",
            "--shapes",
            "6x12",
            "--batch",
            "4",
            "--samples",
            "6",
            "--device",
            &format!("gpu:{index}"),
            "--out",
        ])
        .arg(&out)
        .assert()
        .success();
    let stdout = text(&done.get_output().stdout);
    assert!(stdout.contains("a SOFTWARE one") && stdout.contains("cold start of the gpu path"), "{stdout}");

    let json: Value = serde_json::from_slice(&std::fs::read(out.join("bench.json")).unwrap()).unwrap();
    assert_eq!((&json["software_adapter"], &json["adapter"]["kind"]), (&Value::Bool(true), &"software".into()));
    let parts: Vec<&str> = json["crossovers"].as_array().unwrap().iter().filter_map(|at| at["part"].as_str()).collect();
    assert_eq!(parts, ["factor", "certified"]);
    let of_gpu = |part: &str| {
        let summary = json["summary"].as_array().unwrap();
        summary.iter().find(|row| row["path"] == "gpu" && row["part"] == part).cloned().unwrap()
    };
    for part in ["open", "values", "factor", "upload", "kernel", "readback", "certify", "certified", "gram"] {
        assert!(of_gpu(part)["median_seconds"].as_f64().unwrap() > 0.0, "{part}");
    }
    assert_eq!(of_gpu("factor")["served_by_cpu"], 0);
    assert_eq!(json["kernels"]["6x12"], "triangle and jacobi_thread");
    assert!(stdout.contains("6x12: triangle and jacobi_thread"), "{stdout}");
    assert_eq!(of_gpu("factor")["clock"], "host");
    assert!(of_gpu("kernel")["median_seconds"].as_f64() <= of_gpu("factor")["median_seconds"].as_f64());
    let by_device = json["adapter"]["features"]["timestamp_query"] == true;
    assert_eq!(of_gpu("kernel")["clock"], if by_device { "device" } else { "host" });
    assert_eq!(json["adapter"]["kernel_clock"], of_gpu("kernel")["clock"]);
    assert_eq!(stdout.contains("kernel is by the device's own clock"), by_device, "{stdout}");
    assert!(of_gpu("factor")["speedup_lo"].as_f64() <= of_gpu("factor")["speedup_hi"].as_f64());

    let device = format!("gpu:{index}");
    let asked = ["--shapes", "6x12", "--batch", "4", "--samples", "1", "--device", &device, "--kernel"];
    let refused = bench(&out).args(asked).arg("block").assert().code(2);
    let stderr = text(&refused.get_output().stderr);
    assert!(stderr.contains("6x12") && stderr.contains("is served by triangle and jacobi_thread"), "{stderr}");
    bench(&out).args(asked).arg("round").assert().success();
    let json: Value = serde_json::from_slice(&std::fs::read(out.join("bench.json")).unwrap()).unwrap();
    assert_eq!(json["kernels"]["6x12"], "triangle and jacobi_round");
}
