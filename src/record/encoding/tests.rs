use proptest::prelude::*;

use super::write::push;
use super::*;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Missing),
        any::<i64>().prop_map(Value::Int),
        (-200..200_i64).prop_map(Value::Int),
        any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
        prop::sample::select(vec!["ok", "gpu-f32+f64", "", "\u{3c3}_min"]).prop_map(Value::Text),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<Value>>> {
    (1..5_usize).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(value(), width), 0..6))
}

/// Whether both are the same to the last bit: NaN is itself, and 0 is not -0.
fn is_same(read: &Field<'_>, value: &Value) -> bool {
    match (read, value) {
        (Field::Float(read), Value::Float(value)) => read.to_bits() == value.to_bits(),
        _ => *read == Field::from(value),
    }
}

fn all(mut fields: Fields<'_>) -> Result<Vec<Field<'_>>, Malformed> {
    let mut read = Vec::new();
    while !fields.is_empty() {
        read.push(fields.read()?);
    }
    Ok(read)
}

fn same<'a>(read: &[Field<'_>], written: impl ExactSizeIterator<Item = &'a Value>) -> bool {
    read.len() == written.len() && read.iter().zip(written).all(|(read, value)| is_same(read, value))
}

/// Reads every value there is.
fn read_all(payload: &[u8], tables: usize) -> Result<(), Malformed> {
    let trial = TrialRows::decode(payload, tables)?;
    (0..tables).try_for_each(|table| all(trial.table(table)?).map(drop))
}

proptest! {
    #[test]
    fn comes_back_to_the_last_bit(
        key in [value(), value(), value(), value()],
        tables in prop::collection::vec(rows(), 0..4),
    ) {
        let payload = encode(&key, &tables);
        let back = TrialRows::decode(&payload, tables.len()).unwrap();
        prop_assert!(same(&back.key, key.iter()));
        prop_assert_eq!(back.cell, &payload[..back.cell.len()]);
        let floats = |mut fields: Fields<'_>| -> Option<u64> { fields.float().map(f64::to_bits) };
        let first = tables.first().and_then(|rows| match rows.first()?[0] {
            Value::Float(value) => Some(value.to_bits()),
            _ => None,
        });
        prop_assert_eq!(back.table(0).ok().and_then(floats), first);
        prop_assert!(same(&all(Fields(back.cell)).unwrap(), key[..3].iter()));
        for (table, rows) in tables.iter().enumerate() {
            let written: Vec<&Value> = rows.iter().flatten().collect();
            prop_assert!(same(&all(back.table(table).unwrap()).unwrap(), written.into_iter()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), tables in 0..4_usize) {
        let _ = read_all(&bytes, tables);
    }

    #[test]
    fn a_cut_payload_is_refused(tables in prop::collection::vec(rows(), 1..3), at in any::<prop::sample::Index>()) {
        let payload = encode(&[1_u32, 2, 3, 4].map(Value::from), &tables);
        prop_assert!(read_all(&payload[..at.index(payload.len())], tables.len()).is_err());
    }
}

#[test]
fn the_layout_is_the_one_documented() {
    let key = [Value::Int(6), Value::Int(-1), Value::Missing, Value::Int(300)];
    let row = vec![Value::Float(1.0), Value::Text("ok")];
    let expected = [
        &[1, 12, 1, 1, 0, 1, 0xD8, 4][..],
        &[13, 0, 0, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 3, 2, b'o', b'k'],
        &[0; 8],
    ];
    assert_eq!(encode(&key, [vec![row], Vec::new()]), expected.concat());
}

#[test]
fn each_kind_of_nonsense_is_named() {
    let key = [MISSING; 4];
    let payload = |section: &[u8]| [&key[..], &(section.len() as u64).to_le_bytes(), section].concat();
    let long = [&[INT][..], &[0xFF; 9], &[2]].concat();
    let endless = [&[INT][..], &[0x80; 12]].concat();
    for (section, expected) in [
        (&[7][..], Malformed::UnknownTag(7)),
        (&[FLOAT, 0, 0], Malformed::CutShort),
        (&long, Malformed::LongInteger),
        (&endless, Malformed::LongInteger),
        (&[TEXT, 1, 0xFF], Malformed::NotUtf8),
        // A text of 2^63 bytes: refused by its length, nothing is allocated.
        (&[TEXT, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], Malformed::CutShort),
    ] {
        assert_eq!(read_all(&payload(section), 1), Err(expected), "{section:?}");
    }
    assert_eq!(read_all(&payload(&[]), 0), Err(Malformed::Trailing));
    assert_eq!(read_all(&payload(&[]), 2), Err(Malformed::CutShort));
    assert_eq!(read_all(&[&key[..], &u64::MAX.to_le_bytes()].concat(), 1), Err(Malformed::CutShort));
}

#[test]
fn the_ends_of_the_integers() {
    for value in [0, -1, 1, 63, -64, 64, i64::MAX, i64::MIN] {
        let mut out = Vec::new();
        push(&mut out, &Value::Int(value));
        assert_eq!(Fields(&out).float(), None);
        assert_eq!(Fields(&out).read(), Ok(Field::Int(value)));
    }
}
