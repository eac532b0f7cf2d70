//! Which GPUs an engine (Slurm, HyperQueue, Kubernetes, a person) gave this process.
//!
//! Engines bind a GPU by variables that CUDA and ROCm read. Vulkan does not: it lists every GPU that can be opened. So the
//! variables are read here, each index or UUID becomes an address on the PCI bus by the kernel's own lists, and only
//! adapters at these addresses are used. `gpu:INDEX` of a command line is explicit and passes this by.
//!
//! | variable | entries |
//! |---|---|
//! | `CUDA_VISIBLE_DEVICES` | indices, `GPU-UUID` or a unique beginning of one; `MIG-...` is refused: Vulkan has no such thing |
//! | `ROCR_VISIBLE_DEVICES` | indices, `GPU-ID` |
//! | `HIP_VISIBLE_DEVICES` | indices into what `ROCR_VISIBLE_DEVICES` leaves |
//! | `GPU_DEVICE_ORDINAL` | indices; Slurm sets it beside the others, so it counts only where they are unset |
//!
//! An empty value, `NoDevFiles` and a list that begins with -1 mean no GPU; as in CUDA, a list ends at -1. Slurm without
//! `AutoDetect` sets the variables of all vendors: one of a vendor without a GPU here says nothing, unless it is the only one.
//!
//! *The order that an index counts in.* CUDA's own is `FASTEST_FIRST`, which nothing but CUDA knows: it is the order of the
//! bus for GPUs of one model, which is assumed then; with several models an index is refused unless
//! `CUDA_DEVICE_ORDER=PCI_BUS_ID` is set. Under a cgroup only the GPUs given can be opened and indices start at 0 among them.

mod amd;
mod nvidia;
mod pci;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

pub(super) use pci::PciAddress;

const CUDA: &str = "CUDA_VISIBLE_DEVICES";
const ROCR: &str = "ROCR_VISIBLE_DEVICES";
const HIP: &str = "HIP_VISIBLE_DEVICES";
const ORDINAL: &str = "GPU_DEVICE_ORDINAL";
const ORDER: &str = "CUDA_DEVICE_ORDER";

/// One GPU of the kernel's list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gpu {
    address: PciAddress,
    /// Empty where it is not known.
    model: String,
    /// `GPU-...`, empty where it is not known.
    uuid: String,
}

/// What an engine gave this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// Nothing was said: every adapter may be used.
    Free,
    /// These GPUs, the first one first; none if empty.
    To {
        /// Where they stand on the bus.
        addresses: Vec<PciAddress>,
        /// Who says so: `CUDA_VISIBLE_DEVICES = "1"`.
        said_by: String,
    },
}

/// Why a binding cannot be obeyed: the words for people, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BindingError(String);

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Binding {
    /// The binding of this process.
    pub(super) fn of_process() -> Result<Self, BindingError> {
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Self::read(&variable, Path::new("/"))
    }

    /// What `variable` says on a machine whose /proc, /sys and /dev lie in `root`.
    fn read(variable: &dyn Fn(&str) -> Option<String>, root: &Path) -> Result<Self, BindingError> {
        let asked = |name: &'static str| variable(name).map(|value| List::new(name, &value));
        let (cuda, rocr, hip) = (asked(CUDA), asked(ROCR), asked(HIP));
        let ordinal = asked(ORDINAL).filter(|_| cuda.is_none() && rocr.is_none() && hip.is_none());
        let lists: Vec<&List> = [&cuda, &rocr, &hip, &ordinal].into_iter().flatten().collect();
        if lists.is_empty() {
            return Ok(Self::Free);
        }
        let said_by = lists.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if lists.iter().all(|list| list.entries.is_empty()) {
            return Ok(Self::To { addresses: Vec::new(), said_by });
        }
        let nvidia = nvidia::gpus(&root.join("proc"), &root.join("dev"));
        let amd = amd::gpus(&root.join("sys"));
        if nvidia.is_empty() && amd.is_empty() {
            return Err(BindingError(format!(
                "{said_by}, but the kernel lists no NVIDIA GPU (/proc/driver/nvidia/gpus) and no AMD GPU (/sys/class/kfd) \
                 that this process may open"
            )));
        }
        let (for_nvidia, for_amd): (Vec<&List>, Vec<&List>) = match &ordinal {
            Some(list) if !nvidia.is_empty() && !amd.is_empty() => {
                return Err(BindingError(format!(
                    "{list} counts GPUs, and this machine has NVIDIA's and AMD's: set {CUDA} or {ROCR} instead"
                )));
            }
            Some(list) => (vec![list], vec![list]),
            None => (cuda.iter().collect(), rocr.iter().chain(&hip).collect()),
        };
        let is_idle = |gpus: &[Gpu], lists: &[&List]| gpus.is_empty() || lists.is_empty();
        if is_idle(&nvidia, &for_nvidia) && is_idle(&amd, &for_amd) {
            return Err(BindingError(format!(
                "{said_by}, but the GPUs of this machine are another vendor's: {}",
                list_of(nvidia.iter().chain(&amd))
            )));
        }
        let by_bus = variable(ORDER).as_deref() == Some("PCI_BUS_ID");
        let order = if by_bus { Order::Bus } else { Order::fastest(&nvidia) };
        let mut bound = narrow(nvidia, &for_nvidia, order)?;
        bound.extend(narrow(amd, &for_amd, Order::Bus)?);
        Ok(Self::To { addresses: bound.iter().map(|gpu| gpu.address).collect(), said_by })
    }

    /// Of adapters at `addresses` (`None` where the driver does not say), those that may be used: indices into
    /// `addresses`, the GPU given first before the others. `names` are for the words of an error.
    pub(super) fn choose(
        &self,
        addresses: &[Option<PciAddress>],
        names: &[String],
    ) -> Result<Vec<usize>, BindingError> {
        let Self::To { addresses: bound, said_by } = self else { return Ok((0..addresses.len()).collect()) };
        if bound.is_empty() {
            return Err(BindingError(format!("no GPU is given to this process: {said_by}")));
        }
        let at = |wanted: &PciAddress| {
            let wanted = Some(*wanted);
            addresses.iter().enumerate().filter(move |(_, found)| **found == wanted).map(|(index, _)| index)
        };
        let chosen: Vec<usize> = bound.iter().flat_map(at).collect();
        if chosen.is_empty() {
            let given: Vec<String> = bound.iter().map(ToString::to_string).collect();
            let found = addresses.iter().zip(names).enumerate().map(|(index, (address, name))| {
                let address = address.map_or_else(|| "no PCI address".to_owned(), |address| address.to_string());
                format!("gpu:{index} {name} at {address}")
            });
            let found: Vec<String> = found.collect();
            let found = if found.is_empty() { "there are none".to_owned() } else { found.join(", ") };
            return Err(BindingError(format!(
                "the GPU given to this process ({said_by}: {}) is no adapter's; adapters: {found}",
                given.join(", ")
            )));
        }
        Ok(chosen)
    }
}

/// What is left of one vendor's GPUs after each list in turn; nothing if there is no GPU or no list speaks of them.
fn narrow(gpus: Vec<Gpu>, lists: &[&List], order: Order) -> Result<Vec<Gpu>, BindingError> {
    if gpus.is_empty() || lists.is_empty() {
        return Ok(Vec::new());
    }
    lists.iter().try_fold(gpus, |left, list| list.pick(&left, order))
}

/// In which order an index counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// That of the list.
    Bus,
    /// One that is not known.
    Unknown,
}

impl Order {
    /// CUDA's default, fastest first, which is the order of the bus where no GPU is of another model.
    fn fastest(gpus: &[Gpu]) -> Self {
        let one_model = gpus.windows(2).all(|pair| pair[0].model == pair[1].model);
        if one_model { Self::Bus } else { Self::Unknown }
    }
}

/// The value of one variable.
#[derive(Debug)]
struct List {
    variable: &'static str,
    value: String,
    entries: Vec<String>,
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}", self.variable, self.value)
    }
}

impl List {
    fn new(variable: &'static str, value: &str) -> Self {
        let trimmed = value.trim();
        // What Slurm sets for a job without a GPU.
        let none = trimmed.is_empty() || trimmed == "NoDevFiles";
        let entries = trimmed.split(',').map(|entry| entry.trim().to_owned()).take_while(|entry| entry != "-1");
        Self { variable, value: value.to_owned(), entries: if none { Vec::new() } else { entries.collect() } }
    }

    /// The GPUs of `gpus` that the entries name, in the entries' order.
    fn pick(&self, gpus: &[Gpu], order: Order) -> Result<Vec<Gpu>, BindingError> {
        self.entries.iter().map(|entry| self.pick_one(entry, gpus, order)).collect()
    }

    fn pick_one(&self, entry: &str, gpus: &[Gpu], order: Order) -> Result<Gpu, BindingError> {
        let refuse = |why: String| Err(BindingError(format!("{self}: {why}; GPUs here: {}", list_of(gpus))));
        if entry.starts_with("MIG-") {
            return refuse(format!(
                "{entry} is a part of a GPU, which Vulkan cannot use: ask the engine for a whole GPU, or use device = \"cpu\""
            ));
        }
        if entry.starts_with("GPU-") {
            let mut named = gpus.iter().filter(|gpu| gpu.uuid.to_lowercase().starts_with(&entry.to_lowercase()));
            return match (named.next(), named.next()) {
                (Some(gpu), None) => Ok(gpu.clone()),
                (None, _) => refuse(format!("no GPU has a UUID that begins with {entry}")),
                _ => refuse(format!("several GPUs have a UUID that begins with {entry}: write more of it")),
            };
        }
        match entry.parse::<usize>() {
            Err(_) => refuse(format!("`{entry}` is neither an index nor GPU-UUID")),
            Ok(_) if order == Order::Unknown => refuse(format!(
                "which GPU {entry} is cannot be told, as CUDA counts the fastest first and these are of several models: set \
                 {ORDER}=PCI_BUS_ID, or name it by its UUID"
            )),
            Ok(index) => match gpus.get(index) {
                Some(gpu) => Ok(gpu.clone()),
                None => refuse(format!("there is no GPU {index} that this process may open")),
            },
        }
    }
}

/// `0 = 0000:65:00.0 NVIDIA A100 GPU-...`, for people.
fn list_of<'a>(gpus: impl IntoIterator<Item = &'a Gpu>) -> String {
    let one = |(index, gpu): (usize, &Gpu)| {
        let facts = [gpu.address.to_string(), gpu.model.clone(), gpu.uuid.clone()];
        let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        format!("{index} = {}", facts.join(" "))
    };
    let all: Vec<String> = gpus.into_iter().enumerate().map(one).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
