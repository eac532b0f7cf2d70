//! `[[figure]]`: what to draw from the tables. Whatever can be known before anything is computed is refused here; what only
//! the rows can tell (a non-positive value on a logarithmic axis, nothing selected) is for [`crate::figure::data`] to say.

mod axes;
mod columns;
mod overlay;

use super::diagnostic::allowed;
use super::keys;
use super::reader::{Item, Section};
use super::theory::Laws;
use crate::figure::chart::Scale;
use crate::figure::spec::{Band, FigureKind, FigureSpec, LineAt, LineSpec, Statistic};
use crate::measure::TableId;
use columns::Columns;

const KINDS: [(&str, FigureKind); 5] = [
    ("line", FigureKind::Line),
    ("scatter", FigureKind::Scatter),
    ("heatmap", FigureKind::Heatmap),
    ("ecdf", FigureKind::Ecdf),
    ("histogram", FigureKind::Histogram),
];
const BANDS: [(&str, Band); 4] =
    [("none", Band::None), ("quartiles", Band::Quartiles), ("interval", Band::Interval), ("range", Band::Range)];
const DEFAULT_STATISTIC: Statistic = Statistic::Median;
/// Longest id: with its ending it must be a file name anywhere.
const MOST_ID_BYTES: usize = 80;
/// Most bins of a histogram: more are thinner than a printed line in every width.
const MOST_BINS: u64 = 1000;

/// All `[[figure]]`s of a run of which `laws` are to speak, or `None` after a report.
pub(super) fn read(root: &Section<'_>, laws: &Laws<'_>) -> Option<Vec<FigureSpec>> {
    let Some(item) = root.get("figure") else { return Some(Vec::new()) };
    let figures = item.list()?;
    let mut ids: Vec<String> = Vec::new();
    // Collected before the Nones are looked at: every bad figure is reported, not just the first.
    let specs: Vec<_> = figures
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let section = item.section()?;
            let id = id(&section, at, &mut ids);
            let spec = figure(&section, laws);
            Some(FigureSpec { id: id?, ..spec? })
        })
        .collect();
    specs.into_iter().collect()
}

/// `id`, or `figure-1` for the first; `ids` has those before.
fn id(section: &Section<'_>, at: usize, ids: &mut Vec<String>) -> Option<String> {
    let item = section.get("id");
    let id = match &item {
        None => format!("figure-{}", at + 1),
        Some(item) => {
            let id = item.text()?;
            let fits = (1..=MOST_ID_BYTES).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if !fits {
                let help =
                    format!("an id is the stem of file names: letters, digits, - and _, at most {MOST_ID_BYTES}");
                item.refuse("cannot be the name of a file", help);
                return None;
            }
            id.to_owned()
        }
    };
    // Some file systems do not tell a from A.
    if let Some(other) = ids.iter().position(|other| other.eq_ignore_ascii_case(&id)) {
        let message = format!("{} = \"{id}\": figure {} has the same id", section.name_of("id"), other + 1);
        let place = item.map_or(section.place, |item| item.place());
        section.report.refuse(place, message, "give each figure an id of its own: its files are named by it");
        return None;
    }
    ids.push(id.clone());
    Some(id)
}

fn figure(section: &Section<'_>, laws: &Laws<'_>) -> Option<FigureSpec> {
    let kind = section.require("kind", "one of line, scatter, heatmap, ecdf, histogram")?.choice(&KINDS)?;
    let is_distribution = matches!(kind, FigureKind::Ecdf | FigureKind::Histogram);
    let is_heatmap = kind == FigureKind::Heatmap;
    let has_statistic = matches!(kind, FigureKind::Line | FigureKind::Heatmap);

    // Without the list of tables, itself refused, any table may have been meant.
    let columns = Columns::read(section, kind, laws.tables.unwrap_or(&TableId::ALL));
    let x_axis = axes::axis(section, ["x_label", "x_scale", "x_range"]);
    let y_axis = if is_distribution {
        axes::axis_of_shares(section, ["y_label", "y_range"])
    } else {
        axes::axis(section, ["y_label", "y_scale", "y_range"])
    };
    let value_axis = if is_heatmap {
        axes::axis(section, ["value_label", "value_scale", "value_range"])
    } else {
        Some(crate::figure::spec::AxisSpec::default())
    };
    let statistic = optional(section, "stat", has_statistic, |item| {
        item.choice(&Statistic::ALL.map(|statistic| (statistic.name(), statistic)))
    });
    let band = optional(section, "band", kind == FigureKind::Line, |item| item.choice(&BANDS));
    if let (Some(Some(statistic @ (Statistic::Min | Statistic::Max))), Some(Some(Band::Interval))) = (statistic, band) {
        if let Some(item) = section.get("band") {
            item.refuse(
                format!("replicates give no interval of stat = \"{}\"", statistic.name()),
                "take stat = \"median\", \"mean\" or \"geometric-mean\", or another band",
            );
        }
        return None;
    }
    let bins = optional(section, "bins", kind == FigureKind::Histogram, |item| {
        let bins = item.whole(1, MOST_BINS, "bins counts the bars of a histogram")?;
        usize::try_from(bins).ok()
    });
    let title = optional(section, "title", true, axes::label);
    let width = optional(section, "width", true, axes::width);
    let aspect = optional(section, "aspect", true, |item| {
        item.number_where(|aspect| (0.1..=10.0).contains(&aspect), "is height over width, from 0.1 to 10")
    });
    let theory = optional(section, "theory", !(is_heatmap || kind == FigureKind::Histogram), |item| {
        item.set_of(|name| {
            let law = laws.law(name)?;
            let (Some(columns), Some(statistic)) = (&columns, statistic) else { return Some(law.name.to_owned()) };
            overlay::fits(name, law, kind, columns, statistic.unwrap_or(DEFAULT_STATISTIC))
        })
    });
    let scales = [x_axis.as_ref().and_then(|axis| axis.scale), y_axis.as_ref().and_then(|axis| axis.scale)];
    let lines = optional(section, "lines", true, |item| item.list_of(|item| line(&item.section()?, scales)));
    section.finish(keys::FIGURE, |key| {
        let owner = match key {
            "value" | "value_label" | "value_scale" | "value_range" => "heatmap",
            "stat" => "line and heatmap",
            "band" => "line",
            "bins" => "histogram",
            "by" => "line, scatter, ecdf and histogram",
            "theory" => "line, scatter and ecdf",
            _ => "line, scatter and heatmap",
        };
        (format!("belongs to figures of kind {owner}"), "leave it out".to_owned())
    });
    let Columns { table, x, y, value, by, facet, filter } = columns?;
    Some(FigureSpec {
        id: String::new(),
        kind,
        table,
        x,
        y,
        value,
        by,
        facet,
        filter,
        statistic: statistic?.unwrap_or(DEFAULT_STATISTIC),
        band: band?.unwrap_or(Band::None),
        bins: bins?,
        title: title?,
        x_axis: x_axis?,
        y_axis: y_axis?,
        value_axis: value_axis?,
        width: width?.unwrap_or(axes::DEFAULT_WIDTH),
        aspect: aspect?,
        theory: theory?.unwrap_or_default(),
        lines: lines?.unwrap_or_default(),
    })
}

/// What `read` makes of `key`: `Some(None)` if it is not there, or not `asked` for and so left to be refused; `None` after
/// a report.
#[expect(clippy::option_option, reason = "absent is no error, and refused is no absence")]
fn optional<'a, T>(
    section: &Section<'a>,
    key: &'static str,
    asked: bool,
    read: impl FnOnce(&Item<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match asked.then(|| section.get(key)).flatten() {
        None => Some(None),
        Some(item) => read(&item).map(Some),
    }
}

/// An entry of `lines` in a figure whose axes are to have these scales.
fn line(section: &Section<'_>, [x_scale, y_scale]: [Option<Scale>; 2]) -> Option<LineSpec> {
    let (x, y, f) = (section.get("x"), section.get("y"), section.get("f"));
    let label = optional(section, "label", true, axes::label);
    section.finish_all(keys::FIGURE_LINE);
    let on_axis = |item: &Item<'_>, scale: Option<Scale>| {
        let value = item.number()?;
        if value <= 0.0 && scale.is_some_and(|scale| scale != Scale::Linear) {
            item.refuse("has no place on a logarithmic axis", "give a positive number, or make the scale linear");
            return None;
        }
        Some(value)
    };
    let at = match (&x, &y, &f) {
        (Some(x), None, None) => LineAt::X(on_axis(x, x_scale)?),
        (None, Some(y), None) => LineAt::Y(on_axis(y, y_scale)?),
        (None, None, Some(f)) => LineAt::Function(columns::function_of_x(f)?),
        _ => {
            let message = "a reference line has one of x, y and f";
            let help = "write { x = 0.01 }, { y = 1.0 } or { f = \"2 * x\" }, each with a label if you like";
            section.report.refuse(section.place, message, help);
            return None;
        }
    };
    Some(LineSpec { at, label: label? })
}
