//! The extent of what is drawn, and the scale that follows from it.

use super::Source;
use super::select::row_key;
use crate::figure::chart::{Axis, Scale};
use crate::figure::error::FigureError;
use crate::figure::spec::{AxisSpec, FigureSpec};

/// From this ratio of the largest to the smallest value on, positive values are spread logarithmically.
const LOGARITHMIC_FROM: f64 = 100.0;

/// Smallest and largest value along an axis, and where the first was that a logarithmic axis cannot show.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    pub(super) low: f64,
    pub(super) high: f64,
    not_positive: Option<(f64, Place)>,
}

/// Where a value was found.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// On this line of the table.
    Line(u64),
    /// At a point that several rows make, in words.
    Point(String),
}

/// Which axis an [`Extent`] is of.
#[derive(Clone, Copy)]
pub(super) struct Along<'a> {
    /// `x`, `y` or `value`: how the config's keys begin.
    pub(super) key: &'static str,
    /// What is shown along it, as the config has it.
    pub(super) expression: &'a str,
}

impl Extent {
    pub(super) fn new() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY, not_positive: None }
    }

    /// Takes in `value`, finite.
    pub(super) fn see(&mut self, value: f64, place: impl FnOnce() -> Place) {
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        if value <= 0.0 && self.not_positive.is_none() {
            self.not_positive = Some((value, place()));
        }
    }

    /// Logarithmic where all values are positive and far apart.
    fn natural_scale(&self) -> Scale {
        if self.low > 0.0 && self.high / self.low > LOGARITHMIC_FROM { Scale::Log10 } else { Scale::Linear }
    }

    /// The axis that `spec` asks for; `also` are values that it shows beside the data.
    ///
    /// # Errors
    /// [`FigureError::Rows`] where the scale is to be logarithmic and a value is not positive.
    pub(super) fn axis(
        &self,
        spec: &AxisSpec,
        along: Along<'_>,
        label: String,
        also: &[f64],
        figure: &FigureSpec,
        source: &Source<'_>,
    ) -> Result<Axis, FigureError> {
        let positive = also.iter().chain(spec.range.iter().flatten()).all(|&value| value > 0.0);
        let scale = match spec.scale {
            Some(scale) => scale,
            None if positive => self.natural_scale(),
            None => Scale::Linear,
        };
        if let (true, Some((value, place))) = (scale != Scale::Linear, &self.not_positive) {
            return Err(refuse(*value, place, along, figure, source));
        }
        Ok(Axis { label: spec.label.clone().unwrap_or(label), scale, range: spec.range })
    }
}

fn refuse(value: f64, place: &Place, along: Along<'_>, figure: &FigureSpec, source: &Source<'_>) -> FigureError {
    let Along { key, expression } = along;
    let scale = format!("set {key}_scale = \"linear\"");
    let (what, remedy) = match place {
        Place::Line(line) => (
            format!("{expression} is {value:?} at {}", row_key(source.dir, figure, source.tables, *line)),
            format!("leave such rows out by where = \"{expression} > 0\", or {scale}"),
        ),
        Place::Point(words) => {
            (format!("{words} is {value:?}"), format!("choose another stat or band, or rows by `where`, or {scale}"))
        }
    };
    FigureError::rows(&figure.id, format!("{key}: {what}, which a logarithmic axis cannot show"), remedy)
}

/// `count` values from one end of an axis of this scale to the other, both included.
pub(super) fn spaced([low, high]: [f64; 2], scale: Scale, count: usize) -> Vec<f64> {
    let last = (count.max(2) - 1) as f64;
    let at = |step: usize| {
        let share = step as f64 / last;
        match scale {
            Scale::Linear => low + (high - low) * share,
            Scale::Log2 | Scale::Log10 => (low.ln() + (high.ln() - low.ln()) * share).exp(),
        }
    };
    (0..count).map(at).collect()
}

/// The ends moved apart by `share` of what lies between them, in the spacing of the scale.
pub(super) fn widened([low, high]: [f64; 2], scale: Scale, share: f64) -> [f64; 2] {
    match scale {
        Scale::Linear => {
            let more = (high - low) * share;
            [low - more, high + more]
        }
        Scale::Log2 | Scale::Log10 => {
            let more = (high / low).powf(share);
            [low / more, high * more]
        }
    }
}
