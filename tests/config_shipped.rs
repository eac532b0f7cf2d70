//! What ships beside the program keeps its word: the configs are right, and the JSON schema that editors use describes
//! exactly the keys and the words that the reader accepts.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nullsweep::config::Config;
use nullsweep::config::keys::SECTIONS;
use nullsweep::measure::TableId;
use nullsweep::plan::Plan;
use nullsweep::theory::LAWS;
use serde_json::Value;

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string("schema/nullsweep.json").unwrap()).unwrap()
}

fn configs() -> Vec<PathBuf> {
    let mut paths: Vec<_> = ["configs", "configs/claims", "configs/examples", "configs/papers"]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn schema_has_the_keys_of_the_reader() {
    let schema = schema();
    let mut described = BTreeSet::new();
    for (section, keys) in SECTIONS {
        let place = if section.is_empty() { &schema } else { &schema["$defs"][section] };
        assert_eq!(place["additionalProperties"], false, "[{section}] of the schema lets unknown keys pass");
        let properties: BTreeSet<_> = place["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(properties, keys.iter().copied().collect(), "keys of [{section}]");
        described.insert(*section);
    }
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        assert!(definition.get("properties").is_none() || described.contains(name.as_str()), "no reader for {name}");
    }
}

/// Every word that the schema offers for a key is accepted, in a config where that key has its place.
#[test]
fn reader_accepts_the_words_of_the_schema() {
    let schema = schema();
    let words = |pointer: &str| -> Vec<String> {
        let list = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}")).as_array().unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let base = "[design]\nkind = \"gaussian\"\n[grid]\nn = 11\nd = 10\nlambda = 1\ndelta = 1\nalpha = 1\n";
    for (pointer, set) in [
        ("/properties/tables/items/enum", "tables=[\"{}\"]"),
        ("/$defs/perturbation/properties/solvers/items/enum", "perturbation.solvers=[\"{}\"]"),
        ("/$defs/perturbation/properties/what/items/enum", "perturbation.what=[\"{}\"]"),
        ("/$defs/perturbation/properties/arithmetic/items/enum", "perturbation.arithmetic=[\"{}\"]"),
        ("/$defs/selection/properties/choosers/items/enum", "selection.choosers=[\"{}\"]"),
        ("/$defs/engine/properties/precision/enum", "engine.precision={}"),
        ("/$defs/run/properties/on_error/enum", "run.on_error={}"),
        ("/$defs/design/properties/kind/enum", "design.kind={}"),
        ("/$defs/design/properties/spacing/enum", "design={ kind = \"spectrum\", spacing = \"{}\" }"),
        ("/$defs/design/properties/name/enum", "design={ kind = \"gallery\", name = \"{}\" }"),
        ("/$defs/figure/properties/kind/enum", "figure=[{ kind = \"{}\", x = \"d\" }]"),
        ("/$defs/figure/properties/band/enum", "figure=[{ kind = \"line\", x = \"d\", y = \"n\", band = \"{}\" }]"),
        ("/$defs/figure/properties/stat/enum", "figure=[{ kind = \"line\", x = \"d\", y = \"n\", stat = \"{}\" }]"),
        ("/$defs/figure/properties/table/enum", "figure=[{ kind = \"ecdf\", x = \"n\", table = \"{}\" }]"),
        ("/$defs/figure/properties/x_scale/enum", "figure=[{ kind = \"ecdf\", x = \"n\", x_scale = \"{}\" }]"),
        ("/$defs/figure/properties/width/oneOf/0/enum", "figure=[{ kind = \"ecdf\", x = \"n\", width = \"{}\" }]"),
    ] {
        for word in words(pointer) {
            let set = set.replace("{}", &word);
            // Other keys may be missing beside it; the word itself must not be refused.
            if let Err(errors) = Config::parse(base, Path::new("a.toml"), std::slice::from_ref(&set)) {
                assert!(!errors.to_string().contains("no such"), "{set}: {errors}");
            }
        }
    }
    let laws: Vec<_> = LAWS.iter().map(|law| law.name).collect();
    assert_eq!(words("/properties/theory/items/enum"), laws);
    let tables = words("/properties/tables/items/enum");
    assert!(TableId::ALL.iter().all(|table| tables.iter().any(|word| word == table.name())));
}

#[test]
fn shipped_configs_are_right() {
    let paths = configs();
    assert!(paths.len() >= 23, "{paths:?}");
    for path in paths {
        let config = Config::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(Some(config.name.as_str()), path.file_stem().and_then(|stem| stem.to_str()));
        assert!(config.question.is_some(), "{} asks nothing", path.display());
        let again = Config::parse(&config.source.text, &path, &[]).unwrap();
        assert_eq!(again, config, "{}", path.display());
    }
}

#[test]
fn quickstart_is_small() {
    let config = Config::load(Path::new("configs/quickstart.toml"), &[]).unwrap();
    let plan = Plan::new(&config, &config.grid.share(None));
    assert!(plan.flops() < 1e9 && plan.rows() < 20_000, "{}", plan.to_text());
    assert!(plan.shapes.iter().any(|shape| shape.n < shape.d) && plan.shapes.iter().any(|shape| shape.n > shape.d));
}

/// Means are judged by their standard errors, so each cell has enough replicates for one; and each run is a matter of minutes.
#[test]
fn papers_have_replicates_references_and_their_place_in_the_table() {
    let table = fs::read_to_string("configs/papers/README.md").unwrap();
    let papers: Vec<_> = configs().into_iter().filter(|path| path.starts_with("configs/papers")).collect();
    assert_eq!(papers.len(), 12);
    for path in papers {
        let text = fs::read_to_string(&path).unwrap();
        let config = Config::load(&path, &[]).unwrap();
        let name = &config.name;
        assert!(config.grid.replicates >= 200, "{name}: {} replicates", config.grid.replicates);
        assert!(Plan::new(&config, &config.grid.share(None)).flops() < 4e11, "{name} takes long");
        assert!(text.contains("doi:") || text.contains("arXiv:"), "{name} cites nothing");
        let command = format!("nullsweep run configs/papers/{name}.toml");
        assert_eq!(text.matches(&command).count(), 2, "{name} shows how to run it as it is, and at the paper's size");
        assert!(table.contains(&format!("| `{name}.toml` |")), "{name} is not in the table");
        assert!(!config.figures.is_empty(), "{name} draws nothing");
    }
}

#[test]
fn diabetes_takes_its_shape_and_its_y_from_the_file() {
    let path = Path::new("configs/real-diabetes.toml");
    let config = Config::load(path, &[]).unwrap();
    assert_eq!((config.grid.cells[0].n, config.grid.cells[0].d), (442, 10));
    // Without a choice of columns, every column but y is a feature: the same matrix.
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("columns")).collect();
    let text = lines.join(
        "
",
    );
    let other = Config::parse(&text, path, &[]).unwrap();
    assert_eq!((&other.design, &other.target), (&config.design, &config.target));
    // The numbers of the data are part of what a run is.
    let data = |config: &Config| config.source.identity["target_data"].clone();
    assert!(data(&config).is_object());
    assert_eq!(data(&other), data(&config));
    let other = Config::parse(&text, path, &["target.y={ column = \"s6\" }".to_owned()]).unwrap();
    assert_ne!(data(&other), data(&config));
}

#[test]
fn extends_merges_sections_and_set_comes_last() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    write("data/x.csv", "a,b\n1,2\n3,4\n5,7\n");
    write("base.toml", "[design]\nkind = \"file\"\npath = \"data/x.csv\"\n[grid]\nlambda = [1, 2, 3]\ndelta = 0.5\n");
    let heir = write("sub/heir.toml", "extends = \"../base.toml\"\n[design]\nreplicates = 2\n[grid]\nlambda = [4]\n");
    let config = Config::load(&heir, &["grid.alpha={ linear = [1, 3], step = 1 }".to_owned()]).unwrap();
    let cell = &config.grid.cells[0];
    assert_eq!((cell.n, cell.d, config.grid.replicates), (3, 2, 2));
    assert_eq!((&cell.lambda[..], &cell.delta[..], &cell.alpha[..]), (&[4.0][..], &[0.5][..], &[1.0, 2.0, 3.0][..]));
    assert_eq!(Config::parse(&config.source.text, &heir, &[]).unwrap(), config);
    let nested = Config::load(
        &heir,
        &["grid.lambda={ log = [1, 100], count = 3 }".to_owned(), "grid.lambda.count=5".to_owned()],
    );
    assert_eq!(nested.unwrap().grid.cells[0].lambda.len(), 5);
}

#[test]
fn blocks_inherit_and_unite() {
    let text = "
[design]
kind = \"gaussian\"
[grid]
lambda = [1, 2]
where = \"n >= d\"
[[block]]
n = [10, 20]
d = 15
[[block]]
n = 20
d = [5, 15]
lambda = [0]
where = \"d > 0\"
";
    let config = Config::parse(text, Path::new("a.toml"), &[]).unwrap();
    let cells: Vec<_> = config.grid.cells.iter().map(|cell| (cell.n, cell.d, cell.lambda.clone())).collect();
    assert_eq!(cells, [(20, 5, vec![0.0]), (20, 15, vec![0.0, 1.0, 2.0])]);
}
