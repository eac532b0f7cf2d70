//! Fewer marks where nobody could see more: the figure's CSV has all of them, the page what print can show.

use std::collections::HashSet;

use super::clip::Place;

/// Width of a column of the page within which a curve is drawn by its extremes alone: finer than print shows.
const COLUMN: f64 = 0.1;

/// A curve with more points than this is drawn by the extremes of each column.
const MOST_POINTS: usize = 10_000;

/// More markers than this make a file too slow to open.
const MOST_MARKERS: usize = 20_000;

/// A curve, ascending in x, by the first, lowest, highest and last point of each column of 0.1 pt: the same picture.
/// Source: Jugel et al., "M4: a visualization-oriented time series data aggregation", VLDB 7 (2014).
pub(super) fn curve(points: Vec<Place>) -> Vec<Place> {
    if points.len() <= MOST_POINTS {
        return points;
    }
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| (a[0] / COLUMN).floor() == (b[0] / COLUMN).floor()) {
        let by_height = |i: &usize, j: &usize| column[*i][1].total_cmp(&column[*j][1]);
        let last = column.len() - 1;
        let lowest = (0..=last).min_by(by_height).unwrap_or(0);
        let highest = (0..=last).max_by(by_height).unwrap_or(0);
        let mut chosen = [0, lowest, highest, last];
        chosen.sort_unstable();
        kept.extend(chosen.iter().enumerate().filter(|&(k, i)| k == 0 || chosen[k - 1] != *i).map(|(_, &i)| column[i]));
    }
    kept
}

/// Points at least `distance` apart from the one kept before.
pub(super) fn spaced(points: &[Place], distance: f64) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    for &point in points {
        let far = kept.last().is_none_or(|last| (point[0] - last[0]).hypot(point[1] - last[1]) >= distance);
        if far {
            kept.push(point);
        }
    }
    kept
}

/// The first point in each square of the page. The squares are as small as leaves at most 20,000, beginning with 0.1 pt; as
/// many points or fewer are all kept.
pub(super) fn scattered(points: Vec<Place>) -> Vec<Place> {
    if points.len() <= MOST_MARKERS {
        return points;
    }
    let mut square = COLUMN;
    loop {
        let mut taken = HashSet::new();
        #[expect(clippy::cast_possible_truncation, reason = "places on a page")]
        let first = |p: &&Place| taken.insert(p.map(|along| (along / square).floor() as i64));
        let kept: Vec<Place> = points.iter().filter(first).copied().collect();
        if kept.len() <= MOST_MARKERS {
            return kept;
        }
        square *= 1.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_extremes() {
        let mut points: Vec<Place> = (0..200_000).map(|i| [f64::from(i) * 1e-3, 50.0]).collect();
        points[77_777][1] = 3.0;
        points[77_779][1] = 99.0;
        let kept = curve(points.clone());
        assert!(kept.len() < 9_000, "{}", kept.len());
        assert!(kept.contains(&points[77_777]) && kept.contains(&points[77_779]));
        assert!(kept.is_sorted_by(|a, b| a[0] < b[0]));
        assert_eq!(kept.first(), points.first());
        assert_eq!(kept.last(), points.last());
    }

    #[test]
    fn short_curves_and_few_points_are_left_alone() {
        let points: Vec<Place> = (0..1000).map(|i| [0.0, f64::from(i)]).collect();
        assert_eq!(curve(points.clone()), points);
        assert_eq!(scattered(points.clone()), points);
    }

    #[test]
    fn scattered_points_are_bounded() {
        let points: Vec<Place> = (0..300_000).map(|i| [f64::from(i % 600) * 0.4, f64::from(i / 600) * 0.4]).collect();
        let kept = scattered(points);
        assert!(kept.len() <= MOST_MARKERS && kept.len() > MOST_MARKERS / 4, "{}", kept.len());
    }

    #[test]
    fn spaced_points_keep_their_distance() {
        let kept = spaced(&[[0.0, 0.0], [1.0, 0.0], [2.5, 0.0], [3.0, 0.0], [5.0, 0.0]], 2.0);
        assert_eq!(kept, [[0.0, 0.0], [2.5, 0.0], [5.0, 0.0]]);
    }
}
