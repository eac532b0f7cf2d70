#![no_main]

#[path = "../../tests/hostile/targets/csv.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::check(data));
