// gram: G += X_s'X_s for one slab s of rows of every matrix, in the working type.
//
// Stands after a scalar prelude. One workgroup = one TILE x TILE tile of G on or above the diagonal, mirrored below it,
// so that G is symmetric to the bit; one lane = one entry, summed from row 0 on; one dispatch = SLAB rows at most,
// because long loops are cut or killed by drivers.
// dims: one per matrix: x is n x d at `x`, g is d x d at `g`, both in reals, column major, entries of g `stride` apart.
// work: (matrix, tile row, tile column, unused), step.count of them.
// x:    [matrix][column][row] real.
// g:    [matrix][column][row] real, or interleaved as jacobi_thread reads it; zero before the first slab.

struct Step {
    count: u32,
    // First row of the slab.
    first_row: u32,
    opaque_zero: u32,
}

struct Dims {
    x: u32,
    g: u32,
    n: u32,
    d: u32,
    stride: u32,
}

var<immediate> step: Step;
@group(0) @binding(0) var<storage, read> dims: array<Dims>;
@group(0) @binding(1) var<storage, read> work: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> x: array<real>;
@group(0) @binding(3) var<storage, read_write> g: array<real>;

const TILE: u32 = 16u;
const SLAB: u32 = 4096u;

// [column within the tile][row within the stage]; one word of padding keeps columns in different banks.
var<workgroup> left: array<real, 272>;
var<workgroup> right: array<real, 272>;

@compute @workgroup_size(TILE, TILE)
fn gram(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
) {
    let slot = group.x + group.y * groups.x;
    if slot >= step.count {
        return;
    }
    let item = work[slot];
    let m = dims[item.x];
    let i = item.y * TILE;
    let j = item.z * TILE;
    let end = min(m.n, step.first_row + SLAB);
    let mine = i + lane.x < m.d && j + lane.y < m.d;
    let upper = m.g + ((j + lane.y) * m.d + i + lane.x) * m.stride;

    var sum = ZERO;
    if mine && step.first_row > 0u && step.first_row < m.n {
        sum = g[upper];
    }
    for (var base = step.first_row; base < end; base += TILE) {
        let row = base + lane.x;
        var from_left = ZERO;
        var from_right = ZERO;
        if row < end && i + lane.y < m.d {
            from_left = x[m.x + (i + lane.y) * m.n + row];
        }
        if row < end && j + lane.y < m.d {
            from_right = x[m.x + (j + lane.y) * m.n + row];
        }
        left[lane.y * (TILE + 1u) + lane.x] = from_left;
        right[lane.y * (TILE + 1u) + lane.x] = from_right;
        workgroupBarrier(); // TILE rows of both column blocks staged -> every lane reads its two columns
        for (var k = 0u; k < TILE; k++) {
            sum = add(sum, mul(left[lane.x * (TILE + 1u) + k], right[lane.y * (TILE + 1u) + k]));
        }
        workgroupBarrier(); // stage read -> the next TILE rows overwrite it
    }
    if mine && step.first_row < m.n {
        g[upper] = sum;
        if item.y != item.z {
            g[m.g + ((i + lane.x) * m.d + j + lane.y) * m.stride] = sum;
        }
    }
}
