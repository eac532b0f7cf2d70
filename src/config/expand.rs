//! Blocks of axes -> cells. Counts before it enumerates: a grid of 10^12 cells is refused at once.

use std::collections::BTreeMap;
use std::fmt;

use super::axis::{Axis, MAX_ENTRIES, Order, arranged, mentioned};
use crate::expression::Condition;
use crate::grid::Cell;

/// Most cells of a grid, `where` not yet applied.
pub const MAX_CELLS: u64 = 1_000_000;
/// Most trials of a run.
pub const MAX_TRIALS: u64 = 1_000_000_000;
/// Most values of lambda, delta and alpha, counted over all cells (each cell keeps its own lists).
pub const MAX_MEASURED: u64 = 50_000_000;

/// The axes of `[grid]` or of one `[[block]]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// By [`Axis`]; sorted and without repetition unless zipped, when equally long.
    pub(super) axes: [Option<Vec<f64>>; 6],
    /// Axes that advance together: at least two each, at most one of them measuring; no axis twice.
    pub(super) zips: Vec<Vec<Axis>>,
    /// Mentions at most one measuring axis, and only axes that are there.
    pub(super) condition: Option<Condition>,
}

/// Why a grid is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    Cells { count: u128, factors: String },
    Measured { count: u128 },
    Trials { cells: usize, replicates: u32 },
    Entries { n: usize, d: usize },
}

/// One value per axis; NaN where the grid has no such axis.
type Point = [f64; 6];

/// (n, d, bits of epsilon): the bits of numbers of at least 0 sort as the numbers do.
type Key = (usize, usize, Option<u64>);

impl Block {
    /// Axes that advance together, each group with its length; groups of one for the rest of n, d and epsilon.
    fn factors(&self) -> Vec<(Vec<Axis>, usize)> {
        let zipped = |axis: Axis| self.zips.iter().flatten().any(|&other| other == axis);
        let alone = Axis::ALL.into_iter().filter(|&axis| !axis.is_measuring() && !zipped(axis)).map(|axis| vec![axis]);
        let length = |axes: &[Axis]| axes.first().and_then(|&axis| self.axes[axis as usize].as_ref()).map(Vec::len);
        let groups = self.zips.iter().cloned().chain(alone);
        groups.filter_map(|axes| length(&axes).map(|length| (axes, length))).collect()
    }

    /// The measuring axes that are lists of every cell.
    fn free_lists(&self) -> impl Iterator<Item = (Axis, &[f64])> {
        Axis::MEASURING
            .into_iter()
            .filter(|axis| !self.zips.iter().flatten().any(|other| other == axis))
            .filter_map(|axis| self.axes[axis as usize].as_deref().map(|values| (axis, values)))
    }

    /// Refuses what cannot be enumerated in reasonable time and memory.
    fn check_size(&self) -> Result<u128, Refusal> {
        let factors = self.factors();
        // At most six factors of at most 10^6 each: no overflow of 128 bits.
        let count: u128 = factors.iter().map(|(_, length)| *length as u128).product();
        if count > u128::from(MAX_CELLS) {
            let name = |axes: &[Axis]| axes.iter().map(|axis| axis.name()).collect::<Vec<_>>().join("=");
            let factors: Vec<_> = factors.iter().map(|(axes, length)| format!("{length} of {}", name(axes))).collect();
            return Err(Refusal::Cells { count, factors: factors.join(" x ") });
        }
        let measured = count * self.free_lists().map(|(_, values)| values.len() as u128).sum::<u128>();
        if measured > u128::from(MAX_MEASURED) {
            return Err(Refusal::Measured { count: measured });
        }
        Ok(count)
    }

    /// Adds this block's cells to `cells` and returns how many combinations its condition kept.
    fn expand_into(&self, cells: &mut BTreeMap<Key, Cell>) -> Result<usize, Refusal> {
        let factors = self.factors();
        let measured = self
            .condition
            .as_ref()
            .and_then(|condition| mentioned(condition).map(|(axis, _)| axis).find(|axis| axis.is_measuring()));
        let mut kept = 0;
        let mut digits = vec![0; factors.len()];
        loop {
            let mut point: Point = [f64::NAN; 6];
            let mut lists: [Vec<f64>; 3] = Default::default();
            for ((axes, _), &digit) in factors.iter().zip(&digits) {
                for &axis in axes {
                    let value = self.axes[axis as usize].as_ref().map_or(f64::NAN, |values| values[digit]);
                    point[axis as usize] = value;
                    if axis.is_measuring() {
                        lists[list_index(axis)].push(value);
                    }
                }
            }
            for (axis, values) in self.free_lists() {
                lists[list_index(axis)].extend_from_slice(values);
            }
            if self.keep(&mut point, &mut lists, measured) {
                kept += 1;
                add(cells, &point, lists)?;
            }
            if !advance(&mut digits, &factors) {
                return Ok(kept);
            }
        }
    }

    /// Whether the condition holds at `point`; a measuring axis that it mentions is cut down to the values for which it does.
    fn keep(&self, point: &mut Point, lists: &mut [Vec<f64>; 3], measured: Option<Axis>) -> bool {
        match (&self.condition, measured) {
            (None, _) => true,
            (Some(condition), None) => condition.holds(point),
            (Some(condition), Some(axis)) => {
                let list = &mut lists[list_index(axis)];
                list.retain(|&value| {
                    point[axis as usize] = value;
                    condition.holds(point)
                });
                !list.is_empty()
            }
        }
    }
}

fn list_index(axis: Axis) -> usize {
    axis as usize - Axis::Lambda as usize
}

/// The next combination, last factor fastest; false after the last.
fn advance(digits: &mut [usize], factors: &[(Vec<Axis>, usize)]) -> bool {
    for (digit, (_, length)) in digits.iter_mut().zip(factors).rev() {
        *digit += 1;
        if *digit < *length {
            return true;
        }
        *digit = 0;
    }
    false
}

fn add(cells: &mut BTreeMap<Key, Cell>, point: &Point, [lambda, delta, alpha]: [Vec<f64>; 3]) -> Result<(), Refusal> {
    let (n, d) = (whole(point[Axis::N as usize]), whole(point[Axis::D as usize]));
    if n as u128 * d as u128 > u128::from(MAX_ENTRIES) {
        return Err(Refusal::Entries { n, d });
    }
    let epsilon = Some(point[Axis::Epsilon as usize]).filter(|epsilon| !epsilon.is_nan());
    let empty = || Cell { n, d, epsilon, lambda: Vec::new(), delta: Vec::new(), alpha: Vec::new() };
    let cell = cells.entry((n, d, epsilon.map(f64::to_bits))).or_insert_with(empty);
    for (list, more) in [(&mut cell.lambda, lambda), (&mut cell.delta, delta), (&mut cell.alpha, alpha)] {
        if list.is_empty() {
            *list = more;
        } else if *list != more {
            list.extend(more);
            *list = arranged(std::mem::take(list), Order::Sorted);
        }
    }
    Ok(())
}

/// An integer axis' value: read as an integer of at most 2^31.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "n and d were read as integers from 1 to 2^31"
)]
fn whole(value: f64) -> usize {
    value as usize
}

/// The cells of the union of `blocks`, sorted by (n, d, epsilon), no two alike, and for each block how many
/// combinations its condition kept.
///
/// # Errors
/// Sizes beyond the limits, before anything is enumerated wherever that is possible.
pub(super) fn cells(blocks: &[Block], replicates: u32) -> Result<(Vec<Cell>, Vec<usize>), Refusal> {
    let mut total = 0;
    for block in blocks {
        total += block.check_size()?;
    }
    if total > u128::from(MAX_CELLS) {
        return Err(Refusal::Cells { count: total, factors: "all blocks together".to_owned() });
    }
    let mut cells = BTreeMap::new();
    let kept = blocks.iter().map(|block| block.expand_into(&mut cells)).collect::<Result<Vec<_>, _>>()?;
    if cells.len() as u128 * u128::from(replicates) > u128::from(MAX_TRIALS) {
        return Err(Refusal::Trials { cells: cells.len(), replicates });
    }
    Ok((cells.into_values().collect(), kept))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cells { count, factors } => {
                write!(
                    f,
                    "the grid has {count} cells ({factors}); at most {MAX_CELLS} are allowed, `where` not counted"
                )
            }
            Self::Measured { count } => write!(
                f,
                "lambda, delta and alpha have {count} values over all cells together; at most {MAX_MEASURED} are allowed"
            ),
            Self::Trials { cells, replicates } => write!(
                f,
                "{cells} {} x {replicates} replicates = {} trials; at most {MAX_TRIALS} are allowed",
                if *cells == 1 { "cell" } else { "cells" },
                *cells as u128 * u128::from(*replicates)
            ),
            Self::Entries { n, d } => write!(
                f,
                "a {n} x {d} matrix has {} entries; at most {MAX_ENTRIES} (2^31) are allowed",
                *n as u128 * *d as u128
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::axis::vocabulary;
    use super::*;

    fn block(axes: [Option<Vec<f64>>; 6], zips: &[&[Axis]], condition: Option<&str>) -> Block {
        let condition = condition.map(|text| Condition::parse(text, &vocabulary()).unwrap());
        Block { axes, zips: zips.iter().map(|zip| zip.to_vec()).collect(), condition }
    }

    #[test]
    fn a_zipped_penalty_belongs_to_its_cell() {
        let axes = [Some(vec![10.0, 10.0, 20.0]), Some(vec![5.0]), None, Some(vec![3.0, 1.0, 2.0]), None, None];
        let (cells, kept) = cells(&[block(axes, &[&[Axis::N, Axis::Lambda]], None)], 1).unwrap();
        assert_eq!(kept, [3]);
        assert_eq!(cells.len(), 2);
        assert_eq!((cells[0].n, &cells[0].lambda[..]), (10, &[1.0, 3.0][..]));
        assert_eq!((cells[1].n, &cells[1].lambda[..]), (20, &[2.0][..]));
    }

    #[test]
    fn a_condition_on_lambda_cuts_the_lists() {
        let axes = [Some(vec![1.0, 2.0, 3.0]), Some(vec![1.0]), None, Some(vec![1.0, 2.0]), None, Some(vec![7.0])];
        let (cells, _) = cells(&[block(axes, &[], Some("lambda < n"))], 1).unwrap();
        let seen: Vec<_> = cells.iter().map(|cell| (cell.n, cell.lambda.clone(), cell.alpha.clone())).collect();
        assert_eq!(seen, [(2, vec![1.0], vec![7.0]), (3, vec![1.0, 2.0], vec![7.0])]);
    }

    #[test]
    fn size_is_refused_before_memory_is_asked_for() {
        let many = || Some((1..=10_000).map(f64::from).collect::<Vec<_>>());
        let refusal = cells(&[block([many(), many(), many(), None, None, None], &[], None)], 1).unwrap_err();
        assert!(matches!(refusal, Refusal::Cells { count: 1_000_000_000_000, .. }), "{refusal}");
        let one = || Some(vec![1.0]);
        let lists = block([many(), one(), None, many(), None, None], &[], None);
        assert_eq!(cells(&[lists], 1).unwrap_err(), Refusal::Measured { count: 100_000_000 });
        let trials = cells(&[block([many(), one(), None, None, None, None], &[], None)], 100_001).unwrap_err();
        assert_eq!(trials, Refusal::Trials { cells: 10_000, replicates: 100_001 });
        let large = block([Some(vec![65_536.0]), Some(vec![32_769.0]), None, None, None, None], &[], None);
        assert_eq!(cells(&[large], 1).unwrap_err(), Refusal::Entries { n: 65_536, d: 32_769 });
    }

    prop_compose! {
        fn values()(values in prop::collection::vec(1u8..6, 1..5)) -> Vec<f64> {
            values.into_iter().map(f64::from).collect()
        }
    }

    prop_compose! {
        fn blocks()(n in values(), d in values(), epsilon in values(), lambda in values(), zip in any::<bool>()) -> Block {
            let (n, d) = if zip {
                let length = n.len().min(d.len());
                (n[..length].to_vec(), d[..length].to_vec())
            } else {
                (arranged(n, Order::Sorted), arranged(d, Order::Sorted))
            };
            let [epsilon, lambda] = [epsilon, lambda].map(|values| arranged(values, Order::Sorted));
            let zips: &[&[Axis]] = if zip { &[&[Axis::N, Axis::D]] } else { &[] };
            block([Some(n), Some(d), Some(epsilon), Some(lambda), None, None], zips, Some("n + lambda >= d"))
        }
    }

    proptest! {
        /// The expansion holds exactly the points that a naive enumeration finds, sorted and each once.
        #[test]
        fn cells_are_the_sorted_set_of_all_points(blocks in prop::collection::vec(blocks(), 1..3)) {
            let mut naive = std::collections::BTreeSet::new();
            for block in &blocks {
                let axis = |axis: Axis| block.axes[axis as usize].clone().unwrap_or_default();
                for (i, n) in axis(Axis::N).into_iter().enumerate() {
                    for (j, d) in axis(Axis::D).into_iter().enumerate() {
                        for epsilon in axis(Axis::Epsilon) {
                            for lambda in axis(Axis::Lambda) {
                                if (block.zips.is_empty() || i == j) && n + lambda >= d {
                                    naive.insert([n, d, epsilon, lambda].map(f64::to_bits));
                                }
                            }
                        }
                    }
                }
            }
            let (cells, _) = cells(&blocks, 1).unwrap();
            let mut found = Vec::new();
            for cell in &cells {
                prop_assert!(!cell.lambda.is_empty());
                for lambda in &cell.lambda {
                    found.push([cell.n as f64, cell.d as f64, cell.epsilon.unwrap(), *lambda].map(f64::to_bits));
                }
            }
            prop_assert_eq!(found, naive.into_iter().collect::<Vec<_>>());
        }
    }
}
