import numpy as np

rng = np.random.default_rng(1023)
X = rng.normal(size=(6, 12))
w_true = rng.normal(size=12)
y = X @ w_true
w0 = np.linalg.lstsq(X, y, rcond=None)[0]  # the shortest of all solutions

sigma = np.linalg.svd(X)[1]
w_thin = w0 + 5 * np.linalg.svd(X, full_matrices=False)[2][-1]
print(np.linalg.norm(X @ w_thin - X @ w0), 5 * sigma[-1])  # equal, and far from 0

V = np.linalg.svd(X)[2].T  # 12 x 12: columns 6 to 11 span the null space
w_null = w0 + 10 * V[:, -1]
print(np.linalg.norm(X @ w_null - X @ w0))  # rounding

w_seen = V[:, :6] @ (V[:, :6].T @ w_true)
w_unseen = V[:, 6:] @ (V[:, 6:].T @ w_true)
print(np.linalg.norm(w_seen), np.linalg.norm(w_unseen), np.linalg.norm(w_true))
