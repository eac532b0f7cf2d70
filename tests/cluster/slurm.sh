# shellcheck shell=bash
# A Slurm of two nodes on this machine, for tests. To be sourced by a script that is process 1 of its own pid namespace: all
# that is started here then ends with that script, however it ends.
#
# What is installed is used; else Debian's packages are unpacked below target/, and nothing is installed, configured or
# started outside. It needs no root: without it each node has a user namespace.
#
#   slurm_get FOLDER      finds or unpacks Slurm; says why not and fails
#   slurm_start FOLDER    starts a controller and the nodes n1 and n2 with their files in FOLDER
#   controller_kill       kill -9, and its state is lost
#   controller_start
#   node_start NODE
#   node_kill NODE        as a loss of power: every process of the node at once
#   slurm_stop

# The packages that Slurm needs beyond what any Debian has.
slurm_packages="slurmctld slurmd slurm-client slurm-wlm-basic-plugins libmunge2 libhwloc15 liblua5.1-0"

slurm_get() {
    if command -v slurmctld slurmd sbatch >/dev/null; then
        slurm_ctld=slurmctld slurm_d=slurmd slurm_plugins=
        return
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        echo "Slurm is not installed, and without apt-get Debian's packages cannot be had"
        return 1
    fi
    mkdir -p "$1"
    local unpacked
    unpacked=$(cd "$1" && pwd)
    if [ ! -e "$unpacked/complete" ]; then
        # shellcheck disable=SC2086 # a list of words
        if ! (cd "$unpacked" && apt-get download -qq $slurm_packages >/dev/null 2>&1); then
            echo "Slurm is not installed, and Debian's packages cannot be downloaded here"
            return 1
        fi
        for package in "$unpacked"/*.deb; do dpkg -x "$package" "$unpacked"; done
        rm -f "$unpacked"/*.deb
        touch "$unpacked/complete"
    fi
    local libraries
    libraries=$(dirname "$(find "$unpacked/usr/lib" -name 'libhwloc.so.15' -print -quit)")
    slurm_plugins=$libraries/slurm-wlm
    export LD_LIBRARY_PATH=$libraries:$slurm_plugins${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export PATH=$unpacked/usr/bin:$unpacked/usr/sbin:$PATH
    # Debian's packages of Slurm call them so, and make the usual names when they are installed.
    slurm_ctld=slurmctld-wlm slurm_d=slurmd-wlm
    if ! "$slurm_ctld" -V >/dev/null 2>&1; then
        echo "Debian's Slurm does not start here: $("$slurm_ctld" -V 2>&1 | head -n 1)"
        return 1
    fi
}

slurm_start() {
    slurm=$1
    mkdir -p "$slurm"/{state,log,n1,n2}
    local me
    me=$(id -un)
    cat >"$slurm/slurm.conf" <<CONF
ClusterName=nullsweep
SlurmctldHost=localhost
SlurmctldPort=17817
FirstJobId=1
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/none
CredType=cred/none
${slurm_plugins:+PluginDir=$slurm_plugins}
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/%n
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/%n.pid
SlurmctldLogFile=$slurm/log/slurmctld.log
SlurmdLogFile=$slurm/log/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,bf_interval=2
ReturnToService=2
SlurmdTimeout=10
KillWait=2
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=17818 CPUs=2
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=17819 CPUs=2
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$slurm/slurm.conf
    controller_start
    node_start n1
    node_start n2
    local try
    for try in $(seq 300); do
        [ "$(sinfo --noheader --states=idle --format=%D 2>/dev/null)" = 2 ] && return
        sleep 0.1
    done
    echo "the nodes did not come up after $try tries:" >&2
    tail -n 20 "$slurm"/log/*.log >&2
    return 1
}

controller_start() {
    "$slurm_ctld" -c -i
}

controller_kill() {
    kill -9 "$(cat "$slurm/slurmctld.pid")"
    rm -rf "$slurm/state"
    mkdir "$slurm/state"
    # Nodes that still compute a forgotten job are drained if another one of its number comes: new jobs have new numbers.
    sed -i 's/^FirstJobId=.*/FirstJobId=1001/' "$slurm/slurm.conf"
}

node_start() {
    local own_user=()
    [ "$(id -u)" = 0 ] || own_user=(--user --map-current-user)
    setsid unshare "${own_user[@]}" --fork --pid --mount-proc --kill-child=KILL \
        "$slurm_d" -D -N "$1" -d "$(command -v "${slurm_d/slurmd/slurmstepd}")" >"$slurm/log/$1.out" 2>&1 &
    echo $! >"$slurm/$1.namespace"
    # Its end is no news to this shell.
    disown
}

node_kill() {
    kill -9 "$(cat "$slurm/$1.namespace")"
}

slurm_stop() {
    scontrol shutdown 2>/dev/null || true
}
