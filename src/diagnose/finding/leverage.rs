//! A row that decides alone.

use super::{Finding, Kind, Severity};
use crate::diagnose::analysis::Analysis;
use crate::diagnose::leverage::{DECISIVE, HIGH_LEVERAGE};
use crate::diagnose::words::{fitting, short};

/// What a leverage lacks to 1 where no other row has a say.
const ALONE: f64 = 1e-10;

/// The row of largest leverage where that is above 0.5.
pub(super) fn finding(names: &[String], analysis: &Analysis) -> Option<Finding> {
    let leverage = analysis.leverage.as_ref().filter(|leverage| leverage.largest > HIGH_LEVERAGE)?;
    let (row, largest) = (leverage.row + 1, leverage.largest);
    let name = fitting(&names[leverage.column], 40);
    let decisive = largest > DECISIVE;
    let consequence = if 1.0 - largest <= ALONE {
        format!("the fit goes through it whatever its y is, and it alone determines a weight, foremost that of {name}")
    } else if decisive {
        format!("the fit goes nearly through it whatever its y is; foremost the weight of {name} rests on it")
    } else {
        format!("the fit follows it, foremost by the weight of {name}")
    };
    let others = match leverage.high {
        0 | 1 => String::new(),
        high => format!(" ({high} rows have more than 0.5)"),
    };
    Some(Finding {
        kind: Kind::Leverage,
        severity: if decisive { Severity::Warning } else { Severity::Note },
        sentence: format!("row {row} of X has leverage {}{others}: {consequence}", short(largest)),
        columns: vec![leverage.column],
        evidence: vec![("row", row as f64), ("leverage", largest), ("rows_above_half", leverage.high as f64)],
    })
}
