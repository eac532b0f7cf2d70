//! CSV: what is read, and what a refusal says.

use super::*;

#[test]
fn csv_with_and_without_a_header() {
    let table = csv("age,bmi\n59, 32.1\n48,2.16e1\n").unwrap();
    assert_eq!(names(&table), ["age", "bmi"]);
    assert_eq!(table.x, matrix(2, 2, &[59.0, 32.1, 48.0, 21.6]));
    let table = csv("1,2\r\n3,4").unwrap();
    assert_eq!((table.names, table.x), (None, matrix(2, 2, &[1.0, 2.0, 3.0, 4.0])));
    let years = ReadOptions { header: Header::Yes, ..ReadOptions::default() };
    let table = csv_with("1990,1991\n3,4\n", &years).unwrap();
    assert_eq!((names(&table), &table.x), (vec!["1990", "1991"], &matrix(1, 2, &[3.0, 4.0])));
}

#[test]
fn csv_tolerates_byte_order_mark_quotes_blank_lines_and_other_delimiters() {
    let table = csv("\u{feff}\"body, mass\",\"b\"\n\n\"1.5\",2\n\n").unwrap();
    assert_eq!((names(&table), &table.x), (vec!["body, mass", "b"], &matrix(1, 2, &[1.5, 2.0])));
    for delimiter in [b';', b'\t', b'|', b' '] {
        let options = ReadOptions { delimiter, ..ReadOptions::default() };
        let content = "1,2\n3,4\n".replace(',', &char::from(delimiter).to_string());
        assert_eq!(csv_with(content, &options).unwrap().x, matrix(2, 2, &[1.0, 2.0, 3.0, 4.0]), "{delimiter}");
    }
}

#[test]
fn csv_errors_name_line_column_value_and_remedy() {
    let no_header = ReadOptions { header: Header::No, ..ReadOptions::default() };
    let delimited = |delimiter| ReadOptions { delimiter, ..ReadOptions::default() };
    let default = ReadOptions::default();
    for (content, options, message) in [
        ("a,b\n1,NA\n", &default, "data.csv:2: column 2 (\"b\") = \"NA\" is missing: drop or impute"),
        ("a,b\n1,2\n\n3,\n", &default, "data.csv:4: column 2 (\"b\") = \"\" is missing: drop or impute"),
        ("1,nan\n", &default, "data.csv:1: column 2 = \"nan\" is missing: drop or impute"),
        ("1,2\n1,-Inf\n", &default, "data.csv:2: column 2 = \"-Inf\" is not finite"),
        ("1e999\n", &default, "data.csv:1: column 1 = \"1e999\" is not finite"),
        ("1,x\n2,3\n", &default, "data.csv:1: \"1\" is a number and \"x\" is not: say whether"),
        ("a,b\n1,2\n", &no_header, "data.csv:1: column 1 = \"a\" is not a number"),
        ("a,b\n1,2\n1,2,3\n", &default, "data.csv:3: 3 field(s) here, 2 on line 1: give every line the same"),
        ("1,2,3\n\n1,2\n", &default, "data.csv:3: 2 field(s) here, 3 on line 1"),
        ("a;b\n1;2\n", &default, "= \"1;2\" is not a number: is another delimiter meant?"),
        ("", &default, "data.csv: is empty: give at least one row"),
        ("\n\n \n", &default, "data.csv: is empty"),
        ("a,b\r\n\r\n1,2\r\n1,x\r\n", &default, "data.csv:4: column 2 (\"b\") = \"x\" is not a number"),
        ("a,\"b\n1,2\n", &default, "data.csv:1: a quote is opened and not closed on this line"),
        ("\"1\",2\n\"3\"\n", &default, "data.csv:2: 1 field(s) here, 2 on line 1"),
        ("a,b\n", &default, "data.csv: has a header but no rows"),
        ("1,2\n", &delimited(b'.'), "cannot be split at '.': choose a delimiter"),
        ("1,2\n", &delimited(b'"'), "cannot be split at '\"'"),
        ("1,2\n", &delimited(0xff), "choose a delimiter"),
    ] {
        let error = csv_with(content, options).unwrap_err();
        assert!(error.contains(message), "{content:?}: {error}");
    }
    let error = csv(b"a,b\n1,\xe9\n").unwrap_err();
    assert!(error.contains("data.csv:2: column 2 is not UTF-8 text: save the file as UTF-8"), "{error}");
}

#[test]
fn an_endless_csv_line_is_refused() {
    let mut content = b"a,b\n".to_vec();
    content.resize(17 << 20, b'1');
    let error = csv(content).unwrap_err();
    assert!(error.contains("data.csv:2: the line exceeds 16777216 bytes: transpose the matrix"), "{error}");
}

#[test]
fn a_csv_line_of_delimiters_is_refused() {
    let fields = |count: usize| "1,".repeat(count - 1) + "1\n";
    assert_eq!(csv(fields(1 << 18)).unwrap().x.cols(), 1 << 18);
    let error = csv(fields((1 << 18) + 1)).unwrap_err();
    assert!(error.contains("data.csv:1: the line has more than 262144 fields: choose another delimiter"), "{error}");
}

#[test]
fn csv_columns_are_chosen_by_name_or_position_and_the_others_may_be_text() {
    let content = "id,age,sex,y\nA1,59,m,151\nA2,48,f,75\n";
    let table = csv_with(content, &choosing(&[named("y"), ColumnRef::Position(2)])).unwrap();
    assert_eq!((names(&table), &table.x), (vec!["y", "age"], &matrix(2, 2, &[151.0, 59.0, 75.0, 48.0])));
    for (columns, message) in [
        (&[named("Age")][..], "has no column \"Age\": it has \"id\", \"age\", \"sex\", \"y\""),
        (&[ColumnRef::Position(0)], "has no column 0: positions run from 1 to 4"),
        (&[ColumnRef::Position(5)], "has no column 5: positions run from 1 to 4"),
        (&[], "choose at least one"),
        (&[named("sex")], ":2: column 3 (\"sex\") = \"m\" is not a number"),
    ] {
        let error = csv_with(content, &choosing(columns)).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
    let error = csv_with("a,a\n1,2\n", &choosing(&[named("a")])).unwrap_err();
    assert!(error.contains("several columns named \"a\" (positions 1 and 2): choose by position"), "{error}");
    let error = csv_with("1,2\n", &choosing(&[named("a")])).unwrap_err();
    assert!(error.contains("has no header to find column \"a\" in: choose columns by position"), "{error}");
}

#[test]
fn missing_values_are_refused_or_their_rows_are_left_out_and_counted() {
    let content = "a,b,note\n1,2,x\n3,NA,\n5,6,NA\n.,8,y\n9,10,\n";
    let missing = |words: &[&str], rows| Missing { words: words.iter().map(|&w| w.to_owned()).collect(), rows };
    let options = |missing| ReadOptions { missing, ..choosing(&[named("a"), named("b")]) };
    let error = csv_with(content, &options(Missing::default())).unwrap_err();
    assert!(error.contains("data.csv:3: column 2 (\"b\") = \"NA\" is missing: drop or impute the row"), "{error}");
    let drop = options(missing(&Missing::WORDS, MissingRows::Drop));
    assert_eq!(csv_with(content, &drop).unwrap().x, matrix(3, 2, &[1.0, 2.0, 5.0, 6.0, 9.0, 10.0]));
    // Other words replace these, the empty field is always missing.
    let error = csv_with(content, &options(missing(&["-999"], MissingRows::Drop))).unwrap_err();
    assert!(error.contains("data.csv:3: column 2 (\"b\") = \"NA\" is not a number"), "{error}");
    let coded = "a\n1\n-999\n\"\"\n";
    let options = ReadOptions { missing: missing(&["-1"], MissingRows::Drop), ..ReadOptions::default() };
    assert_eq!(csv_with(coded, &options).unwrap().x, matrix(2, 1, &[1.0, -999.0]));
    // A number stands for its value.
    let options = ReadOptions { missing: missing(&["-999"], MissingRows::Drop), ..ReadOptions::default() };
    assert_eq!(csv_with("a,b\n1,-999.0\n2,3\n-9.99e2,4\n", &options).unwrap().x, matrix(1, 2, &[2.0, 3.0]));
    let none = ReadOptions { missing: missing(&["NA"], MissingRows::Drop), ..ReadOptions::default() };
    let error = csv_with("a,b\n1,NA\n,2\n", &none).unwrap_err();
    assert!(error.contains("has no complete row: every one of its 2 rows misses a value"), "{error}");
    assert!(csv_with("a\nNaN\n2\n", &drop_all()).unwrap().x == matrix(1, 1, &[2.0]));
    // A number of NPY is missing where it is NaN.
    let table = read(&recorded("nan"), &drop_all()).unwrap();
    assert!(table.x.rows() > 0 && table.x.first_not_finite().is_none());
}

fn drop_all() -> ReadOptions {
    ReadOptions { missing: Missing { rows: MissingRows::Drop, ..Missing::default() }, ..ReadOptions::default() }
}

#[test]
fn categories_become_columns_of_zeros_and_ones() {
    let content = "age,sex,ward\n59,m,10\n48,f,9\n31,f,10\n";
    let dummies = |column: &str, levels| Dummies { column: named(column), levels };
    let coded = |dummies: Vec<Dummies>| csv_with(content, &ReadOptions { dummies, ..ReadOptions::default() });
    let table = coded(vec![dummies("sex", Levels::Treatment)]).unwrap();
    assert_eq!(names(&table), ["age", "sex[m]", "ward"]);
    assert_eq!(table.x, matrix(3, 3, &[59.0, 1.0, 10.0, 48.0, 0.0, 9.0, 31.0, 0.0, 10.0]));
    // Levels that are numbers are sorted as numbers.
    let table = coded(vec![dummies("ward", Levels::All), dummies("sex", Levels::All)]).unwrap();
    assert_eq!(names(&table), ["age", "sex[f]", "sex[m]", "ward[9]", "ward[10]"]);
    assert_eq!(table.x.row(1), [48.0, 1.0, 0.0, 1.0, 0.0]);
    for (dummies, message) in [
        (vec![dummies("eye", Levels::All)], "has no column \"eye\""),
        (vec![dummies("sex", Levels::All), dummies("sex", Levels::Treatment)], "column \"sex\" is coded twice"),
    ] {
        let error = coded(dummies).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
    let sex = |levels| ReadOptions { dummies: vec![dummies("sex", levels)], ..ReadOptions::default() };
    let error = csv_with("sex,x\nf,1\nf,2\n", &sex(Levels::Treatment)).unwrap_err();
    assert!(
        error.contains("column 1 (\"sex\") holds nothing but \"f\", so that nothing is left to compare"),
        "{error}"
    );
    let many = (0..1001).map(|i| format!("id{i},1")).collect::<Vec<_>>().join("\n");
    let error = csv_with(format!("sex,x\n{many}"), &sex(Levels::All)).unwrap_err();
    assert!(error.contains("column 1 (\"sex\") has more than 1000 levels: it is no category"), "{error}");
    // A level that only dropped rows have is none.
    let options = ReadOptions { missing: drop_all().missing, ..sex(Levels::All) };
    let table = csv_with("sex,x\nf,1\nm,NA\nd,2\n", &options).unwrap();
    assert_eq!(names(&table), ["sex[d]", "sex[f]", "x"]);
    let position = ReadOptions {
        dummies: vec![Dummies { column: ColumnRef::Position(2), levels: Levels::All }],
        header: Header::No,
        ..ReadOptions::default()
    };
    assert_eq!(names(&csv_with("1,u\n2,v\n", &position).unwrap()), ["x1", "x2[u]", "x2[v]"]);
    assert!(read(&recorded("little_f8"), &position).unwrap_err().message.contains("holds numbers only"));
}
