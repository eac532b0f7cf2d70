// scalar_f64: `real` is one IEEE-754 binary64, u = 2^-53. Needs SHADER_F64 (Vulkan).
//
// Only + - * / sqrt and comparisons: the other builtins accept f64 and are wrong on measured drivers, and there is no
// f64 bitcast. The words are those of scalar_f32.

alias real = f64;

const ZERO: real = 0.0lf;
const ONE: real = 1.0lf;
const UNIT_ROUNDOFF: real = 1.1102230246251565e-16lf; // 2^-53
const LEVEL_RATIO: real = 3.725290298461914e-9lf; // 2^-28
const NEGLIGIBLE: real = 1.0261342003245941e-289lf; // 2^-960

fn real_of(count: u32) -> real { return f64(count); }
fn to_f32(x: real) -> f32 { return f32(x); }
fn add(x: real, y: real) -> real { return x + y; }
fn sub(x: real, y: real) -> real { return x - y; }
fn mul(x: real, y: real) -> real { return x * y; }
fn div(x: real, y: real) -> real { return x / y; }
fn root(x: real) -> real { return sqrt(x); }
fn negated(x: real) -> real { return -x; }
fn less(x: real, y: real) -> bool { return x < y; }

// Not abs(): a comparison is the safer citizen among the f64 builtins.
fn magnitude(x: real) -> real {
    if x < ZERO {
        return -x;
    }
    return x;
}
