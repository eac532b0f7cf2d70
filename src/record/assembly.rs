//! The folder of a run that was computed in parts: its tables and its manifest, but no journal, because the parts are the
//! record.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::comparison::CompareTables;
use super::error::RecordError;
use super::finish::finish_tables;
use super::format::Format;
use super::identity::Identity;
use super::journal::JOURNAL_FILE;
use super::lock::Lock;
use super::manifest::{About, Manifest, Source, TakenBy};
use super::part::{Part, Parts};
use super::refusal::{own_files, refuse_if_occupied};
use super::sight::SpectrumWatch;
use super::{Mode, Notice, Tables, aside, atomic};
use crate::grid::Share;
use crate::measure::table::Schema;

/// A run folder that this process owns and fills from parts.
#[derive(Debug)]
pub struct Assembly {
    path: PathBuf,
    identity: Identity,
    schemas: Vec<Schema>,
    parts: Parts,
    manifest: Manifest,
    notices: Vec<Notice>,
    opened: Instant,
    // Last: fields drop in order, and the lock must outlive every open file.
    _lock: Lock,
}

impl Assembly {
    /// Creates or opens `path` for the run that `settings` define (see [`Identity::new`]), with the tables `schemas`, whose
    /// trials `parts` have, and writes the manifest of this attempt. [`Mode::Reuse`] is the same as [`Mode::Resume`] here.
    ///
    /// # Errors
    /// [`RecordError::HasJournal`] if a run was computed in this folder itself, [`RecordError::LostJournal`] if that lost its
    /// journal, [`RecordError::Occupied`] if somebody else's tables are in the way, and others; nothing in the folder has
    /// changed then but the lock and, if it was asked for, what [`Mode::Fresh`] moved aside.
    pub fn open(
        path: &Path,
        settings: &serde_json::Value,
        schemas: &[Schema],
        parts: Parts,
        about: About,
        mode: Mode<'_>,
    ) -> Result<Self, RecordError> {
        let identity = Identity::new(settings, schemas, parts.trials());
        let mut previous = None;
        if mode != Mode::Fresh {
            if path.join(JOURNAL_FILE).exists() {
                return Err(RecordError::HasJournal { folder: path.to_path_buf() });
            }
            previous = Manifest::read(path)
                .ok()
                .flatten()
                .filter(|manifest| manifest.identity.sha256 == atomic::hex(identity.hash()));
            if previous.is_none() {
                refuse_if_occupied(path, schemas)?;
            }
        }
        std::fs::create_dir_all(path).map_err(RecordError::io("create", path))?;
        let mut lock = Lock::acquire(path)?;
        let mut notices: Vec<Notice> = lock.killed().cloned().map(Notice::TookOver).into_iter().collect();
        if mode == Mode::Fresh {
            notices.extend(aside::set_aside(path, &own_files(schemas))?.map(Notice::SetAside));
        }
        let mut manifest = Manifest::begin(about, &identity, &Share::whole(parts.trials()), previous, parts.present());
        manifest.sources = parts.iter().map(source).collect();
        manifest.write(path)?;
        lock.take_over();
        Ok(Self {
            path: path.to_path_buf(),
            identity,
            schemas: schemas.to_vec(),
            parts,
            manifest,
            notices,
            opened: Instant::now(),
            _lock: lock,
        })
    }

    /// What happened on opening, in order.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The parts.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// As [`super::RunFolder::write_as`].
    ///
    /// # Errors
    /// As there.
    pub fn write_as(&mut self, format: Format) -> Result<(), RecordError> {
        self.manifest.write_as(format, &self.path)
    }

    /// Writes the tables, as [`super::RunFolder::finish_with`] does, if every trial is there or `tables` asks for less,
    /// and the manifest, last. Returns the manifest; its state says whether the run is complete.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] if a part is not what was published, [`RecordError::Io`], and those of `compare`. Tables
    /// that were there before stay.
    pub fn finish_with(
        self,
        tables: Tables,
        watch: SpectrumWatch<'_>,
        compare: CompareTables<'_>,
    ) -> Result<Manifest, RecordError> {
        let Self { path, identity, schemas, parts, mut manifest, opened, _lock, .. } = self;
        if parts.present() == parts.trials() || tables == Tables::Partial {
            finish_tables(&path, &schemas, &identity, &parts, watch, compare, &mut manifest)?;
        }
        manifest.end(opened.elapsed().as_secs_f64(), parts.present());
        manifest.write(&path)?;
        Ok(manifest)
    }
}

fn source(part: &Part) -> Source {
    Source {
        how: TakenBy::Merge,
        folder: part.path().display().to_string(),
        shard: Some(part.shard()),
        identity_sha256: atomic::hex(part.identity_hash()),
        trials: part.trials(),
        sha256: Some(part.sha256()),
    }
}
