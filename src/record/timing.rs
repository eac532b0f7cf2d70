//! timing.csv: where the seconds went, one row per chunk, in the order in which chunks were finished.
//!
//! Times differ from run to run, so this table is no part of the promise of identical bytes, and no part of the
//! journal: it is appended to directly and survives a resume.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::RecordError;
use super::rows::csv_line;
use crate::measure::table::table;

/// Name of the timing table inside the run folder.
pub const TIMING_FILE: &str = "timing.csv";

table! {
    "timing", "chunk";
    /// Where the seconds of one chunk went, by the host's wall clock where nothing else is said. Chunks overlap, and so do
    /// their seconds.
    pub struct TimingRow {
        /// Attempt of the run that computed this chunk, from 1; see manifest.json.
        key "1" attempt: usize,
        /// Chunk of that attempt in the order of finishing, from 0.
        key "1" chunk: usize,
        /// Route of the engine: cpu-f64, gpu-f32 ...
        provenance "name" device: &'static str,
        /// Trials in the chunk.
        result "1" trials: usize,
        /// Matrices handed to the engine.
        result "1" matrices: usize,
        /// Drawing X, y and w.
        result "s" generate_seconds: f64,
        /// Copying matrices to the device.
        result "s" upload_seconds: f64,
        /// Computing: on a GPU by its own clock where it has one that makes sense (kernel_clock of the adapter in manifest.json),
        /// without the waiting for its driver; else by the host's. The Gram spectra come on top, with their transfers, by the
        /// host's clock.
        result "s" kernel_seconds: f64,
        /// Copying results back.
        result "s" readback_seconds: f64,
        /// Enclosing the singular values, and nalgebra's second opinion. A trial's rows are computed right after it: of what both take by
        /// the clock, the share that this has on the threads.
        result "s" certify_seconds: f64,
        /// Computing the rows: the other share.
        result "s" measure_seconds: f64,
        /// Appending to the journal.
        result "s" write_seconds: f64,
    }
}

/// timing.csv, open for appending.
#[derive(Debug)]
pub(crate) struct TimingLog {
    path: PathBuf,
    file: File,
}

impl TimingLog {
    /// Opens or begins the table; a line that a kill cut short is dropped.
    pub(crate) fn open(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(TIMING_FILE);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(RecordError::io("open", &path))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(RecordError::io("read", &path))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last as u64 + 1);
        if whole < text.len() as u64 {
            file.set_len(whole).map_err(RecordError::io("cut the torn line of", &path))?;
        }
        file.seek(SeekFrom::Start(whole)).map_err(RecordError::io("write", &path))?;
        let mut log = Self { path, file };
        if whole == 0 {
            let names: Vec<&str> = TimingRow::SCHEMA.columns.iter().map(|column| column.name).collect();
            log.write((names.join(",") + "\n").as_bytes())?;
        }
        Ok(log)
    }

    /// Appends one row.
    pub(crate) fn push(&mut self, row: TimingRow) -> Result<(), RecordError> {
        self.write(&csv_line(&row.values()))
    }

    fn write(&mut self, line: &[u8]) -> Result<(), RecordError> {
        self.file.write_all(line).map_err(RecordError::io("write", &self.path))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn row(chunk: usize) -> TimingRow {
        TimingRow {
            attempt: 1,
            chunk,
            device: "cpu-f64",
            trials: 20,
            matrices: 20,
            generate_seconds: 0.5,
            upload_seconds: 0.0,
            kernel_seconds: 1.25,
            readback_seconds: 0.0,
            certify_seconds: 0.0,
            measure_seconds: 0.0,
            write_seconds: 0.0,
        }
    }

    #[test]
    fn a_torn_line_is_dropped_and_the_rest_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(TIMING_FILE);
        TimingLog::open(dir.path()).unwrap().push(row(0)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            TimingLog::open(dir.path()).unwrap().push(row(0)).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole, "cut at {cut}");
        }
        TimingLog::open(dir.path()).unwrap().push(row(1)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert_eq!(text.lines().last(), Some("1,1,cpu-f64,20,20,0.5,0.0,1.25,0.0,0.0,0.0,0.0"));
    }
}
