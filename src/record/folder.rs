//! The folder of one run, from the lock to the last table.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::aside;
use super::atomic::hex;
use super::comparison::{CompareTables, Comparisons};
use super::error::RecordError;
use super::finish::finish_tables;
use super::format::Format;
use super::frame::TrialRecord;
use super::frame_pool::FramePool;
use super::frames::Frames;
use super::identity::Identity;
use super::journal::{JOURNAL_FILE, Journal};
use super::lock::Lock;
use super::manifest::{About, Manifest, State};
use super::merge::{self, Merged};
use super::notice::{Loss, Notice};
use super::part::{Part, Report};
use super::refusal::{own_files, refuse_if_occupied, refuse_other_share};
use super::reuse::{self, Replaced, Reuse};
use super::scan::{Done, Recovery};
use super::sight::SpectrumWatch;
use super::source::SourceFolder;
use super::summary::SUMMARY_FILE;
use super::timing::{TimingLog, TimingRow};
use crate::grid::Share;
use crate::measure::table::Schema;

/// What to do with what is already in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode<'a> {
    /// Go on with it if it is the same run, refuse if it is another.
    Resume,
    /// As [`Mode::Resume`], but if it is the run that this was made for, move it aside and start with the trials that are
    /// the same; refuse if none of those is recorded.
    Reuse(&'a Reuse),
    /// Move it aside and start over.
    Fresh,
}

/// Which tables to write when trials are missing. The folder of a shard never has any: they come with the merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// None: tables appear when they are complete.
    Complete,
    /// Those of the recorded trials; the manifest says `interrupted`.
    Partial,
}

/// A run folder that this process owns.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    identity: Identity,
    schemas: Vec<Schema>,
    journal: Journal,
    timing: TimingLog,
    manifest: Manifest,
    notices: Vec<Notice>,
    opened: Instant,
    // Last: fields drop in order, and the lock must outlive every open file.
    _lock: Lock,
}

impl RunFolder {
    /// Creates or opens `path` for the run that `settings` define (see [`Identity::new`]), with the tables `schemas`
    /// and as many trials as `share` is a share of, and writes the manifest of this attempt.
    ///
    /// # Errors
    /// [`RecordError`], and then nothing in the folder has changed but the lock and, if it was asked for, what
    /// [`Mode::Fresh`] or [`Mode::Reuse`] moved aside.
    pub fn open(
        path: &Path,
        settings: &serde_json::Value,
        schemas: &[Schema],
        share: &Share,
        about: About,
        mode: Mode<'_>,
    ) -> Result<Self, RecordError> {
        if mode != Mode::Fresh {
            refuse_if_occupied(path, schemas)?;
        }
        std::fs::create_dir_all(path).map_err(RecordError::io("create", path))?;
        let mut lock = Lock::acquire(path)?;
        let mut notices: Vec<Notice> = lock.killed().cloned().map(Notice::TookOver).into_iter().collect();
        let identity = Identity::new(settings, schemas, share.trials());
        reuse::discard_leftovers(path)?;
        let mut origin = None;
        match mode {
            Mode::Fresh => notices.extend(aside::set_aside(path, &own_files(schemas))?.map(Notice::SetAside)),
            Mode::Resume => refuse_other_share(path, share)?,
            Mode::Reuse(reuse) => {
                refuse_other_share(path, share)?;
                if let Some(replaced) = reuse::replace(path, &identity, share, reuse)? {
                    let Replaced { reused, recorded, aside, differences, source } = replaced;
                    notices.extend([Notice::Reused { reused, recorded, differences }, Notice::SetAside(aside)]);
                    origin = Some(source);
                }
            }
        }
        let (mut journal, recovery) = if path.join(JOURNAL_FILE).exists() {
            Journal::open_of(path, &identity, share)?
        } else {
            (Journal::create_of(path, &identity, share)?, Recovery::default())
        };
        if recovery != Recovery::default() {
            notices.push(Notice::Recovered(recovery));
        }
        let done = journal.done().count();
        if done > 0 {
            notices.push(Notice::Resumed { done, total: share.count() });
        }
        let previous = match Manifest::read(path) {
            Err(RecordError::Damaged { what, .. }) => {
                notices.push(Notice::ManifestUnreadable(what));
                None
            }
            Ok(Some(manifest)) if manifest.identity.sha256 != hex(identity.hash()) => {
                // The journal is ours: a process was killed while it moved an earlier run aside.
                notices.extend(aside::clear(path)?.map(Notice::SetAside));
                None
            }
            other => other?,
        };
        let listed = previous.as_ref().map_or(0, |manifest| manifest.trials.done);
        if listed > done {
            notices.push(Notice::Fewer { listed, found: done, loss: Loss::of(&recovery) });
        }
        if done > 0 {
            // The manifest is about to count them: no loss of power may take them back behind it.
            journal.sync()?;
        }
        let mut manifest = Manifest::begin(about, &identity, share, previous, done);
        manifest.sources.extend(origin);
        manifest.write(path)?;
        lock.take_over();
        Ok(Self {
            path: path.to_path_buf(),
            identity,
            schemas: schemas.to_vec(),
            journal,
            timing: TimingLog::open(path)?,
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

    /// Which trials need not be computed.
    pub fn done(&self) -> &Done {
        self.journal.done()
    }

    /// Which trials this folder is to hold.
    pub fn share(&self) -> &Share {
        self.done().share()
    }

    /// How many trials of its share are recorded.
    pub fn recorded(&self) -> usize {
        self.done().count()
    }

    /// The trials of its share, from trial `index` on, that are not recorded, in key order.
    pub fn missing_from(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        self.done().missing_from(index)
    }

    /// What defines the rows.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Number of this attempt, from 1: the first key of a [`TimingRow`].
    pub fn attempt(&self) -> usize {
        self.manifest.attempts.len()
    }

    /// Buffers for the trials that are to be recorded here.
    pub fn frame_pool(&self) -> FramePool {
        self.journal.frame_pool()
    }

    /// Records a chunk, in any order; trials recorded already are left as they are. See [`Journal::append_frames`].
    ///
    /// # Errors
    /// [`RecordError::Io`]; the chunk is then not recorded, everything before it is.
    pub fn append_frames(&mut self, chunk: &[Frames]) -> Result<(), RecordError> {
        self.journal.append_frames(chunk)
    }

    /// As [`RunFolder::append_frames`], of trials that are not sealed yet.
    ///
    /// # Errors
    /// As there.
    pub fn append(&mut self, records: &[TrialRecord]) -> Result<(), RecordError> {
        self.journal.append(records)
    }

    /// Takes over every trial that `sources`, parts of this run, have recorded; see [`super::common()`]. Trials recorded
    /// here already are left as they are, once they are known to be the same.
    ///
    /// # Errors
    /// [`RecordError::Conflict`] if two folders have different rows for a trial; [`RecordError::Io`],
    /// [`RecordError::Damaged`]. What was taken over before stays.
    pub fn take(&mut self, sources: &[SourceFolder]) -> Result<Merged, RecordError> {
        merge::take(sources, &self.identity, &mut self.journal, &mut self.manifest.sources)
    }

    /// What to tell a person whose tables are older than the journal: those of fewer trials, which [`Tables::Partial`]
    /// wrote, stay until all trials are recorded. `None` if there are no tables.
    pub fn warn_of_old_tables(&self) -> Option<String> {
        let file = self.path.join(SUMMARY_FILE);
        file.exists()
            .then(|| format!("warning: the tables in {} are older than this and lack trials", self.path.display()))
    }

    /// Notes where the seconds of a chunk went.
    ///
    /// # Errors
    /// [`RecordError::Io`].
    pub fn time(&mut self, row: TimingRow) -> Result<(), RecordError> {
        self.timing.push(row)
    }

    /// Notes in the manifest what went wrong with the device during this attempt and was put right.
    pub fn note_incidents(&mut self, incidents: serde_json::Value) {
        if let Some(attempt) = self.manifest.attempts.last_mut() {
            attempt.incidents = incidents;
        }
    }

    /// Has the tables written as `format`, whatever earlier attempts wrote. Those in another format go once the new ones are whole.
    ///
    /// # Errors
    /// [`RecordError::NoParquet`], [`RecordError::Io`].
    pub fn write_as(&mut self, format: Format) -> Result<(), RecordError> {
        self.manifest.write_as(format, &self.path)
    }

    /// Publishes the finished shard that this is the folder of as the file `name` in `parts`, see [`Part`]; the folder has
    /// served its purpose then. `taken_over` of its trials were computed by attempts that had been killed.
    ///
    /// # Errors
    /// [`RecordError`]; the journal keeps every recorded trial.
    pub fn publish(mut self, parts: &Path, name: &str, taken_over: usize) -> Result<Part, RecordError> {
        self.journal.check_in_place()?;
        self.manifest.end(self.opened.elapsed().as_secs_f64(), self.recorded());
        let report = Report::of(&self.manifest, taken_over);
        Part::write(&self.journal, &self.identity, (parts, name), &report)
    }

    /// Syncs the journal, writes the tables, summary.csv and columns.json if every trial is recorded (or `tables` asks
    /// for less; never for a shard), and the manifest, last. Returns the manifest; its state says whether the run is complete.
    ///
    /// # Errors
    /// [`RecordError`]; the journal keeps every recorded trial, so that running again only writes the tables.
    pub fn finish(self, tables: Tables) -> Result<Manifest, RecordError> {
        self.finish_with(tables, &mut |_| (), &mut |_| Ok(Comparisons::default()))
    }

    /// As [`RunFolder::finish`]; shows each row of the spectrum table to `watch` while the tables are written, and writes
    /// what `compare` makes of the written ones. Where that is nothing, there is no such file afterwards.
    ///
    /// # Errors
    /// As [`RunFolder::finish`], and those of `compare`.
    pub fn finish_with(
        mut self,
        tables: Tables,
        watch: SpectrumWatch<'_>,
        compare: CompareTables<'_>,
    ) -> Result<Manifest, RecordError> {
        // What lies there by now may be another run's, and its tables and manifest not ours to replace.
        self.journal.check_in_place()?;
        self.journal.sync()?;
        let done = self.recorded();
        if self.share().shard().is_none() && (self.done().is_complete() || tables == Tables::Partial) {
            let Self { path, schemas, identity, journal, manifest, .. } = &mut self;
            finish_tables(path, schemas, identity, journal, watch, compare, manifest)?;
        }
        self.manifest.end(self.opened.elapsed().as_secs_f64(), done);
        debug_assert_eq!(self.manifest.state == State::Interrupted, !self.done().is_complete());
        self.manifest.write(&self.path)?;
        Ok(self.manifest)
    }
}
