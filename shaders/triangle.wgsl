// triangle: the triangle R of A = QR by Householder reflections, so that rotations work on q x q instead of p x q.
//
// Stands after a scalar prelude and jacobi_pair. One workgroup = one matrix; TEAM lanes = one column to be reflected; one
// dispatch = columns step.index ... step.index + COLUMNS - 1 of every matrix, because long loops are cut or killed by
// drivers. A dispatch that finds another number of columns done than step.index leaves the matrix UNREDUCED.
// tall:    one per matrix: A is p x q at `x`, R over the passengers is rows x q at `entries`, its entries `stride` apart.
// x:       [matrix][column][row] real; the columns of A, overwritten by reflectors.
// entries: [matrix][column][row] real, or interleaved as jacobi_thread reads it: R over the identity, where rows > q.
// states:  `met` counts the columns done; info is PREFILL instead of UNREDUCED after the last.
//
// Accuracy: reflections keep every column's norm to a few u of itself, so that Jacobi on R finds the singular values of A
// as accurately as on A for any scaling of the columns (Drmac & Veselic 2008). A reflector is scaled by its largest entry:
// squares of a tail that cancellation left tiny would underflow, and a reflection with a wrong norm is no reflection.

struct Tall {
    x: u32,
    p: u32,
    q: u32,
    entries: u32,
    rows: u32,
    stride: u32,
}

@group(0) @binding(0) var<storage, read> tall: array<Tall>;
@group(0) @binding(1) var<storage, read_write> x: array<real>;
@group(0) @binding(2) var<storage, read_write> entries: array<real>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;

const LANES: u32 = 256u;
const TEAM: u32 = 16u;
const TEAMS: u32 = LANES / TEAM;
const COLUMNS: u32 = 8u;

var<workgroup> parts: array<real, LANES>;
var<workgroup> columns_done: u32;

@compute @workgroup_size(LANES)
fn triangle(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let which = group.x + group.y * groups.x;
    if which >= step.count {
        return;
    }
    let m = tall[which];
    if lane == 0u {
        columns_done = select(m.q, atomicLoad(&states[which].met), states[which].info == UNREDUCED);
    }
    // Lane 0 wrote columns_done -> all lanes read the same value and leave together.
    if workgroupUniformLoad(&columns_done) != step.index || step.index >= m.q {
        return;
    }

    let mate = lane % TEAM;
    let team = lane / TEAM;
    let end = min(m.q, step.index + COLUMNS);
    for (var k = step.index; k < end; k++) {
        let column = m.x + k * m.p;
        var largest = ZERO;
        for (var row = k + lane; row < m.p; row += LANES) {
            let size = magnitude(x[column + row]);
            if less(largest, size) {
                largest = size;
            }
        }
        parts[lane] = largest;
        for (var half = LANES / 2u; half > 0u; half /= 2u) {
            workgroupBarrier(); // largest of 2 * half lanes written -> the lower half reads the upper
            if lane < half && less(parts[lane], parts[lane + half]) {
                parts[lane] = parts[lane + half];
            }
        }
        workgroupBarrier(); // lane 0 wrote the largest -> all lanes read it
        let scale = parts[0];
        workgroupBarrier(); // scale read -> parts are written again

        var corner = scale;
        if less(ZERO, scale) {
            var square = ZERO;
            for (var row = k + lane; row < m.p; row += LANES) {
                let v = div(x[column + row], scale);
                x[column + row] = v;
                square = add(square, mul(v, v));
            }
            parts[lane] = square;
            for (var half = LANES / 2u; half > 0u; half /= 2u) {
                workgroupBarrier(); // sums of 2 * half lanes written -> the lower half reads the upper
                if lane < half {
                    parts[lane] = add(parts[lane], parts[lane + half]);
                }
            }
            storageBarrier(); // every lane scaled its rows of v -> lanes read the rows of others
            workgroupBarrier(); // lane 0 wrote the sum -> all lanes read it
            let length = root(parts[0]);
            let head = x[column + k];
            var beta = length;
            if less(ZERO, head) {
                beta = negated(length);
            }
            corner = mul(beta, scale);
            let factor = div(ONE, mul(length, add(length, magnitude(head))));
            storageBarrier(); // head read -> lane 0 overwrites it
            workgroupBarrier(); // sum read -> all lanes overwrite their parts
            if lane == 0u {
                x[column + k] = sub(head, beta);
            }
            storageBarrier(); // lane 0 completed v -> all lanes read it

            for (var base = k + 1u; base < m.q; base += TEAMS) {
                let j = base + team;
                let other = m.x + j * m.p;
                var dot = ZERO;
                if j < m.q {
                    for (var row = k + mate; row < m.p; row += TEAM) {
                        dot = add(dot, mul(x[column + row], x[other + row]));
                    }
                }
                parts[lane] = dot;
                workgroupBarrier(); // partial products written -> all lanes of the team read all of them
                dot = parts[lane - mate];
                for (var other_mate = 1u; other_mate < TEAM; other_mate++) {
                    dot = add(dot, parts[lane - mate + other_mate]);
                }
                let weight = mul(factor, dot);
                if j < m.q {
                    for (var row = k + mate; row < m.p; row += TEAM) {
                        x[other + row] = sub(x[other + row], mul(weight, x[column + row]));
                    }
                }
                workgroupBarrier(); // partial products read -> the next columns overwrite them
            }
            storageBarrier(); // columns reflected by their teams -> all lanes read the next one
        }

        for (var row = lane; row < m.rows; row += LANES) {
            var entry = ZERO;
            if row < k {
                entry = x[column + row];
            } else if row == k {
                entry = corner;
            } else if row == m.q + k {
                entry = ONE;
            }
            entries[m.entries + (k * m.rows + row) * m.stride] = entry;
        }
    }
    if lane == 0u {
        let is_done = end == m.q;
        atomicStore(&states[which].met, select(end, 0u, is_done));
        states[which].info = select(UNREDUCED, PREFILL, is_done);
    }
}
