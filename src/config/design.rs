//! `[design]`: which matrix, how seeded, how often redrawn.

use std::f64::consts::FRAC_PI_2;
use std::path::Path;

use super::keys;
use super::reader::{Item, Section};
use super::tree::Value;
use crate::data::{self, ColumnRef, Header, ReadOptions};
use crate::design::{DesignSpec, Gallery, Spacing};
use crate::grid::Seeding;
use crate::matrix::Matrix;

/// `[design]`, checked.
pub(super) struct Design<'a> {
    pub(super) spec: DesignSpec,
    pub(super) seeding: Seeding,
    pub(super) replicates: u32,
    /// Where a refusal of the whole design points.
    pub(super) kind: Item<'a>,
    /// The target's column of the design's own file, where `target.y` asks for one.
    pub(super) y: Option<Vec<f64>>,
    /// Where `replicates` is written.
    pub(super) replicates_at: Option<Item<'a>>,
}

/// What a design does with the epsilon axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EpsilonUse {
    None,
    Optional,
    Required,
}

impl Design<'_> {
    pub(super) fn epsilon_use(&self) -> EpsilonUse {
        match self.spec {
            DesignSpec::LowRank { .. } => EpsilonUse::Optional,
            _ if self.spec.uses_epsilon() => EpsilonUse::Required,
            _ => EpsilonUse::None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gaussian,
    Collinear,
    CollinearExact,
    Duplicate,
    LowRank,
    Spectrum,
    Ar1,
    Gallery,
    Matrix,
    File,
}

/// The kinds by name.
const KINDS: [(&str, Kind); 10] = [
    ("gaussian", Kind::Gaussian),
    ("collinear", Kind::Collinear),
    ("collinear-exact", Kind::CollinearExact),
    ("duplicate", Kind::Duplicate),
    ("low-rank", Kind::LowRank),
    ("spectrum", Kind::Spectrum),
    ("ar1", Kind::Ar1),
    ("gallery", Kind::Gallery),
    ("matrix", Kind::Matrix),
    ("file", Kind::File),
];

/// Which kinds a key of `[design]` belongs to; keys of every kind are not listed.
const KEY_KINDS: [(&str, &str); 11] = [
    ("copies", "duplicate"),
    ("rank", "low-rank"),
    ("spacing", "spectrum"),
    ("rho", "ar1"),
    ("name", "gallery"),
    ("theta", "gallery kahan"),
    ("w", "gallery prolate"),
    ("x", "matrix"),
    ("columns", "matrix and file"),
    ("path", "file"),
    ("header", "file (.csv)"),
];

/// The gallery, parameters at their defaults.
const GALLERY: [Gallery; 8] = [
    Gallery::Hilbert,
    Gallery::Vandermonde,
    Gallery::Kahan { theta: 1.2 },
    Gallery::Lauchli,
    Gallery::Pascal,
    Gallery::Frank,
    Gallery::Prolate { w: 0.25 },
    Gallery::Cauchy,
];

/// `[design]`, or `None` after a report. Relative paths are resolved against `folder`. `y_column` is the column of the
/// design's file that is y, with where it is written.
pub(super) fn read<'a>(
    section: &Section<'a>,
    folder: &Path,
    y_column: Option<&(Item<'a>, ColumnRef)>,
) -> Option<Design<'a>> {
    let names = KINDS.map(|(name, _)| name);
    let item = section.require("kind", &format!("one of {}", names.join(", ")))?;
    let kind = item.choice(&KINDS);
    let (seeding, replicates) = (seeding(section), replicates(section));
    // Without a kind nobody can say which of the other keys belong here.
    let kind = kind?;
    let mut y = None;
    let spec = match kind {
        Kind::Gaussian => Some(DesignSpec::Gaussian),
        Kind::Collinear => Some(DesignSpec::Collinear),
        Kind::CollinearExact => Some(DesignSpec::CollinearExact),
        Kind::Duplicate => count(section.get("copies"), 1, "copies counts columns that repeat the first")
            .map(|copies| DesignSpec::Duplicate { copies }),
        Kind::LowRank => section
            .require("rank", "such as rank = 3")
            .and_then(|item| count(Some(item), 1, "rank counts independent directions"))
            .map(|rank| DesignSpec::LowRank { rank }),
        Kind::Spectrum => spacing(section).map(|spacing| DesignSpec::Spectrum { spacing }),
        Kind::Ar1 => section
            .require("rho", "the correlation of neighbouring columns, such as rho = 0.9")
            .and_then(|item| {
                item.number_where(
                    |rho| rho.abs() < 1.0,
                    "rho is a correlation and must lie between -1 and 1, both excluded",
                )
            })
            .map(|rho| DesignSpec::Ar1 { rho }),
        Kind::Gallery => gallery(section).map(DesignSpec::Gallery),
        Kind::Matrix => literal(section),
        Kind::File => file(section, folder, y_column).map(|(spec, column)| {
            y = column;
            spec
        }),
    };
    section.finish(keys::DESIGN, |key| {
        let owner = KEY_KINDS.iter().find(|(name, _)| *name == key).map_or("file (.csv)", |(_, kinds)| *kinds);
        (format!("belongs to design {owner}, and this one is {}", name_of(kind)), "leave it out".to_owned())
    });
    let (seeding, replicates) = (seeding?, replicates?);
    if let (Seeding::Numpy(_), Some(item)) = (seeding, section.get("replicates"))
        && replicates > 1
    {
        item.refuse(
            "rng = { numpy = .. } is one fixed stream, so there is one replicate only",
            "leave replicates out, or write seed = .. instead of rng",
        );
        return None;
    }
    Some(Design { spec: spec?, seeding, replicates, kind: item, y, replicates_at: section.get("replicates") })
}

fn name_of(kind: Kind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name)
}

fn seeding(section: &Section<'_>) -> Option<Seeding> {
    let (seed, rng) = (section.get("seed"), section.get("rng"));
    if let (Some(_), Some(rng)) = (&seed, &rng) {
        rng.refuse(
            "seed and rng exclude each other",
            "seed keys every trial by (seed, n, d, replicate); rng is NumPy's generator as a script has it",
        );
        return None;
    }
    if let Some(rng) = rng {
        let rng = rng.section()?;
        let numpy = rng.require("numpy", "write rng = { numpy = 1023 } for np.random.default_rng(1023)");
        rng.finish_all(keys::RNG);
        return Some(Seeding::Numpy(numpy?.whole(0, u64::MAX, "a seed is a 64-bit integer")?));
    }
    let Some(seed) = seed else { return Some(Seeding::Keyed(0)) };
    Some(Seeding::Keyed(seed.whole(0, u64::MAX, "a seed is a 64-bit integer")?))
}

fn replicates(section: &Section<'_>) -> Option<u32> {
    let Some(item) = section.get("replicates") else { return Some(1) };
    let value = item.whole(1, u64::from(u32::MAX), "replicates counts the redraws of every cell")?;
    u32::try_from(value).ok()
}

/// A count of columns or values; 1 where it is not given.
fn count(item: Option<Item<'_>>, min: u64, meaning: &str) -> Option<usize> {
    let Some(item) = item else { return Some(1) };
    usize::try_from(item.whole(min, 1 << 31, meaning)?).ok()
}

fn spacing(section: &Section<'_>) -> Option<Spacing> {
    section.require("spacing", "one of geometric, arithmetic, one-small, clustered")?.choice(&[
        ("geometric", Spacing::Geometric),
        ("arithmetic", Spacing::Arithmetic),
        ("one-small", Spacing::OneSmall),
        ("clustered", Spacing::Clustered),
    ])
}

fn gallery(section: &Section<'_>) -> Option<Gallery> {
    let item = section.require("name", &format!("one of {}", GALLERY.map(Gallery::name).join(", ")))?;
    let mut chosen = item.choice(&GALLERY.map(|gallery| (gallery.name(), gallery)))?;
    let (parameter, key, high, words) = match &mut chosen {
        Gallery::Kahan { theta } => {
            (theta, "theta", FRAC_PI_2, "theta is an angle in radians and must lie between 0 and pi/2, both excluded")
        }
        Gallery::Prolate { w } => (w, "w", 0.5, "w is half a bandwidth and must lie between 0 and 0.5, both excluded"),
        _ => return Some(chosen),
    };
    if let Some(item) = section.get(key) {
        *parameter = item.number_where(|value| 0.0 < value && value < high, words)?;
    }
    Some(chosen)
}

/// `x = [[1, 2], [3, 4]]`, by rows.
fn literal(section: &Section<'_>) -> Option<DesignSpec> {
    let names = section.get("columns").map(|item| (names(&item), item));
    let item = section.require("x", "the rows, such as x = [[1, 1], [2, 2]]")?;
    let rows: Vec<_> = item.list()?.iter().map(|row| (row.list_of(Item::number), row.clone())).collect();
    let mut data = Vec::new();
    let mut width = None;
    for (i, (values, row)) in rows.iter().enumerate() {
        let values = values.as_ref()?;
        let width = *width.get_or_insert(values.len());
        if values.len() != width {
            row.refuse(
                format!("row {} has {} entries, the rows above have {width}", i + 1, values.len()),
                "all rows of a matrix are equally long",
            );
            return None;
        }
        data.extend_from_slice(values);
    }
    let x = Matrix::new(rows.len(), width?, data);
    let names = match names {
        Some((names, item)) => {
            let names = names?;
            if names.len() != x.cols() {
                item.refuse(format!("{} names for {} columns", names.len(), x.cols()), "give one name per column");
                return None;
            }
            Some(names)
        }
        None => None,
    };
    Some(DesignSpec::Matrix { x, names })
}

fn names(item: &Item<'_>) -> Option<Vec<String>> {
    item.set_of(|name| name.word().map(str::to_owned))
}

/// `path = "data.csv"`, read when the config is checked, so that a bad file is refused before any work; with the y that
/// stands in it. Without `columns`, every column but y is a feature.
fn file(
    section: &Section<'_>,
    folder: &Path,
    y_column: Option<&(Item<'_>, ColumnRef)>,
) -> Option<(DesignSpec, Option<Vec<f64>>)> {
    let item = section.require("path", "a .csv or .npy file, relative to this config");
    let columns = section.get("columns").map(|item| item.set_of(column));
    let header = section.get("header").map(|item| item.choice(&Header::NAMES));
    let delimiter = section.get("delimiter").map(|item| delimiter(&item));
    let item = item?;
    let path = folder.join(item.word()?);
    let options = ReadOptions {
        columns: columns.map_or(Some(None), |columns| columns.map(Some))?,
        header: header.unwrap_or(Some(Header::Auto))?,
        delimiter: delimiter.unwrap_or(Some(b','))?,
        ..ReadOptions::default()
    };
    let mut table = data::read(&path, &options).map_err(|why| item.refuse(why.to_string(), "")).ok()?;
    let y = match y_column {
        None => None,
        Some((place, column)) => {
            let y = match &options.columns {
                None => table.take_column(column),
                Some(features) if features.contains(column) => {
                    place.refuse(
                        "this column is a feature too, so y would explain itself",
                        "take it out of design.columns",
                    );
                    return None;
                }
                Some(_) => data::read_vector(&path, &ReadOptions { columns: Some(vec![column.clone()]), ..options }),
            };
            Some(y.map_err(|why| place.refuse(why.to_string(), "")).ok()?)
        }
    };
    Some((DesignSpec::File { path, x: table.x, names: table.names }, y))
}

/// A column by name or by position from 1.
pub(super) fn column(item: &Item<'_>) -> Option<ColumnRef> {
    if let Value::Text(_) = item.node.value {
        return item.word().map(|name| ColumnRef::Name(name.to_owned()));
    }
    let position = item.whole(1, 1 << 31, "columns are counted from 1")?;
    usize::try_from(position).ok().map(ColumnRef::Position)
}

fn delimiter(item: &Item<'_>) -> Option<u8> {
    match item.text()?.as_bytes() {
        &[byte] if data::is_delimiter(byte) => Some(byte),
        _ => {
            item.refuse("expected one character that no number contains", "such as \",\", \";\", \"\\t\" or \" \"");
            None
        }
    }
}
