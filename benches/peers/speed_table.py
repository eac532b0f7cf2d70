"""Writes the README's speed table, between its two markers, from one run of whole_job.py and kernel.py.

    cargo build --release
    python benches/peers/speed_table.py [--binary target/release/nullsweep] [--rounds 5] [--check] [32x16 ...]

With --check it only says whether the README has the markers, and measures nothing.
"""

import argparse
import json
import pathlib
import platform
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"
BEGIN, END = "<!-- speed:begin -->", "<!-- speed:end -->"
SHAPES = ["6x12", "32x16", "64x32", "128x64", "512x256"]


def split(text):
    """The README before, between and after the markers."""
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{README} has no place for the table: put `{BEGIN}` and `{END}` on lines of their own")
    return before, between, after


def measured(script, asked):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "found.json"
        command = [sys.executable, HERE / script, "--binary", asked.binary, "--rounds", asked.rounds, "--json", file]
        done = subprocess.run([str(word) for word in [*command, *asked.shapes]])
        if done.returncode != 0:
            sys.exit(f"{script} ended with code {done.returncode}; {README.name} is as it was")
        return json.loads(file.read_text())


def processor():
    """What the machine calls its processor, if it says."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def three_digits(number):
    """Three digits at least, without an exponent."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def table(jobs, kernels, shapes, command):
    import numpy

    lines = [
        "One thread each, in one run: how many times as fast as the NumPy script for a whole job (tables spectrum, ridge with 25",
        "lambdas, and perturbation with one change of y and the solvers svd and normal-equations, written as CSV; every singular",
        "value certified), and as `numpy.linalg.svd` and LAPACK's `dgesvj` for singular values alone. Rows with delta = 0 come on",
        f"top: their answers in double-double take about as long as all the rest. {processor()}, NumPy {numpy.__version__}; `{command}`.",
        "",
        "| n x d | whole job, trials/s | times the NumPy script | values, microseconds | times numpy.linalg.svd | times dgesvj |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for shape in shapes:
        job, kernel = jobs[shape], kernels[shape]
        values = kernel["values"]["median"]
        times = [f"{kernel[side]['median'] / values:.1f}" if side in kernel else "-" for side in ("numpy", "dgesvj")]
        cells = [shape, f"{job['trials_per_second']:.0f}", f"{job['ratio']:.1f}", three_digits(1e6 * values), *times]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/nullsweep")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("shapes", nargs="*", metavar="NxD", help="of " + ", ".join(SHAPES) + "; all unless given")
    asked = parser.parse_args()
    before, _, after = split(README.read_text())
    if asked.check:
        print(f"{README.name} has the markers")
        return
    asked.shapes = asked.shapes or SHAPES
    found = table(measured("whole_job.py", asked), measured("kernel.py", asked), asked.shapes, "benches/peers/speed_table.py")
    README.write_text(f"{before}{BEGIN}\n{found}\n{END}{after}")
    print(f"\n{README.name} has the new table")


if __name__ == "__main__":
    main()
