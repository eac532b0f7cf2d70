//! TOML text -> checked [`Config`]. The format is described for users in `configs/README.md`.
//!
//! A config is read in four steps, each in its own room: [`source`] holds texts and places, `layers` merges a file with
//! what it `extends` and with every `--set` into one [`tree`] whose nodes remember where they were written, [`reader`]
//! gives typed access to that tree, and one room per section (`design`, `grid`, `target`, ...) says what is allowed
//! there. Nothing stops at the first error: one pass reports all of them, each with the line at fault underlined.
//!
//! This is the only user of the `toml` crate, and nothing outside knows how a config is written.

mod axis;
mod columns;
mod design;
mod diagnostic;
mod expand;
mod expectation;
mod figure;
mod grid;
mod identity;
pub mod keys;
mod layers;
mod reader;
mod run;
mod selection;
mod set;
mod source;
mod tables;
mod target;
mod theory;
mod tree;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use axis::{MAX_ENTRIES, MAX_VALUES};
pub use diagnostic::{ConfigError, ConfigErrors};
pub use expand::{MAX_CELLS, MAX_MEASURED, MAX_TRIALS};
use identity::Resolved;
pub use run::{EngineSpec, OnError, VerifySpec};
pub use source::MAX_FILE_BYTES;

use crate::design::{DesignSpec, TargetSpec};
use crate::expectation::ExpectSpec;
use crate::figure::spec::FigureSpec;
use crate::grid::Grid;
use crate::measure::{Settings, TableId};
use crate::theory::{Law, World};
use diagnostic::Problem;
use layers::Layers;
use reader::{Report, Section};
use source::{Origin, Place, Text, Texts};

/// A config that was checked as a whole: whatever it asks for can be attempted.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Names the results; letters, digits, `-`, `_` and `.`. The file's stem unless given.
    pub name: String,
    /// What the sweep is to answer, in the author's words.
    pub question: Option<String>,
    /// Which matrices.
    pub design: DesignSpec,
    /// Where y comes from.
    pub target: TargetSpec,
    /// Which combinations, how seeded, how often redrawn.
    pub grid: Grid,
    /// Tables to write, in the order of [`TableId::ALL`], without those that every run writes.
    pub tables: Vec<TableId>,
    /// Settings of the tables.
    pub settings: Settings,
    /// Where singular values are computed.
    pub engine: EngineSpec,
    /// How many trials are recomputed by other means.
    pub verify: VerifySpec,
    /// What a failed trial does to the run.
    pub on_error: OnError,
    /// What to draw.
    pub figures: Vec<FigureSpec>,
    /// Laws to hold against the tables, beside those that figures draw.
    pub theory: Vec<&'static Law>,
    /// What the tables are expected to show.
    pub expectations: Vec<ExpectSpec>,
    /// What all this was read from.
    pub source: Source,
}

/// The text that a config stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file it was read from.
    pub path: PathBuf,
    /// The config after `extends` and `--set`, in canonical form: sorted, without comments. Read again with the same
    /// `path`, it gives the same config.
    pub text: String,
    /// SHA-256 of `text`, in hexadecimal: two configs that ask for the same have the same.
    pub sha256: String,
    /// What of the config defines the rows of its tables, data files included by their hashes. Two runs may continue
    /// each other only if this is equal.
    pub identity: serde_json::Value,
}

impl Config {
    /// Reads the config file `path`, with `sets` (each `KEY=VALUE`) over it.
    ///
    /// # Errors
    /// Everything that is wrong with the file, the files it extends, the data files it names, and `sets`.
    pub fn load(path: &Path, sets: &[String]) -> Result<Self, ConfigErrors> {
        match source::read_file(path) {
            Ok(text) => Self::parse(&text, path, sets),
            Err(why) => {
                let mut texts = Texts::default();
                let number = texts.add(Text::new(Origin::File(path.to_owned()), String::new()));
                let problem = Problem { place: Place::whole(number), message: why, help: None };
                Err(ConfigErrors::new(vec![problem], &texts))
            }
        }
    }

    /// Reads `text` as the content of the file `path`, which need not exist: it gives errors their name and relative
    /// paths their folder.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, path: &Path, sets: &[String]) -> Result<Self, ConfigErrors> {
        let layers = layers::assemble(text.to_owned(), path, sets)?;
        let report = Report::new(&layers.texts);
        match read(&layers, path, &report) {
            Some(config) if report.is_empty() => Ok(config),
            _ => Err(ConfigErrors::new(report.into_problems(), &layers.texts)),
        }
    }
}

/// Reads every section, whatever is wrong with the others, and puts the config together if nothing is.
fn read<'a>(layers: &'a Layers, path: &Path, report: &'a Report<'a>) -> Option<Config> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let root = Section::root(&layers.root, layers.whole, report);
    let name = name(&root, path);
    let question = root.get("question").map_or(Some(None), |item| item.text().map(|text| Some(text.to_owned())));
    let target_section = root.get("target").map(|item| item.section());
    let y_column = target::column(target_section.as_ref().and_then(Option::as_ref));
    let design = root.require("design", "write [design] with kind = \"gaussian\", for instance");
    let design =
        design.and_then(|item| item.section()).and_then(|section| design::read(&section, folder, y_column.as_ref()));

    let grid = root.section("grid");
    let tables = tables::read(&root, grid.as_ref());
    let cells = grid::read(&root, grid.as_ref(), design.as_ref());
    if let Some(grid) = &grid {
        grid.finish_all(keys::GRID);
    }
    let target = match &target_section {
        Some(None) => None,
        Some(section) => target::read(section.as_ref(), design.as_ref(), cells.as_deref(), folder),
        None => target::read(None, design.as_ref(), cells.as_deref(), folder),
    };
    if let (Some(tables), Some(cells)) = (&tables, &cells) {
        tables::check_axes(tables, cells);
    }
    let settings = tables::settings(&root, cells.as_deref());
    let (engine, verify, on_error) = (run::engine(&root), run::verify(&root), run::on_error(&root));
    let laws = theory::Laws {
        world: match (&design, &target, &settings) {
            (Some(design), Some(target), Some(settings)) => Some(World::new(&design.spec, target, settings)),
            _ => None,
        },
        tables: tables.as_ref().map(|tables| tables.ids.as_slice()),
    };
    let theory = laws.read(&root);
    let figures = figure::read(&root, &laws);
    let expectations = expectation::read(&root, laws.tables);
    root.finish_all(keys::TOP);

    let (design, name, target) = (design?, name?, target?);
    let text = layers.root.to_document();
    let sha256 = identity::hexadecimal(&Sha256::digest(text.as_bytes()));
    let (engine, verify) = (engine?, verify?);
    let grid = Grid { cells: cells?, replicates: design.replicates, seeding: design.seeding };
    let resolved = Resolved { engine: &engine, verify: &verify, grid: &grid };
    let identity = identity::identity(&layers.root, &design.spec, &target, &resolved);
    Some(Config {
        name,
        question: question?,
        grid,
        design: design.spec,
        target,
        tables: tables?.ids,
        settings: settings?,
        engine,
        verify,
        on_error: on_error?,
        figures: figures?,
        theory: theory?,
        expectations: expectations?,
        source: Source { path: path.to_owned(), text, sha256, identity },
    })
}

/// `name`, or the file's stem: results are put into a folder of that name.
fn name(root: &Section<'_>, path: &Path) -> Option<String> {
    const RULE: &str = "a name becomes a folder: letters, digits, - _ and . (not first), at most 80";
    let fits = |name: &str| {
        (1..=80).contains(&name.len())
            && !name.starts_with('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if let Some(item) = root.get("name") {
        let name = item.text()?;
        if !fits(name) {
            item.refuse("cannot be the name of a folder", RULE);
            return None;
        }
        return Some(name.to_owned());
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| fits(stem));
    if stem.is_none() {
        root.report.refuse(root.place, "name is missing, and the file's own cannot take its place", RULE);
    }
    stem.map(str::to_owned)
}
