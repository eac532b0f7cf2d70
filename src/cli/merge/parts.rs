//! `nullsweep merge --plan PLAN`: the parts of a run on many machines -> its tables, without a journal in between.

use std::path::Path;

use serde_json::{Value, json};

use super::{Args, drawing};
use crate::cli::progress::{Progress, Verbosity};
use crate::cli::shard::{from_plan, layout_of};
use crate::cli::summary::{Cells, Summary};
use crate::cli::{Exit, Failure, expectations, format, output, status};
use crate::cluster::{Layout, Plan, Survey, survey};
use crate::config::Config;
use crate::record::{About, Assembly, Common, Part, Parts, RecordError, common_of};
use crate::run::{Watch as _, settings};

/// Trials between two looks at the progress bar.
const TRIALS_PER_TICK: usize = 1 << 10;

pub(super) fn run(args: &Args, plan: &Path) -> Result<Exit, Failure> {
    let layout = layout_of(plan)?;
    let plan = Plan::read(&layout).map_err(|error| from_plan(&error))?;
    let config = plan.config(&layout).map_err(|error| from_plan(&error))?;
    let survey = survey(&layout, &plan).map_err(|error| Failure::failed(error.to_string()))?;
    let out = args.out.as_deref().unwrap_or(layout.run());
    let summary = if survey.is_complete() || args.partial && !survey.parts.is_empty() {
        Some(write(args, out, &plan, &config, &survey)?)
    } else {
        None
    };
    if survey.is_complete() {
        tidy(&layout);
    }
    if args.json {
        output::json(&to_json(out, &plan, &survey, summary.as_ref()))?;
    } else if !args.quiet {
        if let Some(summary) = &summary {
            output::data(&summary.to_text())?;
        }
        if !survey.is_complete() {
            output::data(&missing_text(&plan, &survey))?;
        }
    }
    Ok(match summary {
        Some(summary) if survey.is_complete() => summary.exit(),
        _ => Exit::FailedRows,
    })
}

/// Writes the tables of what there is.
fn write(args: &Args, out: &Path, plan: &Plan, config: &Config, survey: &Survey) -> Result<Summary, Failure> {
    let format = format::choose(args.format, out)?;
    let described: Vec<_> = survey.parts.iter().map(Part::described).collect();
    let common = common_of(&described, args.kinds()).map_err(|error| Failure::usage(error.to_string()))?;
    args.tell_kinds(&common.kinds);
    let parts = Parts::new(&config.grid, plan.shards, survey.parts.clone());
    let trials = parts.present();
    let mut folder = open(args, out, &common, config, parts).map_err(|error| match error {
        RecordError::Io { .. } => Failure::failed(error.to_string()),
        _ => Failure::usage(error.to_string()),
    })?;
    folder.write_as(format).map_err(|error| Failure::failed(error.to_string()))?;
    folder.notices().iter().for_each(|notice| args.say(&notice.to_string()));

    let verbosity = if args.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let progress = Progress::new(0, trials, verbosity);
    let (mut cells, mut expected, mut seen) = (Cells::default(), Vec::new(), 0_usize);
    let written = folder.finish_with(
        args.tables(),
        &mut |entry| {
            cells.add(entry);
            seen += 1;
            if seen.is_multiple_of(TRIALS_PER_TICK) {
                progress.advance(TRIALS_PER_TICK);
            }
        },
        &mut |dir| expectations::compare(config, dir, &mut expected),
    );
    progress.finish();
    let manifest = written.map_err(|error| from_parts(&error, survey))?;
    let drawing = drawing(args, out, &manifest, Some(config));
    Ok(Summary::new(out, &manifest, cells, expected, drawing))
}

fn open(args: &Args, out: &Path, common: &Common, config: &Config, parts: Parts) -> Result<Assembly, RecordError> {
    let about = About {
        engine: format!("none: merged from {} parts", parts.iter().count()),
        // Every part has its own, and the identity those that the rows depend on.
        adapter: Value::Null,
        self_test: Value::Null,
        cpu_features: Vec::new(),
        shader_sha256: common.settings["shader_sha256"].as_str().map(str::to_owned),
        ..settings::about_config(config)
    };
    Assembly::open(out, &common.settings, &settings::schemas(config), parts, about, args.mode())
}

/// A part that is not what was published is moved out of the way: the next launch then finds its shard missing.
fn from_parts(error: &RecordError, survey: &Survey) -> Failure {
    let RecordError::Damaged { path, .. } = error else { return Failure::failed(error.to_string()) };
    let is_part = survey.parts.iter().any(|part| part.path() == path);
    let aside = path.with_extension("damaged");
    if !is_part || std::fs::rename(path, &aside).is_err() {
        return Failure::failed(error.to_string());
    }
    Failure::failed(format!(
        "{error}\n  it is now called {}: `nullsweep launch` with its config, or `nullsweep shard`, computes the shard",
        aside.display()
    ))
}

/// Removes what attempts that were killed have left: every shard is published.
fn tidy(layout: &Layout) {
    let Ok(entries) = std::fs::read_dir(layout.work()) else { return };
    for entry in entries.flatten() {
        // Nothing depends on it, and a process that is still at work there finds its part published.
        let _ = std::fs::remove_dir_all(entry.path());
    }
}

fn missing_text(plan: &Plan, survey: &Survey) -> String {
    let missing = plan.trials.saturating_sub(survey.trials());
    let shards = survey.unfinished.len();
    format!(
        "{missing} of {} trials are missing: {shards} of {} shards are not published\n{}  `nullsweep launch` with its \
         config computes what is missing\n",
        plan.trials,
        plan.shards,
        status::unfinished_text(survey)
    )
}

fn to_json(out: &Path, plan: &Plan, survey: &Survey, summary: Option<&Summary>) -> Value {
    json!({
        "folder": out.display().to_string(),
        "parts": survey.parts.iter().map(part_to_json).collect::<Vec<_>>(),
        "missing": {
            "trials": plan.trials.saturating_sub(survey.trials()),
            "shards": status::unfinished_json(survey),
        },
        "summary": summary.map(Summary::to_json),
    })
}

fn part_to_json(part: &Part) -> Value {
    json!({
        "shard": part.shard().to_string(),
        "file": part.path().display().to_string(),
        "trials": part.trials(),
        "sha256": part.sha256(),
        "bytes": part.bytes(),
    })
}
