# shellcheck shell=bash
# The controller is killed after the submission and forgets everything, the dependent merge included: `launch` once more submits
# just what is missing.

controller_dies() {
    local run=$work/controller_dies restarted
    launch "$run" --on slurm
    until_ 100 "two shards are published" has_parts "$run" 2
    controller_kill
    # Without a controller, nothing can be submitted, and that is said.
    if launch "$run" --on slurm 2>"$work/refused.txt"; then fail "launch without a controller"; fi
    grep -q "squeue" "$work/refused.txt" || fail "$(cat "$work/refused.txt")"
    grep -q -- "--again" "$work/refused.txt" || fail "no remedy: $(cat "$work/refused.txt")"
    restarted=$(now)
    controller_start
    until_ 30 "the controller answers" controller_answers
    launch "$run" --on slurm | tee "$work/relaunched.txt"
    grep -q "are published" "$work/relaunched.txt" || fail "what is published was not counted"
    if grep -q "submitted shards 0-15" "$work/relaunched.txt"; then fail "published shards were submitted again"; fi
    until_ 100 "the merge has written the tables" merged_meanwhile "$run"
    echo "recovered $(since "$restarted") after the restart"
    same_tables "$run"
    launch "$run" --on slurm | grep -q "nothing to do" || fail "a finished run is launched again"
}

controller_answers() { squeue >/dev/null 2>&1; }
