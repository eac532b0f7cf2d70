use super::super::encoding::encode;
use super::*;
use crate::measure::TableId;
use crate::measure::table::{Kind, Type, Value};

#[test]
fn the_rows_of_every_table_begin_with_their_keys() {
    for schema in TableId::ALL.map(TableId::schema) {
        let keys = schema.columns.iter().filter(|column| column.role == Role::Key).count();
        assert_eq!(schema.leading_keys(), keys, "{}", schema.name);
    }
}

const TABLE: Schema = Schema {
    name: "table",
    row: "trial x index",
    columns: &[
        Column { name: "index", role: Role::Key, unit: "1", meaning: "" },
        Column { name: "a", role: Role::Result, unit: "1", meaning: "" },
        Column { name: "route", role: Role::Provenance, unit: "name", meaning: "" },
        Column { name: "b", role: Role::Result, unit: "1", meaning: "" },
    ],
    types: &[
        Type::always(Kind::Integer),
        Type::always(Kind::Number),
        Type::always(Kind::Word),
        Type::sometimes(Kind::Number),
    ],
};

/// Two cells of 50 trials with three rows each, summarised with a spill after every `spill_every` trials.
fn summary(dir: &Path, spill_every: usize) -> String {
    let mut summary = CellSummary::new(dir, &TABLE, &["lambda", "index"], Held::default());
    let mut out = Text::default();
    let mut lines = 0;
    for trial in 0..100_u32 {
        let key = [(3 + trial / 50).into(), 2_u32.into(), Value::Missing, (trial % 50).into()];
        let row = |index: u32| {
            let a = f64::from((trial * 37 + index * 11) % 101) / 7.0;
            let b =
                [Value::Missing, Value::Float(f64::NAN), Value::Int(i64::from(trial))][(trial % 3) as usize].clone();
            vec![index.into(), a.into(), "cpu-f64".into(), b]
        };
        let payload = encode(&key, [(0..3).map(row).collect::<Vec<_>>()]);
        let trial_rows = TrialRows::decode(&payload, 1).unwrap();
        if summary.ends_before(&trial_rows) {
            lines += summary.end(&Quantiles::default(), &mut out).unwrap();
        }
        summary.add(&trial_rows, trial_rows.table(0).unwrap()).unwrap();
        if (trial as usize + 1).is_multiple_of(spill_every) {
            summary.settle();
            summary.spill().unwrap();
        }
    }
    lines += summary.end(&Quantiles::default(), &mut out).unwrap();
    let text = String::from_utf8(out.into_bytes()).unwrap();
    assert_eq!((lines, text.lines().count()), (12, 12), "cells x rows x numbers");
    text
}

#[test]
fn what_is_spilled_is_summarised_as_what_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let never = summary(dir.path(), usize::MAX);
    assert!(never.starts_with("table,3,2,,,0,a,50,0,0,"), "{never}");
    assert!(never.contains("\ntable,4,2,,,2,b,17,17,16,"), "{never}");
    for spill_every in [1, 7, 50, 99] {
        assert_eq!(summary(dir.path(), spill_every), never, "every {spill_every} trials");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the scratch file has no name");
}
