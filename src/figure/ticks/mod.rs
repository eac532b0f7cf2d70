//! Which values of an axis are marked, and how they are written.
//!
//! Candidates go from dense to sparse; the first whose labels, measured in the font, keep their distance is taken.

use super::chart::Scale;
use super::label::Label;
use super::scale::Extent;

mod decimal;
mod linear;
mod logarithmic;

use decimal::Decimal;

/// The marks of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// With a label, ascending.
    pub major: Vec<Tick>,
    /// Places without a label, as shares of the axis.
    pub minor: Vec<f64>,
    /// What all labels are to be multiplied by and added to, such as `×10⁻⁸ + 1`, where that makes them short.
    pub common: Option<Label>,
}

/// A labelled mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its place, from 0 at the lower end of the axis to 1 at the upper.
    pub share: f64,
    /// What is written at it.
    pub label: Label,
}

/// What an axis offers its labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Of the axis, in points.
    pub length: f64,
    /// Of the type, in points.
    pub size: f64,
    /// In which direction the axis runs.
    pub along: Along,
}

/// The direction of an axis. Text is level on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// From left to right.
    Width,
    /// From the bottom to the top.
    Height,
}

/// A choice of marks, by their places in the space of the scale.
struct Candidate {
    places: Vec<f64>,
    numbers: Numbers,
    minor: Minor,
    /// Least distance of neighbours, in sizes of the type, however short their labels are: closer ones are counted rather than
    /// read. Half as much again along a width.
    spacing: f64,
}

enum Numbers {
    /// Short with a factor common to the axis.
    Common(Vec<Decimal>),
    /// Each in full.
    Each(Vec<Decimal>),
    /// Of this base.
    Powers(u32, Vec<i32>),
}

/// Marks without labels, drawn if their neighbours are this many sizes of the type apart.
struct Minor {
    places: Vec<f64>,
    spacing: f64,
}

impl Minor {
    const NONE: Self = Self { places: Vec::new(), spacing: 0.0 };
}

/// More marks with labels than this are never wanted, however long the axis.
const MOST: usize = 20;

/// Between labels side by side: more than half a letter.
const GAP_WIDTH: f64 = 0.9;
/// Between labels one above the other.
const GAP_HEIGHT: f64 = 0.25;

/// What stands along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Whole numbers: between them there is nothing to be marked.
    Whole,
    /// Others too.
    Any,
}

/// The marks of an axis in the room it has.
pub fn ticks(extent: &Extent, room: Room, values: Values) -> Ticks {
    let [from, to] = extent.ends();
    let mut candidates = match extent.scale() {
        Scale::Linear => linear::candidates(from, to),
        Scale::Log10 => logarithmic::candidates(10, from, to),
        Scale::Log2 => logarithmic::candidates(2, from, to),
    };
    if values == Values::Whole && extent.scale() == Scale::Linear {
        candidates.retain(|candidate| candidate.places.iter().all(|place| place.fract() == 0.0));
    }
    let mut only_one = None;
    for candidate in candidates {
        let found = set(extent, room, &candidate);
        if let Some(found) = found {
            if found.major.len() >= 2 {
                return found;
            }
            only_one.get_or_insert(found);
        }
    }
    only_one.unwrap_or(Ticks { major: Vec::new(), minor: Vec::new(), common: None })
}

/// The candidate with its labels, if they keep their distance.
fn set(extent: &Extent, room: Room, candidate: &Candidate) -> Option<Ticks> {
    let (labels, common) = candidate.numbers.labels();
    let major: Vec<Tick> = candidate
        .places
        .iter()
        .zip(labels)
        .map(|(&place, label)| Tick { share: extent.share_of_place(place).clamp(0.0, 1.0), label })
        .collect();
    let least = match room.along {
        Along::Width => 1.5 * candidate.spacing * room.size,
        Along::Height => candidate.spacing * room.size,
    };
    let keep_distance = major.windows(2).all(|pair| {
        let distance = (pair[1].share - pair[0].share) * room.length;
        distance >= least && distance >= needed(&pair[0].label, &pair[1].label, room)
    });
    if !keep_distance || major.len() > MOST {
        return None;
    }
    let minor: Vec<f64> = candidate.minor.places.iter().map(|&place| extent.share_of_place(place)).collect();
    let crowded = minor.windows(2).any(|pair| (pair[1] - pair[0]) * room.length < candidate.minor.spacing * room.size);
    Some(Ticks { major, minor: if crowded { Vec::new() } else { minor }, common })
}

/// Distance of the middles of two labels in points.
fn needed(lower: &Label, upper: &Label, Room { size, along, .. }: Room) -> f64 {
    match along {
        Along::Width => f64::midpoint(lower.width(size), upper.width(size)) + GAP_WIDTH * size,
        Along::Height => lower.ascent(size) + upper.descent(size) + GAP_HEIGHT * size,
    }
}

impl Numbers {
    fn labels(&self) -> (Vec<Label>, Option<Label>) {
        match self {
            Self::Common(decimals) => decimal::with_common_factor(decimals),
            Self::Each(decimals) => (decimal::in_full(decimals), None),
            Self::Powers(base, exponents) => (logarithmic::powers(*base, exponents), None),
        }
    }
}

/// One label after the other, on one line.
fn joined(parts: impl IntoIterator<Item = Label>) -> Label {
    Label { runs: parts.into_iter().flat_map(|part| part.runs).collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
