// scalar_df32: `real` is an unevaluated sum of two f32, x.x + x.y with |x.y| <= ulp(x.x)/2. Taken as u = 2^-46.
//
// Reference: Joldes, Muller, Popescu 2017 (AccurateDWPlusDW, DWTimesDW1, DWDivDW2); Dekker 1971 for the split.
// Invariant: every f32 sum, difference and product inside an error-free transformation passes through `kept`. A driver
// that may reassociate f32 arithmetic cancels (a + b) - a to b, and the low words are gone; it cannot look through an
// exclusive or with a word it learns only at run time. The kernel's immediates hold that word: step.opaque_zero == 0.

alias real = vec2<f32>;

const ZERO: real = vec2<f32>(0.0, 0.0);
const ONE: real = vec2<f32>(1.0, 0.0);
const UNIT_ROUNDOFF: real = vec2<f32>(1.4210854715202004e-14, 0.0); // 2^-46
const LEVEL_RATIO: real = vec2<f32>(5.960464477539063e-8, 0.0); // 2^-24
// Below this the low words of squares underflow.
const NEGLIGIBLE: real = vec2<f32>(3.308722450212111e-24, 0.0); // 2^-78
const SPLITTER: f32 = 4097.0; // 2^12 + 1

fn kept(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ step.opaque_zero);
}

// a + b = x.x + x.y exactly.
fn two_sum(a: f32, b: f32) -> vec2<f32> {
    let s = kept(a + b);
    let b_part = kept(s - a);
    let a_part = kept(s - b_part);
    return vec2<f32>(s, kept(kept(a - a_part) + kept(b - b_part)));
}

// The same for |a| >= |b|.
fn fast_two_sum(a: f32, b: f32) -> vec2<f32> {
    let s = kept(a + b);
    return vec2<f32>(s, kept(b - kept(s - a)));
}

fn split(a: f32) -> vec2<f32> {
    let c = kept(SPLITTER * a);
    let high = kept(c - kept(c - a));
    return vec2<f32>(high, kept(a - high));
}

// a b = x.x + x.y exactly, short of underflow. Dekker's form: fma() is not fused on every driver.
fn two_prod(a: f32, b: f32) -> vec2<f32> {
    let p = kept(a * b);
    let x = split(a);
    let y = split(b);
    let cross = kept(kept(kept(kept(x.x * y.x) - p) + kept(x.x * y.y)) + kept(x.y * y.x));
    return vec2<f32>(p, kept(cross + kept(x.y * y.y)));
}

fn real_of(count: u32) -> real {
    return fast_two_sum(f32(count & 0xffff0000u), f32(count & 0xffffu));
}

fn to_f32(x: real) -> f32 { return x.x; }

fn add(x: real, y: real) -> real {
    let s = two_sum(x.x, y.x);
    let t = two_sum(x.y, y.y);
    let v = fast_two_sum(s.x, kept(s.y + t.x));
    return fast_two_sum(v.x, kept(t.y + v.y));
}

fn sub(x: real, y: real) -> real { return add(x, -y); }

fn mul(x: real, y: real) -> real {
    let c = two_prod(x.x, y.x);
    let cross = kept(kept(x.x * y.y) + kept(x.y * y.x));
    return fast_two_sum(c.x, kept(c.y + cross));
}

fn div(x: real, y: real) -> real {
    let high = kept(x.x / y.x);
    let r = mul(y, vec2<f32>(high, 0.0));
    let rest = kept(kept(x.x - r.x) + kept(x.y - r.y));
    return fast_two_sum(high, kept(rest / y.x));
}

fn root(x: real) -> real {
    if x.x <= 0.0 {
        return ZERO;
    }
    let high = kept(sqrt(x.x));
    let square = two_prod(high, high);
    let rest = kept(kept(kept(x.x - square.x) - square.y) + x.y);
    return fast_two_sum(high, kept(rest / kept(2.0 * high)));
}

fn negated(x: real) -> real { return -x; }

fn less(x: real, y: real) -> bool {
    return x.x < y.x || (x.x == y.x && x.y < y.y);
}

fn magnitude(x: real) -> real {
    if x.x < 0.0 {
        return -x;
    }
    return x;
}
