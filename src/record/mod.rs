//! What a run leaves behind: journal, tables (CSV or Parquet), manifest. Formats and guarantees: docs/record.md.
//!
//! ```text
//! rows (any thread)     append (one thread)      finish
//! Value -> Frames ----------------> journal.nsj -> tables, summary.csv, columns.json -> manifest.json
//! ```
//! [`RunFolder`] is the whole of it for an orchestrator; the rooms behind it know nothing of engines or configs. What other
//! folders have recorded comes in by [`RunFolder::take`] (parts of the same run) and [`Mode::Reuse`] (an earlier run).

mod aside;
mod assembly;
mod atomic;
mod blockwise;
mod cell;
mod clock;
mod columns;
mod common;
mod comparison;
mod copies;
mod encoding;
mod error;
mod expectations;
mod figures;
mod finish;
mod folder;
mod format;
mod frame;
mod frame_pool;
mod frames;
mod header;
mod identity;
mod journal;
mod journal_state;
mod load_sql;
mod lock;
mod manifest;
mod merge;
mod notice;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod reader;
mod refusal;
mod replace;
mod reuse;
mod rows;
mod scan;
mod scratch;
mod sight;
mod sinks;
mod source;
mod spectrum;
mod stored;
mod summary;
mod table_reader;
mod tables;
mod text;
mod theory;
mod timing;
mod trial_set;
mod version;

pub use assembly::Assembly;
pub use atomic::{
    FileFact, prepare_folder, publish, publish_beside_others, publish_first, sha256_hex, sha256_of_file, unique_name,
};
pub(crate) use clock::now;
pub use columns::{COLUMNS_FILE, write_columns};
pub use common::{Common, Described, Kinds, Unmatched, common, common_of, without_kind};
pub use comparison::{CompareTables, Comparisons};
pub use encoding::{Payload, Section};
pub use error::{Evidence, RecordError};
pub use expectations::{EXPECTATIONS_FILE, ExpectationRow};
pub use figures::{FIGURE_EXTENSIONS, FIGURES_FOLDER, REPORT_FILE};
pub use folder::{Mode, RunFolder, Tables};
pub use format::{Format, HOW_TO_BUILD, table_of};
pub use frame::TrialRecord;
pub use frame_pool::FramePool;
pub use frames::Frames;
pub use header::FORMAT_VERSION;
pub use identity::{Identity, differences};
pub use journal::{JOURNAL_FILE, Journal, SYNC_SECONDS};
pub use journal_state::JournalState;
pub use lock::{LOCK_FILE, Owner};
pub use manifest::{
    About, Attempt, ConfigText, Host, IdentityEntry, MANIFEST_FILE, Manifest, Program, Source, State, TakenBy, Trials,
};
pub use merge::{Merged, Taken};
pub use notice::{Loss, Notice};
#[cfg(feature = "parquet")]
pub use parquet::write_csv;
pub use part::{Part, Parts, Report};
pub use refusal::refuse_if_occupied;
pub use reuse::{Reuse, SameTrials};
pub use rows::{csv_header, csv_line};
pub use scan::{Done, HeaderState, Recovery};
pub use sight::{SpectrumCounts, SpectrumWatch};
pub use source::{Presence, SourceFolder};
pub use spectrum::{SpectrumEntry, SpectrumReader};
pub use stored::foreign_parts;
pub use summary::{SUMMARY_FILE, summary_columns};
pub use table_reader::{TableReader, TableRow};
pub use tables::{Written, file_name, write_tables};
pub(crate) use text::push_float;
pub use theory::{THEORY_FILE, TheoryRow};
pub use timing::{TIMING_FILE, TimingRow};
pub use version::OtherVersion;
pub(crate) use version::{KERNEL_VERSION_KEY, are_two_versions};
