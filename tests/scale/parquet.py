"""Ten million ridge rows as CSV and as Parquet, by two runs of one config: DuckDB finds the same in both.

    python tests/scale/parquet.py target/release/nullsweep      # built with --features parquet; needs duckdb (PyPI)

What is checked, for every lambda (1,000 groups of 10,000 rows) and every column of numbers:
- count, count of NULL, count of finite values, min and max: equal to the last bit;
- sums in the order of the replicates (a list, sorted, then added up one by one) of three columns: equal to the last bit;
- sums as DuckDB likes to take them, in any order on any thread: within 2 (n - 1) u sum |x|, which is what two orders of n additions
  may differ by (Higham 2002, section 4.2);
- `nullsweep csv` gives the bytes of the CSV run; load.sql and its two examples work as they are.

At most 5 GB in files at a time, in memory where there is room for three times that, else below the temporary folder; removed at the
end. Prints sizes, times and peak memory.
"""

import hashlib
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROWS = 10_000_000
MOST_BYTES = 5 * 10**9
CONFIG = """
name = "scale"
tables = ["ridge"]
[design]
kind = "gaussian"
seed = 7
replicates = 10000
[target]
noise = 0.1
[grid]
n = 6
d = 3
lambda = { log = [1e-10, 1e2], count = 999, with = [0.0] }
"""
# Sums whose terms are added in a known order: two that vary little, one over twelve powers of ten.
ORDERED = ["effective_df", "test_mse", "kappa_ridge"]
UNIT_ROUNDOFF = 2.0**-53
# A word of DuckDB's language, so in quotes.
LAMBDA = '"lambda"'


# Starts a command and says what it took. A process of its own: the peak memory of a child counts that of the process it was
# forked from, which has all of DuckDB's.
MEASURE = """
import json, resource, subprocess, sys, time
start = time.monotonic()
output = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, check=True).stdout
seconds, usage = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
"""


def run(*command):
    """Runs `command`; returns its output, seconds, seconds of processors and peak memory in bytes."""
    words = [sys.executable, "-c", MEASURE, *(str(word) for word in command)]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)


def scratch_place():
    """Where the files go: a disk has to write some 9 GB in all, memory does not."""
    memory = Path("/dev/shm")
    available = re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text()) if memory.is_dir() else None
    roomy = available and int(available[1]) * 1024 > 3 * MOST_BYTES and shutil.disk_usage(memory).free > 2 * MOST_BYTES
    return memory if roomy else None


def connect(folder):
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '2GB'")
    connection.execute(f"SET temp_directory = '{folder}/spill'")
    return connection


def bits(value):
    """A float by its bits, so that 0.0 and -0.0 differ and NaN is equal to itself; all else as it is."""
    return struct.pack("<d", value) if isinstance(value, float) else value


def aggregates(connection, source, columns):
    """Rows by lambda: what must be equal, and for each column sum and sum of magnitudes."""
    exact, sums = ["count(*)"], []
    for name in columns:
        name = f'"{name}"'
        finite = f"CASE WHEN isfinite({name}) THEN {name} END"
        exact += [f"count({name})", f"count({finite})", f"min({name})", f"max({name})"]
        sums += [f"coalesce(sum({finite}), 0)", f"coalesce(sum(abs({finite})), 0)"]
    start = time.monotonic()
    query = f"SELECT {LAMBDA}, {', '.join(exact + sums)} FROM {source} GROUP BY {LAMBDA} ORDER BY {LAMBDA}"
    rows = connection.execute(query).fetchall()
    seconds = time.monotonic() - start
    equal = [[bits(value) for value in row[: len(exact) + 1]] for row in rows]
    counts = [row[1] for row in rows]
    rest = [list(zip(row[len(exact) + 1 :: 2], row[len(exact) + 2 :: 2])) for row in rows]
    lists = ", ".join(f"list_sum(list({name} ORDER BY replicate))" for name in ORDERED)
    query = f"SELECT {LAMBDA}, {lists} FROM {source} GROUP BY {LAMBDA} ORDER BY {LAMBDA}"
    ordered = [[bits(value) for value in row] for row in connection.execute(query).fetchall()]
    return {"equal": equal, "counts": counts, "sums": rest, "ordered": ordered, "seconds": seconds}


def size(folder, pattern):
    return sum(path.stat().st_size for path in folder.glob(pattern))


def sha256(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def compare(csv, parquet, columns):
    """Fails with the first difference; returns the largest difference of sums as a share of what is allowed."""
    assert len(csv["equal"]) == 1000 and sum(csv["counts"]) == ROWS, (len(csv["equal"]), sum(csv["counts"]))
    for one, other in zip(csv["equal"], parquet["equal"], strict=True):
        assert one == other, f"counts, min or max differ: {one} against {other}"
    for one, other in zip(csv["ordered"], parquet["ordered"], strict=True):
        assert one == other, f"sums in order differ: {one} against {other}"
    largest = 0.0
    for count, ones, others in zip(csv["counts"], csv["sums"], parquet["sums"], strict=True):
        for name, (one, magnitude), (other, _) in zip(columns, ones, others, strict=True):
            allowed = 2 * (count - 1) * UNIT_ROUNDOFF * magnitude
            assert abs(one - other) <= allowed, f"sum of {name}: {one!r} against {other!r}, allowed {allowed:.1e}"
            largest = max(largest, abs(one - other) / allowed if allowed > 0 else 0.0)
    return largest


def examples(script):
    """The queries that load.sql shows as comments."""
    lines = [line.removeprefix("--").strip() for line in script.split("-- Two to begin with.")[1].splitlines()]
    return re.findall(r"SELECT[^;]*;", "\n".join(lines))


def main(binary):
    place = scratch_place()
    with tempfile.TemporaryDirectory(prefix="nullsweep-scale-", dir=place) as scratch:
        scratch = Path(scratch)
        config = scratch / "scale.toml"
        config.write_text(CONFIG)
        arguments = ["run", config, "--device", "cpu", "--no-figures", "--quiet", "--chunk", "200"]

        csv = scratch / "csv"
        _, csv_seconds, csv_processor, csv_memory = run(binary, *arguments, "--out", csv, "--format", "csv")
        header = (csv / "ridge.csv").open().readline().strip().split(",")
        keys = ["n", "d", "epsilon", "replicate", "lambda"]
        columns = [name for name in header if name not in keys]
        typed = ", ".join(f"'{name}': '{'BIGINT' if name in ('n', 'd', 'replicate') else 'DOUBLE'}'" for name in header)
        with connect(scratch) as connection:
            source = f"read_csv('{csv}/ridge.csv', header = true, columns = {{{typed}}})"
            of_csv = aggregates(connection, source, columns)
        hashes = {name: sha256(csv / f"{name}.csv") for name in ["ridge", "spectrum", "summary"] if (csv / f"{name}.csv").exists()}
        csv_bytes = size(csv, "ridge.csv")
        shutil.rmtree(csv)

        parquet = scratch / "parquet"
        _, seconds, processor, memory = run(binary, *arguments, "--out", parquet, "--format", "parquet")
        parquet_bytes = size(parquet, "ridge/*.parquet")
        parts = len(list(parquet.glob("ridge/*.parquet")))
        os.chdir(parquet)
        with connect(scratch) as connection:
            script = Path("load.sql").read_text()
            connection.execute(script)
            of_parquet = aggregates(connection, "ridge", columns)
            shown = examples(script)
            medians, summaries = (connection.execute(query).fetchall() for query in shown)
            for one, other in zip(medians, summaries, strict=True):
                # Keys and count; then DuckDB's median, which takes the mean of the middle two its own way.
                same = one[:-1] == other[: len(one) - 1] and math.isclose(one[-1], other[len(one) - 1], rel_tol=1e-15)
                assert same, f"{one} against {other}"
        largest = compare(of_csv, of_parquet, columns)
        assert sha256(parquet / "summary.csv") == hashes.pop("summary"), "the summaries differ"

        back = scratch / "back"
        output, _, back_seconds, back_memory = run(binary, "csv", parquet, "--out", back, "--json")
        assert {file["name"] for file in json.loads(output)["files"]} == {f"{name}.csv" for name in hashes}
        for name, expected in hashes.items():
            assert sha256(back / f"{name}.csv") == expected, f"{name}.csv differs from that of the CSV run"

    mega = 1e6
    print(f"{ROWS:,} ridge rows of {len(header)} columns, {parts} parts; all aggregates agree ({'in memory' if place else 'on disk'})")
    print(f"  sums in any order differ by {largest:.2g} of what rounding allows at most")
    print(f"                   CSV     Parquet       ratio")
    for what, one, other, unit in [
        ("bytes/row", csv_bytes / ROWS, parquet_bytes / ROWS, ""),
        ("size", csv_bytes / mega, parquet_bytes / mega, " MB"),
        ("run", csv_seconds, seconds, " s"),
        ("processors", csv_processor, processor, " s"),
        ("peak memory", csv_memory / mega, memory / mega, " MB"),
        ("DuckDB query", of_csv["seconds"], of_parquet["seconds"], " s"),
    ]:
        print(f"  {what:<12} {one:>9.1f}   {other:>9.1f}   {one / other:>9.2f}{unit and '  (' + unit.strip() + ')'}")
    print(f"  nullsweep csv: {back_seconds:.1f} s of processors, {ROWS / back_seconds / mega:.2f} million rows/s, {back_memory / mega:.0f} MB")
    assert math.isfinite(largest)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
