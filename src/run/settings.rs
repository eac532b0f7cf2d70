//! What defines the rows of a run, and what its manifest says of the program that makes them.

use serde_json::{Map, Value, json};

use super::KERNEL_VERSION;
use crate::config::Config;
use crate::engine::gpu;
use crate::engine::select::Selected;
use crate::linalg::instruction_set;
use crate::measure::table::Schema;
use crate::record::{About, Identity, KERNEL_VERSION_KEY};

/// The tables of `config`, in their order.
pub fn schemas(config: &Config) -> Vec<Schema> {
    config.tables.iter().map(|table| *table.schema()).collect()
}

/// Everything that defines the rows of `config` whatever machine they are made on, and is not in the schemas.
pub fn definition(config: &Config) -> Value {
    json!({ "config": config.source.identity, (KERNEL_VERSION_KEY): KERNEL_VERSION })
}

/// The [`definition`] with the kind of machine: two runs with the same value write the same bytes. On a GPU the driver's
/// compiler and the shaders have their share in the last bits, and so does the machine's C library.
pub fn settings(config: &Config, selected: &Selected) -> Value {
    let mut settings = definition(config);
    settings["engine"] = selected.engine.route().name().into();
    settings["platform"] = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS).into();
    if !selected.adapter.is_null() {
        let of_adapter = |key: &str| selected.adapter.get(key).cloned().unwrap_or(Value::Null);
        // How pairs of columns add up is found by the self-test, and its two ways differ in last bits.
        let keys = ["name", "backend", "driver", "driver_info", "pair_sums"];
        let parts = keys.map(|key| (key.to_owned(), of_adapter(key)));
        settings["adapter"] = parts.into_iter().collect::<Map<_, _>>().into();
        settings["shader_sha256"] = gpu::shader_digest().into();
    }
    settings
}

/// What a run is known by: its [`settings`], its tables and the number of its trials.
pub fn identity(config: &Config, selected: &Selected) -> Identity {
    Identity::new(&settings(config, selected), &schemas(config), config.grid.trial_count())
}

/// What a manifest says of a run of `config` on `selected` by this process.
pub fn about(config: &Config, selected: &Selected) -> About {
    About {
        shader_sha256: (!selected.adapter.is_null()).then(gpu::shader_digest),
        engine: selected.engine.describe(),
        self_test: selected.adapter.get("self_test").cloned().unwrap_or(Value::Null),
        adapter: selected.adapter.clone(),
        cpu_features: vec![instruction_set().to_owned()],
        ..about_config(config)
    }
}

/// What a manifest says of a run of `config` by this process, whatever it is computed on.
pub fn about_config(config: &Config) -> About {
    // The path with which `verify` finds the config's data files again from any folder.
    let path = std::path::absolute(&config.source.path).unwrap_or_else(|_| config.source.path.clone());
    About {
        name: config.name.clone(),
        config: config.source.text.clone(),
        config_path: path.display().to_string(),
        seeds: json!({ "seeding": format!("{:?}", config.grid.seeding), "replicates": config.grid.replicates }),
        command: std::env::args().collect(),
        figures: config.figures.iter().map(|figure| figure.id.clone()).collect(),
        ..About::default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::engine::cpu::CpuEngine;

    #[test]
    fn another_driver_is_another_run_and_another_host_is_not() {
        let text = "[design]\nkind = \"gaussian\"\n[grid]\nn = 3\nd = 2\n";
        let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
        let on = |adapter| settings(&config, &Selected { engine: Arc::new(CpuEngine), adapter, note: None });
        let gpu =
            |driver: &str, index: u32| json!({ "name": "G", "backend": "vulkan", "driver": driver, "index": index });
        assert_ne!(on(gpu("1.0", 0)), on(gpu("1.1", 0)));
        assert_eq!(on(gpu("1.0", 0)), on(gpu("1.0", 1)), "where in the list it stands is of no consequence");
        assert_ne!(on(gpu("1.0", 0)), on(Value::Null));
        assert_eq!(on(Value::Null).get("shader_sha256"), None, "no shader is used");
        let adding = |pair_sums: &str| json!({ "name": "G", "driver": "1.0", "pair_sums": pair_sums });
        assert_ne!(on(adding("subgroup")), on(adding("workgroup-memory")), "two kernels with other last bits");
    }
}
