//! AMD's GPUs as the kernel's compute driver lists them: `/sys/class/kfd/kfd/topology/nodes/N/properties`.

use std::fs;
use std::path::Path;

use super::{Gpu, PciAddress};

/// The GPUs that this process may use, in the order of the nodes, which is ROCm's.
///
/// The kernel lets a process read the properties of those alone that its cgroup allows.
pub(super) fn gpus(sys: &Path) -> Vec<Gpu> {
    let Ok(entries) = fs::read_dir(sys.join("class/kfd/kfd/topology/nodes")) else { return Vec::new() };
    let mut nodes: Vec<(u32, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, fs::read_to_string(entry.path().join("properties")).ok()?))
        })
        .collect();
    nodes.sort();
    nodes.iter().filter_map(|(_, properties)| gpu(properties)).collect()
}

/// Reads lines such as `location_id 25856`; `None` for a CPU, which has no SIMD units.
fn gpu(properties: &str) -> Option<Gpu> {
    let property = |key: &str| {
        let mut pairs = properties.lines().filter_map(|line| line.split_once(' '));
        pairs.find(|(name, _)| *name == key).and_then(|(_, value)| value.trim().parse::<u64>().ok())
    };
    property("simd_count").filter(|&count| count > 0)?;
    let small = |key| property(key).and_then(|value| u32::try_from(value).ok());
    Some(Gpu {
        address: PciAddress::of_location(small("domain").unwrap_or(0), small("location_id")?),
        model: String::new(),
        uuid: property("unique_id").map(|id| format!("GPU-{id:016x}")).unwrap_or_default(),
    })
}
