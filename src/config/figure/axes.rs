//! Of a `[[figure]]`: axes, labels and width.

use super::allowed;
use super::optional;
use crate::config::reader::{Item, Section};
use crate::figure::chart::Scale;
use crate::figure::label::Label;
use crate::figure::spec::{AxisSpec, Width};

/// Unless the config says otherwise.
pub(super) const DEFAULT_WIDTH: Width = Width::Ieee;

/// `log` is short for `log10`.
const SCALES: [(&str, Scale); 4] =
    [("linear", Scale::Linear), ("log2", Scale::Log2), ("log10", Scale::Log10), ("log", Scale::Log10)];
const WIDTHS: [(&str, Width); 8] = [
    ("ieee", Width::Ieee),
    ("ieee-double", Width::IeeeDouble),
    ("nature", Width::Nature),
    ("nature-double", Width::NatureDouble),
    ("icml", Width::Icml),
    ("icml-double", Width::IcmlDouble),
    ("neurips", Width::Neurips),
    ("slide", Width::Slide),
];
/// In millimetres: from a narrow margin to a poster.
const WIDTH_RANGE: std::ops::RangeInclusive<f64> = 30.0..=1000.0;

/// The keys `x_label`, `x_scale` and `x_range`, or those of another axis.
pub(super) fn axis(section: &Section<'_>, [label_key, scale_key, range_key]: [&'static str; 3]) -> Option<AxisSpec> {
    let label = optional(section, label_key, true, label);
    let scale = optional(section, scale_key, true, |item| item.choice(&SCALES));
    let of_scale = scale.flatten().unwrap_or(Scale::Linear);
    let range = optional(section, range_key, true, |item| range(item, of_scale));
    Some(AxisSpec { label: label?, scale: scale?, range: range? })
}

/// The same for shares and densities, whose axis is linear.
pub(super) fn axis_of_shares(section: &Section<'_>, [label_key, range_key]: [&'static str; 2]) -> Option<AxisSpec> {
    let label = optional(section, label_key, true, label);
    let range = optional(section, range_key, true, |item| range(item, Scale::Linear));
    Some(AxisSpec { label: label?, scale: Some(Scale::Linear), range: range? })
}

/// The ends of an axis.
fn range(item: &Item<'_>, scale: Scale) -> Option<[f64; 2]> {
    let ends = item.list_of(Item::number)?;
    let [low, high] = ends[..] else {
        item.refuse(format!("expected two ends, found {}", ends.len()), "write [0.1, 10.0], for instance");
        return None;
    };
    if low >= high {
        item.refuse("the ends of an axis must ascend", "put the smaller end first");
        return None;
    }
    if low <= 0.0 && scale != Scale::Linear {
        item.refuse("a logarithmic axis is positive", "begin above 0, or make the scale linear");
        return None;
    }
    Some([low, high])
}

/// Markup that can be set in the bundled font.
pub(super) fn label(item: &Item<'_>) -> Option<String> {
    let markup = item.word()?;
    if let Err(error) = Label::parse(markup) {
        let place = item.part_of_text(error.offset, 1);
        let help = "labels are words, with mathematics between dollars as in LaTeX: \"error of $\\\\sigma_{\\\\min}$\"";
        item.report.refuse(place, format!("{}: {}", item.path, error.message), help);
        return None;
    }
    Some(markup.to_owned())
}

/// A name, or millimetres.
pub(super) fn width(item: &Item<'_>) -> Option<Width> {
    if !item.is_text() {
        let holds = |width| WIDTH_RANGE.contains(&width);
        return item.number_where(holds, "is in millimetres, from 30 to 1000").map(Width::Millimetres);
    }
    let word = item.text()?;
    let found = WIDTHS.iter().find(|(name, _)| *name == word).map(|(_, width)| *width);
    if found.is_none() {
        let names = WIDTHS.map(|(name, _)| name);
        item.refuse("no such width", format!("{}, or a number of millimetres", allowed(word, &names)));
    }
    found
}
