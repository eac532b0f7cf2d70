//! Any chart at all: an error or a page without faults, never a panic.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::pages::faults;
use crate::figure::chart::{Axis, Chart, Line, Mark, Panel, Point, Rule, Scale, Series};
use crate::figure::layout::lay_out;
use crate::figure::spec::Width;
use crate::figure::svg;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        30 => -10.0..10.0_f64,
        10 => (-300.0..300.0_f64).prop_map(|exponent| 10_f64.powf(exponent)),
        1 => prop_oneof![
            Just(0.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(f64::MAX),
            Just(-f64::MAX),
            Just(5e-324),
            Just(1.0 + f64::EPSILON),
        ],
    ]
}

/// Mostly what a logarithmic axis takes.
fn coordinate(positive: bool) -> impl Strategy<Value = f64> {
    number().prop_map(move |x| if positive && x.abs() > 0.0 { x.abs() } else { x })
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn mark(positive: bool) -> impl Strategy<Value = Mark> {
    let c = move || coordinate(positive);
    let pair = move || (c(), c()).prop_map(|(x, y)| [x, y]);
    let point = move || {
        (c(), c(), option::of((c(), c()))).prop_map(|(x, y, band)| Point {
            x,
            y,
            band: band.map(|(a, b)| [a, b]),
            count: 1,
        })
    };
    prop_oneof![
        vec(point(), 0..6).prop_map(Mark::Curve),
        vec(pair(), 0..6).prop_map(Mark::Points),
        (0_usize..9, vec(pair(), 0..6)).prop_map(|(law, points)| Mark::Theory { law, points }),
        vec(point(), 0..6).prop_map(Mark::Estimates),
        vec(pair(), 0..6).prop_map(Mark::Steps),
        (vec(c(), 0..5), vec(c(), 5), any::<bool>()).prop_map(|(edges, mut heights, right)| {
            heights.truncate(if right { edges.len().saturating_sub(1) } else { 3 });
            Mark::Bars { edges: sorted(edges), heights }
        }),
        (vec(c(), 1..4), vec(c(), 1..4), vec(option::of(c()), 16)).prop_map(|(x, y, mut values)| {
            values.truncate(x.len() * y.len());
            Mark::Cells { x: sorted(x), y: sorted(y), values }
        }),
    ]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        10 => Just(String::new()),
        10 => Just("relative error".to_owned()),
        10 => Just(r"$\sigma_{\min}^2 / \kappa$".to_owned()),
        10 => "[a-z ]{0,80}",
        1 => "\\PC{0,12}",
    ]
}

fn axis(scale: Scale) -> impl Strategy<Value = Axis> {
    let range = option::weighted(0.1, (number(), number()).prop_map(|(a, b)| [a.min(b), a.max(b)]));
    (label(), range).prop_map(move |(label, range)| Axis { label, scale, range })
}

fn panel(positive: bool) -> impl Strategy<Value = Panel> {
    let series = (option::of(label()), option::of(0..40_usize), mark(positive)).prop_map(|(name, look, mark)| Series {
        name,
        look,
        mark,
    });
    let c = move || coordinate(positive);
    let line = prop_oneof![
        c().prop_map(Line::X),
        c().prop_map(Line::Y),
        vec((c(), c()).prop_map(|(x, y)| [x, y]), 0..4).prop_map(Line::Curve),
    ];
    let rule = (line, option::of(label())).prop_map(|(line, label)| Rule { line, label });
    (option::of(label()), vec(series, 0..4), vec(rule, 0..3)).prop_map(|(title, series, rules)| Panel {
        title,
        series,
        rules,
    })
}

fn width() -> impl Strategy<Value = Width> {
    prop_oneof![
        Just(Width::Ieee),
        Just(Width::Nature),
        Just(Width::IcmlDouble),
        Just(Width::Slide),
        (30.0..400.0_f64).prop_map(Width::Millimetres),
        Just(Width::Neurips),
        Just(Width::Millimetres(90.0)),
        number().prop_map(Width::Millimetres),
    ]
}

fn scale() -> impl Strategy<Value = Scale> {
    prop_oneof![Just(Scale::Linear), Just(Scale::Log2), Just(Scale::Log10)]
}

fn chart() -> impl Strategy<Value = Chart> {
    (scale(), scale(), scale()).prop_flat_map(|(x, y, color)| {
        let positive = [x, y, color].iter().any(|&scale| scale != Scale::Linear);
        let aspect = prop_oneof![9 => 0.2..2.0_f64, 1 => number()];
        let labels = (option::of(label()), option::of(label()));
        let panels = vec(panel(positive), 0..6);
        (axis(x), axis(y), option::weighted(0.9, axis(color)), width(), aspect, labels, panels).prop_map(
            |(x, y, color, width, aspect, (title, legend_title), panels)| Chart {
                id: "any".into(),
                title,
                width,
                aspect,
                x,
                y,
                color,
                legend_title,
                panels,
            },
        )
    })
}

proptest! {
    #[test]
    fn any_chart_is_an_error_or_a_page_without_faults(chart in chart()) {
        if let Ok(scene) = lay_out(&chart) {
            let faults = faults(&scene);
            prop_assert!(faults.is_empty(), "{:#?}", faults);
            prop_assert!(svg::render(&scene, "any").is_ok(), "{:?}", svg::render(&scene, "any"));
        }
    }
}
