//! What is known of an adapter: for people, for the manifest, for bug reports.

use serde::Serialize;

use super::adapter::pci_address;
use super::precision::Precision;
use crate::engine::Clock;

/// One adapter: identity, limits, features and the result of its self-test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdapterReport {
    /// Position in the list, the INDEX of `device = "gpu:INDEX"`.
    pub index: usize,
    /// As the driver calls it.
    pub name: String,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// What kind of device it is.
    pub kind: DeviceKind,
    /// Name of the driver.
    pub driver: String,
    /// Version of the driver, in its own words.
    pub driver_info: String,
    /// PCI vendor, usually.
    pub vendor_id: u32,
    /// PCI device, usually.
    pub device_id: u32,
    /// Where it stands on the PCI bus, `0000:65:00.0`; absent where the driver does not say.
    pub pci_address: Option<String>,
    /// What the kernels must stay within.
    pub limits: LimitsReport,
    /// What the driver offers beyond the minimum.
    pub features: FeaturesReport,
    /// Whether this adapter may be used, by type; types that were not tested are absent.
    pub precisions: Vec<PrecisionReport>,
    /// Iterations that one invocation made when asked for [`AdapterReport::LOOP_ASKED`]: fewer is a driver that cuts
    /// loops, which the kernels' short loops do not meet. Absent if no test ran.
    pub loop_reached: Option<u32>,
    /// How lanes that share a pair of columns add up, in the first type that passed. Absent if none did.
    pub pair_sums: Option<PairSums>,
    /// Whose clock timed the self-test's kernels: the device's own if it has one that makes sense. Absent if no test passed.
    pub kernel_clock: Option<Clock>,
}

impl AdapterReport {
    /// Iterations that the self-test asks of one invocation.
    pub const LOOP_ASKED: u32 = 200_000;

    /// Whether the self-test found that this adapter computes rightly in `precision`.
    pub fn can_use(&self, precision: Precision) -> bool {
        self.precisions.iter().any(|report| report.precision == precision && report.verdict == Verdict::Usable)
    }

    pub(super) fn of(index: usize, adapter: &wgpu::Adapter) -> Self {
        let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
        let pci_address = pci_address(&info).map(|address| address.to_string());
        Self {
            index,
            name: info.name,
            backend: info.backend.to_string(),
            kind: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu,
                wgpu::DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu,
                wgpu::DeviceType::VirtualGpu => DeviceKind::VirtualGpu,
                wgpu::DeviceType::Cpu => DeviceKind::Software,
                wgpu::DeviceType::Other => DeviceKind::Other,
            },
            driver: info.driver,
            driver_info: info.driver_info,
            vendor_id: info.vendor,
            device_id: info.device,
            pci_address,
            limits: LimitsReport {
                workgroup_storage_bytes: limits.max_compute_workgroup_storage_size,
                workgroup_invocations: limits.max_compute_invocations_per_workgroup,
                storage_binding_bytes: limits.max_storage_buffer_binding_size,
                buffer_bytes: limits.max_buffer_size,
                workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            },
            features: FeaturesReport {
                f64: features.contains(wgpu::Features::SHADER_F64),
                subgroup: features.contains(wgpu::Features::SUBGROUP),
                timestamp_query: features.contains(wgpu::Features::TIMESTAMP_QUERY),
                subgroup_min_size: info.subgroup_min_size,
                subgroup_max_size: info.subgroup_max_size,
            },
            precisions: Vec::new(),
            loop_reached: None,
            pair_sums: None,
            kernel_clock: None,
        }
    }
}

/// What kind of device an adapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// A GPU with its own memory.
    DiscreteGpu,
    /// A GPU that shares the CPU's memory.
    IntegratedGpu,
    /// A GPU lent to a virtual machine.
    VirtualGpu,
    /// A program on the CPU (llvmpipe, `SwiftShader`, WARP): right, and slower than the CPU engine.
    Software,
    /// The driver does not say.
    Other,
}

/// Limits of an adapter that the kernels and chunks must respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LimitsReport {
    /// Bytes of memory that a workgroup shares.
    pub workgroup_storage_bytes: u32,
    /// Invocations of one workgroup.
    pub workgroup_invocations: u32,
    /// Bytes that one storage binding may cover.
    pub storage_binding_bytes: u64,
    /// Bytes of one buffer.
    pub buffer_bytes: u64,
    /// Workgroups in each dimension of a dispatch.
    pub workgroups_per_dimension: u32,
}

/// Optional features of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FeaturesReport {
    /// binary64 in shaders.
    pub f64: bool,
    /// Operations across the lanes of a subgroup.
    pub subgroup: bool,
    /// Time stamps written by the device.
    pub timestamp_query: bool,
    /// Fewest lanes of a subgroup.
    pub subgroup_min_size: u32,
    /// Most lanes of a subgroup.
    pub subgroup_max_size: u32,
}

/// How the lanes that share a pair of columns add up their parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairSums {
    /// Across the lanes of a subgroup: it is wide enough, and the self-test found its lanes in order.
    Subgroup,
    /// Through workgroup memory.
    WorkgroupMemory,
}

/// The self-test's finding on one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrecisionReport {
    /// The type.
    pub precision: Precision,
    /// Whether it may be used.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Whether a type may be used on an adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict {
    /// Every test passed.
    Usable,
    /// The driver does not have this type.
    Unavailable,
    /// The driver has it and computes wrongly, or failed.
    Refused {
        /// The first test that failed, with its numbers.
        reason: String,
    },
}
