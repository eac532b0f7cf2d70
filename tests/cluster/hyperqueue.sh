# shellcheck shell=bash
# HyperQueue runs the same shards and loses a worker. Its server and workers come with its Python wheel; the command `hq`, by
# which `launch` submits, does not, and is tried where it is installed.

hyperqueue_get() {
    local venv=$1
    if [ ! -e "$venv/complete" ]; then
        if ! python3 -m venv "$venv" >/dev/null 2>&1 || ! "$venv/bin/pip" install --quiet hyperqueue==0.26.2 >/dev/null 2>&1; then
            echo "HyperQueue's wheel cannot be had: it needs python3 with venv, and PyPI"
            return 1
        fi
        touch "$venv/complete"
    fi
    hyperqueue_python=$venv/bin/python
}

# The wheel: launch writes the task's script, and a Python program submits it.
hyperqueue() {
    local run=$work/hyperqueue
    launch "$run" --on hyperqueue --dry-run
    "$hyperqueue_python" tests/cluster/local_cluster.py "$run/cluster" "$shards" 2>"$work/hyperqueue.log" ||
        fail "$(tail -n 5 "$work/hyperqueue.log")"
    "$program" merge --plan "$run/cluster" --no-figures >/dev/null
    same_tables "$run"
}

# The command: launch submits, sees what is under way, and merges.
hq_command() {
    local run=$work/hq_command worker killed
    export HQ_SERVER_DIR=$work/hq_server
    hq server start >"$work/hq_server.log" 2>&1 &
    until_ 10 "HyperQueue's server answers" hq_answers
    setsid hq worker start --cpus 1 >"$work/hq_worker1.log" 2>&1 &
    worker=$!
    # Its end is no news to this shell.
    disown
    setsid hq worker start --cpus 1 >"$work/hq_worker2.log" 2>&1 &
    launch "$run" --on hyperqueue
    until_ 100 "two shards are published" has_parts "$run" 2
    launch "$run" --on hyperqueue | grep -q "nothing to submit" || fail "shards under way are submitted again"
    kill -9 $worker
    killed=$(now)
    until_ 100 "every shard is published" has_parts "$run" "$shards"
    echo "recovered $(since "$killed") after the kill"
    until_ 10 "HyperQueue has noticed" hq_is_idle
    launch "$run" --on hyperqueue >/dev/null
    same_tables "$run"
    hq server stop
}

hq_answers() { hq job list >/dev/null 2>&1; }
hq_is_idle() { [ "$(hq --output-mode=json job list)" = "[]" ]; }
