//! The rows of one cell, and what is measured of them.

use super::spec::{Bound, ExpectSpec, Measure};
use crate::expression::Point;
use crate::reading::Row;
use crate::record::ExpectationRow;
use crate::statistics::{Band, Quantiles, Slope, Statistic, Summariser, Summary, slope};

/// The numbers of one cell.
pub(super) struct Group {
    /// The columns that make the cell, as `n = 20, d = 40`; empty where all rows are one.
    pub(super) cell: String,
    at_least: Option<f64>,
    at_most: Option<f64>,
    /// x and value of each row where both are finite; x is 0 where the measure has none.
    points: Vec<(f64, f64)>,
    left_out: usize,
}

impl Group {
    /// Of no rows yet. Bounds that differ from cell to cell are taken of `row`, one of the cell's; where no row is chosen they are
    /// not known.
    pub(super) fn new(cell: String, spec: &ExpectSpec, row: Option<&Row<'_>>) -> Self {
        let value = |bound: &Bound| match bound {
            Bound::Number(number) => Some(*number),
            Bound::Formula(formula) => row.map(|row| formula.value(row)),
        };
        let [at_least, at_most] = [&spec.at_least, &spec.at_most].map(|bound| bound.as_ref().and_then(value));
        Self { cell, at_least, at_most, points: Vec::new(), left_out: 0 }
    }

    pub(super) fn add(&mut self, spec: &ExpectSpec, row: &impl Point) {
        let x = match &spec.measure {
            Measure::Of(_) => 0.0,
            Measure::SlopeOver(x) => x.formula.value(row),
        };
        let value = spec.value.formula.value(row);
        let has_logarithm = spec.measure != Measure::Of(Statistic::GeometricMean) || value > 0.0;
        if x.is_finite() && value.is_finite() && has_logarithm {
            self.points.push((x, value));
        } else {
            self.left_out += 1;
        }
    }

    /// What is measured, and whether it is as expected: it is not where there are no rows, where a row has no number, and where
    /// a bound has no finite one.
    pub(super) fn judged(self, spec: &ExpectSpec) -> ExpectationRow {
        let rows = self.points.len();
        let (measured, interval) = measured(&spec.measure, &self.points);
        let within = measured.is_some_and(|measured| {
            // What is bounded by infinity is not bounded.
            self.at_least.is_none_or(|bound| bound.is_finite() && measured >= bound)
                && self.at_most.is_none_or(|bound| bound.is_finite() && measured <= bound)
        });
        ExpectationRow {
            id: spec.id.clone(),
            cell: self.cell,
            rows,
            left_out: self.left_out,
            measured,
            interval_lo: interval.map(|[lo, _]| lo),
            interval_hi: interval.map(|[_, hi]| hi),
            at_least: self.at_least,
            at_most: self.at_most,
            met: if within && self.left_out == 0 { "yes" } else { "no" },
            table: spec.table.clone(),
            statistic: spec.measure.name(),
            value: spec.value.text.clone(),
            x: match &spec.measure {
                Measure::Of(_) => None,
                Measure::SlopeOver(x) => Some(x.text.clone()),
            },
            condition: spec.filter.as_ref().map(|filter| filter.text.clone()),
            claim: spec.claim.clone(),
        }
    }
}

/// The measured number of `points`, and its 95 % interval where it has one.
fn measured(measure: &Measure, points: &[(f64, f64)]) -> (Option<f64>, Option<[f64; 2]>) {
    match measure {
        _ if points.is_empty() => (None, None),
        Measure::Of(statistic) => {
            let mut values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
            let Summary { value, band } = Summariser::new(*statistic, Band::Interval).summarise(&mut values);
            (Some(value).filter(|value| value.is_finite()), band)
        }
        Measure::SlopeOver(_) => match slope(points, &Quantiles::default()) {
            Some(Slope { value, interval }) => (Some(value), interval),
            None => (None, None),
        },
    }
}
