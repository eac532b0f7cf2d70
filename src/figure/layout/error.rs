//! What cannot be drawn.

use std::fmt;

use super::super::label::LabelError;

/// Why a chart has no page.
#[derive(Clone, Debug, PartialEq)]
pub enum LayoutError {
    /// A label's markup is wrong.
    Label {
        /// Which label, such as "label of the x axis".
        place: String,
        /// As it was given.
        markup: String,
        /// What is wrong with it.
        fault: LabelError,
    },
    /// No panel has a finite point.
    Empty,
    /// A logarithmic axis met a value that has no logarithm.
    NotPositive {
        /// Which axis.
        axis: AxisName,
        /// The value.
        value: f64,
        /// What has it, such as "series 2 (`$d$ = 40`) of panel 1".
        place: String,
    },
    /// The ends of an axis do not ascend, are not finite, not positive where they must be, or too close to be told apart.
    Range {
        /// Which axis.
        axis: AxisName,
        /// As it was given.
        range: [f64; 2],
    },
    /// The page or its panels have no sensible size.
    Size(String),
    /// A mark contradicts itself: lists of different lengths, or values that should ascend and do not.
    Malformed {
        /// Which series, as in [`Self::NotPositive`].
        place: String,
        /// What does not fit.
        message: String,
    },
}

/// One of a chart's axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisName {
    /// The abscissa.
    X,
    /// The ordinate.
    Y,
    /// What colours mean.
    Color,
}

impl fmt::Display for AxisName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X => "x axis",
            Self::Y => "y axis",
            Self::Color => "axis of colours",
        })
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label { place, markup, fault } => write!(f, "{place}, `{markup}`: {fault}"),
            Self::Empty => f.write_str("nothing to draw: no point with finite coordinates lies within the ranges of the axes; widen x_range and y_range, or leave them out"),
            Self::NotPositive { axis, value, place } => write!(
                f,
                "{value} of {place} has no place on the logarithmic {axis}: make the axis linear, or leave such values out"
            ),
            Self::Range { axis, range: [lo, hi] } => write!(
                f,
                "the range of the {axis}, [{lo}, {hi}], must be finite and ascend by more than rounding, and be positive if the axis \
                 is logarithmic"
            ),
            Self::Size(message) => f.write_str(message),
            Self::Malformed { place, message } => write!(f, "{place}: {message}"),
        }
    }
}

impl std::error::Error for LayoutError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Label { fault, .. } => Some(fault),
            _ => None,
        }
    }
}
