//! `[target]`: where y comes from.

use std::path::Path;

use super::axis::MAX_ENTRIES;
use super::design::{self, Design};
use super::keys;
use super::reader::{Item, Section};
use crate::data::{self, ColumnRef, ReadOptions};
use crate::design::{DesignSpec, TargetSpec, Weights};
use crate::grid::Cell;

/// `[target]`, or `None` after a report. Lengths are compared with the cells where these are known.
pub(super) fn read(
    section: Option<&Section<'_>>,
    design: Option<&Design<'_>>,
    cells: Option<&[Cell]>,
    folder: &Path,
) -> Option<TargetSpec> {
    let Some(section) = section else {
        return Some(TargetSpec::Model { weights: Weights::Normal, noise: DEFAULT_NOISE, features: None });
    };
    let target = match section.get("y") {
        Some(y) => given(&y, design, cells, folder),
        None => model(section, cells),
    };
    section.finish(keys::TARGET, |key| match key {
        "nonzeros" => ("belongs to weights = \"sparse\"".to_owned(), "leave it out".to_owned()),
        _ => ("y is given, so there is no model to draw it from".to_owned(), "leave out y, or this".to_owned()),
    });
    target
}

/// The column of the design's file that is y, if `target.y` names one. It is read before the design, which must not take
/// it for a feature; whatever is wrong with it is reported here, and not again by [`read`].
pub(super) fn column<'a>(section: Option<&Section<'a>>) -> Option<(Item<'a>, ColumnRef)> {
    let y = section?.get("y").filter(Item::is_table)?;
    let item = y.section()?.get("column")?;
    let column = design::column(&item)?;
    Some((item, column))
}

/// Standard deviation of the noise where the config does not say.
const DEFAULT_NOISE: f64 = 0.1;

fn model(section: &Section<'_>, cells: Option<&[Cell]>) -> Option<TargetSpec> {
    let noise = match section.get("noise") {
        Some(item) => item.number_where(|noise| noise >= 0.0, "noise is a standard deviation and must be at least 0"),
        None => Some(DEFAULT_NOISE),
    };
    let features = match section.get("features") {
        Some(item) => features(&item, cells).map(Some),
        None => Some(None),
    };
    let weights = match section.get("weights") {
        Some(item) if item.is_list() => {
            let list = item.list_of(Item::number);
            // Where features are refused, how long the list should be is not known.
            list.filter(|list| features.is_none_or(|features| one_per_feature(&item, list.len(), features, cells)))
                .map(Weights::List)
        }
        Some(item) => match item.choice(&[("normal", Model::Normal), ("ones", Model::Ones), ("sparse", Model::Sparse)])
        {
            Some(Model::Normal) => Some(Weights::Normal),
            Some(Model::Ones) => Some(Weights::Ones),
            Some(Model::Sparse) => section
                .require("nonzeros", "how many weights are not 0, such as nonzeros = 3")
                .and_then(|item| item.whole(1, 1 << 31, "nonzeros counts weights that are not 0"))
                .and_then(|nonzeros| usize::try_from(nonzeros).ok())
                .map(|nonzeros| Weights::Sparse { nonzeros }),
            None => None,
        },
        None => Some(Weights::Normal),
    };
    Some(TargetSpec::Model { weights: weights?, noise: noise?, features: features? })
}

/// `features`, of which every cell's d must leave its own.
fn features(item: &Item<'_>, cells: Option<&[Cell]>) -> Option<usize> {
    let features = item.whole(1, MAX_ENTRIES, "features counts the features that y is made of")?;
    let features = usize::try_from(features).ok()?;
    let cells = cells.unwrap_or_default();
    if let Some(d) = cells.iter().map(|cell| cell.d).max().filter(|&d| d > features) {
        item.refuse(
            format!(
                "y is made of {features} features, but the grid has d = {d}, and the d columns of X are among them"
            ),
            format!("set target.features to at least {d}, or keep grid.d at most {features}"),
        );
        return None;
    }
    if let Some(n) =
        cells.iter().map(|cell| cell.n).max().filter(|&n| n as u128 * features as u128 > MAX_ENTRIES.into())
    {
        item.refuse(
            format!("n = {n} rows of {features} features are more than {MAX_ENTRIES} (2^31) entries"),
            "lower features or grid.n",
        );
        return None;
    }
    Some(features)
}

/// Whether a list of `length` weights has one per feature, of all that y is made of.
fn one_per_feature(item: &Item<'_>, length: usize, features: Option<usize>, cells: Option<&[Cell]>) -> bool {
    match features {
        Some(features) if features != length => {
            item.refuse(
                format!("{length} weights, but target.features = {features}"),
                "give one weight per feature, those of the columns of X first",
            );
            false
        }
        Some(_) => true,
        None => same_length(item, length, cells, |cell| cell.d, "weights", "d"),
    }
}

#[derive(Clone, Copy)]
enum Model {
    Normal,
    Ones,
    Sparse,
}

/// `y = [1, 2]`, `y = { column = "y" }` or `y = { file = "y.npy" }`.
fn given(item: &Item<'_>, design: Option<&Design<'_>>, cells: Option<&[Cell]>, folder: &Path) -> Option<TargetSpec> {
    let values = if item.is_table() {
        let section = item.section()?;
        let (column, file) = (section.get("column"), section.get("file"));
        section.finish_all(keys::TARGET_Y);
        match (column, file) {
            (Some(column), None) => {
                let design = design?;
                if design.y.is_none() && !matches!(design.spec, DesignSpec::File { .. }) {
                    column.refuse(
                        format!("design {} has no file", design.spec.name()),
                        "write y = [..] or y = { file = \"y.npy\" }",
                    );
                }
                design.y.clone()?
            }
            (None, Some(file)) => {
                let path = folder.join(file.word()?);
                data::read_vector(&path, &ReadOptions::default())
                    .map_err(|why| file.refuse(why.to_string(), ""))
                    .ok()?
            }
            _ => {
                item.refuse(
                    "expected either column or file",
                    "write y = { column = \"y\" } or y = { file = \"y.npy\" }",
                );
                return None;
            }
        }
    } else if item.is_list() {
        item.list_of(Item::number)?
    } else {
        item.refuse(
            "expected the values of y, a column or a file",
            "write y = [1, 2], y = { column = \"y\" } or y = { file = \"y.npy\" }",
        );
        return None;
    };
    same_length(item, values.len(), cells, |cell| cell.n, "values", "n").then_some(TargetSpec::Given(values))
}

fn same_length(
    item: &Item<'_>,
    length: usize,
    cells: Option<&[Cell]>,
    of: fn(&Cell) -> usize,
    what: &str,
    axis: &str,
) -> bool {
    let odd = cells.and_then(|cells| cells.iter().map(of).find(|&wanted| wanted != length));
    match odd {
        Some(wanted) => {
            item.refuse(
                format!("{length} {what}, but the grid has {axis} = {wanted}"),
                format!("give as many as {axis} says, or set grid.{axis} = {length}"),
            );
            false
        }
        None => true,
    }
}
