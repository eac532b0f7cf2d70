//! No enclosure is false, nothing `ok` is wrong, and what f64 entries decide is decided.

use nullsweep::certify::Status;

use crate::fixture::{Case, Truth, cases};
use crate::routes::{Ends, WAYS, Way, violations};

/// log10 of the smallest and of the largest positive f64.
const SMALLEST: f64 = -323.3;
const LARGEST: f64 = 308.254_715;

#[test]
fn no_enclosure_is_violated_on_any_route() {
    let cases = cases();
    for way in WAYS {
        let found: Vec<String> = cases.iter().flat_map(|case| violations(case, &way.take(&case.x).enclosure)).collect();
        assert!(found.is_empty(), "{}: {} violations\n{}", way.name, found.len(), found.join("\n"));
    }
}

#[test]
fn a_false_enclosure_is_caught() {
    for case in cases() {
        let honest = WAYS[1].take(&case.x).enclosure;
        let last = case.sigma.len() - 1;
        let above = case.sigma_min().log10() > SMALLEST + 20.0 && honest.lo[last] > 0.0;
        if !above {
            continue;
        }
        let width = honest.hi[last] - honest.lo[last];
        let mut false_below = honest.clone();
        false_below.lo[last] = honest.hi[last] + width;
        let mut false_above = honest.clone();
        false_above.hi[last] = (honest.lo[last] - width).max(0.0);
        let mut not_a_number = honest.clone();
        not_a_number.hi[last] = f64::NAN;
        for corrupted in [false_below, false_above, not_a_number] {
            assert_eq!(violations(&case, &corrupted).len(), 1, "{}", case.name);
        }
    }
}

#[test]
fn nothing_ok_is_wrong() {
    for way in WAYS {
        let mut count = 0;
        for case in cases() {
            let certified = way.take(&case.x);
            if certified.status != Status::Ok {
                continue;
            }
            count += 1;
            let (sigma, enclosure) = (&certified.factors.sigma, &certified.enclosure);
            let last = sigma.len() - 1;
            assert!(enclosure.relative_half_width(last) <= way.rtol, "{}, {}", way.name, case.name);
            // Half-widths on both sides, and for an engine left alone the distance of its own value.
            let error = case.sigma_min().relative_error_of(sigma[last]);
            assert!(error <= 3.1 * way.rtol, "{}, {}: sigma_min is off by {error:e}", way.name, case.name);
            if way.ends == Ends::Certified {
                for (i, s) in sigma.iter().enumerate() {
                    let inside = enclosure.lo[i] <= *s && *s <= enclosure.hi[i];
                    assert!(inside, "{}, {}: sigma_{i} outside its enclosure", way.name, case.name);
                }
            }
        }
        assert!(count > 90, "{}: only {count} matrices are ok", way.name);
    }
}

/// Where a climb may end without a lower bound of `sigma_min`:
/// - it is exactly 0 or below the smallest f64;
/// - `sigma_max` / `sigma_min` > 1e28 and no scaling of columns explains that: the products that form B = A V cancel beyond
///   double-double;
/// - `sigma_max` / `sigma_min` > 1e60 though a scaling of columns explains it: V itself is known to 1e-32 only.
fn may_stay_unresolved(case: &Case) -> bool {
    let sigma_min = case.sigma_min();
    let decades = case.sigma_max().log10() - sigma_min.log10();
    let scaled_columns = case.kappa_scaled < 1e10;
    sigma_min.is_zero() || sigma_min.log10() < SMALLEST + 0.4 || decades > if scaled_columns { 60.0 } else { 28.0 }
}

/// Where a climb may end wider than asked for: f64 numbers are too coarse for the interval or end before it, or
/// `sigma_max` / `sigma_min` times 1e-29, what double-double leaves of the products, is more than `rtol`.
fn may_stay_wide(case: &Case, rtol: f64) -> bool {
    let coarse = case.sigma_min().log10() < SMALLEST - rtol.log10() + 1.0;
    let decades = case.sigma_max().log10() - case.sigma_min().log10();
    let near_the_limit = decades > 29.0 + rtol.log10();
    coarse || sigma_max_overflows(case) || near_the_limit
}

/// Where f64 has no number for `sigma_max`, or rounding may decide whether it has.
fn sigma_max_overflows(case: &Case) -> bool {
    case.sigma_max().log10() > LARGEST - 1e-6
}

#[test]
fn climbing_decides_what_f64_entries_decide() {
    for way in WAYS.iter().filter(|way| way.ends == Ends::Certified) {
        for case in cases() {
            let certified = way.take(&case.x);
            let last = case.sigma.len() - 1;
            let width = certified.enclosure.relative_half_width(last);
            let what = || format!("{}, {}: kappa {:e}, width {width:e}", way.name, case.name, case.kappa);
            match certified.status {
                Status::Ok => {}
                Status::Wide => assert!(may_stay_wide(&case, way.rtol), "wide: {}", what()),
                Status::Unresolved => assert!(may_stay_unresolved(&case), "unresolved: {}", what()),
                Status::Failed => assert!(sigma_max_overflows(&case), "failed: {}", what()),
            }
            if case.sigma_min().is_zero() {
                assert_eq!(certified.status, Status::Unresolved, "{}", what());
            }
        }
    }
}

/// Over all nonzero values of all matrices.
struct Widths {
    /// Median of the relative half-width.
    median: f64,
    ninth_decile: f64,
    /// Median of half-width / max(error of the reported value, u).
    over_error: f64,
}

fn widths(way: &Way) -> Widths {
    let (mut widths, mut ratios) = (Vec::new(), Vec::new());
    for case in cases() {
        let certified = way.take(&case.x);
        for (i, truth) in case.sigma.iter().enumerate().filter(|(_, truth)| !truth.is_zero()) {
            let width = certified.enclosure.relative_half_width(i);
            let error = Truth::relative_error_of(*truth, certified.factors.sigma[i]);
            widths.push(width);
            ratios.push(width / error.max(f64::EPSILON / 2.0));
        }
    }
    widths.sort_by(f64::total_cmp);
    ratios.sort_by(f64::total_cmp);
    Widths {
        median: widths[widths.len() / 2],
        ninth_decile: widths[widths.len() * 9 / 10],
        over_error: ratios[ratios.len() / 2],
    }
}

#[test]
fn enclosures_are_narrow() {
    for (name, median, ninth_decile, over_error) in MEASURED {
        let way = WAYS.iter().find(|way| way.name == name).unwrap();
        let found = widths(way);
        let summary = format!(
            "{name}: median half-width {:e}, ninth decile {:e}, median width / error {:.0}",
            found.median, found.ninth_decile, found.over_error
        );
        println!("{summary}");
        assert!(found.median <= median, "{summary}");
        assert!(found.ninth_decile <= ninth_decile, "{summary}");
        assert!(found.over_error <= over_error, "{summary}");
    }
}

/// Route, and what its median half-width, ninth decile and median of width over error may be: what was measured and a
/// little more.
const MEASURED: [(&str, f64, f64, f64); 4] = [
    ("cpu f64, stay", 3e-12, 1.0, 500.0),
    ("cpu, climb to 1e-6", 2e-14, 1e-6, 100.0),
    ("cpu, climb to 1e-12", 7e-15, 1e-8, 60.0),
    ("f32, climb to 1e-6", 2e-14, 1e-6, 100.0),
];
