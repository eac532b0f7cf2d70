//! Reference lines.

use super::axis::{spaced, widened};
use crate::expression::{Formula, Kind, Variable, Vocabulary};
use crate::figure::chart::{Axis, Line, Mark, Panel, Rule, Scale};
use crate::figure::error::FigureError;
use crate::figure::spec::{FigureSpec, LineAt};

/// Points at which a function is tabulated.
const POINTS: usize = 401;
/// How far beyond the data a function is tabulated, as a share of their extent: the frame is a little wider than they are.
const BEYOND: f64 = 0.15;

/// Draws the reference lines of `spec` into every panel.
pub(super) fn draw(spec: &FigureSpec, x: &Axis, y: &Axis, panels: &mut [Panel]) -> Result<(), FigureError> {
    let Some(range) = x.range.or_else(|| extent(panels)) else { return Ok(()) };
    let ends = if range[0] < range[1] { widened(range, x.scale, BEYOND) } else { range };
    let mut rules = Vec::new();
    for line in &spec.lines {
        let label = line.label.clone();
        match &line.at {
            LineAt::X(at) => rules.push(Rule { line: Line::X(*at), label }),
            LineAt::Y(at) => rules.push(Rule { line: Line::Y(*at), label }),
            LineAt::Function(text) => {
                let pieces = tabulate(spec, text, &spaced(ends, x.scale, POINTS), y.scale)?;
                // The longest piece has the label.
                let longest = (0..pieces.len()).rev().max_by_key(|&at| pieces[at].len());
                for (at, piece) in pieces.into_iter().enumerate() {
                    let label = label.clone().filter(|_| Some(at) == longest);
                    rules.push(Rule { line: Line::Curve(piece), label });
                }
            }
        }
    }
    for panel in panels {
        panel.rules.clone_from(&rules);
    }
    Ok(())
}

/// The function `text` at each of `xs`, in pieces where it has no value that the axis can show.
fn tabulate(spec: &FigureSpec, text: &str, xs: &[f64], y_scale: Scale) -> Result<Vec<Vec<[f64; 2]>>, FigureError> {
    let vocabulary = Vocabulary { noun: "x", variables: vec![Variable { name: "x", kind: Kind::Number }] };
    let formula = Formula::parse(text, &vocabulary).map_err(|error| FigureError::spec(&spec.id, error.message))?;
    let shown = |y: f64| y.is_finite() && (y_scale == Scale::Linear || y > 0.0);
    let points: Vec<[f64; 2]> = xs.iter().map(|&x| [x, formula.value(&[x])]).collect();
    let pieces: Vec<Vec<[f64; 2]>> =
        points.split(|[_, y]| !shown(*y)).filter(|piece| piece.len() > 1).map(<[_]>::to_vec).collect();
    if pieces.is_empty() {
        let what = format!(
            "lines: f = \"{text}\" has no value that can be shown for x from {:?} to {:?}",
            xs[0],
            xs[xs.len() - 1]
        );
        return Err(FigureError::rows(&spec.id, what, "correct the expression, or leave the line out"));
    }
    Ok(pieces)
}

/// Smallest and largest x of the panels.
fn extent(panels: &[Panel]) -> Option<[f64; 2]> {
    let xs = panels.iter().flat_map(|panel| &panel.series).flat_map(|series| -> Vec<f64> {
        match &series.mark {
            Mark::Curve(points) | Mark::Estimates(points) => points.iter().map(|point| point.x).collect(),
            Mark::Points(points) | Mark::Theory { points, .. } | Mark::Steps(points) => {
                points.iter().map(|[x, _]| *x).collect()
            }
            Mark::Bars { edges: xs, .. } | Mark::Cells { x: xs, .. } => xs.clone(),
        }
    });
    let ends = xs.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
    (ends[0] <= ends[1]).then_some(ends)
}
