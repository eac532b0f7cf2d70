//! Whether the disk has room for what a run will write.

use std::path::Path;

use crate::plan::{Plan, bytes_text};

/// A warning if less space is free at `folder` than the plan estimates for the trials that are not `done` yet. No
/// refusal: it is an estimate, others may free or take space meanwhile, and a full disk loses nothing.
pub(super) fn shortage(folder: &Path, plan: &Plan, done: usize) -> Option<String> {
    let free = free_bytes(folder)?;
    let needed = plan.disk_bytes_after(done as u64);
    (needed > free).then(|| {
        format!(
            "warning: about {} will be written and {} are free in {}: make room before it runs out, or choose another \
             folder with --out (a full disk stops the run, which then goes on where it was)",
            bytes_text(needed.into()),
            bytes_text(free.into()),
            folder.display()
        )
    })
}

/// Bytes that this user may still write; `None` where the system does not say.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let facts = nix::sys::statvfs::statvfs(folder).ok()?;
    // Their types differ from system to system.
    #[allow(clippy::useless_conversion, reason = "u32 on some systems")]
    Some(u64::from(facts.blocks_available()).saturating_mul(u64::from(facts.fragment_size())))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::config::Config;

    fn plan(replicates: u32) -> Plan {
        let text =
            format!("[design]\nkind = \"gaussian\"\nreplicates = {replicates}\n[grid]\nn = [1, 2, 3, 4]\nd = [1, 2]\n");
        let config = Config::parse(&text, Path::new("a.toml"), &[]).unwrap();
        Plan::new(&config, &config.grid.share(None))
    }

    #[test]
    fn a_shortage_names_both_sizes_and_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(shortage(folder.path(), &plan(1), 0), None);
        let mut vast = plan(100_000_000);
        for table in &mut vast.tables {
            table.bytes = u64::MAX / 100;
        }
        let words = shortage(folder.path(), &vast, 0).unwrap();
        assert!(words.contains("PiB will be written") && words.contains(folder.path().to_str().unwrap()), "{words}");
        assert_eq!(shortage(Path::new("/nonexistent"), &vast, 0), None, "nobody knows");
    }

    #[test]
    fn what_is_recorded_needs_no_more_room() {
        let plan = plan(10);
        assert_eq!(plan.disk_bytes_after(0), plan.disk_bytes());
        assert!(plan.disk_bytes_after(40) < plan.disk_bytes());
        let tables: u64 = plan.tables.iter().map(|table| table.bytes).sum();
        assert_eq!(plan.disk_bytes_after(plan.trials), tables, "the tables are still to be written");
    }
}
