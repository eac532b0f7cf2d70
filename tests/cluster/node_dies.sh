# shellcheck shell=bash
# A node loses power in the midst of an array: its tasks are requeued, the merge waits for them, the tables are those of one run.

node_dies() {
    # A path that must be quoted: for bash, and for Slurm in another way.
    local run="$work/it's a node" start killed published
    start=$(now)
    launch "$run" --on slurm
    until_ 100 "two shards are published" has_parts "$run" 2
    until_ 20 "the node n2 computes" node_computes n2
    node_kill n2
    killed=$(now)
    published=$(parts "$run")
    echo "killed n2 with $published of $shards shards published"
    [ "$published" -lt "$shards" ] || fail "every shard was published at the kill: nothing was lost"
    # What an administrator does, or SlurmdTimeout: 5 minutes by default.
    scontrol update nodename=n2 state=down reason=crash
    until_ 20 "the shards of n2 are requeued" has_requeued "$run"
    until_ 110 "the merge has written the tables" merged_meanwhile "$run"
    echo "recovered $(since "$killed") after the kill, $(since "$start") in all"
    same_tables "$run"
    node_start n2
}

node_computes() { squeue --noheader --nodelist="$1" --states=running | grep -q .; }

# Whether Slurm has started a task of the run in FOLDER anew, or is about to.
has_requeued() { scontrol show jobs --oneliner | grep -F "$1/cluster/" | grep 'Restarts=[1-9]' >/dev/null; }
