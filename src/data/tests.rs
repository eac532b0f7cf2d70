#![allow(clippy::unwrap_used, reason = "a test may stop at a surprise")]

mod any_bytes;
mod csv_files;
mod npy_files;

use std::fs;

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
