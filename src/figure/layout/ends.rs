//! Where the axes of a chart end, for those who draw it otherwise.

use super::LayoutError;
use super::extents::Extents;
use crate::figure::chart::{Chart, Scale};
use crate::figure::scale::Extent;

/// The ends of a chart's axes as they are drawn, in units of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    /// Of the abscissa.
    pub x: [f64; 2],
    /// Of the ordinate.
    pub y: [f64; 2],
    /// Of the colours, where panels have cells.
    pub color: Option<[f64; 2]>,
}

/// Where the axes of `chart` end.
///
/// # Errors
///
/// As [`super::lay_out`], for want of data or of a place for them.
pub fn ends(chart: &Chart) -> Result<Ends, LayoutError> {
    let Extents { x, y, color, .. } = Extents::of(chart)?;
    let of = |extent: Extent| extent.ends().map(|place| value(place, extent.scale()));
    Ok(Ends { x: of(x), y: of(y), color: color.map(of) })
}

/// What stands at a place of an axis.
fn value(place: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => place,
        Scale::Log2 => place.exp2(),
        Scale::Log10 => 10_f64.powf(place),
    }
}
