//! Finding adapters, choosing one, and why none could be had.

use std::fmt;

use super::binding::{Binding, BindingError, PciAddress};
use super::precision::Precision;
use super::report::AdapterReport;

/// Which adapter an engine is to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A real GPU of those that the engine gave, discrete before integrated; never a software adapter.
    Auto,
    /// A real GPU of those that the engine gave if there is one, else a software adapter.
    Any,
    /// The adapter that [`super::adapters`] lists under this index, whatever the engine gave.
    Index(usize),
}

/// Why no GPU engine could be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// No Vulkan, Metal or DX12 driver offers an adapter that the selection allows.
    NoAdapter {
        /// Adapters there are, but of a kind that was not asked for.
        software: usize,
    },
    /// The index asked for is not in the list.
    NoSuchIndex {
        /// What was asked for.
        index: usize,
        /// How many adapters there are.
        available: usize,
    },
    /// The GPU that `CUDA_VISIBLE_DEVICES` or its like give to this process cannot be used or cannot be told.
    Bound {
        /// Why, with what was given and what there is.
        reason: String,
    },
    /// The adapter computes wrongly, or its driver failed, in the startup self-test.
    SelfTestFailed {
        /// Name of the adapter.
        adapter: String,
        /// What was wrong.
        reason: String,
    },
    /// The adapter does not have the type asked for.
    PrecisionUnavailable {
        /// Name of the adapter.
        adapter: String,
        /// What was asked for.
        precision: Precision,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter { software: 0 } => f.write_str(
                "no GPU found: no Vulkan, Metal or DX12 driver offers an adapter; install a driver \
                 (on Debian without a GPU: mesa-vulkan-drivers libvulkan1) or use device = \"cpu\"",
            ),
            Self::NoAdapter { software } => write!(
                f,
                "no real GPU found, only {software} software adapter(s), which are slower than the CPU engine; \
                 use device = \"cpu\", or device = \"gpu\" to use a software adapter all the same"
            ),
            Self::NoSuchIndex { index, available: 0 } => {
                write!(f, "no GPU adapter {index}: there is none at all; use device = \"cpu\"")
            }
            Self::NoSuchIndex { index, available } => {
                write!(f, "no GPU adapter {index}: there are {available}, numbered from 0; see `nullsweep devices`")
            }
            Self::Bound { reason } => write!(
                f,
                "{reason}\n  choose an adapter with device = \"gpu:INDEX\" (see `nullsweep devices`), or use device = \"cpu\""
            ),
            Self::SelfTestFailed { adapter, reason } => {
                write!(f, "{adapter} failed its self-test: {reason}; update its driver or use device = \"cpu\"")
            }
            Self::PrecisionUnavailable { adapter, precision } => write!(
                f,
                "{adapter} has no {precision} arithmetic; use precision = \"f32\" (the CPU certifies its results) or \
                 device = \"cpu\""
            ),
        }
    }
}

impl std::error::Error for OpenError {}

/// All adapters of all drivers, in the drivers' order. GL is left out: it shows the same adapters again, worse.
pub(super) fn enumerate() -> Vec<wgpu::Adapter> {
    let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    pollster::block_on(instance.enumerate_adapters(backends))
}

/// Adapters that `selection` allows, with their indices, best first.
pub(super) fn candidates(selection: Selection) -> Result<Vec<(usize, wgpu::Adapter)>, OpenError> {
    let all: Vec<_> = enumerate().into_iter().enumerate().collect();
    let facts: Vec<_> = all.iter().map(|(_, adapter)| adapter.get_info()).collect();
    let kinds: Vec<_> = facts.iter().map(|facts| facts.device_type).collect();
    let order = match selection {
        Selection::Index(_) => choose(&kinds, selection)?,
        Selection::Auto | Selection::Any => {
            let addresses: Vec<_> = facts.iter().map(pci_address).collect();
            let names: Vec<_> = facts.into_iter().map(|facts| facts.name).collect();
            let binding = Binding::of_process()?;
            choose_bound(&kinds, selection, &binding.choose(&addresses, &names)?)?
        }
    };
    let mut all: Vec<_> = all.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|index| all[index].take()).collect())
}

/// Where an adapter stands on the PCI bus, if its driver says so.
pub(super) fn pci_address(info: &wgpu::AdapterInfo) -> Option<PciAddress> {
    info.device_pci_bus_id.parse().ok()
}

impl From<BindingError> for OpenError {
    fn from(error: BindingError) -> Self {
        Self::Bound { reason: error.to_string() }
    }
}

/// The adapter that `report` describes, by what the driver calls it, wherever in the list it stands now.
pub(super) fn find(report: &AdapterReport) -> Option<wgpu::Adapter> {
    let same = |adapter: &wgpu::Adapter| {
        let found = AdapterReport::of(report.index, adapter);
        let named = |report: &AdapterReport| {
            let AdapterReport { name, backend, driver, driver_info, vendor_id, device_id, pci_address, .. } =
                report.clone();
            (name, backend, driver, driver_info, vendor_id, device_id, pci_address)
        };
        named(&found) == named(report)
    };
    // Of several alike, the one in the old place.
    let (mut adapters, place) = (enumerate(), report.index);
    if adapters.get(place).is_some_and(same) {
        return Some(adapters.swap_remove(place));
    }
    adapters.into_iter().find(same)
}

/// Indices into `kinds` that `selection` allows, best first; never empty.
fn choose(kinds: &[wgpu::DeviceType], selection: Selection) -> Result<Vec<usize>, OpenError> {
    let is_cpu = |index: &usize| kinds[*index] == wgpu::DeviceType::Cpu;
    let allowed: Vec<usize> = match selection {
        Selection::Index(index) if index < kinds.len() => return Ok(vec![index]),
        Selection::Index(index) => return Err(OpenError::NoSuchIndex { index, available: kinds.len() }),
        Selection::Any => (0..kinds.len()).collect(),
        Selection::Auto => (0..kinds.len()).filter(|index| !is_cpu(index)).collect(),
    };
    if allowed.is_empty() {
        return Err(OpenError::NoAdapter { software: kinds.len() });
    }
    let mut best_first = allowed;
    best_first.sort_by_key(|&index| match kinds[index] {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    Ok(best_first)
}

/// Indices into `kinds` that both `selection` and the engine (`given`) allow, best first, then as given; never empty.
fn choose_bound(kinds: &[wgpu::DeviceType], selection: Selection, given: &[usize]) -> Result<Vec<usize>, OpenError> {
    let kinds_given: Vec<_> = given.iter().map(|&index| kinds[index]).collect();
    Ok(choose(&kinds_given, selection)?.into_iter().map(|place| given[place]).collect())
}

/// Whether the adapter is a program on the CPU.
pub(super) fn is_software(info: &wgpu::AdapterInfo) -> bool {
    info.device_type == wgpu::DeviceType::Cpu
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::DeviceType::{Cpu, DiscreteGpu, IntegratedGpu};

    #[test]
    fn auto_prefers_discrete_and_never_takes_software() {
        assert_eq!(choose(&[Cpu, IntegratedGpu, DiscreteGpu], Selection::Auto), Ok(vec![2, 1]));
        assert_eq!(choose(&[Cpu], Selection::Auto), Err(OpenError::NoAdapter { software: 1 }));
        assert_eq!(choose(&[], Selection::Auto), Err(OpenError::NoAdapter { software: 0 }));
    }

    #[test]
    fn any_takes_software_last_and_an_index_is_taken_literally() {
        assert_eq!(choose(&[Cpu, IntegratedGpu], Selection::Any), Ok(vec![1, 0]));
        assert_eq!(choose(&[Cpu], Selection::Any), Ok(vec![0]));
        assert_eq!(choose(&[Cpu, IntegratedGpu], Selection::Index(0)), Ok(vec![0]));
        assert_eq!(choose(&[Cpu], Selection::Index(3)), Err(OpenError::NoSuchIndex { index: 3, available: 1 }));
    }

    #[test]
    fn what_the_engine_gave_is_chosen_from_in_its_order() {
        let kinds = [DiscreteGpu, Cpu, DiscreteGpu, IntegratedGpu];
        assert_eq!(choose_bound(&kinds, Selection::Auto, &[3, 2, 0]), Ok(vec![2, 0, 3]));
        assert_eq!(choose_bound(&kinds, Selection::Any, &[1]), Ok(vec![1]));
        assert_eq!(choose_bound(&kinds, Selection::Auto, &[1]), Err(OpenError::NoAdapter { software: 1 }));
    }

    #[test]
    fn errors_name_the_remedy() {
        for error in [
            OpenError::NoAdapter { software: 0 },
            OpenError::NoAdapter { software: 1 },
            OpenError::NoSuchIndex { index: 3, available: 0 },
            OpenError::Bound { reason: "a".into() },
            OpenError::SelfTestFailed { adapter: "a".into(), reason: "b".into() },
            OpenError::PrecisionUnavailable { adapter: "a".into(), precision: Precision::F64 },
        ] {
            assert!(error.to_string().contains("device = \"cpu\""), "{error}");
        }
    }
}
