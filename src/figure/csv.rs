//! The numbers beside every figure: one table with all that is drawn, in the order in which it is drawn.
//!
//! | column | |
//! |---|---|
//! | `panel`, `panel_title` | number of the panel from 1, and what is above it |
//! | `series`, `name` | number of the series in the panel from 1, and what the legend calls it |
//! | `mark` | `curve`, `estimates`, `points`, `theory`, `steps`, `bars`, `cells` or `rule` (a reference line along a function) |
//! | `x`, `y` | a point; of `bars` the lower end of a bin and its height, the last row closes the last bin; of `cells` the centre |
//! | `value` | what the colour of a cell says; empty where a cell is blank |
//! | `lo`, `hi` | ends of the band |
//! | `count` | rows behind the point |

use super::chart::{Chart, Line, Mark, Panel, Series};
use crate::record::push_float;

const HEADER: &str = "panel,panel_title,series,name,mark,x,y,value,lo,hi,count\n";

/// Words that commands of labels stand for, where these are not their names.
const COMMANDS: [(&str, &str); 8] = [
    ("cdot", "*"),
    ("le", "<="),
    ("ge", ">="),
    ("ne", "!="),
    ("text", ""),
    ("mathrm", ""),
    ("operatorname", ""),
    ("|", "|"),
];

/// The table of `chart`: numbers are the shortest that read back to the same f64, nothing is an empty field.
pub fn render(chart: &Chart) -> Vec<u8> {
    let mut out = HEADER.as_bytes().to_vec();
    for (at, panel) in chart.panels.iter().enumerate() {
        let title = plain(panel.title.as_deref().unwrap_or(""));
        let lines = Lines { panel: at + 1, title: &title };
        for (number, series) in panel.series.iter().enumerate() {
            lines.series(&mut out, number + 1, series);
        }
        for (number, points, label) in curved_rules(panel) {
            let head = lines.head(number, label.unwrap_or(""), "rule");
            for &[x, y] in points {
                row(&mut out, &head, [Some(x), Some(y), None, None, None], None);
            }
        }
    }
    out
}

/// The reference lines of a panel that run along a function, each with the number that it has among the series of the table.
pub(super) fn curved_rules(panel: &Panel) -> impl Iterator<Item = (usize, &[[f64; 2]], Option<&str>)> {
    let first = panel.series.len() + 1;
    let curves = panel.rules.iter().filter_map(|rule| match &rule.line {
        Line::Curve(points) => Some((points.as_slice(), rule.label.as_deref())),
        Line::X(_) | Line::Y(_) => None,
    });
    curves.enumerate().map(move |(at, (points, label))| (first + at, points, label))
}

/// The lines of one panel.
struct Lines<'a> {
    panel: usize,
    title: &'a str,
}

impl Lines<'_> {
    fn head(&self, number: usize, name: &str, mark: &str) -> String {
        format!("{},{},{number},{},{mark}", self.panel, self.title, plain(name))
    }

    fn series(&self, out: &mut Vec<u8>, number: usize, series: &Series) {
        let mark = match &series.mark {
            Mark::Curve(_) => "curve",
            Mark::Estimates(_) => "estimates",
            Mark::Points(_) => "points",
            Mark::Theory { .. } => "theory",
            Mark::Steps(_) => "steps",
            Mark::Bars { .. } => "bars",
            Mark::Cells { .. } => "cells",
        };
        let head = self.head(number, series.name.as_deref().unwrap_or(""), mark);
        match &series.mark {
            Mark::Curve(points) | Mark::Estimates(points) => {
                for point in points {
                    let [lo, hi] = point.band.map_or([None; 2], |ends| ends.map(Some));
                    row(out, &head, [Some(point.x), Some(point.y), None, lo, hi], Some(point.count));
                }
            }
            Mark::Points(points) | Mark::Theory { points, .. } | Mark::Steps(points) => {
                for &[x, y] in points {
                    row(out, &head, [Some(x), Some(y), None, None, None], None);
                }
            }
            Mark::Bars { edges, heights } => {
                let closed = heights.iter().copied().chain([0.0]);
                for (&x, y) in edges.iter().zip(closed) {
                    row(out, &head, [Some(x), Some(y), None, None, None], None);
                }
            }
            Mark::Cells { x, y, values } => {
                let centres = y.iter().flat_map(|&y| x.iter().map(move |&x| (x, y)));
                for ((x, y), value) in centres.zip(values) {
                    row(out, &head, [Some(x), Some(y), *value, None, None], None);
                }
            }
        }
    }
}

fn row(out: &mut Vec<u8>, head: &str, numbers: [Option<f64>; 5], count: Option<usize>) {
    out.extend_from_slice(head.as_bytes());
    for number in numbers {
        out.push(b',');
        if let Some(number) = number {
            push_float(out, number);
        }
    }
    out.push(b',');
    if let Some(count) = count {
        out.extend_from_slice(count.to_string().as_bytes());
    }
    out.push(b'\n');
}

/// A label in plain letters for a field: `$\sigma_{\min}$` is `sigma_min`, `$2.5 \times 10^{-7}$` is `2.5e-7`. Commas become
/// semicolons, so that no reader has to know of quotes.
fn plain(markup: &str) -> String {
    let mut out = String::new();
    let mut rest = markup;
    while let Some(letter) = rest.chars().next() {
        let begins_number = !out.ends_with(|last: char| last.is_ascii_digit() || last == '.');
        if let Some(tail) = rest.strip_prefix(" \\times 10^") {
            out.push('e');
            rest = tail;
            continue;
        }
        if let Some(tail) = rest.strip_prefix("10^").filter(|_| begins_number) {
            out.push_str("1e");
            rest = tail;
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        match letter {
            '$' | '{' | '}' => {}
            '~' => out.push(' '),
            ',' => out.push(';'),
            '"' => out.push('\''),
            '\\' => {
                let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                // A sign is a command of one letter.
                let length = if length == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { length };
                let (name, tail) = rest.split_at(length);
                let known = COMMANDS.iter().find(|(command, _)| *command == name).map(|(_, text)| *text);
                match name {
                    "," | ";" | " " | ":" => out.push(' '),
                    name => out.push_str(known.unwrap_or(name)),
                }
                rest = tail;
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::chart::{Axis, Point, Rule, Scale};
    use super::super::spec::Width;
    use super::*;

    #[test]
    fn labels_are_plain_words() {
        for (markup, expected) in [
            ("$\\sigma_{\\min}$", "sigma_min"),
            ("$d$ = 40, $\\epsilon$ = $2.5 \\times 10^{-7}$", "d = 40; epsilon = 2.5e-7"),
            ("$n$ = $10^{-12}$", "n = 1e-12"),
            ("5 \\% of $\\text{test error}$", "5 % of test error"),
            ("$\\|w\\|$~a\\_b", "|w| a_b"),
            ("normal-equations", "normal-equations"),
            ("", ""),
            ("\\", ""),
        ] {
            assert_eq!(plain(markup), expected, "{markup}");
        }
    }

    #[test]
    fn everything_drawn_has_its_row() {
        let axis = || Axis { label: String::new(), scale: Scale::Linear, range: None };
        let series = |mark| Series { name: Some("$d$, $n$".to_owned()), look: None, mark };
        let point = |x, band| Point { x, y: 2.5, band, count: 7 };
        let panel = Panel {
            title: Some("$n$ = 5".to_owned()),
            series: vec![
                series(Mark::Curve(vec![point(1e-12, Some([0.1, 1e22])), point(3.0, None)])),
                series(Mark::Theory { law: 0, points: vec![[1.0, f64::NAN]] }),
                series(Mark::Bars { edges: vec![0.0, 1.0, 2.0], heights: vec![0.25, 0.75] }),
                series(Mark::Cells { x: vec![1.0, 2.0], y: vec![5.0], values: vec![Some(0.5), None] }),
            ],
            rules: vec![
                Rule { line: Line::X(1.0), label: None },
                Rule { line: Line::Curve(vec![[1.0, 2.0]]), label: Some("$u$".to_owned()) },
            ],
        };
        let chart = Chart {
            id: "a".to_owned(),
            title: None,
            width: Width::Ieee,
            aspect: 1.0,
            x: axis(),
            y: axis(),
            color: None,
            legend_title: None,
            panels: vec![panel],
        };
        insta::assert_snapshot!(String::from_utf8_lossy(&render(&chart)), @r"
        panel,panel_title,series,name,mark,x,y,value,lo,hi,count
        1,n = 5,1,d; n,curve,1e-12,2.5,,0.1,1e22,7
        1,n = 5,1,d; n,curve,3.0,2.5,,,,7
        1,n = 5,2,d; n,theory,1.0,NaN,,,,
        1,n = 5,3,d; n,bars,0.0,0.25,,,,
        1,n = 5,3,d; n,bars,1.0,0.75,,,,
        1,n = 5,3,d; n,bars,2.0,0.0,,,,
        1,n = 5,4,d; n,cells,1.0,5.0,0.5,,,
        1,n = 5,4,d; n,cells,2.0,5.0,,,,
        1,n = 5,5,u,rule,1.0,2.0,,,,
        ");
    }
}
