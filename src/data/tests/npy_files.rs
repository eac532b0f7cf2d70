//! NPY: what is read, and what a refusal says.

use super::*;

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
