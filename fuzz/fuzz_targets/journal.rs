#![no_main]

#[path = "../../tests/hostile/targets/journal.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::check(data));
