//! Properties of every page.

use super::charts;
use crate::figure::chart::{Axis, Chart, Line, Mark, Panel, Point, Rule, Scale, Series};
use crate::figure::layout::clip::{contains, grown, overlap, within};
use crate::figure::layout::{AxisName, LayoutError, lay_out};
use crate::figure::scene::{Anchor, Direction, Item, Path, Rectangle, Scene, Segment, Text};
use crate::figure::spec::Width;
use crate::figure::svg;

/// What a line of text covers.
fn covered(text: &Text) -> Rectangle {
    let (length, size) = (text.label.width(text.size), text.size);
    let (ascent, descent) = (text.label.ascent(size), text.label.descent(size));
    let before = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => length / 2.0,
        Anchor::End => length,
    };
    let [x, y] = text.at;
    match text.direction {
        Direction::Right => Rectangle { x: x - before, y: y - ascent, width: length, height: ascent + descent },
        Direction::Up => Rectangle { x: x - ascent, y: y - (length - before), width: ascent + descent, height: length },
    }
}

fn texts(items: &[Item]) -> Vec<&Text> {
    let inside = items.iter().flat_map(|item| match item {
        Item::Text(text) => vec![text],
        Item::Clip { items, .. } => texts(items),
        Item::Path(_) => Vec::new(),
    });
    inside.collect()
}

fn paths(items: &[Item]) -> Vec<&Path> {
    let inside = items.iter().flat_map(|item| match item {
        Item::Path(path) => vec![path],
        Item::Clip { items, .. } => paths(items),
        Item::Text(_) => Vec::new(),
    });
    inside.collect()
}

fn words(text: &Text) -> String {
    text.label.runs.iter().map(|run| run.text.as_str()).collect()
}

/// What is wrong with a page: texts that overlap or leave it, places that are not finite or far outside.
pub(super) fn faults(scene: &Scene) -> Vec<String> {
    let page = Rectangle { x: 0.0, y: 0.0, width: scene.width, height: scene.height };
    let texts = texts(&scene.items);
    let mut faults = Vec::new();
    let boxes: Vec<Rectangle> = texts.iter().map(|text| covered(text)).collect();
    for (i, a) in boxes.iter().enumerate() {
        if !within(a, &page) {
            faults.push(format!("`{}` leaves the page: {a:?}", words(texts[i])));
        }
        for (j, b) in boxes.iter().enumerate().take(i) {
            // Leading between the lines of a block may be nothing.
            if overlap(&grown(a, -1e-6), b) {
                faults.push(format!("`{}` overlaps `{}`: {a:?} {b:?}", words(texts[i]), words(texts[j])));
            }
        }
    }
    // Curves reach a little beyond their frames, and are clipped there.
    let near = grown(&page, 5.0);
    for path in paths(&scene.items) {
        let outside = path.segments.iter().any(|segment| match segment {
            Segment::Move(p) | Segment::Line(p) => !contains(&near, *p),
            Segment::Cubic(ps) => !ps.iter().all(|p| contains(&near, *p)),
            Segment::Close => false,
        });
        if outside {
            faults.push(format!("a path leaves the page: {path:?}"));
        }
    }
    faults
}

#[test]
fn nothing_overlaps_and_nothing_leaves_the_page() {
    for chart in charts::battery() {
        for width in charts::WIDTHS {
            let chart = Chart { width, ..chart.clone() };
            let scene = lay_out(&chart).unwrap_or_else(|error| panic!("{} {width:?}: {error}", chart.id));
            let faults = faults(&scene);
            assert!(faults.is_empty(), "{} {width:?} {:?}: {faults:#?}", chart.id, chart.x);
            assert!(svg::render(&scene, "a").is_ok());
        }
    }
}

#[test]
fn the_checker_finds_overlaps_and_runaways() {
    let mut scene = lay_out(&charts::kappa()).unwrap();
    assert!(faults(&scene).is_empty());
    let first = texts(&scene.items)[0].clone();
    scene.items.push(Item::Text(first.clone()));
    assert_eq!(faults(&scene).len(), 1);
    scene.items.pop();
    scene.items.push(Item::Text(Text { at: [scene.width - 1.0, 50.0], anchor: Anchor::Start, ..first }));
    assert!(faults(&scene).iter().any(|fault| fault.contains("leaves the page")));
}

#[test]
fn a_page_is_as_wide_as_asked_and_has_equal_frames() {
    for width in charts::WIDTHS {
        let scene = lay_out(&Chart { width, ..charts::facets(6) }).unwrap();
        assert_eq!(scene.width, width.points());
        let frames = clips(&scene);
        assert_eq!(frames.len(), 12, "data and theory of six panels");
        for frame in &frames {
            assert!((frame.width - frames[0].width).abs() < 1e-9);
            assert!((frame.height / frame.width - 0.75).abs() < 1e-9);
        }
    }
}

fn clips(scene: &Scene) -> Vec<Rectangle> {
    scene.items.iter().filter_map(|item| if let Item::Clip { to, .. } = item { Some(*to) } else { None }).collect()
}

/// Every tick of a shared axis is written once a row or a column, and every axis has its label once.
#[test]
fn shared_axes_are_labelled_once() {
    let scene = lay_out(&Chart { width: Width::IeeeDouble, ..charts::facets(6) }).unwrap();
    let count = |wanted: &str| texts(&scene.items).iter().filter(|text| words(text).starts_with(wanted)).count();
    assert_eq!(count("risk"), 1);
    assert_eq!(count("aspect ratio"), 1);
    let mut rows: Vec<f64> = clips(&scene).iter().map(|frame| frame.y).collect();
    rows.dedup();
    assert_eq!(count("1.5"), 6 / rows.len());
    assert_eq!(count("minimum norm"), 1);
}

#[test]
fn a_legend_in_a_panel_covers_no_data() {
    // Data along the diagonal leave two corners free, data in all corners none.
    let diagonal = lay_out(&charts::many(5, "d =")).unwrap();
    let frame = clips(&diagonal)[0];
    let entry = |scene: &Scene| {
        texts(&scene.items).into_iter().find(|text| words(text).starts_with("d = 3")).map(|text| text.at).unwrap()
    };
    assert!(contains(&frame, entry(&diagonal)));
    let mut crowded = charts::many(5, "d =");
    let corners = [[0.0, 0.0], [0.0, 90.0], [440.0, 0.0], [440.0, 90.0]];
    crowded.panels[0].series.push(charts::series("corners", 5, Mark::Points(corners.to_vec())));
    let crowded = lay_out(&crowded).unwrap();
    assert!(!contains(&clips(&crowded)[0], entry(&crowded)));
    assert!(crowded.height > diagonal.height);
}

#[test]
fn curves_run_out_of_a_given_range() {
    let mut chart = charts::kappa();
    chart.y.range = Some([1e3, 1e9]);
    let scene = lay_out(&chart).unwrap();
    assert!(faults(&scene).is_empty());
    let frame = clips(&scene)[0];
    let ends_above = paths(&scene.items)
        .into_iter()
        .flat_map(|path| &path.segments)
        .any(|segment| matches!(segment, Segment::Line([_, y]) if *y < frame.y && *y > frame.y - 10.0));
    assert!(ends_above, "the curves go on to where they leave the frame");
}

#[test]
fn bands_that_touch_zero_end_at_the_frame() {
    let point = |x: f64| Point { x, y: 1.0, band: Some([0.0, 10.0]), count: 1 };
    let mark = Mark::Curve(vec![point(1.0), point(10.0), point(100.0)]);
    let chart = charts::chart(
        "band",
        charts::axis("", Scale::Log10),
        charts::axis("", Scale::Log10),
        vec![charts::panel(vec![charts::series("a", 0, mark)])],
    );
    let scene = lay_out(&chart).unwrap();
    assert!(faults(&scene).is_empty(), "{:?}", faults(&scene));
    let frame = clips(&scene)[0];
    let band = paths(&scene.items).into_iter().find(|path| path.fill.is_some_and(|fill| fill.opacity == 0.2)).unwrap();
    let lowest = points(band).into_iter().map(|[_, y]| y).fold(0.0, f64::max);
    assert!((lowest - frame.y - frame.height).abs() < 1e-9, "{lowest} {frame:?}");
}

/// Where outlines begin and go on.
fn points(path: &Path) -> Vec<[f64; 2]> {
    let ends = path.segments.iter().filter_map(|segment| match segment {
        Segment::Move(p) | Segment::Line(p) | Segment::Cubic([_, _, p]) => Some(*p),
        Segment::Close => None,
    });
    ends.collect()
}

#[test]
fn markers_of_a_dense_curve_do_not_touch() {
    let xs: Vec<f64> = (0..2000).map(f64::from).collect();
    let mark = charts::curve(&xs, |x| (x / 300.0).sin());
    let axis = || charts::axis("", Scale::Linear);
    let chart = charts::chart("dense", axis(), axis(), vec![charts::panel(vec![charts::series("a", 0, mark)])]);
    let scene = lay_out(&chart).unwrap();
    let markers = paths(&scene.items)
        .into_iter()
        .filter(|path| matches!(path.segments.get(1), Some(Segment::Cubic(_))))
        .max_by_key(|path| path.segments.len())
        .unwrap();
    let begins =
        markers.segments.iter().filter_map(|segment| if let Segment::Move(p) = segment { Some(*p) } else { None });
    let at: Vec<[f64; 2]> = begins.collect();
    assert!(at.len() > 30, "{}", at.len());
    for pair in at.windows(2) {
        let apart = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        assert!(apart >= 1.5 * 3.8 - 1e-9, "{apart}");
    }
}

/// Viewers smooth edges: cells that only touched would show a hairline of paper.
#[test]
fn cells_overlap_their_neighbours_and_leave_holes_white() {
    let chart = charts::heatmap();
    let scene = lay_out(&chart).unwrap();
    let Item::Clip { items, .. } = scene.items.iter().find(|item| matches!(item, Item::Clip { .. })).unwrap() else {
        panic!("no cells");
    };
    let cells: Vec<[f64; 4]> = paths(items)
        .into_iter()
        .map(|path| {
            let corners = points(path);
            [corners[0][0], corners[0][1], corners[2][0], corners[2][1]]
        })
        .collect();
    let Mark::Cells { values, .. } = &chart.panels[0].series[0].mark else { panic!("no cells") };
    assert!(cells.len() <= values.iter().flatten().count());
    let frame = clips(&scene)[0];
    // Upper left: more features than observations, no value.
    let hole = [frame.x + 5.0, frame.y + 5.0];
    assert!(!cells.iter().any(|[l, t, r, b]| (*l..*r).contains(&hole[0]) && (*t..*b).contains(&hole[1])));
    for [left, top, right, bottom] in &cells {
        let is_inner = *right < frame.x + frame.width - 1e-6;
        let overlapped = cells
            .iter()
            .any(|[l, t, ..]| (l + 0.3 - right).abs() < 1e-9 && t - 0.3 <= *bottom && top - 0.3 <= t + 100.0);
        assert!(!is_inner || overlapped, "{left} {top} {right} {bottom}");
    }
}

/// Labels of reference lines that crowd each other out stand in the legend.
#[test]
fn every_reference_line_has_its_label_once() {
    let mut chart = charts::ridge();
    let level =
        |i: u32| Rule { line: Line::Y(0.5 + 1e-3 * f64::from(i)), label: Some(format!("reference line number {i}")) };
    chart.panels[0].rules = (0..30).map(level).collect();
    let scene = lay_out(&chart).unwrap();
    assert!(faults(&scene).is_empty(), "{:?}", faults(&scene));
    let all = texts(&scene.items).into_iter().map(words).collect::<Vec<_>>().join(" ") + " ";
    for i in 0..30 {
        assert_eq!(all.matches(&format!("line number {i} ")).count(), 1, "{i}: {all}");
    }
    let frame = clips(&scene)[0];
    let outside =
        texts(&scene.items).into_iter().filter(|text| words(text).contains("number") && !contains(&frame, text.at));
    assert!(outside.count() > 0);
}

#[test]
fn errors_name_what_is_wrong() {
    let mut markup = charts::kappa();
    markup.panels[0].series[1].name = Some(r"$\frob$".into());
    let error = lay_out(&markup).unwrap_err();
    assert!(matches!(error, LayoutError::Label { .. }));
    assert!(error.to_string().starts_with("name of series 2 in panel 1"), "{error}");

    let mut negative = charts::kappa();
    negative.panels[0].series.push(charts::series("d", 1, Mark::Points(vec![[1.0, -3.0]])));
    assert_eq!(
        lay_out(&negative),
        Err(LayoutError::NotPositive { axis: AxisName::Y, value: -3.0, place: "series 7 (`d`) of panel 1".into() })
    );

    let mut range = charts::ridge();
    range.y.range = Some([1.0, 1.0]);
    assert_eq!(lay_out(&range), Err(LayoutError::Range { axis: AxisName::Y, range: [1.0, 1.0] }));

    let nothing = charts::chart(
        "empty",
        charts::axis("x", Scale::Linear),
        charts::axis("y", Scale::Linear),
        vec![charts::panel(vec![charts::series("a", 0, Mark::Points(vec![[f64::NAN, 1.0]]))])],
    );
    assert_eq!(lay_out(&nothing), Err(LayoutError::Empty));
    assert_eq!(lay_out(&Chart { panels: Vec::new(), ..charts::ridge() }), Err(LayoutError::Empty));

    for (width, aspect) in [(5.0, 0.75), (f64::NAN, 0.75), (1e9, 0.75), (80.0, 0.0), (80.0, f64::INFINITY)] {
        let chart = Chart { width: Width::Millimetres(width), aspect, ..charts::ridge() };
        assert!(matches!(lay_out(&chart), Err(LayoutError::Size(_))), "{width} {aspect}");
    }

    let mut cells = charts::heatmap();
    cells.color = None;
    assert!(matches!(lay_out(&cells), Err(LayoutError::Malformed { .. })));
    let bars = Mark::Bars { edges: vec![0.0, 1.0], heights: vec![1.0, 2.0] };
    let mut bad = charts::histogram();
    bad.panels[0].series[0].mark = bars;
    assert!(lay_out(&bad).unwrap_err().to_string().starts_with("series 1 (`$d = 20$`) of panel 1: "));
}

/// A law that diverges stays within a quarter of what was measured; one reference line stretches the axis as far as it must.
#[test]
fn theory_does_not_flatten_the_data_and_rules_are_seen() {
    let data = Mark::Points(vec![[0.0, 0.0], [1.0, 1.0]]);
    let law = Mark::Theory { law: 0, points: vec![[0.0, 0.5], [1.0, 1e6]] };
    let of = |rules: Vec<Rule>| Chart {
        width: Width::Ieee,
        ..charts::chart(
            "law",
            charts::axis("", Scale::Linear),
            charts::axis("", Scale::Linear),
            vec![Panel {
                title: None,
                series: vec![
                    Series { name: None, look: Some(0), mark: data.clone() },
                    Series { name: None, look: None, mark: law.clone() },
                ],
                rules,
            }],
        )
    };
    let highest = |chart: &Chart| {
        let scene = lay_out(chart).unwrap();
        let numbers = texts(&scene.items).into_iter().filter_map(|text| words(text).parse::<f64>().ok());
        numbers.fold(0.0, f64::max)
    };
    assert!(highest(&of(Vec::new())) <= 1.4);
    assert_eq!(highest(&of(vec![Rule { line: Line::Y(20.0), label: None }])), 20.0);
}

#[test]
fn a_small_page_as_svg() {
    let axis = |label: &str, range| Axis { range: Some(range), ..charts::axis(label, Scale::Log10) };
    let points = [(1e-3, 2e3), (1e-2, 2e2), (1e-1, 20.0)];
    let mark = Mark::Curve(points.map(|(x, y)| Point { x, y, band: Some([y / 2.0, y * 2.0]), count: 1 }).to_vec());
    let law = Mark::Theory { law: 0, points: vec![[1e-4, 3e4], [1.0, 3.0]] };
    let series =
        vec![charts::series("measured", 0, mark), Series { name: Some("first order".into()), look: None, mark: law }];
    let rules = vec![Rule { line: Line::Y(1e3), label: Some(r"$\kappa_0$".into()) }];
    let panels = vec![Panel { title: Some("$n = 50$".into()), series, rules }];
    let chart = charts::chart("small", axis(r"$\epsilon$", [1e-4, 1.0]), axis(r"$\kappa$", [1.0, 1e4]), panels);
    insta::assert_snapshot!(svg::render(&lay_out(&chart).unwrap(), "small").unwrap());
}
