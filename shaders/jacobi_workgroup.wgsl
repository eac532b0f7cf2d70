// jacobi_workgroup: one Jacobi sweep of every matrix that fits into workgroup memory.
//
// Stands after a scalar prelude, jacobi_pair and one of the two pair_sums. One workgroup = one matrix; LANES_PER_PAIR lanes
// = one pair of columns; one dispatch = one Jacobi sweep, because long loops are cut or killed by drivers.
// dims:    one per matrix of the chunk.
// work:    indices of the matrices still unfinished, step.count of them.
// entries: [matrix][column][row] real; overwritten by A V over the passengers times V.
// states:  info UNFINISHED or CONVERGED on exit, jacobi_sweeps one more, max_cos of this Jacobi sweep.
// A matrix's numbers depend on its own dims, `lanes`, the scalar type and the pair_sums, never on its neighbours.

@group(0) @binding(0) var<storage, read> dims: array<Dims>;
@group(0) @binding(1) var<storage, read> work: array<u32>;
@group(0) @binding(2) var<storage, read_write> entries: array<real>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;

// Invocations of a workgroup, a multiple of LANES_PER_PAIR.
override lanes: u32;
// Reals of workgroup memory for the matrix: at least q * (rows | 1).
override tile_len: u32;

// Neighbouring lanes that share a pair of columns.
const LANES_PER_PAIR: u32 = 8u;

// ||b_i||^2, ||b_j||^2 and b_i'b_j, over the rows of one lane or of a pair's lanes together.
struct Sums {
    alpha: real,
    beta: real,
    gamma: real,
}

fn sums_of_both(a: Sums, b: Sums) -> Sums {
    return Sums(add(a.alpha, b.alpha), add(a.beta, b.beta), add(a.gamma, b.gamma));
}

var<workgroup> tile: array<real, tile_len>;
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
    for (var round = 0u; round + 1u < n; round++) {
        for (var base = 0u; base < n / 2u; base += lanes / LANES_PER_PAIR) {
            let pair = base + lane / LANES_PER_PAIR;
            let columns = round_robin(n, round, min(pair, n / 2u - 1u));
            let meets = pair < n / 2u && columns.y < m.q;
            let i = columns.x * stride;
            let j = columns.y * stride;

            var own = Sums(ZERO, ZERO, ZERO);
            if meets {
                for (var row = pair_lane; row < m.p; row += LANES_PER_PAIR) {
                    let x = tile[i + row];
                    let y = tile[j + row];
                    own = sums_of_both(own, Sums(mul(x, x), mul(y, y), mul(x, y)));
                }
            }
            // Has a barrier, or shuffles across a subgroup, in it: lanes without a pair take part.
            let sums = pair_sums(lane, own);

            if meets {
                let r = rotation(sums.alpha, sums.beta, sums.gamma, m.p);
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
