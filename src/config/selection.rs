//! `[selection]`: which choosers the selection table compares, and how far the iterative ones go.

use super::axis::{self, Domain, Order, arranged};
use super::keys;
use super::reader::{Item, Section};
use crate::grid::Cell;
use crate::measure::{Chooser, SelectionSettings};

/// Most fresh observations, and most steps of an iteration.
const MOST: u64 = 1_000_000_000;

/// `[selection]` with its defaults; without a list of its own, every chooser that the axes of the grid give rows to.
pub(super) fn read(item: Option<Item<'_>>, cells: Option<&[Cell]>) -> Option<SelectionSettings> {
    let mut default = SelectionSettings::default();
    default.choosers.retain(|&chooser| missing_axis(chooser, cells).is_none());
    let Some(item) = item else { return Some(default) };
    let section = item.section()?;
    // Every key is read before the first mistake ends the reading.
    let choosers = or(default.choosers, section.get("choosers"), |item| choosers(item, cells));
    let test_rows = count(&section, "test_rows", default.test_rows as u64, MOST, "test_rows counts fresh observations");
    let step = or(default.step, section.get("step"), |item| {
        item.number_where(|step| step > 0.0, "step is a share of 1 over the largest curvature and must be above 0")
    });
    let tolerance = or(default.tolerance, section.get("tolerance"), |item| {
        item.number_where(
            |tolerance| 0.0 < tolerance && tolerance < 1.0,
            "tolerance is a share of the first distance to the limit and must lie between 0 and 1, both excluded",
        )
    });
    let max_steps = count(&section, "max_steps", default.max_steps, MOST, "max_steps counts steps of an iteration");
    let weight_decay = or(default.weight_decay, section.get("weight_decay"), |item| {
        item.number_where(
            |decay| decay > 0.0,
            "weight_decay is the ridge penalty that gd-decay descends and must be above 0",
        )
    });
    let rows_of_x = axis::MAX_ENTRIES;
    let batch_rows =
        count(&section, "batch_rows", default.batch_rows as u64, rows_of_x, "batch_rows counts rows of a mini-batch");
    let variance_shares = or(default.variance_shares, section.get("variance_shares"), |item| {
        let domain = Domain::Share("a share of the variance is above 0 and at most 1");
        axis::values(item, domain).map(|shares| arranged(shares, Order::Sorted))
    });
    section.finish_all(keys::SELECTION);
    Some(SelectionSettings {
        choosers: choosers?,
        test_rows: test_rows?.try_into().ok()?,
        step: step?,
        tolerance: tolerance?,
        max_steps: max_steps?,
        weight_decay: weight_decay?,
        batch_rows: batch_rows?.try_into().ok()?,
        variance_shares: variance_shares?,
    })
}

/// What `read` makes of `item`, or the default where there is none.
fn or<T>(default: T, item: Option<Item<'_>>, read: impl FnOnce(&Item<'_>) -> Option<T>) -> Option<T> {
    item.map_or(Some(default), |item| read(&item))
}

/// An integer from 1 up to `most`, which is at most 2^31.
fn count(section: &Section<'_>, key: &'static str, default: u64, most: u64, meaning: &str) -> Option<u64> {
    or(default, section.get(key), |item| item.whole(1, most, meaning))
}

/// `choosers`, none of them without an axis that it has rows for.
fn choosers(item: &Item<'_>, cells: Option<&[Cell]>) -> Option<Vec<Chooser>> {
    let known = Chooser::ALL.map(|chooser| (chooser.name(), chooser));
    item.set_of(|name| {
        let chooser = name.choice(&known)?;
        let Some(axis) = missing_axis(chooser, cells) else { return Some(chooser) };
        name.refuse(
            format!("{} has one row per {axis}, and the grid has no {axis}", chooser.name()),
            format!("add {axis} to [grid], or leave {} out", chooser.name()),
        );
        None
    })
}

/// The axis that `chooser` has its rows from, where no cell has it. Without cells, which were refused, nothing is missed.
fn missing_axis(chooser: Chooser, cells: Option<&[Cell]>) -> Option<&'static str> {
    let (name, axis): (_, fn(&Cell) -> &[f64]) = match chooser {
        Chooser::Ridge | Chooser::Lasso => ("lambda", |cell| &cell.lambda),
        Chooser::NullShifted => ("alpha", |cell| &cell.alpha),
        _ => return None,
    };
    cells?.iter().all(|cell| axis(cell).is_empty()).then_some(name)
}
