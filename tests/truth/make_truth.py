"""Builds the truth suite: f64 matrices with singular values known to 37 digits.

    pip install numpy mpmath gmpy2
    python3 tests/truth/make_truth.py tests/truth/

writes one file per kind of matrix, tests/truth/<kind>.txt, read by tests/truth/fixture.rs:

    matrix NAME N D KAPPA KAPPA_SCALED
    N lines of D entries, each the 16 hexadecimal digits of the f64
    min(N, D) lines `M E`, nonincreasing: sigma = M * 2^E within one unit of M (125 to 126 bits, hexadecimal), or `0 0`
    where sigma is exactly 0

KAPPA is sigma_max / sigma_min of the matrix, KAPPA_SCALED that of its tall form with all columns scaled to norm 1, which
is within sqrt(min(N, D)) of the smallest over all column scalings (van der Sluis 1969); `inf` where the rank is deficient.

How the truth is found, always for the f64 matrix as stored: its entries are integers times one power of two; the Gram
matrix, its characteristic polynomial and so the rank are computed in integers. The eigenvalues come from mpmath.eigsy in so
many digits that half as many more change nothing in the first 42, and their sum and product must agree with the integers
to 42 digits as well. As many values as the rank lacks are exactly 0.

The entries of the random matrices depend on the NumPy and LAPACK at hand in their last bits; the committed files are the suite.
"""

import math
import multiprocessing
import struct
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np

MANTISSA_BITS = 126
AGREEMENT = mpmath.mpf(10) ** -42
SUITE = []


def add(kind, name, x):
    x = np.atleast_2d(np.asarray(x, dtype=np.float64))
    assert np.isfinite(x).all(), name
    SUITE.append((kind, name, x))


# --- the truth ---------------------------------------------------------------------------------------------------

def as_integers(x):
    """x = integers * 2^exponent, exactly."""
    fractions = [[Fraction(float(v)) for v in row] for row in x]
    exponent = -max(f.denominator.bit_length() - 1 for row in fractions for f in row)
    return [[int(f * (Fraction(2) ** -exponent)) for f in row] for row in fractions], exponent


def product_and_rank(gram):
    """Product of the nonzero eigenvalues of an integer matrix and their number (Faddeev & LeVerrier)."""
    q, matrix, last = len(gram), [[0] * len(gram) for _ in gram], (1, 0)
    coefficient = 1
    for k in range(1, q + 1):
        inner = [[m + (coefficient if i == j else 0) for j, m in enumerate(row)] for i, row in enumerate(matrix)]
        columns = list(zip(*inner))
        matrix = [[sum(g * c for g, c in zip(row, column)) for column in columns] for row in gram]
        coefficient = -sum(matrix[i][i] for i in range(q)) // k
        if coefficient != 0:
            last = ((-1) ** k * coefficient, k)
    return last


def eigenvalues(gram, rank, digits):
    with mpmath.workdps(digits):
        values = mpmath.eigsy(mpmath.matrix(gram), eigvals_only=True)
        return sorted(values, reverse=True)[:rank]


def singular_values(x):
    """[sigma as an mpf, nonincreasing, exact zeros last], and the working digits."""
    tall = x if x.shape[0] >= x.shape[1] else x.T
    integers, exponent = as_integers(tall)
    q = tall.shape[1]
    gram = [[sum(row[i] * row[j] for row in integers) for j in range(q)] for i in range(q)]
    product, rank = product_and_rank(gram)
    if rank == 0:
        return [mpmath.mpf(0)] * q, 15
    trace = sum(gram[i][i] for i in range(q))
    coarse, digits = eigenvalues(gram, rank, 80), 120
    while True:
        fine = eigenvalues(gram, rank, digits)
        with mpmath.workdps(digits):
            same = all(c > 0 and f > 0 and abs(c / f - 1) < AGREEMENT for c, f in zip(coarse, fine))
            if same and abs(mpmath.fsum(fine) / trace - 1) < AGREEMENT and abs(mpmath.fprod(fine) / product - 1) < AGREEMENT:
                sigma = [mpmath.ldexp(mpmath.sqrt(f), exponent) for f in fine]
                break
        coarse, digits = fine, digits * 3 // 2
        assert digits < 20000
    return sigma + [mpmath.mpf(0)] * (q - rank), digits


def stored(sigma, digits):
    """`M E` with sigma = M 2^E within a unit of M, M of MANTISSA_BITS bits."""
    if sigma == 0:
        return "0 0"
    with mpmath.workdps(digits):
        fraction, exponent = mpmath.frexp(sigma)
        return f"{int(mpmath.floor(mpmath.ldexp(fraction, MANTISSA_BITS))):x} {exponent - MANTISSA_BITS}"


def condition(sigma):
    return mpmath.inf if sigma[-1] == 0 else sigma[0] / sigma[-1]


def with_unit_columns(x):
    """The tall form of x, its columns scaled to norm 1 but for rounding; a zero column stays."""
    tall = x if x.shape[0] >= x.shape[1] else x.T
    tall = tall.copy()
    for j in range(tall.shape[1]):
        largest = np.abs(tall[:, j]).max()
        if largest > 0:
            shift = math.frexp(largest)[1]
            tall[:, j] = np.ldexp(np.ldexp(tall[:, j], -(shift // 2)), shift // 2 - shift)
            tall[:, j] /= np.linalg.norm(tall[:, j])
    return tall


def record(job):
    kind, name, x = job
    sigma, digits = singular_values(x)
    kappa = condition(sigma)
    kappa_scaled = kappa if kappa == mpmath.inf else condition(singular_values(with_unit_columns(x))[0])
    lines = [f"matrix {name} {x.shape[0]} {x.shape[1]} {mpmath.nstr(kappa, 6)} {mpmath.nstr(kappa_scaled, 6)}"]
    lines += [" ".join(struct.pack(">d", v).hex() for v in row) for row in x]
    lines += [stored(s, digits) for s in sigma]
    return kind, "\n".join(lines).replace("+inf", "inf") + "\n", [float(mpmath.log10(kappa)), digits]


# --- the matrices ------------------------------------------------------------------------------------------------

def stream(name):
    """A generator of its own for every matrix, so that adding one changes no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def gaussian(name, n, d):
    return stream(name).standard_normal((n, d))


def orthogonal(rng, n, k):
    q, r = np.linalg.qr(rng.standard_normal((n, k)))
    return q * np.sign(np.diag(r))


def with_values(name, n, d, sigma):
    rng = stream(name)
    k = min(n, d)
    return (orthogonal(rng, n, k) * sigma) @ orthogonal(rng, d, k).T


def gallery_matrix(kind, n, d):
    i, j = np.arange(n)[:, None], np.arange(d)[None, :]
    if kind == "hilbert":
        return 1.0 / (i + j + 1)
    if kind == "vandermonde":
        return np.linspace(0.1, 1.0, n)[:, None] ** j
    if kind == "kahan":
        s, c = math.sin(1.2), math.cos(1.2)
        return s ** i * np.where(i == j, 1.0, np.where(i < j, -c, 0.0))
    if kind == "pascal":
        return np.array([[float(math.comb(a + b, a)) for b in range(d)] for a in range(n)])
    if kind == "frank":
        size = max(n, d)
        return np.where(j >= i - 1, size - np.maximum(i, j), 0).astype(float)
    if kind == "prolate":
        difference = np.where(i == j, 1, i - j)
        return np.where(i == j, 0.5, np.sin(0.5 * np.pi * difference) / (np.pi * difference))
    if kind == "cauchy":
        return 1.0 / (i + 1.5 * j + 1.25)
    raise KeyError(kind)


def gallery():
    for kind in ["hilbert", "vandermonde", "kahan", "pascal", "frank", "prolate", "cauchy"]:
        for n, d in [(4, 4), (9, 9), (13, 13), (14, 6), (6, 14)]:
            add("gallery", f"{kind}-{n}x{d}", gallery_matrix(kind, n, d))
    for mu in [1e-3, 1e-6, 1e-8, 1e-10, 1e-20]:
        x = np.vstack([np.ones(6), mu * np.eye(6)])
        add("gallery", f"lauchli-{mu:g}", x)
        add("gallery", f"lauchli-wide-{mu:g}", x.T)


def graded():
    for step in [2, 5, 10, 20]:
        for order in ["descending", "ascending", "permuted"]:
            for n, d in [(7, 7), (9, 5), (5, 9)]:
                for side in ["columns", "rows", "both"]:
                    name = f"graded-{side}-{order}-1e-{step}-{n}x{d}"
                    rng = stream(name)
                    x = rng.standard_normal((n, d))

                    def scales(size):
                        powers = -step * np.arange(size)
                        if order == "ascending":
                            powers = powers[::-1]
                        if order == "permuted":
                            powers = rng.permutation(powers)
                        return np.array([float(f"1e{p}") for p in powers])

                    if side != "rows":
                        x = x * scales(d)
                    if side != "columns":
                        x = x * scales(n)[:, None]
                    add(f"graded_{side}", name, x)


def prescribed():
    shapes = [(8, 8), (12, 5), (5, 12), (16, 9)]
    for power in range(2, 16):
        kappa = 10.0 ** power
        for index, mode in enumerate(["geometric", "arithmetic", "one-small", "clustered"]):
            n, d = shapes[(power + index) % 4]
            k = min(n, d)
            if mode == "geometric":
                sigma = kappa ** (-np.arange(k) / (k - 1))
            elif mode == "arithmetic":
                sigma = 1 - np.arange(k) / (k - 1) * (1 - 1 / kappa)
            elif mode == "one-small":
                sigma = np.r_[np.ones(k - 1), 1 / kappa]
            else:
                sigma = np.where(np.arange(k) < k // 2, 1.0, 1 / kappa)
            name = f"prescribed-{mode}-1e{power}-{n}x{d}"
            add("prescribed", name, with_values(name, n, d, sigma))


def collinear():
    for power in range(2, 16):
        for n, d in [(15, 6), (6, 6), (5, 10)]:
            if n != 15 and power % 3:
                continue
            name = f"collinear-1e-{power}-{n}x{d}"
            x = gaussian(name, n, d)
            if n >= d:
                x[:, -1] = x[:, 0] + 10.0 ** -power * x[:, -1]
            else:
                x[-1] = x[0] + 10.0 ** -power * x[-1]
            add("collinear", name, x)
    for n, k, factor in [(20, 3, 1e-3), (50, 2, 1e-3), (12, 5, 0.1), (8, 3, 1e-6), (30, 4, 1e-9), (10, 2, 1e-14)]:
        name = f"collinear-exact-{factor:g}-{n}x{k + 1}"
        x = gaussian(name, n, k)
        add("collinear", name, np.c_[x, x[:, [0]] + factor * x[:, [1]]])
    for n, d, copies in [(12, 6, 2), (12, 6, 3), (6, 6, 2), (6, 12, 2), (20, 4, 4), (9, 5, 2)]:
        name = f"duplicate-{copies}-{n}x{d}"
        x = gaussian(name, n, d)
        x[:, -copies + 1:] = x[:, [0]]
        add("collinear", name, x)
        if n == 6:
            x = gaussian(name + "-rows", n, d)
            x[-1] = x[0]
            add("collinear", name + "-rows", x)


def deficient():
    for n, d, rank in [(5, 5, 1), (5, 5, 3), (5, 5, 4), (9, 6, 2), (9, 6, 5), (6, 9, 3), (12, 12, 6), (20, 8, 7), (4, 15, 2)]:
        name = f"integer-rank-{rank}-{n}x{d}"
        rng = stream(name)
        add("deficient", name, rng.integers(-9, 10, (n, rank)) @ rng.integers(-9, 10, (rank, d)))
    add("deficient", "count-4x4", np.arange(1, 17).reshape(4, 4))
    add("deficient", "count-10x10", np.arange(1, 101).reshape(10, 10))
    for n, d in [(1, 1), (3, 3), (7, 2), (2, 7)]:
        add("deficient", f"zero-{n}x{d}", np.zeros((n, d)))
    for n, d in [(6, 4), (4, 6), (5, 5)]:
        x = gaussian(f"zero-column-{n}x{d}", n, d)
        x[:, 1] = 0
        add("deficient", f"zero-column-{n}x{d}", x)
        x = gaussian(f"zero-row-{n}x{d}", n, d)
        x[1] = 0
        add("deficient", f"zero-row-{n}x{d}", x)
    x = np.zeros((6, 5))
    x[2, 3] = 7
    add("deficient", "one-entry", x)
    x = gaussian("graded-zero-column", 8, 5) * 10.0 ** (-30 * np.arange(5))
    x[:, 2] = 0
    add("deficient", "graded-zero-column", x)


def clusters():
    for name, sigma, n in [
        ("all-ones", [1] * 7, 7),
        ("two-levels-1e-8", [1] * 4 + [1e-8] * 4, 12),
        ("two-levels-1e-14", [1] * 3 + [1e-14] * 3, 6),
        ("three-levels", [1e6] * 3 + [1] * 3 + [1e-6] * 3, 9),
        ("gap-1e-10", 1 + 1e-10 * np.arange(6)[::-1], 10),
        ("gap-1e-15", 1 + 1e-15 * np.arange(6)[::-1], 8),
        ("gap-1e-4-low", [1] * 4 + [1e-7 * (1 + 1e-4 * k) for k in range(3, -1, -1)], 8),
        ("pairs", np.repeat(10.0 ** -np.arange(0, 12, 3), 2), 11),
        ("triple-smallest", [1, 0.5, 0.25, 1e-12, 1e-12, 1e-12], 6),
        ("wide", [3, 3, 3, 1, 1], 5),
    ]:
        d = 11 if name == "wide" else len(sigma)
        add("clusters", f"cluster-{name}", with_values(f"cluster-{name}", n, d, np.array(sigma, dtype=float)))
    hadamard = np.array([[1.0]])
    for _ in range(4):
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
        add("clusters", f"hadamard-{len(hadamard)}", hadamard)
    for n in [1, 4, 12]:
        add("clusters", f"identity-{n}", np.eye(n))
    add("clusters", "identity-7x4", np.eye(7, 4))
    add("clusters", "permutation-8", np.eye(8)[stream("permutation-8").permutation(8)])
    add("clusters", "permutation-signed-graded", np.diag(-(10.0 ** -np.arange(0, 60, 10)))[stream("p").permutation(6)])
    for n, k in [(6, 6), (15, 5), (5, 15)]:
        q = orthogonal(stream(f"orthogonal-{n}x{k}"), max(n, k), min(n, k))
        add("clusters", f"orthogonal-{n}x{k}", q if n >= k else q.T)


def scaled():
    bases = {
        "gaussian-6x6": gaussian("scaled-gaussian", 6, 6),
        "gaussian-10x4": gaussian("scaled-tall", 10, 4),
        "gaussian-4x9": gaussian("scaled-wide", 4, 9),
        "kappa-1e8": with_values("scaled-kappa", 8, 5, 10.0 ** -np.arange(0, 10, 2)),
        "hilbert-6": gallery_matrix("hilbert", 6, 6),
        "collinear": np.c_[gaussian("scaled-collinear", 9, 4), gaussian("scaled-collinear", 9, 4)[:, 0] * (1 + 1e-13)],
        "integers": stream("scaled-integers").integers(-20, 21, (6, 4)).astype(float),
    }
    for name, x in bases.items():
        for label, scale in [("1e300", 1e300), ("5e306", 5e306), ("1e-300", 1e-300), ("1e-307", 1e-307)]:
            add("scaled", f"scaled-{label}-{name}", x * scale)
        for power in [-1050, -1070]:
            add("scaled", f"subnormal-2^{power}-{name}", np.ldexp(x, power))


def mixed():
    add("mixed", "diagonal-1e300-1e-300", np.diag([1e300, 1e-300]))
    add("mixed", "diagonal-1e150-1-1e-150", np.diag([1e-150, 1e150, 1.0]))
    add("mixed", "both-ends-2x2", [[1e300, 1.0], [1.0, 1e-300]])
    add("mixed", "both-ends-3x3", [[1e300, 1e150, 1], [1e150, 3, 1e-150], [1, 1e-150, 5e-300]])
    add("mixed", "columns-at-both-ends", gaussian("columns-at-both-ends", 6, 3) * [1e300, 1, 1e-300])
    add("mixed", "rows-at-both-ends", gaussian("rows-at-both-ends", 6, 3) * np.array([1e300, 1, 1e-300, 1e300, 1, 1])[:, None])
    add("mixed", "one-huge-entry", np.where(np.eye(5) * np.array([0, 0, 1, 0, 0]), 1e300, gaussian("one-huge-entry", 5, 5)))
    add("mixed", "one-tiny-column", gaussian("one-tiny-column", 7, 4) * [1, 1, 1, 1e-305])
    add("mixed", "squares-underflow", gaussian("squares-underflow", 7, 4) * [1, 1e-170, 1e-180, 1])
    add("mixed", "squares-overflow", gaussian("squares-overflow", 7, 4) * [1, 1e170, 1e180, 1])
    add("mixed", "random-exponents-square", gaussian("random-exponents-square", 5, 5) * 10.0 ** stream("a").integers(-100, 101, (5, 5)))
    add("mixed", "random-exponents-tall", gaussian("random-exponents-tall", 9, 4) * 10.0 ** stream("b").integers(-20, 21, (9, 4)))
    add("mixed", "random-exponents-wide", gaussian("random-exponents-wide", 4, 7) * 10.0 ** stream("c").integers(-8, 9, (4, 7)))
    add("mixed", "subnormal-beside-one", [[1, 0, 0], [0, 5e-324, 0], [1, 1e-310, 1e-320]])
    add("mixed", "largest-beside-smallest", [[1.7e308, 0], [0, 5e-324]])
    # The large parts of the two columns cancel and leave 1e-20 of them.
    add("mixed", "hidden-small", [[1e10, 1e10], [1e-10, 2e-10], [0, 1e-10]])


def f32_traps():
    e = 2.0 ** -30
    add("f32_traps", "one-plus-2^-30", [[1, 1], [1, 1 + e]])
    add("f32_traps", "one-plus-2^-30-tall", [[1, 1, 0], [1, 1 + e, 1], [1, 1, 1], [1, 1, e]])
    add("f32_traps", "one-plus-2^-49", [[1, 1], [1, 1 + 2.0 ** -49]])
    add("f32_traps", "2^-140", np.array([[3, 1], [1, 2], [1, 1]]) * 2.0 ** -140)
    add("f32_traps", "2^-149-beside-one", [[1, 2.0 ** -149], [2.0 ** -150, 1], [2.0 ** -140, 2.0 ** -151]])
    add("f32_traps", "1e39", gaussian("1e39", 6, 4) * 1e39)
    add("f32_traps", "1e39-beside-1e-39", gaussian("1e39-1e-39", 6, 4) * [1e39, 1, 1e-39, 1e39])
    add("f32_traps", "2^24-plus-one", [[2.0 ** 24 + 1, 2.0 ** 24], [2.0 ** 24, 2.0 ** 24 - 1]])
    add("f32_traps", "2^53-minus-one", [[2.0 ** 53 - 1, 2.0 ** 53 - 2], [2.0 ** 53 - 3, 2.0 ** 53 - 5]])
    add("f32_traps", "equal-in-f32", np.c_[x := gaussian("equal-in-f32", 10, 3).astype(np.float32), x[:, 0] * (1 + 1e-9)])
    add("f32_traps", "equal-in-df32", np.c_[x := gaussian("equal-in-df32", 10, 3), x[:, 0] * (1 + 2.0 ** -50)])
    add("f32_traps", "rounds-up-in-f32", with_values("rounds-up-in-f32", 20, 8, 10.0 ** -np.arange(0, 12, 1.5)))


def small():
    for value in [0.1, -3.0, 5e-324, 1.5e-310, 1.7976931348623157e308, 1e-160, 1e160]:
        add("small", f"1x1-{value:g}", [[value]])
    for scale in [1.0, 1e200, 1e-200, 1e-310]:
        row = gaussian("vector", 1, 7) * scale
        add("small", f"1x7-{scale:g}", row)
        add("small", f"7x1-{scale:g}", row.T)
    add("small", "1x40-ones", np.ones((1, 40)))
    add("small", "3x1-mixed", [[1e200], [1e-200], [1.0]])
    for power in [3, 26, 40, 50, 51, 52]:
        add("small", f"2x2-2^-{power}", [[1, 1], [1, 1 + 2.0 ** -power]])
    add("small", "2x2-next-numbers", [[0.1, np.nextafter(0.1, 1)], [np.nextafter(0.3, 1), 0.3]])
    largest = sys.float_info.max
    add("small", "2x2-both-beyond-the-largest", [[largest, largest], [largest, -largest]])
    add("small", "2x2-one-beyond-the-largest", [[largest, largest], [largest, 0.9 * largest]])
    add("small", "2x2-shear-1e8", [[1, 1e8], [0, 1]])
    add("small", "2x2-shear-1e16", [[1, 1e16], [0, 1]])
    add("small", "2x2-shear-1e30", [[1, 1e30], [0, 1]])
    add("small", "2x2-determinant-of-one", [[665857, 470832], [941664, 665857]])
    add("small", "2x2-fibonacci", [[4807526976, 2971215073], [2971215073, 1836311903]])
    add("small", "2x3-tiny-difference", [[1, 2, 3], [1, 2, 3 + 2.0 ** -40]])
    add("small", "3x2-tiny-difference", [[1, 1], [2, 2], [3, 3 + 2.0 ** -45]])


CLOSED = {}


def larger():
    for n, d in [(40, 20), (30, 30), (18, 36)]:
        add("larger", f"gaussian-{n}x{d}", gaussian(f"larger-{n}x{d}", n, d))
    for power, n, d in [(4, 32, 24), (9, 25, 25), (14, 40, 16), (14, 16, 40)]:
        name = f"geometric-1e{power}-{n}x{d}"
        k = min(n, d)
        add("larger", name, with_values(name, n, d, 10.0 ** (-power * np.arange(k) / (k - 1))))
    add("larger", "hilbert-24", gallery_matrix("hilbert", 24, 24))
    add("larger", "kahan-25", gallery_matrix("kahan", 25, 25))
    add("larger", "graded-columns-30x20", gaussian("larger-graded", 30, 20) * 10.0 ** -np.arange(0, 40, 2))
    add("larger", "tall-150x3", gaussian("larger-tall", 150, 3) * [1, 1e-6, 1])
    add("larger", "row-beside-wide-2x120", gaussian("larger-wide", 2, 120))


def closed_forms():
    """Integer matrices whose values are known by a formula: the truth is compared with it."""
    def known(name, x, sigma):
        CLOSED[name] = sorted(sigma, reverse=True)
        add("closed_forms", name, x)

    sqrt = math.sqrt
    for n, d in [(4, 4), (10, 3), (3, 10)]:
        known(f"ones-{n}x{d}", np.ones((n, d)), [sqrt(n * d)] + [0.0] * (min(n, d) - 1))
    for n, a, b in [(5, 1, 1), (6, 2, -1), (8, 1000003, 1), (5, 1, 10 ** 9)]:
        known(f"shifted-ones-{n}-{a}-{b}", a * np.eye(n) + b, [abs(a + n * b)] + [abs(a)] * (n - 1))
    for n in [5, 12]:
        second = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
        known(f"second-difference-{n}", second, [2 - 2 * math.cos(k * math.pi / (n + 1)) for k in range(1, n + 1)])
    for n in [6, 11]:
        i = np.arange(1, n + 1)
        known(f"min-{n}", np.minimum(i[:, None], i), [0.25 / math.sin((2 * k - 1) * math.pi / (4 * n + 2)) ** 2 for k in range(1, n + 1)])
        known(f"triangle-{n}", np.triu(np.ones((n, n))), [0.5 / math.sin((2 * k - 1) * math.pi / (4 * n + 2)) for k in range(1, n + 1)])
    for n in [4, 9]:
        difference = np.eye(n + 1, n) - np.eye(n + 1, n, k=-1)
        known(f"first-difference-{n}", difference, [2 * math.sin(k * math.pi / (2 * n + 2)) for k in range(1, n + 1)])
    known("orthogonal-rows", np.array([[3, 0, 0, 0], [0, 0, 4, 0], [0, 12, 0, 0]]), [12, 4, 3])
    known("kronecker", np.kron([[2, 1], [1, 2]], [[5, 4], [4, 5]]), [27, 9, 3, 1])
    known("kronecker-graded", np.kron([[2 ** 40, 0], [0, 1]], [[5, 4], [4, 5]]), [9 * 2.0 ** 40, 2.0 ** 40, 9, 1])


def main():
    for build in [gallery, graded, prescribed, collinear, deficient, clusters, scaled, mixed, f32_traps, small, larger, closed_forms]:
        build()
    names = [name for _, name, _ in SUITE]
    assert len(set(names)) == len(names), "names must differ"
    for _, name, x in SUITE:
        if name in CLOSED:
            sigma = [float(s) for s in singular_values(x)[0]]
            assert np.allclose(sigma, CLOSED[name], rtol=1e-13, atol=0), (name, sigma, CLOSED[name])
    files = {}
    with multiprocessing.Pool() as pool:
        for (kind, text, info), (_, name, x) in zip(pool.imap(record, SUITE), SUITE):
            files.setdefault(kind, []).append(text)
            if info[1] > 600 or "-v" in sys.argv:
                print(name, x.shape, info, file=sys.stderr)
    for kind, texts in files.items():
        (Path(sys.argv[1]) / f"{kind}.txt").write_text("".join(texts))
    print(len(SUITE), "matrices", {kind: len(texts) for kind, texts in files.items()})


if __name__ == "__main__":
    main()
