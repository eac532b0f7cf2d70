//! Choosing a device: the CPU where there is no driver, a GPU where there is one, an error where one is asked for in vain.

use environment::{NO_DRIVER, gpu_tests_are_wanted};

use super::{config, manifest, nullsweep, number, rows, run_on_cpu, scratch, text};

pub(super) mod environment {
    /// Points every Vulkan loader at nothing.
    pub(super) const NO_DRIVER: [(&str, &str); 2] =
        [("VK_DRIVER_FILES", "/nonexistent/icd.json"), ("VK_ICD_FILENAMES", "/nonexistent/icd.json")];

    pub(crate) fn gpu_tests_are_wanted() -> bool {
        std::env::var_os("NULLSWEEP_NO_GPU").is_none()
    }
}

#[test]
fn without_a_driver_the_cpu_serves_and_says_so_once() {
    let dir = scratch();
    let out = dir.path().join("out");
    let done =
        nullsweep().args(["run", "configs/quickstart.toml", "--out"]).arg(&out).envs(NO_DRIVER).assert().success();
    let stderr = text(&done.get_output().stderr);
    if cfg!(target_os = "linux") {
        assert_eq!(stderr.matches("no GPU found: computing on the CPU").count(), 1, "{stderr}");
        assert!(rows(&out.join("spectrum.csv")).iter().all(|row| row["route"] == "cpu-f64"));
    }
}

#[test]
fn a_missing_gpu_asked_for_by_name_is_exit_4_with_the_remedy() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let dir = scratch();
    let out = dir.path().join("out");
    for device in ["gpu", "gpu:0"] {
        let failed = nullsweep()
            .args(["run", "configs/quickstart.toml", "--device", device, "--out"])
            .arg(&out)
            .envs(NO_DRIVER)
            .assert()
            .code(4);
        let stderr = text(&failed.get_output().stderr);
        assert!(stderr.contains("device = \"cpu\""), "{stderr}");
        assert!(!out.exists(), "nothing is written");
    }
}

#[test]
fn a_process_that_was_given_no_gpu_uses_none_unless_it_names_one() {
    let dir = scratch();
    let run = |device: &str, out: &str| {
        let mut command = nullsweep();
        command.env("CUDA_VISIBLE_DEVICES", "").args(["run", "configs/quickstart.toml", "--device", device, "--out"]);
        command.arg(dir.path().join(out));
        command
    };
    let refused = run("gpu", "gpu").assert().code(4);
    let stderr = text(&refused.get_output().stderr);
    assert!(stderr.contains("no GPU is given to this process: CUDA_VISIBLE_DEVICES = \"\""), "{stderr}");
    assert!(stderr.contains("device = \"gpu:INDEX\"") && !dir.path().join("gpu").exists(), "{stderr}");
    let served = run("auto", "auto").assert().success();
    assert!(text(&served.get_output().stderr).contains("computing on the CPU: no GPU is given to this process"));
    if gpu_tests_are_wanted() {
        run("gpu:0", "named").assert().success();
    }
}

#[test]
fn single_precision_on_the_cpu_is_refused() {
    let dir = scratch();
    let failed = run_on_cpu(&config("quickstart.toml"), &dir.path().join("out")).args(["--precision", "f32"]).assert();
    let failed = failed.code(2);
    assert!(text(&failed.get_output().stderr).contains("computed on a GPU only"));
}

#[test]
fn a_gpu_gives_the_cpus_values_within_the_promise_of_its_precision() {
    if !gpu_tests_are_wanted() {
        return;
    }
    let dir = scratch();
    let cpu = dir.path().join("cpu");
    run_on_cpu(&config("quickstart.toml"), &cpu).assert().success();
    let reference = rows(&cpu.join("spectrum.csv"));
    for (precision, route, unit_roundoff) in
        [("auto", "gpu-f32+f64", f64::EPSILON / 2.0), ("f32", "gpu-f32", f64::from(f32::EPSILON) / 2.0)]
    {
        let out = dir.path().join(precision);
        nullsweep()
            .args(["run", "configs/quickstart.toml", "--device", "gpu", "--precision", precision, "--out"])
            .arg(&out)
            .assert()
            .success();
        let found = rows(&out.join("spectrum.csv"));
        assert_eq!(found.len(), reference.len());
        for (found, reference) in found.iter().zip(&reference) {
            assert_eq!(found["route"], route);
            let size = number(found, "n").max(number(found, "d"));
            let tolerance = 10.0 * size * unit_roundoff * number(reference, "sigma_max");
            for column in ["sigma_max", "sigma_min"] {
                let difference = (number(found, column) - number(reference, column)).abs();
                assert!(difference <= tolerance, "{precision}, {column}: {difference:e} > {tolerance:e}");
            }
            let (lo, hi) = (number(found, "sigma_min_lo"), number(found, "sigma_min_hi"));
            let (other_lo, other_hi) = (number(reference, "sigma_min_lo"), number(reference, "sigma_min_hi"));
            assert!(lo <= other_hi && other_lo <= hi, "two enclosures of one number must meet");
        }
        let manifest = manifest(&out);
        assert_eq!(manifest["trials"]["by_route"][route], found.len());
        assert!(manifest["attempts"][0]["adapter"]["name"].is_string(), "{}", manifest["attempts"][0]["adapter"]);
        nullsweep().arg("verify").arg(&out).assert().success();
    }
}

#[test]
fn devices_lists_what_a_gpu_may_be_used_for() {
    let listed = nullsweep().args(["devices", "--json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&listed.get_output().stdout).unwrap();
    assert!(json["cpu"].as_str().unwrap().starts_with("cpu ("));
    if gpu_tests_are_wanted() {
        let adapter = &json["adapters"][0];
        assert!(adapter["name"].is_string() && adapter["limits"]["workgroup_storage_bytes"].is_u64(), "{json}");
        assert_eq!(adapter["precisions"][0]["verdict"], "usable", "{json}");
    }
    let text_form = nullsweep().arg("devices").envs(NO_DRIVER).assert().success();
    if cfg!(target_os = "linux") {
        assert!(text(&text_form.get_output().stdout).contains("no GPU"));
    }
}
