"""nullsweep diagnose against pandas.read_csv + numpy.linalg.lstsq on one tall CSV file: time and peak memory.

The file is written once (n x d standard normal numbers with 17 digits, and y = X 1 + noise). The two take turns, each in a
process of its own. Peak memory is the largest resident set of the process, in MiB. Both ratios are printed: of wall-clock
time, and of processor time, which a machine that others use as well hardly disturbs. NumPy's seconds leave out its start and
imports; nullsweep's are those of the whole process, which beside weights certifies every singular value.

    cargo build --release
    python benches/peers/tall_csv.py [--binary target/release/nullsweep] [--rows 1000000] [--columns 100] [--rounds 3] [--folder DIR]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PEER = """
import json, resource, sys, time
import numpy as np, pandas as pd
begun, used = time.perf_counter(), time.process_time()
data = pd.read_csv(sys.argv[1])
y = data.pop("y").to_numpy()
w, _, rank, sigma = np.linalg.lstsq(data.to_numpy(), y, rcond=None)
print(json.dumps({
    "seconds": time.perf_counter() - begun,
    "processor": time.process_time() - used,
    "w": w.tolist(),
    "sigma": [sigma[0], sigma[-1]],
}))
"""


def write(path, rows, columns):
    """The file, in pieces."""
    import numpy as np

    rng = np.random.default_rng([rows, columns])
    with open(path, "w") as out:
        out.write(",".join(f"x{j + 1}" for j in range(columns)) + ",y\n")
        for first in range(0, rows, 10_000):
            x = rng.normal(size=(min(10_000, rows - first), columns))
            y = x.sum(axis=1) + rng.normal(size=len(x))
            for row, target in zip(x.tolist(), y.tolist()):
                out.write(",".join(map(repr, row)) + f",{target!r}\n")


def measured(command):
    """Standard output, wall-clock and processor seconds and peak MiB of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return output, time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/release/nullsweep")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path, help="keeps the file here, and takes it from here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (args.folder or pathlib.Path(temporary)) / f"tall-{args.rows}x{args.columns}.csv"
        if not path.exists():
            write(path, args.rows, args.columns)
        rounds = []
        for _ in range(args.rounds):
            ours, seconds, processor, peak = measured(
                [args.binary, "diagnose", path, "--target", "y", "--device", "cpu", "--json"]
            )
            theirs, _, _, their_peak = measured([sys.executable, "-c", PEER, path])
            ours, theirs = json.loads(ours), json.loads(theirs)
            apart = max(abs(a - b) for a, b in zip(ours["solutions"][0]["w"], theirs["w"]))
            for sigma, value in zip([ours["sigmas"][0], ours["sigmas"][-1]], theirs["sigma"]):
                if not sigma["lo"] * (1 - 1e-12) <= value <= sigma["hi"] * (1 + 1e-12):
                    sys.exit(f"NumPy has the singular value {value}, nullsweep {sigma}")
            rounds.append((seconds, processor, peak, theirs["seconds"], theirs["processor"], their_peak))
            print(
                f"nullsweep {seconds:.1f} s ({processor:.1f} s of processors), {peak:.0f} MiB; pandas and lstsq"
                f" {theirs['seconds']:.1f} s ({theirs['processor']:.1f}), {their_peak:.0f} MiB; weights {apart:.0e} apart",
                flush=True,
            )
        median = [statistics.median(column) for column in zip(*rounds)]
        print(f"{path.stat().st_size / 2**20:.0f} MiB of text; nullsweep takes {median[0] / median[3]:.2f} of the time,")
        print(f"{median[1] / median[4]:.2f} of the processor time and {median[2] / median[5]:.3f} of the memory")


if __name__ == "__main__":
    main()
