//! Small tables -> charts.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::config::Config;
use crate::figure::chart::{Line, Mark, Scale};

const RUN: &str = "tables = [\"spectrum\", \"ridge\"]\n[design]\nkind = \"gaussian\"\n[grid]\nn = 10\nd = 5\nlambda = 1.0\n\
                   [[figure]]\n";

/// The chart of `figure`, the body of a `[[figure]]`, over ridge.csv with these lines; or the words of its refusal.
fn drawn(figure: &str, table: &str) -> Result<Drawn, String> {
    let config = Config::parse(&format!("{RUN}{figure}"), Path::new("a.toml"), &[]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ridge.csv"), table).unwrap();
    let world = World::new(&config.design, &config.target, &config.settings);
    let source = Source { dir: dir.path(), tables: &config.tables, world: &world };
    chart(&config.figures[0], &source).map_err(|error| error.to_string())
}

/// (n, lambda, test_mse) as a table with as many replicates as there are equal rows.
fn ridge(rows: &[(u32, f64, &str)]) -> String {
    let line = |(at, (n, lambda, y)): (usize, &(u32, f64, &str))| format!("{n},5,,{at},{lambda:?},{y}\n");
    let lines: String = rows.iter().enumerate().map(line).collect();
    format!("n,d,epsilon,replicate,lambda,test_mse\n{lines}")
}

fn names(drawn: &Drawn) -> Vec<Vec<Option<String>>> {
    let of_panel = |panel: &Panel| panel.series.iter().map(|series| series.name.clone()).collect();
    drawn.chart.panels.iter().map(of_panel).collect()
}

fn points(drawn: &Drawn, panel: usize, series: usize) -> Vec<(f64, f64, usize)> {
    match &drawn.chart.panels[panel].series[series].mark {
        Mark::Curve(points) => points.iter().map(|point| (point.x, point.y, point.count)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn curves_and_panels_ascend_and_look_alike_in_every_panel() {
    let table =
        ridge(&[(100, 1.0, "1"), (100, 10.0, "2"), (9, 10.0, "3"), (9, 0.5, "4"), (20, 0.5, "5"), (20, 10.0, "6")]);
    let found = drawn("kind = \"line\"\nx = \"d\"\ny = \"test_mse\"\nby = \"lambda\"\nfacet = \"n\"", &table).unwrap();
    let titles: Vec<_> = found.chart.panels.iter().map(|panel| panel.title.clone().unwrap()).collect();
    assert_eq!(titles, ["$n$ = 9", "$n$ = 20", "$n$ = 100"]);
    assert_eq!(found.chart.legend_title.as_deref(), Some("$\\lambda$"));
    let name = |text: &str| Some(text.to_owned());
    assert_eq!(
        names(&found),
        [vec![name("0.5"), name("10")], vec![name("0.5"), name("10")], vec![name("1"), name("10")]]
    );
    let looks: Vec<Vec<_>> =
        found.chart.panels.iter().map(|panel| panel.series.iter().map(|s| s.look).collect()).collect();
    assert_eq!(looks, [vec![Some(0), Some(2)], vec![Some(0), Some(2)], vec![Some(1), Some(2)]]);
    assert_eq!(points(&found, 2, 0), [(5.0, 1.0, 1)]);
}

#[test]
fn the_only_curve_has_no_name_and_several_expressions_have_theirs() {
    let table = ridge(&[(10, 1.0, "1"), (10, 2.0, "2")]);
    let one = drawn("kind = \"line\"\nx = \"lambda\"\ny = \"test_mse\"", &table).unwrap();
    assert_eq!(names(&one), [[None]]);
    assert_eq!((one.chart.x.label.as_str(), one.chart.y.label.as_str()), ("$\\lambda$", "test error"));
    let two =
        drawn("kind = \"line\"\nx = \"lambda\"\ny = [\"test_mse\", \"test_mse / n\"]\nby = \"n\"", &table).unwrap();
    assert_eq!(
        names(&two)[0].iter().flatten().collect::<Vec<_>>(),
        ["test error, $n$ = 10", "$\\text{test error} / n$, $n$ = 10"]
    );
}

#[test]
fn rows_without_numbers_are_left_out_and_counted() {
    let table =
        ridge(&[(10, 1.0, "1"), (10, 1.0, ""), (10, 1.0, "NaN"), (10, 1.0, "inf"), (10, 1.0, "3"), (10, 2.0, "5")]);
    let found = drawn("kind = \"line\"\nx = \"lambda\"\ny = \"test_mse\"", &table).unwrap();
    assert_eq!((points(&found, 0, 0), found.left_out), (vec![(1.0, 2.0, 2), (2.0, 5.0, 1)], 3));
}

#[test]
fn scales_follow_the_values_unless_they_are_stated() {
    let scales = |figure: &str, rows: &[(u32, f64, &str)]| {
        let found =
            drawn(&format!("kind = \"scatter\"\nx = \"lambda\"\ny = \"test_mse\"\n{figure}"), &ridge(rows)).unwrap();
        (found.chart.x.scale, found.chart.y.scale)
    };
    let wide = [(10, 1e-9, "1"), (10, 1.0, "50")];
    assert_eq!(scales("", &wide), (Scale::Log10, Scale::Linear));
    assert_eq!(scales("x_scale = \"log2\"\ny_scale = \"log\"", &wide), (Scale::Log2, Scale::Log10));
    assert_eq!(scales("x_range = [0, 1]", &wide), (Scale::Linear, Scale::Linear));
    assert_eq!(scales("lines = [{ x = 0.0 }]", &wide), (Scale::Linear, Scale::Linear), "0 is to be seen");
    assert_eq!(scales("", &[(10, 0.0, "1"), (10, 1e9, "0.001")]), (Scale::Linear, Scale::Log10));
}

#[test]
fn a_band_that_leaves_a_logarithmic_axis_is_refused_at_its_place() {
    let rows: Vec<_> = ["0.01", "0.02", "9"].iter().map(|y| (10, 1.0, *y)).collect();
    let figure = "kind = \"line\"\nx = \"lambda\"\ny = \"test_mse\"\nstat = \"mean\"\nband = \"interval\"\n";
    let said = drawn(&format!("{figure}y_scale = \"log\""), &ridge(&rows)).unwrap_err();
    assert!(
        said.contains("an end of the band of test_mse at lambda = 1.0 is -") && said.contains("another stat"),
        "{said}"
    );
    assert_eq!(drawn(figure, &ridge(&rows)).unwrap().chart.y.scale, Scale::Linear, "nobody asked for it");
    let geometric = figure.replace("mean", "geometric-mean");
    assert!(drawn(&format!("{geometric}y_scale = \"log\""), &ridge(&rows)).is_ok());
    let said = drawn(&geometric, &ridge(&[(10, 1.0, "0")])).unwrap_err();
    assert!(said.contains("has no geometric mean") && said.contains("lambda = 1.0"), "{said}");
}

#[test]
fn cells_that_no_row_fills_are_blank() {
    let table = ridge(&[(10, 1.0, "1"), (10, 2.0, "2"), (20, 1.0, "3"), (20, 1.0, "5")]);
    let found = drawn("kind = \"heatmap\"\nx = \"n\"\ny = \"lambda\"\nvalue = \"test_mse\"", &table).unwrap();
    let expected =
        Mark::Cells { x: vec![10.0, 20.0], y: vec![1.0, 2.0], values: vec![Some(1.0), Some(4.0), Some(2.0), None] };
    assert_eq!(found.chart.panels[0].series[0].mark, expected);
    assert_eq!(found.chart.color.unwrap().label, "test error");
}

#[test]
fn functions_are_drawn_where_they_have_values() {
    let table = ridge(&[(10, 1.0, "1"), (10, 9.0, "2")]);
    let figure = "kind = \"scatter\"\nx = \"lambda\"\ny = \"test_mse\"\n";
    let found =
        drawn(&format!("{figure}lines = [{{ f = \"sqrt(x - 5)\", label = \"a\" }}, {{ y = 3 }}]"), &table).unwrap();
    let rules = &found.chart.panels[0].rules;
    let Line::Curve(curve) = &rules[0].line else { panic!("{rules:?}") };
    assert!(curve.len() > 100 && curve.iter().all(|[x, y]| *x >= 5.0 && y.is_finite()), "{curve:?}");
    assert_eq!((rules.len(), &rules[1].line), (2, &Line::Y(3.0)));
    let said = drawn(&format!("{figure}lines = [{{ f = \"sqrt(0 - 9 - x)\" }}]"), &table).unwrap_err();
    assert!(said.contains("has no value that can be shown for x from"), "{said}");
}

#[test]
fn more_curves_than_can_be_told_apart_are_refused() {
    let rows: Vec<_> = (0..40).map(|n| (n + 1, 1.0, "1")).collect();
    let said = drawn("kind = \"line\"\nx = \"lambda\"\ny = \"test_mse\"\nby = \"n\"", &ridge(&rows)).unwrap_err();
    assert!(said.contains("by = n makes more than 32 curves") && said.contains("`where`"), "{said}");
}
