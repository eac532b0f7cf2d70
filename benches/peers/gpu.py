"""nullsweep on a GPU against torch on the same GPU: svdvals and svd, with every cuSOLVER driver, in f32 and f64.

Square Gaussian matrices, default_rng([2, n, d, replicate]) on both sides, in batches. torch is timed from matrices on the device to
values (and U, V) on the device, with CUDA events; nullsweep is shown as `kernel` (on the device, by its clock where it has one) and as `factor`
(from memory to memory). A fair comparison for data that is on the host lies between: torch's own copies come on top, and are shown.
torch's rounds take turns with each other; nullsweep's rounds follow, in the same run, shape by shape.

Then nullsweep's kernels against each other (`bench --kernel`): what the choice by shape took, and what each kernel takes that can hold the
shape, square and tall. This part needs no torch: `--without-torch` runs it alone, on any GPU.

Needs a CUDA machine, torch built for CUDA, and Vulkan drivers for the same GPU.

    cargo build --release
    python benches/peers/gpu.py [--binary target/release/nullsweep] [--device gpu] [--sizes 8,16,32,64,128,256,512]
                                [--batches 8,64,512] [--rounds 11] [--without-torch]
"""

import argparse
import statistics
import sys

from bench_output import Bench, Refused, print_header, print_row, three_digits

SEED = 2
DRIVERS = ["gesvdj", "gesvda", "gesvd"]
KERNELS = ["thread", "subgroup", "workgroup", "block", "round"]
# A batch above this many bytes in f64 is skipped on both sides, and said to be.
MOST_BYTES = 1 << 30


def torch_on_cuda():
    """torch, or the end of the script with the reason."""
    try:
        import torch
    except ImportError:
        sys.exit("torch is not installed: `pip install torch` on a machine with an NVIDIA GPU; nothing was measured")
    if not torch.cuda.is_available():
        sys.exit(f"torch {torch.__version__} sees no CUDA device on this machine; nothing was measured")
    return torch


class Rival:
    """One torch call with one driver on one batch."""

    def __init__(self, torch, X, vectors, driver):
        self.torch, self.X, self.name = torch, X, f"{'svd' if vectors else 'svdvals'} {driver}"
        function = torch.linalg.svd if vectors else torch.linalg.svdvals
        arguments = {"full_matrices": False} if vectors else {}
        self.work = lambda: function(self.X, driver=driver, **arguments)
        self.samples = []

    def sample(self):
        start, end = (self.torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        self.work()
        end.record()
        self.torch.cuda.synchronize()
        self.samples.append(start.elapsed_time(end) / 1e3)

    @property
    def seconds(self):
        return statistics.median(self.samples)


def rivals(torch, host, dtype, rounds):
    """Every driver that takes this batch, sampled; and the names of those that do not."""
    X = host.to("cuda", dtype)
    able, unable = [], []
    for rival in [Rival(torch, X, vectors, driver) for vectors in (False, True) for driver in DRIVERS]:
        try:
            for _ in range(2):
                rival.work()
            torch.cuda.synchronize()
            able.append(rival)
        except RuntimeError as error:
            unable.append(f"{rival.name}: {str(error).splitlines()[0]}")
    for _ in range(rounds):
        for rival in able:
            rival.sample()
    return able, unable


def copies(torch, host, dtype, rounds):
    """Median seconds of the batch to the device and of as much back."""
    samples = []
    for _ in range(rounds):
        torch.cuda.synchronize()
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        host.to("cuda", dtype).to("cpu")
        end.record()
        torch.cuda.synchronize()
        samples.append(start.elapsed_time(end) / 1e3)
    return statistics.median(samples)


def measure(torch, asked, precision, dtype):
    import numpy as np

    print(f"\n{precision}, microseconds a matrix\n")
    header = ["n x n", "batch", "torch svdvals, best", "torch svd, best", "torch copies"]
    header += ["nullsweep kernel", "nullsweep factor", "svd / kernel", "(svd + copies) / factor", "served by the CPU"]
    print_header(header)
    notes = []
    for size in asked.sizes:
        for batch in asked.batches:
            if 8 * size * size * batch > MOST_BYTES:
                notes.append(f"{size}x{size}, batch {batch}: above {MOST_BYTES >> 20} MiB, not measured")
                continue
            draw = lambda r: np.random.default_rng([SEED, size, size, r]).normal(size=(size, size))  # noqa: B023, E731
            host = torch.from_numpy(np.stack([draw(r) for r in range(batch)]))
            able, unable = rivals(torch, host, dtype, asked.rounds)
            notes += [f"{size}x{size}, batch {batch}, {precision}: {line}" for line in unable]
            best = {}
            for rival in able:
                call = rival.name.split()[0]
                if call not in best or rival.seconds < best[call].seconds:
                    best[call] = rival
            copy = copies(torch, host, dtype, asked.rounds)
            ours = Bench(
                asked.binary, "--device", asked.device, "--precision", precision, "--shapes", f"{size}x{size}",
                "--batch", batch, "--samples", asked.rounds,
            )  # fmt: skip
            no_software(ours)
            key = (size, size, batch)
            kernel, factor = (ours.points(part, "gpu")[key] for part in ("kernel", "factor"))
            micros = lambda seconds: three_digits(1e6 * seconds / batch)  # noqa: B023, E731
            shown = lambda call: f"{micros(best[call].seconds)} {best[call].name.split()[1]}" if call in best else "-"  # noqa: B023, E731
            ratio = lambda a, b: f"{a / b:.2f}"  # noqa: E731
            svd = best["svd"].seconds if "svd" in best else float("nan")
            print_row(
                [f"{size}x{size}", batch, shown("svdvals"), shown("svd"), micros(copy)]
                + [micros(kernel["median_seconds"]), micros(factor["median_seconds"])]
                + [ratio(svd, kernel["median_seconds"]), ratio(svd + copy, factor["median_seconds"])]
                + [factor["served_by_cpu"]]
            )
    for note in notes:
        print(f"  {note}")


def no_software(bench):
    if bench.json["software_adapter"]:
        sys.exit(f"nullsweep runs on a software adapter ({bench.json['gpu']}): install the GPU's Vulkan driver")


def compare_kernels(asked, precision):
    """Every kernel on every shape that it can hold."""
    print(f"\n{precision}, kernels, microseconds a matrix by the device's clock; * by the host's\n")
    print_header(["n x d", "batch", "by shape", "auto"] + KERNELS)
    for n, d in [(size * tall, size) for size in asked.sizes for tall in (1, 4)]:
        for batch in asked.batches:
            if 8 * n * d * batch > MOST_BYTES:
                continue
            cells, served = [], "-"
            for kernel in ["auto", *KERNELS]:
                try:
                    bench = Bench(
                        asked.binary, "--device", asked.device, "--precision", precision, "--shapes", f"{n}x{d}",
                        "--batch", batch, "--samples", asked.rounds, "--kernel", kernel, refusable=True,
                    )  # fmt: skip
                except Refused as why:
                    # A shape that a kernel cannot hold; anything else would meet every kernel.
                    if kernel == "auto":
                        sys.exit(str(why))
                    cells.append("-")
                    continue
                no_software(bench)
                served = served if kernel != "auto" else bench.json["kernels"][f"{n}x{d}"]
                point = bench.points("kernel", "gpu")[n, d, batch]
                by_host = "*" if point["clock"] == "host" else ""
                cells.append(three_digits(1e6 * point["median_seconds"] / batch) + by_host)
            print_row([f"{n}x{d}", batch, served, *cells])


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/nullsweep")
    parser.add_argument("--device", default="gpu", help="as nullsweep counts them: gpu or gpu:INDEX")
    parser.add_argument("--sizes", type=numbers, default=[8, 16, 32, 64, 128, 256, 512])
    parser.add_argument("--batches", type=numbers, default=[8, 64, 512])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--without-torch", action="store_true", help="nullsweep's kernels against each other alone")
    asked = parser.parse_args()
    if not asked.without_torch:
        torch = torch_on_cuda()
        print(f"torch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}; medians of {asked.rounds} rounds")
        for precision, dtype in [("f32", torch.float32), ("f64", torch.float64)]:
            measure(torch, asked, precision, dtype)
    for precision in ["f32", "f64"]:
        compare_kernels(asked, precision)


if __name__ == "__main__":
    main()
