# shellcheck shell=bash
# What the scenarios share: a sweep, what it must come to, and waiting. To be sourced; $program is nullsweep, $work a folder.

# 16 shards of a fraction of a second to some seconds.
sweep=(configs/quickstart.toml --set design.replicates=600 --set 'grid.n=[48,96]' --set 'grid.d=[24,48]' --device cpu)
shards=16

# launch FOLDER ARG... : the sweep in shards
launch() { "$program" launch "${sweep[@]}" --shards "$shards" --out "$@"; }

# The one-process run that every scenario's tables must equal; computed once.
reference() {
    [ -d "$work/reference" ] || "$program" run "${sweep[@]}" --no-figures --quiet --out "$work/reference"
}

# same_tables FOLDER
same_tables() {
    reference
    local table compared=0
    for table in "$work"/reference/*.csv; do
        # Seconds differ from run to run.
        [ "$(basename "$table")" = timing.csv ] && continue
        cmp "$table" "$1/$(basename "$table")"
        compared=$((compared + 1))
    done
    [ $compared -ge 5 ] || fail "only $compared tables to compare"
}

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# until_ SECONDS WHAT COMMAND... : waits for COMMAND to succeed, asking ten times a second
until_() {
    local limit=$(($1 * 10)) what=$2 try=0
    shift 2
    until "$@"; do
        try=$((try + 1))
        [ $try -lt $limit ] || fail "waited in vain until $what"
        sleep 0.1
    done
}

# parts FOLDER : how many shards are published
parts() { find "$1/cluster/parts" -name '*.nsp' 2>/dev/null | wc -l; }
has_parts() { [ "$(parts "$1")" -ge "$2" ]; }
is_merged() { [ -e "$1/summary.csv" ] && grep -q '"state": *"complete"' "$1/manifest.json" 2>/dev/null; }

# Whether the tables are there. Slurm starts what it requeues after two minutes, for which a test does not wait.
merged_meanwhile() {
    is_merged "$1" && return
    local job
    for job in $(squeue --noheader --array --states=pending --format='%A %r' | awk '$2 == "BeginTime" { print $1 }'); do
        scontrol update jobid="$job" StartTime=now 2>/dev/null || true
    done
    return 1
}

# Seconds since the epoch, with thousandths; and between two of them.
now() { date +%s.%3N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f s", b - a }'; }
