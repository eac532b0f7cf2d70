// pair_sums through workgroup memory: one barrier a round, LANES_PER_PAIR reads a lane. Serves on every adapter.
//
// Stands before jacobi_workgroup, whose next barrier lets the sums be written again.

// What each lane has summed.
var<workgroup> lane_sums: array<Sums, lanes>;

// The sums of the lanes of this lane's pair, in the order of the lanes: every lane of a pair has the same bits.
fn pair_sums(lane: u32, own: Sums) -> Sums {
    lane_sums[lane] = own;
    workgroupBarrier(); // partial sums written -> all lanes of the pair read all of them
    let first = lane - lane % LANES_PER_PAIR;
    var sums = lane_sums[first];
    for (var k = 1u; k < LANES_PER_PAIR; k++) {
        sums = sums_of_both(sums, lane_sums[first + k]);
    }
    return sums;
}
