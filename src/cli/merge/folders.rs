//! `nullsweep merge DIR... --out DIR`: shards -> the run that they are shards of, in a journal of its own.

use std::path::Path;

use serde_json::{Value, json};

use super::missing::Missing;
use super::{Args, drawing};
use crate::cli::summary::{Cells, Summary};
use crate::cli::{Exit, Failure, expectations, format, output};
use crate::config::{Config, MAX_TRIALS};
use crate::grid::{Grid, Share};
use crate::measure::TableId;
use crate::measure::table::Schema;
use crate::record::{
    About, Common, Comparisons, HeaderState, Identity, Manifest, Merged, Presence, RecordError, Recovery, RunFolder,
    SourceFolder, State, Tables, common,
};

pub(super) fn run(args: &Args, out: &Path) -> Result<Exit, Failure> {
    let say = |text: &str| args.say(text);
    let format = format::choose(args.format, out)?;
    let sources = open_sources(args, out)?;
    let common = common(&sources, args.kinds()).map_err(|error| Failure::usage(error.to_string()))?;
    let schemas = schemas(&common, &sources)?;
    let manifest = known_manifest(&common, &sources, args, out)?;
    let config = config(&manifest, &common);
    let grid = config.as_ref().map(|config| &config.grid);

    let share = Share::whole(common.trials);
    let mut folder =
        RunFolder::open(out, &common.settings, &schemas, &share, about(manifest, sources.len()), args.mode())
            .map_err(|error| from_open(&error))?;
    folder.write_as(format).map_err(|error| Failure::failed(error.to_string()))?;
    folder.notices().iter().for_each(|notice| say(&notice.to_string()));
    args.tell_kinds(&common.kinds);
    let merged = match folder.take(&sources) {
        Ok(merged) => merged,
        Err(error) => {
            // What was taken stays usable; the error that ended it is the one to report.
            let _ = folder.finish(Tables::Complete);
            return Err(from_take(&error, grid.ok()));
        }
    };
    tell(&merged, &sources, &say);

    let missing = Missing::of(&folder, &sources, grid.ok());
    let old_tables = folder.warn_of_old_tables();
    let (mut cells, mut expected) = (Cells::default(), Vec::new());
    let manifest = folder
        .finish_with(args.tables(), &mut |entry| cells.add(entry), &mut |dir| match &config {
            Ok(config) => expectations::compare(config, dir, &mut expected),
            Err(_) => Ok(Comparisons::default()),
        })
        .map_err(|error| Failure::failed(error.to_string()))?;
    let written = manifest.state == State::Complete || args.partial;
    if written && let Err(why) = &config {
        say(&format!("no law and no expectation is compared with the tables and no figure is drawn: {why}"));
    }
    let summary = written.then(|| {
        let drawing = drawing(args, out, &manifest, config.as_ref().ok());
        Summary::new(out, &manifest, cells, expected, drawing)
    });
    if args.json {
        output::json(&to_json(out, &merged, &missing, summary.as_ref()))?;
    } else if !args.quiet {
        if let Some(summary) = &summary {
            output::data(&summary.to_text())?;
        }
        if missing.count() > 0 {
            output::data(&missing.to_text())?;
            if let Some(warning) = old_tables.filter(|_| !args.partial) {
                say(&warning);
            }
            if let Err(why) = &grid {
                say(&format!("  which shards they belong to cannot be told: {why}"));
            }
        }
    }
    Ok(match summary {
        Some(summary) if missing.count() == 0 => summary.exit(),
        _ => Exit::FailedRows,
    })
}

/// The folders to take from, without `--out` itself: a pattern may well match it.
fn open_sources(args: &Args, out: &Path) -> Result<Vec<SourceFolder>, Failure> {
    let canonical = out.canonicalize().ok();
    let is_out = |path: &Path| canonical.is_some() && path.canonicalize().ok() == canonical;
    let paths = args.folders.iter().filter(|path| !is_out(path));
    let sources = paths.map(|path| SourceFolder::open(path)).collect::<Result<Vec<_>, RecordError>>();
    let sources = sources.map_err(|error| Failure::usage(error.to_string()))?;
    if sources.is_empty() {
        return Err(Failure::usage(format!(
            "{}: this is --out itself\n  give the folders that are to be merged into it",
            out.display()
        )));
    }
    Ok(sources)
}

/// The tables that the sources have, if they are this version's too.
fn schemas(common: &Common, sources: &[SourceFolder]) -> Result<Vec<Schema>, Failure> {
    let other_version = || {
        let named = sources.iter().find_map(|source| Some((source.path(), source.other_program()?)));
        let (folder, program) = match named {
            Some((folder, program)) => (folder, format!(": {program}")),
            None => (sources.first().map_or(Path::new(""), SourceFolder::path), String::new()),
        };
        Failure::usage(format!(
            "{}: its tables are not those of this version of nullsweep\n  merge with the version that ran it{program}",
            folder.display()
        ))
    };
    let schemas: Option<Vec<Schema>> =
        common.tables.iter().map(|name| TableId::parse(name).map(|table| *table.schema())).collect();
    let tables = &common.tables;
    let is_repeated = (1..tables.len()).any(|at| tables[..at].contains(&tables[at]));
    let schemas = schemas.filter(|_| !is_repeated && common.trials as u64 <= MAX_TRIALS).ok_or_else(other_version)?;
    let ours = Identity::new(&common.settings, &schemas, common.trials);
    let theirs = sources.iter().find_map(SourceFolder::description);
    let same = |theirs: &Value| ["order", "tables", "trials"].iter().all(|key| theirs[key] == ours.description()[key]);
    if !theirs.is_some_and(same) {
        return Err(other_version());
    }
    Ok(schemas)
}

/// A manifest that says which config all this is about.
fn known_manifest(common: &Common, sources: &[SourceFolder], args: &Args, out: &Path) -> Result<Manifest, Failure> {
    let is_of_this_run =
        |manifest: &&Manifest| manifest.identity.description["settings"]["config"] == common.settings["config"];
    let of_out = if args.fresh { None } else { Manifest::read(out).ok().flatten() };
    let mut known = sources.iter().filter_map(SourceFolder::manifest).chain(&of_out);
    known.find(is_of_this_run).cloned().ok_or_else(|| {
        Failure::usage(
            "none of these folders has a manifest.json that can be read, so their config is not known\n  give one more \
             folder of the run, finished or not",
        )
    })
}

/// The config, for naming trials and shards, for the figures and for the laws that the tables are held against; or why not.
fn config(manifest: &Manifest, common: &Common) -> Result<Config, String> {
    let config = Config::parse(&manifest.config.text, Path::new(&manifest.config.path), &[])
        .map_err(|errors| format!("the config in manifest.json cannot be read here: {errors}"))?;
    if config.source.identity != common.settings["config"] || config.grid.trial_count() != common.trials {
        return Err("the config in manifest.json no longer describes this run (has a data file changed?)".to_owned());
    }
    Ok(config)
}

fn about(manifest: Manifest, folders: usize) -> About {
    About {
        name: manifest.name,
        config: manifest.config.text,
        config_path: manifest.config.path,
        seeds: manifest.seeds,
        shader_sha256: manifest.program.shader_sha256,
        command: std::env::args().collect(),
        engine: format!("none: merged from {folders} folders"),
        adapter: Value::Null,
        self_test: Value::Null,
        cpu_features: Vec::new(),
        figures: manifest.figures,
    }
}

/// What a person wants to know of the sources.
fn tell(merged: &Merged, sources: &[SourceFolder], say: &impl Fn(&str)) {
    for (taken, source) in merged.sources.iter().zip(sources) {
        let folder = taken.folder.display();
        let Recovery { torn_bytes, damaged_bytes, damaged_places, header } = taken.recovery;
        if let Some((owner, sure)) = source.holder() {
            let in_use = match sure {
                Presence::Certain => "in use",
                Presence::Possible => "in use, or left by a kill,",
            };
            say(&format!("{folder}: {in_use} by {owner}; what was recorded by now is taken"));
        } else if torn_bytes > 0 {
            say(&format!("{folder}: {torn_bytes} bytes of an unfinished write are left out"));
        }
        if header == HeaderState::Damaged {
            say(&format!(
                "{folder}: the header of its journal is damaged, its trials are found all the same (check the disk)"
            ));
        }
        if damaged_places > 0 {
            say(&format!(
                "{folder}: journal damaged in {damaged_places} place(s), {damaged_bytes} bytes: those trials count as \
                 missing (check the disk)"
            ));
        }
    }
    let taken: usize = merged.sources.iter().map(|source| source.taken).sum();
    let repeated = match merged.repeated {
        0 => String::new(),
        count => format!("; {count} were recorded more than once, with the same rows each time"),
    };
    let folders = if sources.len() == 1 { "folder" } else { "folders" };
    say(&format!("took {taken} trials from {} {folders}{repeated}", sources.len()));
}

/// A shard's folder cannot become that of the run, and `merge` has no `--shard` to be told so.
fn from_open(error: &RecordError) -> Failure {
    match error {
        RecordError::OtherShare { folder, holds: Some(shard), .. } => Failure::usage(format!(
            "{}: holds shard {shard}, not all of a run\n  a merge has a folder of its own: choose another one with --out",
            folder.display()
        )),
        _ => Failure::usage(error.to_string()),
    }
}

fn from_take(error: &RecordError, grid: Option<&Grid>) -> Failure {
    let key = match (error, grid) {
        (RecordError::Conflict { trial, .. }, Some(grid)) if *trial < grid.trial_count() => {
            format!("\n  trial {trial} is {}", grid.trial(*trial))
        }
        _ => String::new(),
    };
    Failure::failed(format!("{error}{key}"))
}

fn to_json(out: &Path, merged: &Merged, missing: &Missing<'_>, summary: Option<&Summary>) -> Value {
    let source = |source: &crate::record::Taken| {
        json!({
            "folder": source.folder.display().to_string(),
            "recorded": source.recorded,
            "taken": source.taken,
            "damaged_places": source.recovery.damaged_places,
            "damaged_header": source.recovery.header == HeaderState::Damaged,
        })
    };
    json!({
        "folder": out.display().to_string(),
        "sources": merged.sources.iter().map(source).collect::<Vec<_>>(),
        "repeated": merged.repeated,
        "missing": missing.to_json(),
        "summary": summary.map(Summary::to_json),
    })
}
