//! Chart -> Scene: everything gets its place on the page, at the size of print.
//!
//! ```text
//! Chart --words-->   Label of every title, axis, series
//!       --extents--> how far the axes reach
//!       --page-->    frames as large as ticks and labels around them leave room for
//!       --marks, cells, rules--> what each panel shows, clipped to its frame
//!       --legend-->  in a corner without data, in a row's empty place, or in a strip below
//! ```
//! Words are measured in the font they are printed in, so nothing overlaps and nothing is cut off, however long they are:
//! a label without room on one line is broken into several. What the page leaves out because print could not show it
//! (markers closer than their size, points within 0.1 pt of others among more than 20 000) is in the figure's CSV.

mod axes;
mod block;
mod canvas;
mod cells;
mod clip;
mod ends;
mod error;
mod extents;
mod ink;
mod legend;
mod marks;
mod page;
mod place;
mod rules;
mod shapes;
mod style;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod thin;
mod words;

pub use ends::{Ends, ends};
pub use error::{AxisName, LayoutError};

use super::chart::{Chart, Panel};
use super::label::Label;
use super::scene::{Item, Rectangle, Scene};
use canvas::Canvas;
use extents::Extents;
use legend::Legend;
use page::{Frame, Page};
use place::Placed;
use style::Style;
use words::{PanelWords, Words};

/// The page that shows `chart`. Every item is within the page, every number finite.
///
/// # Errors
///
/// [`LayoutError`]: a label's markup is wrong, there is nothing to draw, a logarithmic axis met a value that is not positive,
/// a range does not ascend, a mark contradicts itself, or the page has no sensible size.
pub fn lay_out(chart: &Chart) -> Result<Scene, LayoutError> {
    let words = Words::of(chart)?;
    let extents = Extents::of(chart)?;
    let page = Page::of(chart, &words, &extents, Style::of(chart.width))?;
    let mut legend = Legend::of(chart, &words);

    let panels = chart.panels.iter().zip(&words.panels).zip(&page.frames);
    let drawn: Vec<Drawn> =
        panels.map(|((panel, words), frame)| Drawn::new(&page, frame, &extents, panel, words, &mut legend)).collect();
    let place = Placed::new(&page, &legend, &drawn);

    let mut items = axes::labels(&page);
    for (index, (drawn, frame)) in drawn.into_iter().zip(&page.frames).enumerate() {
        let inside = place.as_ref().filter(|placed| placed.panel == Some(index));
        items.extend(drawn.into_items(&page, frame, inside));
    }
    items.extend(page.bar.iter().flat_map(|bar| cells::bar(&page, bar)));
    items.extend(place.iter().filter(|placed| placed.panel.is_none()).flat_map(Placed::items));
    let below = place.as_ref().map_or(0.0, Placed::bottom);
    let height = page.bottom().max(below) + page.style.margin;
    if height > super::render::LARGEST_SIDE {
        return Err(LayoutError::Size(format!(
            "a page of {:.1} m: fewer series or shorter labels",
            height * 0.0254 / 72.0
        )));
    }
    Ok(Scene { width: page.width, height, description: description(chart, &words, &legend), items })
}

/// A panel without its frame.
struct Drawn<'a> {
    canvas: Canvas<'a>,
    /// Reference lines, below the data.
    rules: Vec<Item>,
    /// Their labels, above it.
    labels: Vec<Item>,
    /// What the labels cover.
    words: Vec<Rectangle>,
}

impl<'a> Drawn<'a> {
    /// Labels of rules without a place beside their lines go to the legend.
    fn new(
        page: &Page,
        frame: &Frame,
        extents: &'a Extents,
        panel: &Panel,
        words: &PanelWords,
        legend: &mut Legend,
    ) -> Self {
        let mut canvas = Canvas::new(frame.inside, page.style, extents);
        for series in &panel.series {
            marks::draw(&mut canvas, series);
        }
        let rules: Vec<rules::Drawn> = panel.rules.iter().map(|rule| rules::Drawn::new(&canvas, &rule.line)).collect();
        let (mut labels, mut taken) = (Vec::new(), Vec::new());
        for (rule, label) in rules.iter().zip(&words.rules) {
            let Some(label) = label else { continue };
            match rule.label(&canvas, label, &taken) {
                Some((items, rectangle)) => {
                    labels.extend(items);
                    taken.push(rectangle);
                }
                None if rule.item(&canvas).is_some() => legend.add_rule(label),
                None => {}
            }
        }
        let rules = rules.iter().filter_map(|rule| rule.item(&canvas)).collect();
        Self { canvas, rules, labels, words: taken }
    }

    fn into_items(self, page: &Page, frame: &Frame, legend: Option<&Placed>) -> Vec<Item> {
        let mut items = vec![axes::grid(page, &frame.inside)];
        items.extend(self.rules);
        items.extend(self.canvas.into_items());
        items.extend(self.labels);
        items.extend(legend.into_iter().flat_map(Placed::items));
        items.extend(axes::around(page, frame));
        items
    }
}

/// What the figure shows, for those who cannot see it: the first line is its title.
fn description(chart: &Chart, words: &Words, legend: &Legend) -> String {
    let plain = |label: &Label| label.runs.iter().map(|run| run.text.as_str()).collect::<String>();
    let axis = |label: &Option<Label>, name: &str| label.as_ref().map_or_else(|| name.to_owned(), plain);
    let subject = format!("{} against {}", axis(&words.y, "y"), axis(&words.x, "x"));
    let title = words.title.as_ref().map_or_else(|| subject.clone(), plain);
    let color = chart.color.as_ref().map(|_| format!(", coloured by {}", axis(&words.color, "value")));
    let panels = (chart.panels.len() > 1).then(|| format!(", in {} panels", chart.panels.len()));
    let names: Vec<String> = legend.names().map(plain).collect();
    let names = (!names.is_empty()).then(|| {
        let title = words.legend_title.as_ref().map(|title| format!("{} = ", plain(title)));
        format!(": {}{}", title.unwrap_or_default(), names.join(", "))
    });
    let rest: String = [color, panels, names].into_iter().flatten().collect();
    format!("{title}\n{subject}{rest}")
}
