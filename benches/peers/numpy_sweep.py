"""The script that nullsweep replaces, written as a careful NumPy user would: batched over replicates.

The work of a run over one Gaussian shape with the tables spectrum, ridge and perturbation (minimum norm by the SVD and
normal equations, one delta), without certificates. Prints one line of JSON: seconds by part and trials a second.

    python numpy_sweep.py --n 32 --d 16 --replicates 2000 --lambdas 25 --out DIR
"""

import argparse
import json
import os
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--n", type=int, required=True)
parser.add_argument("--d", type=int, required=True)
parser.add_argument("--replicates", type=int, default=1000)
parser.add_argument("--lambdas", type=int, default=25)
parser.add_argument("--seed", type=int, default=2)
parser.add_argument("--noise", type=float, default=0.1)
parser.add_argument("--delta", type=float, default=1e-8)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--out", required=True)
asked = parser.parse_args()

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = str(asked.threads)
import numpy as np  # noqa: E402  the thread counts above are read when NumPy is loaded

n, d, R = asked.n, asked.d, asked.replicates
lambdas = np.logspace(-10, 2, asked.lambdas)


def norms(rows):
    return np.linalg.norm(rows, axis=1)


def generate():
    X, w, e = np.empty((R, n, d)), np.empty((R, d)), np.empty((R, n))
    for r in range(R):
        rng = np.random.default_rng([asked.seed, n, d, r])
        X[r], w[r], e[r] = rng.normal(size=(n, d)), rng.normal(size=d), asked.noise * rng.normal(size=n)
    return X, w, np.einsum("rnd,rd->rn", X, w) + e


def spectrum(X, S):
    kappa = S[:, 0] / S[:, -1]
    kappa_gram = np.linalg.cond(np.swapaxes(X, 1, 2) @ X)
    return np.c_[np.arange(R), S[:, 0], S[:, -1], kappa, kappa_gram, kappa**2]


def ridge(U, S, Vt, y, w):
    c, b = np.einsum("rnk,rn->rk", U, y), np.einsum("rkd,rd->rk", Vt, w)
    squares, penalty = S[:, None, :] ** 2, lambdas[None, :, None]
    shrunk = penalty / (squares + penalty)
    coefficients = S[:, None, :] * c[:, None, :] / (squares + penalty)
    beyond_y = np.maximum((y**2).sum(1) - (c**2).sum(1), 0)[:, None]
    beyond_w = np.maximum((w**2).sum(1) - (b**2).sum(1), 0)[:, None]
    trial, penalties = np.meshgrid(np.arange(R), lambdas, indexing="ij")
    columns = [
        trial,
        penalties,
        (squares[..., 0] + lambdas) / (squares[..., -1] + lambdas),
        (squares / (squares + penalty)).sum(-1),
        np.sqrt((coefficients**2).sum(-1)),
        (((shrunk * c[:, None, :]) ** 2).sum(-1) + beyond_y) / n,
        ((shrunk * b[:, None, :]) ** 2).sum(-1) + beyond_w,
        asked.noise**2 * (squares / (squares + penalty) ** 2).sum(-1),
    ]
    return np.stack(columns, -1).reshape(-1, len(columns))


def perturbation(X, U, S, Vt, y):
    direction = np.random.default_rng([asked.seed, 1]).normal(size=y.shape)
    moved = y + asked.delta * norms(y)[:, None] * direction / norms(direction)[:, None]

    def by_svd(t):
        return np.einsum("rkd,rk->rd", Vt, np.einsum("rnk,rn->rk", U, t) / S)

    before, after = by_svd(y), by_svd(moved)
    columns = [norms(after - before) / norms(before)]
    if n >= d:
        gram = np.swapaxes(X, 1, 2) @ X

        def by_normal_equations(t):
            return np.linalg.solve(gram, np.einsum("rnd,rn->rd", X, t)[..., None])[..., 0]

        v, v_after = by_normal_equations(y), by_normal_equations(moved)
        columns += [norms(v_after - v) / norms(v), norms(v - before)]
    return np.stack(columns, -1)


start, cpu_start = time.perf_counter(), time.process_time()
X, w, y = generate()
generated = time.perf_counter()
U, S, Vt = np.linalg.svd(X, full_matrices=False)
tables = {"spectrum": spectrum(X, S), "ridge": ridge(U, S, Vt, y, w), "perturbation": perturbation(X, U, S, Vt, y)}
computed = time.perf_counter()
os.makedirs(asked.out, exist_ok=True)
for name, rows in tables.items():
    np.savetxt(os.path.join(asked.out, name + ".csv"), rows, delimiter=",", fmt="%.17g")
written = time.perf_counter()
print(json.dumps({
    "generate_seconds": generated - start,
    "compute_seconds": computed - generated,
    "write_seconds": written - computed,
    "seconds": written - start,
    "cpu_seconds": time.process_time() - cpu_start,
    "trials_per_second": R / (written - start),
}))
