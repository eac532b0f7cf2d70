//! The axes of all panels: sizes, ends, what is written beside them, and the legend's place.

use std::fmt::{self, Write};

use super::{is_heatmap, mode, named};
use crate::figure::chart::{Chart, Scale};
use crate::figure::label::Label;
use crate::figure::layout::{Ends, LayoutError, ends};

/// Room beside the frames, in points of 1/72 in: ticks and label of the ordinate; of the abscissa; a colour bar; a title.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 8.0;
const BELOW: f64 = 34.0;
const COLOR_BAR: f64 = 54.0;
const ABOVE: f64 = 16.0;
/// Between frames that share their ticks.
const GAP: f64 = 12.0;
/// A frame narrower than this shows too little.
const NARROWEST: f64 = 90.0;
/// Width of an entry of the legend beside its letters, and of a letter.
const LEGEND_IMAGE: f64 = 30.0;
const LEGEND_LETTER: f64 = 4.2;

/// Where the panels stand.
pub(super) struct Frame {
    columns: usize,
    rows: usize,
    /// Of one frame.
    width: f64,
    height: f64,
    pub(super) ends: Ends,
    with_color_bar: bool,
    last: usize,
}

impl Frame {
    pub(super) fn of(chart: &Chart) -> Result<Self, LayoutError> {
        let count = chart.panels.len().max(1);
        let with_color_bar = is_heatmap(chart);
        let room = chart.width.points() - LEFT - RIGHT - if with_color_bar { COLOR_BAR } else { 0.0 };
        let columns = (1..=count).rev().find(|&columns| Self::share(room, columns) >= NARROWEST).unwrap_or(1);
        let width = Self::share(room, columns).max(40.0);
        Ok(Self {
            columns,
            rows: count.div_ceil(columns),
            width,
            height: width * chart.aspect,
            ends: ends(chart)?,
            with_color_bar,
            last: count - 1,
        })
    }

    fn share(room: f64, columns: usize) -> f64 {
        (room - GAP * (columns - 1) as f64) / columns as f64
    }

    pub(super) fn begin(&self, out: &mut String, chart: &Chart) -> fmt::Result {
        let Self { columns, rows, width, height, .. } = self;
        writeln!(
            out,
            "\\begin{{groupplot}}[\n  group style={{group size={columns} by {rows}, horizontal sep={GAP}bp, vertical sep={}bp,\n    \
             xlabels at=edge bottom, ylabels at=edge left, xticklabels at=edge bottom, yticklabels at=edge left}},",
            GAP + ABOVE
        )?;
        writeln!(out, "  scale only axis, width={width:.1}bp, height={height:.1}bp,")?;
        writeln!(out, "  {}, {},", mode(&chart.x, 'x'), mode(&chart.y, 'y'))?;
        let Ends { x: [left, right], y: [low, high], color } = self.ends;
        writeln!(out, "  xmin={left:.5e}, xmax={right:.5e}, ymin={low:.5e}, ymax={high:.5e},")?;
        writeln!(out, "  xlabel={{{}}}, ylabel={{{}}},", chart.x.label, chart.y.label)?;
        out.push_str(
            "  tick label style={font=\\scriptsize}, label style={font=\\footnotesize}, title style={font=\\footnotesize, yshift=-4pt},\n  \
             tick align=inside, axis line style={darkgray}, filter discard warning=false,\n",
        );
        if let (Some(axis), Some(ends)) = (&chart.color, color) {
            let [low, high] = ends.map(|end| place(end, axis.scale));
            writeln!(out, "  colormap/viridis, point meta min={low:.5}, point meta max={high:.5},")?;
            let base = match axis.scale {
                Scale::Linear => None,
                Scale::Log2 => Some(2),
                Scale::Log10 => Some(10),
            };
            let ticks = base.map_or_else(String::new, |base| {
                format!("yticklabel={{${base}^{{\\pgfmathprintnumber{{\\tick}}}}$}}, ")
            });
            writeln!(
                out,
                "  colorbar style={{{ticks}ylabel={{{}}}, width=8bp, at={{(1.04,1)}}, tick label style={{font=\\scriptsize}}}},",
                axis.label
            )?;
        }
        let [x, y] = self.legend_place();
        writeln!(
            out,
            "  legend style={{at={{({x:.3},{y:.3})}}, anchor=north, legend columns={}, draw=none, font=\\scriptsize, legend cell align=left,\n    \
             /tikz/every even column/.append style={{column sep=6pt}}}},\n]",
            self.legend_columns(chart)
        )
    }

    /// What the options of a panel have beside its title.
    pub(super) fn of_panel(&self, at: usize) -> &'static str {
        if self.with_color_bar && at == self.last { ", colorbar" } else { "" }
    }

    /// The headline, above all panels.
    pub(super) fn title(&self, title: &str) -> String {
        let shift = self.spanned()[0] / 2.0 - self.width / 2.0;
        format!(
            "\\node[anchor=south, font=\\footnotesize] at ([xshift={shift:.1}bp, yshift={ABOVE}bp]group c1r1.north) {{{title}}};"
        )
    }

    /// All frames together, with what is between them.
    fn spanned(&self) -> [f64; 2] {
        let of = |count: usize, size: f64, gap: f64| count as f64 * size + (count - 1) as f64 * gap;
        [of(self.columns, self.width, GAP), of(self.rows, self.height, GAP + ABOVE)]
    }

    /// Below the middle of all frames, in sizes of the first.
    fn legend_place(&self) -> [f64; 2] {
        let [width, height] = self.spanned();
        [width / 2.0 / self.width, 1.0 - (height + BELOW) / self.height]
    }

    /// Entries of the legend, its title not counted.
    pub(super) fn entries(chart: &Chart) -> usize {
        named(chart).len()
    }

    /// As many entries side by side as the figure is wide.
    fn legend_columns(&self, chart: &Chart) -> usize {
        let letters = |name: &str| {
            Label::parse(name).map_or(name.len(), |label| label.runs.iter().map(|run| run.text.chars().count()).sum())
        };
        let longest = named(chart).iter().map(|(name, _)| letters(name)).max().unwrap_or(0);
        let room = self.spanned()[0] + LEFT;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let fit = (room / (LEGEND_IMAGE + LEGEND_LETTER * longest as f64)) as usize;
        let entries = Self::entries(chart) + usize::from(chart.legend_title.is_some());
        fit.clamp(1, entries.max(1))
    }
}

/// A value in the spacing of its axis.
pub(super) fn place(value: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Log2 => value.log2(),
        Scale::Log10 => value.log10(),
    }
}
