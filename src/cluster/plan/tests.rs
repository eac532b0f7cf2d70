use super::*;

fn config(extra: &str) -> Config {
    let text = format!("{extra}\n[design]\nkind = \"gaussian\"\nreplicates = 4\n[grid]\nn = [3, 5]\nd = 2\n");
    Config::parse(&text, Path::new("a.toml"), &[]).unwrap()
}

#[test]
fn a_plan_is_read_back_and_describes_the_run_it_was_made_of() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of_run(dir.path());
    assert!(matches!(Plan::read(&layout), Err(PlanError::NoPlan(_))));
    let config = config("name = \"one\"");
    let plan = Plan::new(&config, 3, 1, None).unwrap();
    plan.write(&layout).unwrap();
    assert_eq!(Plan::read(&layout).unwrap(), plan);
    let again = plan.config(&layout).unwrap();
    assert_eq!((again.grid.trial_count(), again.engine.device), (8, Device::Cpu));
}

#[test]
fn another_plan_is_refused_and_the_same_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of_run(dir.path());
    let plan = |extra: &str, shards| Plan::new(&config(extra), shards, 1, None).unwrap();
    plan("", 3).write(&layout).unwrap();
    plan("question = \"another one?\"", 3).write(&layout).unwrap();
    let refused = plan("", 4).write(&layout).unwrap_err().to_string();
    assert!(refused.contains("shards: 4 asked for, 3 in the plan"), "{refused}");
    let refused = plan("[engine]\nrtol = 1e-3", 3).write(&layout).unwrap_err().to_string();
    assert!(refused.contains("rtol"), "{refused}");
    let refused = plan("[engine]\ndevice = \"gpu:1\"", 3).write(&layout).unwrap_err().to_string();
    assert!(refused.contains("device: gpu asked for, cpu in the plan"), "{refused}");
}

#[test]
fn there_are_at_most_as_many_shards_as_trials() {
    for asked in [0, 9, u32::MAX] {
        let refused = Plan::new(&config(""), asked, 1, None).unwrap_err().to_string();
        assert!(refused.contains("give 1 to 8"), "{refused}");
    }
    assert!(Plan::new(&config(""), 8, 1, None).is_ok());
}

#[test]
fn what_is_no_plan_is_said_with_what_is_wrong() {
    let whole = serde_json::to_value(Plan::new(&config(""), 3, 1, None).unwrap()).unwrap();
    let with = |key: &str, value: serde_json::Value| {
        let mut plan = whole.clone();
        plan[key] = value;
        Plan::parse(plan.to_string().as_bytes()).unwrap_err()
    };
    assert!(with("format", "x".into()).contains("format = \"x\""));
    assert!(with("version", 2.into()).contains("version = 2; this program reads version 1"));
    assert!(with("shards", 0.into()).contains("shards = 0"));
    assert!(with("shards", 9.into()).contains("shards = 9 of a run of 8 trials"));
    assert!(with("threads", 0.into()).contains("threads = 0"));
    assert!(with("trials", (-1).into()).contains("-1"));
    assert!(Plan::parse(b"{").is_err() && Plan::parse(b"[]").is_err() && Plan::parse(b"").is_err());
}

#[test]
fn a_plan_that_describes_another_run_here_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of_run(dir.path());
    let mut plan = Plan::new(&config(""), 3, 1, None).unwrap();
    plan.config.text = plan.config.text.replace("replicates = 4", "replicates = 5");
    let refused = plan.config(&layout).unwrap_err().to_string();
    assert!(refused.contains("replicates: 4 in the plan, 5 here"), "{refused}");
    assert!(refused.contains("was a data file changed") && !refused.contains("another version"), "{refused}");
}

#[test]
fn a_plan_of_another_version_is_refused_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of_run(dir.path());
    let mut plan = Plan::new(&config(""), 3, 1, None).unwrap();
    plan.definition.description["settings"]["kernel_version"] = 1.into();
    let refused = |plan: &Plan| plan.config(&layout).unwrap_err().to_string();
    assert!(refused(&plan).contains("another version of nullsweep made this plan\n  kernel_version: 1 in the plan, "));
    plan.program.version = "0.0.9\u{1b}[2J".to_owned();
    let said = refused(&plan);
    assert!(said.contains("made this plan: nullsweep 0.0.9 [2J") && !said.contains("data file"), "{said}");
}
