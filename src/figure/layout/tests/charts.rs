//! Charts such as papers have, from made-up data.

use crate::figure::chart::{Axis, Chart, Line, Mark, Panel, Point, Rule, Scale, Series};
use crate::figure::spec::Width;

pub(super) const WIDTHS: [Width; 9] = [
    Width::Ieee,
    Width::IeeeDouble,
    Width::Nature,
    Width::NatureDouble,
    Width::Icml,
    Width::IcmlDouble,
    Width::Neurips,
    Width::Slide,
    Width::Millimetres(60.0),
];

pub(super) fn axis(label: &str, scale: Scale) -> Axis {
    Axis { label: label.into(), scale, range: None }
}

pub(super) fn chart(id: &str, x: Axis, y: Axis, panels: Vec<Panel>) -> Chart {
    let (width, legend_title) = (Width::Ieee, None);
    Chart { id: id.into(), title: None, width, aspect: 0.75, x, y, color: None, legend_title, panels }
}

pub(super) fn series(name: &str, look: usize, mark: Mark) -> Series {
    Series { name: Some(name.into()), look: Some(look), mark }
}

pub(super) fn panel(series: Vec<Series>) -> Panel {
    Panel { title: None, series, rules: Vec::new() }
}

/// Noise between -1 and 1 that is the same everywhere.
pub(super) fn noise(seed: usize) -> f64 {
    let bits = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn logarithmic(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..count).map(|i| 10_f64.powf(from + (to - from) * i as f64 / (count - 1) as f64)).collect()
}

pub(super) fn curve(xs: &[f64], f: impl Fn(f64) -> f64) -> Mark {
    Mark::Curve(xs.iter().map(|&x| Point { x, y: f(x), band: None, count: 1 }).collect())
}

/// kappa against epsilon: five curves with bands, a law and two reference lines.
pub(super) fn kappa() -> Chart {
    let xs = logarithmic(-17.0, 0.0, 18);
    let curves = [5, 10, 20, 50, 100].into_iter().enumerate().map(|(look, d)| {
        let points = xs.iter().enumerate().map(|(i, &x)| {
            let y = f64::from(d).sqrt() * 3.0 / x * 10_f64.powf(0.15 * noise(i + 100 * look));
            Point { x, y, band: Some([y / 2.2, y * 2.2]), count: 1 }
        });
        series(&d.to_string(), look, Mark::Curve(points.collect()))
    });
    let law = Series {
        name: Some("first order".into()),
        look: None,
        mark: Mark::Theory { law: 0, points: xs.iter().map(|&x| [x, 8.0 / x]).collect() },
    };
    let rules = vec![
        Rule { line: Line::Y(9e15), label: Some("$1/u$".into()) },
        Rule { line: Line::X(1.5e-8), label: Some(r"$\sqrt{u}$".into()) },
    ];
    let mut chart = chart(
        "kappa",
        axis(r"near-collinearity $\epsilon$", Scale::Log10),
        axis(r"condition number $\kappa$", Scale::Log10),
        vec![Panel { title: None, series: curves.chain([law]).collect(), rules }],
    );
    chart.legend_title = Some("$d$".into());
    chart
}

/// Bias, variance and test error along a ridge path, in linear y.
pub(super) fn ridge() -> Chart {
    let xs = logarithmic(-6.0, 3.0, 40);
    let bias = |x: f64| (x / (x + 1.0)).powi(2);
    let variance = |x: f64| 0.8 / (1.0 + x).powi(2) + 0.3 / (1.0 + 300.0 * x);
    chart(
        "ridge",
        axis(r"ridge penalty $\lambda$", Scale::Log10),
        axis("error", Scale::Linear),
        vec![panel(vec![
            series(r"$\mathrm{bias}^2$", 0, curve(&xs, bias)),
            series("variance", 1, curve(&xs, variance)),
            series("test error", 2, curve(&xs, |x| bias(x) + variance(x) + 0.1)),
        ])],
    )
}

pub(super) fn heatmap() -> Chart {
    let x: Vec<f64> = [10, 20, 40, 80, 160, 320, 640].map(f64::from).to_vec();
    let y: Vec<f64> = [5, 10, 20, 40, 80, 160].map(f64::from).to_vec();
    let values = y.iter().flat_map(|&d| {
        x.iter().map(move |&n| if d > n { None } else { Some(3.0 * ((n + d) / (n - d + 2.0).abs()).powf(2.5)) })
    });
    let values = values.collect();
    let mut chart = chart(
        "heatmap",
        axis("observations $n$", Scale::Log2),
        axis("features $d$", Scale::Log2),
        vec![panel(vec![Series { name: None, look: None, mark: Mark::Cells { x, y, values } }])],
    );
    chart.color = Some(axis(r"condition number $\kappa$", Scale::Log10));
    chart
}

/// Edelman's law of kappa / n against the distribution of 200 draws.
pub(super) fn ecdf() -> Chart {
    let steps = |look: usize| {
        let count = 200;
        let xs = (0..count).map(|i| {
            let p = (i as f64 + 0.5 + 0.4 * noise(look * 1000 + i)) / count as f64;
            2.0 / (-(p.ln()) * (1.0 + 0.05 * look as f64))
        });
        xs.enumerate().map(|(i, x)| [x, (i + 1) as f64 / count as f64]).collect()
    };
    let law = logarithmic(-0.5, 3.0, 80).iter().map(|&x| [x, (-2.0 / x - 2.0 / (x * x)).exp()]).collect();
    let law = Series { name: Some("Edelman (1988)".into()), look: None, mark: Mark::Theory { law: 0, points: law } };
    chart(
        "ecdf",
        axis(r"$\kappa / n$", Scale::Log10),
        axis("share of draws", Scale::Linear),
        vec![panel(vec![
            series("$n = 10$", 0, Mark::Steps(steps(0))),
            series("$n = 30$", 1, Mark::Steps(steps(1))),
            series("$n = 100$", 2, Mark::Steps(steps(2))),
            law,
        ])],
    )
}

/// The double descent of the risk, in panels by noise.
pub(super) fn facets(count: usize) -> Chart {
    let xs: Vec<f64> = (1..=30).map(|i| f64::from(i) * 0.1).collect();
    let risk = |gamma: f64, noise: f64| {
        if gamma < 1.0 {
            noise * gamma / (1.0 - gamma + 0.02)
        } else {
            1.0 - 1.0 / gamma + noise / (gamma - 1.0 + 0.02)
        }
    };
    let panels = (0..count).map(|index| {
        let noise = 0.1 * (index + 1) as f64;
        let fine: Vec<[f64; 2]> = (1..300).map(|i| f64::from(i) * 0.01).map(|x| [x, risk(x, noise)]).collect();
        let law = Series {
            name: Some("Hastie et al. (2022)".into()),
            look: Some(0),
            mark: Mark::Theory { law: 1, points: fine },
        };
        Panel {
            title: Some(format!("$\\sigma^2 = {noise:.1}$")),
            series: vec![series("minimum norm", 0, curve(&xs, |x| risk(x, noise))), law],
            rules: vec![Rule { line: Line::X(1.0), label: Some("$d = n$".into()) }],
        }
    });
    chart("facets", axis(r"aspect ratio $\gamma = d / n$", Scale::Linear), axis("risk", Scale::Log10), panels.collect())
}

/// As many curves as asked for, with names as long as solvers and designs may have.
pub(super) fn many(count: usize, names: &str) -> Chart {
    let xs: Vec<f64> = (0..12).map(|i| f64::from(i) * 40.0).collect();
    let all = (0..count).map(|look| {
        let name = format!("{names} {look}");
        series(&name, look, curve(&xs, move |x| (x + 30.0 * look as f64) / 7.0 + 5.0 * noise(look)))
    });
    chart(
        "many",
        axis("observations $n$", Scale::Linear),
        axis("iterations", Scale::Linear),
        vec![panel(all.collect())],
    )
}

pub(super) fn scatter(count: usize) -> Chart {
    let points = |look: usize| {
        let of = |i: usize| {
            let x = 10_f64.powf(8.0 * (noise(i * 2 + look) + 1.0));
            [x, x * 1e-16 * 10_f64.powf(0.7 * (noise(i * 3 + 7 * look) + noise(i * 5 + 1)))]
        };
        Mark::Points((0..count).map(of).collect())
    };
    let mut chart = chart(
        "scatter",
        axis(r"$\kappa$", Scale::Log10),
        axis("relative error", Scale::Log10),
        vec![panel(vec![series("svd", 0, points(0)), series("normal-equations", 1, points(1))])],
    );
    let line = (0..=32).map(|i| 10_f64.powf(f64::from(i) / 2.0)).map(|x| [x, 1.1e-16 * x * x]).collect();
    chart.panels[0].rules.push(Rule { line: Line::Curve(line), label: Some(r"$u \kappa^2$".into()) });
    chart
}

pub(super) fn histogram() -> Chart {
    let edges: Vec<f64> = (0..=30).map(|i| f64::from(i) * 0.1).collect();
    let heights = |peak: f64| {
        let of = |(i, pair): (usize, &[f64])| (-8.0 * (pair[0] - peak).powi(2)).exp() * (1.5 + 0.2 * noise(i));
        edges.windows(2).enumerate().map(of).collect()
    };
    let bars = |peak: f64| Mark::Bars { edges: edges.clone(), heights: heights(peak) };
    chart(
        "histogram",
        axis(r"$\sigma_{\min}$", Scale::Linear),
        axis("density", Scale::Linear),
        vec![panel(vec![series("$d = 20$", 0, bars(1.0)), series("$d = 40$", 1, bars(1.7))])],
    )
}

/// A curve over any range, on any scale.
pub(super) fn range(scale: Scale, lo: f64, hi: f64) -> Chart {
    let points = [lo, lo / 2.0 + hi / 2.0, hi].map(|x| Point { x, y: x, band: None, count: 1 });
    let curve = series("a", 0, Mark::Curve(points.to_vec()));
    chart("range", axis("$x$", scale), axis("$y$", scale), vec![panel(vec![curve])])
}

/// One of each.
pub(super) fn battery() -> Vec<Chart> {
    use Scale::{Linear, Log2, Log10};
    let long = "normal equations with refinement in double-double arithmetic, seed";
    let mut charts = vec![kappa(), ridge(), heatmap(), ecdf(), scatter(200), histogram(), facets(1), facets(2)];
    charts.extend([facets(5), facets(6), facets(12), many(1, "d ="), many(7, "d ="), many(9, long), many(15, "d =")]);
    charts.extend([
        many(15, "with a name of some length"),
        many(12, "OneWordWithoutAnySpaceInItThatIsLongerThanTheColumnOfAJournal"),
    ]);
    for (scale, lo, hi) in [
        (Log10, 1e-17, 1.0),
        (Log10, 1e-300, 1e300),
        (Log10, 1e-3, 1e3),
        (Log10, 1.3, 1.9),
        (Log10, 3.0, 40.0),
        (Log10, 2e-9, 9e-9),
        (Log10, 1e-310, 1e-308),
        (Log10, 1.0, 1.000_000_1),
        (Log2, 1.0, 4096.0),
        (Log2, 1e-20, 1e20),
        (Log2, 5.0, 7.0),
        (Linear, 1.0, 1.000_000_1),
        (Linear, -1.000_000_1e12, -1e12),
        (Linear, 1e-17, 1.0),
        (Linear, -123_456.0, -1.0),
        (Linear, 0.0, 3e-9),
        (Linear, -1e300, 1e300),
        (Linear, 99_999.0, 100_001.0),
        (Linear, 42.0, 42.0),
    ] {
        charts.push(range(scale, lo, hi));
    }
    let mut wordy = heatmap();
    wordy.title =
        Some("A headline that says more than a headline should, and goes on until it needs three lines".into());
    wordy.x.label = "a label of the abscissa that is far too long for one line of a column, and explains itself".into();
    wordy.y.label = wordy.x.label.clone();
    if let Some(color) = &mut wordy.color {
        color.label = wordy.x.label.clone();
        color.range = Some([1.0, 1.000_000_1]);
        color.scale = Linear;
    }
    wordy.panels.extend([wordy.panels[0].clone(), wordy.panels[0].clone()]);
    wordy.panels[1].title = Some("a title of a panel that is longer than the panel is wide, by far".into());
    charts.push(wordy);
    charts
}
