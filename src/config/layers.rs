//! A config in layers: the files it extends, the file itself, then every `--set`.

use std::path::{Path, PathBuf};

use super::diagnostic::{ConfigErrors, Problem};
use super::set;
use super::source::{Origin, Place, Text, Texts, read_file};
use super::tree::{Entry, Node, Table, Value, parse_document};

/// Longest chain of `extends`.
const MAX_DEPTH: usize = 8;
/// Most files that one config may draw in, however they extend each other.
const MAX_FILES: usize = 64;

/// All layers merged, later ones over earlier ones.
pub(super) struct Layers {
    pub(super) texts: Texts,
    pub(super) root: Table,
    /// The file itself: where something missing is reported.
    pub(super) whole: Place,
}

/// Merges `text`, the content of `path`, with what it extends and with `sets`.
///
/// # Errors
/// Every place that is not TOML, every file that cannot be read, cycles, `--set`s that cannot be understood.
pub(super) fn assemble(text: String, path: &Path, sets: &[String]) -> Result<Layers, ConfigErrors> {
    let mut loader = Loader { texts: Texts::default(), problems: Vec::new(), chain: Vec::new() };
    let mut root = loader.file(text, path);
    // The first text read is the file itself; its bases follow.
    let whole = Place::whole(0);
    for argument in sets {
        let number = loader.texts.add(Text::new(Origin::Set, argument.clone()));
        match set::parse(argument, number) {
            Ok(assignment) => assignment.apply(&mut root, &mut loader.problems),
            Err(problems) => loader.problems.extend(problems),
        }
    }
    if loader.problems.is_empty() {
        Ok(Layers { texts: loader.texts, root, whole })
    } else {
        Err(ConfigErrors::new(loader.problems, &loader.texts))
    }
}

struct Loader {
    texts: Texts,
    problems: Vec<Problem>,
    /// Files being read, outermost first, by the path as written and by the path that identifies them.
    chain: Vec<(PathBuf, PathBuf)>,
}

impl Loader {
    /// The merged tables of a file and of what it extends.
    fn file(&mut self, text: String, path: &Path) -> Table {
        let number = self.texts.add(Text::new(Origin::File(path.to_owned()), text));
        let source = self.texts.get(Place::whole(number)).as_str();
        let mut own = match parse_document(source, number) {
            Ok(table) => table,
            Err(problems) => {
                self.problems.extend(problems);
                return Table::default();
            }
        };
        self.chain.push((path.to_owned(), identity(path)));
        let mut merged = Table::default();
        if let Some(entry) = own.0.remove("extends") {
            for (base, place) in self.base_paths(&entry.node) {
                let mut base = self.base(&path.with_file_name(&base), place);
                if self.chain.len() == 1 {
                    anchor(&mut base, path, |place| self.texts.get(place));
                }
                merge(&mut merged, base);
            }
        }
        self.chain.pop();
        merge(&mut merged, own);
        merged
    }

    /// Reads `path`, named at `place`, unless that would never end.
    fn base(&mut self, path: &Path, place: Place) -> Table {
        let id = identity(path);
        let refusal = if let Some(first) = self.chain.iter().position(|(_, known)| *known == id) {
            let cycle: Vec<_> = self.chain[first..].iter().map(|(name, _)| name.display().to_string()).collect();
            Some(format!("extends goes round in a circle: {} -> {}", cycle.join(" -> "), path.display()))
        } else if self.chain.len() > MAX_DEPTH {
            Some(format!("extends is nested more than {MAX_DEPTH} deep"))
        } else if self.texts.len() >= MAX_FILES {
            Some(format!("a config may draw in at most {MAX_FILES} files"))
        } else {
            None
        };
        match refusal.map_or_else(|| read_file(path).map_err(|why| format!("extends: {}: {why}", path.display())), Err)
        {
            Ok(text) => self.file(text, path),
            Err(message) => {
                let help = message
                    .ends_with("no such file")
                    .then(|| "paths are relative to the file that states them".to_owned());
                self.problems.push(Problem { place, message, help });
                Table::default()
            }
        }
    }

    /// The paths of an `extends`: one string or an array of them.
    fn base_paths(&mut self, node: &Node) -> Vec<(String, Place)> {
        let items = match &node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut paths = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(path) if !path.is_empty() => paths.push((path.clone(), item.place)),
                other => self.problems.push(Problem {
                    place: item.place,
                    message: format!("extends = {}: expected the path of a config", other.brief()),
                    help: Some("extends = [\"base.toml\"], relative to this file".to_owned()),
                }),
            }
        }
        paths
    }
}

/// What tells a file from all others, whatever path leads to it.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Puts `upper` over `lower`: sections merge key by key, every value below them is replaced as a whole. (An axis is
/// one value: a base's `{ log = .., count = .. }` must not mix with an heir's `{ linear = .., step = .. }`.)
fn merge(lower: &mut Table, upper: Table) {
    for (name, entry) in upper.0 {
        match (lower.0.get_mut(&name), entry) {
            (
                Some(Entry { node: Node { value: Value::Table(below), place }, .. }),
                Entry { node: Node { value: Value::Table(above), place: above_place }, .. },
            ) => {
                below.0.extend(above.0);
                *place = above_place;
            }
            (_, entry) => {
                lower.0.insert(name, entry);
            }
        }
    }
}

/// Rewrites the relative data paths of a base that lies in another folder than `heir`, so that they hold there too.
fn anchor<'t>(table: &mut Table, heir: &Path, text: impl Fn(Place) -> &'t Text) {
    let home = heir.parent().map(identity);
    for_each_path(table, &mut |path, place| {
        if let Some(file) = text(place).file()
            && file.parent().map(identity) != home
            && let Ok(absolute) = std::path::absolute(file.with_file_name(&*path))
            && let Some(absolute) = absolute.to_str()
        {
            absolute.clone_into(path);
        }
    });
}

/// Rewrites the relative data paths of a `--set`, which are relative to the working directory.
pub(super) fn anchor_to_working_directory(table: &mut Table) {
    for_each_path(table, &mut |path, _| {
        if let Ok(absolute) = std::path::absolute(&*path)
            && let Some(absolute) = absolute.to_str()
        {
            absolute.clone_into(path);
        }
    });
}

/// Calls `change` for `design.path` and for the `file` of `target.y`, the only values that are paths.
fn for_each_path(root: &mut Table, change: &mut dyn FnMut(&mut String, Place)) {
    for keys in [&["design", "path"][..], &["target", "y", "file"]] {
        let mut at = &mut *root;
        for (depth, key) in keys.iter().enumerate() {
            let Some(entry) = at.0.get_mut(*key) else { break };
            match &mut entry.node.value {
                Value::Table(table) => at = table,
                Value::Text(path) if depth + 1 == keys.len() && !path.is_empty() => {
                    change(path, entry.node.place);
                    break;
                }
                _ => break,
            }
        }
    }
}
