"""`nullsweep bench` as a function: runs it, gives its summary and its samples. Used by the scripts beside it."""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile


class Refused(Exception):
    """`nullsweep bench` measured nothing, because what was asked for cannot be had; says why."""


class Bench:
    """One finished `nullsweep bench`. Ends the script if that fails, or with `refusable` raises `Refused`."""

    def __init__(self, binary, *arguments, refusable=False):
        with tempfile.TemporaryDirectory() as folder:
            command = [str(binary), "bench", "--quiet", "--out", folder, *map(str, arguments)]
            try:
                done = subprocess.run(command, capture_output=True, text=True)
            except OSError as error:
                sys.exit(f"cannot run {binary}: {error.strerror}; build it with `cargo build --release` or name it with --binary")
            if done.returncode == 2 and refusable:
                raise Refused(done.stderr.strip())
            if done.returncode != 0:
                sys.exit(f"{' '.join(command)} ended with code {done.returncode}:\n{done.stderr}")
            self.json = json.loads(pathlib.Path(folder, "bench.json").read_text())
            with open(pathlib.Path(folder, "bench.csv"), newline="") as file:
                self.samples = list(csv.DictReader(file))

    def seconds(self, part, path="cpu"):
        """Measured samples of `part` on `path`, seconds a matrix, in the order in which they were taken."""
        rows = (row for row in self.samples if (row["part"], row["path"], row["phase"]) == (part, path, "measured"))
        return [float(row["seconds"]) / int(row["batch"]) for row in rows]

    def points(self, part, path):
        """(n, d, batch) -> summary row."""
        rows = (row for row in self.json["summary"] if (row["part"], row["path"]) == (part, path))
        return {(row["n"], row["d"], row["batch"]): row for row in rows}


def print_row(cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def print_header(names):
    print_row(names)
    print("|---|" + "---:|" * (len(names) - 1))


def three_digits(x):
    return f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:.0f}"
