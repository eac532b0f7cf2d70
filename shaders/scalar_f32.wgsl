// scalar_f32: `real` is one IEEE-754 binary32, u = 2^-24.
//
// A kernel is written once, in the words of this prelude; the file with the same words for another type
// (scalar_f64, scalar_df32) makes it another kernel. WGSL promises correctly rounded +, -, *; division and sqrt within
// 2.5 and about 3 units in the last place: the startup self-test measures what an adapter keeps of that.

alias real = f32;

const ZERO: real = 0.0;
const ONE: real = 1.0;
const UNIT_ROUNDOFF: real = 5.9604644775390625e-8; // 2^-24
// |1/(2z)| below which t = 1/(2z) equals the full formula to u: sqrt(u)/2.
const LEVEL_RATIO: real = 1.220703125e-4; // 2^-13
// Squares below this have lost digits to underflow (smallest normal 2^-126).
const NEGLIGIBLE: real = 7.888609052210118e-31; // 2^-100

fn real_of(count: u32) -> real { return f32(count); }
fn to_f32(x: real) -> f32 { return x; }
fn add(x: real, y: real) -> real { return x + y; }
fn sub(x: real, y: real) -> real { return x - y; }
fn mul(x: real, y: real) -> real { return x * y; }
fn div(x: real, y: real) -> real { return x / y; }
fn root(x: real) -> real { return sqrt(x); }
fn magnitude(x: real) -> real { return abs(x); }
fn negated(x: real) -> real { return -x; }
fn less(x: real, y: real) -> bool { return x < y; }
