//! `[grid]` and `[[block]]`: which combinations of the axes are run.

use super::axis::{self, Axis, Order, arranged};
use super::design::{Design, EpsilonUse};
use super::diagnostic::allowed;
use super::expand::{self, Block, Refusal};
use super::keys;
use super::reader::{Item, Section};
use super::source::Place;
use crate::expression::Condition;
use crate::grid::Cell;

/// The axes, zips and condition that a section states; a block inherits what it does not state.
#[derive(Clone, Debug, Default)]
struct Statement<'a> {
    axes: [Option<(Vec<f64>, Item<'a>)>; 6],
    zips: Option<Vec<(Vec<Axis>, Item<'a>)>>,
    condition: Option<(Condition, Item<'a>)>,
}

/// The cells of the config, or `None` after a report. Without a `design` (itself refused) only what is written is checked.
///
/// # Arguments
/// `root`: the whole config. `grid`: its `[grid]`, if there is one.
pub(super) fn read(root: &Section<'_>, grid: Option<&Section<'_>>, design: Option<&Design<'_>>) -> Option<Vec<Cell>> {
    let base = grid.map_or(Some(Statement::default()), |grid| statement(grid, &Statement::default()));
    let mut stated = Vec::new();
    match root.get("block") {
        Some(blocks) => {
            for block in blocks.list()? {
                let Some(section) = block.section() else { continue };
                // A base that is refused must not hide what is wrong with the blocks.
                let statement = statement(&section, base.as_ref().unwrap_or(&Statement::default()));
                section.finish_all(keys::BLOCK);
                stated.push((statement, section.place));
            }
        }
        None => stated.push((base.clone(), grid.map_or(root.place, |grid| grid.place))),
    }
    base?;
    let design = design?;
    let mut blocks = Vec::new();
    let mut conditions = Vec::new();
    for (statement, place) in stated {
        let statement = statement?;
        conditions.push(statement.condition.as_ref().map(|(_, item)| item.clone()));
        blocks.push(complete(statement, place, root, design));
    }
    let blocks: Vec<Block> = blocks.into_iter().collect::<Option<_>>()?;
    let place = grid.map_or(root.place, |grid| grid.place);
    match expand::cells(&blocks, design.replicates) {
        Ok((cells, kept)) => {
            let mut empty = kept.iter().zip(&conditions).filter(|(kept, _)| **kept == 0).peekable();
            if empty.peek().is_none() {
                return fits(cells, design);
            }
            for (_, condition) in empty {
                if let Some(item) = condition {
                    item.refuse("excludes every combination of the axes", "nothing would be run");
                }
            }
            None
        }
        Err(refusal) => {
            let place = match (&refusal, &design.replicates_at) {
                (Refusal::Trials { .. }, Some(replicates)) => replicates.place(),
                _ => place,
            };
            root.report.refuse(
                place,
                refusal.to_string(),
                "shorten an axis, zip axes, or split the sweep into several configs",
            );
            None
        }
    }
}

/// What one section states, over what it inherits.
fn statement<'a>(section: &Section<'a>, inherited: &Statement<'a>) -> Option<Statement<'a>> {
    let mut out = inherited.clone();
    let mut sound = true;
    for axis in Axis::ALL {
        if let Some(item) = section.get(axis.name()) {
            match axis::read(&item, axis) {
                Some(values) => out.axes[axis as usize] = Some((values, item)),
                None => sound = false,
            }
        }
    }
    if let Some(item) = section.get("zip") {
        match zips(&item) {
            Some(zips) => out.zips = Some(zips),
            None => sound = false,
        }
    }
    if let Some(item) = section.get("where") {
        match condition(&item) {
            Some(condition) => out.condition = Some((condition, item)),
            None => sound = false,
        }
    }
    sound.then_some(out)
}

/// `[["n", "d"], ["epsilon", "lambda"]]`.
fn zips<'a>(item: &Item<'a>) -> Option<Vec<(Vec<Axis>, Item<'a>)>> {
    let mut seen = Vec::new();
    let mut zips = Vec::new();
    for zip in item.list()? {
        if !zip.is_list() {
            item.refuse("expected lists of axes", "write zip = [[\"n\", \"d\"]]");
            return None;
        }
        let axes = zip.list_of(|axis| {
            let name = axis.text()?;
            let found = Axis::parse(name);
            if found.is_none() {
                axis.refuse("no such axis", allowed(name, keys::AXES));
            }
            found
        })?;
        if axes.len() < 2 {
            zip.refuse("a zip joins at least two axes", "");
            return None;
        }
        for &axis in &axes {
            if seen.contains(&axis) {
                zip.refuse(
                    format!("{} is zipped twice", axis.name()),
                    "put all axes that advance together into one list",
                );
                return None;
            }
            seen.push(axis);
        }
        let measuring: Vec<_> = axes.iter().filter(|axis| axis.is_measuring()).map(|axis| axis.name()).collect();
        if measuring.len() > 1 {
            zip.refuse(
                format!("{} cannot be zipped with each other", measuring.join(" and ")),
                "each of lambda, delta and alpha is measured by itself on the same X; zip at most one of them with n, d or epsilon",
            );
            return None;
        }
        zips.push((axes, zip));
    }
    Some(zips)
}

fn condition(item: &Item<'_>) -> Option<Condition> {
    let text = item.text()?;
    let condition = match Condition::parse(text, &axis::vocabulary()) {
        Ok(condition) => condition,
        Err(error) => {
            let place = item.part_of_text(error.offset, error.length);
            item.report.refuse(place, format!("{}: {}", item.path, error.message), "");
            return None;
        }
    };
    let measuring: Vec<_> = axis::mentioned(&condition).filter(|(axis, _)| axis.is_measuring()).collect();
    if let [(first, _), (second, offset), ..] = measuring[..] {
        item.report.refuse(
            item.part_of_text(offset, second.name().len()),
            format!("{}: mentions both {} and {}", item.path, first.name(), second.name()),
            "each of lambda, delta and alpha is measured by itself on the same X; a condition can mention one of them",
        );
        return None;
    }
    Some(condition)
}

/// Checks that the axes are those the design needs, that zips fit, and puts values into order.
fn complete(mut statement: Statement<'_>, place: Place, root: &Section<'_>, design: &Design<'_>) -> Option<Block> {
    let report = root.report;
    let mut sound = true;
    if let Some((n, d)) = design.spec.fixed_shape() {
        for (axis, fixed) in [(Axis::N, n), (Axis::D, d)] {
            if let Some((values, item)) = &statement.axes[axis as usize]
                && values.iter().any(|&value| value != fixed as f64)
            {
                let help = format!("leave {} out: it is taken from the data", axis.name());
                item.refuse(format!("the design's matrix is {n} x {d}"), help);
                sound = false;
            }
        }
    }
    for axis in [Axis::N, Axis::D] {
        if statement.axes[axis as usize].is_none() && design.spec.fixed_shape().is_none() {
            let help =
                format!("write {0} = 10, {0} = [10, 20] or {0} = {{ linear = [10, 50], step = 10 }}", axis.name());
            report.refuse(place, format!("grid.{} is missing", axis.name()), help);
            sound = false;
        }
    }
    match (&statement.axes[Axis::Epsilon as usize], design.epsilon_use()) {
        (Some((_, item)), EpsilonUse::None) => {
            item.refuse(
                format!("design {} has no epsilon", design.spec.name()),
                "leave it out, or take a design that uses it: collinear, collinear-exact, low-rank, spectrum, gallery lauchli",
            );
            sound = false;
        }
        (None, EpsilonUse::Required) => {
            report.refuse(
                place,
                format!("grid.epsilon is missing: design {} needs it", design.spec.name()),
                "write epsilon = { log = [1e-12, 1e-1], count = 12 }, for instance",
            );
            sound = false;
        }
        _ => {}
    }
    let zips = statement.zips.take().unwrap_or_default();
    for (axes, item) in &zips {
        sound &= lengths_agree(axes, item, &statement);
    }
    if let Some((condition, item)) = &statement.condition {
        for (axis, offset) in axis::mentioned(condition) {
            let fixed = design.spec.fixed_shape().is_some() && matches!(axis, Axis::N | Axis::D);
            if statement.axes[axis as usize].is_none() && !fixed && !matches!(axis, Axis::N | Axis::D) {
                let name = axis.name();
                let place = item.part_of_text(offset, name.len());
                report.refuse(
                    place,
                    format!("{}: the grid has no axis {name}", item.path),
                    format!("give grid.{name}"),
                );
                sound = false;
            }
        }
    }
    if !sound {
        return None;
    }
    let zipped = |axis: Axis| zips.iter().any(|(axes, _)| axes.contains(&axis));
    let mut block = Block { condition: statement.condition.map(|(condition, _)| condition), ..Block::default() };
    for axis in Axis::ALL {
        let order = if zipped(axis) { Order::Written } else { Order::Sorted };
        block.axes[axis as usize] = statement.axes[axis as usize].take().map(|(values, _)| arranged(values, order));
    }
    if let Some((n, d)) = design.spec.fixed_shape() {
        block.axes[Axis::N as usize].get_or_insert_with(|| vec![n as f64]);
        block.axes[Axis::D as usize].get_or_insert_with(|| vec![d as f64]);
    }
    block.zips = zips.into_iter().map(|(axes, _)| axes).collect();
    Some(block)
}

fn lengths_agree(axes: &[Axis], item: &Item<'_>, statement: &Statement<'_>) -> bool {
    let mut lengths = Vec::new();
    for &axis in axes {
        let Some((values, _)) = &statement.axes[axis as usize] else {
            item.refuse(format!("the grid has no axis {}", axis.name()), format!("give grid.{}", axis.name()));
            return false;
        };
        lengths.push(values.len());
    }
    if lengths.iter().all(|&length| length == lengths[0]) {
        return true;
    }
    let lengths: Vec<_> = axes.iter().zip(&lengths).map(|(axis, n)| format!("{} has {n}", axis.name())).collect();
    item.refuse(
        format!("zipped axes must be equally long; {}", lengths.join(", ")),
        "leave zip out for all combinations, or give every zipped axis as many values",
    );
    false
}

/// Asks the design about every cell; the first refusal is reported, with how many more there are.
fn fits(cells: Vec<Cell>, design: &Design<'_>) -> Option<Vec<Cell>> {
    let refusals =
        || cells.iter().filter_map(|cell| design.spec.check(cell.n, cell.d, cell.epsilon).err().map(|why| (cell, why)));
    let Some((cell, why)) = refusals().next() else { return Some(cells) };
    let epsilon = cell.epsilon.map(|epsilon| format!(", epsilon = {epsilon:?}")).unwrap_or_default();
    let (count, all) = (refusals().count(), cells.len());
    let help = if count < all { "change the axes, or exclude these cells by `where`" } else { "change the axes" };
    design.kind.refuse(
        format!("impossible in {count} of {all} cells, first at n = {}, d = {}{epsilon}: {why}", cell.n, cell.d),
        help,
    );
    None
}
