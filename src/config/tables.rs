//! `tables` and the settings of the tables that have any: `[perturbation]`, `[descent]` and, in a room of its own, `[selection]`.

use super::axis::{self, Domain, Order, arranged};
use super::diagnostic::allowed;
use super::keys;
use super::reader::{Item, Section};
use super::selection;
use crate::grid::Cell;
use crate::measure::{Arithmetic, Perturbed, Settings, Solver, TableId};

/// Tables that every run writes beside the spectrum; naming them in the list is allowed and changes nothing.
pub(super) const ALWAYS: [&str; 2] = ["summary", "timing"];

const SOLVERS: [(&str, Solver); 4] =
    [("svd", Solver::Svd), ("qr", Solver::Qr), ("normal-equations", Solver::NormalEquations), ("ridge", Solver::Ridge)];
const PERTURBED: [(&str, Perturbed); 2] = [("y", Perturbed::Y), ("X", Perturbed::X)];
const ARITHMETIC: [(&str, Arithmetic); 2] = [("f64", Arithmetic::F64), ("f32", Arithmetic::F32)];
const ITERATIONS: [u64; 6] = [0, 1, 10, 100, 1000, 10_000];

/// The tables asked for, each with where it is asked for.
pub(super) struct Tables<'a> {
    pub(super) ids: Vec<TableId>,
    item: Option<Item<'a>>,
}

/// `tables`, at the top or in `[grid]`, and always the spectrum: it alone says how each trial ended and how far its
/// numbers can be trusted, without which no other table could be read.
pub(super) fn read<'a>(root: &Section<'a>, grid: Option<&Section<'a>>) -> Option<Tables<'a>> {
    let (top, in_grid) = (root.get("tables"), grid.and_then(|grid| grid.get("tables")));
    let item = match (top, in_grid) {
        (Some(_), Some(second)) => {
            second.refuse("tables is already given at the top", "leave one of them out");
            return None;
        }
        (None, None) => return Some(Tables { ids: vec![TableId::Spectrum], item: None }),
        (one, other) => one.or(other)?,
    };
    let names = item.set_of(|name| {
        let word = name.text()?;
        let known = || TableId::ALL.map(TableId::name).into_iter().chain(ALWAYS);
        if known().any(|table| table == word) {
            return Some(word);
        }
        name.refuse("no such table", allowed(word, &known().collect::<Vec<_>>()));
        None
    })?;
    // The order of the list is of no consequence: every run and every resume sees the same one.
    let asked_for = |table: &TableId| *table == TableId::Spectrum || names.contains(&table.name());
    let ids = TableId::ALL.into_iter().filter(asked_for).collect();
    Some(Tables { ids, item: Some(item) })
}

/// Refuses tables that would be empty because their axis is missing.
pub(super) fn check_axes(tables: &Tables<'_>, cells: &[Cell]) {
    let Some(item) = &tables.item else { return };
    for &table in &tables.ids {
        let (axis, example): (fn(&Cell) -> &[f64], _) = match table {
            TableId::Ridge => (|cell| &cell.lambda, "lambda = { log = [1e-10, 1e2], count = 25, with = [0.0] }"),
            TableId::Perturbation => (|cell| &cell.delta, "delta = [0.0, 1e-8]"),
            TableId::NullSpace => (|cell| &cell.alpha, "alpha = [5.0]"),
            TableId::Spectrum
            | TableId::Sigmas
            | TableId::LeftNull
            | TableId::Descent
            | TableId::Arithmetic
            | TableId::Selection => continue,
        };
        if cells.iter().all(|cell| axis(cell).is_empty()) {
            let name = example.split(' ').next().unwrap_or_default();
            item.refuse(
                format!("table {} has one row per {name}, and the grid has no {name}", table.name()),
                format!("add to [grid]: {example}"),
            );
        }
    }
}

/// `[perturbation]`, `[descent]` and `[selection]`.
pub(super) fn settings(root: &Section<'_>, cells: Option<&[Cell]>) -> Option<Settings> {
    let ridge_possible = cells.is_none_or(|cells| cells.iter().any(|cell| !cell.lambda.is_empty()));
    let Perturbation { solvers, perturbed, arithmetic } = perturbation(root.get("perturbation"), ridge_possible)?;
    let (iterations, step, weight_decay) = descent(root.get("descent"))?;
    let selection = selection::read(root.get("selection"), cells)?;
    Some(Settings { solvers, perturbed, arithmetic, iterations, step, weight_decay, selection })
}

/// What `[perturbation]` says.
struct Perturbation {
    solvers: Vec<Solver>,
    perturbed: Vec<Perturbed>,
    arithmetic: Vec<Arithmetic>,
}

fn perturbation(item: Option<Item<'_>>, ridge_possible: bool) -> Option<Perturbation> {
    let mut solvers = SOLVERS.map(|(_, solver)| solver).to_vec();
    solvers.retain(|&solver| solver != Solver::Ridge || ridge_possible);
    let perturbed = PERTURBED.map(|(_, what)| what).to_vec();
    let arithmetic = vec![Arithmetic::F64];
    let Some(item) = item else { return Some(Perturbation { solvers, perturbed, arithmetic }) };
    let section = item.section()?;
    let given = section.get("solvers").map(|item| {
        let given = item.set_of(|solver| solver.choice(&SOLVERS))?;
        if given.contains(&Solver::Ridge) && !ridge_possible {
            item.refuse(
                "ridge has one row per lambda, and the grid has no lambda",
                "add lambda to [grid], or leave ridge out",
            );
            return None;
        }
        Some(given)
    });
    let what = section.get("what").map(|item| item.set_of(|what| what.choice(&PERTURBED)));
    let given_arithmetic =
        section.get("arithmetic").map(|item| item.set_of(|arithmetic| arithmetic.choice(&ARITHMETIC)));
    section.finish_all(keys::PERTURBATION);
    Some(Perturbation {
        solvers: given.unwrap_or(Some(solvers))?,
        perturbed: what.unwrap_or(Some(perturbed))?,
        arithmetic: given_arithmetic.unwrap_or(Some(arithmetic))?,
    })
}

fn descent(item: Option<Item<'_>>) -> Option<(Vec<u64>, f64, f64)> {
    let Some(item) = item else { return Some((ITERATIONS.to_vec(), 1.0, 0.0)) };
    let section = item.section()?;
    let iterations = section.get("iterations").map(|item| {
        let domain = Domain::Whole { min: 0, max: 1 << 53, meaning: "iterations counts steps of gradient descent" };
        axis::values(&item, domain).map(whole)
    });
    let step = section.get("step").map(|item| {
        item.number_where(
            |step| 0.0 < step && step < 2.0,
            "step is a share of 1/(sigma_max^2 + weight_decay) and must lie between 0 and 2, both excluded: beyond 2 descent \
             diverges",
        )
    });
    let weight_decay = section
        .get("weight_decay")
        .map(|item| item.number_where(|decay| decay >= 0.0, "weight_decay is a ridge penalty and must be at least 0"));
    section.finish_all(keys::DESCENT);
    Some((
        iterations.unwrap_or_else(|| Some(ITERATIONS.to_vec()))?,
        step.unwrap_or(Some(1.0))?,
        weight_decay.unwrap_or(Some(0.0))?,
    ))
}

/// Integers that were read as such, ascending and without repetition.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "read as integers from 0 to 2^53")]
fn whole(values: Vec<f64>) -> Vec<u64> {
    arranged(values, Order::Sorted).into_iter().map(|value| value as u64).collect()
}
