// close_sweep: what the tournaments in global memory say at the end of a Jacobi sweep.
//
// Stands before jacobi_block and jacobi_round, whose `states` it writes.

// Ends the Jacobi sweep of matrix `which`: INCOMPLETE unless `meetings` pairs met; then `quiet` if none of them was rotated.
fn close_sweep(which: u32, meetings: u32, quiet: u32) {
    let whole = atomicExchange(&states[which].met, 0u) == meetings;
    let rotated_none = atomicExchange(&states[which].rotated, 0u) == 0u;
    states[which].max_cos = atomicExchange(&states[which].seen_cos, 0u);
    states[which].jacobi_sweeps += 1u;
    states[which].info = select(INCOMPLETE, select(UNFINISHED, quiet, rotated_none), whole);
}
