//! One series as commands of pgfplots.

use std::fmt::{self, Write};

use crate::figure::chart::{Chart, Mark, Point, Scale, Series};
use crate::figure::look::{Look, Marker, theory_dash};

/// Of lines, in points.
const LINE: f64 = 0.8;
/// Of theory.
const THEORY_LINE: f64 = 1.0;

/// The commands that draw `series`, whose rows in the CSV are `rows`.
pub(super) fn series(out: &mut String, chart: &Chart, series: &Series, rows: &str) -> fmt::Result {
    let id = &chart.id;
    let image = image(series);
    match &series.mark {
        Mark::Curve(points) => {
            if points.iter().any(|point| point.band.is_some()) {
                let name = rows.replace('/', "-");
                for end in ["lo", "hi"] {
                    writeln!(
                        out,
                        "\\addplot[draw=none, forget plot, name path={end}-{name}, rows={rows}] table[x=x, y={end}] {{{id}.csv}};"
                    )?;
                }
                let color = color(series);
                writeln!(
                    out,
                    "\\addplot[fill={color}, fill opacity=0.2, draw=none, forget plot] fill between[of=lo-{name} and hi-{name}];"
                )?;
            }
            writeln!(out, "\\addplot[{image}, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};")
        }
        Mark::Estimates(points) => {
            bars(out, series, points)?;
            writeln!(out, "\\addplot[{image}, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};")
        }
        Mark::Points(_) => writeln!(out, "\\addplot[{image}, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};"),
        Mark::Theory { .. } => writeln!(
            out,
            "\\addplot[{image}, unbounded coords=jump, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};"
        ),
        Mark::Steps(_) => {
            writeln!(out, "\\addplot[{image}, const plot, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};")
        }
        Mark::Bars { .. } => {
            writeln!(out, "\\addplot[ybar interval, {image}, forget plot, rows={rows}] table[x=x, y=y] {{{id}.csv}};")
        }
        Mark::Cells { x, y, values } => cells(out, chart, x, y, values),
    }
}

/// The bars of estimates, as one line with gaps: pgfplots evaluates error bars of a table for all its rows, and most have none.
fn bars(out: &mut String, series: &Series, points: &[Point]) -> fmt::Result {
    if points.iter().all(|point| point.band.is_none()) {
        return Ok(());
    }
    let color = color(series);
    write!(
        out,
        "\\addplot[draw={color}, line width=0.5pt, no markers, unbounded coords=jump, forget plot] coordinates {{"
    )?;
    for Point { x, band, .. } in points {
        if let Some([lo, hi]) = band {
            write!(out, " ({x:?},{lo:?}) ({x:?},{hi:?}) ({x:?},nan)")?;
        }
    }
    writeln!(out, " }};")
}

/// How the series looks, in the plot and in the legend.
pub(super) fn image(series: &Series) -> String {
    let color = color(series);
    let look = Look::of(series.look.unwrap_or(0));
    let marker = marker(look.marker, &color);
    match &series.mark {
        Mark::Curve(_) => format!("draw={color}, line width={LINE}pt{}, {marker}", dash(look.marked_dash, LINE)),
        Mark::Points(_) | Mark::Estimates(_) => format!("only marks, draw={color}, {marker}"),
        Mark::Theory { law, .. } => {
            format!(
                "draw={color}!70!black, line width={THEORY_LINE}pt, no markers{}",
                dash(theory_dash(*law), THEORY_LINE)
            )
        }
        Mark::Steps(_) => format!("draw={color}, line width={LINE}pt, no markers{}", dash(look.bare_dash, LINE)),
        Mark::Bars { .. } => format!("draw={color}, fill={color}, fill opacity=0.35, line width=0.5pt, area legend"),
        Mark::Cells { .. } => String::new(),
    }
}

fn color(series: &Series) -> String {
    series.look.map_or_else(|| "black".to_owned(), |number| format!("series{number}"))
}

/// Shapes of about the same area.
fn marker(marker: Marker, color: &str) -> String {
    let (shape, size, turned) = match marker {
        Marker::Circle => ("*", 1.3, ""),
        Marker::Square => ("square*", 1.2, ""),
        Marker::TriangleUp => ("triangle*", 1.6, ""),
        Marker::Diamond => ("diamond*", 1.7, ""),
        Marker::TriangleDown => ("triangle*", 1.6, "rotate=180, "),
        Marker::Cross => ("x", 1.7, ""),
        Marker::Plus => ("+", 1.7, ""),
    };
    format!("mark={shape}, mark size={size}pt, mark options={{solid, {turned}fill={color}, draw={color}}}")
}

/// Dashes and gaps in points, from widths of a line of this width.
fn dash(widths: &[f64], line: f64) -> String {
    let mut pattern = String::new();
    for (at, width) in widths.iter().enumerate() {
        let word = if at % 2 == 0 { "on" } else { "off" };
        // Writing to memory cannot fail.
        let _ = write!(pattern, " {word} {:.2}pt", width * line);
    }
    if pattern.is_empty() { pattern } else { format!(", dash pattern={}", pattern.trim_start()) }
}

/// The cells themselves: pgfplots cannot choose rows of a table for a matrix.
fn cells(out: &mut String, chart: &Chart, x: &[f64], y: &[f64], values: &[Option<f64>]) -> fmt::Result {
    let scale = chart.color.as_ref().map_or(Scale::Linear, |axis| axis.scale);
    let columns = x.len();
    writeln!(out, "\\addplot[matrix plot*, mesh/cols={columns}, point meta=explicit, forget plot] coordinates {{")?;
    let centres = y.iter().flat_map(|y| x.iter().map(move |x| (x, y)));
    for (at, ((x, y), value)) in centres.zip(values).enumerate() {
        let meta = value.map_or_else(|| "nan".to_owned(), |value| format!("{:?}", super::frame::place(value, scale)));
        let end = if (at + 1).is_multiple_of(columns) { "\n" } else { " " };
        write!(out, "({x:?},{y:?}) [{meta}]{end}")?;
    }
    out.push_str("};\n");
    Ok(())
}
