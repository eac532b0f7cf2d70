//! One run on many machines: a plan says into how many shards it is cut, any number of processes compute shards and publish
//! parts, and the parts are merged. Who starts those processes (Slurm, HyperQueue, Kubernetes, a person) is of no
//! consequence: the files are the truth.
//!
//! ```text
//! Config -> Plan -> shard 0 .. shard N-1 -> parts -> tables
//!           plan.json   (any order, any host,         (record::Parts)
//!                        any number of times)
//! ```

mod failure;
pub mod launch;
mod layout;
mod plan;
mod sample;
mod shard;
mod survey;

pub use failure::{Failure, TRANSIENT};
pub use layout::Layout;
pub(crate) use plan::MOST_SHARDS;
pub use plan::{Estimate, Kind, Plan, PlanError};
pub use sample::{Sample, sample};
pub use shard::{Attempt, Begun, ShardError, published};
pub use survey::{Invalid, Survey, Unfinished, Worker, merged, survey};
