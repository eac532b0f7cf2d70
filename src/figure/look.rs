//! How a series looks: colour, marker and dash, told apart in colour, by colour-blind readers, and in grey.

use super::color::Rgb;

/// Colour, marker and dash of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Of its lines, markers and bands.
    pub rgb: Rgb,
    /// At its points.
    pub marker: Marker,
    /// Of a line that has markers: solid in the first round of colours, where the marker says enough.
    pub marked_dash: &'static [f64],
    /// Of a line without markers, such as the steps of a distribution.
    pub bare_dash: &'static [f64],
}

/// Shapes at points, all of about the same area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marker {
    /// A disc.
    Circle,
    /// Standing on a side.
    Square,
    /// Standing on a side.
    TriangleUp,
    /// Standing on a corner.
    Diamond,
    /// Standing on a corner.
    TriangleDown,
    /// Two strokes from corner to corner.
    Cross,
    /// An upright and a level stroke.
    Plus,
}

/// The colours of Okabe & Ito (Color Universal Design, 2008) without yellow, which is too pale for a line on white. In this order
/// neighbours differ in lightness too.
const COLORS: [Rgb; 7] = [
    [0, 114, 178],   // blue
    [230, 159, 0],   // orange
    [0, 158, 115],   // bluish green
    [86, 180, 233],  // sky blue
    [213, 94, 0],    // vermillion
    [204, 121, 167], // reddish purple
    [0, 0, 0],       // black: last, for theory is black too
];

const MARKERS: [Marker; 7] = [
    Marker::Circle,
    Marker::Square,
    Marker::TriangleUp,
    Marker::Diamond,
    Marker::TriangleDown,
    Marker::Cross,
    Marker::Plus,
];

/// Lengths of dashes and gaps, in widths of the line.
const DASHES: [&[f64]; 5] = [&[], &[6.0, 2.5], &[6.0, 2.5, 1.0, 2.5], &[1.0, 2.5], &[10.0, 2.5, 1.0, 2.5, 1.0, 2.5]];

/// Dashes of theory, in widths of the line: shorter than any of a series.
const THEORY_DASHES: [&[f64]; 4] = [&[3.0, 2.2], &[1.0, 1.6], &[4.5, 1.6, 1.0, 1.6], &[2.0, 4.0]];

/// Of the figure's law with this number. The first four differ.
pub fn theory_dash(law: usize) -> &'static [f64] {
    THEORY_DASHES[law % THEORY_DASHES.len()]
}

impl Look {
    /// Of the series with this number. No two of the first 245 look alike where they have markers, nor of the first 35 without.
    pub fn of(number: usize) -> Self {
        let (place, round) = (number % COLORS.len(), number / COLORS.len());
        Self {
            rgb: COLORS[place],
            // Shifted by one each round: a colour meets another marker.
            marker: MARKERS[(place + round) % MARKERS.len()],
            marked_dash: DASHES[round % DASHES.len()],
            bare_dash: DASHES[(place + round) % DASHES.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_look_alike() {
        for (count, with_marker) in [(245, true), (35, false)] {
            let seen: Vec<Look> = (0..count).map(Look::of).collect();
            for (i, a) in seen.iter().enumerate() {
                for (j, b) in seen[..i].iter().enumerate() {
                    let alike = a.rgb == b.rgb
                        && if with_marker {
                            a.marker == b.marker && a.marked_dash == b.marked_dash
                        } else {
                            a.bare_dash == b.bare_dash
                        };
                    assert!(!alike, "{i} and {j}");
                }
            }
        }
    }

    /// CIE L* of a colour of sRGB.
    fn lightness(rgb: Rgb) -> f64 {
        let linear = |part: u8| {
            let c = f64::from(part) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let y = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
        if y <= 216.0 / 24389.0 { y * 24389.0 / 27.0 } else { 116.0 * y.cbrt() - 16.0 }
    }

    #[test]
    fn neighbours_differ_in_grey() {
        for pair in COLORS.windows(2) {
            let difference = (lightness(pair[0]) - lightness(pair[1])).abs();
            assert!(difference > 6.0, "{pair:?}: {difference}");
        }
        // Yellow, L* = 89, would be lost on white.
        assert!(COLORS.iter().all(|&rgb| lightness(rgb) < 75.0));
    }
}
