// selftest: every word of the scalar prelude, as the kernels call it, and the longest loop the driver runs.
//
// Stands after a scalar prelude. Dispatched as one workgroup of 64 lanes; step.count operand pairs.
// x, y: operands, y > 0.
// out:  [add][sub][mul][div][root of y][dot of x and y, summed from 0 on by lane 0], count, count, ... , 1 reals.
// reached: iterations that lane 0's loop made of `LONGEST`.

struct Step {
    count: u32,
    // Iterations asked of the loop.
    longest: u32,
    opaque_zero: u32,
}

var<immediate> step: Step;
@group(0) @binding(0) var<storage, read> x: array<real>;
@group(0) @binding(1) var<storage, read> y: array<real>;
@group(0) @binding(2) var<storage, read_write> out: array<real>;
@group(0) @binding(3) var<storage, read_write> reached: array<u32>;

@compute @workgroup_size(64)
fn selftest(@builtin(local_invocation_index) lane: u32) {
    let n = step.count;
    for (var k = lane; k < n; k += 64u) {
        out[k] = add(x[k], y[k]);
        out[n + k] = sub(x[k], y[k]);
        out[2u * n + k] = mul(x[k], y[k]);
        out[3u * n + k] = div(x[k], y[k]);
        out[4u * n + k] = root(y[k]);
    }
    if lane == 0u {
        var dot = ZERO;
        for (var k = 0u; k < n; k++) {
            dot = add(dot, mul(x[k], y[k]));
        }
        out[5u * n] = dot;
        // A weak generator keeps the compiler from replacing the loop by its result.
        var turns = 0u;
        var noise = step.opaque_zero + 1u;
        for (var k = 0u; k < step.longest; k++) {
            noise = noise * 1664525u + 1013904223u;
            turns += select(1u, 2u, noise == 0u && k == 0u);
        }
        reached[0] = turns;
    }
}
