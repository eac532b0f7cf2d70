//! Sizes of type and lines, in one place.

use super::super::spec::Width;

/// Lengths in points of 1/72 in, at the size of print.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// Type of labels of axes and titles.
    pub(super) label: f64,
    /// Type of ticks, legends and labels of reference lines.
    pub(super) tick: f64,
    /// Thickness of curves.
    pub(super) line: f64,
    /// Thickness of theory.
    pub(super) theory: f64,
    /// Thickness of everything that is no data; journals ask for 0.5 or more.
    pub(super) thin: f64,
    /// Half the width of a marker.
    pub(super) marker: f64,
    /// Length of the ticks with a label; those without are 0.6 times as long.
    pub(super) mark: f64,
    /// Between things that belong together.
    pub(super) gap: f64,
    /// Around everything.
    pub(super) margin: f64,
    /// The least width of a panel's frame that lets another panel stand beside it.
    pub(super) panel: f64,
}

/// Width of a panel's frame, in sizes of its type, below which nothing can be read off it.
pub(super) const NARROWEST: f64 = 6.0;

impl Style {
    /// Type of 8 and 7 points, as IEEE, ICML and NeurIPS ask for, 7 and 6 for Nature, 18 and 16 on a slide.
    pub(super) fn of(width: Width) -> Self {
        let (label, tick) = match width {
            Width::Nature | Width::NatureDouble => (7.0, 6.0),
            Width::Slide => (18.0, 16.0),
            Width::Ieee
            | Width::IeeeDouble
            | Width::Icml
            | Width::IcmlDouble
            | Width::Neurips
            | Width::Millimetres(_) => (8.0, 7.0),
        };
        let scale = tick / 7.0_f64;
        Self {
            label,
            tick,
            line: 1.0 * scale,
            theory: 0.8 * scale,
            thin: 0.5 * scale.max(1.0),
            marker: 1.9 * scale,
            mark: 2.5 * scale,
            gap: 2.5 * scale,
            margin: 2.0 * scale,
            panel: 14.0 * tick,
        }
    }
}
