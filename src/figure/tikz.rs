//! Chart -> `TikZ`: a picture by pgfplots that reads its points from the figure's CSV beside it, for papers that set their
//! figures in their own type.
//!
//! The picture needs pgfplots 1.16 or later and amsmath; its first lines say what to load. Colours, markers, dashes, scales
//! and labels are those of the other formats; where things stand is for pgfplots to decide, within the same width. The cells of a
//! heatmap are in the picture itself: pgfplots cannot choose rows of a table for a matrix.

mod frame;
mod marks;

use std::fmt::{self, Write};

use super::chart::{Axis, Chart, Line, Mark, Panel, Scale, Series};
use super::csv::curved_rules;
use super::layout::{Ends, LayoutError};
use super::look::Look;
use frame::Frame;

/// What stands above the picture.
const PREAMBLE: &str = "\
% Needs in the preamble:
%   \\usepackage{amsmath, pgfplots}
%   \\usepgfplotslibrary{fillbetween, groupplots}
%   \\pgfplotsset{compat=1.16}
% Reads the table of the same name beside it; from another folder, tell pgfplots where it is:
%   \\pgfplotsset{table/search path={.,figures}}
";

/// Rows of the CSV by panel and series; LaTeX compares the words.
const ROWS: &str = "\
\\pgfplotsset{
  table/col sep=comma,
  rows/.style={x filter/.code={%
    \\edef\\rowfound{\\thisrow{panel}/\\thisrow{series}}\\edef\\rowwanted{#1}%
    \\ifx\\rowfound\\rowwanted\\else\\def\\pgfmathresult{}\\fi}},
}
";

/// The picture of `chart`, which reads `ID.csv`.
///
/// # Errors
/// [`LayoutError`] where the chart has no place on its axes.
pub fn render(chart: &Chart) -> Result<String, LayoutError> {
    let frame = Frame::of(chart)?;
    let mut out = String::from(PREAMBLE);
    // A String takes everything that is written to it.
    let _ = picture(&mut out, chart, &frame);
    Ok(out)
}

fn picture(out: &mut String, chart: &Chart, frame: &Frame) -> fmt::Result {
    out.push_str("\\begin{tikzpicture}\n");
    out.push_str(ROWS);
    let looks = chart.panels.iter().flat_map(|panel| &panel.series).filter_map(|series| series.look);
    for number in 0..looks.max().map_or(0, |last| last + 1) {
        let [red, green, blue] = Look::of(number).rgb;
        writeln!(out, "\\definecolor{{series{number}}}{{RGB}}{{{red},{green},{blue}}}")?;
    }
    frame.begin(out, chart)?;
    for (at, panel) in chart.panels.iter().enumerate() {
        let title = panel.title.as_ref().map_or_else(String::new, |title| format!("title={{{title}}}"));
        writeln!(out, "\\nextgroupplot[{title}{}]", frame.of_panel(at))?;
        rules(out, &chart.id, frame.ends, panel, at)?;
        for (number, series) in panel.series.iter().enumerate() {
            marks::series(out, chart, series, &format!("{}/{}", at + 1, number + 1))?;
        }
        if at == 0 {
            legend(out, chart)?;
        }
    }
    out.push_str("\\end{groupplot}\n");
    if let Some(title) = &chart.title {
        writeln!(out, "{}", frame.title(title))?;
    }
    out.push_str("\\end{tikzpicture}\n");
    Ok(())
}

/// Reference lines, below the data.
fn rules(out: &mut String, id: &str, ends: Ends, panel: &Panel, at: usize) -> fmt::Result {
    let Ends { x: [left, right], y: [low, high], .. } = ends;
    let style = "draw=gray, line width=0.5pt";
    // A point that is on the axes whatever their scales.
    for rule in &panel.rules {
        let (from, to, place) = match rule.line {
            Line::X(x) => (
                format!("{{axis cs:{x:?},1}} |- {{rel axis cs:0,0}}"),
                format!("{{axis cs:{x:?},1}} |- {{rel axis cs:0,1}}"),
                "pos=1, anchor=north west",
            ),
            Line::Y(y) => (
                format!("{{axis cs:1,{y:?}}} -| {{rel axis cs:0,0}}"),
                format!("{{axis cs:1,{y:?}}} -| {{rel axis cs:1,0}}"),
                "pos=1, anchor=south east",
            ),
            Line::Curve(_) => continue,
        };
        let label = rule
            .label
            .as_ref()
            .map_or_else(String::new, |label| format!(" node[{place}, font=\\scriptsize, text=darkgray]{{{label}}}"));
        writeln!(out, "\\draw[{style}] ({from}) -- ({to}){label};")?;
    }
    for (number, points, label) in curved_rules(panel) {
        // The line may leave the frame on any side: its label stands at the last point inside.
        let is_inside = |[x, y]: &&[f64; 2]| (left..=right).contains(x) && (low..=high).contains(y);
        if let (Some(label), Some([x, y])) = (label, points.iter().rfind(is_inside)) {
            writeln!(
                out,
                "\\node[anchor=south east, font=\\scriptsize, text=darkgray] at (axis cs:{x:?},{y:?}) {{{label}}};"
            )?;
        }
        let rows = format!("{}/{number}", at + 1);
        writeln!(out, "\\addplot[{style}, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};")?;
    }
    Ok(())
}

/// Every name once, whichever panel has it first.
fn legend(out: &mut String, chart: &Chart) -> fmt::Result {
    if let Some(title) = chart.legend_title.as_ref().filter(|_| Frame::entries(chart) > 0) {
        writeln!(out, "\\addlegendimage{{empty legend}}\\addlegendentry{{{title}}}")?;
    }
    for (name, series) in named(chart) {
        writeln!(out, "\\addlegendimage{{{}}}\\addlegendentry{{{name}}}", marks::image(series))?;
    }
    Ok(())
}

/// The series of the legend: the first of each name.
fn named(chart: &Chart) -> Vec<(&str, &Series)> {
    let mut found: Vec<(&str, &Series)> = Vec::new();
    for series in chart.panels.iter().flat_map(|panel| &panel.series) {
        if let Some(name) = series.name.as_deref().filter(|name| !found.iter().any(|(known, _)| known == name)) {
            found.push((name, series));
        }
    }
    found
}

fn is_heatmap(chart: &Chart) -> bool {
    chart.panels.iter().flat_map(|panel| &panel.series).any(|series| matches!(series.mark, Mark::Cells { .. }))
}

/// `log` and, for powers of two, their base.
fn mode(axis: &Axis, letter: char) -> String {
    match axis.scale {
        Scale::Linear => format!("{letter}mode=linear"),
        Scale::Log10 => format!("{letter}mode=log"),
        Scale::Log2 => format!("{letter}mode=log, log basis {letter}=2"),
    }
}
