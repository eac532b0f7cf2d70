// pair_sums across the lanes of a subgroup: no barrier, no memory, three steps of a butterfly instead of eight reads.
//
// Stands before jacobi_workgroup. Needs subgroups of at least LANES_PER_PAIR invocations with neighbouring indices, which no
// specification promises for one-dimensional workgroups and every driver gives: the self-test and the norms of every answer
// would show another order.

// The sums of the lanes of this lane's pair. The butterfly adds the same numbers in the same order on any subgroup width, and
// in either order of two: every lane of a pair has the same bits.
fn pair_sums(lane: u32, own: Sums) -> Sums {
    var sums = own;
    for (var apart = 1u; apart < LANES_PER_PAIR; apart *= 2u) {
        let other = Sums(
            subgroupShuffleXor(sums.alpha, apart),
            subgroupShuffleXor(sums.beta, apart),
            subgroupShuffleXor(sums.gamma, apart),
        );
        sums = sums_of_both(sums, other);
    }
    return sums;
}
