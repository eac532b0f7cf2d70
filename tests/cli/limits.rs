//! Input that asks for too much is refused soon, in little memory: the real program under a limit on its address space.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use super::{config, run_on_cpu, scratch, text};

/// Address space for everything, libraries and thread stacks included: 1 GiB.
const LIMIT_KIB: u32 = 1 << 20;

/// Runs the program with `args` within [`LIMIT_KIB`].
fn limited(args: &[&str], path: &Path) -> Output {
    let script = format!("ulimit -v {LIMIT_KIB}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_nullsweep")]).args(args).arg(path);
    // A driver would map its own memory.
    command.env("VK_DRIVER_FILES", "/nonexistent/icd.json").env("VK_ICD_FILENAMES", "/nonexistent/icd.json");
    command.output().unwrap()
}

/// Checks that `output` is a refusal in words that contain `words`, and short.
fn assert_refused(output: &Output, words: &str) {
    let said = text(&output.stderr);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{:?}: {said}", output.status);
    assert!(said.contains(words), "{said}");
    assert!(said.len() < 20_000, "{} bytes of words", said.len());
}

/// A gibibyte in one line, most of it a hole.
#[test]
fn a_csv_of_one_endless_line() {
    let dir = scratch();
    let path = dir.path().join("line.csv");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"1,2,3,").unwrap();
    file.set_len(1 << 30).unwrap();
    assert_refused(&limited(&["diagnose"], &path), "line.csv:1: the line exceeds 16777216 bytes");
    fs::write(&path, vec![b','; 15 << 20]).unwrap();
    assert_refused(&limited(&["diagnose"], &path), "line.csv:1: the line has more than 262144 fields");
}

/// `header` in front of `length` bytes of zeros.
fn npy(path: &Path, header: &str, length: u64) {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    fs::write(path, &bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_len(bytes.len() as u64 + length).unwrap();
}

#[test]
fn npy_headers_that_lie() {
    let dir = scratch();
    let path = dir.path().join("x.npy");
    for (descr, order, shape, length, words) in [
        ("'<f8'", "False", "(4294967296, 4294967296)", 64, "more than any file can hold"),
        ("'<f8'", "False", "(1000000000, 1000)", 64, "truncated"),
        ("'<f8'", "False", "(2, 3)", 64, "too long"),
        ("'<f8'", "True", "(99999999999999999999, 1)", 64, "cannot be understood"),
        ("'<f8'", "False", "(-1, 8)", 64, "cannot be understood"),
        ("'<f4'", "False", "(2, 4)", 64, "too long"),
        ("'<f16'", "False", "(2, 4)", 128, "holds entries of type"),
        ("'<f8'", "1", "(2, 4)", 64, "cannot be understood"),
        ("'<f8'", "False", "(0, 8)", 0, "holds no entries"),
        // The file is as long as it says, with a hole, and the machine has not so much memory to give. With fewer columns its rows
        // would be gone through in passes.
        ("'<f8'", "False", "(131072, 4096)", 4 << 30, "more memory for 536870912 entries than the system grants"),
        ("'<i1'", "False", "(524288, 4096)", 2 << 30, "above the limit of 1073741824"),
    ] {
        npy(&path, &format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"), length);
        assert_refused(&limited(&["diagnose"], &path), words);
    }
}

#[test]
fn configs_of_great_depth_length_or_number() {
    let dir = scratch();
    let path = dir.path().join("a.toml");
    let grid = |n: &str| format!("[design]\nkind = \"gaussian\"\n[grid]\nd = 2\nn = {n}\n");
    for (content, words) in [
        (grid(&"[".repeat(500_000)), "max recursion depth"),
        (grid(&"{a=".repeat(300_000)), "max recursion depth"),
        (format!("a{} = 1\n", ".a".repeat(500_000)), "recursion limit"),
        (format!("[a{}]\n", ".a".repeat(500_000)), "recursion limit"),
        // Each wrong value is on the same long line: the first are shown, the others counted.
        (grid(&format!("[{}]", "0,".repeat(500_000))), "499970 more errors"),
        ("= \n".repeat(300_000), "more errors"),
        (grid(&"9".repeat(1_000_000)), "expected an integer"),
        (grid(&format!("[{}]", "1,".repeat(530_000))), "is larger than 1048576 bytes"),
        (grid("{ linear = [1, 2000000], step = 1 }"), "more than 1000000 values"),
        (grid(&format!("2\nwhere = \"{}n > 1\"", "(".repeat(900))), "nested more than 50 deep"),
        (grid("2\nepsilon = { log = [1e-9, 1.0], count = 1000000, with = [2.0] }"), "1000001 values"),
        (format!("{}[target]\nnoise = {}\n", grid("2"), "-".repeat(900_000)), "not valid TOML"),
    ] {
        fs::write(&path, &content).unwrap();
        assert_refused(&limited(&["plan"], &path), words);
    }
}

#[test]
fn extends_that_multiply_or_never_end() {
    let dir = scratch();
    let file = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
    file("one.toml", "extends = \"two.toml\"\n");
    file("two.toml", "extends = [\"one.toml\"]\n");
    assert_refused(&limited(&["plan"], &dir.path().join("one.toml")), "goes round in a circle");
    for level in 0..8 {
        let next = format!("\"{}.toml\", ", level + 1).repeat(20);
        file(&format!("{level}.toml"), &format!("extends = [{next}]\n"));
    }
    file("8.toml", &format!("# {}\n", "a".repeat(1_000_000)));
    assert_refused(&limited(&["plan"], &dir.path().join("0.toml")), "at most 64 files");
    for level in 0..10 {
        file(&format!("{level}.toml"), &format!("extends = \"{}.toml\"\n", level + 1));
    }
    assert_refused(&limited(&["plan"], &dir.path().join("0.toml")), "nested more than 8 deep");
    assert_refused(&limited(&["plan"], Path::new("/dev/zero")), "is larger than 1048576 bytes");
}

/// Whatever lies in the folder, a journal of noise is neither read as rows nor overwritten.
#[test]
fn a_journal_that_is_none() {
    let dir = scratch();
    let journal = dir.path().join("journal.nsj");
    let mut lying = b"\x89NSJ\r\n\x1a\n\x01\0\0\0\x02\0\0\0".to_vec();
    lying.resize(48, 7);
    // A description of 2^63 bytes.
    lying.extend((1_u64 << 63).to_le_bytes());
    for content in [b"name,value\n1,2\n".to_vec(), vec![0; 1 << 20], lying] {
        fs::write(&journal, &content).unwrap();
        let refused = run_on_cpu(&config("quickstart.toml"), dir.path()).assert().code(2);
        let said = text(&refused.get_output().stderr);
        assert!(
            said.contains("this is no journal")
                && said.contains("run the config as it was, or start over with --fresh"),
            "{said}"
        );
        assert_eq!(fs::read(&journal).unwrap(), content, "left as it was");
    }
}
