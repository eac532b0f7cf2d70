//! The kernels of the optimized program really are vector code.
//!
//! `linalg::vectorized` compiles a closure for AVX2 and FMA, `linalg::widest` for AVX-512, and with it what is inlined into it. What
//! is not inlined (a closure without `#[inline(always)]` is enough) stays code for the oldest x86-64, where a fused multiplication and
//! addition is a call into the library: the same bits, ten times as slow. So this test reads the program: no such call where
//! either is, nor one call away from it, but for functions that choose instructions themselves and so hold their portable twin. It
//! needs binutils, as linking does.

#![cfg(all(target_os = "linux", target_arch = "x86_64", not(debug_assertions)))]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test may stop at a surprise")]

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

/// What a function does, as far as this test cares.
#[derive(Default)]
struct Function {
    name: String,
    /// Fused multiplications and additions of four f64.
    fused: usize,
    /// Those of eight.
    fused_wide: usize,
    /// Addresses of the functions it calls, or whose addresses it takes.
    calls: Vec<u64>,
}

/// Taken only where squares leave the range of f64.
const RARELY_CALLED: &str = "norm_out_of_range";

fn objdump(option: &str) -> String {
    let output = Command::new("objdump")
        .args([option, "-C", "--no-show-raw-insn", env!("CARGO_BIN_EXE_nullsweep")])
        .output()
        .expect("objdump of binutils");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn address(hexadecimal: &str) -> Option<u64> {
    u64::from_str_radix(hexadecimal.trim_start_matches("0x"), 16).ok()
}

/// Where the slots point through which position-independent code calls: lines `slot R_X86_64_RELATIVE *ABS*+0xaddress`.
fn slots() -> HashMap<u64, u64> {
    let relocations = objdump("-R");
    relocations
        .lines()
        .filter_map(|line| {
            let (slot, target) = line.split_once(" R_X86_64_RELATIVE")?;
            Some((address(slot)?, address(target.trim().strip_prefix("*ABS*+")?)?))
        })
        .collect()
}

/// All functions of the program, by address.
fn functions() -> HashMap<u64, Function> {
    let (slots, disassembly) = (slots(), objdump("-d"));
    let mut functions = HashMap::<u64, Function>::new();
    let mut current = 0;
    for line in disassembly.lines() {
        // 00000000008ca770 <fma>:
        if let Some((at, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            current = address(at).unwrap();
            functions.insert(current, Function { name: name.to_owned(), ..Function::default() });
            continue;
        }
        let Some(function) = functions.get_mut(&current) else { continue };
        let Some((_, instruction)) = line.split_once('\t') else { continue };
        if instruction.starts_with("vfmadd") && instruction.contains("pd") {
            function.fused += usize::from(instruction.contains("%ymm"));
            function.fused_wide += usize::from(instruction.contains("%zmm"));
        }
        // call 8ca770 <fma>, or call *0x39(%rip) # 903f98 <_DYNAMIC+0xa90>; before a loop also mov 0x39(%rip),%r12 # 903f98 ...,
        // whose register is then called.
        let first_number = |text: &str| text.trim().split(' ').next().and_then(address);
        if let Some((_, slot)) = instruction.split_once("# ") {
            function.calls.extend(first_number(slot).and_then(|slot| slots.get(&slot).copied()));
        } else if let Some(target) = instruction.strip_prefix("call").or_else(|| instruction.strip_prefix("jmp")) {
            // A jump to where a function begins is its last call.
            function.calls.extend(first_number(target));
        }
    }
    functions
}

/// What pulp compiles for AVX2 and FMA.
fn is_vectorized(function: &Function) -> bool {
    function.name.contains("pulp::x86::") && function.name.contains("V3::vectorize")
}

/// What pulp compiles for AVX-512.
fn is_widest(function: &Function) -> bool {
    function.name.contains("pulp::x86::") && function.name.contains("V4::vectorize")
}

fn computes_fma_in_software(functions: &HashMap<u64, Function>, function: &Function) -> bool {
    function.calls.iter().any(|call| functions.get(call).is_some_and(|called| called.name == "fma"))
}

/// Whether it chooses instructions itself.
fn dispatches(functions: &HashMap<u64, Function>, function: &Function) -> bool {
    let is_kernel = |called: &Function| is_vectorized(called) || is_widest(called);
    function.calls.iter().any(|call| functions.get(call).is_some_and(is_kernel))
}

#[test]
fn kernels_are_compiled_for_wide_registers_with_all_they_call() {
    let functions = functions();
    let mut kernels: Vec<&Function> = functions.values().filter(|function| is_vectorized(function)).collect();
    assert!(kernels.len() >= 5, "only {} kernels", kernels.len());
    let fused: usize = kernels.iter().map(|kernel| kernel.fused).sum();
    assert!(fused >= 100, "only {fused} fused operations on four f64");
    let widest: Vec<&Function> = functions.values().filter(|function| is_widest(function)).collect();
    let fused: usize = widest.iter().map(|kernel| kernel.fused_wide).sum();
    assert!(fused >= 100, "only {fused} fused operations on eight f64");
    kernels.extend(widest);
    let called = kernels.iter().flat_map(|kernel| &kernel.calls).filter_map(|call| functions.get(call));
    let called = called.filter(|function| !dispatches(&functions, function));
    let in_software: BTreeSet<&str> = kernels
        .iter()
        .copied()
        .chain(called)
        .filter(|function| function.name != "fma" && !function.name.contains(RARELY_CALLED))
        .filter(|function| computes_fma_in_software(&functions, function))
        .map(|function| function.name.as_str())
        .collect();
    assert!(in_software.is_empty(), "not inlined into a vectorized closure, so without FMA: {in_software:#?}");
}

/// The portable twins of the kernels do call the library: what the test looks for exists, and is found.
#[test]
fn software_fma_is_recognized() {
    let functions = functions();
    let portable = functions.values().filter(|function| computes_fma_in_software(&functions, function)).count();
    assert!(portable >= 3, "only {portable} functions call fma");
}
