use proptest::prelude::*;

use super::*;
use Scale::{Log2, Log10};

fn labels(scale: Scale, range: [f64; 2], length: f64) -> (Vec<String>, Option<String>) {
    let extent = Extent::between(scale, range).unwrap();
    let found = ticks(&extent, Room { length, size: 7.0, along: Along::Width }, Values::Any);
    let plain = |label: &Label| label.runs.iter().map(|run| run.text.as_str()).collect::<String>();
    (found.major.iter().map(|tick| plain(&tick.label)).collect(), found.common.as_ref().map(plain))
}

#[test]
fn linear_axes() {
    let plain = |range, length| {
        let (labels, common) = labels(Scale::Linear, range, length);
        assert_eq!(common, None);
        labels.join(" ")
    };
    insta::assert_snapshot!(
        [
            plain([0.0, 1.0], 200.0),
            plain([0.0, 1.0], 60.0),
            plain([0.0, 0.3], 200.0),
            plain([-3.0, 7.0], 200.0),
            plain([-250.0, -10.0], 200.0),
            plain([0.001, 0.0035], 200.0),
            plain([0.0, 50_000.0], 200.0),
        ]
        .join("\n")
    );
}

#[test]
fn long_numbers_share_a_factor_and_a_sum() {
    let with = |range| {
        let (labels, common) = labels(Scale::Linear, range, 200.0);
        format!("{}   {}", labels.join(" "), common.unwrap())
    };
    insta::assert_snapshot!(
        [
            with([0.0, 3e-9]),
            with([0.0, 2.5e6]),
            with([-1e300, 1e300]),
            with([1.0, 1.000_000_1]),
            with([-1.000_000_1e12, -1e12]),
            with([123_456.0, 123_470.0]),
            with([1e-20, 1.000_001e-20]),
        ]
        .join("\n")
    );
}

#[test]
fn logarithmic_axes() {
    let of = |scale, range, length| {
        let (labels, common) = labels(scale, range, length);
        format!("{}   {}", labels.join(" "), common.unwrap_or_default())
    };
    insta::assert_snapshot!(
        [
            of(Log10, [1e-17, 1.0], 200.0),
            of(Log10, [1e-17, 1.0], 60.0),
            of(Log10, [1e-300, 1e300], 200.0),
            of(Log10, [0.1, 1000.0], 200.0),
            of(Log10, [0.1, 100_000.0], 200.0),
            of(Log10, [3.0, 40.0], 200.0),
            of(Log10, [2e-9, 9e-9], 200.0),
            of(Log10, [1.3, 1.9], 200.0),
            of(Log10, [1e-310, 1e-308], 200.0),
            of(Log10, [1.0, 1.000_000_1], 200.0),
            of(Log2, [1.0, 4096.0], 200.0),
            of(Log2, [0.125, 64.0], 200.0),
            of(Log2, [5.0, 7.0], 200.0),
            of(Log2, [1e-20, 1e20], 200.0),
        ]
        .join("\n")
    );
}

#[test]
fn minor_marks_where_there_is_room() {
    let minor = |range, length| {
        let extent = Extent::between(Scale::Log10, range).unwrap();
        ticks(&extent, Room { length, size: 7.0, along: Along::Width }, Values::Any).minor.len()
    };
    assert_eq!(minor([1.0, 1e3], 200.0), 24, "2 to 9 in three decades");
    assert_eq!(minor([1e-17, 1.0], 200.0), 18 - labels(Scale::Log10, [1e-17, 1.0], 200.0).0.len(), "decades");
    assert_eq!(minor([1e-300, 1e300], 100.0), 0);
}

proptest! {
    /// Whatever the range: ticks ascend inside it, and labels keep their distance.
    #[test]
    fn ticks_ascend_and_labels_keep_their_distance(
        scale in prop_oneof![Just(Scale::Linear), Just(Scale::Log2), Just(Scale::Log10)],
        exponents in (-305.0..305.0_f64, -305.0..305.0_f64),
        signs in (any::<bool>(), any::<bool>()),
        near in any::<bool>(),
        length in 30.0..500.0_f64,
    ) {
        let sign = |negative: bool| if negative && scale == Scale::Linear { -1.0 } else { 1.0 };
        let a = sign(signs.0) * 10_f64.powf(exponents.0);
        let b = if near { a * (1.0 + 10_f64.powf(exponents.1 / 30.0)) } else { sign(signs.1) * 10_f64.powf(exponents.1) };
        for along in [Along::Width, Along::Height] {
            let Some(extent) = Extent::between(scale, [a.min(b), a.max(b)]) else { continue };
            let room = Room { length, size: 7.0, along };
            let found = ticks(&extent, room, Values::Any);
            prop_assert!(found.major.len() <= MOST);
            prop_assert!(found.major.iter().all(|tick| (0.0..=1.0).contains(&tick.share)));
            for pair in found.major.windows(2) {
                let distance = (pair[1].share - pair[0].share) * length;
                let half = |label: &Label| label.width(7.0) / 2.0;
                let least = match along {
                    Along::Width => half(&pair[0].label) + half(&pair[1].label) + 3.0,
                    Along::Height => 7.0,
                };
                prop_assert!(distance >= least, "{:?} {:?}", pair, extent);
            }
            // A page wide enough always shows where it is.
            prop_assert!(length < 150.0 || found.major.len() >= 2, "{:?} {:?}", extent, found);
        }
    }
}

#[test]
fn between_whole_numbers_nothing_is_marked() {
    let room = Room { length: 450.0, size: 7.0, along: Along::Width };
    let places = |to: f64, values: Values| -> Vec<f64> {
        let extent = Extent::between(Scale::Linear, [0.5, to]).unwrap();
        let marks = ticks(&extent, room, values).major;
        marks.iter().map(|tick| ((0.5 + tick.share * (to - 0.5)) * 1e9).round() / 1e9).collect()
    };
    assert_eq!(places(6.5, Values::Whole), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!(places(6.5, Values::Any).contains(&1.5));
    // Where there is room for fewer, these are whole as well; one alone is marked too.
    assert!(places(90.5, Values::Whole).iter().all(|place| place.fract() == 0.0));
    assert_eq!(places(1.5, Values::Whole), [1.0]);
}
