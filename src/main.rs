//! nullsweep
fn main() {}
