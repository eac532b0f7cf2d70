//! `nullsweep devices`: which GPUs there are and what each may be used for.

use serde_json::json;

use super::{Exit, Failure, output};
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::{self, AdapterReport, DeviceKind, Verdict};
use crate::engine::{Clock, Engine};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let adapters = gpu::adapters();
    let cpu = CpuEngine.describe();
    if args.json {
        output::json(&json!({ "cpu": cpu, "adapters": adapters }))?;
    } else {
        output::data(&text(&cpu, &adapters))?;
    }
    Ok(Exit::Ok)
}

fn text(cpu: &str, adapters: &[AdapterReport]) -> String {
    let mut lines = vec![cpu.to_owned()];
    if adapters.is_empty() {
        lines.push(
            "no GPU: no Vulkan, Metal or DX12 driver offers an adapter; device = \"auto\" uses the CPU".to_owned(),
        );
    }
    lines.extend(adapters.iter().map(adapter_text));
    lines.join("\n")
}

fn adapter_text(report: &AdapterReport) -> String {
    const MIB: u64 = 1 << 20;
    let kind = match report.kind {
        DeviceKind::DiscreteGpu => "discrete GPU",
        DeviceKind::IntegratedGpu => "integrated GPU",
        DeviceKind::VirtualGpu => "virtual GPU",
        DeviceKind::Software => {
            "software adapter: right, and slower than the CPU engine; device = \"auto\" never takes it"
        }
        DeviceKind::Other => "adapter of unknown kind",
    };
    let limits = &report.limits;
    let place = report.pci_address.as_ref().map_or_else(String::new, |address| format!(", PCI {address}"));
    let mut lines = vec![
        format!("gpu:{}  {} ({}), {kind}{place}", report.index, report.name, report.backend),
        format!("       driver {} {}", report.driver, report.driver_info),
        format!(
            "       workgroup memory {} bytes, {} invocations; buffers to {} MiB, bindings to {} MiB; subgroups {}-{}",
            limits.workgroup_storage_bytes,
            limits.workgroup_invocations,
            limits.buffer_bytes / MIB,
            limits.storage_binding_bytes / MIB,
            report.features.subgroup_min_size,
            report.features.subgroup_max_size,
        ),
    ];
    for finding in &report.precisions {
        let verdict = match &finding.verdict {
            Verdict::Usable => "passed the self-test".to_owned(),
            Verdict::Unavailable => "not offered by the driver".to_owned(),
            Verdict::Refused { reason } => format!("refused: {reason}"),
        };
        lines.push(format!("       {:<5} {verdict}", finding.precision.name()));
    }
    if let Some(clock) = report.kernel_clock {
        let whose = match clock {
            Clock::Device => "its own clock",
            Clock::Host => "the host's clock, waiting included: it has none that makes sense",
        };
        lines.push(format!("       kernels timed by {whose}"));
    }
    if let Some(reached) = report.loop_reached.filter(|&reached| reached < AdapterReport::LOOP_ASKED) {
        lines.push(format!("       this driver ends loops after {reached} iterations; the kernels stay below that"));
    }
    lines.join("\n")
}
