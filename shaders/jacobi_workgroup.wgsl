// jacobi_workgroup: one Jacobi sweep of every matrix that fits into workgroup memory.
//
// Stands after a scalar prelude and jacobi_pair. One workgroup = one matrix; LANES_PER_PAIR lanes = one pair of columns;
// one dispatch = one Jacobi sweep, because long loops are cut or killed by drivers.
// dims:    one per matrix of the chunk.
// work:    indices of the matrices still unfinished, step.count of them.
// entries: [matrix][column][row] real; overwritten by A V over the passengers times V.
// states:  info UNFINISHED or CONVERGED on exit, jacobi_sweeps one more, max_cos of this Jacobi sweep.
// A matrix's numbers depend on its own dims, `lanes` and the scalar type, never on its neighbours.

@group(0) @binding(0) var<storage, read> dims: array<Dims>;
@group(0) @binding(1) var<storage, read> work: array<u32>;
@group(0) @binding(2) var<storage, read_write> entries: array<real>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;

// Invocations of a workgroup, a multiple of LANES_PER_PAIR.
override lanes: u32;
// Reals of workgroup memory for the matrix: at least q * (rows | 1).
override tile_len: u32;

const LANES_PER_PAIR: u32 = 8u;

var<workgroup> tile: array<real, tile_len>;
// Partial alpha, beta, gamma of each lane.
var<workgroup> alphas: array<real, lanes>;
var<workgroup> betas: array<real, lanes>;
var<workgroup> gammas: array<real, lanes>;
var<workgroup> info: u32;
var<workgroup> rotations: atomic<u32>;
var<workgroup> largest_cos: atomic<u32>;

@compute @workgroup_size(lanes)
fn jacobi_workgroup(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let slot = group.x + group.y * groups.x;
    if slot >= step.count {
        return;
    }
    let which = work[slot];
    let m = dims[which];
    if lane == 0u {
        info = states[which].info;
        atomicStore(&rotations, 0u);
        atomicStore(&largest_cos, 0u);
    }
    // Lane 0 wrote info -> all lanes read the same value and leave together.
    if rests(workgroupUniformLoad(&info)) {
        return;
    }

    // An odd stride spreads equal rows of different columns over the memory banks.
    let stride = m.rows | 1u;
    for (var k = lane; k < m.rows * m.q; k += lanes) {
        tile[(k / m.rows) * stride + k % m.rows] = entries[m.entries + k];
    }
    workgroupBarrier(); // the matrix is in the tile -> pairs read it

    let n = seats(m.q);
    let pair_lane = lane % LANES_PER_PAIR;
    let first_lane = lane - pair_lane;
    for (var round = 0u; round + 1u < n; round++) {
        for (var base = 0u; base < n / 2u; base += lanes / LANES_PER_PAIR) {
            let pair = base + lane / LANES_PER_PAIR;
            let columns = round_robin(n, round, min(pair, n / 2u - 1u));
            let meets = pair < n / 2u && columns.y < m.q;
            let i = columns.x * stride;
            let j = columns.y * stride;

            if meets {
                var alpha = ZERO;
                var beta = ZERO;
                var gamma = ZERO;
                for (var row = pair_lane; row < m.p; row += LANES_PER_PAIR) {
                    let x = tile[i + row];
                    let y = tile[j + row];
                    alpha = add(alpha, mul(x, x));
                    beta = add(beta, mul(y, y));
                    gamma = add(gamma, mul(x, y));
                }
                alphas[lane] = alpha;
                betas[lane] = beta;
                gammas[lane] = gamma;
            }
            workgroupBarrier(); // partial sums written -> all lanes of the pair read all of them

            if meets {
                var alpha = alphas[first_lane];
                var beta = betas[first_lane];
                var gamma = gammas[first_lane];
                for (var k = 1u; k < LANES_PER_PAIR; k++) {
                    alpha = add(alpha, alphas[first_lane + k]);
                    beta = add(beta, betas[first_lane + k]);
                    gamma = add(gamma, gammas[first_lane + k]);
                }
                let r = rotation(alpha, beta, gamma, m.p);
                if pair_lane == 0u {
                    atomicMax(&largest_cos, bitcast<u32>(r.cosine));
                    atomicAdd(&rotations, select(0u, 1u, r.needed));
                }
                if r.needed {
                    for (var row = pair_lane; row < m.rows; row += LANES_PER_PAIR) {
                        let turned = rotated(r, tile[i + row], tile[j + row]);
                        tile[i + row] = turned[0];
                        tile[j + row] = turned[1];
                    }
                }
            }
            workgroupBarrier(); // columns rotated, sums read -> the next pairs read columns, write sums
        }
    }

    for (var k = lane; k < m.rows * m.q; k += lanes) {
        entries[m.entries + k] = tile[(k / m.rows) * stride + k % m.rows];
    }
    if lane == 0u {
        states[which].jacobi_sweeps += 1u;
        states[which].max_cos = atomicLoad(&largest_cos);
        states[which].info = select(UNFINISHED, CONVERGED, atomicLoad(&rotations) == 0u);
    }
}
