//! Every singular value of some 400 matrices is known to 37 digits (`make_truth.py`): what the CPU engine, the enclosures
//! and the ladder say of them is compared with that, exactly.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test may stop at a surprise")]

mod accuracy;
mod enclosures;
mod fixture;
mod routes;
mod sabotage;
