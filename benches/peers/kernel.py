"""nullsweep's singular values against NumPy's, LAPACK dgesvj's and torch's, on the same matrices, one thread each.

Gaussian matrices, default_rng([2, n, d, replicate]) on all sides. The sides take turns, round after round, three samples each.
Times are medians; ratios are given of the medians and, in brackets, of the shortest samples, which a machine that others
use as well disturbs least. NumPy and torch get the whole batch in one call. LAPACK has no batches: dgesvj is called once a matrix
through ctypes, and what an empty call costs is taken off; it is given the tall form, and asked for values only (JOBU = JOBV = 'N').
dgesvj is one-sided Jacobi, the accuracy class of nullsweep; the other two bidiagonalize and lose the digits of small values.
"certified" is what nullsweep takes for values, V and an enclosure of every value.

    cargo build --release
    python benches/peers/kernel.py [--binary target/release/nullsweep] [--rounds 7] [--json FILE] [32x16 ...]
"""

import argparse
import ctypes
import json
import os
import pathlib
import statistics
import time

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np  # noqa: E402  the thread counts above are read when NumPy is loaded

from bench_output import Bench, print_header, print_row, three_digits  # noqa: E402

SEED = 2
# Shape: matrices a batch, so that a sample takes some milliseconds: less than a slice of the scheduler.
BATCH = {"6x12": 512, "32x16": 128, "64x32": 32, "128x64": 16, "512x256": 2}
SAMPLES_A_ROUND = 3
# How many times as fast as NumPy and as dgesvj nullsweep is to be: the project's own floors.
FLOORS = {"6x12": (8, 10), "32x16": (4, 8), "64x32": (2.5, 6), "128x64": (1.5, 5), "512x256": (1, 4)}


def matrices(n, d, count):
    return np.stack([np.random.default_rng([SEED, n, d, r]).normal(size=(n, d)) for r in range(count)])


class Numpy:
    name = "numpy"

    def __init__(self, X):
        self.X = X

    def seconds(self):
        start = time.perf_counter()
        self.sigma = np.linalg.svd(self.X, compute_uv=False)
        return (time.perf_counter() - start) / len(self.X)


class Torch:
    name = "torch"

    def __init__(self, X):
        import torch

        torch.set_num_threads(1)
        self.svdvals, self.X = torch.linalg.svdvals, torch.from_numpy(X)

    def seconds(self):
        start = time.perf_counter()
        self.sigma = self.svdvals(self.X)
        seconds = (time.perf_counter() - start) / len(self.X)
        self.sigma = np.asarray(self.sigma)
        return seconds


def dgesvj_of(folder, names):
    """(function, integer type) of the first library in `folder` that exports one of `names`."""
    for library in sorted(folder.glob("*openblas*")) if folder.is_dir() else []:
        for name, integer in names:
            function = getattr(ctypes.CDLL(str(library)), name, None)
            if function is not None:
                return function, integer
    return None


class Dgesvj:
    """LAPACK's one-sided Jacobi. SciPy has no wrapper for it, but NumPy's and SciPy's wheels bring an OpenBLAS that has it."""

    name = "dgesvj"
    NAMES = [
        ("scipy_dgesvj_64_", ctypes.c_int64),
        ("dgesvj_64_", ctypes.c_int64),
        ("scipy_dgesvj_", ctypes.c_int32),
        ("dgesvj_", ctypes.c_int32),
    ]

    def __init__(self, X):
        function, integer = self.find()
        count, n, d = X.shape
        p, q = max(n, d), min(n, d)
        # Column major p x q is row major q x p.
        self.tall = np.ascontiguousarray(X if n < d else X.transpose(0, 2, 1))
        self.work, self.sigma = self.tall.copy(), np.empty((count, q))
        scratch, v, lwork = np.empty(max(6, p + q)), np.empty(1), max(6, p + q)
        self.info = integer(0)
        refer = lambda value: ctypes.byref(integer(value))  # noqa: E731
        pointer = lambda array: ctypes.c_void_p(array.ctypes.data)  # noqa: E731
        G, N = ctypes.c_char_p(b"G"), ctypes.c_char_p(b"N")

        def call(rows, columns, a, sva):
            arguments = [G, N, N, refer(rows), refer(columns), a, refer(p), sva, refer(0), pointer(v), refer(1)]
            arguments += [pointer(scratch), refer(lwork), ctypes.byref(self.info)]
            return lambda: function(*arguments)

        self.keep = scratch, v
        self.calls = [call(p, q, pointer(a), pointer(s)) for a, s in zip(self.work, self.sigma)]
        # Nothing to do for 0 columns: what is left is the call.
        empty = call(p, 0, pointer(self.work[0]), pointer(self.sigma[0]))
        self.call_seconds = min(self.loop([empty] * 100) for _ in range(50)) / 100

    @classmethod
    def find(cls):
        site = pathlib.Path(np.__file__).parent.parent
        for folder in ("numpy.libs", "scipy.libs", "numpy/.dylibs", "scipy/.dylibs"):
            found = dgesvj_of(site / folder, cls.NAMES)
            if found is not None:
                return found
        raise ImportError("no OpenBLAS with dgesvj beside NumPy or SciPy (pip's wheels have one)")

    def seconds(self):
        np.copyto(self.work, self.tall)
        seconds = self.loop(self.calls) / len(self.calls)
        if self.info.value != 0:
            raise RuntimeError(f"dgesvj ended with info = {self.info.value}")
        return seconds - self.call_seconds

    @staticmethod
    def loop(calls):
        start = time.perf_counter()
        for call in calls:
            call()
        return time.perf_counter() - start


def peers(X):
    """Those peers that this machine has; what is missing is said once."""
    found = []
    for peer in (Numpy, Dgesvj, Torch):
        try:
            found.append(peer(X))
        except ImportError as missing:
            said.setdefault(peer.name, f"{peer.name}: not installed ({missing})")
    return found


said = {}


def check(peers):
    """All sides must have found the same values: a fast wrong answer is no rival."""
    reference = peers[0].sigma
    for peer in peers[1:]:
        worst = np.max(np.abs(peer.sigma - reference) / reference[:, :1])
        if not worst < 1e-12:
            raise SystemExit(f"{peer.name} and {peers[0].name} disagree by {worst:.1e} of sigma_max")


def measure(binary, shape, rounds):
    n, d = map(int, shape.split("x"))
    sides = peers(matrices(n, d, BATCH[shape]))
    for side in sides:
        side.seconds()
    check(sides)
    seconds = {name: [] for name in [side.name for side in sides] + ["values", "certified"]}
    for _ in range(rounds):
        for side in sides:
            seconds[side.name] += [side.seconds() for _ in range(SAMPLES_A_ROUND)]
        ours = Bench(
            binary, "--shapes", shape, "--batch", BATCH[shape], "--samples", SAMPLES_A_ROUND, "--threads", 1,
            "--device", "cpu",
        )  # fmt: skip
        for part in ("values", "certified"):
            seconds[part] += ours.seconds(part)
    return {name: {"median": statistics.median(samples), "best": min(samples)} for name, samples in seconds.items()}


def micros(times, side):
    return three_digits(1e6 * times[side]["median"]) if side in times else "-"


def ratio(times, side):
    if side not in times:
        return "-"
    median, best = (times[side][which] / times["values"][which] for which in ("median", "best"))
    return f"{median:.2f} ({best:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/nullsweep")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", metavar="FILE", help="write the medians there as well")
    parser.add_argument("shapes", nargs="*", metavar="NxD", help="of " + ", ".join(BATCH) + "; all unless given")
    asked = parser.parse_args()
    unknown = [shape for shape in asked.shapes if shape not in BATCH]
    if unknown:
        parser.error(f"unknown shape {unknown[0]}: known are {', '.join(BATCH)}")
    if asked.rounds < 1:
        parser.error("--rounds must be at least 1")
    print(f"Singular values, microseconds a matrix, one thread each; NumPy {np.__version__}; medians of {asked.rounds} rounds.\n")
    print_header(
        ["n x d", "batch", "NumPy", "dgesvj", "torch", "nullsweep", "vs NumPy", "floor", "vs dgesvj", "floor", "vs torch", "certified"]
    )
    found = {}
    for shape in asked.shapes or BATCH:
        times = found[shape] = measure(asked.binary, shape, asked.rounds)
        numpy_floor, dgesvj_floor = FLOORS[shape]
        print_row(
            [shape, BATCH[shape], *(micros(times, side) for side in ("numpy", "dgesvj", "torch", "values"))]
            + [ratio(times, "numpy"), numpy_floor, ratio(times, "dgesvj"), dgesvj_floor, ratio(times, "torch")]
            + [micros(times, "certified")]
        )
    for missing in said.values():
        print(f"\n{missing}")
    if asked.json:
        pathlib.Path(asked.json).write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
