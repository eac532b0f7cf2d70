# shellcheck shell=bash
# A shard that fails twice with 75, because the folder of the parts is away, and then succeeds; a shard that fails for good,
# named with its error by status and merge.

shards_fail() {
    transient_failure
    permanent_failure
}

transient_failure() {
    local run=$work/comes_back log
    "$program" launch "${sweep[@]}" --shards 2 --out "$run" --on slurm --dry-run >/dev/null
    mv "$run/cluster/parts" "$run/cluster/away"
    NULLSWEEP_RETRY_SECONDS=2 "$program" launch "${sweep[@]}" --shards 2 --out "$run" --on slurm
    until_ 100 "a shard has failed twice" failed_twice "$run"
    mv "$run/cluster/away" "$run/cluster/parts"
    until_ 100 "the merge has written the tables" merged_meanwhile "$run"
    same_tables "$run"
    log=$(grep -l "error" "$run"/cluster/logs/*_0.log)
    echo "shard 0 failed $(grep -c '^error' "$log") times and succeeded"
}

failed_twice() { [ "$(cat "$1"/cluster/logs/*_0.log 2>/dev/null | grep -c '^error')" -ge 2 ]; }

merge_says() { grep -qs "$1" "$2"/cluster/logs/merge_*.log; }

permanent_failure() {
    local run=$work/for_good config=$work/for_good.toml code
    # Pascal's matrix of 600 rows overflows.
    cat >"$config" <<'CONF'
[design]
kind = "gallery"
name = "pascal"
[grid]
n = [4, 5, 6, 600]
d = [4, 5, 6, 600]
zip = [["n", "d"]]
[run]
on_error = "stop"
CONF
    "$program" launch "$config" --on slurm --shards 4 --out "$run"
    until_ 60 "the merge has said what is missing" merge_says overflows "$run"
    for verb in "status $run" "merge --plan $run/cluster/plan.json"; do
        code=0
        # shellcheck disable=SC2086 # a verb with its argument
        "$program" $verb >"$work/said.txt" 2>&1 || code=$?
        [ $code = 1 ] || fail "$verb: exit code $code, expected 1"
        grep -q "n = 600.*overflows" "$work/said.txt" || fail "$verb: $(cat "$work/said.txt")"
    done
    [ "$(parts "$run")" = 3 ] || fail "the other shards are published"
    [ ! -e "$run/summary.csv" ] || fail "tables although a shard is missing"
    echo "the shard that failed for good is named by status and merge"
}
