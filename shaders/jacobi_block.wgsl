// jacobi_block: one round of a tournament between blocks of columns, for matrices of many columns, in global memory.
//
// Stands after a scalar prelude, jacobi_pair and jacobi_close. One workgroup = one pair of blocks of one matrix, WIDTH columns A_b in all;
// one dispatch = round step.index of every matrix. In workgroup memory: G = A_b'A_b, one Jacobi sweep over G, its rotations
// multiplied into J; then A_b J and V_b J. Per flop a sixteenth of the memory traffic of jacobi_round.
// dims:    one per matrix of the chunk.
// work:    (matrix, pair of blocks) for jacobi_block; (matrix, unused) for jacobi_block_finish; step.count of them.
// entries: [matrix][column][row] real; the columns of both blocks are overwritten by their product with J.
// states:  met, rotated and seen_cos count during a Jacobi sweep, met in pairs of blocks; jacobi_block_finish closes it, and
//          never says CONVERGED: what the relative stopping rule asks for is for jacobi_round to find, from the columns.
//
// Accuracy: an entry of G has an error of p u relative to the norms of its two columns, whatever the others' norms are, and
// rotations of G keep that (Demmel & Veselic 1992), so that graded columns lose nothing here. Nearly dependent columns do:
// their small combinations have no digits in G. They are columns of A when the blocks meet next. Reference for blocks with
// accurate rotations: Drmac 2009, A global convergence proof for cyclic Jacobi methods with block rotations.

@group(0) @binding(0) var<storage, read> dims: array<Dims>;
@group(0) @binding(1) var<storage, read> work: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> entries: array<real>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;

const LANES: u32 = 256u;
const BLOCK: u32 = 16u;
const WIDTH: u32 = 32u;
// From one column of G, J or a stage to the next: odd, so that equal rows lie in different memory banks.
const STRIDE: u32 = 33u;

// G, later a stage of WIDTH rows of A_b.
var<workgroup> gram: array<real, 1056>;
// A stage of WIDTH rows of A_b, later J.
var<workgroup> turn: array<real, 1056>;
// The rotations of one round of the BLOCK pairs of columns.
var<workgroup> sines: array<real, BLOCK>;
var<workgroup> taus: array<real, BLOCK>;
var<workgroup> info: u32;
var<workgroup> rotations: atomic<u32>;
var<workgroup> largest_cos: atomic<u32>;
// The number of rotations in a word that workgroupUniformLoad takes, which an atomic is not.
var<workgroup> turns: u32;

// Number in the matrix of column `column` of A_b.
fn place(blocks: vec2<u32>, column: u32) -> u32 {
    return select(blocks.y, blocks.x, column < BLOCK) * BLOCK + column % BLOCK;
}

// Entry of A_b, 0 beyond the matrix and from row `end` on.
fn staged(m: Dims, blocks: vec2<u32>, column: u32, row: u32, end: u32) -> real {
    let j = place(blocks, column);
    if j < m.q && row < end {
        return entries[m.entries + j * m.rows + row];
    }
    return ZERO;
}

@compute @workgroup_size(LANES)
fn jacobi_block(
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
    let count = (m.q + BLOCK - 1u) / BLOCK;
    let n = seats(count);
    if step.index + 1u >= n {
        return;
    }
    let blocks = round_robin(n, step.index, work[slot].y);
    if blocks.y >= count {
        return;
    }
    if lane == 0u {
        info = states[which].info;
        atomicStore(&rotations, 0u);
        atomicStore(&largest_cos, 0u);
    }
    // Lane 0 wrote info -> all lanes read the same value and leave together. No pair of this dispatch writes it.
    if rests(workgroupUniformLoad(&info)) {
        return;
    }

    // G, four entries a lane.
    let a = (lane % BLOCK) * STRIDE;
    let b = (lane / BLOCK) * STRIDE;
    let half = BLOCK * STRIDE;
    var upper_left = ZERO;
    var lower_left = ZERO;
    var upper_right = ZERO;
    var lower_right = ZERO;
    for (var base = 0u; base < m.p; base += WIDTH) {
        for (var k = lane; k < WIDTH * WIDTH; k += LANES) {
            turn[(k / WIDTH) * STRIDE + k % WIDTH] = staged(m, blocks, k / WIDTH, base + k % WIDTH, m.p);
        }
        workgroupBarrier(); // WIDTH rows staged -> every lane reads its four columns
        for (var k = 0u; k < WIDTH; k++) {
            let upper = turn[a + k];
            let lower = turn[a + half + k];
            let left = turn[b + k];
            let right = turn[b + half + k];
            upper_left = add(upper_left, mul(upper, left));
            lower_left = add(lower_left, mul(lower, left));
            upper_right = add(upper_right, mul(upper, right));
            lower_right = add(lower_right, mul(lower, right));
        }
        workgroupBarrier(); // stage read -> the next rows, or J, overwrite it
    }
    gram[b + lane % BLOCK] = upper_left;
    gram[b + lane % BLOCK + BLOCK] = lower_left;
    gram[b + half + lane % BLOCK] = upper_right;
    gram[b + half + lane % BLOCK + BLOCK] = lower_right;
    for (var k = lane; k < WIDTH * WIDTH; k += LANES) {
        turn[(k / WIDTH) * STRIDE + k % WIDTH] = select(ZERO, ONE, k / WIDTH == k % WIDTH);
    }
    workgroupBarrier(); // G and J = I written -> pairs read G

    for (var round = 0u; round + 1u < WIDTH; round++) {
        if lane < BLOCK {
            let at = round_robin(WIDTH, round, lane);
            let r = rotation(
                gram[at.x * STRIDE + at.x],
                gram[at.y * STRIDE + at.y],
                gram[at.y * STRIDE + at.x],
                m.p,
            );
            sines[lane] = r.s;
            taus[lane] = r.tau;
            atomicMax(&largest_cos, bitcast<u32>(r.cosine));
            atomicAdd(&rotations, select(0u, 1u, r.needed));
        }
        workgroupBarrier(); // rotations of the round written -> every lane applies some of them
        for (var k = lane; k < BLOCK * WIDTH; k += LANES) {
            let at = round_robin(WIDTH, round, k / WIDTH) * STRIDE + k % WIDTH;
            let r = Rotation(sines[k / WIDTH], taus[k / WIDTH], 0.0, true);
            let of_gram = rotated(r, gram[at.x], gram[at.y]);
            gram[at.x] = of_gram[0];
            gram[at.y] = of_gram[1];
            let of_turn = rotated(r, turn[at.x], turn[at.y]);
            turn[at.x] = of_turn[0];
            turn[at.y] = of_turn[1];
        }
        workgroupBarrier(); // columns of G rotated -> its rows are
        for (var k = lane; k < BLOCK * WIDTH; k += LANES) {
            let at = round_robin(WIDTH, round, k / WIDTH) + (k % WIDTH) * STRIDE;
            let r = Rotation(sines[k / WIDTH], taus[k / WIDTH], 0.0, true);
            let turned = rotated(r, gram[at.x], gram[at.y]);
            gram[at.x] = turned[0];
            gram[at.y] = turned[1];
        }
        workgroupBarrier(); // rows of G rotated, rotations read -> the next round reads G, writes rotations
    }

    if lane == 0u {
        turns = atomicLoad(&rotations);
        atomicAdd(&states[which].met, 1u);
        atomicAdd(&states[which].rotated, turns);
        atomicMax(&states[which].seen_cos, atomicLoad(&largest_cos));
    }
    // Lane 0 wrote turns -> all lanes read the same value and leave together.
    if workgroupUniformLoad(&turns) == 0u {
        return;
    }
    let row = lane % WIDTH;
    let first = lane / WIDTH;
    let quarter = LANES / WIDTH;
    for (var base = 0u; base < m.rows; base += WIDTH) {
        for (var k = lane; k < WIDTH * WIDTH; k += LANES) {
            gram[(k / WIDTH) * STRIDE + k % WIDTH] = staged(m, blocks, k / WIDTH, base + k % WIDTH, m.rows);
        }
        workgroupBarrier(); // WIDTH rows staged -> every lane reads its row
        var products = array<real, 4>(ZERO, ZERO, ZERO, ZERO);
        for (var k = 0u; k < WIDTH; k++) {
            let x = gram[k * STRIDE + row];
            products[0] = add(products[0], mul(x, turn[first * STRIDE + k]));
            products[1] = add(products[1], mul(x, turn[(first + quarter) * STRIDE + k]));
            products[2] = add(products[2], mul(x, turn[(first + 2u * quarter) * STRIDE + k]));
            products[3] = add(products[3], mul(x, turn[(first + 3u * quarter) * STRIDE + k]));
        }
        for (var part = 0u; part < 4u; part++) {
            let j = place(blocks, first + part * quarter);
            if j < m.q && base + row < m.rows {
                entries[m.entries + j * m.rows + base + row] = products[part];
            }
        }
        workgroupBarrier(); // stage read -> the next rows overwrite it
    }
}

// Closes a Jacobi sweep: one invocation per matrix. A sweep in which not every two blocks met is INCOMPLETE.
@compute @workgroup_size(64)
fn jacobi_block_finish(
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
    let count = (dims[which].q + BLOCK - 1u) / BLOCK;
    close_sweep(which, count * (count - 1u) / 2u, UNFINISHED);
}
