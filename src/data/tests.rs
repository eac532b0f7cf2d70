#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

use std::fs;

use proptest::prelude::*;

use super::*;

/// What `read` says of a CSV file with this content.
fn csv_with(content: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Table, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    fs::write(&path, content).unwrap();
    read(&path, options).map_err(|error| error.to_string().replace(&*folder.path().to_string_lossy(), ""))
}

fn csv(content: impl AsRef<[u8]>) -> Result<Table, String> {
    csv_with(content, &ReadOptions::default())
}

fn matrix(rows: usize, cols: usize, entries: &[f64]) -> Matrix {
    Matrix::new(rows, cols, entries.to_vec())
}

fn names(table: &Table) -> Vec<&str> {
    table.names.iter().flatten().map(String::as_str).collect()
}

fn named(name: &str) -> ColumnRef {
    ColumnRef::Name(name.to_owned())
}

fn choosing(columns: &[ColumnRef]) -> ReadOptions {
    ReadOptions { columns: Some(columns.to_vec()), ..ReadOptions::default() }
}

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/numpy_arrays").join(name).with_extension("npy")
}

fn npy(name: &str) -> Result<Matrix, String> {
    read(&recorded(name), &ReadOptions::default()).map(|table| table.x).map_err(|error| error.message)
}

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
fn bytes_are_read_as_a_file_of_that_name_is() {
    let path = Path::new("some/where.csv");
    assert_eq!(parse(b"1,2\n3,4\n", path, &ReadOptions::default()).unwrap().x, matrix(2, 2, &[1.0, 2.0, 3.0, 4.0]));
    let bytes = fs::read(recorded("fortran")).unwrap();
    let table = parse(&bytes, &recorded("fortran"), &ReadOptions::default()).unwrap();
    assert_eq!(table, read(&recorded("fortran"), &ReadOptions::default()).unwrap());
    let error = parse(b"1,x\n", path, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("some/where.csv:1: "), "{error}");
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
fn a_table_gives_up_its_y() {
    let mut table = csv("a,y,b\n1,2,3\n4,5,6\n").unwrap();
    assert_eq!(table.take_column(&named("y")).unwrap(), [2.0, 5.0]);
    assert_eq!((names(&table), &table.x), (vec!["a", "b"], &matrix(2, 2, &[1.0, 3.0, 4.0, 6.0])));
    let error = table.take_column(&named("y")).unwrap_err().to_string();
    assert!(error.ends_with("data.csv: has no column \"y\": it has \"a\", \"b\""), "{error}");
    let mut swapped = table.select(&[ColumnRef::Position(2), named("a")]).unwrap();
    assert_eq!((names(&swapped), &swapped.x), (vec!["b", "a"], &matrix(2, 2, &[3.0, 1.0, 6.0, 4.0])));
    swapped.take_column(&ColumnRef::Position(1)).unwrap();
    assert!(swapped.take_column(&ColumnRef::Position(1)).unwrap_err().message.contains("none would be left for X"));
}

#[test]
fn vectors_come_from_one_dimension_or_one_column() {
    let options = ReadOptions::default();
    assert_eq!(read_vector(&recorded("vector"), &options).unwrap(), [0.5, -1.0, 2.0]);
    assert_eq!(read_vector(&recorded("column"), &options).unwrap(), [0.5, -1.0, 2.0]);
    let first = choosing(&[ColumnRef::Position(1)]);
    assert_eq!(read_vector(&recorded("little_f8"), &first).unwrap(), [1.0, 4.5]);
    let error = read_vector(&recorded("little_f8"), &options).unwrap_err();
    assert!(error.message.contains("holds 3 columns where one is wanted"), "{error}");
    assert!(npy("vector").unwrap_err().contains("a vector of 3 where a matrix is wanted: save x.reshape(-1, 1)"));
}

#[test]
fn npy_of_every_type_order_and_version_is_read() {
    let x = matrix(2, 3, &[1.0, -2.0, 3.0, 4.5, 5.0, -6.25]);
    for name in ["little_f8", "big_f8", "little_f4", "big_f4", "fortran", "version2", "version3"] {
        assert_eq!(npy(name).as_ref(), Ok(&x), "{name}");
    }
    let integers = matrix(2, 3, &[1.0, -2.0, 3.0, 100.0, 0.0, -128.0]);
    for name in ["i1_little", "i2_little", "i4_big", "i8_little", "i8_big"] {
        assert_eq!(npy(&format!("integers_{name}")).as_ref(), Ok(&integers), "{name}");
    }
    assert_eq!(npy("unsigned_u2"), Ok(matrix(1, 2, &[0.0, 65535.0])));
}

#[test]
fn npy_that_is_no_finite_real_matrix_is_refused() {
    for (name, message) in [
        ("nan", "holds NaN in row 2, column 2: every entry must be finite"),
        ("infinite_fortran", "holds -inf in row 2, column 3"),
        ("unrepresentable_i8", "entry 1 of the file, 9007199254740993, is an integer that f64 cannot hold exactly"),
        ("empty", "holds no entries (shape 0 x 3)"),
        ("scalar", "an array of 0 dimensions: only 1 and 2"),
        ("three_dimensions", "an array of 3 dimensions"),
        ("complex", "holds entries of type \"<c16\": integers, float32 and float64 can be read; save x.astype"),
        ("bool", "\"|b1\""),
        ("half", "\"<f2\""),
        ("object", "\"|O\""),
        ("structured", "holds structured entries"),
    ] {
        let error = npy(name).unwrap_err();
        assert!(error.contains(message), "{name}: {error}");
    }
    let error = read(&recorded("little_f8"), &choosing(&[named("a")])).unwrap_err();
    assert!(error.message.contains("has no header"), "{error}");
}

/// An NPY file of version 1 with this header and data.
fn npy_bytes(header: &str, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).unwrap();
    [b"\x93NUMPY\x01\x00".as_slice(), &length.to_le_bytes(), header.as_bytes(), data].concat()
}

fn parse_npy(bytes: &[u8]) -> Result<Matrix, String> {
    let (path, options) = (Path::new("x.npy"), ReadOptions::default());
    let file = RowFile::new(path, Input::Memory(bytes), &options, None, Shape::Vector, Portion::default(), &mut |_| ());
    file.map_err(|fault| fault.at(path))
        .and_then(|file| file.held())
        .map(|table| table.x)
        .map_err(|error| error.message)
}

#[test]
fn npy_headers_that_lie_are_refused_before_anything_is_allocated() {
    let one = 1.0_f64.to_le_bytes();
    let shaped = |shape: &str| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    assert_eq!(parse_npy(&npy_bytes(&shaped("(1,)"), &one)), Ok(matrix(1, 1, &[1.0])));
    assert_eq!(
        parse_npy(&npy_bytes(r#"{"shape":(1,1),"descr":"<f8","fortran_order":True}"#, &one)),
        Ok(matrix(1, 1, &[1.0]))
    );
    for (header, message) in [
        (shaped("(2, 3)"), "is truncated: its header promises 2 x 3 entries in 48 bytes, but 8 follow"),
        (shaped("(0, 3)"), "no entries"),
        (shaped("(4294967296, 4294967296)"), "more than any file can hold"),
        (shaped("(2305843009213693953, 1)"), "more than any file can hold"),
        (shaped("(99999999999999999999, 1)"), "cannot be understood"),
        (shaped("(-1, 1)"), "cannot be understood"),
        (shaped("(1)"), "cannot be understood"),
        (shaped("(1, 1"), "cannot be understood"),
        (shaped("(1,), 'shape': (1,)"), "cannot be understood"),
        ("{'descr': '<f8', 'shape': (1,)}".to_owned(), "cannot be understood"),
        ("{'descr': '<f8' 'shape': (1,)}".to_owned(), "cannot be understood"),
        (shaped("(1,)") + "x", "cannot be understood"),
        (String::new(), "cannot be understood"),
    ] {
        let error = parse_npy(&npy_bytes(&header, &one)).unwrap_err();
        assert!(error.contains(message), "{header}: {error}");
    }
    let too_long = parse_npy(&npy_bytes(&shaped("(1,)"), &[0; 9])).unwrap_err();
    assert!(too_long.contains("is too long: its header promises 1 x 1 entries in 8 bytes, but 9 follow"), "{too_long}");
    for (bytes, message) in [
        (&b""[..], "write it with np.save"),
        (b"\x93NUMPX\x01\x00", "write it with np.save"),
        (b"\x93NUMPY\x09\x00", "NPY version 9"),
        (b"\x93NUMPY\x01\x00", "cut off"),
        (b"\x93NUMPY\x01\x00\x10\x00{", "cut off"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "promises a header of 4294967295 bytes"),
        (b"\x93NUMPY\x01\x00\x01\x00\xff", "not UTF-8"),
    ] {
        let error = parse_npy(bytes).unwrap_err();
        assert!(error.contains(message), "{bytes:?}: {error}");
    }
}

#[test]
fn a_file_that_changes_between_two_passes_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["data.csv", "data.npy"] {
        let path = folder.path().join(name);
        let rows = |count: usize| match name {
            "data.csv" => "1,2\n".repeat(count).into_bytes(),
            _ => npy_bytes(
                &format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({count}, 2)}}"),
                &vec![0; 16 * count],
            ),
        };
        fs::write(&path, rows(3)).unwrap();
        let file = RowFile::open(&path, &ReadOptions::default(), None, Portion::default(), &mut |_| ()).unwrap();
        let pass = || file.each_group(&mut |_, _| Ok(())).map_err(|error| error.to_string());
        assert_eq!((pass(), pass()), (Ok(()), Ok(())));
        fs::write(&path, rows(4)).unwrap();
        assert!(pass().unwrap_err().contains("changed while it was read: wait until it is written"), "{name}");
        fs::remove_file(&path).unwrap();
        assert!(pass().is_err());
    }
}

#[test]
fn other_formats_are_refused_with_what_to_do() {
    for (name, words) in [
        ("a.parquet", "write it as CSV, duckdb"),
        ("a.csv.gz", "is compressed: unpack it first"),
        ("a.txt", "rename it to .csv and give --delimiter"),
        ("a.xlsx", "save the sheet as CSV"),
        ("a.npz", "np.save"),
        ("a.json", "has no known extension: .csv, .tsv and .npy can be read"),
    ] {
        let error = parse(b"1,2\n", Path::new(name), &ReadOptions::default()).unwrap_err();
        assert!(error.message.contains(words), "{error}");
    }
    let tabbed = parse(b"a\tb\n1\t2\n", Path::new("a.tsv"), &ReadOptions::default()).unwrap();
    assert_eq!((names(&tabbed), &tabbed.x), (vec!["a", "b"], &matrix(1, 2, &[1.0, 2.0])));
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

#[test]
fn columns_are_dropped_by_name() {
    let content = "id,a,b\nx,1,2\ny,3,4\n";
    let dropping = |drop: &[ColumnRef]| ReadOptions { drop: drop.to_vec(), ..ReadOptions::default() };
    let table = csv_with(content, &dropping(&[named("id"), ColumnRef::Position(2)])).unwrap();
    assert_eq!((names(&table), &table.x), (vec!["b"], &matrix(2, 1, &[2.0, 4.0])));
    let all = [named("id"), named("a"), named("b")];
    for (options, message) in [
        (dropping(&all), "has every column dropped: leave at least one"),
        (dropping(&[named("c")]), "has no column \"c\""),
        (
            ReadOptions { columns: Some(vec![named("a")]), ..dropping(&[named("b")]) },
            "is dropped, but it was not chosen",
        ),
        (choosing(&[named("a"), ColumnRef::Position(2)]), "is to give column 2 twice"),
    ] {
        let error = csv_with(content, &options).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

/// Blocks as small as a byte give the same rows, the same errors on the same lines.
#[test]
fn blocks_of_any_size_are_read_alike() {
    let long = (0..300).map(|i| format!("{i},{}.5", 1000 - i)).collect::<Vec<_>>().join("\r\n\n");
    let content = format!("\u{feff}a,b\n{long}\r\n\n7,8");
    let chunked = |content: &str, block_bytes| {
        let (path, options) = (Path::new("data.csv"), ReadOptions::default());
        let portion = Portion { block_bytes, group: 3 };
        let input = Input::Memory(content.as_bytes());
        let file = RowFile::new(path, input, &options, None, Shape::Matrix, portion, &mut |_| ());
        file.map_err(|fault| fault.at(path)).and_then(|file| file.held()).map_err(|error| error.to_string())
    };
    let whole = chunked(&content, 1 << 20).unwrap();
    assert_eq!((whole.x.rows(), whole.x.row(300)), (301, &[7.0, 8.0][..]));
    let wrong = content.replace("150,", "15O,") + "\n1,2,3\n";
    for block_bytes in [1, 2, 7, 64, 1000] {
        assert_eq!(chunked(&content, block_bytes).unwrap(), whole, "{block_bytes}");
        let error = chunked(&wrong, block_bytes).unwrap_err();
        assert_eq!(error, chunked(&wrong, 1 << 20).unwrap_err());
        assert!(error.starts_with("data.csv:302: column 1 (\"a\") = \"15O\" is not a number"), "{error}");
    }
}

#[test]
fn what_is_no_readable_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |path: &Path| read(path, &ReadOptions::default()).unwrap_err().to_string();
    let missing = fails(&folder.path().join("missing.csv"));
    assert!(missing.contains("missing.csv: cannot be found or read"), "{missing}");
    assert!(fails(folder.path()).contains("is not a regular file"));
    let large = folder.path().join("large.csv");
    fs::File::create(&large).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(fails(&large).contains("has 8589934593 bytes, above the limit of 8589934592"));
}

#[test]
fn the_shipped_diabetes_data_are_whole() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/data/diabetes.csv");
    let mut table = read(&path, &ReadOptions::default()).unwrap();
    let y = table.take_column(&named("y")).unwrap();
    assert_eq!(names(&table), ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]);
    assert_eq!((table.x.rows(), table.x.cols(), y.len()), (442, 10, 442));
    assert_eq!((table.x.row(0), y[0]), (&[59.0, 2.0, 32.1, 101.0, 157.0, 93.2, 38.0, 4.0, 4.8598, 87.0][..], 151.0));
    // The mean that Efron et al. 2004 give for y.
    assert!((y.iter().sum::<f64>() / 442.0 - 152.133_484).abs() < 1e-6);
}

/// Header and entries of a CSV file.
fn parsed(content: &[u8], options: &ReadOptions) -> Result<(Option<Vec<String>>, Matrix), DataError> {
    parse(content, Path::new("data.csv"), options).map(|table| (table.names, table.x))
}

fn finite(x: &Matrix) -> bool {
    x.rows() * x.cols() > 0 && x.first_not_finite().is_none()
}

proptest! {
    #[test]
    fn no_bytes_upset_the_csv_parser(content in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((_, x)) = parsed(&content, &ReadOptions::default()) {
            prop_assert!(finite(&x));
        }
    }

    #[test]
    fn no_text_upsets_the_csv_parser(content in "[0-9a-zN\",;.\r\n+ -]{0,200}", delimiter in any::<u8>()) {
        let options = ReadOptions { delimiter, ..ReadOptions::default() };
        if let Ok((_, x)) = parsed(content.as_bytes(), &options) {
            prop_assert!(finite(&x));
        }
    }

    #[test]
    fn what_is_written_as_csv_is_read_back(
        (cols, entries) in (1_usize..6).prop_flat_map(|cols| {
            (Just(cols), proptest::collection::vec(proptest::num::f64::NORMAL, cols * 4))
        })
    ) {
        let lines = entries.chunks(cols).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(","));
        let content = lines.collect::<Vec<_>>().join("\n");
        let (names, x) = parsed(content.as_bytes(), &ReadOptions::default()).unwrap();
        prop_assert_eq!((names, x), (None, Matrix::new(4, cols, entries)));
    }

    #[test]
    fn no_bytes_upset_the_npy_parser(data in proptest::collection::vec(any::<u8>(), 0..100), header in "\\PC{0,80}") {
        for bytes in [data.clone(), npy_bytes(&header, &data)] {
            if let Ok(x) = parse_npy(&bytes) {
                prop_assert!(finite(&x));
            }
        }
    }

    #[test]
    fn no_mutation_upsets_the_npy_parser(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), keep in any::<prop::sample::Index>()) {
        let mut bytes = fs::read(recorded("fortran")).unwrap();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let cut = keep.index(bytes.len() + 1);
        for bytes in [&bytes[..], &bytes[..cut]] {
            if let Ok(x) = parse_npy(bytes) {
                prop_assert!(finite(&x));
            }
        }
    }
}

#[test]
fn chunks_of_many_dummies_have_no_more_entries_than_chunks_of_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wards.csv");
    let line = |i: usize| format!("{},{}\n", 100 + i % 400, i % 7);
    fs::write(&path, (0..4000).map(line).collect::<String>()).unwrap();
    let dummies = vec![Dummies { column: ColumnRef::Position(1), levels: Levels::All }];
    let options = ReadOptions { dummies, ..ReadOptions::default() };
    let portion = Portion { block_bytes: 6000, group: 3 };
    let file = RowFile::open(&path, &options, None, portion, &mut |_| ()).unwrap();
    assert_eq!(file.width(), 401);
    let (mut rows, mut most) = (0, 0);
    let mut take = |chunks: Vec<Chunk>, _| {
        rows += chunks.iter().map(|chunk| chunk.x.rows()).sum::<usize>();
        most = chunks.iter().map(|chunk| chunk.x.as_slice().len()).fold(most, usize::max);
        Ok(())
    };
    file.each_group(&mut take).unwrap();
    // A number takes two bytes of text, its delimiter being one.
    assert!(rows == 4000 && most <= 6000 / 2, "{rows} {most}");
}
