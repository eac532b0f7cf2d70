//! Machines made of folders, and the variables that engines set on them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use super::*;

const A100: &str = "NVIDIA A100-SXM4-40GB";

/// Adds an NVIDIA GPU as its driver shows it.
fn nvidia(root: &Path, address: &str, model: &str, uuid: &str, minor: u32) {
    let folder = root.join("proc/driver/nvidia/gpus").join(address);
    fs::create_dir_all(&folder).unwrap();
    let facts = format!(
        "Model: \t\t {model}\nIRQ:   \t\t 98\nGPU UUID: \t {uuid}\nVideo BIOS: \t 92.00.45.00.03\nBus Type: \t PCIe\n\
         DMA Size: \t 47 bits\nDMA Mask: \t 0x7fffffffffff\nBus Location: \t {address}\nDevice Minor: \t {minor}\n"
    );
    fs::write(folder.join("information"), facts).unwrap();
    fs::create_dir_all(root.join("dev")).unwrap();
    fs::write(root.join(format!("dev/nvidia{minor}")), "").unwrap();
}

/// Adds an AMD GPU, or a CPU (`simds` 0), as the kernel shows it.
fn amd(root: &Path, node: u32, simds: u32, location: u32, id: u64) {
    let folder = root.join("sys/class/kfd/kfd/topology/nodes").join(node.to_string());
    fs::create_dir_all(&folder).unwrap();
    let facts = format!("cpu_cores_count 0\nsimd_count {simds}\nlocation_id {location}\ndomain 0\nunique_id {id}\n");
    fs::write(folder.join("properties"), facts).unwrap();
}

/// Four GPUs of one model whose minors run against the bus.
fn node() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (minor, bus) in [(3, "07"), (2, "0f"), (1, "47"), (0, "4e")] {
        let uuid = format!("GPU-{minor}abc0000-1111-2222-3333-444455556666");
        nvidia(root.path(), &format!("0000:{bus}:00.0"), A100, &uuid, minor);
    }
    root
}

fn read(root: &Path, variables: &[(&str, &str)]) -> Result<Binding, BindingError> {
    let of = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Binding::read(&of, root)
}

/// The addresses bound to, as text.
fn bound(root: &Path, variables: &[(&str, &str)]) -> Vec<String> {
    match read(root, variables).unwrap() {
        Binding::Free => panic!("{variables:?} bind nothing"),
        Binding::To { addresses, .. } => addresses.iter().map(ToString::to_string).collect(),
    }
}

fn refused(root: &Path, variables: &[(&str, &str)]) -> String {
    read(root, variables).unwrap_err().to_string()
}

#[test]
fn indices_count_along_the_bus_and_uuids_may_be_short() {
    let node = node();
    let cuda = |value| bound(node.path(), &[(CUDA, value)]);
    assert_eq!(cuda("0"), ["0000:07:00.0"]);
    assert_eq!(cuda("3, 1"), ["0000:4e:00.0", "0000:0f:00.0"], "in the order given");
    assert_eq!(cuda("GPU-1ab"), ["0000:47:00.0"]);
    assert_eq!(cuda("GPU-1ABC0000"), ["0000:47:00.0"]);
    assert_eq!(cuda("2,-1,0"), ["0000:47:00.0"], "as in CUDA, a list ends at -1");
}

#[test]
fn no_gpu_is_said_in_several_ways() {
    let node = node();
    for none in ["", " ", "-1", "-1,0", "NoDevFiles"] {
        assert_eq!(bound(node.path(), &[(CUDA, none)]), [""; 0], "`{none}`");
    }
    assert_eq!(read(node.path(), &[]), Ok(Binding::Free));
}

#[test]
fn what_cannot_be_told_is_refused_with_the_remedy() {
    let node = node();
    let cuda = |value| refused(node.path(), &[(CUDA, value)]);
    let mig = cuda("MIG-8d3c");
    assert!(
        mig.contains("CUDA_VISIBLE_DEVICES = \"MIG-8d3c\"") && mig.contains("ask the engine for a whole GPU"),
        "{mig}"
    );
    assert!(cuda("4").contains("there is no GPU 4") && cuda("4").contains("3 = 0000:4e:00.0"), "{}", cuda("4"));
    assert!(cuda("GPU-ffff").contains("no GPU has a UUID that begins with GPU-ffff"));
    assert!(cuda("GPU-").contains("write more of it"));
    assert!(cuda("all").contains("`all` is neither an index nor GPU-UUID"));
    assert!(cuda("1,,2").contains("`` is neither"));
    let none = tempfile::tempdir().unwrap();
    assert!(refused(none.path(), &[(CUDA, "0")]).contains("the kernel lists no NVIDIA GPU"));
}

#[test]
fn several_models_have_no_known_order_unless_it_is_that_of_the_bus() {
    let node = node();
    nvidia(node.path(), "0000:01:00.0", "Quadro P400", "GPU-9abc", 4);
    let said = refused(node.path(), &[(CUDA, "0")]);
    assert!(said.contains("CUDA_DEVICE_ORDER=PCI_BUS_ID") && said.contains("Quadro P400"), "{said}");
    assert_eq!(bound(node.path(), &[(CUDA, "0"), (ORDER, "PCI_BUS_ID")]), ["0000:01:00.0"]);
    assert_eq!(bound(node.path(), &[(CUDA, "GPU-9")]), ["0000:01:00.0"], "a UUID needs no order");
}

#[test]
fn under_a_cgroup_indices_count_what_can_be_opened() {
    let node = node();
    for denied in [3, 2, 0] {
        fs::remove_file(node.path().join(format!("dev/nvidia{denied}"))).unwrap();
    }
    assert_eq!(bound(node.path(), &[(CUDA, "0")]), ["0000:47:00.0"], "the one that is left");
    assert!(refused(node.path(), &[(CUDA, "1")]).contains("there is no GPU 1 that this process may open"));
}

#[test]
fn rocm_counts_gpus_among_nodes_and_hip_among_those_left() {
    let root = tempfile::tempdir().unwrap();
    amd(root.path(), 0, 0, 0, 0);
    amd(root.path(), 10, 304, 0xc100, 0xb);
    amd(root.path(), 2, 304, 0x8100, 0xa);
    let on = |variables: &[(&str, &str)]| bound(root.path(), variables);
    assert_eq!(on(&[(ROCR, "1")]), ["0000:c1:00.0"], "node 10 comes after node 2");
    assert_eq!(on(&[(ROCR, "GPU-000000000000000a")]), ["0000:81:00.0"]);
    assert_eq!(on(&[(ROCR, "1,0"), (HIP, "1")]), ["0000:81:00.0"]);
    assert_eq!(on(&[(HIP, "0")]), ["0000:81:00.0"]);
    assert_eq!(on(&[(ORDINAL, "1")]), ["0000:c1:00.0"]);
    assert_eq!(on(&[(CUDA, "0"), (ROCR, "1"), (ORDINAL, "0")]), ["0000:c1:00.0"], "Slurm sets them all");
    assert!(refused(root.path(), &[(CUDA, "0")]).contains("another vendor's"));
}

#[test]
fn with_two_vendors_each_variable_speaks_for_its_own() {
    let node = node();
    amd(node.path(), 1, 304, 0xc100, 0xb);
    assert_eq!(bound(node.path(), &[(CUDA, "1"), (ROCR, "0")]), ["0000:0f:00.0", "0000:c1:00.0"]);
    assert_eq!(bound(node.path(), &[(CUDA, ""), (ROCR, "0")]), ["0000:c1:00.0"]);
    assert!(refused(node.path(), &[(ORDINAL, "0")]).contains("NVIDIA's and AMD's"));
}

#[test]
fn only_adapters_at_the_addresses_given_are_chosen() {
    let address = |text: &str| Some(text.parse::<PciAddress>().unwrap());
    let adapters = [address("0000:07:00.0"), None, address("0000:0f:00.0"), address("0000:07:00.0")];
    let names: Vec<String> = ["A", "llvmpipe", "B", "A again"].map(str::to_owned).into();
    let to = |list: &[&str]| Binding::To {
        addresses: list.iter().map(|text| text.parse().unwrap()).collect(),
        said_by: "CUDA_VISIBLE_DEVICES = \"0\"".to_owned(),
    };
    assert_eq!(Binding::Free.choose(&adapters, &names), Ok(vec![0, 1, 2, 3]));
    assert_eq!(to(&["0000:0f:00.0", "0000:07:00.0"]).choose(&adapters, &names), Ok(vec![2, 0, 3]));
    let none = to(&[]).choose(&adapters, &names).unwrap_err().to_string();
    assert_eq!(none, "no GPU is given to this process: CUDA_VISIBLE_DEVICES = \"0\"");
    let other = to(&["0000:99:00.0"]).choose(&adapters, &names).unwrap_err().to_string();
    for words in ["0000:99:00.0", "gpu:1 llvmpipe at no PCI address", "gpu:2 B at 0000:0f:00.0"] {
        assert!(other.contains(words), "{other}");
    }
}
