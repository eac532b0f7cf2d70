"""Runs the script of every shard on a HyperQueue of two workers, and kills one of them while it computes.

    local_cluster.py DIR/cluster SHARDS

The wheel's workers are threads of the process that adds them. So each worker is a fork of this process, made when the server runs
and nothing else does: SIGKILL takes a worker with the shard that it computes, as the loss of a machine would.
"""

import os
import signal
import sys
import time
from pathlib import Path

from hyperqueue import Job
from hyperqueue.cluster import LocalCluster, WorkerConfig


def fork_worker(cluster):
    """A process that is one worker of one core, the leader of its own process group."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        cluster.start_worker(WorkerConfig(cores=1))
        while True:
            time.sleep(60)
    return pid


def tasks_of(pid):
    """The processes that the worker has started. HyperQueue's tasks are in sessions of their own: they are found by parent."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in children for child in file.read_text().split()]


def kill(pid):
    """The worker and what it has started, at once."""
    os.kill(pid, signal.SIGSTOP)
    tasks = tasks_of(pid)
    os.kill(pid, signal.SIGKILL)
    for task in tasks:
        os.killpg(os.getpgid(task), signal.SIGKILL)
    os.waitpid(pid, 0)
    return tasks


def kill_at_work(pid, deadline):
    """As `kill`, at a moment at which the worker computes: between two shards its loss would show nothing."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        if tasks_of(pid):
            return kill(pid)
        os.kill(pid, signal.SIGCONT)
        if time.monotonic() > deadline:
            sys.exit("the worker that was to be killed computed nothing")
        time.sleep(0.005)


def main():
    folder, shards = Path(sys.argv[1]), int(sys.argv[2])
    parts = folder / "parts"
    with LocalCluster() as cluster:
        workers = [fork_worker(cluster) for _ in range(2)]
        job = Job(max_fails=None)
        for shard in range(shards):
            log = str(folder / "logs" / f"hq-{shard}")
            job.program(
                [str(folder / "shard.sh")],
                env={"HQ_TASK_ID": str(shard)},
                stdout=log + ".out",
                stderr=log + ".err",
                crash_limit=5,
            )
        client = cluster.client()
        submitted = client.submit(job)
        start = time.monotonic()
        while len(list(parts.glob("*.nsp"))) < 2:
            if time.monotonic() - start > 100:
                sys.exit("no shard was published in 100 s")
            time.sleep(0.02)
        tasks = kill_at_work(workers.pop(), start + 100)
        killed, published = time.monotonic(), len(list(parts.glob("*.nsp")))
        print(f"killed a worker that was computing {len(tasks)} shard(s), {published} of {shards} published")
        if published == shards:
            sys.exit("every shard was published at the kill: nothing was lost")
        client.wait_for_jobs([submitted])
        print(f"done {time.monotonic() - killed:.1f} s after the kill, {time.monotonic() - start:.1f} s in all")
        for pid in workers:
            kill(pid)


main()
