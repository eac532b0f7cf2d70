//! Of a `[[figure]]`: whether a law can be drawn over what it shows.

use super::columns::Columns;
use crate::config::reader::Item;
use crate::expression::Formula;
use crate::figure::spec::{FigureKind, Statistic};
use crate::reading::{columns, vocabulary};
use crate::theory::{Claim, Law};

/// The law's name, if what it speaks of is drawn; `None` after a report at `item`.
pub(super) fn fits(
    item: &Item<'_>,
    law: &Law,
    kind: FigureKind,
    shown: &Columns,
    statistic: Statistic,
) -> Option<String> {
    if law.table != shown.table {
        item.refuse(
            format!("speaks of {} in table {}, and the figure shows table {}", law.quantity, law.table, shown.table),
            format!("set table = \"{}\", or leave it out", law.table),
        );
        return None;
    }
    let (key, expressions) = match (law.claim, kind) {
        (Claim::Mean(_), FigureKind::Ecdf) => {
            let help = "draw it in a figure of kind line with stat = \"mean\"";
            item.refuse(format!("speaks of the mean of {}, not of its distribution", law.quantity), help);
            return None;
        }
        (Claim::Distribution(_), FigureKind::Ecdf) => ("x", std::slice::from_ref(&shown.x)),
        (Claim::Distribution(_), _) => {
            let help = "draw it in a figure of kind ecdf";
            item.refuse(format!("speaks of the distribution of {}, not of a statistic", law.quantity), help);
            return None;
        }
        (Claim::Mean(_), _) => ("y", &shown.y[..]),
    };
    if !expressions.iter().any(|expression| same(expression, law)) {
        item.refuse(
            format!("speaks of {}, and {key} is {}", law.quantity, expressions.join(", ")),
            format!("set {key} = \"{}\", or leave it out", law.quantity),
        );
        return None;
    }
    if kind == FigureKind::Line && statistic != Statistic::Mean {
        item.refuse(
            format!("speaks of the mean of {}, and the figure shows another statistic", law.quantity),
            "set stat = \"mean\"",
        );
        return None;
    }
    Some(law.name.to_owned())
}

/// Whether `expression` is the law's quantity, however it is spaced.
fn same(expression: &str, law: &Law) -> bool {
    let Some(known) = columns(law.table, &[]) else { return false };
    let vocabulary = vocabulary(&known);
    let parsed = |text: &str| Formula::parse(text, &vocabulary).ok();
    match (parsed(expression), parsed(law.quantity)) {
        (Some(shown), Some(quantity)) => shown.number() == quantity.number(),
        _ => false,
    }
}
