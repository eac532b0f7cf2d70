// jacobi_round: one round of the tournament for matrices of any size, in global memory.
//
// Stands after a scalar prelude, jacobi_pair and jacobi_close. One workgroup = one pair of columns of one matrix; lane = row modulo
// LANES; one dispatch = round step.index of every matrix, so pairs in a dispatch are disjoint and no loop is long.
// dims:    one per matrix of the chunk.
// work:    (matrix, pair) for jacobi_round; (matrix, unused) for jacobi_round_finish; step.count of them.
// entries: [matrix][column][row] real; the two columns of each pair are rotated in place.
// states:  met, rotated and seen_cos count during a Jacobi sweep; jacobi_round_finish closes it.

@group(0) @binding(0) var<storage, read> dims: array<Dims>;
@group(0) @binding(1) var<storage, read> work: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> entries: array<real>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;

const LANES: u32 = 128u;

var<workgroup> alphas: array<real, LANES>;
var<workgroup> betas: array<real, LANES>;
var<workgroup> gammas: array<real, LANES>;
var<workgroup> info: u32;

@compute @workgroup_size(LANES)
fn jacobi_round(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let slot = group.x + group.y * groups.x;
    if slot >= step.count {
        return;
    }
    let which = work[slot].x;
    let m = dims[which];
    let n = seats(m.q);
    if step.index + 1u >= n {
        return;
    }
    let columns = round_robin(n, step.index, work[slot].y);
    if columns.y >= m.q {
        return;
    }
    if lane == 0u {
        info = states[which].info;
    }
    // Lane 0 wrote info -> all lanes read the same value and leave together. No pair of this dispatch writes it.
    if rests(workgroupUniformLoad(&info)) {
        return;
    }

    let i = m.entries + columns.x * m.rows;
    let j = m.entries + columns.y * m.rows;
    var alpha = ZERO;
    var beta = ZERO;
    var gamma = ZERO;
    for (var row = lane; row < m.p; row += LANES) {
        let x = entries[i + row];
        let y = entries[j + row];
        alpha = add(alpha, mul(x, x));
        beta = add(beta, mul(y, y));
        gamma = add(gamma, mul(x, y));
    }
    alphas[lane] = alpha;
    betas[lane] = beta;
    gammas[lane] = gamma;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier(); // sums of 2 * half lanes written -> the lower half reads the upper
        if lane < half {
            alphas[lane] = add(alphas[lane], alphas[lane + half]);
            betas[lane] = add(betas[lane], betas[lane + half]);
            gammas[lane] = add(gammas[lane], gammas[lane + half]);
        }
    }
    workgroupBarrier(); // lane 0 wrote the three sums -> all lanes read them

    let r = rotation(alphas[0], betas[0], gammas[0], m.p);
    if lane == 0u {
        atomicAdd(&states[which].met, 1u);
        atomicAdd(&states[which].rotated, select(0u, 1u, r.needed));
        atomicMax(&states[which].seen_cos, bitcast<u32>(r.cosine));
    }
    if !r.needed {
        return;
    }
    for (var row = lane; row < m.rows; row += LANES) {
        let turned = rotated(r, entries[i + row], entries[j + row]);
        entries[i + row] = turned[0];
        entries[j + row] = turned[1];
    }
}

// Closes a Jacobi sweep: one invocation per matrix. A sweep that did not meet all q(q-1)/2 pairs is INCOMPLETE.
@compute @workgroup_size(64)
fn jacobi_round_finish(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let slot = (group.x + group.y * groups.x) * 64u + lane;
    if slot >= step.count {
        return;
    }
    let which = work[slot].x;
    if rests(states[which].info) {
        return;
    }
    let q = dims[which].q;
    close_sweep(which, q * (q - 1u) / 2u, CONVERGED);
}
