# shellcheck shell=bash
# A node loses power in the midst of an array: its tasks are requeued, the merge waits for them, the tables are those of one run.

node_dies() {
    # A path that must be quoted: for bash, and for Slurm in another way.
    local run="$work/it's a node" start killed
    start=$(now)
    launch "$run" --on slurm
    until_ 100 "two shards are published" has_parts "$run" 2
    until_ 20 "the node n2 computes" node_computes n2
    node_kill n2
    killed=$(now)
    echo "killed n2 with $(parts "$run") of $shards shards published"
    # What an administrator does, or SlurmdTimeout: 5 minutes by default.
    scontrol update nodename=n2 state=down reason=crash
    until_ 110 "the merge has written the tables" merged_meanwhile "$run"
    echo "recovered $(since "$killed") after the kill, $(since "$start") in all"
    same_tables "$run"
    node_start n2
}

node_computes() { squeue --noheader --nodelist="$1" --states=running | grep -q .; }
