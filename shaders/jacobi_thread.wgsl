// jacobi_thread: one Jacobi sweep of every small matrix, one invocation each.
//
// Stands after a scalar prelude and jacobi_pair. One workgroup = one group of at most LANES matrices of one shape, which
// lie interleaved, so that the lanes read neighbouring words; lane = matrix; no barrier. One dispatch = one Jacobi sweep.
// dims:    one per matrix of the chunk; of a group, that of its first matrix is read.
// work:    (first matrix, count) of the groups with a matrix still unfinished, step.count of them.
// entries: [group][column][row][matrix] real; overwritten by A V over the passengers times V.
// states:  as in jacobi_workgroup.
//
// Why in global memory. Registers cannot be indexed by a loop variable, and workgroup memory for 32 matrices of 16 columns
// with V is 64 KiB in f32: one wave a processor, or none. A pair costs 6 p + 8 rows flops and, with the column of the outer
// loop in the first cache, reads and writes 2 rows words beyond it: for p = q, rows = 2q in f32, 22 q flops against 16 q
// bytes, which second caches deliver at the rate of some 10^12 flops a second.
//
// Order of pairs: by rows, (1,2) (1,3) ... (2,3) ..., the larger column of a pair going first (de Rijk 1989), which sorts
// the columns in passing. A sweep that exchanged columns is not quiet: it may have missed a pair. Columns whose norms agree
// to what rounding leaves of them stay where they are: a compiler may contract alpha and beta differently, and columns of
// equal norm (an identity, a +-1 design, duplicates) would be exchanged in every sweep.

@group(0) @binding(0) var<storage, read> dims: array<Dims>;
@group(0) @binding(1) var<storage, read> work: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> entries: array<real>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;

const LANES: u32 = 64u;

@compute @workgroup_size(LANES)
fn jacobi_thread(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let slot = group.x + group.y * groups.x;
    if slot >= step.count {
        return;
    }
    let item = work[slot];
    let which = item.x + lane;
    if lane >= item.y || rests(states[which].info) {
        return;
    }
    let m = dims[item.x];
    let mine = m.entries + lane;
    // Words from one row to the next, and from one column to the next.
    let down = m.stride;
    let right = m.rows * m.stride;

    // Each of two computed squares is within p u of itself; twice their sum, with p at least 8 as in rotation().
    let clearly_less = sub(ONE, mul(real_of(4u * max(m.p, 8u)), UNIT_ROUNDOFF));

    var changes = 0u;
    var largest_cos = 0u;
    for (var i = 0u; i + 1u < m.q; i++) {
        for (var j = i + 1u; j < m.q; j++) {
            var alpha = ZERO;
            var beta = ZERO;
            var gamma = ZERO;
            var at_i = mine + i * right;
            var at_j = mine + j * right;
            for (var row = 0u; row < m.p; row++) {
                let x = entries[at_i];
                let y = entries[at_j];
                alpha = add(alpha, mul(x, x));
                beta = add(beta, mul(y, y));
                gamma = add(gamma, mul(x, y));
                at_i += down;
                at_j += down;
            }
            let r = rotation(alpha, beta, gamma, m.p);
            largest_cos = max(largest_cos, bitcast<u32>(r.cosine));
            let exchange = less(alpha, mul(beta, clearly_less));
            if !r.needed && !exchange {
                continue;
            }
            changes += 1u;
            at_i = mine + i * right;
            at_j = mine + j * right;
            for (var row = 0u; row < m.rows; row++) {
                let turned = rotated(r, entries[at_i], entries[at_j]);
                entries[select(at_i, at_j, exchange)] = turned[0];
                entries[select(at_j, at_i, exchange)] = turned[1];
                at_i += down;
                at_j += down;
            }
        }
    }

    states[which].jacobi_sweeps += 1u;
    states[which].max_cos = largest_cos;
    states[which].info = select(UNFINISHED, CONVERGED, changes == 0u);
}
