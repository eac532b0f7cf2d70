//! All labels of a chart, read from their markup once.

use super::super::chart::{Chart, Panel};
use super::super::label::Label;
use super::LayoutError;

/// Labels in the shape of the chart; `None` where there is none or it is blank.
pub(super) struct Words {
    pub(super) title: Option<Label>,
    pub(super) x: Option<Label>,
    pub(super) y: Option<Label>,
    pub(super) color: Option<Label>,
    pub(super) legend_title: Option<Label>,
    pub(super) panels: Vec<PanelWords>,
}

/// Labels of a panel, its series and its rules in the order of the chart.
pub(super) struct PanelWords {
    pub(super) title: Option<Label>,
    pub(super) series: Vec<Option<Label>>,
    pub(super) rules: Vec<Option<Label>>,
}

impl Words {
    pub(super) fn of(chart: &Chart) -> Result<Self, LayoutError> {
        let panels = chart.panels.iter().enumerate().map(|(index, panel)| PanelWords::of(index + 1, panel));
        Ok(Self {
            title: read(chart.title.as_deref(), || "title".into())?,
            x: read(Some(&chart.x.label), || "label of the x axis".into())?,
            y: read(Some(&chart.y.label), || "label of the y axis".into())?,
            color: read(chart.color.as_ref().map(|axis| axis.label.as_str()), || "label of the colours".into())?,
            legend_title: read(chart.legend_title.as_deref(), || "title of the legend".into())?,
            panels: panels.collect::<Result<_, _>>()?,
        })
    }
}

impl PanelWords {
    fn of(number: usize, panel: &Panel) -> Result<Self, LayoutError> {
        let name = |index: usize| format!("name of series {} in panel {number}", index + 1);
        let rule = |index: usize| format!("label of reference line {} in panel {number}", index + 1);
        let series = panel.series.iter().enumerate();
        let rules = panel.rules.iter().enumerate();
        Ok(Self {
            title: read(panel.title.as_deref(), || format!("title of panel {number}"))?,
            series: series.map(|(i, s)| read(s.name.as_deref(), || name(i))).collect::<Result<_, _>>()?,
            rules: rules.map(|(i, r)| read(r.label.as_deref(), || rule(i))).collect::<Result<_, _>>()?,
        })
    }
}

fn read(markup: Option<&str>, place: impl Fn() -> String) -> Result<Option<Label>, LayoutError> {
    let Some(markup) = markup.filter(|markup| !markup.trim().is_empty()) else { return Ok(None) };
    match Label::parse(markup) {
        Ok(label) => Ok(Some(label)),
        Err(fault) => Err(LayoutError::Label { place: place(), markup: markup.to_owned(), fault }),
    }
}
