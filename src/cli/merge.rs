//! `nullsweep merge DIR... --out DIR`: shards -> the run that they are shards of.

mod missing;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::figures::{self, Drawing, Figures};
use super::summary::{Cells, Summary};
use super::{Exit, Failure, expectations, format, output};
use crate::config::{Config, MAX_TRIALS};
use crate::grid::{Grid, Share};
use crate::measure::TableId;
use crate::measure::table::Schema;
use crate::record::{
    About, Common, Comparisons, Format, Identity, Kinds, Manifest, Merged, Mode, Presence, RecordError, Recovery,
    RunFolder, SourceFolder, State, Tables, common,
};
use missing::Missing;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line")]
pub(super) struct Args {
    /// Folders of shards, finished or not, or of whole runs; they are only read
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where the run goes; if it is there already, it is gone on with
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write the tables of what there is, although trials are missing
    #[arg(long)]
    partial: bool,
    /// Take rows of several kinds of engine or machine; manifest.json then says which
    #[arg(long)]
    mixed: bool,
    /// Move what is in --out aside and start over
    #[arg(long)]
    fresh: bool,
    /// How the tables are written: csv, or parquet in parts (if built with that feature). Unless given, as --out has them, and
    /// csv in a new one
    #[arg(long, value_name = "FORMAT", value_parser = format::parse)]
    format: Option<Format>,
    /// Leave the figures undrawn; `nullsweep figures` draws them later
    #[arg(long)]
    no_figures: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let say = |text: &str| {
        if !args.quiet {
            output::note(text);
        }
    };
    let format = format::choose(args.format, &args.out)?;
    let sources = open_sources(args)?;
    let kinds = if args.mixed { Kinds::Mixed } else { Kinds::One };
    let common = common(&sources, kinds).map_err(|error| Failure::usage(error.to_string()))?;
    let schemas = schemas(&common, &sources)?;
    let manifest = known_manifest(&common, &sources, args)?;
    let config = config(&manifest, &common);
    let grid = config.as_ref().map(|config| &config.grid);

    let mode = if args.fresh { Mode::Fresh } else { Mode::Resume };
    let share = Share::whole(common.trials);
    let mut folder =
        RunFolder::open(&args.out, &common.settings, &schemas, &share, about(manifest, sources.len()), mode)
            .map_err(|error| from_open(&error))?;
    folder.write_as(format).map_err(|error| Failure::failed(error.to_string()))?;
    folder.notices().iter().for_each(|notice| say(&notice.to_string()));
    if common.kinds.len() > 1 {
        let kinds: Vec<String> = common.kinds.iter().map(kind_text).collect();
        say(&format!("rows of {} kinds: {}", kinds.len(), kinds.join("; ")));
    }
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
    let tables = if args.partial { Tables::Partial } else { Tables::Complete };
    let old_tables = folder.warn_of_old_tables();
    let (mut cells, mut expected) = (Cells::default(), Vec::new());
    let manifest = folder
        .finish_with(tables, &mut |entry| cells.add(entry), &mut |dir| match &config {
            Ok(config) => expectations::compare(config, dir, &mut expected),
            Err(_) => Ok(Comparisons::default()),
        })
        .map_err(|error| Failure::failed(error.to_string()))?;
    let written = manifest.state == State::Complete || args.partial;
    if written && let Err(why) = &config {
        say(&format!("no law and no expectation is compared with the tables and no figure is drawn: {why}"));
    }
    let summary = written.then(|| {
        let drawing = drawing(args, &manifest, config.as_ref().ok());
        Summary::new(&args.out, &manifest, cells, expected, drawing)
    });
    if args.json {
        output::json(&to_json(args, &merged, &missing, summary.as_ref()))?;
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

/// The figures and the report of the merged run. Those of some of its trials would be mistaken for those of all.
fn drawing(args: &Args, manifest: &Manifest, config: Option<&Config>) -> Drawing {
    match config {
        Some(config) if manifest.state == State::Complete => {
            let wanted = if args.no_figures { Figures::Left } else { Figures::Drawn };
            figures::present(config, manifest, &args.out, wanted, &output::note)
        }
        _ => Drawing::default(),
    }
}

/// The folders to take from, without `--out` itself: a pattern may well match it.
fn open_sources(args: &Args) -> Result<Vec<SourceFolder>, Failure> {
    let out = args.out.canonicalize().ok();
    let is_out = |path: &Path| out.is_some() && path.canonicalize().ok() == out;
    let paths = args.folders.iter().filter(|path| !is_out(path));
    let sources = paths.map(|path| SourceFolder::open(path)).collect::<Result<Vec<_>, RecordError>>();
    let sources = sources.map_err(|error| Failure::usage(error.to_string()))?;
    if sources.is_empty() {
        return Err(Failure::usage(format!(
            "{}: this is --out itself\n  give the folders that are to be merged into it",
            args.out.display()
        )));
    }
    Ok(sources)
}

/// The tables that the sources have, if they are this version's too.
fn schemas(common: &Common, sources: &[SourceFolder]) -> Result<Vec<Schema>, Failure> {
    let other_version = || {
        let folder = sources.first().map_or(Path::new(""), SourceFolder::path);
        Failure::usage(format!(
            "{}: its tables are not those of this version of nullsweep\n  merge with the version that ran it (see \
             manifest.json)",
            folder.display()
        ))
    };
    let schemas: Option<Vec<Schema>> =
        common.tables.iter().map(|name| TableId::parse(name).map(|table| *table.schema())).collect();
    let schemas = schemas.filter(|_| common.trials as u64 <= MAX_TRIALS).ok_or_else(other_version)?;
    let ours = Identity::new(&common.settings, &schemas, common.trials);
    let theirs = sources.iter().find_map(SourceFolder::description);
    let same = |theirs: &Value| ["tables", "trials"].iter().all(|key| theirs[key] == ours.description()[key]);
    if !theirs.is_some_and(same) {
        return Err(other_version());
    }
    Ok(schemas)
}

/// A manifest that says which config all this is about.
fn known_manifest(common: &Common, sources: &[SourceFolder], args: &Args) -> Result<Manifest, Failure> {
    let is_of_this_run =
        |manifest: &&Manifest| manifest.identity.description["settings"]["config"] == common.settings["config"];
    let of_out = if args.fresh { None } else { Manifest::read(&args.out).ok().flatten() };
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

/// `cpu-f64 on x86_64-linux`, with the adapter where there is one.
fn kind_text(kind: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let text = format!("{} on {}", word(&kind["engine"]), word(&kind["platform"]));
    match &kind["adapter"]["name"] {
        Value::String(name) => format!("{text} ({name})"),
        _ => text,
    }
}

/// What a person wants to know of the sources.
fn tell(merged: &Merged, sources: &[SourceFolder], say: &impl Fn(&str)) {
    for (taken, source) in merged.sources.iter().zip(sources) {
        let folder = taken.folder.display();
        let Recovery { torn_bytes, damaged_bytes, damaged_places } = taken.recovery;
        if let Some((owner, sure)) = source.holder() {
            let in_use = match sure {
                Presence::Certain => "in use",
                Presence::Possible => "in use, or left by a kill,",
            };
            say(&format!("{folder}: {in_use} by {owner}; what was recorded by now is taken"));
        } else if torn_bytes > 0 {
            say(&format!("{folder}: {torn_bytes} bytes of an unfinished write are left out"));
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

fn to_json(args: &Args, merged: &Merged, missing: &Missing<'_>, summary: Option<&Summary>) -> Value {
    let source = |source: &crate::record::Taken| {
        json!({
            "folder": source.folder.display().to_string(),
            "recorded": source.recorded,
            "taken": source.taken,
            "damaged_places": source.recovery.damaged_places,
        })
    };
    json!({
        "folder": args.out.display().to_string(),
        "sources": merged.sources.iter().map(source).collect::<Vec<_>>(),
        "repeated": merged.repeated,
        "missing": missing.to_json(),
        "summary": summary.map(Summary::to_json),
    })
}
