//! From values to places along an axis.

use super::chart::Scale;

/// An axis that knows its ends.
///
/// The ends are kept in the space of the scale (the value, log2 or log10 of it): there a margin around 1e-308 or 1e308 neither
/// underflows nor overflows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    scale: Scale,
    from: f64,
    to: f64,
}

/// A linear axis is never shorter than this: subnormal numbers beside 0 have too few digits to be placed.
const SHORTEST: f64 = 1e-300;

/// Values that differ by less than this share of their size differ by rounding, and are shown as one value.
const ROUNDING: f64 = 1e-12;

/// Room around a single value: this share of it, or this many decades or octaves.
const AROUND_VALUE: f64 = 0.1;
const AROUND_LOGARITHM: f64 = 0.5;

impl Extent {
    /// Between two values. `None` if they are not finite, do not ascend, are not positive on a logarithmic axis, or are so
    /// close that a double cannot tell places between them.
    pub fn between(scale: Scale, [lo, hi]: [f64; 2]) -> Option<Self> {
        let (from, to) = (forward(scale, lo), forward(scale, hi));
        let extent = Self { scale, from, to };
        let ascends = from.is_finite() && to.is_finite() && from < to;
        (ascends && !extent.is_narrow()).then_some(extent)
    }

    /// What holds all `values`, without a margin; around a single value, the room to read it. `None` if no value can be placed.
    pub fn of(scale: Scale, values: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for place in values.map(|value| forward(scale, value)).filter(|place| place.is_finite()) {
            from = from.min(place);
            to = to.max(place);
        }
        let extent = Self { scale, from, to };
        (from <= to).then(|| if extent.is_narrow() { extent.widened() } else { extent })
    }

    /// Longer by shares of its length below and above, within what a double can hold.
    pub fn padded(self, below: f64, above: f64) -> Self {
        let half = self.to / 2.0 - self.from / 2.0;
        let hold = |place: f64| place.clamp(-f64::MAX, f64::MAX);
        Self { from: hold(self.from - half * below * 2.0), to: hold(self.to + half * above * 2.0), ..self }
    }

    /// How values are spaced along it.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Its ends in the space of its scale.
    pub fn ends(&self) -> [f64; 2] {
        [self.from, self.to]
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper. What a logarithm cannot take lies below everything.
    pub fn share(&self, value: f64) -> f64 {
        self.share_of_place(forward(self.scale, value))
    }

    /// As [`Self::share`] of a place in the space of the scale.
    pub fn share_of_place(&self, place: f64) -> f64 {
        // Halves: the difference of two finite numbers may not be finite.
        let share = (place / 2.0 - self.from / 2.0) / (self.to / 2.0 - self.from / 2.0);
        if share.is_nan() { -FAR } else { share.clamp(-FAR, FAR) }
    }

    /// Ends of cells around ascending centres, as values' shares: midway between neighbours, and as far beyond the outermost.
    pub fn edges(&self, centres: &[f64]) -> Vec<f64> {
        places_of_edges(self.scale, centres).into_iter().map(|place| self.share_of_place(place)).collect()
    }

    /// What holds the cells around such centres.
    pub fn of_cells<'a>(scale: Scale, grids: impl Iterator<Item = &'a [f64]>) -> Option<Self> {
        let mut all: Option<Self> = None;
        for centres in grids {
            let places = places_of_edges(scale, centres);
            let (Some(&from), Some(&to)) = (places.first(), places.last()) else { continue };
            if !(from.is_finite() && to.is_finite() && from <= to) {
                continue;
            }
            let (from, to) = all.map_or((from, to), |all| (all.from.min(from), all.to.max(to)));
            all = Some(Self { scale, from, to });
        }
        all.map(|extent| if extent.is_narrow() { extent.widened() } else { extent })
    }

    /// The shortest that holds both.
    pub fn joined(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to), ..self }
    }

    /// Longer towards `other` where that is longer, by at most a share of its own length.
    pub fn stretched_towards(self, other: Self, share: f64) -> Self {
        let limit = self.padded(share, share);
        Self { from: self.from.min(other.from.max(limit.from)), to: self.to.max(other.to.min(limit.to)), ..self }
    }

    fn is_narrow(&self) -> bool {
        let half = self.to / 2.0 - self.from / 2.0;
        let size = self.from.abs().max(self.to.abs());
        match self.scale {
            Scale::Linear => half <= SHORTEST || half <= size / 2.0 * ROUNDING,
            // The logarithms of neighbouring doubles differ by 1e-16.
            Scale::Log2 | Scale::Log10 => half <= ROUNDING,
        }
    }

    fn widened(self) -> Self {
        let middle = self.from / 2.0 + self.to / 2.0;
        let room = match self.scale {
            Scale::Linear if middle.abs() < SHORTEST => 1.0,
            Scale::Linear => middle.abs() * AROUND_VALUE,
            Scale::Log2 | Scale::Log10 => AROUND_LOGARITHM,
        };
        let hold = |place: f64| place.clamp(-f64::MAX, f64::MAX);
        Self { from: hold(middle - room), to: hold(middle + room), ..self }
    }
}

/// Places outside an axis are no further away than this many of its lengths: their differences and products stay finite.
const FAR: f64 = 1e100;

/// A value in the space of a scale; not finite where the scale cannot take it.
fn forward(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Log2 => value.log2(),
        Scale::Log10 => value.log10(),
    }
}

fn places_of_edges(scale: Scale, centres: &[f64]) -> Vec<f64> {
    let places: Vec<f64> = centres.iter().map(|&centre| forward(scale, centre)).collect();
    match places.as_slice() {
        [] => Vec::new(),
        &[only] => match Extent::of(scale, centres.iter().copied()) {
            Some(around) => around.ends().to_vec(),
            None => vec![only, only],
        },
        [first, second, ..] => {
            let half = |a: f64, b: f64| b / 2.0 - a / 2.0;
            let (before, last) = (places[places.len() - 2], places[places.len() - 1]);
            let mut edges = vec![first - half(*first, *second)];
            edges.extend(places.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0));
            edges.push(last + half(before, last));
            edges
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use Scale::{Linear, Log2, Log10};

    fn of(scale: Scale, values: &[f64]) -> Extent {
        Extent::of(scale, values.iter().copied()).unwrap()
    }

    #[test]
    fn ends_lie_at_0_and_1_and_the_middle_between() {
        let linear = of(Linear, &[3.0, -1.0, f64::NAN, 1.0]);
        assert_eq!([-1.0, 1.0, 3.0].map(|v| linear.share(v)), [0.0, 0.5, 1.0]);
        let decades = of(Log10, &[1e-17, 1.0]);
        assert!((decades.share(1e-8) - 9.0 / 17.0).abs() < 1e-15);
        let octaves = of(Log2, &[2.0, 32.0]);
        assert_eq!(octaves.share(8.0), 0.5);
    }

    #[test]
    fn the_widest_ranges_of_doubles() {
        let all = of(Linear, &[-f64::MAX, f64::MAX]).padded(0.04, 0.04);
        assert_eq!(all.share(0.0), 0.5);
        assert!(all.ends().iter().all(|end| end.is_finite()));
        let positive = of(Log10, &[1e-300, 1e300]).padded(0.04, 0.04);
        assert_eq!(positive.share(1.0), 0.5);
        assert!(of(Log10, &[5e-324, 1e308]).padded(1.0, 1.0).share(1e-324).is_finite());
    }

    #[test]
    fn a_single_value_and_rounding_have_room_around_them() {
        for (scale, values) in [
            (Linear, vec![0.0]),
            (Linear, vec![5e-324, 1e-323]),
            (Linear, vec![-7.0, -7.0]),
            (Linear, vec![0.3, 0.1 + 0.2]),
            (Linear, vec![f64::MAX]),
            (Log10, vec![1e-17]),
            (Log10, vec![5e-324]),
            (Log2, vec![1.0, 1.0 + f64::EPSILON]),
        ] {
            let extent = of(scale, &values);
            let share = extent.share(values[0]);
            assert!(share > 0.4 && share <= 1.0, "{values:?}: {share}");
        }
    }

    #[test]
    fn what_a_logarithm_cannot_take_lies_below_everything() {
        let decades = of(Log10, &[1e-3, 1.0]);
        assert!(decades.share(0.0) < -1e9);
        assert_eq!(Extent::of(Log10, [0.0, -1.0].into_iter()), None);
    }

    #[test]
    fn given_ends_must_ascend_and_be_told_apart() {
        assert!(Extent::between(Linear, [1.0, 1.000_000_1]).is_some());
        for (scale, range) in [
            (Linear, [1.0, 1.0]),
            (Linear, [2.0, 1.0]),
            (Linear, [1.0, 1.0 + f64::EPSILON]),
            (Linear, [f64::NAN, 1.0]),
            (Linear, [0.0, f64::INFINITY]),
            (Log10, [0.0, 1.0]),
            (Log2, [-1.0, 1.0]),
        ] {
            assert_eq!(Extent::between(scale, range), None, "{scale:?} {range:?}");
        }
    }

    #[test]
    fn cells_end_midway_between_centres_in_the_scale() {
        let grid = [1.0, 100.0, 10_000.0];
        let extent = Extent::of_cells(Log10, [grid.as_slice()].into_iter()).unwrap();
        assert_eq!(extent.ends(), [-1.0, 5.0]);
        assert_eq!(extent.edges(&grid), [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
        let lone = Extent::of_cells(Linear, [[50.0].as_slice()].into_iter()).unwrap();
        assert_eq!(lone.ends(), [45.0, 55.0]);
    }

    /// A law that diverges must not squeeze the data against the axis.
    #[test]
    fn stretched_by_no_more_than_the_share() {
        let data = of(Linear, &[0.0, 1.0]);
        let law = of(Linear, &[-0.1, 1e9]);
        assert_eq!(data.stretched_towards(law, 0.25).ends(), [-0.1, 1.25]);
        let inside = of(Linear, &[0.3, 0.4]);
        assert_eq!(data.stretched_towards(inside, 0.25), data);
    }
}
