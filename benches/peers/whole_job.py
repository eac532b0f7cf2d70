"""nullsweep against the NumPy script, the whole job on the same grid, one thread each, in one run.

Tables spectrum, ridge (25 lambdas) and perturbation (svd and normal equations, one delta, y moved), drawn, computed and
written as CSV; nullsweep certifies every singular value on the way, NumPy does not. The two take turns, round after
round; the medians are compared. NumPy's seconds are without its start and imports, nullsweep's are those of the whole
process. Both ratios are printed: of wall-clock time, and of processor time, which a machine that others use as well
hardly disturbs. The parts are shares of nullsweep's wall-clock time (the spectra of X'X belong to the rest).

    cargo build --release
    python benches/peers/whole_job.py [--binary target/release/nullsweep] [--rounds 5] [--json FILE] [32x16 ...]
"""

import argparse
import csv
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
# Shape: trials, so that either side takes a second or more, beside which a start and the syncs of a disk are little.
TRIALS = {"6x12": 40000, "32x16": 20000, "64x32": 8000, "128x64": 2000, "512x256": 48}
# Floors: how many times as fast as the script nullsweep is to be.
FLOORS = {"6x12": 20, "32x16": 12, "64x32": 6, "128x64": 4, "512x256": 2}
PARTS = ["generate", "kernel", "certify", "measure", "write"]
CONFIG = """
name   = "whole-job"
tables = ["spectrum", "ridge", "perturbation"]
[design]
kind       = "gaussian"
seed       = 2
replicates = {trials}
[target]
noise = 0.1
[grid]
n      = {n}
d      = {d}
lambda = {{ log = [1e-10, 1e2], count = 25 }}
delta  = [1e-8]
[perturbation]
solvers = ["svd", "normal-equations"]
what    = ["y"]
[engine]
device = "cpu"
"""


def run_nullsweep(binary, config, out):
    """(wall-clock, processor) seconds of the process, and the share of each part from timing.csv."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([binary, "run", config, "--out", out, "--fresh", "--threads", "1", "--quiet"], check=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(pathlib.Path(out) / "timing.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    shares = {part: sum(float(row[part + "_seconds"]) for row in rows) / seconds for part in PARTS}
    return (seconds, cpu_seconds), shares


def run_numpy(n, d, trials, out):
    """(wall-clock, processor) seconds of the script's work."""
    command = [sys.executable, HERE / "numpy_sweep.py", "--n", n, "--d", d, "--replicates", trials, "--out", out]
    answer = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    seconds = json.loads(answer.stdout)
    return seconds["seconds"], seconds["cpu_seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/nullsweep")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE", help="write trials a second and ratios there as well")
    parser.add_argument("shapes", nargs="*", metavar="NxD", help="of " + ", ".join(TRIALS) + "; all unless given")
    asked = parser.parse_args()
    unknown = [shape for shape in asked.shapes if shape not in TRIALS]
    if unknown:
        parser.error(f"unknown shape {unknown[0]}: known are {', '.join(TRIALS)}")
    header = ["n x d", "trials", "NumPy, trials/s", "nullsweep, trials/s", "ratio", "ratio, processor time", "floor"]
    print_row([*header, *PARTS, "rest"])
    print("|---|" + "---:|" * (len(header) + len(PARTS)))
    found = {}
    for shape in asked.shapes or TRIALS:
        (n, d), trials = shape.split("x"), TRIALS[shape]
        ours, theirs, shares = [], [], []
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "whole-job.toml"
            config.write_text(CONFIG.format(n=n, d=d, trials=trials))
            for _ in range(asked.rounds):
                theirs.append(run_numpy(n, d, trials, f"{folder}/numpy"))
                seconds, share = run_nullsweep(asked.binary, str(config), f"{folder}/nullsweep-{len(ours)}")
                ours.append(seconds)
                shares.append(share)
        us, us_cpu = (statistics.median(column) for column in zip(*ours))
        them, them_cpu = (statistics.median(column) for column in zip(*theirs))
        parts = [statistics.median(share[part] for share in shares) for part in PARTS]
        ratios = [f"{them / us:.2f}", f"{them_cpu / us_cpu:.2f}", FLOORS[shape]]
        percents = [f"{100 * part:.0f} %" for part in [*parts, 1 - sum(parts)]]
        found[shape] = {"trials_per_second": trials / us, "ratio": them / us, "ratio_processor_time": them_cpu / us_cpu}
        print_row([shape, trials, f"{trials / them:.0f}", f"{trials / us:.0f}", *ratios, *percents])
    if asked.json:
        pathlib.Path(asked.json).write_text(json.dumps(found, indent=2) + "\n")


def print_row(cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
