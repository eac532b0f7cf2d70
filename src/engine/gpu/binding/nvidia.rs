//! NVIDIA's GPUs as its kernel driver lists them: `/proc/driver/nvidia/gpus/ADDRESS/information`.

use std::fs::{self, File};
use std::path::Path;

use super::{Gpu, PciAddress};

/// The GPUs that this process may open, in the order of the bus.
///
/// The list in /proc is the whole machine's whatever a cgroup or a container allows, while CUDA counts what it can open:
/// so a GPU counts here if its `/dev/nvidiaMINOR` can be opened.
pub(super) fn gpus(proc: &Path, dev: &Path) -> Vec<Gpu> {
    let Ok(entries) = fs::read_dir(proc.join("driver/nvidia/gpus")) else { return Vec::new() };
    let facts = entries.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("information")).ok());
    let mut gpus: Vec<Gpu> = facts.filter_map(|facts| gpu(&facts, dev)).collect();
    gpus.sort_by_key(|gpu| gpu.address);
    gpus
}

/// Reads lines such as `Bus Location: 0000:65:00.0`; `None` for a GPU that cannot be opened.
fn gpu(facts: &str, dev: &Path) -> Option<Gpu> {
    let fact = |key: &str| {
        let mut pairs = facts.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
    };
    let minor: u32 = fact("Device Minor")?.parse().ok()?;
    File::open(dev.join(format!("nvidia{minor}"))).ok()?;
    Some(Gpu {
        address: fact("Bus Location")?.parse::<PciAddress>().ok()?,
        model: fact("Model").unwrap_or_default().to_owned(),
        uuid: fact("GPU UUID").unwrap_or_default().to_owned(),
    })
}
