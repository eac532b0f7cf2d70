//! Years, months = 12 years and a bonus: an unidentifiable pair of weights and an error for want of a feature.

use super::report::{Section, Value};
use super::study::{Study, step};
use crate::linalg::{difference, distance, dot, norm};
use crate::matrix::Matrix;

const PEOPLE: [&str; 6] = ["Ada", "Bela", "Chen", "Dora", "Emil", "Fay"];
const YEARS: [f64; 6] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0];
const BONUS: [f64; 6] = [0.0, 5.0, 0.0, 5.0, 0.0, 0.0];
const COLUMNS: [&str; 4] = ["intercept", "years", "months", "bonus"];

pub(super) fn sections() -> Vec<Section> {
    let without = study(3);
    let with = study(4);
    vec![people(&without), null_direction(&without), irreducible(&without), repaired(&without, &with)]
}

/// The first `columns` of [`COLUMNS`], to be fitted to the salaries.
fn study(columns: usize) -> Study {
    let x = Matrix::from_fn(PEOPLE.len(), columns, |i, j| [1.0, YEARS[i], 12.0 * YEARS[i], BONUS[i]][j]);
    Study::new(x, salaries())
}

fn salaries() -> Vec<f64> {
    YEARS.iter().zip(BONUS).map(|(years, bonus)| 30.0 + 2.0 * years + bonus).collect()
}

fn people(study: &Study) -> Section {
    let rows = (0..PEOPLE.len())
        .map(|i| (PEOPLE[i].to_owned(), vec![YEARS[i], 12.0 * YEARS[i], BONUS[i], study.problem.y[i]]))
        .collect();
    let section = Section::new("Six people, and experience told twice")
        .say("Salaries, in thousands, are 30 + 2 years + bonus. The model is given an intercept, years and months.")
        .table(&["years", "months", "bonus", "salary"], rows);
    study
        .ranks(section, "np.linalg.matrix_rank(X)")
        .number("sigma_1", study.sigma(0), "np.linalg.svd(X)[1][0]")
        .number("sigma_2", study.sigma(1), "np.linalg.svd(X)[1][1]")
        .number("sigma_3", study.sigma(2), "np.linalg.svd(X)[1][2]")
        .say("Three columns, rank 2: months repeat years, and one direction of the weights is free.")
}

fn null_direction(study: &Study) -> Section {
    // With one null direction, the null component of any vector that has one points along it.
    let z = in_smallest_units(&study.svd.null_component(&[0.0, 1.0, 0.0]));
    let x = &study.problem.x;
    let w0 = study.minimum_norm();
    let moved = distance(&x.times(&step(&w0, 1.0, &z)), &x.times(&w0));
    let row = |t: f64| {
        let w = step(&w0, t, &z);
        let total = w[1] + 12.0 * w[2];
        vec![w[0], w[1], w[2], total, norm(&w)]
    };
    let names = &COLUMNS[..z.len()];
    Section::new("The null direction, in words")
        .say(format!("{} = 0 for every person. {}, for any t, and no prediction changes.", relation(&z, names), moves(&z, names)))
        .table(
            &["intercept", "years", "months", "per year in all", "||w||"],
            vec![
                ("minimum norm".to_owned(), row(0.0)),
                ("t = 1".to_owned(), row(1.0)),
                ("t = -1".to_owned(), row(-1.0)),
            ],
        )
        .number(
            "||X (w + z) - X w||",
            Value::Noise { value: moved },
            "np.linalg.norm(X @ (w + z) - X @ w)",
        )
        .number("weight of years", Value::Real { value: w0[1] }, "w[1]")
        .number("weight of months", Value::Real { value: w0[2] }, "w[2]")
        .number("weight of a year in all", Value::Real { value: w0[1] + 12.0 * w0[2] }, "w[1] + 12 * w[2]")
        .say(
            "The data determine what a year is worth in all, years + 12 months. How it is shared is the solver's choice: the \
             minimum-norm solution gives months twelve times the weight of years. Read alone, neither weight means anything.",
        )
}

fn irreducible(study: &Study) -> Section {
    let y = &study.problem.y;
    let r = study.svd.left_null_component(y);
    let fitted = difference(y, &r);
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let about_mean: Vec<f64> = y.iter().map(|y| y - mean).collect();
    let share = dot(&r, &r) / dot(&about_mean, &about_mean);
    Section::new("What years and months cannot say")
        .say(
            "The bonus follows neither column, so part of the salaries lies in the left null space and stays as error.",
        )
        .table(
            &PEOPLE,
            vec![("salary".to_owned(), y.clone()), ("fitted".to_owned(), fitted), ("error".to_owned(), r.clone())],
        )
        .number("sum of squared errors", Value::Real { value: dot(&r, &r) }, "r @ r")
        .number(
            "its share of the variation",
            Value::Real { value: share },
            "r @ r / np.sum((salary - salary.mean()) ** 2)",
        )
        .number("left nullity", Value::Count { value: study.svd.left_nullity() }, "6 - np.linalg.matrix_rank(X)")
        .number(
            "||X'r||",
            Value::Noise { value: norm(&study.problem.x.transpose_times(&r)) },
            "np.linalg.norm(X.T @ r)",
        )
}

fn repaired(without: &Study, with: &Study) -> Section {
    let before = norm(&without.svd.left_null_component(&without.problem.y));
    let after = norm(&with.svd.left_null_component(&with.problem.y));
    let w = with.minimum_norm();
    let section = Section::new("With a column for the bonus")
        .number("error before, ||r||", Value::Real { value: before }, "np.linalg.norm(r)")
        .number("error after", Value::Noise { value: after }, "np.linalg.norm(salary - Xb @ wb)")
        .number("weight of the intercept", Value::Real { value: w[0] }, "wb[0]")
        .number("weight of years", Value::Real { value: w[1] }, "wb[1]")
        .number("weight of months", Value::Real { value: w[2] }, "wb[2]")
        .number("weight of a year in all", Value::Real { value: w[1] + 12.0 * w[2] }, "wb[1] + 12 * wb[2]")
        .number("weight of the bonus", Value::Real { value: w[3] }, "wb[3]");
    with.ranks(section, "np.linalg.matrix_rank(Xb)").say(
        "The new column removes the error and corrects the worth of a year from 1.79 to 2. It does not touch the null \
         direction: months are still twelve years. The two diseases have two cures: a missing feature for the error, one \
         feature fewer (or a ridge penalty, which makes the choice) for the ambiguity.",
    )
}

/// `z` scaled so that its smallest entry that is not rounding is 1 in size and its first is positive; entries within
/// rounding of a whole number become whole.
fn in_smallest_units(z: &[f64]) -> Vec<f64> {
    let largest = z.iter().fold(0.0, |largest: f64, z| largest.max(z.abs()));
    let entries = || z.iter().copied().filter(|z| z.abs() > 1e-9 * largest);
    let smallest = entries().fold(f64::INFINITY, |smallest, z| smallest.min(z.abs()));
    let unit = smallest.copysign(entries().next().unwrap_or(1.0));
    let whole = |x: f64| if (x - x.round()).abs() < 1e-9 * x.abs().max(1.0) { x.round() + 0.0 } else { x };
    z.iter().map(|z| whole(z / unit)).collect()
}

/// The combination of columns that is 0: `12 * years - 1 * months`.
fn relation(z: &[f64], names: &[&str]) -> String {
    let terms = z.iter().zip(names).filter(|(z, _)| **z != 0.0).enumerate().map(|(i, (z, name))| {
        let sign = match (i == 0, *z > 0.0) {
            (true, true) => "",
            (true, false) => "-",
            (false, true) => " + ",
            (false, false) => " - ",
        };
        format!("{sign}{} * {name}", z.abs())
    });
    terms.collect()
}

/// The same as an instruction: `Raise the weight of years by 12 t, lower that of months by 1 t`.
fn moves(z: &[f64], names: &[&str]) -> String {
    let moves = z.iter().zip(names).filter(|(z, _)| **z != 0.0).enumerate().map(|(i, (z, name))| {
        let (verb, what) = match (i == 0, *z > 0.0) {
            (true, true) => ("Raise", "the weight"),
            (true, false) => ("Lower", "the weight"),
            (false, true) => ("raise", "that"),
            (false, false) => ("lower", "that"),
        };
        format!("{verb} {what} of {name} by {} t", z.abs())
    });
    moves.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_reads_as_a_relation_and_as_an_instruction() {
        let z = in_smallest_units(&[1e-17, -0.996, 0.083]);
        assert_eq!(relation(&z, &COLUMNS), "12 * years - 1 * months");
        assert_eq!(moves(&z, &COLUMNS), "Raise the weight of years by 12 t, lower that of months by 1 t");
        let z = in_smallest_units(&[0.25, 0.5, 0.0, 0.625]);
        assert_eq!(relation(&z, &COLUMNS), "1 * intercept + 2 * years + 2.5 * bonus");
    }
}
